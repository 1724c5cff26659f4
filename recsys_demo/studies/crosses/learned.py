"""Which crosses a cross network invented: how strongly its layers multiply two fields."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recsys_demo.config.components import CrossNetworkConfig
from recsys_demo.data.schema import Schema
from recsys_demo.errors import InputError
from recsys_demo.evaluation.metrics import Floats
from recsys_demo.features.crosses import Cross, Part, parse_cross
from recsys_demo.limits import Limits
from recsys_demo.models.size import cross_network_inputs
from recsys_demo.studies.crosses.suggestions import SIDES
from recsys_demo.training.runs import StoredRun

Pair = frozenset[str]


@dataclass(frozen=True, eq=False)
class LearnedCrosses:
    """The blocks of F fields, for whom first, what is shown last.

    `strength` [runs, F, F] is, of each run, sqrt(sum over the layers of ||W_ij||^2 + ||W_ji||^2)
    (Frobenius norms of the blocks by which the layers' matrices multiply fields i and j), the norm
    of ||W_ii|| alone in the diagonal. All blocks start at zero.
    """

    fields: tuple[str, ...]
    strength: Floats

    @property
    def mean(self) -> Floats:
        """Over the runs, [F, F]."""
        return np.asarray(self.strength.mean(0))

    @property
    def ranked(self) -> list[tuple[Cross, float]]:
        """Pairs of different fields and their mean strength, the strongest first."""
        first, second = np.triu_indices(len(self.fields), 1)
        values = self.mean[first, second]
        return [
            (self._cross(first[at], second[at]), float(values[at]))
            for at in np.argsort(-values, kind="stable")
        ]

    def times_first(self, cross: Cross) -> int:
        """In how many of the runs this pair of fields is the strongest."""
        first, second = np.triu_indices(len(self.fields), 1)
        best = self.strength[:, first, second].argmax(1)
        return sum(self._cross(first[at], second[at]) == cross for at in best)

    def _cross(self, first: int, second: int) -> Cross:
        return Cross((Part(self.fields[first]), Part(self.fields[second])))


def learned_crosses(runs: Sequence[StoredRun]) -> LearnedCrosses:
    """The blocks of the cross networks of these runs, which differ in nothing but their seeds.
    Raises InputError if a run has no cross network."""
    fields = runs[0].encoder.fields
    places = [*fields.single_fields, *fields.numeric_fields, *fields.multi_fields]
    sides = fields.schema.fields
    order = sorted(range(len(places)), key=lambda at: SIDES.index(sides[places[at]].side))
    strength = np.stack([_strength(run) for run in runs])
    return LearnedCrosses(tuple(places[at] for at in order), strength[:, order][:, :, order])


def _strength(run: StoredRun) -> Floats:
    """Of the fields in the order of their vectors, [F, F]."""
    model = run.manifest.model
    part = model.component(CrossNetworkConfig)
    if part is None:
        raise InputError.of(
            what="the model has no cross network",
            where=f"model {model.name}",
            got=", ".join(model.kinds),
            expected="a model with a cross network",
            remedy="Choose Cross network or DCN-V2.",
        )
    width, size = cross_network_inputs(part, model, run.encoder.fields), model.embedding.size
    squares = np.zeros((width // size, width // size))
    for layer in range(part.layers):
        matrix = _matrix(run, layer, part.rank is None).astype(np.float64)
        blocks = matrix.reshape(width // size, size, width // size, size)
        squares += (blocks**2).sum((1, 3))
    both = squares + squares.T
    np.fill_diagonal(both, squares.diagonal())
    return np.sqrt(both)


def _matrix(run: StoredRun, layer: int, whole: bool) -> npt.NDArray[np.float32]:
    """W_l, [d, d]."""
    if whole:
        return run.state[f"cross_network.weight{layer}"]
    up, down = (run.state[f"cross_network.{name}{layer}"] for name in ("up", "down"))
    return np.asarray(up @ down)


def crossed_pairs(texts: Sequence[str], schema: Schema, limits: Limits) -> set[Pair]:
    """The pairs of fields that hand-made crosses multiply; what cannot be read is left out."""
    found: set[Pair] = set()
    for text in texts:
        try:
            names = parse_cross(text, schema, limits).fields
        except InputError:
            continue
        found |= {frozenset((a, b)) for a in names for b in names if a != b}
    return found


def finding_sentence(
    name: str, learned: LearnedCrosses, own: Collection[Pair], planted: Collection[Pair] | None
) -> str:
    """What came out of the model of this name, in words; `planted` only where it may be told."""
    ranked = learned.ranked
    if not ranked:
        return "The log has one field only: there is nothing to cross."
    best, value = ranked[0]
    runs = len(learned.strength)
    often = f" on {learned.times_first(best)} of {runs} seeds" if runs > 1 else ""
    then = f", then {ranked[1][0]} with {ranked[1][1]:.1f}" if len(ranked) > 1 else ""
    mine = "It is in your list" if _pair(best) in own else "It is not in your list"
    said = f"{name} multiplies {best} most{often} (strength {value:.1f}{then}). {mine}"
    if planted is None:
        return f"{said}."
    if _pair(best) in planted:
        count = sum(_pair(cross) in planted for cross, _ in ranked[: len(planted)])
        return f"{said}. It is planted, as are {count} of the {len(planted)} strongest pairs."
    return f"{said}. It is not planted: the network uses it as a way to something else."


def _pair(cross: Cross) -> Pair:
    return frozenset(cross.fields)
