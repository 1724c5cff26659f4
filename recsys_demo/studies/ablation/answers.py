"""What a ready question is, and the words that its answers share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from recsys_demo.config.fit import Fit, fitted
from recsys_demo.config.model import ModelConfig
from recsys_demo.config.presets import PRESETS, default_crosses, with_crosses
from recsys_demo.config.run import RunConfig
from recsys_demo.data.schema import Schema
from recsys_demo.evaluation.number_text import signed_number
from recsys_demo.evaluation.verdicts import NOT_YET
from recsys_demo.studies.ablation import RETRAINED
from recsys_demo.studies.ablation.effects import Effect, compare, signed
from recsys_demo.studies.ablation.grid import BASE, Cell
from recsys_demo.studies.ablation.outcomes import Outcomes


@dataclass(frozen=True)
class Answer:
    """A sentence, and every comparison whose numbers it says."""

    sentence: str
    effects: tuple[Effect, ...]


@dataclass(frozen=True)
class Question:
    """`cells` are the models to train, from the data, split, crosses and training of a run, presets
    changed to fit the log; `asked` is the key of the one whose first difference from the base is to
    be guessed; `answer` makes the sentence of what is finished, None while no seed is."""

    key: str
    label: str
    why: str
    cells: Callable[[RunConfig, Schema, Fit | None], tuple[Cell, ...]]
    asked: str
    answer: Callable[[Outcomes], Answer | None]


def answer_of(question: Question, outcomes: Outcomes, cells: Sequence[Cell]) -> Answer | None:
    """The answer from the seeds for which every model of the question is finished."""
    seeds = set.intersection(*[{o.seed for o in outcomes.of(c.key)} for c in cells])
    whole = [o for cell in cells for o in outcomes.of(cell.key) if o.seed in seeds]
    found = Outcomes(whole, outcomes.slice_labels, outcomes.row_difference)
    return question.answer(found) if seeds else None


def preset_run(base: RunConfig, schema: Schema, key: str, fit: Fit | None) -> RunConfig:
    """A preset as it fits the data, with the crosses and the training of the base."""
    crosses = base.model.crosses or default_crosses(schema)
    return with_model(base, with_crosses(fitted(PRESETS[key].model, fit), crosses))


def with_model(base: RunConfig, model: ModelConfig | None) -> RunConfig:
    """The run with a model that presets can be changed to."""
    assert model is not None  # presets have the part that is changed
    return base.model_copy(update={"model": model})


def memory_slice(outcomes: Outcomes) -> str:
    """The slice that must be remembered: planted exceptions, else pairs seen often."""
    return "exceptions" if "exceptions" in outcomes.slices() else "frequent"


def told_slices(outcomes: Outcomes, new: str = "never") -> list[str]:
    """What must be remembered, all rows, and what is new, as far as the log has them."""
    there = outcomes.slices()
    return [key for key in (memory_slice(outcomes), "all", new) if key in there]


def on_slices(outcomes: Outcomes, found: Sequence[Effect]) -> str:
    """`+0.1 ± 0.01 on planted exceptions, ... and ... on never seen`."""
    labels = outcomes.slice_labels
    unsaid = all(e.verdict == NOT_YET for e in found)
    sizes = [signed_number(e.difference.value, 4) if unsaid else signed(e) for e in found]
    *most, last = (
        f"{size} on {labels.get(e.slice, e.slice)}" for size, e in zip(sizes, found, strict=True)
    )
    told = f"{', '.join(most)} and {last}" if most else last
    return f"{told} in these trained runs; of the models it {NOT_YET}" if unsaid else told


def against(
    outcomes: Outcomes,
    cell: str,
    slices: Sequence[str],
    comparisons: int,
    other: str = BASE,
    metric: str = "auc",
) -> tuple[Effect, ...]:
    """A cell against another on each slice; `comparisons` is how many differences the whole
    sentence judges."""
    return tuple(
        compare(outcomes, cell, other, slice_, metric, comparisons=comparisons) for slice_ in slices
    )


def how(outcomes: Outcomes, comparisons: int) -> str:
    """How the numbers of a sentence came about."""
    seeds = len(outcomes.of(BASE))
    text = f"{RETRAINED}, test AUC, {'one seed' if seeds == 1 else f'{seeds} seeds'} each"
    return f"{text}, all {comparisons} differences at once" if comparisons > 1 else text


def verdict_of(
    outcomes: Outcomes, found: Sequence[Effect], lost: str, unsaid: str, kept: str
) -> str:
    """What a loss on any slice means: `lost` (which is told where), `unsaid` if there is none but
    not all can be told yet, else `kept`."""
    labels = outcomes.slice_labels
    where = [labels.get(e.slice, e.slice) for e in found if e.verdict == "worse"]
    if where:
        return f"{lost} {' and '.join(dict.fromkeys(where))}"
    return unsaid if any(e.verdict == NOT_YET for e in found) else kept
