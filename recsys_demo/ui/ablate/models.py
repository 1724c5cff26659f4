"""The model of the state that is taken apart."""

from __future__ import annotations

from collections.abc import Mapping

from recsys_demo.charts.theme import label
from recsys_demo.config.fit import Fit, fitted
from recsys_demo.config.model import ModelConfig
from recsys_demo.config.presets import PRESETS, default_crosses, with_crosses
from recsys_demo.config.run import RunConfig
from recsys_demo.data.schema import Schema
from recsys_demo.studies.ablation.axes import Axis, axes
from recsys_demo.studies.ablation.grid import Cell, Grid
from recsys_demo.ui import datasets
from recsys_demo.ui.ablate.choices import AblateChoices
from recsys_demo.ui.state import State

PROPOSED = "wide_deep"


def bases(state: State) -> Mapping[str, RunConfig]:
    """The state's models by name, with its first seed. Raises InputError."""
    schema = datasets.schema_of(state)
    one = state.model_copy(update={"seeds": 1})
    found: dict[str, RunConfig] = {}
    for config in one.run_configs(default_crosses(schema), schema.split is not None):
        found.setdefault(config.model.name, config)
    if not found:  # a link may choose no model
        return bases(state.model_copy(update={"models": (PROPOSED,)}))
    return found


def base_of(state: State, choices: AblateChoices) -> RunConfig:
    """The chosen model, else Wide & Deep, else the first."""
    there = bases(state)
    for name in (choices.model, PROPOSED):
        if name in there:
            return there[name]
    return next(iter(there.values()))


def seeds_of(state: State, choices: AblateChoices) -> tuple[int, ...]:
    """The seeds of every model, from the state's on."""
    return tuple(range(state.seed, state.seed + choices.seeds))


def switches(base: RunConfig, schema: Schema) -> dict[str, Axis]:
    """The switches of the model by key."""
    return {axis.key: axis for axis in axes(base, schema)}


def with_grid_shown(state: State, cells: tuple[Cell, ...], seeds: int) -> State:
    """The state in which the other rooms show these models: presets by their names, other models
    by what they are."""
    models: list[str | ModelConfig] = []
    for cell in cells:
        for run in cell.runs:
            name = cell.label if len(cell.runs) == 1 else f"{cell.label}: {parts(run.model)}"
            own = run.model.model_copy(update={"name": name[:60]})
            model = preset_of(run.model, state.fit) or own
            if model not in models:
                models.append(model)
    return State.model_validate({**dict(state), "models": tuple(models), "seeds": seeds})


def preset_of(model: ModelConfig, fit: Fit | None) -> str | None:
    """The preset, as it fits the log, that this model is, whatever its name and its crosses."""
    for key, preset in PRESETS.items():
        usual = fitted(preset.model, fit)
        if with_crosses(usual, model.crosses).components == model.components and (
            usual.embedding == model.embedding or not model.vector_readers
        ):
            return key
    return None


def parts(model: ModelConfig) -> str:
    """The components of a model in words."""
    return " + ".join(model.kinds)


def name_of(config: RunConfig) -> str:
    """The model's name as people know it."""
    return label(config.model.name)


def grid_of(cells: tuple[Cell, ...], state: State, choices: AblateChoices) -> Grid:
    """These models over the chosen seeds."""
    return Grid(cells, seeds_of(state, choices))
