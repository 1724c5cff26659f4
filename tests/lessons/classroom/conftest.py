"""A class that a teacher has opened, in a store of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from recsys_demo.lessons.classroom.classes import Opened, open_class
from recsys_demo.lessons.classroom.store import ClassStore


@pytest.fixture
def store(tmp_path: Path) -> ClassStore:
    return ClassStore(tmp_path)


@pytest.fixture
def opened(store: ClassStore) -> Opened:
    return open_class(store, "teacher", 3_600)
