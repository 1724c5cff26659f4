"""Training, validation and test parts of a log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from recsys_demo.data.interactions import Interactions
from recsys_demo.data.pairs import reference_pairs
from recsys_demo.errors import InputError, Problem, excerpt
from recsys_demo.values import Frozen

SplitKind = Literal["random", "time", "heldout_pairs", "column"]
Positions = npt.NDArray[np.int64]
Parts = tuple[Positions, Positions, Positions]


class SplitConfig(Frozen):
    """How a log is cut.

    random: rows are shuffled, those of each label apart where a part would lack one. time: the
    oldest rows train, the newest test. heldout_pairs: as random, but a share of the reference pairs
    never occurs in training or validation. column: a column of the log says train, valid, test or
    withheld.
    """

    kind: SplitKind = "random"
    valid: float = Field(0.1, ge=0.01, le=0.5, description="share of the rows for validation")
    test: float = Field(0.2, ge=0.01, le=0.8, description="share of the rows for the test")
    held_out: float = Field(
        0.1, ge=0.0, le=0.9, description="share of the reference pairs kept out of training"
    )
    seed: int = Field(0, ge=0, lt=2**32, description="decides the shuffle and the held-out pairs")

    @model_validator(mode="after")
    def _training_part_is_left(self) -> Self:
        if self.valid + self.test > 0.95:
            raise ValueError("valid and test leave less than 5 % of the rows for training")
        return self


FEWEST_ROWS = 30
STRATIFIED = (
    "A plain random split left a part without rows of both labels, so the rows of each label are "
    "split apart from each other."
)


@dataclass(frozen=True, eq=False)
class Split:
    """The parts of a log; `withheld` counts the rows that are in none of them, `notes` say what was
    done otherwise than usual."""

    train: Interactions
    valid: Interactions
    test: Interactions
    withheld: int = 0
    notes: tuple[str, ...] = ()


def split(interactions: Interactions, config: SplitConfig) -> Split:
    """Cut a log into its parts. Raises InputError where a part would be of no use."""
    train, valid, test = _cut(interactions, config)
    notes: tuple[str, ...] = ()
    if config.kind == "random" and _lacks_labels(interactions, (train, valid, test)):
        train, valid, test = _stratified(interactions, config)
        notes = (STRATIFIED,)
    check_parts(
        interactions.labels[train], interactions.labels[valid], interactions.labels[test], config
    )
    used = len(train) + len(valid) + len(test)
    return Split(
        interactions.take(train),
        interactions.take(valid),
        interactions.take(test),
        withheld=len(interactions) - used,
        notes=notes,
    )


def check_parts(
    train: npt.NDArray[np.uint8],
    valid: npt.NDArray[np.uint8],
    test: npt.NDArray[np.uint8],
    config: SplitConfig | None = None,
) -> None:
    """Every part needs rows of both labels, or nothing can be learned or measured on it."""
    how = "the files" if config is None else f"split {excerpt(config.kind)}"
    if (rows := len(train) + len(valid) + len(test)) < FEWEST_ROWS:
        raise InputError(_too_small(how, rows))
    problems = []
    for name, labels in (("train", train), ("valid", valid), ("test", test)):
        positives = int(labels.sum())
        if 0 < positives < len(labels):
            continue
        only = f"{len(labels):,} rows, all with label {int(labels[0])}" if len(labels) else "no row"
        problems.append(
            Problem(
                what=f"the {name} part cannot be used",
                where=how,
                got=only,
                expected="rows with label 0 and rows with label 1 in every part",
                remedy="Bring more rows, change the shares, or choose another kind of split.",
            )
        )
    if problems:
        raise InputError(problems)


def _too_small(how: str, rows: int) -> Problem:
    return Problem(
        what="the log is too small to learn from",
        where=how,
        got=f"{rows} rows for training, validation and test",
        expected=f"at least {FEWEST_ROWS} rows, better some thousands",
        remedy="Bring more rows.",
    )


def _cut(interactions: Interactions, config: SplitConfig) -> Parts:
    match config.kind:
        case "random":
            return _random(interactions, config)
        case "time":
            return _time(interactions, config)
        case "heldout_pairs":
            return _heldout(interactions, config)
        case "column":
            return _column(interactions)


def _sizes(rows: int, config: SplitConfig) -> tuple[int, int]:
    """Rows before validation begins and before the test begins."""
    test = round(rows * config.test)
    valid = round(rows * config.valid)
    return rows - test - valid, rows - test


def _random(interactions: Interactions, config: SplitConfig) -> Parts:
    order = np.random.default_rng(config.seed).permutation(len(interactions))
    first, second = _sizes(len(order), config)
    return order[:first], order[first:second], order[second:]


def _lacks_labels(interactions: Interactions, parts: Parts) -> bool:
    """Whether a part has rows of one label only, though each could have some of both."""
    labels = interactions.labels
    rarest = min(int(labels.sum()), len(labels) - int(labels.sum()))
    return rarest >= len(parts) and any(len(np.unique(labels[part])) < 2 for part in parts)


def _stratified(interactions: Interactions, config: SplitConfig) -> Parts:
    """As the random split, the rows of each label apart, and at least one of each in every part."""
    rng = np.random.default_rng(config.seed)
    cut: list[list[Positions]] = [[], [], []]
    for label in (0, 1):
        rows = rng.permutation(np.flatnonzero(interactions.labels == label))
        first, second = _sizes(len(rows), config)
        second = min(second, len(rows) - 1)
        first = max(1, min(first, second - 1))
        for part, chosen in zip(cut, np.split(rows, [first, second]), strict=True):
            part.append(chosen)
    train, valid, test = (rng.permutation(np.concatenate(part)) for part in cut)
    return train, valid, test


def _time(interactions: Interactions, config: SplitConfig) -> Parts:
    """Oldest rows first; rows of the same moment stay together, so parts may be a bit off size."""
    name = interactions.schema.time
    if name is None:
        raise InputError(_no_column("time", "the moment of each row"))
    order = np.argsort(interactions.frame[name].to_numpy(), kind="stable").astype(np.int64)
    times = interactions.frame[name].to_numpy()[order]
    borders = np.flatnonzero(np.diff(times)) + 1
    if len(borders) < 2:
        raise InputError.of(
            what="there are too few moments to split by time",
            where=f"column {excerpt(name)}",
            got=f"{len(borders) + 1} different moments",
            expected="at least 3",
            remedy="Choose a random split.",
        )
    first, second = _sizes(len(order), config)
    at = int(np.abs(borders[:-1] - first).argmin())
    later = borders[at + 1 :]
    cut, end = int(borders[at]), int(later[np.abs(later - second).argmin()])
    return order[:cut], order[cut:end], order[end:]


def _heldout(interactions: Interactions, config: SplitConfig) -> Parts:
    """A random split that leaves out the training and validation rows with a held-out pair.

    A row with a multi-valued field has several pairs; one held-out pair is enough to withhold it.
    """
    train, valid, test = _random(interactions, config)
    rows, pairs = reference_pairs(interactions)
    known, codes = np.unique(pairs, return_inverse=True)
    # A generator of its own, so that the parts are those of the random split with this seed.
    rng = np.random.default_rng((config.seed, 1))
    held = np.zeros(len(known), dtype=bool)
    held[rng.permutation(len(known))[: round(len(known) * config.held_out)]] = True
    touched = np.zeros(len(interactions), dtype=bool)
    touched[rows[held[codes]]] = True
    return train[~touched[train]], valid[~touched[valid]], test


def _column(interactions: Interactions) -> Parts:
    name = interactions.schema.split
    if name is None:
        raise InputError(_no_column("split", "train, valid, test or withheld in each row"))
    parts = interactions.frame[name].astype("str").to_numpy()
    train, valid, test = (np.flatnonzero(parts == part) for part in ("train", "valid", "test"))
    return train, valid, test


def _no_column(role: str, content: str) -> Problem:
    return Problem(
        what=f"the log has no {role} column to split by",
        where="split",
        got=f"a schema without {role}",
        expected=f"a column that holds {content}",
        remedy=f"Name it as {role} in the schema, or choose a random split.",
    )
