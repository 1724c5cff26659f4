"""Which models to train to learn what the switches are worth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heapreplace
from itertools import combinations, product
from typing import Literal

from recsys_demo.config.component_kinds import KINDS
from recsys_demo.config.components import Kind
from recsys_demo.config.model import ModelConfig
from recsys_demo.config.presets import default_crosses
from recsys_demo.config.run import RunConfig
from recsys_demo.data.schema import Schema
from recsys_demo.studies.ablation import switches as to
from recsys_demo.studies.ablation.axes import Axis, Option
from recsys_demo.studies.ablation.ensembles import Combine
from recsys_demo.sweep.records import record_key

BASE = "base"
AS_IT_IS = "as it is"
EMPTY = "none"
Design = Literal["one", "all"]


@dataclass(frozen=True)
class Cell:
    """One model of a grid. It is trained as one run, or as several that predict together by
    `combine`; with no runs at all it is the bias alone."""

    key: str
    label: str
    runs: tuple[RunConfig, ...]
    combine: Combine = "mean"

    def at(self, seed: int) -> tuple[RunConfig, ...]:
        """Its runs with this seed."""
        return tuple(run.model_copy(update={"seed": seed}) for run in self.runs)


@dataclass(frozen=True)
class Grid:
    """Models and seeds."""

    cells: tuple[Cell, ...]
    seeds: tuple[int, ...]

    def configs(self) -> list[RunConfig]:
        """Every run once. A seed is finished for all models before the next seed begins, so that
        a grid half done already compares all of them."""
        runs: dict[str, RunConfig] = {}
        for seed in self.seeds:
            for cell in self.cells:
                for run in cell.at(seed):
                    runs.setdefault(record_key(run), run)
        return list(runs.values())


def grid_cells(base: RunConfig, chosen: Sequence[Axis], design: Design) -> tuple[Cell, ...]:
    """The model as it is, then every option alone (`one`) or in all combinations (`all`).

    Combinations that mean nothing (half the width of no network) are left out.
    """
    cells = [Cell(BASE, AS_IT_IS, (base,))]
    flipped = (variant(base, options) for options in _picks(chosen, design))
    return (*cells, *(cell for cell in flipped if cell is not None))


def variant(base: RunConfig, options: Sequence[Option]) -> Cell | None:
    """The model with these switches flipped; as it is with none, None if they mean nothing
    together."""
    if not options:
        return Cell(BASE, AS_IT_IS, (base,))
    runs = _applied(base, options)
    key = " + ".join(option.key for option in options)
    label = ", ".join(option.label for option in options)
    return Cell(key, label, runs) if runs else None


def _picks(chosen: Sequence[Axis], design: Design) -> Iterator[tuple[Option, ...]]:
    if design == "one":
        for axis in chosen:
            for option in axis.options:
                yield (option,)
        return
    for picked in product(*[(None, *axis.options) for axis in chosen]):
        options = tuple(option for option in picked if option is not None)
        if options:
            yield options


def _applied(base: RunConfig, options: Iterable[Option]) -> tuple[RunConfig, ...]:
    """The runs after all these changes; none if one of them means nothing."""
    config, apart = base, False
    for option in options:
        changed = option.change(config)
        if changed is None or (changed == config and not option.apart):
            return ()
        config, apart = changed, apart or option.apart
    return separate_configs(config) if apart else (config,)


def separate_configs(config: RunConfig) -> tuple[RunConfig, ...]:
    """The deep part and the rest as two runs; none if the model does not have both."""
    return tuple(config.model_copy(update={"model": m}) for m in to.separate_models(config.model))


def whole_model(base: RunConfig, schema: Schema) -> RunConfig:
    """The model with every component; those it lacks come with their usual settings, and with
    the cross a person would try first."""
    model = base.model
    for kind in KINDS:
        model = to.with_component(model, kind) or model
    if not model.crosses:
        model = to.set_in(model, ("crosses",), crosses=default_crosses(schema)) or model
    if not model.crosses:
        model = to.without(model, "crosses") or model
    return base.model_copy(update={"model": model})


def subset_cells(base: RunConfig) -> tuple[Cell, ...]:
    """A model for every subset of the base's components, the empty one included: 2^n."""
    kinds = [kind for kind in KINDS if base.model.has(kind)]
    subsets = [pick for size in range(len(kinds) + 1) for pick in combinations(kinds, size)]
    return tuple(_subset(base, subset) for subset in subsets)


def _subset(base: RunConfig, kinds: tuple[Kind, ...]) -> Cell:
    model = to.only(base.model, kinds)
    label = " + ".join(KINDS[kind].long for kind in kinds) or "bias only"
    runs = () if model is None else (base.model_copy(update={"model": model}),)
    return Cell(subset_key(kinds), label, runs)


def subset_key(kinds: Iterable[str]) -> str:
    """The key of the cell with these components."""
    return "+".join(sorted(kinds)) or EMPTY


@dataclass(frozen=True)
class Timed:
    """A run that is done: its model, and the wall time of the whole run."""

    model: ModelConfig
    seconds: float


@dataclass(frozen=True)
class Estimate:
    """What a grid will take. `measured` says whether the seconds come from runs on these data."""

    runs: int
    missing: int
    seconds: float
    measured: bool


READING = 3.0  # microseconds per training row that a run takes beside its components


def estimate(
    runs: int, missing: Sequence[ModelConfig], done: Sequence[Timed], slots: int, rows: int
) -> Estimate:
    """How long the `missing` models take on `slots` workers, in this order, by those already
    `done` on the same data."""
    free = [0.0] * max(1, slots)
    for model in missing:
        heapreplace(free, free[0] + _expected(model, done, rows))
    return Estimate(runs, len(missing), max(free), bool(done))


def _expected(model: ModelConfig, done: Sequence[Timed], rows: int) -> float:
    """Seconds of a run: those of runs of the same kinds of components, else of what is done in the
    proportion of costs."""
    like = [one for one in done if one.model.kinds == model.kinds] or done
    if not like:
        return _cost(model) * rows / 1e6
    return _cost(model) * sum(one.seconds for one in like) / sum(_cost(one.model) for one in like)


def _cost(model: ModelConfig) -> float:
    return READING + sum(KINDS[kind].cost for kind in model.kinds)
