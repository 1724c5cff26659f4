"""The simulated online test of all models, and where each one's gain comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from recsys_demo.evaluation.intervals import Interval
from recsys_demo.evaluation.lists import NOTHING, Items
from recsys_demo.evaluation.online_test import Arm, OnlineConfig, attention, online_test
from recsys_demo.studies.comparison.list_job import Stage
from recsys_demo.studies.comparison.models import Contender
from recsys_demo.studies.comparison.over_runs import over_runs

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
    """A model against the control, mean over its runs. `gain` in percent with its interval;
    `expected` the same without luck, which is the sum of the points of its `kinds`."""

    model: str
    gain: Interval
    expected: float
    installs: float
    kinds: Mapping[str, Kind]


def online_arms(
    models: Sequence[Contender], stage: Stage, control: Contender, config: OnlineConfig
) -> list[OnlineArm]:
    """Run i of every model against run i of the control (its runs in turn where there are fewer).

    Needs a truth: raises ValueError without one. Visitors never look at what they have already.
    """
    if not stage.audience.planted:
        raise ValueError("the simulated online test needs the truth")
    return [_arm(model, stage, control, config) for model in models]


def _arm(model: Contender, stage: Stage, control: Contender, config: OnlineConfig) -> OnlineArm:
    arms: list[Arm] = []
    kinds: list[Mapping[str, Kind]] = []
    for number, run in enumerate(model.runs):
        against = stage.lists[control.runs[number % len(control.runs)].key]
        own = stage.lists[run.key]
        arms.append(
            online_test(
                {"model": own, "control": against}, stage.audience.relevance, "control", config
            )["model"]
        )
        kinds.append(kinds_of(stage, own, against, config))
    gain = over_runs(
        [arm.gain for arm in arms],
        [arm.low for arm in arms],
        [arm.high for arm in arms],
        f"{config.visitors:,} visitors",
    )
    nothing = Interval(np.nan, np.nan, np.nan, config.level, "")
    return OnlineArm(
        model=model.key,
        gain=gain or nothing,
        expected=float(np.mean([arm.expected_gain for arm in arms])),
        installs=float(np.mean([arm.installs for arm in arms])),
        kinds={
            name: Kind(
                float(np.mean([one[name].places for one in kinds])),
                float(np.mean([one[name].points for one in kinds])),
            )
            for name in KINDS
        },
    )


def kinds_of(stage: Stage, own: Items, control: Items, config: OnlineConfig) -> dict[str, Kind]:
    """The expected gain of lists over the control's, taken apart by the kind of place: installs
    from places of a kind minus the control's from such places, over the control's installs."""
    mine, theirs = (_by_kind(stage, items, config) for items in (own, control))
    base = sum(installs for _, installs in theirs.values())
    found = {}
    for name in KINDS:
        places, installs = mine[name]
        gained = installs - theirs[name][1]
        found[name] = Kind(places, 100 * gained / base if base else np.nan)
    return found


def _by_kind(stage: Stage, items: Items, config: OnlineConfig) -> dict[str, tuple[float, float]]:
    """Per kind its places in a list and its expected installs per visitor."""
    shown = items[:, : config.k]
    there = shown != NOTHING
    weight = attention(config)[: shown.shape[1]]
    expected = np.where(there, _at(stage.audience.relevance, shown), 0.0) * weight
    kind = _kind(stage, shown)
    return {
        name: (
            float((there & (kind == number)).sum(1).mean()),
            float(np.where(kind == number, expected, 0.0).sum(1).mean()),
        )
        for number, name in enumerate(KINDS)
    }


def _kind(stage: Stage, shown: Items) -> Items:
    """The kind of every place, by its number in `KINDS`."""
    found = stage.audience
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
                "gain without luck %": arm.expected,
                "installs per visitor": arm.installs,
                **{f"places: {KINDS[name]}": kind.places for name, kind in arm.kinds.items()},
                **{f"points: {KINDS[name]}": kind.points for name, kind in arm.kinds.items()},
            }
            for arm in arms
        ]
    )
