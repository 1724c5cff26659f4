"""Ready questions: the models that answer one, and the sentence that their results make."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from recsys_demo.config.fit import Fit
from recsys_demo.config.run import RunConfig
from recsys_demo.data.schema import Schema
from recsys_demo.evaluation.intervals import seed_interval
from recsys_demo.evaluation.verdicts import NOT_FOUND, NOT_YET
from recsys_demo.studies.ablation import successors
from recsys_demo.studies.ablation import switches as to
from recsys_demo.studies.ablation.answers import (
    Answer,
    Question,
    against,
    how,
    on_slices,
    preset_run,
    told_slices,
    verdict_of,
    with_model,
)
from recsys_demo.studies.ablation.grid import BASE, Cell, separate_configs
from recsys_demo.studies.ablation.outcomes import Outcomes

L1_STEPS = (0.0, 1.0, 3.0, 10.0, 30.0)
USUAL_L1 = 3.0


def _crosses_cells(base: RunConfig, schema: Schema, fit: Fit | None) -> tuple[Cell, ...]:
    whole = preset_run(base, schema, "wide_deep", fit)
    less = with_model(whole, to.without(whole.model, "crosses"))
    return (
        Cell(BASE, "Wide & Deep without crosses", (less,)),
        Cell("crosses", "Wide & Deep", (whole,)),
    )


def _crosses_answer(outcomes: Outcomes) -> Answer | None:
    slices = told_slices(outcomes)
    found = against(outcomes, "crosses", slices, len(slices))
    sentence = (
        f"Crosses are worth {on_slices(outcomes, found)} (Wide & Deep with its crosses against "
        f"without; {how(outcomes, len(found))})."
    )
    return Answer(sentence, found)


def _sharing_cells(base: RunConfig, schema: Schema, fit: Fit | None) -> tuple[Cell, ...]:
    return (
        Cell(BASE, "FM & DNN: separate embeddings", (preset_run(base, schema, "fm_dnn", fit),)),
        Cell("shared", "DeepFM: shared embeddings", (preset_run(base, schema, "deepfm", fit),)),
    )


def _sharing_answer(outcomes: Outcomes) -> Answer | None:
    slices = told_slices(outcomes)
    found = against(outcomes, "shared", slices, len(slices))
    separate, shared = (outcomes.of(cell)[0].parameters for cell in (BASE, "shared"))
    sentence = (
        f"Sharing one table of embeddings between FM and deep saves {1 - shared / separate:.0%} of "
        f"the parameters ({shared:,} instead of {separate:,}) and changes "
        f"{on_slices(outcomes, found)} (DeepFM against FM & DNN; {how(outcomes, len(found))})."
    )
    return Answer(sentence, found)


def _depth_cells(base: RunConfig, schema: Schema, fit: Fit | None) -> tuple[Cell, ...]:
    whole = preset_run(base, schema, "deepfm", fit)
    no_fm = with_model(whole, to.without(whole.model, "fm"))
    deeper = with_model(no_fm, to.with_layers(no_fm.model, 1))
    return (
        Cell(BASE, "DeepFM", (whole,)),
        Cell("no-fm", "without FM", (no_fm,)),
        Cell("deeper", "one layer more instead of FM", (deeper,)),
    )


def _depth_answer(outcomes: Outcomes) -> Answer | None:
    slices = told_slices(outcomes)
    all_of = 2 * len(slices)
    no_fm, deeper = (against(outcomes, cell, slices, all_of) for cell in ("no-fm", "deeper"))
    verdict = verdict_of(
        outcomes,
        (*no_fm, *deeper),
        "Depth does not fully replace FM here: a model without FM is worse on",
        f"Whether depth replaces FM {NOT_YET}",
        f"No loss was found when depth replaces FM: the models {NOT_FOUND}, or were better",
    )
    sentence = (
        f"{verdict}. Against DeepFM, without FM: {on_slices(outcomes, no_fm)}; with one layer "
        f"more instead of FM: {on_slices(outcomes, deeper)} ({how(outcomes, all_of)})."
    )
    return Answer(sentence, (*no_fm, *deeper))


def _joint_cells(base: RunConfig, schema: Schema, fit: Fit | None) -> tuple[Cell, ...]:
    joint = preset_run(base, schema, "wide_deep", fit)
    apart = separate_configs(joint)
    return (
        Cell(BASE, "Wide and Deep trained apart, probabilities averaged", apart),
        Cell(
            "stacked", "Wide and Deep trained apart, weighted on validation rows", apart, "stacked"
        ),
        Cell("joint", "Wide & Deep, trained jointly", (joint,)),
    )


def _joint_answer(outcomes: Outcomes) -> Answer | None:
    slices, all_rows = told_slices(outcomes), ("all",)
    all_of = len(slices) + 3
    mean = against(outcomes, "joint", slices, all_of)
    mean_loss = against(outcomes, "joint", all_rows, all_of, metric="logloss")
    weighted = against(outcomes, "joint", all_rows, all_of, "stacked")
    weighted_loss = against(outcomes, "joint", all_rows, all_of, "stacked", "logloss")
    joint, apart = (
        seed_interval([float(o.weights) for o in outcomes.of(cell)]).value
        for cell in ("joint", BASE)
    )
    sentence = (
        f"Joint training against the same two parts trained apart, their probabilities averaged: "
        f"{on_slices(outcomes, mean)}; log loss {on_slices(outcomes, mean_loss)}. Against their "
        f"logits weighted on validation rows: {on_slices(outcomes, weighted)}; log loss "
        f"{on_slices(outcomes, weighted_loss)}. The jointly trained wide part keeps {joint:,.0f} "
        f"weights, the one trained alone {apart:,.0f} (Wide & Deep; {how(outcomes, all_of)})."
    )
    return Answer(sentence, (*mean, *mean_loss, *weighted, *weighted_loss))


def l1_key(l1: float) -> str:
    """The cell of one L1."""
    return f"l1-{l1:g}"


def _l1_cells(base: RunConfig, schema: Schema, fit: Fit | None) -> tuple[Cell, ...]:
    wide = preset_run(base, schema, "wide", fit)
    cells = []
    for l1 in L1_STEPS:
        key = BASE if l1 == L1_STEPS[0] else l1_key(l1)
        config = with_model(wide, to.with_l1(wide.model, l1) or wide.model)
        cells.append(Cell(key, f"L1 of {l1:g}", (config,)))
    return tuple(cells)


def _l1_answer(outcomes: Outcomes) -> Answer | None:
    usual, most = l1_key(USUAL_L1), l1_key(L1_STEPS[-1])
    slices = told_slices(outcomes, "rare")
    all_of = 2 * len(slices)
    little, much = (against(outcomes, cell, slices, all_of) for cell in (usual, most))
    verdict = verdict_of(
        outcomes,
        much,
        "Strong L1 hurts: it is worse on",
        f"Whether L1 forgets what matters {NOT_YET}",
        f"No loss was found even with strong L1: the models {NOT_FOUND}, or were better",
    )
    sentence = (
        f"{verdict}. L1 of {USUAL_L1:g} keeps {_kept(outcomes, usual)} of the weights that are not "
        f"zero without L1: {on_slices(outcomes, little)}. L1 of {L1_STEPS[-1]:g} keeps "
        f"{_kept(outcomes, most)}: {on_slices(outcomes, much)} (Wide against Wide with "
        f"L1 of 0; {how(outcomes, all_of)})."
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
        "crosses",
        _crosses_answer,
    ),
    Question(
        "learned",
        "Do learned crosses replace made ones?",
        "DCN-V2, FwFM and boosted trees find out by themselves which values to combine.",
        successors.learned_cells,
        "learned",
        successors.learned_answer,
    ),
    Question(
        "trees",
        "Why not trees?",
        "The question every class asks: boosted trees win on many tables. Do they here?",
        successors.trees_cells,
        "trees",
        successors.trees_answer,
    ),
    Question(
        "pair_weights",
        "What are weights of pairs worth?",
        "FM trusts all pairs of fields alike; FwFM learns how much each pair counts.",
        successors.pair_weights_cells,
        "weighted",
        successors.pair_weights_answer,
    ),
    Question(
        "sharing",
        "What does sharing embeddings change?",
        "DeepFM's FM and network read the same embeddings; FM & DNN has a table for each.",
        _sharing_cells,
        "shared",
        _sharing_answer,
    ),
    Question(
        "depth",
        "Does depth replace FM?",
        "A network can learn products of embeddings by itself, in principle.",
        _depth_cells,
        "no-fm",
        _depth_answer,
    ),
    Question(
        "joint",
        "Is joint training better than an ensemble?",
        "The Wide & Deep paper says that joint training is not an ensemble: each part knows of "
        "the other while it learns.",
        _joint_cells,
        "joint",
        _joint_answer,
    ),
    Question(
        "l1",
        "Does L1 forget what matters?",
        "FTRL's L1 sets weights of rare combinations to exactly zero: smaller, but forgetful.",
        _l1_cells,
        l1_key(USUAL_L1),
        _l1_answer,
    ),
)

QUESTIONS: Mapping[str, Question] = MappingProxyType({q.key: q for q in _ALL})
