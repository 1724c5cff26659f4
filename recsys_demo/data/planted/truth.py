"""The truth of a planted world: the probability that a query installs an app.

logit = base + popularity[app]
      + exception[installed, app]  if any installed app has one with the app, clipped to +-strength,
        else affinity: the mean taste of the installed apps times the appeal of the app
      + hour[category, hour] + device[category, device] + age[category] * (age - 35) / 12
probability = (1 - noise) * sigmoid(logit) + noise * 0.2

It is a function of the query's fields alone, so it is defined for any query and any app. What it
does not know (an app, an hour, an age) has no effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys_demo.data.cells import to_categories
from recsys_demo.data.planted.planting import DEVICES, HOURS, NOBODY, Planting
from recsys_demo.data.planted.tastes import Floats, Ints, dot
from recsys_demo.data.planted.world_config import WorldConfig

BASE = -1.9
CHANCE = 0.2  # install probability of the share of rows that noise decides
YOUNGEST, OLDEST = 13, 80
AGE_CENTRE, AGE_UNIT = 35.0, 12.0
TERMS = ("base", "popularity", "affinity", "exception", "hour", "device", "age")
SEPARATOR = "|"


def planted_pairs(config: WorldConfig) -> tuple[tuple[str, str], ...]:
    """The pairs of fields that the logit multiplies in this world."""
    taste = config.affinity > 0 or (config.exceptions > 0 and config.exception_strength > 0)
    context = (("hour", "category"), ("device", "category"), ("age", "category"))
    return (*([("installed", "app")] if taste else []), *context)


@dataclass(frozen=True, eq=False)
class Queries:
    """The fields of queries that matter, as codes; -1 is what the truth does not know."""

    sets: Ints  # different sets of installed apps, [sets, most]
    which: Ints  # set of each query, [n]
    hour: Ints
    device: Ints
    age: Floats  # years, 35 where missing, which has no effect

    def __len__(self) -> int:
        return len(self.which)

    def take(self, rows: slice | Ints) -> Queries:
        """These queries."""
        return Queries(
            self.sets, self.which[rows], self.hour[rows], self.device[rows], self.age[rows]
        )


def read_queries(frame: pd.DataFrame, names: pd.Index) -> Queries:
    """The queries of a frame's rows; `names` are the apps in the order of their codes.

    An absent column counts as missing. `installed` holds names between "|", or lists of names.
    """
    cells = to_categories(_column(frame, "installed").map(_as_cell))
    sets = _coded_sets([_values(str(cell)) for cell in cells.cat.categories], names)
    return Queries(
        sets=sets,
        which=cells.cat.codes.to_numpy().astype(np.int64),
        hour=codes_of(_column(frame, "hour"), pd.Index(HOURS)),
        device=codes_of(_column(frame, "device"), pd.Index(DEVICES)),
        age=known_age(pd.to_numeric(_column(frame, "age"), errors="coerce").to_numpy(np.float64)),
    )


def codes_of(values: pd.Series, known: pd.Index) -> Ints:
    """Position of each value among the known ones, -1 for any other."""
    column = to_categories(values)
    position = known.get_indexer(pd.Index(column.cat.categories.astype(str)))
    return np.asarray(np.append(position, -1)[column.cat.codes.to_numpy()], dtype=np.int64)


def known_age(age: Floats) -> Floats:
    """Ages within the planted range; a missing one counts as 35, which has no effect."""
    return np.clip(np.where(np.isnan(age), AGE_CENTRE, age), YOUNGEST, OLDEST)


def truth_terms(
    planting: Planting, config: WorldConfig, queries: Queries, shown: Ints
) -> dict[str, Floats]:
    """The terms of the logit, each [n]: query i with app code shown[i]."""
    apps = planting.apps
    taste = mean_taste(planting, queries.sets)[queries.which]
    installed = queries.sets[queries.which]
    direction = planting.direction[installed, shown[:, None]]
    contradicted = (direction != 0).any(axis=1)
    strength = config.exception_strength
    affinity = config.affinity * np.sqrt(config.rank) * dot(taste, apps.appeal[shown])
    pull = strength * np.clip(direction.sum(axis=1, dtype=np.int64), -1, 1)
    return {
        "base": np.full(len(shown), BASE),
        "popularity": apps.popularity[shown],
        "affinity": np.where(contradicted, 0.0, affinity),
        "exception": np.where(contradicted, pull, 0.0),
        "hour": apps.by_hour[shown, queries.hour],
        "device": apps.by_device[shown, queries.device],
        "age": apps.by_age[shown] * (queries.age - AGE_CENTRE) / AGE_UNIT,
    }


def mean_taste(planting: Planting, sets: Ints) -> Floats:
    """Mean over the known installed apps of the taste behind each, [sets, rank]; 0 for none."""
    taste = planting.apps.taste
    total = np.zeros((len(sets), taste.shape[1]))
    for place in range(sets.shape[1]):
        total += taste[sets[:, place]]
    return np.asarray(total / np.maximum(1, (sets >= 0).sum(axis=1))[:, None])


def has_exception(planting: Planting, installed: Ints, shown: Ints) -> npt.NDArray[np.bool_]:
    """Whether each row [n, most], [n] holds a planted exception."""
    return np.asarray((planting.direction[installed, shown[:, None]] != 0).any(axis=1))


def has_held_out(planting: Planting, installed: Ints, shown: Ints) -> npt.NDArray[np.bool_]:
    """Whether each row holds a pair that is kept from training."""
    kept = planting.held_out[planting.apps.pool[installed], shown[:, None]]
    return np.asarray((kept & (installed >= 0)).any(axis=1))


def probability_of(terms: Mapping[str, Floats], noise: float) -> Floats:
    """The probability behind the terms of the logit."""
    return (1 - noise) / (1 + np.exp(-logit_of(terms))) + noise * CHANCE


def logit_of(terms: Mapping[str, Floats]) -> Floats:
    """Sum of the terms in their order."""
    total = np.zeros(len(terms[TERMS[0]]))
    for name in TERMS:
        total = total + terms[name]
    return total


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    if name in frame:
        return frame[name].reset_index(drop=True)
    return pd.Series([None] * len(frame), dtype=object)


def _values(cell: str) -> list[str]:
    """The different values of a cell."""
    return list(dict.fromkeys(part.strip() for part in cell.split(SEPARATOR)))


def _as_cell(value: object) -> object:
    if isinstance(value, str) or not isinstance(value, Iterable):
        return value
    return SEPARATOR.join(str(part) for part in value)


def _coded_sets(lists: list[list[str]], names: pd.Index) -> Ints:
    """Codes of each list, unknown apps left out, and a last empty set for missing cells."""
    width = max((len(values) for values in lists), default=0)
    sets = np.full((len(lists) + 1, max(1, width)), NOBODY, dtype=np.int64)
    flat = names.get_indexer(pd.Index([v for values in lists for v in values], dtype=object))
    lengths = np.array([len(values) for values in lists], dtype=np.int64)
    sets[:-1][np.arange(sets.shape[1]) < lengths[:, None]] = flat
    return sets
