"""What was learned is measured over those who answered both before and after."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_demo.lessons.classroom.classes import open_class
from recsys_demo.lessons.classroom.learned import FEWEST, gains, keep_quiz, normalized_gain
from recsys_demo.lessons.classroom.store import ClassStore
from recsys_demo.lessons.classroom.students import join
from recsys_demo.lessons.quiz import quiz

PAIRS = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=FEWEST, max_size=40)


def test_only_who_answered_twice_counts_and_the_first_time_counts(tmp_path: Path) -> None:
    store, question = ClassStore(tmp_path), quiz().questions[0]
    opened = open_class(store, "teacher", 60)
    right, again = {question.key: question.right}, {question.key: question.again}
    for name, before, after in (
        ("learned", {}, again),
        ("knew", right, again),
        ("absent after", right, None),
        ("absent before", None, again),
    ):
        student = join(store, opened.code, name)
        assert student is not None
        if before is not None:
            keep_quiz(store, student, "first", before)
            keep_quiz(store, student, "first", right)  # too late
        if after is not None:
            keep_quiz(store, student, "second", after)
    gain = next(one for one in gains(store, opened.teacher) if one.question.key == question.key)
    assert (gain.before, gain.after, gain.students) == (0.5, 1.0, 2)
    assert gain.gain.value == 1.0
    assert not gain.gain.is_known


@given(PAIRS)
def test_the_gain_is_the_share_of_what_was_missing_and_lies_in_its_interval(
    pairs: list[tuple[bool, bool]],
) -> None:
    right = np.array(pairs, dtype=float)
    before, after = right.mean(axis=0)
    found = normalized_gain(right)
    if before == 1:
        assert math.isnan(found.value)
        return
    assert found.value == pytest.approx((after - before) / (1 - before))
    assert found.low <= found.value + 1e-9
    assert found.high >= found.value - 1e-9
