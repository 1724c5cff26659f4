"""A lesson run once without a class: what each step needs is trained, and its reveal computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from recsys_demo.config.model import ModelConfig, TrainingConfig
from recsys_demo.config.presets import PRESETS, default_crosses, with_crosses
from recsys_demo.config.run import RunConfig
from recsys_demo.data.sources import Dataset, load
from recsys_demo.data.specs import SampleSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.evaluation.slices import Slice, default_slices
from recsys_demo.features.fields import fit_fields
from recsys_demo.lessons.format import Lesson, Step
from recsys_demo.lessons.reveal_kinds import OvercrossReveal, SpreadReveal
from recsys_demo.lessons.reveals.outcomes import Material, Outcome
from recsys_demo.lessons.reveals.registry import models_of, outcome_of
from recsys_demo.studies.comparison.models import contenders
from recsys_demo.studies.crosses.suggestions import finest_item_field
from recsys_demo.training.saved_run import SavedRun
from recsys_demo.values import digest, validated

SPREAD_SEEDS = 5  # of a step about the luck of seeds
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Rehearsal:
    """Where runs are kept, what they are trained on and for how long, who is told of it, and the
    seed of the first training of each model."""

    folder: Path
    data: SampleSpec
    training: TrainingConfig
    tell: Tell
    seed: int = 0

    def outcomes(self, lesson: Lesson) -> dict[str, Outcome]:
        """What comes out at each step that reveals, by the step's key."""
        return {
            step.key: self._outcome(lesson, step)
            for step in lesson.steps
            if step.reveal is not None
        }

    def _outcome(self, lesson: Lesson, step: Step) -> Outcome:
        assert step.reveal is not None  # only such steps are asked about
        data, slices = _log(self._source(step))
        models = {name: model_named(lesson, name) for name in models_of(lesson, step)}
        runs = [
            self._run(self._config(lesson, step, model, seed, data))
            for seed in range(self.seed, self.seed + _seeds(step))
            for model in models.values()
        ]
        material = Material(
            data,
            slices,
            {one.model: one for one in contenders(runs, data.test)},
            _points(data) if isinstance(step.reveal, OvercrossReveal) else (),
        )
        return outcome_of(step.reveal, None, material)

    def _source(self, step: Step) -> SampleSpec:
        if step.setup is None or step.setup.exceptions is None:
            return self.data
        world = self.data.world.model_copy(update={"exceptions": step.setup.exceptions})
        return self.data.model_copy(update={"world": world})

    def _config(
        self, lesson: Lesson, step: Step, model: ModelConfig, seed: int, data: Dataset
    ) -> RunConfig:
        crosses = default_crosses(data.schema)
        if step.setup is not None and step.setup.crosses is not None:
            crosses = step.setup.crosses
        return RunConfig(
            data=self._source(step),
            split=SplitConfig(kind="column"),
            model=with_crosses(model, crosses),
            training=self.training,
            seed=seed,
        )

    def _run(self, config: RunConfig) -> SavedRun:
        """Train it, or take the run of the step before that needed the same."""
        from recsys_demo.training.experiment import train_run
        from recsys_demo.training.runs import save_run

        key = digest(config)
        folder = self.folder / key
        if not folder.exists():
            self.tell(f"training {config.model.name}, seed {config.seed}")
            training = train_run(config)
            while True:
                try:
                    next(training)
                except StopIteration as end:
                    save_run(end.value, folder)
                    break
        return SavedRun.of(key, folder)


@lru_cache(2)
def _log(source: SampleSpec) -> tuple[Dataset, tuple[Slice, ...]]:
    """A world's log, and the slices of its test rows."""
    data = load(source, SplitConfig(kind="column"))
    return data, default_slices(data.train, data.test)


def model_named(lesson: Lesson, name: str) -> ModelConfig:
    """A preset, or a model that a step of the lesson sets up. Raises InputError."""
    if name in PRESETS:
        return PRESETS[name].model
    every: Sequence[Any] = [
        model for step in lesson.steps if step.setup for model in step.setup.models or ()
    ]
    own: Mapping[str, Any] = {
        str(model["name"]): model for model in every if isinstance(model, Mapping)
    }
    return validated(ModelConfig, own.get(name, {"name": name}), f"model {name}")


def _seeds(step: Step) -> int:
    if isinstance(step.reveal, SpreadReveal):
        return SPREAD_SEEDS
    return step.done.seeds if step.done is not None else 1


def _points(data: Dataset) -> list[dict[str, Any]]:
    """What the overcross demonstration tells of these data."""
    from recsys_demo.training.overcross import overcross

    cross = finest_item_field(data.schema, fit_fields(data.train))
    return [] if cross is None else [asdict(p) for p in overcross(cross, data.train, data.test)]
