"""The simulated online test of all models, where each one's gain comes from, and its sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from recsys_demo.evaluation.intervals import Interval, unknown_interval
from recsys_demo.evaluation.lists import NOTHING, Items
from recsys_demo.evaluation.online_test import OnlineConfig, attention, online_test
from recsys_demo.evaluation.papers import OFFLINE, ONLINE, WD_ONLINE
from recsys_demo.evaluation.verdicts import NOT_FOUND, NOT_YET, Evidence, Finding, Verdict
from recsys_demo.studies.comparison.list_job import ModelLists
from recsys_demo.studies.comparison.models import Contender

# What a place of a list can be; the first that fits counts.
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "gem": "planted exceptions the person takes",
        "trap": "planted exceptions the person refuses",
        "never": "pairs no training row has",
        "seen": "pairs training rows have",
    }
)


@dataclass(frozen=True)
class Kind:
    """Places of one kind: how many of a list of k, and the share of the gain over the control that
    comes from them, in percent of the control's expected installs."""

    places: float
    points: float


@dataclass(frozen=True)
class OnlineArm:
    """A model against the control, mean over its runs. `evidence` is of the gain in percent, None
    where the control earned nothing; `expected` the gain without luck, which is the sum of the
    points of its `kinds`."""

    model: str
    evidence: Evidence | None
    expected: float
    installs: float
    kinds: Mapping[str, Kind]

    @property
    def gain(self) -> Interval:
        """In percent, with the interval that is known so far."""
        return unknown_interval() if self.evidence is None else self.evidence.so_far

    @property
    def finding(self) -> Finding:
        """Whether the model earns more or less than the control, by the lab's rule."""
        return NOT_YET if self.evidence is None else self.evidence.finding


def online_arms(
    models: Sequence[Contender], model_lists: ModelLists, control: Contender, config: OnlineConfig
) -> list[OnlineArm]:
    """All runs of every model against all runs of the control.

    Needs a truth: raises ValueError without one. Visitors never look at what they have already.
    """
    if not model_lists.sample.planted:
        raise ValueError("the simulated online test needs the truth")
    lists = {m.key: [model_lists.lists[run.key] for run in m.runs] for m in (*models, control)}
    arms = online_test(lists, model_lists.sample.relevance, control.key, config)
    return [
        OnlineArm(
            model=model.key,
            evidence=arms[model.key].gain,
            expected=arms[model.key].expected_gain,
            installs=arms[model.key].installs,
            kinds=kinds_of(model_lists, lists[model.key], lists[control.key], config),
        )
        for model in models
    ]


def kinds_of(
    model_lists: ModelLists, own: Sequence[Items], control: Sequence[Items], config: OnlineConfig
) -> dict[str, Kind]:
    """The expected gain of a model's lists over the control's, means over their runs, taken apart
    by the kind of place: installs from places of a kind minus the control's from such places, over
    the control's installs."""
    mine, theirs = (_by_kind(model_lists, runs, config) for runs in (own, control))
    base = sum(installs for _, installs in theirs.values())
    found = {}
    for name in KINDS:
        places, installs = mine[name]
        gained = installs - theirs[name][1]
        found[name] = Kind(places, 100 * gained / base if base else np.nan)
    return found


def _by_kind(
    model_lists: ModelLists, runs: Sequence[Items], config: OnlineConfig
) -> dict[str, tuple[float, float]]:
    """Per kind its places in a list and its expected installs per visitor, means over runs."""
    found = [_kinds_of_run(model_lists, items, config) for items in runs]
    return {
        name: (
            float(np.mean([one[name][0] for one in found])),
            float(np.mean([one[name][1] for one in found])),
        )
        for name in KINDS
    }


