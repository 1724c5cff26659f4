"""Which test rows are looked at: the lab's slices, those of the person's crosses, and their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recsys_demo.data.cells import cell_values
from recsys_demo.data.interactions import Interactions
from recsys_demo.data.pairs import Pair, pair_support, sliced_pair, with_pair
from recsys_demo.data.sources import Dataset
from recsys_demo.errors import InputError, Problem
from recsys_demo.evaluation.conditions import parse_condition
from recsys_demo.evaluation.slices import (
    Slice,
    Support,
    default_slices,
    entity_slices,
    rivals,
    seen_slices,
)
from recsys_demo.features.cross_dictionary import combination_keys, fit_crosses
from recsys_demo.features.crosses import parse_crosses
from recsys_demo.features.fields import FieldEncoder, fit_fields
from recsys_demo.limits import Limits

MOST_OWN = 12


def standard_slices(data: Dataset) -> tuple[Slice, ...]:
    """All rows, by pair support, what is planted, and by users and items; empty ones left out
    except for all rows."""
    found = [*default_slices(data.train, data.test), *entity_slices(data.train, data.test)]
    return tuple(s for s in found if s.key == "all" or len(s))


def pairs_of(train: Interactions) -> list[Pair]:
    """Reference pairs a support curve can be drawn over, the one that slices are cut by first:
    every field but numbers with the item, then with each other."""
    schema = train.schema
    names = [name for name, field in schema.fields.items() if field.kind != "numeric"]
    names += [n for n in (schema.user, schema.item) if n is not None and n not in names]
    others = [name for name in names if name != schema.item]
    with_item = [(name, schema.item) for name in others]
    between = [(a, b) for i, a in enumerate(others) for b in others[i + 1 :]]
    return list(dict.fromkeys([sliced_pair(train), schema.pair, *with_item, *between]))


def support_of(data: Dataset, pair: Pair) -> Support:
    """In how many training rows each test row's pair occurs, [test rows]."""
    train, test = (with_pair(part, pair) for part in (data.train, data.test))
    return pair_support(train, test)


@dataclass(frozen=True, eq=False)
class CrossSlices:
    """The encoder that reads the values of crosses, kept because fitting it reads all rows."""

    data: Dataset
    encoder: FieldEncoder

    @classmethod
    def of(cls, data: Dataset) -> CrossSlices:
        """Fitted on the training rows."""
        return cls(data, fit_fields(data.train))

    def slices(self, crosses: Sequence[str]) -> tuple[Slice, ...]:
        """Per cross the test rows with a combination seen in training and those without. Raises
        InputError for a cross these data cannot have."""
        limits = Limits.from_environment()
        parsed = parse_crosses(list(crosses), self.data.schema, limits)
        train = self.encoder.encode(self.data.train.frame)
        test = self.encoder.encode(self.data.test.frame)
        found: list[Slice] = []
        negatives = rivals(self.data.train, self.data.test)
        for cross, dictionary in zip(
            parsed, fit_crosses(parsed, train, self.encoder, 1, None, limits), strict=True
        ):
            ids = dictionary.ids(combination_keys(cross, test, self.encoder))
            seen = np.asarray((ids > 0).any(axis=1))
            found += seen_slices(seen, f"cross {cross}", str(cross), negatives)
        return tuple(found)


def own_slices(texts: Sequence[str], test: Interactions) -> tuple[Slice, ...]:
    """A slice per condition (`conditions.parse_condition`). Raises InputError with the problems of
    all of them."""
    problems: list[Problem] = []
    found: list[Slice] = []
    for text in texts[:MOST_OWN]:
        try:
            condition = parse_condition(text, test.schema)
            mask = condition.mask(test)
            found.append(Slice(f"own {condition}", str(condition), mask, "your own condition"))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return tuple(found)


def frequent_values(part: Interactions, column: str, most: int = 1_000) -> list[str]:
    """Values of a column that a condition can ask for, the most frequent first; the members of a
    multi-valued one."""
    counts = part.frame[column].value_counts()
    counts = counts[counts > 0]
    field = part.schema.fields.get(column)
    if field is None or field.kind != "multi":
        return [str(value) for value in counts.index[:most]]
    members: Counter[str] = Counter()
    for cell, times in counts.items():
        for value in cell_values(str(cell), part.separator(column)):
            members[value] += int(times)
    return [value for value, _ in members.most_common(most)]
