"""Which tests share a process under pytest-xdist, and what no test leaves in it."""

from __future__ import annotations

import gc
import os
import sys

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from recsys_demo.machine import share_cores
from tests.making.manifests import scan_once

# Compiling the tests anew takes as long as importing all that they use: whoever wants no compiled
# files gets them here too, as do the servers and workers that tests start.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# A test process a core: second threads of each would only wait for the others at full speed.
share_cores()

# No test is timed: on a busy machine any example may take long.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

scan_once()

# They begin with the four models of the Start page trained, by the server of their process.
FOUR_TRAINED = ("test_rooms.py", "test_compare.py", "test_recommend.py")
# What takes long goes first, so that no process works alone at the end.
LONGEST_FIRST = ("browser", "ui", "faults", "jobs", "sweep")


class FileByFile(LoadScopeScheduling):
    """A file to whoever is free, for its tests share what they made; those that need the four
    models to one process. By file: marked groups (`xdist_group`) are lost between pytest-xdist 3.8
    and pytest 9.2."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "four trained" if file.endswith(FOUR_TRAINED) else file


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Folders that take long first; else as they were."""
    places = {folder: place for place, folder in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(str(item.path.parent.name), len(places)))


def pytest_collection_finish() -> None:
    """What is imported by now stays: the collector need not go through it again and again, nor
    through the rest after every 700 objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FileByFile | None:
    """With `--dist loadscope`, which `make test` says."""
    if config.getvalue("dist") != "loadscope":
        return None
    config.option.loadscopereorder = False
    return FileByFile(config, log)


MAIN = sys.modules["__main__"]


@pytest.fixture(autouse=True)
def _main_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest makes a page's script the main module, which processes started later would run; it
    may have done so for a fixture that several tests share."""
    sys.modules["__main__"] = MAIN
    monkeypatch.setitem(sys.modules, "__main__", MAIN)
