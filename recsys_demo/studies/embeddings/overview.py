"""A training at one glance: a field's vectors before and after on the same axes, and how far what
is known of its values can be seen in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys_demo.evaluation.intervals import Interval, bootstrap_mean
from recsys_demo.studies.embeddings.maps import principal_axes
from recsys_demo.studies.embeddings.neighbours import nearest
from recsys_demo.studies.embeddings.probes import FOLDS, PURITY_K, purity_influences
from recsys_demo.studies.embeddings.quality import MapQuality, map_quality, normalized
from recsys_demo.studies.embeddings.settings import Metric
from recsys_demo.studies.embeddings.vectors import SUPPORT, FieldVectors, Index, Matrix

GROUPS = 7  # with a name and a colour of their own; what is left is the eighth colour
POINTS = 1_000  # a picture to be read at one glance, drawn within a second
MOST_CLASSES = 40
LEAST_POINTS = 3 * FOLDS
SEEN = 2.0  # times chance from which a group is called one
BETWEEN = 0.3  # share of the neighbours that each of two groups has around a value between them
SEED = 0  # of the intervals
LIT = 5  # neighbours of one value that are joined to it
NEUTRAL = -1  # no group, or one without a colour


@dataclass(frozen=True, eq=False)
class Purity:
    """Share of the ten nearest neighbours of the same group: in the vectors after and before
    training, with intervals over values, and on the map after it; `chance` by chance."""

    after: Interval
    before: Interval
    on_map: float
    chance: float

    @property
    def is_seen(self) -> bool:
        """Whether there is something to see: beyond chance, and beyond the random start."""
        return self.after.low > max(1.3 * self.chance, self.before.high)


@dataclass(frozen=True, eq=False)
class Overview:
    """`places` of the values after and before training, [n, 2], on the two main axes of what was
    learned. `group` holds a row's place in `groups`, largest first, NEUTRAL for none. Without an
    attribute that can be tested `purity` is None and there are no groups."""

    field: FieldVectors
    attribute: str
    groups: tuple[str, ...]
    group: Index
    after: Matrix
    before: Matrix
    purity: Purity | None
    quality: MapQuality | None
    metric: Metric
    axes: Matrix
    centre: Matrix

    def on_axes(self, vectors: Matrix) -> Matrix:
        """Places of other vectors of the same values, such as those of an epoch."""
        return np.asarray((normalized(vectors, self.metric) - self.centre) @ self.axes)

    def middles(self) -> dict[int, Matrix]:
        """The middle of every group that can be seen as one, by its place in `groups`."""
        if self.purity is None or not self.purity.is_seen:
            return {}
        found = {}
        near = nearest(self.after, PURITY_K, "euclidean")
        for group in range(len(self.groups)):
            members = self.group == group
            own = float((self.group[near[members]] == group).mean())
            if own > SEEN * (members.sum() - 1) / max(len(members) - 1, 1):
                found[group] = np.median(self.after[members], axis=0)
        return found


def overview(
    after: FieldVectors, before: FieldVectors, attribute: str, metric: Metric = "cosine"
) -> Overview:
    """Both tables on the main axes of the trained one. `attribute` is a column of the metadata, or
    empty for none. Values in excess of `POINTS` are left out, those with least support first."""
    kept = after.most_supported(POINTS)
    if len(kept) < len(after):
        rows = set(kept.values)
        before = before.take(np.array([i for i, v in enumerate(before.values) if v in rows]))
    space = normalized(kept.vectors, metric)
    axes, centre = principal_axes(space, 2)
    codes, groups = _groups(kept.metadata, attribute)
    places = np.asarray((space - centre) @ axes)
    enough = 2 * len(kept) > 3 * PURITY_K + 1
    return Overview(
        field=kept,
        attribute=attribute,
        groups=groups,
        group=np.where(codes < GROUPS, codes, NEUTRAL),
        after=places,
        before=np.asarray((normalized(before.vectors, metric) - centre) @ axes),
        purity=_purity(kept.vectors, before.vectors, places, codes),
        quality=map_quality(kept.vectors, places, PURITY_K, metric) if enough else None,
        metric=metric,
        axes=axes,
        centre=centre,
    )


def clearest(fields: Iterable[FieldVectors], wanted: Collection[str] = ()) -> tuple[str, str]:
    """The field and the attribute that its vectors show most clearly: neighbours share it most
    beyond chance. Only `wanted` attributes count where any value has one. A field without an
    attribute is better than none; raises ValueError for no field."""
    best = (-np.inf, "", "")
    for field in fields:
        kept = field.most_supported(POINTS)
        columns = [c for c in wanted if c in kept.metadata] or class_columns(kept.metadata)
        scores = [(_clearness(kept, column), kept.field, column) for column in columns]
        best = max([best, (-1.0, kept.field, ""), *scores], key=lambda found: found[0])
    if not best[1]:
        raise ValueError("no field has vectors")
    return best[1], best[2]


def class_columns(metadata: pd.DataFrame) -> list[str]:
    """Columns that sort values into a few classes."""
    return [
        str(name)
        for name in metadata
        if not pd.api.types.is_numeric_dtype(metadata[name].dtype)
        and 2 <= metadata[name].nunique() <= MOST_CLASSES
    ]


def sentence(found: Overview, model: str, attribute: str, noun: str) -> str:
    """What there is to see, with the number that backs it. `attribute` and `noun` are what to call
    the attribute and a value of the field."""
    purity = found.purity
    if purity is None:
        return f"No attribute of each {noun} is known that could be looked for on this map."
    told = (
        f"{_of_ten(purity.after)} of 10 nearest neighbours of each {noun} share it; "
        f"before training {_of_ten(purity.before)}, by chance {10 * purity.chance:.1f}."
    )
    if purity.is_seen:
        return f"{model} has found the {attribute}: {told}"
    return f"The {attribute} does not show in the vectors: {told}"


def between(found: Overview) -> tuple[int, str, str] | None:
    """The best supported value that lies between two groups, and their names; None if none does."""
    if not found.middles():
        return None
    near = found.group[nearest(found.field.vectors, PURITY_K, found.metric)]
    shares = np.stack([(near == g).mean(axis=1) for g in range(len(found.groups))], axis=1)
    support = found.field.metadata[SUPPORT].to_numpy()
    for row in np.argsort(-support, kind="stable").tolist():
        first, second = np.argsort(-shares[row], kind="stable")[:2].tolist()
        if shares[row, second] >= BETWEEN:
            return row, found.groups[first], found.groups[second]
    return None


def lit(found: Overview) -> Index:
    """The best supported value, and after it its nearest in the trained vectors."""
    first = np.argsort(-found.field.metadata[SUPPORT].to_numpy(), kind="stable")[:1]
    near = nearest(found.field.vectors, LIT, found.metric, points=first)
    return np.concatenate([first, near[0]])


def _of_ten(share: Interval) -> str:
    return f"{10 * share.value:.1f}"


def group_codes(metadata: pd.DataFrame, attribute: str) -> Index:
    """The place of each row's class among the `GROUPS` largest, NEUTRAL for any other."""
    codes, _ = _groups(metadata, attribute)
    return np.where(codes < GROUPS, codes, NEUTRAL)


