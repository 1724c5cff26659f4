"""Ready questions: the models that answer one, and the sentence that their results make."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from recsys_demo.config.model import ModelConfig
from recsys_demo.config.presets import PRESETS, default_crosses, with_crosses
from recsys_demo.config.run import RunConfig
from recsys_demo.data.schema import Schema
from recsys_demo.evaluation.intervals import seed_interval
from recsys_demo.evaluation.verdicts import NOT_FOUND, NOT_YET
from recsys_demo.studies.ablation import RETRAINED
from recsys_demo.studies.ablation import switches as to
from recsys_demo.studies.ablation.effects import Effect, compare, signed
from recsys_demo.studies.ablation.grid import BASE, Cell, separate_configs
from recsys_demo.studies.ablation.outcomes import Outcomes

L1_STEPS = (0.0, 1.0, 3.0, 10.0, 30.0)
USUAL_L1 = 3.0


@dataclass(frozen=True)
class Answer:
    """A sentence, and every comparison whose numbers it says."""

    sentence: str
    effects: tuple[Effect, ...]


@dataclass(frozen=True)
class Question:
    """`cells` are the models to train, from the data, split, crosses and training of a run;
    `answer` makes the sentence of what is finished, None while no seed is."""

    key: str
    label: str
    why: str
    cells: Callable[[RunConfig, Schema], tuple[Cell, ...]]
    answer: Callable[[Outcomes], Answer | None]


def answer_of(question: Question, outcomes: Outcomes, cells: Sequence[Cell]) -> Answer | None:
    """The answer from the seeds for which every model of the question is finished."""
    seeds = set.intersection(*[{o.seed for o in outcomes.of(c.key)} for c in cells])
    whole = [o for cell in cells for o in outcomes.of(cell.key) if o.seed in seeds]
    found = Outcomes(whole, outcomes.slice_labels, outcomes.row_difference)
    return question.answer(found) if seeds else None


def _preset(base: RunConfig, schema: Schema, key: str) -> RunConfig:
    """A preset on the data, with the crosses and the training of the base."""
    crosses = base.model.crosses or default_crosses(schema)
    return _with(base, with_crosses(PRESETS[key].model, crosses))


def _with(base: RunConfig, model: ModelConfig | None) -> RunConfig:
    assert model is not None  # presets have the part that is changed
    return base.model_copy(update={"model": model})


def _memory(outcomes: Outcomes) -> str:
    """The slice that must be remembered: planted exceptions, else pairs seen often."""
    return "exceptions" if "exceptions" in outcomes.slices() else "frequent"


def _slices(outcomes: Outcomes, new: str = "never") -> list[str]:
    there = outcomes.slices()
    return [key for key in (_memory(outcomes), "all", new) if key in there]


def _on_slices(outcomes: Outcomes, found: Sequence[Effect]) -> str:
    """`+0.1 ± 0.01 on planted exceptions, ... and ... on never seen`."""
    labels = outcomes.slice_labels
    unsaid = all(e.verdict == NOT_YET for e in found)
    sizes = [f"{e.difference.value:+.4f}" if unsaid else signed(e) for e in found]
    *most, last = (
        f"{size} on {labels.get(e.slice, e.slice)}" for size, e in zip(sizes, found, strict=True)
    )
    told = f"{', '.join(most)} and {last}" if most else last
    return f"{told} in these trained runs; of the models it {NOT_YET}" if unsaid else told


def _against(
    outcomes: Outcomes,
    cell: str,
    slices: Sequence[str],
    comparisons: int,
    other: str = BASE,
    metric: str = "auc",
) -> tuple[Effect, ...]:
    """`comparisons` is how many differences the whole sentence judges."""
    return tuple(
        compare(outcomes, cell, other, slice_, metric, comparisons=comparisons) for slice_ in slices
    )


def _how(outcomes: Outcomes, comparisons: int) -> str:
    seeds = len(outcomes.of(BASE))
    text = f"{RETRAINED}, test AUC, {'one seed' if seeds == 1 else f'{seeds} seeds'} each"
    return f"{text}, all {comparisons} differences at once" if comparisons > 1 else text


def _verdict(outcomes: Outcomes, found: Sequence[Effect], lost: str, unsaid: str, kept: str) -> str:
    """What a loss on any slice means: `lost` (which is told where), `unsaid` if there is none but
    not all can be told yet, else `kept`."""
    labels = outcomes.slice_labels
    where = [labels.get(e.slice, e.slice) for e in found if e.verdict == "worse"]
    if where:
        return f"{lost} {' and '.join(dict.fromkeys(where))}"
    return unsaid if any(e.verdict == NOT_YET for e in found) else kept


def _crosses_cells(base: RunConfig, schema: Schema) -> tuple[Cell, ...]:
    whole = _preset(base, schema, "wide_deep")
    less = _with(whole, to.without(whole.model, "crosses"))
    return (
        Cell(BASE, "Wide & Deep without crosses", (less,)),
        Cell("crosses", "Wide & Deep", (whole,)),
    )


def _crosses_answer(outcomes: Outcomes) -> Answer | None:
    slices = _slices(outcomes)
    found = _against(outcomes, "crosses", slices, len(slices))
    sentence = (
        f"Crosses are worth {_on_slices(outcomes, found)} (Wide & Deep with its crosses against "
        f"without; {_how(outcomes, len(found))})."
    )
    return Answer(sentence, found)


def _sharing_cells(base: RunConfig, schema: Schema) -> tuple[Cell, ...]:
    return (
        Cell(BASE, "FM & DNN: separate embeddings", (_preset(base, schema, "fm_dnn"),)),
        Cell("shared", "DeepFM: shared embeddings", (_preset(base, schema, "deepfm"),)),
    )


def _sharing_answer(outcomes: Outcomes) -> Answer | None:
    slices = _slices(outcomes)
    found = _against(outcomes, "shared", slices, len(slices))
    separate, shared = (outcomes.of(cell)[0].parameters for cell in (BASE, "shared"))
    sentence = (
        f"Sharing one table of embeddings between FM and deep saves {1 - shared / separate:.0%} of "
        f"the parameters ({shared:,} instead of {separate:,}) and changes "
        f"{_on_slices(outcomes, found)} (DeepFM against FM & DNN; {_how(outcomes, len(found))})."
    )
    return Answer(sentence, found)


def _depth_cells(base: RunConfig, schema: Schema) -> tuple[Cell, ...]:
    whole = _preset(base, schema, "deepfm")
    no_fm = _with(whole, to.without(whole.model, "fm"))
    deeper = _with(no_fm, to.with_layers(no_fm.model, 1))
    return (
        Cell(BASE, "DeepFM", (whole,)),
        Cell("no-fm", "without FM", (no_fm,)),
        Cell("deeper", "one layer more instead of FM", (deeper,)),
    )


def _depth_answer(outcomes: Outcomes) -> Answer | None:
    slices = _slices(outcomes)
    all_of = 2 * len(slices)
    no_fm, deeper = (_against(outcomes, cell, slices, all_of) for cell in ("no-fm", "deeper"))
    verdict = _verdict(
        outcomes,
        (*no_fm, *deeper),
        "Depth does not fully replace FM here: a model without FM is worse on",
        f"Whether depth replaces FM {NOT_YET}",
        f"No loss was found when depth replaces FM: the models {NOT_FOUND}, or were better",
    )
    sentence = (
        f"{verdict}. Against DeepFM, without FM: {_on_slices(outcomes, no_fm)}; with one layer "
        f"more instead of FM: {_on_slices(outcomes, deeper)} ({_how(outcomes, all_of)})."
    )
    return Answer(sentence, (*no_fm, *deeper))


def _joint_cells(base: RunConfig, schema: Schema) -> tuple[Cell, ...]:
    joint = _preset(base, schema, "wide_deep")
    apart = separate_configs(joint)
    return (
        Cell(BASE, "Wide and Deep trained apart, probabilities averaged", apart),
        Cell(
            "stacked", "Wide and Deep trained apart, weighted on validation rows", apart, "stacked"
        ),
        Cell("joint", "Wide & Deep, trained jointly", (joint,)),
    )


def _joint_answer(outcomes: Outcomes) -> Answer | None:
    slices, all_rows = _slices(outcomes), ("all",)
    all_of = len(slices) + 3
    mean = _against(outcomes, "joint", slices, all_of)
    mean_loss = _against(outcomes, "joint", all_rows, all_of, metric="logloss")
    weighted = _against(outcomes, "joint", all_rows, all_of, "stacked")
    weighted_loss = _against(outcomes, "joint", all_rows, all_of, "stacked", "logloss")
    joint, apart = (
        seed_interval([float(o.weights) for o in outcomes.of(cell)]).value
        for cell in ("joint", BASE)
    )
    sentence = (
        f"Joint training against the same two parts trained apart, their probabilities averaged: "
        f"{_on_slices(outcomes, mean)}; log loss {_on_slices(outcomes, mean_loss)}. Against their "
        f"logits weighted on validation rows: {_on_slices(outcomes, weighted)}; log loss "
        f"{_on_slices(outcomes, weighted_loss)}. The jointly trained wide part keeps {joint:,.0f} "
        f"weights, the one trained alone {apart:,.0f} (Wide & Deep; {_how(outcomes, all_of)})."
    )
    return Answer(sentence, (*mean, *mean_loss, *weighted, *weighted_loss))


def l1_key(l1: float) -> str:
    """The cell of one L1."""
    return f"l1-{l1:g}"


def _l1_cells(base: RunConfig, schema: Schema) -> tuple[Cell, ...]:
    wide = _preset(base, schema, "wide")
    cells = []
    for l1 in L1_STEPS:
        key = BASE if l1 == L1_STEPS[0] else l1_key(l1)
        config = _with(wide, to.with_l1(wide.model, l1) or wide.model)
        cells.append(Cell(key, f"L1 of {l1:g}", (config,)))
    return tuple(cells)


def _l1_answer(outcomes: Outcomes) -> Answer | None:
    usual, most = l1_key(USUAL_L1), l1_key(L1_STEPS[-1])
    slices = _slices(outcomes, "rare")
    all_of = 2 * len(slices)
    little, much = (_against(outcomes, cell, slices, all_of) for cell in (usual, most))
    verdict = _verdict(
        outcomes,
        much,
        "Strong L1 hurts: it is worse on",
        f"Whether L1 forgets what matters {NOT_YET}",
        f"No loss was found even with strong L1: the models {NOT_FOUND}, or were better",
    )
    sentence = (
        f"{verdict}. L1 of {USUAL_L1:g} keeps {_kept(outcomes, usual)} of the weights that are not "
        f"zero without L1: {_on_slices(outcomes, little)}. L1 of {L1_STEPS[-1]:g} keeps "
        f"{_kept(outcomes, most)}: {_on_slices(outcomes, much)} (Wide against Wide with "
        f"L1 of 0; {_how(outcomes, all_of)})."
    )
    return Answer(sentence, (*little, *much))


def _kept(outcomes: Outcomes, cell: str) -> str:
    pairs = outcomes.pairs(cell, BASE)
    shares = [100 * one.weights / max(1, two.weights) for one, two in pairs]
    return f"{seed_interval(shares).value:.1f} %"


_ALL = (
    Question(
        "crosses",
        "What are crosses worth?",
        "Crosses remember pairs. Do they help only on pairs they have seen?",
        _crosses_cells,
        _crosses_answer,
    ),
    Question(
        "sharing",
        "What does sharing embeddings change?",
        "DeepFM's FM and network read the same embeddings; FM & DNN has a table for each.",
        _sharing_cells,
        _sharing_answer,
    ),
    Question(
        "depth",
        "Does depth replace FM?",
        "A network can learn products of embeddings by itself, in principle.",
        _depth_cells,
        _depth_answer,
    ),
    Question(
        "joint",
        "Is joint training better than an ensemble?",
        "The Wide & Deep paper says that joint training is not an ensemble: each part knows of "
        "the other while it learns.",
        _joint_cells,
        _joint_answer,
    ),
    Question(
        "l1",
        "Does L1 forget what matters?",
        "FTRL's L1 sets weights of rare combinations to exactly zero: smaller, but forgetful.",
        _l1_cells,
        _l1_answer,
    ),
)

QUESTIONS: Mapping[str, Question] = MappingProxyType({q.key: q for q in _ALL})
