"""Recommenders whose weights are drawn at random: every term matters, and nothing is trained."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import torch
from hypothesis import strategies as st

from recsys_demo.config.components import (
    ComponentConfig,
    CrossesConfig,
    CrossNetworkConfig,
    DeepConfig,
    FmConfig,
    LinearConfig,
)
from recsys_demo.config.model import EmbeddingConfig, ModelConfig
from recsys_demo.data.interactions import Interactions, ReadReport
from recsys_demo.data.queries import people_of
from recsys_demo.data.sources import Dataset
from recsys_demo.features.encoder import Encoder, fit_encoder
from recsys_demo.models.components.trees import Trees
from recsys_demo.models.ranker import Ranker, score
from recsys_demo.recommendation.query import Query, query_frame
from recsys_demo.recommendation.recommender import Recommender
from tests.making.components import subsets
from tests.making.logs import log
from tests.making.trees import SMALL, grown

SCHEMA = """
label = "label"
user = "user"
item = "app"
[fields]
app = {kind = "categorical", side = "item"}
genres = {kind = "multi", side = "item"}
price = {kind = "numeric", side = "item", quantiles = 5}
user = {kind = "categorical", side = "user"}
country = {kind = "categorical", side = "user"}
installed = {kind = "multi", side = "user"}
age = {kind = "numeric", side = "user", quantiles = 10}
hour = {kind = "categorical", side = "context"}
"""
APPS = [f"app{i}" for i in range(23)]
HOURS = ["morning", "evening"]
CROSSES = ("installed x app", "country x genres", "hour=evening & age x app", "genres x price")
LINEAR, FM = LinearConfig(), FmConfig()
DEEP = DeepConfig(hidden=(7, 5))


def model(*components: ComponentConfig, shared: bool = True) -> ModelConfig:
    """A model of these components."""
    return ModelConfig(components=components, embedding=EmbeddingConfig(size=3, shared=shared))


# Every set of kinds, then every setting that scores in a way of its own.
SUBSETS = [model(*parts) for parts in subsets(CROSSES)]
SETTINGS = [
    model(LINEAR, FM, DEEP, shared=False),
    model(FmConfig(order=4)),
    model(LINEAR, FmConfig(field_weights=True)),
    model(FmConfig(order=3, field_weights=True), DEEP),
    model(CrossNetworkConfig(layers=1)),
    model(CrossNetworkConfig(layers=3, rank=4), DEEP),
    model(CrossesConfig(crosses=CROSSES, buckets=13)),
    model(CrossesConfig(crosses=("country x hour",))),
    *(
        model(DeepConfig(hidden=(6, 4), activation=a, batch_norm=a == "tanh"))
        for a in ("tanh", "sigmoid", "leaky_relu", "gelu")
    ),
    model(DeepConfig(hidden=())),
    model(SMALL),
]


@cache
def rows(count: int = 600, seed: int = 0) -> Interactions:
    """Impressions with empty cells, an item attribute of every kind, and no structure."""
    random = np.random.default_rng(seed)
    prices = {app: float(p) for app, p in zip(APPS, random.integers(0, 9, 23), strict=True)}
    genres = {
        app: "|".join(random.choice(["a", "b", "c"], random.integers(0, 3), replace=False)) or None
        for app in APPS
    }
    prices["app3"] = float("nan")
    shown = random.choice(APPS, count)
    return log(
        {
            "label": [*random.integers(0, 2, count - 2), 0, 1],
            "user": [f"u{i}" for i in random.integers(0, 30, count)],
            "app": shown,
            "genres": [genres[app] for app in shown],
            "price": [prices[app] for app in shown],
            "country": random.choice(np.array(["ch", "it", None], dtype=object), count),
            "installed": [
                "|".join(random.choice(APPS, random.integers(0, 4), replace=False)) or None
                for _ in range(count)
            ],
            "age": np.where(random.random(count) < 0.1, np.nan, random.integers(10, 80, count)),
            "hour": random.choice(np.array([*HOURS, None], dtype=object), count),
        },
        SCHEMA,
    )


@cache
def queries() -> pd.DataFrame:
    """The users of that log."""
    log_ = rows()
    report = ReadReport(len(log_), len(log_), ())
    return people_of(Dataset("log", log_, log_, log_, 0, report, "")).queries


@cache
def drawn(config: ModelConfig, seed: int = 0) -> tuple[Ranker, Encoder]:
    """A ranker whose every number is drawn; read-only."""
    encoder = fit_encoder(rows(), config)
    ranker = Ranker(config, encoder, seed, 0.4)
    if "trees" in ranker.components:  # what is drawn would be no tree
        ranker.components["trees"] = Trees(grown(rows(), encoder, seed=seed)[0])
        return ranker, encoder
    generator = torch.Generator().manual_seed(seed)
    for name, tensor in ranker.state().items():
        tensor.copy_(torch.randn(tensor.shape, generator=generator) * 0.5)
        if "variance" in name:
            tensor.abs_().add_(0.1)
    for _, table in ranker.tables():
        table.weight[0] = 0
    return ranker, encoder


@cache
def recommender(config: ModelConfig) -> Recommender:
    """It, serving the log's catalogue; read-only."""
    return serving(config, rows().items)


def serving(config: ModelConfig, items: pd.DataFrame) -> Recommender:
    """It, serving these items."""
    ranker, encoder = drawn(config)
    state = {name: tensor.numpy() for name, tensor in ranker.state().items()}
    return Recommender(config, encoder, state, items, queries())


def whole() -> Recommender:
    """Every component."""
    return recommender(SUBSETS[-1])


# Values a query may have, known ones and others.
names = st.one_of(st.sampled_from([*APPS, "ch", "it", *HOURS, "u3"]), st.text(max_size=5))
given_queries = st.fixed_dictionaries(
    {},
    optional={
        "user": st.one_of(st.sampled_from(queries().index.tolist()), st.text(max_size=4)),
        "country": st.none() | names,
        "installed": st.none() | st.lists(names, max_size=6),
        "age": st.none() | st.floats(-10, 200) | st.integers(0, 90),
        "hour": st.none() | names,
    },
)


def slow_logits(config: ModelConfig, query: Query) -> np.ndarray:
    """Whole rows through the log's encoder and the ranker, in the order of the item ids."""
    ranker, encoder = drawn(config)
    items = recommender(config).items
    asked = query_frame(query, encoder.fields)
    frame = pd.DataFrame(
        {
            "app": pd.Categorical(items.index),
            "genres": items["genres"].to_numpy(),
            "price": items["price"].to_numpy(),
        }
    )
    for name in asked:
        repeated = asked[name].repeat(len(items)).reset_index(drop=True)
        frame[name] = repeated
    frame["genres"] = frame["genres"].astype("category")
    return score(ranker, encoder.assemble(encoder.fields.encode(frame)))
