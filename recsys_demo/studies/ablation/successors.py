"""Ready questions about what came after the two papers: DCN-V2, FwFM and boosted trees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

from recsys_demo.config.fit import Fit
from recsys_demo.config.run import RunConfig
from recsys_demo.data.schema import Schema
from recsys_demo.evaluation.intervals import seed_interval
from recsys_demo.evaluation.verdicts import NOT_FOUND, NOT_YET
from recsys_demo.studies.ablation import switches as to
from recsys_demo.studies.ablation.answers import (
    Answer,
    against,
    how,
    on_slices,
    preset_run,
    told_slices,
    verdict_of,
    with_model,
)
from recsys_demo.studies.ablation.effects import Effect
from recsys_demo.studies.ablation.grid import BASE, Cell
from recsys_demo.studies.ablation.outcomes import Outcomes

SUCCESSORS = {"learned": "DCN-V2", "weighted": "FwFM", "trees": "GBDT"}  # names by cell


def learned_cells(base: RunConfig, schema: Schema, fit: Fit | None) -> tuple[Cell, ...]:
    """Wide & Deep, and every model that combines values without being told which."""
    made, learned, trees = (
        preset_run(base, schema, key, fit) for key in ("wide_deep", "dcn_v2", "trees")
    )
    return (
        Cell(BASE, "Wide & Deep: crosses made by hand", (made,)),
        Cell("learned", "DCN-V2: crosses learned", (learned,)),
        Cell("weighted", "FwFM: weights of pairs learned", (_weighted(base, schema, fit),)),
        Cell("trees", "GBDT: boosted trees", (trees,)),
    )


def learned_answer(outcomes: Outcomes) -> Answer | None:
    """Where any of them is better, and where none helps."""
    slices = told_slices(outcomes)
    all_of = len(SUCCESSORS) * len(slices)
    found = {name: against(outcomes, key, slices, all_of) for key, name in SUCCESSORS.items()}
    sizes = "; ".join(f"{name}: {on_slices(outcomes, own)}" for name, own in found.items())
    sentence = (
        f"{better_than('Wide & Deep', found, outcomes.slice_labels)}. A made cross has a weight of "
        f"its own for each pair. Learned ones multiply vectors or ask a tree's questions, and so "
        f"reach pairs nobody has seen. Against Wide & Deep, {sizes} ({how(outcomes, all_of)})."
    )
    return Answer(sentence, tuple(chain.from_iterable(found.values())))


def pair_weights_cells(base: RunConfig, schema: Schema, fit: Fit | None) -> tuple[Cell, ...]:
    """FM and FwFM."""
    return (
        Cell(BASE, "FM", (preset_run(base, schema, "fm", fit),)),
        Cell("weighted", "FM with a weight per pair of fields", (_weighted(base, schema, fit),)),
    )


def pair_weights_answer(outcomes: Outcomes) -> Answer | None:
    """What the weights are worth."""
    slices = told_slices(outcomes)
    found = against(outcomes, "weighted", slices, len(slices))
    sentence = (
        f"{better_than('FM', {'FwFM': found}, outcomes.slice_labels)}. A weight per pair of fields "
        f"is worth {on_slices(outcomes, found)} (FwFM against FM; {how(outcomes, len(found))})."
    )
    return Answer(sentence, found)


def _weighted(base: RunConfig, schema: Schema, fit: Fit | None) -> RunConfig:
    plain = preset_run(base, schema, "fm", fit)
    return with_model(plain, to.set_in(plain.model, ("fm",), field_weights=True))


def better_than(
    other: str, found: Mapping[str, Sequence[Effect]], labels: Mapping[str, str]
) -> str:
    """On which slices none of the models named was found better than the other, on which some are,
    and on which nothing can be said yet. All were compared on the same slices."""
    names = tuple(found)
    by_better: dict[tuple[str, ...], list[str]] = {}
    unsaid = []
    for effects in zip(*found.values(), strict=True):
        where = labels.get(effects[0].slice, effects[0].slice)
        better = [n for n, e in zip(names, effects, strict=True) if e.verdict == "better"]
        if not better and any(e.verdict == NOT_YET for e in effects):
            unsaid.append(where)
        else:
            by_better.setdefault(tuple(better), []).append(where)
    nobody = f"None of {_listed(names)} was" if len(names) > 1 else f"{names[0]} was not"
    told = [
        f"{_listed(better)} {'is' if len(better) == 1 else 'are'} better than {other} on "
        f"{_listed(places)}"
        for better, places in by_better.items()
        if better
    ]
    if () in by_better:
        told.insert(0, f"{nobody} found better than {other} on {_listed(by_better[()])}")
    if unsaid:
        who = "any of them" if len(names) > 1 else names[0]
        told.append(f"whether {who} is better on {_listed(unsaid)} {NOT_YET}")
    text = "; ".join(told)
    return text[0].upper() + text[1:]


def _listed(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def trees_cells(base: RunConfig, schema: Schema, fit: Fit | None) -> tuple[Cell, ...]:
    """DeepFM and GBDT."""
    deep, trees = (preset_run(base, schema, key, fit) for key in ("deepfm", "trees"))
    return (
        Cell(BASE, "DeepFM", (deep,)),
        Cell("trees", "GBDT: boosted trees", (trees,)),
    )


def trees_answer(outcomes: Outcomes) -> Answer | None:
    """Where trees lose, and what they take."""
    slices = told_slices(outcomes)
    found = against(outcomes, "trees", slices, len(slices))
    verdict = verdict_of(
        outcomes,
        found,
        "Boosted trees do not do here what vectors do: they are worse on",
        f"Whether boosted trees would do {NOT_YET}",
        f"No loss was found with boosted trees: the models {NOT_FOUND}, or they were better",
    )
    seconds, other = (
        seed_interval([o.seconds for o in outcomes.of(cell)]).value for cell in ("trees", BASE)
    )
    sentence = (
        f"{verdict}. A tree asks one value at a time and so needs many rows for each pair; vectors "
        f"learn of a pair from all that either value meets. GBDT against DeepFM: "
        f"{on_slices(outcomes, found)} ({how(outcomes, len(found))}). GBDT took {seconds:.1f} s "
        f"to train, DeepFM {other:.1f} s."
    )
    return Answer(sentence, found)
