"""The sample set: an app-install log drawn from a planted world whose truth is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from recsys_demo.data.interactions import Interactions
from recsys_demo.data.planted import truth
from recsys_demo.data.planted.app_names import CATEGORIES
from recsys_demo.data.planted.impressions import Log, draw_log, named
from recsys_demo.data.planted.penguins import Penguin
from recsys_demo.data.planted.planting import PRICES, Planting, liking, plant
from recsys_demo.data.planted.tastes import Floats
from recsys_demo.data.planted.world_config import WORLDS, NamedWorld, WorldConfig
from recsys_demo.data.schema import Field, Schema, Truth

__all__ = ["WORLDS", "NamedWorld", "Penguin", "World", "WorldConfig", "make_world"]

SCHEMA = Schema(
    label="label",
    user="user",
    item="app",
    split="split",
    reference_pair=("installed", "app"),
    fields={
        "app": Field(side="item"),
        "category": Field(side="item"),
        "price": Field(side="item"),
        "app_installs": Field(kind="numeric", side="item"),
        "installed": Field(kind="multi", side="user"),
        "age": Field(kind="numeric", side="user"),
        "gender": Field(side="user"),
        "country": Field(side="user"),
        "hour": Field(side="context"),
        "weekday": Field(side="context"),
        "device": Field(side="context"),
    },
    truth=Truth(probability="probability", exception="exception", held_out="held_out"),
)
"""The roles of the sample set's columns; item fields also stand in its catalogue."""


def make_world(config: WorldConfig | None = None) -> World:
    """The world of a configuration. Its log is drawn when it is first asked for."""
    config = config or WorldConfig()
    return World(config, plant(config))


@dataclass(frozen=True, eq=False)
class World:
    """A planted world: it knows the install probability of any query and app."""

    config: WorldConfig
    planting: Planting

    @property
    def schema(self) -> Schema:
        """The roles of the log's columns."""
        return SCHEMA

    @property
    def apps(self) -> tuple[str, ...]:
        """Every app of the catalogue; the name is the id."""
        return self.planting.apps.names

    @property
    def segments(self) -> tuple[str, ...]:
        """The groups of people who share a taste. No model sees them."""
        return self.planting.segments

    @property
    def penguins(self) -> list[Penguin]:
        """The exceptions with a story, each on a pair that many rows show."""
        return list(self.planting.penguins)

    @property
    def refused(self) -> list[tuple[str, str]]:
        """Installed and shown app of every exception that taste would take: no log is drawn."""
        first, second = self.planting.exceptions.T
        against = self.planting.direction[first, second] < 0
        return [
            (self.apps[one], self.apps[other])
            for one, other in self.planting.exceptions[against].tolist()
        ]

    @cached_property
    def log(self) -> Log:
        """Every impression as codes."""
        return draw_log(self.config, self.planting)

    def probability(self, queries: pd.DataFrame, item_ids: Sequence[str] | None = None) -> Floats:
        """True install probability, [n].

        Row i of `queries` with `item_ids[i]`; one query (one row) goes with every id. Without
        ids the column `app` says what was shown. Columns that matter: installed, hour, device,
        age; unknown or missing values have no effect, an unknown app has average popularity and
        no taste.
        """
        return truth.probability_of(self.terms(queries, item_ids), self.config.noise)

    def logits(self, queries: pd.DataFrame, item_ids: Sequence[str] | None = None) -> Floats:
        """Log odds of `probability`, [n]."""
        terms = self.terms(queries, item_ids)
        if self.config.noise == 0:
            return truth.logit_of(terms)
        p = truth.probability_of(terms, self.config.noise)
        return np.asarray(np.log(p / (1 - p)))

    def terms(
        self, queries: pd.DataFrame, item_ids: Sequence[str] | None = None
    ) -> dict[str, Floats]:
        """What the true logit (before noise) is made of: `truth.TERMS`, each [n]."""
        ids = queries["app"] if item_ids is None else pd.Series(list(item_ids), dtype=object)
        if len(queries) not in (1, len(ids)):
            raise ValueError(f"{len(queries)} queries do not go with {len(ids)} item ids")
        shown = truth.codes_of(ids, self._index)
        coded = truth.read_queries(queries, self._index)
        if len(coded) != len(shown):
            coded = coded.take(np.zeros(len(shown), dtype=np.int64))
        return truth.truth_terms(self.planting, self.config, coded, shown)

    @cached_property
    def items(self) -> pd.DataFrame:
        """The catalogue: category, price and app_installs by app."""
        apps = self.planting.apps
        frame = pd.DataFrame(
            {
                "category": named(apps.category, CATEGORIES),
                "price": named(apps.price, PRICES),
                "app_installs": apps.app_installs.astype(np.float64),
            },
            index=pd.Index(apps.names, dtype="str", name="app"),
        )
        return frame.sort_index()

    @cached_property
    def _index(self) -> pd.Index:
        return pd.Index(self.apps, dtype="str")

    def interactions(self) -> Interactions:
        """The log in the lab's form, with its own split and truth columns."""
        return Interactions(
            frame=self.log.frame(),
            labels=self.log.label,
            items=self.items,
            schema=SCHEMA,
            rows=np.arange(self.config.impressions, dtype=np.int64),
        )

    def item_truth(self) -> pd.DataFrame:
        """What is planted in each app, by app.

        segment, popularity (logit), exposure (share of the impressions, about), and its affinity
        vector affinity_1 ... affinity_rank: its inner product with a taste is the affinity logit.
        """
        apps = self.planting.apps
        scale = self.config.affinity * np.sqrt(self.config.rank)
        vectors = {
            f"affinity_{r + 1}": scale * apps.appeal[:-1, r] for r in range(self.config.rank)
        }
        return pd.DataFrame(
            {
                "category": named(apps.category, CATEGORIES),
                "segment": named(apps.pool, self.segments),
                "popularity": apps.popularity[:-1],
                "exposure": apps.exposure,
                **vectors,
            },
            index=pd.Index(apps.names, dtype="str", name="app"),
        )

    def exceptions(self) -> pd.DataFrame:
        """Every planted exception, the best supported first.

        installed, app; direction (+1: installed against their taste, -1: refused against it);
        expected (the sign taste alone would give: -direction, or 0 in a world without taste);
        affinity (the logit of people with just that installed app, were there no exception); logit
        (what stands in its place); shift = logit - affinity; name (the story of a penguin, else
        ""); and of the training rows that hold the pair: rows, observed_rate and true_rate (NaN
        without rows).
        """
        first, second = self.planting.exceptions.T
        direction = self.planting.direction[first, second].astype(np.int64)
        likes = self.config.affinity * liking(self.planting.apps, first, second)
        logit = self.config.exception_strength * direction
        sentences = [penguin.sentence for penguin in self.penguins]
        frame = pd.DataFrame(
            {
                "installed": self._index[first],
                "app": self._index[second],
                "direction": direction,
                "expected": -direction if self.config.affinity else np.zeros_like(direction),
                "affinity": likes,
                "logit": logit,
                "shift": logit - likes,
                "name": sentences + [""] * (len(first) - len(sentences)),
                **self.log.rates(first, second),
            }
        )
        return frame.sort_values("rows", ascending=False, kind="stable", ignore_index=True)
