"""Challenges are scored by their rules, from runs on the data of the class."""

from __future__ import annotations

from typing import Any

import pytest

from recsys_demo.config.model import TrainingConfig
from recsys_demo.config.presets import PRESETS, with_crosses
from recsys_demo.config.run import RunConfig
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.specs import SampleSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.errors import InputError
from recsys_demo.lessons.classroom import pace
from recsys_demo.lessons.classroom.challenges import CHALLENGES, Entry, enter, entry_of, standings
from recsys_demo.lessons.classroom.classes import Opened
from recsys_demo.lessons.classroom.store import ClassStore
from tests.making.classes import seated


def entry(x: float, y: float, weights: int = 1_000, crosses: int = 1) -> Entry:
    return Entry("wide", x, y, (x + y) / 2, weights, crosses)


@pytest.mark.parametrize(
    ("key", "better", "worse"),
    [
        ("corner", entry(0.8, 0.8), entry(0.9, 0.4)),
        ("small", entry(0.8, 0.8, 100), entry(0.8, 0.8, 10_000)),
        ("small", entry(0.9, 0.9, 10_000), entry(0.8, 0.8, 100)),
    ],
)
def test_the_better_by_the_rule_stands_first_and_the_best_of_a_student_counts(
    store: ClassStore, opened: Opened, key: str, better: Entry, worse: Entry
) -> None:
    pace.choose_challenge(store, opened.teacher, key)
    one, two = (seated(store, opened, name) for name in ("one", "two"))
    enter(store, one, key, worse)
    enter(store, two, key, better)
    enter(store, two, key, worse)
    placed = standings(store, one, key)
    assert [(p.alias, p.entry, p.is_own) for p in placed] == [
        (two.alias, better, False),
        (one.alias, worse, True),
    ]
    assert not any(p.is_own for p in standings(store, opened.teacher, key))


def test_what_the_rule_does_not_allow_is_refused(store: ClassStore, opened: Opened) -> None:
    student = seated(store, opened, "one")
    with pytest.raises(InputError, match="not on"):
        enter(store, student, "corner", entry(0.8, 0.8))
    pace.choose_challenge(store, opened.teacher, "corner")
    most = CHALLENGES["corner"].most_crosses
    assert most is not None
    with pytest.raises(InputError, match="crosses"):
        enter(store, student, "corner", entry(0.8, 0.8, crosses=most + 1))
    assert standings(store, student, "corner") == []


def test_an_entry_is_what_the_server_has_measured_on_the_data_of_the_class() -> None:
    model = with_crosses(PRESETS["wide"].model, ("installed x app",))
    config = RunConfig(
        data=SampleSpec(),
        split=SplitConfig(kind="column"),
        model=model,
        training=TrainingConfig(),
        seed=0,
    )
    slices = {"never": {"auc": 0.7}, "exceptions": {"auc": 0.8}}
    result: dict[str, Any] = {"parameters": 123, "test": {"auc": 0.75, "slices": slices}}
    assert entry_of(config, result) == Entry("wide", 0.7, 0.8, 0.75, 123, 1)
    easy = SampleSpec(world=WorldConfig(exceptions=0))
    for changes in ({"data": easy}, {"split": SplitConfig(kind="random")}):
        with pytest.raises(InputError, match="other data"):
            entry_of(config.model_copy(update=changes), result)
