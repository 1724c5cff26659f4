"""Reveals say what came out: on five seeds as the lesson teaches, and otherwise where it is not so.

Runs are drawn, not trained: logits with a known advantage on the rows of a slice.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from recsys_demo.data.sources import Dataset
from recsys_demo.evaluation.slices import Slice, default_slices
from recsys_demo.features.crosses import Cross, Part
from recsys_demo.lessons.files import LESSONS, built_in
from recsys_demo.lessons.messages import LANGUAGES, messages
from recsys_demo.lessons.progress import Prediction, Spot
from recsys_demo.lessons.reveal_kinds import (
    ApartReveal,
    AverageReveal,
    GapReveal,
    InventedReveal,
    OvercrossReveal,
    SpreadReveal,
    WeightsReveal,
)
from recsys_demo.lessons.reveals import fits, lists, vectors
from recsys_demo.lessons.reveals.outcomes import Material, Outcome
from recsys_demo.lessons.reveals.registry import outcome_of
from recsys_demo.studies.comparison.models import Contender
from recsys_demo.studies.crosses.learned import LearnedCrosses
from tests.making.comparing import dataset

STRONG, WEAK = 3.0, 0.0
SEEDS = 5
Signals = Mapping[str, float]  # by the key of a slice: how far labels move logits there


@cache
def data() -> Dataset:
    return dataset()


@cache
def slices() -> tuple[Slice, ...]:
    return default_slices(data().train, data().test)


def contender(model: str, signals: Signals, seeds: int = SEEDS, **result: Any) -> Contender:
    """A model whose logits follow the labels as strongly as it says; elsewhere by one half."""
    labels = data().test.labels
    signal = np.full(len(labels), 0.5)
    for one in slices():
        if one.key in signals:
            signal[one.mask] = signals[one.key]
    chance = np.random.default_rng(sum(map(ord, model)))
    luck = chance.normal(size=len(labels))
    logits = [
        signal * (2.0 * labels - 1) + luck + 0.1 * chance.normal(size=len(labels))
        for _ in range(seeds)
    ]
    runs = tuple(_run(seed, result) for seed in range(seeds))
    return Contender(model, model, model, runs, np.stack(logits))  # type: ignore[arg-type]  # no run on a disk: reveals read its seed and its result


def _run(seed: int, result: Mapping[str, Any]) -> SimpleNamespace:
    return SimpleNamespace(
        result=dict(result), manifest=SimpleNamespace(seed=seed), folder=Path("nowhere")
    )


def found(*models: Contender) -> Material:
    return Material(data(), slices(), {model.model: model for model in models})


def said(outcome: Outcome) -> str:
    """Its sentences; every one is told in every language."""
    for language in LANGUAGES:
        for sentence in outcome.told:
            text = sentence.text(messages(language))
            assert text, sentence.key
            assert "{" not in text
    return " ".join(sentence.text(messages("en")) for sentence in outcome.told)


REMEMBERS = {"exceptions": STRONG, "never": WEAK}
GUESSES = {"exceptions": WEAK, "never": STRONG}
BOTH = {"exceptions": STRONG, "never": STRONG}
NEITHER = {"exceptions": WEAK, "never": WEAK}


@pytest.mark.parametrize(
    ("a", "b", "begins"),
    [
        (REMEMBERS, GUESSES, "One number for all rows hides it"),
        (BOTH, NEITHER, "Here one number would have done: a is ahead"),
        (NEITHER, BOTH, "Here one number would have done: b is ahead"),
        (REMEMBERS, NEITHER, "The two differ on one kind of row only"),
        (BOTH, BOTH, "No difference shows on either kind"),
    ],
)
def test_apart_says_where_one_is_ahead(a: Signals, b: Signals, begins: str) -> None:
    reveal = ApartReveal(a="a", b="b", slices=("all", "memory", "never"))
    outcome = outcome_of(reveal, None, found(contender("a", a), contender("b", b)))
    assert said(outcome).startswith(begins)
    assert not outcome.is_single


def reveals_with_options() -> list[tuple[str, ApartReveal]]:
    """Every question of the four lessons that slices answer."""
    return [
        (f"{key}.{step.key}", step.reveal)
        for key in LESSONS
        for step in built_in(key).lesson.steps
        if isinstance(step.reveal, ApartReveal) and step.reveal.expects
    ]


@pytest.mark.parametrize(
    ("reveal", "option"),
    [
        pytest.param(reveal, option, id=f"{name}.{option}")
        for name, reveal in reveals_with_options()
        for option in reveal.expects
    ],
)
def test_the_option_that_is_so_comes_out(reveal: ApartReveal, option: str) -> None:
    """In a world in which the models differ as the option says, and seeds agree."""
    a: dict[str, float] = {}
    b: dict[str, float] = {}
    for key, ways in reveal.expects[option].items():
        where = "exceptions" if key == "memory" else key
        for one in [one.key for one in slices()] if where == "all" else [where]:
            a[one] = {"ahead": STRONG, "behind": WEAK, "level": 1.0}[ways[0]]
            b[one] = {"ahead": WEAK, "behind": STRONG, "level": 1.0}[ways[0]]
    outcome = outcome_of(reveal, None, found(contender(reveal.a, a), contender(reveal.b, b)))
    assert outcome.came_out == option
    assert said(outcome)


def test_most_behind_names_the_slice_that_loses_most() -> None:
    reveal = ApartReveal(a="a", b="b", slices=("rare", "medium", "frequent"), most_behind=True)
    strong = contender("b", {"rare": STRONG, "medium": STRONG, "frequent": STRONG})
    weak = contender("a", {"rare": 1.0, "medium": WEAK, "frequent": STRONG})
    assert outcome_of(reveal, None, found(weak, strong)).came_out == "medium"
    assert outcome_of(reveal, None, found(contender("a", BOTH), contender("b", BOTH))).came_out == (
        "nothing"
    )


def test_one_training_each_is_about_these_trainings() -> None:
    reveal = ApartReveal(a="a", b="b", slices=("memory", "never"))
    outcome = outcome_of(
        reveal, None, found(contender("a", REMEMBERS, 1), contender("b", GUESSES, 1))
    )
    assert outcome.is_single
    assert said(outcome).startswith("One number for all rows hides it")


AVERAGE = AverageReveal(whole="whole", parts=("a", "b"))


@pytest.mark.parametrize(
    ("whole", "said_of_it"),
    [
        (BOTH, "is not the average of its parts"),
        ({"exceptions": STRONG, "never": 0.6}, "on one axis only"),
        (NEITHER, "is not ahead of the mean"),
    ],
)
def test_the_average_is_judged_on_both_axes(whole: Signals, said_of_it: str) -> None:
    parts = contender("a", REMEMBERS), contender("b", GUESSES)
    outcome = outcome_of(AVERAGE, None, found(contender("whole", whole), *parts))
    assert said_of_it in said(outcome)


def test_a_lead_over_the_average_that_seeds_do_not_bear_out_is_none() -> None:
    """The rows alone would say that it is ahead; its own trainings differ by more than its lead."""
    parts = contender("a", NEITHER), contender("b", NEITHER)
    good, bad = contender("whole", BOTH, 1).logits, contender("whole", NEITHER, 1).logits
    logits = np.concatenate([good, bad])
    whole = contender("whole", BOTH, 2)
    swinging = Contender("whole", "whole", "whole", whole.runs, logits)
    sure = outcome_of(AVERAGE, None, found(contender("whole", BOTH), *parts))
    assert "is not the average" in said(sure)
    unsure = outcome_of(AVERAGE, None, found(swinging, *parts))
    assert "is not ahead of the mean" in said(unsure)


def test_places_say_which_guess_was_near_and_who_is_below_chance() -> None:
    reveal = next(
        step.reveal for step in built_in("a").lesson.steps if step.key == "landed" and step.reveal
    )
    models = contender("wide", REMEMBERS), contender("deep", {"exceptions": -1.0, "never": STRONG})
    guess = Prediction(
        lesson="a",
        step="dots",
        spots=(Spot(model="wide", x=0.5, y=1.0), Spot(model="deep", x=0.1, y=0.9)),
    )
    outcome = outcome_of(reveal, guess, found(*models))
    assert "best guess is the one for Wide" in said(outcome)
    assert "to be memorized: Deep (" in said(outcome)
    assert "Wide (0" not in said(outcome)
    assert said(outcome_of(reveal, None, found(contender("wide", BOTH)))) == (
        "This is where the dots landed."
    )


def reports(gap_on: str) -> dict[str, Any]:
    """Saved reports of a run that fits one slice more than the others."""

    def part(auc: Mapping[str, float]) -> dict[str, Any]:
        return {
            "slices": {
                key: {"rows": 100, "positives": 50, "auc": value, "logloss": 0.5}
                for key, value in auc.items()
            }
        }

    bands = ("rare", "medium", "frequent")
    test = dict.fromkeys(bands, 0.7)
    train = {key: 0.95 if key == gap_on else 0.75 for key in bands}
    return {"train": part(train), "test": part(test)}


@pytest.mark.parametrize("widest", ["rare", "frequent"])
def test_the_gap_names_the_slice_where_it_is_widest(widest: str) -> None:
    reveal = GapReveal(model="wide", slices=("rare", "medium", "frequent"))
    outcome = fits.gap(reveal, None, found(contender("wide", BOTH, 2, **reports(widest))))
    assert outcome.came_out == widest
    assert messages("en").text(f"slices.{widest}") in said(outcome)


@pytest.mark.parametrize(("kept", "option"), [(500, "fewer"), (1_010, "same"), (2_000, "more")])
def test_weights_are_counted(kept: int, option: str) -> None:
    models = (
        contender("wide_deep", BOTH, 2, nonzero_wide_weights=kept),
        contender("wide", BOTH, 2, nonzero_wide_weights=1_000),
    )
    outcome = fits.weights(WeightsReveal(a="wide_deep", b="wide"), None, found(*models))
    assert outcome.came_out == option
    assert f"{kept / 10:.0f} %" in said(outcome)


@pytest.mark.parametrize(
    ("losses", "option"),
    [((0.6, 0.5, 0.55), "turns"), ((0.5, 0.6, 0.7), "rises"), ((0.7, 0.6, 0.5), "falls")],
)
def test_the_overcross_turns_rises_or_falls(losses: tuple[float, ...], option: str) -> None:
    points = [
        {"model": model, "epoch": at, "held_out": loss, "train": 0.4, "parameters": size}
        for model, size in (("with", 900), ("without", 100))
        for at, loss in enumerate((0.69, *losses))
    ]
    material = Material(data(), slices(), {}, points)
    outcome = fits.overcross(OvercrossReveal(), None, material)
    assert outcome.came_out == option
    assert "800 more weights" in said(outcome)
    assert [mark.outcome.value for mark in outcome.marks] == [losses[0], min(losses), losses[-1]]
    assert {mark.reference for mark in outcome.marks} == {losses[-1]}
    for language in LANGUAGES:
        rows = {outcome.row_name(mark, messages(language)) for mark in outcome.marks}
        assert len(rows) == 3
        assert outcome.axis_title(messages(language)) not in (*rows, outcome.unit)
    assert fits.overcross(OvercrossReveal(), None, Material(data(), slices(), {})).came_out == ""


def test_the_spread_is_that_of_the_seeds() -> None:
    reveal = SpreadReveal(model="deep")
    few = fits.spread(reveal, None, found(contender("deep", BOTH, 1)))
    assert "several seeds first" in said(few)
    same = contender("deep", BOTH, 1)
    equal = Contender("deep", "deep", "deep", same.runs * 3, np.repeat(same.logits, 3, axis=0))
    assert "less than a thousandth" in said(fits.spread(reveal, None, found(equal)))
    apart = np.concatenate([same.logits, contender("deep", NEITHER, 1).logits])
    spread = Contender("deep", "deep", "deep", same.runs * 2, apart)
    assert "Nothing differs but the seed" in said(fits.spread(reveal, None, found(spread)))


def learned(strongest: tuple[str, str]) -> LearnedCrosses:
    fields = ("installed", "hour", "app", "category")
    strength = np.ones((2, 4, 4))
    first, second = sorted(map(fields.index, strongest))
    strength[:, first, second] = strength[:, second, first] = 5.0
    return LearnedCrosses(fields, strength)


@pytest.mark.parametrize(
    ("strongest", "option", "words"),
    [
        (("installed", "app"), "planted", "is planted in this world"),
        (("hour", "category"), "time", "is planted in this world"),
        (("app", "category"), "parts", "is not planted in this world"),
        (("installed", "hour"), "other", "is not planted in this world"),
    ],
)
def test_the_invented_cross_is_named(strongest: tuple[str, str], option: str, words: str) -> None:
    reveal = built_in("b").lesson.step("invented").reveal
    assert isinstance(reveal, InventedReveal)
    outcome = vectors.strongest(reveal, learned(strongest), found())
    assert outcome.came_out == option
    assert str(Cross(tuple(map(Part, strongest)))) in said(outcome)
    assert words in said(outcome)


@pytest.mark.parametrize(
    ("no", "option"),
    [(["wide"], "wide"), (["deep"], "deep"), (["wide", "deep"], "both"), ([], "nobody")],
)
def test_who_says_no_to_the_penguin(no: list[str], option: str) -> None:
    assert lists._who(no, ["wide", "deep"]) == option


def funnels(places: Mapping[str, int], listed: list[str]) -> tuple[lists.Lost, Any]:
    """An app that these models place so in the whole catalogue, and the models."""
    models = [
        SimpleNamespace(model=name, recommender=SimpleNamespace(names=["First Flight"]))
        for name in places
    ]
    ways = [
        SimpleNamespace(
            items=[0] if name in listed else [],
            full=SimpleNamespace(places=[place]),
            union=[1, 2],
            catalogue=9,
        )
        for name, place in places.items()
    ]
    return lists.Lost("ann", 0, ways), models  # type: ignore[arg-type]  # what the reveal reads


@pytest.mark.parametrize("named", ["wide", "nobody"])
def test_an_app_that_is_no_candidate_is_drawn_where_each_model_would_place_it(named: str) -> None:
    lost, models = funnels({"wide": 3, "deep": 40}, [])
    guess = Prediction(lesson="d", step="missing", option=named)
    outcome = lists.of_lost(lost, models, guess)
    assert outcome.came_out == "nobody"
    assert "Wide 3, Deep 40" in said(outcome)
    drawn = [(mark.model, mark.outcome.value, mark.guess) for mark in outcome.marks]
    said_to_list = lists.LISTED if named == "wide" else None
    assert drawn == [("wide", 3, said_to_list), ("deep", 40, None)]
    assert lists.of_lost(*funnels({"wide": 3}, ["wide"]), guess).came_out == "wide"
