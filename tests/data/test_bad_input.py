"""Strangers' files: each is read, or refused with one clear message, and nothing else happens."""

from __future__ import annotations

import pytest

from recsys_demo.data.archive import read_archive
from recsys_demo.data.reading import read_bytes
from recsys_demo.errors import InputError
from recsys_demo.limits import Limits
from tests.making.bad_files import LIMITED, READ, REFUSED, content_of
from tests.making.files import take_in, text


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_a_message(case: str) -> None:
    name, make, message = REFUSED[case]
    with pytest.raises(InputError, match=f"(?s){message}") as caught:
        take_in(content_of(make), name)
    assert str(caught.value).isprintable() or "\n" in str(caught.value)
    for problem in caught.value.problems:
        assert problem.what
        assert problem.where
        assert problem.got
        assert problem.expected
        assert problem.remedy
        assert len(str(problem)) < 1_500


@pytest.mark.parametrize("case", READ)
def test_read_in_full(case: str) -> None:
    make, rows = READ[case]
    log = take_in(content_of(make), "file")
    assert len(log) == rows
    assert log.frame[log.schema.item].notna().all()
    assert len(log.items) >= 1


def test_there_are_enough_cases() -> None:
    assert len(REFUSED) >= 60
    assert len(READ) >= 40


@pytest.mark.parametrize("case", LIMITED)
def test_limits_hold_before_memory_is_spent(case: str) -> None:
    make, given, message = LIMITED[case]
    limits = Limits.model_validate(given)
    content = content_of(make)
    read = read_archive if content[:2] == b"PK" else read_bytes
    with pytest.raises(InputError, match=message):
        read(content, "file", limits)


def test_too_many_items_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_DEMO_CARDINALITY", "10")
    rows = [f"u{i % 5},i{i % 11},{i % 2}" for i in range(60)]
    with pytest.raises(InputError, match="11 values; expected at most 10"):
        take_in(text(*rows, header="user,item,label"))
