"""Reveals of models beside each other: on the map, slice by slice, and against an average."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recsys_demo.evaluation.intervals import Interval, unknown_interval
from recsys_demo.evaluation.slices import Slice
from recsys_demo.evaluation.verdicts import FEWEST_ROWS, Evidence
from recsys_demo.lessons.progress import Prediction
from recsys_demo.lessons.reveal_kinds import ApartReveal, AverageReveal, Direction, PlacesReveal
from recsys_demo.lessons.reveals.outcomes import (
    Mark,
    Material,
    Outcome,
    Place,
    Sentence,
    name_of,
    signed,
    size,
)
from recsys_demo.studies.comparison.measures import against_mean, compare, estimate
from recsys_demo.studies.comparison.models import Contender

MEMORY, NEVER = "memory", "never"


def slice_of(found: Material, key: str) -> Slice | None:
    """The test rows of a slice; "memory" is the planted exceptions where there are any, else the
    pairs seen most."""
    if key == MEMORY:
        key = "frequent" if found.data.schema.truth is None else "exceptions"
    return next((one for one in found.slices if one.key == key), None)


def auc(found: Material, model: Contender, where: Slice) -> Interval:
    """A model's test AUC on a slice; NaN where it means nothing."""
    seen = estimate(found.data.test.labels[where.mask], model.logits[:, where.mask], "auc")
    return unknown_interval() if seen is None else seen.interval


@dataclass(frozen=True)
class Difference:
    """How far one model is ahead of another on a slice, and what can be said of it: of the models
    by the lab's rule, or with too few seeds of these runs alone (`is_single`)."""

    where: str
    interval: Interval
    direction: Direction | None
    is_single: bool


def difference(found: Material, a: str, b: str, key: str) -> Difference | None:
    """Model a against b on a slice; None where the log has no such rows."""
    where = slice_of(found, key)
    if where is None:
        return None
    said = compare(found.models[a], found.models[b], found.data.test.labels, where, "auc")
    if said.evidence is None:
        return None
    return Difference(
        key, said.evidence.so_far, _direction(said.evidence), _is_single(said.evidence)
    )


def _is_single(known: Evidence) -> bool:
    return bool(known.missing)


def _direction(known: Evidence) -> Direction | None:
    """None where there are too few rows even for these runs."""
    interval = known.so_far
    rows = known.over_rows
    if not interval.is_known or rows is None or rows.n < FEWEST_ROWS:
        return None
    if not interval.excludes_zero:
        return "level"
    return "ahead" if interval.value > 0 else "behind"


def apart(reveal: ApartReveal, guess: Prediction | None, found: Material) -> Outcome:
    """Slice by slice. A number that was guessed is about the first slice."""
    every = [difference(found, reveal.a, reveal.b, key) for key in reveal.slices]
    known = [one for one in every if one is not None]
    names = {"a": name_of(reveal.a), "b": name_of(reveal.b)}
    number = None if guess is None else guess.number
    by_slice = {one.where: one for one in known}
    told = [
        Sentence(
            f"apart.{one.direction or 'unsaid'}",
            {**names, "where": one.where, "size": size(one.interval)},
        )
        for one in known
    ]
    if {MEMORY, NEVER} <= by_slice.keys():
        told.insert(0, _conclusion(by_slice[MEMORY], by_slice[NEVER], names))
    marks = tuple(
        Mark(one.interval, number if at == 0 else None, one.where, reference=0.0)
        for at, one in enumerate(known)
    )
    return Outcome(
        tuple(told),
        marks,
        came_out=_loses(known) if reveal.most_behind else _met(reveal, by_slice),
        unit=f"{names['a']} − {names['b']}, AUC",
        against="level",
        is_single=any(one.is_single for one in known),
    )


def _conclusion(memory: Difference, never: Difference, names: Mapping[str, str]) -> Sentence:
    """Whether one number for all rows would have done."""
    ways = {memory.direction, never.direction}
    if None in ways:
        return Sentence("apart.unknown", names)
    if ways == {"ahead", "behind"}:
        return Sentence("apart.crossed", names)
    if ways == {"level"}:
        return Sentence("apart.same", names)
    if len(ways) == 1:
        first = "a" if memory.direction == "ahead" else "b"
        return Sentence("apart.everywhere", {**names, "ahead": names[first]})
    return Sentence("apart.somewhere", names)


