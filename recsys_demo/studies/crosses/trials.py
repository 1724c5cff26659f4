"""What a cross adds to the models: each trained without it and with it, on the same seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recsys_demo.config.presets import PRESETS, with_crosses
from recsys_demo.config.run import RunConfig
from recsys_demo.evaluation.metrics import Labels
from recsys_demo.evaluation.slices import Slice
from recsys_demo.evaluation.verdicts import Verdict, level_of_each, with_error
from recsys_demo.studies.ablation.switches import without
from recsys_demo.studies.comparison.measures import compare
from recsys_demo.studies.comparison.models import Contender

METRIC = "auc"
FALLBACK = "wide"


@dataclass(frozen=True)
class Trial:
    """One model without the cross and with it, a run of each per seed."""

    without: tuple[RunConfig, ...]
    with_it: tuple[RunConfig, ...]

    @property
    def model(self) -> str:
        """The model's name."""
        return self.with_it[0].model.name


def trials(
    configs: Sequence[RunConfig], others: Sequence[str], cross: str, seeds: Sequence[int]
) -> tuple[Trial, ...]:
    """A trial of every model that reads crosses, with the first seed of `configs` or not; of Wide
    where none does. `others` are the crosses that both sides have."""
    readers = {config.model.name: config for config in configs if config.model.has("crosses")}
    if not readers:
        wide = configs[0].model_copy(update={"model": PRESETS[FALLBACK].model})
        readers = {FALLBACK: wide}
    return tuple(_trial(config, others, cross, seeds) for config in readers.values())


def _trial(config: RunConfig, others: Sequence[str], cross: str, seeds: Sequence[int]) -> Trial:
    with_it = with_crosses(config.model, (*others, cross))
    left = with_crosses(config.model, tuple(others))
    # Without any cross the part that reads them goes too, unless the model is nothing else.
    bare = left if others else without(left, "crosses") or left
    return Trial(
        *(
            tuple(config.model_copy(update={"model": model, "seed": seed}) for seed in seeds)
            for model in (bare, with_it)
        )
    )


@dataclass(frozen=True)
class Answer:
    """What the cross did to a model on one slice."""

    where: str
    said: Verdict
    seeds: int

    @property
    def text(self) -> str:
        """The finding with its size: `better, +0.164 ± 0.012`."""
        if self.said.half_width is None:
            return self.said.finding
        sign = "+" if self.said.gain >= 0 else "\u2212"
        return f"{self.said.finding}, {sign}{with_error(abs(self.said.gain), self.said.half_width)}"


def answers(
    without_it: Contender, with_it: Contender, labels: Labels, where: Sequence[tuple[Slice, str]]
) -> tuple[Answer, ...]:
    """What can be said of the model with the cross against the model without, on each slice; all
    slices are judged at once."""
    level = level_of_each(len(where))
    return tuple(
        Answer(
            name,
            compare(with_it, without_it, labels, slice_, METRIC, name, level),
            min(len(with_it.seeds), len(without_it.seeds)),
        )
        for slice_, name in where
    )


def sentence(model: str, found: Sequence[Answer]) -> str:
    """`Wide with the cross: better on planted exceptions, could not be told apart on all rows.`"""
    grouped: dict[str, list[str]] = {}
    for answer in found:
        grouped.setdefault(answer.said.finding, []).append(answer.where)
    told = [f"{finding} on {_listed(where)}" for finding, where in grouped.items()]
    return f"{model} with the cross: {'; '.join(told)}."


def _listed(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
