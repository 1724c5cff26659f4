"""What a search for better settings came to: each model as it was and tuned, over seeds, and the
test rows looked at once, at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recsys_demo.config.run import RunConfig
from recsys_demo.evaluation.intervals import Interval, seed_interval
from recsys_demo.evaluation.verdicts import NOT_FOUND, NOT_YET
from recsys_demo.studies.ablation.effects import Effect, compare, with_spread
from recsys_demo.studies.ablation.grid import Cell, Grid
from recsys_demo.studies.ablation.outcomes import Outcomes

TUNED = " tuned"


@dataclass(frozen=True)
class Row:
    """A model with one configuration: AUC over seeds, the test rows' with its interval."""

    key: str
    config: RunConfig
    valid: Interval
    test: Interval


@dataclass(frozen=True)
class Tuning:
    """The rows by model, the key of the chosen one, and what tuning it was worth on the test rows
    (None where the chosen one is a model as it was)."""

    rows: tuple[Row, ...]
    chosen: Row
    effect: Effect | None

    @property
    def sentence(self) -> str:
        """What it was worth, in words."""
        name = self.chosen.key.removesuffix(TUNED)
        if self.effect is None:
            return (
                f"Tuning gained nothing: no settings that it found are better on the validation "
                f"rows than {name} as it is."
            )
        size = with_spread(self.effect.difference, sign="+")
        told = f"{size} AUC on the test rows against {name} as it is"
        if self.effect.verdict in (NOT_FOUND, NOT_YET):
            return f"Tuning gained less than noise: {told}. {name} as it is does as well."
        return f"Tuning changed {name} by more than noise: {told}."


def final_grid(
    models: Mapping[str, RunConfig], found: Mapping[str, RunConfig], seeds: Sequence[int]
) -> Grid:
    """Each model as it was, and with the best settings found where they are others."""
    cells: list[Cell] = []
    for name, base in models.items():
        cells.append(Cell(name, name, (base,)))
        if found[name] != base:
            cells.append(Cell(name + TUNED, name + TUNED, (found[name],)))
    return Grid(tuple(cells), tuple(seeds))


def tuning_of(grid: Grid, outcomes: Outcomes) -> Tuning | None:
    """What the runs of the grid say; None where none has finished. The model is chosen by the mean
    AUC of the validation rows."""
    rows = [_row(cell, outcomes) for cell in grid.cells if outcomes.of(cell.key)]
    if not rows:
        return None
    chosen = max(rows, key=lambda row: row.valid.value)
    base = chosen.key.removesuffix(TUNED)
    there = base != chosen.key and bool(outcomes.of(base))
    effect = compare(outcomes, chosen.key, base, "all") if there else None
    return Tuning(tuple(rows), chosen, effect)


def _row(cell: Cell, outcomes: Outcomes) -> Row:
    own = outcomes.of(cell.key)
    valid = [outcome.value("all", part="valid") for outcome in own]
    return Row(
        cell.key, cell.runs[0], seed_interval(valid), seed_interval([o.value("all") for o in own])
    )
