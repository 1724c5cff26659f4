"""A trained run that makes lists: every item of the catalogue ranked for one query."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit

from recsys_demo.config.component_kinds import BIAS, KINDS, Part
from recsys_demo.config.components import Kind
from recsys_demo.config.model import ModelConfig
from recsys_demo.data.catalogue import natural_order
from recsys_demo.data.queries import taken_by
from recsys_demo.data.schema import Schema
from recsys_demo.features.encoder import Encoder
from recsys_demo.features.fields import FieldCodes
from recsys_demo.features.vocabulary import MISSING_NAME, UNKNOWN
from recsys_demo.recommendation.components import EXPLAINS, SERVES
from recsys_demo.recommendation.components.base import Explain, Serve
from recsys_demo.recommendation.query import Query, query_fields, read_query
from recsys_demo.recommendation.weights import (
    Floats,
    Index,
    State,
    Weights,
    encode_query,
    encode_side,
)
from recsys_demo.training.runs import StoredRun, load_stored

if TYPE_CHECKING:
    from recsys_demo.training.runs import Run

Mask = npt.NDArray[np.bool_]
Half = Mapping[Kind, Any]  # what a query's fields bring to each component
MOST_EXAMPLES = 5_000
BLOCK = 4_096  # rows scored at once
OUT = 0  # the place of an item that is no candidate


@dataclass(frozen=True, eq=False)
class Ranking:
    """The catalogue in one model's order for one query.

    `order` are the candidates' positions in the catalogue, best first; `places` [items] is the
    place of each, 1 for the best, `OUT` for what is no candidate; `logits` [items].
    """

    order: Index
    places: Index
    logits: Floats

    @property
    def probabilities(self) -> Floats:
        """The predicted probability of every item, [items]."""
        return np.asarray(expit(self.logits))

    def top(self, k: int) -> Index:
        """Positions of the k best candidates."""
        return self.order[:k]


def rank(logits: Floats, excluded: Mask | None = None) -> Ranking:
    """Candidates by falling logit; equal ones in the order of the catalogue."""
    order = np.argsort(-logits, kind="stable")
    if excluded is not None:
        order = order[~excluded[order]]
    places = np.full(len(logits), OUT, dtype=np.int64)
    places[order] = np.arange(1, len(order) + 1)
    return Ranking(order, places, logits)


class Recommender:
    """One run, its catalogue encoded once. Read-only: many visitors share it.

    The catalogue stands in the natural order of its ids, whatever the order it came in, so that
    equal scores are ordered the same way everywhere.
    """

    def __init__(
        self,
        config: ModelConfig,
        encoder: Encoder,
        state: State,
        items: pd.DataFrame,
        queries: pd.DataFrame,
        taken: pd.DataFrame | None = None,
    ) -> None:
        self.config = config
        self.encoder = encoder
        self.queries = queries
        self.taken = taken  # None: an old run did not keep it
        # Equal keys ("7" and "07") keep the order of the first sorting: no order is left to chance.
        self.items = items.sort_index().sort_index(key=natural_order, kind="stable")
        self.ids = pd.Index(self.items.index.astype("str"), dtype="str")
        self.weights = Weights(config, encoder, state)
        names = [name for name in self.schema.fields if name not in query_fields(self.schema)]
        self.item_codes = encode_side(self._item_frame(), encoder.fields, names)
        self.serves: dict[Kind, Serve] = {
            part.kind: SERVES[part.kind](part, self.weights, self.item_codes)
            for part in config.components
        }

    @classmethod
    def of_folder(cls, folder: Path) -> Recommender:
        """A saved run. Raises InputError."""
        return cls.of_stored(load_stored(folder))

    @classmethod
    def of_stored(cls, stored: StoredRun) -> Recommender:
        """A run as it was read."""
        model = stored.manifest.model
        return cls(model, stored.encoder, stored.state, stored.items, stored.queries, stored.taken)

    @classmethod
    def of_run(cls, run: Run) -> Recommender:
        """A run as training gives it."""
        state = {name: tensor.numpy() for name, tensor in run.ranker.state().items()}
        return cls(run.model, run.encoder, state, run.items, run.queries, run.taken)

    @property
    def schema(self) -> Schema:
        """What the fields mean."""
        return self.encoder.fields.schema

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def names(self) -> list[str]:
        """A readable name per item: the schema's item_name attribute, else the id."""
        column = self.schema.item_name
        if column is None or column not in self.items:
            return [str(id_) for id_ in self.ids]
        found = self.items[column].astype("object").where(self.items[column].notna(), None)
        return [str(name) if name else id_ for name, id_ in zip(found, self.ids, strict=True)]

    @cached_property
    def people(self) -> list[str]:
        """Everybody whose fields the run knows."""
        return [str(user) for user in self.queries.index]

    @cached_property
    def examples(self) -> pd.DataFrame:
        """`queries`, or of very many every so manyth: where some people stand for all."""
        return self.queries.iloc[:: max(1, -(-len(self.queries) // MOST_EXAMPLES))]

    def position(self, item: str) -> int | None:
        """Where an item stands in the catalogue."""
        try:
            return cast(int, self.ids.get_loc(item))
        except KeyError:
            return None

    def readable(self, field: str, value: str) -> str:
        """A field's value as a person reads it: items by name."""
        if field in (self.schema.item, self.items_field):
            at = self.position(value)
            return value if at is None else self.names[at]
        return value or MISSING_NAME

    def query(self, given: Mapping[str, Any]) -> Query:
        """A known user's fields, replaced by what is given. Raises InputError."""
        return read_query(given, self.encoder.fields, self.queries)

    @cached_property
    def items_field(self) -> str | None:
        """The user's multi-valued field whose values are items (installed apps), if any is."""
        for name in self.schema.of_side("user"):
            if self.schema.fields[name].kind == "multi":
                values = pd.Index(self.encoder.fields.vocabularies[name].values, dtype="str")
                if len(values) and 2 * (self.ids.get_indexer(values) >= 0).sum() > len(values):
                    return name
        return None

    def installed(self, query: Query) -> Mask:
        """Items the query says are there already, [items]."""
        values = query.get(self.items_field) if self.items_field is not None else None
        return self._marked(values if isinstance(values, tuple) else ())

    def taken_by(self, user: str | None) -> Mask:
        """Items this user took in the log, in whatever part of it, [items]."""
        if user is None or self.taken is None:
            return self._marked(())
        return self._marked(taken_by(self.taken, user))

    def _marked(self, items: Sequence[str]) -> Mask:
        found = np.zeros(len(self), dtype=bool)
        at = self.ids.get_indexer(list(items))
        found[at[at >= 0]] = True
        return found

    @cached_property
    def item_directions(self) -> Floats | None:
        """The item field's own vectors at length 1, [items, d]: zeros for an item training did not
        have, None for a model without embeddings or without an item field."""
        readers = [kind for kind in KINDS if kind in self.config.vector_readers]
        item = self.schema.item
        if not readers or item not in self.schema.fields:
            return None
        codes = self.item_codes.of(item)
        own = FieldCodes({item: codes}, {}, len(codes))
        vectors = self.weights.vector(readers[-1], own, item)
        vectors[codes[:, 0] == UNKNOWN] = 0
        length = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.where(length > 0, length, 1))

    @cached_property
    def explains(self) -> dict[Kind, Explain[Any]]:
        """What takes the scores of each component apart."""
        return {
            kind: EXPLAINS[kind](serve, self._known_codes) for kind, serve in self.serves.items()
        }

    def codes(self, query: Query) -> FieldCodes:
        """The codes of a query's fields, one row."""
        return encode_query(query, self.encoder.fields)

    def half(self, query: Query) -> Half:
        """What the query alone brings to every logit."""
        codes = self.codes(query)
        return {kind: serve.half(codes) for kind, serve in self.serves.items()}

    def parts(self, query: Half, rows: Index | None = None) -> dict[Part, Floats]:
        """What bias and components add to the logit of every item, or of these, [n] each."""
        n = len(self) if rows is None else len(rows)
        parts: dict[Part, Floats] = {BIAS: np.full(n, self.weights.bias)}
        for kind, serve in self.serves.items():
            parts[kind] = serve.logits(query[kind], rows)
        return parts

    def logits(self, query: Query | Half, rows: Index | None = None) -> Floats:
        """The logit of every item of the catalogue, or of these positions, [n]."""
        half = self.half(query) if isinstance(query, Query) else query
        total = np.zeros(len(self) if rows is None else len(rows))
        for part in self.parts(half, rows).values():
            total += part
        return total

    def whole_rows(self, codes: FieldCodes) -> Floats:
        """The logit of whole rows, whatever their items, from the codes of all fields, [n].

        Each row alone decides its score to the last digits: in double precision, a piece at a time.
        """
        logits = np.full(len(codes), self.weights.bias)
        for start in range(0, len(codes), BLOCK):
            rows = np.arange(start, min(start + BLOCK, len(codes)))
            piece = codes.take(rows)
            for serve in self.serves.values():
                logits[rows] += serve.whole(piece)
        return logits

    def rank(self, query: Query, excluded: Mask | None = None) -> Ranking:
        """The whole catalogue for one query; `excluded` [items] are no candidates."""
        return rank(self.logits(query), excluded)

    def _item_frame(self) -> pd.DataFrame:
        """A column per item field, [items]."""
        columns: dict[str, pd.Series] = {}
        for name in self.schema.of_side("item"):
            if name == self.schema.item:
                column = pd.Series(pd.Categorical(self.ids, categories=self.ids))
            else:
                column = self.items[name].reset_index(drop=True)
            numeric = self.schema.fields[name].kind == "numeric"
            columns[name] = column.astype("float64" if numeric else "category")
        return pd.DataFrame(columns, index=range(len(self.ids)))

    def halves(self, queries: pd.DataFrame) -> Iterator[Half]:
        """The half of each of some known queries."""
        codes = self._codes_of(queries)
        for row in range(len(codes)):
            own = codes.take(np.array([row]))
            yield {kind: serve.half(own) for kind, serve in self.serves.items()}

    def _known_codes(self) -> FieldCodes:
        return self._codes_of(self.examples)

    def _codes_of(self, known: pd.DataFrame) -> FieldCodes:
        """The codes of known queries, a row each."""
        columns: dict[str, pd.Series] = {}
        for name in query_fields(self.schema):
            if name == self.schema.user:
                column = pd.Series(known.index.astype("str"))
            else:
                column = known[name].reset_index(drop=True)
            numeric = self.schema.fields[name].kind == "numeric"
            columns[name] = column.astype("float64" if numeric else "category")
        frame = pd.DataFrame(columns, index=range(len(known)))
        return encode_side(frame, self.encoder.fields, list(columns))
