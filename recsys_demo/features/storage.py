"""Encoders as plain JSON and tensors: nothing a person supplies is ever unpickled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from recsys_demo.data.schema import Schema
from recsys_demo.features.cross_dictionary import CrossDictionary
from recsys_demo.features.crosses import parse_cross
from recsys_demo.features.encoder import Encoder
from recsys_demo.features.fields import FieldEncoder
from recsys_demo.features.quantiles import Quantiles
from recsys_demo.features.vocabulary import Vocabulary
from recsys_demo.values import Frozen, validated

Arrays = dict[str, npt.NDArray[np.int64]]


class _Vocabulary(Frozen):
    field: str
    multi: bool
    values: tuple[str, ...]
    counts: tuple[int, ...]
    separator: str


class _Quantiles(Frozen):
    field: str
    n_q: int
    cuts: tuple[float, ...]
    numbers: tuple[int, ...]


class _Cross(Frozen):
    text: str
    bases: tuple[int, ...]
    buckets: int | None


class StoredEncoder(Frozen):
    """The part of an encoder that is JSON."""

    fields: Schema
    vocabularies: tuple[_Vocabulary, ...]
    quantiles: tuple[_Quantiles, ...]
    crosses: tuple[_Cross, ...]


def store_encoder(encoder: Encoder) -> tuple[dict[str, Any], Arrays]:
    """The JSON part, and the keys and supports of the crosses as tensors."""
    stored = StoredEncoder(
        fields=encoder.fields.schema,
        vocabularies=tuple(
            _Vocabulary(
                field=v.field,
                multi=v.multi,
                values=v.values,
                counts=v.counts,
                separator=v.separator,
            )
            for v in encoder.fields.vocabularies.values()
        ),
        quantiles=tuple(
            _Quantiles(field=q.field, n_q=q.n_q, cuts=q.cuts, numbers=q.numbers)
            for q in encoder.fields.quantiles.values()
        ),
        crosses=tuple(
            _Cross(text=str(d.cross), bases=d.bases, buckets=d.buckets) for d in encoder.crosses
        ),
    )
    arrays = {}
    for index, dictionary in enumerate(encoder.crosses):
        arrays[f"cross{index}.keys"] = dictionary.keys
        arrays[f"cross{index}.support"] = dictionary.support
    return stored.model_dump(mode="json"), arrays


def restore_encoder(
    content: object, arrays: Mapping[str, npt.NDArray[np.int64]], where: str
) -> Encoder:
    """The encoder back. Raises InputError if the content is not what `store_encoder` makes, and
    KeyError if an array is missing."""
    stored = validated(StoredEncoder, content, where)
    fields = FieldEncoder(
        stored.fields,
        {v.field: Vocabulary(**v.model_dump()) for v in stored.vocabularies},
        {q.field: Quantiles(**q.model_dump()) for q in stored.quantiles},
    )
    crosses = tuple(
        CrossDictionary(
            parse_cross(cross.text, stored.fields),
            cross.bases,
            arrays[f"cross{index}.keys"],
            arrays[f"cross{index}.support"],
            cross.buckets,
        )
        for index, cross in enumerate(stored.crosses)
    )
    return Encoder(fields, crosses)
