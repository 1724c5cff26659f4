"""Reveals of how one model has fitted its rows: gaps, losses, weights and seeds."""

from __future__ import annotations

import math

import numpy as np

from recsys_demo.evaluation.intervals import unknown_interval
from recsys_demo.evaluation.papers import OFFLINE, ONLINE, WD_ONLINE
from recsys_demo.lessons.progress import Prediction
from recsys_demo.lessons.reveal_kinds import (
    GapReveal,
    OvercrossReveal,
    PaperReveal,
    SpreadReveal,
    WeightsReveal,
)
from recsys_demo.lessons.reveals.differences import slice_of
from recsys_demo.lessons.reveals.outcomes import Mark, Material, Outcome, Sentence, name_of
from recsys_demo.studies.comparison.measures import SliceScores
from recsys_demo.studies.comparison.overfitting import gaps


def gap(reveal: GapReveal, _guess: Prediction | None, found: Material) -> Outcome:
    """How much worse the model is on test rows, slice by slice; the widest gap is what came out."""
    truth = found.data.schema.truth
    keys = {
        ("exceptions" if truth else "frequent") if key == "memory" else key: key
        for key in reveal.slices
    }
    there = [one for one in gaps([found.models[reveal.model]], "auc") if one.slice in keys]
    if not there:
        return Outcome((Sentence("gap.none", {"model": name_of(reveal.model)}),))
    widest, least = (pick(there, key=lambda one: one.gap.value) for pick in (max, min))
    marks = tuple(Mark(one.gap, None, keys[one.slice], reference=0.0) for one in there)
    values = {
        "model": name_of(reveal.model),
        "where": keys[widest.slice],
        "train": f"{widest.train:.3f}",
        "test": f"{widest.test:.3f}",
        "least": f"{least.gap.value:.3f}",
    }
    return Outcome(
        (Sentence("gap.widest", values),),
        marks,
        came_out=keys[widest.slice],
        unit="gap",
        against="level",
        is_single=len(found.models[reveal.model].seeds) < 2,
    )


def overcross(_reveal: OvercrossReveal, _guess: Prediction | None, found: Material) -> Outcome:
    """What training and held-out loss did, with the cross, from its first epoch on."""
    crossed = [point for point in found.points if point["model"] == "with" and point["epoch"] > 0]
    without = [point for point in found.points if point["model"] == "without"]
    if len(crossed) < 2 or not without:
        return Outcome((Sentence("overcross.none"),))
    losses = [float(point["held_out"]) for point in crossed]
    best = int(np.argmin(losses))
    values = {
        "weights": f"{crossed[-1]['parameters'] - without[-1]['parameters']:,}",
        "train": f"{crossed[-1]['train']:.3f}",
        "without_train": f"{without[-1]['train']:.3f}",
        "held_out": f"{losses[-1]:.3f}",
        "best": f"{losses[best]:.3f}",
        "epoch": crossed[best]["epoch"],
        "without_held_out": f"{without[-1]['held_out']:.3f}",
    }
    came_out = "rises" if best == 0 else "falls" if best == len(losses) - 1 else "turns"
    marks = tuple(
        Mark(unknown_interval(loss), moment=moment, reference=float(without[-1]["held_out"]))
        for moment, loss in (("first", losses[0]), ("lowest", losses[best]), ("last", losses[-1]))
    )
    told = (Sentence(f"overcross.{came_out}", values),)
    return Outcome(told, marks, came_out=came_out, unit="held_out", against="without")


def weights(reveal: WeightsReveal, guess: Prediction | None, found: Material) -> Outcome:
    """Share of the wide weights that are not zero, one model's of another's, in percent."""
    kept = [_mean_weights(found, model) for model in (reveal.a, reveal.b)]
    share = 100 * kept[0] / kept[1] if kept[1] else math.nan
    values = {
        "a": name_of(reveal.a),
        "b": name_of(reveal.b),
        "share": f"{share:.0f}",
        "kept": f"{kept[0]:,.0f}",
        "of": f"{kept[1]:,.0f}",
    }
    number = None if guess is None else guess.number
    mark = Mark(unknown_interval(share), number, model=reveal.a, reference=100.0)
    came_out = "fewer" if share < 95 else "more" if share > 105 else "same"
    return Outcome(
        (Sentence("weights.share", values),),
        (mark,),
        came_out=came_out,
        unit="kept_weights",
        against="same",
        is_single=min(len(found.models[name].seeds) for name in reveal.needed) < 2,
    )


def _mean_weights(found: Material, model: str) -> float:
    runs = found.models[model].runs
    return float(np.mean([run.result.get("nonzero_wide_weights", 0) for run in runs]))


def paper(reveal: PaperReveal, guess: Prediction | None, _found: Material) -> Outcome:
    """What the paper's online test gained, in percent."""
    gain = WD_ONLINE.number(reveal.model, ONLINE)
    assert gain is not None  # a lesson names a row of the table
    values = {
        "model": name_of(reveal.model),
        "auc": WD_ONLINE.printed(reveal.model, OFFLINE) or "",
        "control": WD_ONLINE.printed("wide", OFFLINE) or "",
        "gain": f"{gain:+.1f}",
        "source": WD_ONLINE.source,
    }
    number = None if guess is None else guess.number
    mark = Mark(unknown_interval(gain), number, model=reveal.model, reference=0.0)
    return Outcome((Sentence("paper.gain", values),), (mark,), unit="gain", against="level")


def spread(reveal: SpreadReveal, guess: Prediction | None, found: Material) -> Outcome:
    """The best run against the worst, in AUC over all test rows."""
    model = found.models[reveal.model]
    if len(model.seeds) < 2:
        return Outcome((Sentence("spread.few", {"model": name_of(reveal.model)}),))
    where = slice_of(found, "all")
    assert where is not None  # every log has all rows
    aucs = SliceScores.of(found.data.test.labels, model.logits, "auc").of_seeds()
    best, worst = max(aucs), min(aucs)
    values = {
        "model": name_of(reveal.model),
        "seeds": len(aucs),
        "best": f"{best:.4f}",
        "worst": f"{worst:.4f}",
        "spread": f"{best - worst:.4f}",
    }
    number = None if guess is None else guess.number
    mark = Mark(unknown_interval(best - worst), number, model=reveal.model)
    key = "spread.large" if best - worst >= 0.001 else "spread.small"
    return Outcome((Sentence(key, values),), (mark,))
