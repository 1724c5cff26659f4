"""A trained model with the logits of its parts dialled, nothing trained again.

Dial 1 is the model as it is, 0 switches a part off, 2 counts it twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from recsys_demo.config.component_kinds import BIAS
from recsys_demo.features.encoder import Encoded, Encoder
from recsys_demo.models.components.base import Batch, as_batch
from recsys_demo.models.components.crosses import Crosses
from recsys_demo.models.ranker import SCORING_ROWS, Ranker
from recsys_demo.recommendation.components.crosses import CrossesServe
from recsys_demo.recommendation.query import Query
from recsys_demo.recommendation.recommender import Recommender

CROSS = "cross:"

Logits = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LogitParts:
    """What each part adds to the logit of every row, [n] each; their sum is the model's logit.

    With several crosses each has a part of its own, `cross:` and its definition.
    """

    parts: Mapping[str, Logits]

    @property
    def dials(self) -> list[str]:
        """The parts that can be dialled: all but the bias."""
        return [name for name in self.parts if name != BIAS]

    def logits(self, dials: Mapping[str, float] | None = None) -> Logits:
        """The sum of all parts, each times its dial (1 where none is given), [n]."""
        given = dials or {}
        total = np.zeros(len(self.parts[BIAS]))
        for name, part in self.parts.items():
            total += given.get(name, 1.0) * part
        return total


def parts_of_rows(ranker: Ranker, encoder: Encoder, encoded: Encoded) -> LogitParts:
    """The parts of a trained model's logits on these rows."""
    batch = as_batch(encoded)
    pieces: dict[str, list[Logits]] = {}
    with torch.no_grad():
        for start in range(0, len(batch), SCORING_ROWS):
            for name, values in _parts(ranker, encoder, batch.slice(start, start + SCORING_ROWS)):
                pieces.setdefault(name, []).append(values)
    return LogitParts({name: np.concatenate(values) for name, values in pieces.items()})


def _parts(ranker: Ranker, encoder: Encoder, batch: Batch) -> Iterator[tuple[str, Logits]]:
    for name, tensor in ranker.parts(batch).items():
        component = None if name == BIAS else ranker.components[name]
        if isinstance(component, Crosses) and len(encoder.crosses) > 1:
            yield from _each_cross(component, encoder, batch)
        else:
            yield name, tensor.double().expand(len(batch)).numpy()


def _each_cross(component: Crosses, encoder: Encoder, batch: Batch) -> Iterator[tuple[str, Logits]]:
    """A combination belongs to the cross whose rows of the weights its id lies in."""
    terms = component.terms(batch).double().numpy()
    ids = batch.crosses.numpy()
    for dictionary, offset in zip(encoder.crosses, encoder.cross_offsets(), strict=True):
        own = (ids > offset) & (ids <= offset + dictionary.size)
        yield f"{CROSS}{dictionary.cross}", np.where(own, terms, 0.0).sum(1)


def parts_of_list(recommender: Recommender, query: Query) -> LogitParts:
    """The parts of the logits of the whole catalogue for one query, in the recommender's order."""
    half = recommender.half(query)
    parts: dict[str, Logits] = {}
    for name, values in recommender.parts(half).items():
        serve = None if name == BIAS else recommender.serves[name]
        if isinstance(serve, CrossesServe) and len(serve.crosses) > 1:
            parts |= {f"{CROSS}{cross}": own for cross, own in serve.each(half["crosses"])}
        else:
            parts[name] = values
    return LogitParts(parts)
