"""Which fields are worth crossing: what a pair knows beyond its parts, on rows it has not seen.

For fields a, b with training counts n_ab (rows) and k_ab (positives) of every combination:

    parts:  p_ab = sigma(w_0 + w_a + w_b)      fitted to n_ab, k_ab with a unit Gaussian prior
    cross:  q_ab = (k_ab + m p_ab) / (n_ab + m)  the parts are worth m rows of their own
    gain  = sum over ab of  k_ab log2(q_ab / p_ab) + (n_ab - k_ab) log2((1 - q_ab) / (1 - p_ab))

that is the code length, in bits, that the cross saves over its parts: without the prior rows it
would be the conditional mutual information of the label and the pair given an additive model of
its parts. A row with several combinations (multi-valued fields) brings their mean, so that it
counts once however many it has. On other rows p and q stay; a combination that training rows did
not have gains nothing. A cross that only learned noise gains on training rows and loses on others.
Crosses are ordered by what they gain on validation rows; what the first of them gains is said of
the test rows, which had no part in that.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from recsys_demo.data.interactions import Interactions
from recsys_demo.data.schema import Schema
from recsys_demo.errors import InputError
from recsys_demo.evaluation.intervals import LEVEL
from recsys_demo.evaluation.metrics import Floats
from recsys_demo.features.cross_dictionary import (
    NO_KEY,
    CrossDictionary,
    Keys,
    bases_of,
    check_cross,
    check_total,
    combination_keys,
    count_keys,
)
from recsys_demo.features.crosses import Cross, Part, quoted
from recsys_demo.features.fields import FieldEncoder
from recsys_demo.limits import Limits
from recsys_demo.studies.crosses.log_codes import Labels, LogCodes, RowCodes, log_codes

Counts = npt.NDArray[np.int64]
ROWS = 50_000  # looked at; more change the ranking little and cost seconds
ROUNDS = 12
PRIOR_ROWS = 10.0  # m
SIDES = ("user", "context", "item")
LONGEST_STEP = 2.0


@dataclass(frozen=True)
class Gain:
    """What a cross knows beyond its parts, in bits per 1,000 rows.

    `train` on the rows it was counted on, `valid` and `test` on others; `combinations` seen in
    training rows.
    """

    cross: Cross
    train: float
    valid: float
    test: float
    combinations: int

    @property
    def overcrossed(self) -> bool:
        """Whether what it learned is worse than nothing on rows it has not seen."""
        return self.valid < 0 < self.train


def suggest(
    log: LogCodes,
    rows: int = ROWS,
    seed: int = 0,
    prior_rows: float = PRIOR_ROWS,
    limits: Limits | None = None,
) -> list[Gain]:
    """Every pair of fields that can be crossed, the most gained on validation rows first."""
    limits = limits or Limits.from_environment()
    smaller = sample_of(log, rows, seed)
    found = [information_gain(cross, smaller, prior_rows) for cross in field_pairs(smaller, limits)]
    return sorted(found, key=lambda gain: -gain.valid)


def default_cross(train: Interactions, valid: Interactions, rows: int = ROWS) -> Gain | None:
    """The cross to begin with: who or when with what is shown, both values and no numbers, whatever
    gains most on validation rows; None if that could be luck. Rows are counted, nothing is trained.

    Were the parts all there is to know, one cross would save b bits on new rows with a chance of at
    most 2^-b (Markov's inequality for the likelihood ratio), and one of m crosses with m 2^-b.
    """
    random = np.random.default_rng(0)
    some, others = (_some(part, rows, random) for part in (train, valid))
    limits = Limits.from_environment()
    log = log_codes(some, others, limits=limits)
    fields = log.encoder.schema.fields
    found = [
        information_gain(cross, log)
        for cross in field_pairs(log, limits)
        if sum(fields[part.field].side == "item" for part in cross.parts) == 1
        and all(fields[part.field].kind != "numeric" for part in cross.parts)
    ]
    best = max(found, key=lambda gain: gain.valid, default=None)
    if best is None:
        return None
    bits = best.valid * len(others) / 1000
    return best if bits >= math.log2(len(found) / (1 - LEVEL)) else None


def _some(part: Interactions, rows: int, random: np.random.Generator) -> Interactions:
    if len(part) <= rows:
        return part
    return part.take(np.sort(random.choice(len(part), rows, replace=False)))


def field_pairs(log: LogCodes, limits: Limits) -> Iterator[Cross]:
    """Crosses of two fields within the limits: for whom first, what is shown last. Two fields of
    the item are none where the item is a field too: its own weight knows what both say."""
    schema = log.encoder.schema
    ordered = sorted(schema.fields, key=lambda name: SIDES.index(schema.fields[name].side))
    of_items = set(schema.of_side("item")) if schema.item in schema.fields else set()
    for names in combinations(ordered, 2):
        if of_items.issuperset(names):
            continue
        cross = Cross(tuple(Part(name) for name in names))
        try:
            check_cross(cross, log.train.codes, log.encoder, limits)
            check_total(cross, log.train.codes, limits)
        except InputError:
            continue  # the builder says why when a person asks for this one
        yield cross


def information_gain(cross: Cross, log: LogCodes, prior_rows: float = PRIOR_ROWS) -> Gain:
    """Gain on each part of a cross of fields (conditions have no parts to compare with)."""
    if any(part.value is not None for part in cross.parts):
        raise ValueError(f"information gain needs a cross of whole fields, not {cross}")
    bases = bases_of(cross, log.encoder)
    keys = combination_keys(cross, log.train.codes, log.encoder)
    seen, rows = count_keys(keys, math.prod(bases))
    known = CrossDictionary(cross, bases, seen, rows)
    positives = known.count(keys[log.train.labels == 1])
    p = additive(known.codes, bases, rows, positives)
    q = (positives + prior_rows * p) / (rows + prior_rows)
    gains = np.stack([np.log2((1 - q) / (1 - p)), np.log2(q / p)])

    def saved(part: RowCodes) -> float:
        return _saved(gains, known, combination_keys(cross, part.codes, log.encoder), part.labels)

    return Gain(
        cross,
        train=saved(log.train),
        valid=saved(log.valid),
        test=saved(log.test),
        combinations=len(seen),
    )


def additive(codes: Counts, bases: Sequence[int], rows: Counts, positives: Counts) -> Floats:
    """Probability of every combination under a logistic model of its parts alone, [combinations].

    `codes` [combinations, parts]. Newton steps on the parts' weights in turn, each weight with the
    prior N(0, 1); the free weight w_0 starts and stays at the log-odds of the base rate.
    """
    total = max(int(rows.sum()), 1)
    rate = (positives.sum() + 0.5) / (total + 1)
    logits = np.full(len(rows), math.log(rate / (1 - rate)))
    weights = [np.zeros(base) for base in bases]
    for _ in range(ROUNDS):
        for part, weight in enumerate(weights):
            at = codes[:, part]
            p = expit(logits)
            slope = np.bincount(at, positives - rows * p, minlength=len(weight)) - weight
            curvature = np.bincount(at, rows * p * (1 - p), minlength=len(weight)) + 1
            step = np.clip(slope / curvature, -LONGEST_STEP, LONGEST_STEP)
            np.add(weight, step, out=weight)
            logits += step[at]
    return np.asarray(expit(logits))


def finest_item_field(schema: Schema, encoder: FieldEncoder) -> str | None:
    """The cross that is likeliest too fine: of every side the field with the most values; None if
    only one side has a field."""
    sizes = {name: encoder.cross_size(name) for name in schema.fields}
    by_size = sorted(sizes, key=lambda name: -sizes[name])
    of_side = ([n for n in by_size if schema.fields[n].side == side] for side in SIDES)
    named = [names[0] for names in of_side if names]
    return " x ".join(quoted(name) for name in named) if len(named) > 1 else None


def sample_of(log: LogCodes, rows: int, seed: int) -> LogCodes:
    """At most this many rows of each part, drawn without replacement."""
    random = np.random.default_rng(seed)
    train, test, valid = (_sample(part, rows, random) for part in (log.train, log.test, log.valid))
    return LogCodes(log.encoder, train, valid, test, log.item_names)


def _sample(rows: RowCodes, count: int, random: np.random.Generator) -> RowCodes:
    if len(rows) <= count:
        return rows
    return rows.take(np.sort(random.choice(len(rows), count, replace=False)))


def _saved(gains: Floats, known: CrossDictionary, keys: Keys, labels: Labels) -> float:
    """Bits saved per 1,000 rows by predicting q instead of p; `gains` [2, combinations] are those
    of a row with label 0 and 1."""
    if not len(labels):
        return math.nan
    of_id = np.pad(gains, ((0, 0), (1, 0)))  # id 0: not in the training rows, nothing gained
    bits = of_id[labels[:, None].astype(np.int64), known.ids(keys)]
    there = (keys != NO_KEY).sum(axis=1)
    return float(1000 * (bits.sum(axis=1) / np.maximum(there, 1)).mean())
