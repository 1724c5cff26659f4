"""Which combinations of a cross a query and each item have together.

A combination's key is the sum of what its query parts and what its item parts bring, so that the
items' share is grouped once, and a query only looks at the combinations it can have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recsys_demo.features.cross_dictionary import NO_KEY, CrossDictionary, Keys, combination_keys
from recsys_demo.features.crosses import Cross
from recsys_demo.features.fields import FieldCodes, FieldEncoder

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]


def side_keys(dictionary: CrossDictionary, codes: FieldCodes, fields: FieldEncoder) -> Keys:
    """The share of the key from the parts whose fields are among the codes, [n, combinations of
    these parts], `NO_KEY` where one has no value. Without such parts: one share of 0."""
    places = side_parts(dictionary, codes.codes)
    parts = tuple(dictionary.cross.parts[place] for place in places)
    keys = combination_keys(Cross(parts), codes, fields)
    shares, rest = np.zeros_like(keys), keys.copy()
    for place in reversed(places):
        rest, code = np.divmod(rest, dictionary.bases[place])
        shares += code * unit(dictionary, place)
    return np.where(keys == NO_KEY, NO_KEY, shares)


def side_parts(dictionary: CrossDictionary, names: Mapping[str, object]) -> list[int]:
    """Places of the parts whose fields are among these."""
    parts = dictionary.cross.parts
    return [place for place, part in enumerate(parts) if part.field in names]


def unit(dictionary: CrossDictionary, place: int) -> int:
    """What one more in the code of a part adds to the key."""
    product = 1
    for base in dictionary.bases[place + 1 :]:
        product *= base
    return product


@dataclass(frozen=True, eq=False)
class CrossHit:
    """A combination that holds: its id in the dictionary (0: without a weight) and its key."""

    id: int
    key: int


@dataclass(frozen=True, eq=False)
class _ByQuery:
    """Combinations ordered by the query's share of their key: those of `shares[i]` stand from
    `starts[i]` to `starts[i + 1]`, each with the place of the item's share and its weight. Kept
    small, as a server holds a dozen of these: what can be counted in four bytes is."""

    shares: Keys
    starts: Index
    places: npt.NDArray[np.int32]
    weights: npt.NDArray[np.float32]

    def of(self, share: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """Places and weights of one share, none if it has none."""
        at = int(np.searchsorted(self.shares, share))
        there = at < len(self.shares) and self.shares[at] == share
        low, high = self.starts[at : at + 2] if there else (0, 0)
        return self.places[low:high], self.weights[low:high]


class CrossIndex:
    """One cross over a catalogue: `names` are the item's fields, `keys` [n, combinations of the
    item's parts] their shares, `weights` [size + 1] with place 0 for combinations without one."""

    def __init__(
        self,
        dictionary: CrossDictionary,
        names: Mapping[str, object],
        keys: Keys,
        weights: npt.NDArray[np.float32],
    ) -> None:
        self.dictionary = dictionary
        self.weights = weights
        self.keys = keys
        self._shares = np.unique(keys[keys != NO_KEY])
        place = np.searchsorted(self._shares, keys)
        # The last place is for items that lack a part: nothing is ever written there.
        self._place = np.where(keys == NO_KEY, len(self._shares), place)
        self._known = None if dictionary.buckets is not None else self._by_query(names)

    def scores(self, query: Keys, rows: Index | None = None) -> Floats:
        """Sum of the weights of all combinations with the query's shares [combinations], [n]."""
        found = np.zeros(len(self._shares) + 1)
        for share in query[query != NO_KEY].tolist():
            if self._known is None:
                found[:-1] += self.weights[self.dictionary.ids(self._shares + share)]
            else:
                places, weights = self._known.of(share)
                found[places] += weights
        place = self._place if rows is None else self._place[rows]
        return np.asarray(found[place].sum(1))

    def fired(self, query: Keys, item: int) -> list[CrossHit]:
        """Every combination of the query and one item."""
        own = self.keys[item]
        sums = np.add.outer(query[query != NO_KEY], own[own != NO_KEY]).reshape(-1)
        ids = self.dictionary.ids(sums)
        return [CrossHit(i, key) for i, key in zip(ids.tolist(), sums.tolist(), strict=True)]

    def _by_query(self, names: Mapping[str, object]) -> _ByQuery:
        """The combinations with a weight and an item of the catalogue."""
        dictionary = self.dictionary
        parts = side_parts(dictionary, names)
        units = np.array([unit(dictionary, place) for place in parts], dtype=np.int64)
        own = dictionary.codes[:, parts] @ units
        at = np.minimum(np.searchsorted(self._shares, own), max(len(self._shares) - 1, 0))
        kept = self.weights[1:] != 0
        kept &= self._shares[at] == own if len(self._shares) else False
        shares = (dictionary.keys - own)[kept]
        order = np.argsort(shares, kind="stable")
        different, starts = np.unique(shares[order], return_index=True)
        return _ByQuery(
            different,
            np.append(starts, len(shares)),
            at[kept][order].astype(np.int32),
            self.weights[1:][kept][order],
        )
