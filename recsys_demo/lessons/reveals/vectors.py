"""Reveals of what a model has learned inside: its flat map, and the crosses it has invented."""

from __future__ import annotations

from pathlib import Path

from recsys_demo.data.planted.truth import planted_pairs
from recsys_demo.evaluation.intervals import Interval, unknown_interval
from recsys_demo.lessons.progress import Prediction
from recsys_demo.lessons.reveal_kinds import InventedReveal, KeptReveal
from recsys_demo.lessons.reveals.outcomes import Mark, Material, Outcome, Sentence, name_of
from recsys_demo.studies.crosses.learned import LearnedCrosses, learned_crosses
from recsys_demo.studies.embeddings.maps import pca_map
from recsys_demo.studies.embeddings.settings import PcaSettings
from recsys_demo.studies.embeddings.vectors import Matrix, field_vectors, table_names
from recsys_demo.training.runs import load_stored

SHOWN = 5  # pairs of fields on the chart


def kept(reveal: KeptReveal, guess: Prediction | None, found: Material) -> Outcome:
    """Share of each item's nearest neighbours that are the same on a flat map (PCA)."""
    vectors = _item_vectors(found.models[reveal.model].runs[0].folder)
    quality = pca_map(vectors, PcaSettings()).quality
    if quality is None:
        return Outcome((Sentence("kept.none"),))
    share = quality.kept
    values = {
        "share": f"{share.value:.0%}",
        "k": quality.k,
        "chance": f"{quality.chance:.0%}",
        "numbers": vectors.shape[1],
    }
    percent = Interval(100 * share.value, 100 * share.low, 100 * share.high, share.level)
    number = None if guess is None else guess.number
    mark = Mark(percent, number, model=reveal.model, reference=100 * quality.chance)
    return Outcome((Sentence("kept.share", values),), (mark,), unit="neighbours", against="chance")


def _item_vectors(folder: Path) -> Matrix:
    """The vectors that a run has learned for the items, [items, size]."""
    stored = load_stored(folder)
    table = next(iter(table_names(stored.manifest.model)))
    item = stored.encoder.fields.schema.item
    return field_vectors(stored.state, stored.encoder, item, table).vectors


def invented(reveal: InventedReveal, _guess: Prediction | None, found: Material) -> Outcome:
    """The pairs of fields that the model multiplies most, as the mean over its runs."""
    model = found.models[reveal.model]
    learned = learned_crosses([load_stored(run.folder) for run in model.runs])
    return strongest(reveal, learned, found)


def strongest(reveal: InventedReveal, learned: LearnedCrosses, found: Material) -> Outcome:
    """The same of what has been read from the runs."""
    ranked = learned.ranked[:SHOWN]
    if not ranked:
        return Outcome((Sentence("invented.none"),))
    best, value = ranked[0]
    values = {
        "model": name_of(reveal.model),
        "cross": str(best),
        "strength": f"{value:.1f}",
        "then": ", ".join(str(cross) for cross, _ in ranked[1:3]),
    }
    told = [Sentence("invented.most", values)]
    if found.data.world is not None:
        planted = {frozenset(pair) for pair in planted_pairs(found.data.world.config)}
        is_planted = frozenset(best.fields) in planted
        told.append(Sentence(f"invented.{'planted' if is_planted else 'way'}", values))
    return Outcome(
        tuple(told),
        tuple(Mark(unknown_interval(strength), model=str(cross)) for cross, strength in ranked),
        came_out=_meant(reveal, frozenset(best.fields)),
        unit="strength",
        is_single=len(learned.strength) < 2,
    )


def _meant(reveal: InventedReveal, best: frozenset[str]) -> str:
    """The option that means this pair of fields."""
    for option, pairs in reveal.means.items():
        if best in [frozenset(pair.split(" x ")) for pair in pairs]:
            return option
    return next((option for option, pairs in reveal.means.items() if not pairs), "")