def _groups(metadata: pd.DataFrame, attribute: str) -> tuple[Index, tuple[str, ...]]:
    """Class of each row, the largest first, NEUTRAL where it is not known; the names of those that
    get a colour."""
    if attribute not in metadata:
        return np.full(len(metadata), NEUTRAL), ()
    values = metadata[attribute]
    texts = [
        str(value) if known else "" for value, known in zip(values, values.notna(), strict=True)
    ]
    counts = Counter(text for text in texts if text)
    names = sorted(counts, key=lambda name: (-counts[name], name))
    place = {name: code for code, name in enumerate(names)}
    codes = np.array([place.get(text, NEUTRAL) for text in texts], dtype=np.int64)
    return codes, tuple(names[:GROUPS])


def _purity(after: Matrix, before: Matrix, places: Matrix, codes: Index) -> Purity | None:
    known = np.flatnonzero(codes >= 0)
    labels = codes[known]
    if len(known) < LEAST_POINTS or len(np.unique(labels)) < 2:
        return None
    of_tables = [bootstrap_mean(purity_influences(t[known], labels), SEED) for t in (after, before)]
    on_map = nearest(places[known], PURITY_K, "euclidean")
    return Purity(
        after=of_tables[0],
        before=of_tables[1],
        on_map=float((labels[on_map] == labels[:, None]).mean()),
        chance=_chance(labels),
    )


def _clearness(field: FieldVectors, column: str) -> float:
    """How far purity goes from chance (0) to one (1)."""
    codes, _ = _groups(field.metadata, column)
    known = np.flatnonzero(codes >= 0)
    labels = codes[known]
    if len(known) < LEAST_POINTS or len(np.unique(labels)) < 2:
        return -1.0
    near = nearest(field.vectors[known], PURITY_K)
    chance = _chance(labels)
    share = float((labels[near] == labels[:, None]).mean())
    return (share - chance) / max(1 - chance, 1e-9)


def _chance(labels: npt.NDArray[np.int64]) -> float:
    """That two values drawn at random are of one class."""
    counts: Sequence[int] = np.bincount(labels).tolist()
    pairs = len(labels) * (len(labels) - 1)
    return sum(n * (n - 1) for n in counts) / pairs if pairs else 0.0