def _kinds_of_run(
    model_lists: ModelLists, items: Items, config: OnlineConfig
) -> dict[str, tuple[float, float]]:
    shown = items[:, : config.k]
    there = shown != NOTHING
    weight = attention(config)[: shown.shape[1]]
    expected = np.where(there, _at(model_lists.sample.relevance, shown), 0.0) * weight
    kind = _kind(model_lists, shown)
    return {
        name: (
            float((there & (kind == number)).sum(1).mean()),
            float(np.where(kind == number, expected, 0.0).sum(1).mean()),
        )
        for number, name in enumerate(KINDS)
    }


def _kind(model_lists: ModelLists, shown: Items) -> Items:
    """The kind of every place, by its number in `KINDS`."""
    found = model_lists.sample
    exception = _at(found.exceptions, shown) if found.exceptions is not None else 0 * shown
    seen = np.where(_at(found.support, shown) == 0, 2, 3)
    return np.asarray(np.select([exception > 0, exception < 0], [0, 1], seen), dtype=np.int64)


def _at(table: np.ndarray, shown: Items) -> np.ndarray:
    return np.take_along_axis(table, np.maximum(shown, 0), axis=1)


def online_frame(arms: Sequence[OnlineArm], models: Sequence[Contender]) -> pd.DataFrame:
    """One row per model."""
    names = {model.key: model.name for model in models}
    return pd.DataFrame(
        [
            {
                "model": names[arm.model],
                "simulated gain %": arm.gain.value,
                "low": arm.gain.low,
                "high": arm.gain.high,
                "interval": f"{arm.gain.level:.0%}, {arm.gain.method}",
                "against the control": arm.finding,
                "expected gain %": arm.expected,
                "installs per visitor": arm.installs,
                **{f"places: {KINDS[name]}": kind.places for name, kind in arm.kinds.items()},
                **{f"points: {KINDS[name]}": kind.points for name, kind in arm.kinds.items()},
            }
            for arm in arms
        ]
    )


def gain_story(name: str, control: str, arm: OnlineArm, offline: Verdict) -> str:
    """Offline and online side by side, and what kinds of places the difference comes from."""
    gain = arm.gain
    text = (
        f"{name} against {control} offline: {offline.finding} (AUC {offline.gain:+.3f}); in the "
        f"simulation: {arm.finding} ({gain.value:+.1f} %, from {gain.low:+.1f} to "
        f"{gain.high:+.1f}{_about_runs(arm)})."
    )
    points = sorted(arm.kinds.items(), key=lambda item: -abs(item[1].points))
    if any(math.isnan(kind.points) for _, kind in points):
        return text
    told = ", ".join(f"{kind.points:+.1f} points from {KINDS[key]}" for key, kind in points)
    return f"{text} In expectation {arm.expected:+.1f} %: {told}."


def _about_runs(arm: OnlineArm) -> str:
    """What an interval is about where nothing can be said of the models."""
    if arm.evidence is None or not arm.evidence.missing:
        return ""
    return f", for these trained runs; of the models: {arm.evidence.missing}"


def paper_story(model: str, control: str, arm: OnlineArm, offline: Verdict) -> str:
    """The paper's outcome for the same two models beside ours; empty where it has none, or where
    the control is not the paper's."""
    auc, gain = (WD_ONLINE.number(model, column) for column in (OFFLINE, ONLINE))
    base = WD_ONLINE.number(control, OFFLINE)
    if auc is None or gain is None or base is None or control != "wide":
        return ""
    paper: tuple[Finding, Finding] = (_direction(auc > base), _direction(gain > 0))
    ours = offline.finding, arm.finding
    words = f"In the paper it did {paper[0]} offline ({auc} against {base}) and {paper[1]} online "
    words += f"({gain:+.1f} %). "
    if paper == ours:
        return words + "The same directions here."
    here = [
        f"{part} it {_here(own)}"
        for part, theirs, own in zip(("offline", "online"), paper, ours, strict=True)
        if theirs != own
    ]
    return words + f"Here {' and '.join(here)}."


def _direction(up: bool) -> Finding:
    return "better" if up else "worse"


def _here(finding: Finding) -> str:
    return finding if finding in (NOT_FOUND, NOT_YET) else f"did {finding}"