def _loses(known: Sequence[Difference]) -> str:
    """The slice on which most is lost."""
    losing = [one for one in known if one.direction == "behind"]
    return min(losing, key=lambda one: one.interval.value).where if losing else "nothing"


def _met(reveal: ApartReveal, known: Mapping[str, Difference]) -> str:
    """The first option all of whose expectations are met."""
    for option, expected in reveal.expects.items():
        if all(key in known and known[key].direction in ways for key, ways in expected.items()):
            return option
    return ""


def places(_reveal: PlacesReveal, guess: Prediction | None, found: Material) -> Outcome:
    """Where the dots were expected and where they are."""
    spots = {spot.model: (spot.x, spot.y) for spot in guess.spots} if guess else {}
    never, memory = slice_of(found, NEVER), slice_of(found, MEMORY)
    assert never is not None  # every log has these slices
    assert memory is not None
    there = tuple(
        Place(name, auc(found, model, never), auc(found, model, memory), spots.get(name))
        for name, model in found.models.items()
    )
    told = [_miss_sentence(there)] if any(math.isfinite(place.miss) for place in there) else []
    told += _below_chance([place for place in there if place.y.is_known and place.y.high < 0.5])
    return Outcome(tuple(told) or (Sentence("places.none"),), places=there, is_single=_few(found))


def _few(found: Material) -> bool:
    return min(len(model.seeds) for model in found.models.values()) < 2


def _miss_sentence(there: tuple[Place, ...]) -> Sentence:
    """Nearest and farthest guess."""
    guessed = [place for place in there if math.isfinite(place.miss)]
    near, far = (pick(guessed, key=lambda place: place.miss) for pick in (min, max))
    if len(guessed) == 1:
        return Sentence("places.one", {"model": name_of(near.model), "miss": f"{near.miss:.2f}"})
    values = {
        "near": name_of(near.model),
        "near_miss": f"{near.miss:.2f}",
        "far": name_of(far.model),
        "far_miss": f"{far.miss:.2f}",
    }
    return Sentence("places.several", values)


def _below_chance(below: Sequence[Place]) -> list[Sentence]:
    told = ", ".join(f"{name_of(place.model)} ({place.y.value:.3f})" for place in below)
    return [Sentence("places.below", {"models": told})] if below else []


def average(reveal: AverageReveal, guess: Prediction | None, found: Material) -> Outcome:
    """The whole against the mean of its parts on both axes, by the lab's rule."""
    spots = {spot.model: (spot.x, spot.y) for spot in guess.spots} if guess else {}
    guessed = spots.get(reveal.whole)
    first, second = (name_of(part) for part in reveal.parts)
    values: dict[str, object] = {"whole": name_of(reveal.whole), "a": first, "b": second}
    marks, known = [], []
    for at, key in enumerate((NEVER, MEMORY)):
        where = slice_of(found, key)
        assert where is not None  # every log has these slices
        whole, *parts = (found.models[name] for name in (reveal.whole, *reveal.parts))
        mean = sum(auc(found, part, where).value for part in parts) / len(parts)
        own = auc(found, whole, where)
        marks.append(Mark(own, guessed[at] if guessed else None, key, reveal.whole, mean))
        gap = against_mean(whole, parts, found.data.test.labels, where)
        if gap is not None:
            known.append(gap)
            values[f"{key}_gap"] = signed(gap.so_far)
    said = Sentence(f"average.{_of_both([_direction(gap) for gap in known])}", values)
    return Outcome((said,), tuple(marks), against="mean", is_single=any(map(_is_single, known)))


def _of_both(ways: Sequence[Direction | None]) -> str:
    """What is said of the two axes together."""
    if len(ways) < 2 or None in ways:
        return "unsaid"
    ahead = ways.count("ahead")
    return "above" if ahead == len(ways) else "partly" if ahead else "not"
