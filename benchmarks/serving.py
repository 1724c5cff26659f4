"""A list for one query over the whole catalogue: milliseconds of one core, four models together.

Fields as in the sample set, every number drawn at random: the time does not depend on the values.
The cross has a weight for every installed x shown pair of 200,000 random impressions, none of them
zero, which is more than training leaves. Queries differ in every repetition; each is encoded,
scored and sorted completely.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import torch
from threadpoolctl import threadpool_limits

from benchmarks.tables import table
from recsys_demo.config.presets import MAIN_PRESETS, PRESETS, default_crosses, with_crosses
from recsys_demo.data.interactions import Interactions
from recsys_demo.data.planted.sample import SCHEMA
from recsys_demo.features.encoder import fit_encoder
from recsys_demo.models.ranker import Ranker
from recsys_demo.recommendation.explanation import explain
from recsys_demo.recommendation.query import Query
from recsys_demo.recommendation.recommender import Recommender

CATALOGUES = (400, 4_000, 100_000)
ROWS = 200_000
REPEATS = 60
MUST_MS = 20.0  # for 4,000 items


def measure() -> dict[str, Any]:
    """Every catalogue with every main preset."""
    figures = {}
    with threadpool_limits(1):
        for items in CATALOGUES:
            sys.stderr.write(f"{items:,} items\n")
            figures[str(items)] = _measure(items)
    return figures


def _measure(items: int) -> dict[str, Any]:
    log = _log(items)
    start = time.perf_counter()
    served = {key: _recommender(key, log) for key in MAIN_PRESETS}
    made = time.perf_counter() - start
    queries = [_query(next(iter(served.values())), seed) for seed in range(REPEATS)]
    result: dict[str, Any] = {"seconds_to_prepare_and_encode": made, "models": {}}
    for key, recommender in served.items():
        result["models"][key] = _times(queries, recommender.rank)
    result["together"] = _times(queries, lambda q: [r.rank(q) for r in served.values()])
    deepfm = served["deepfm"]
    result["explain"] = _times(queries[:20], lambda q: explain(deepfm, q, str(deepfm.ids[7])))
    return result


def _times(queries: list[Query], serve: Callable[[Query], object]) -> dict[str, float]:
    """Processor time: with one thread that is the time of a core that does nothing else."""
    serve(queries[0])
    spent = []
    for query in queries:
        start = time.process_time()
        serve(query)
        spent.append(1000 * (time.process_time() - start))
    return {"median": statistics.median(spent), "p95": float(np.percentile(spent, 95))}


def _recommender(preset: str, log: Interactions) -> Recommender:
    model = with_crosses(PRESETS[preset].model, default_crosses(SCHEMA))
    parts = tuple(
        part.model_copy(update={"min_support": 1}) if part.kind == "crosses" else part
        for part in model.components
    )
    model = model.model_copy(update={"components": parts})
    encoder = fit_encoder(log, model)
    ranker = Ranker(model, encoder, seed=0)
    generator = torch.Generator().manual_seed(0)
    for _, weights in ranker.tables():
        weights.weight[1:].normal_(0, 0.1, generator=generator)
    state = {name: tensor.numpy() for name, tensor in ranker.state().items()}
    people = log.frame.drop_duplicates("user").set_index("user")
    people.index = people.index.astype("str")
    return Recommender(model, encoder, state, log.items, people)


def _log(items: int) -> Interactions:
    random = np.random.default_rng(items)
    ids = [f"app {number:06d}" for number in range(items)]
    catalogue = pd.DataFrame(
        {
            "category": _some(random, [f"category {i}" for i in range(20)], items),
            "price": _some(random, ["free", "ads", "paid", "subscription"], items),
            "app_installs": np.round(10 ** random.normal(4, 1, items)),
        },
        index=pd.Index(ids, dtype="str", name="app"),
    )
    shown = random.integers(0, items, ROWS)
    frame = pd.DataFrame(
        {
            "user": _some(random, [f"user {i}" for i in range(3_000)], ROWS),
            "app": pd.Categorical.from_codes(shown, categories=ids),
            **{name: catalogue[name].iloc[shown].reset_index(drop=True) for name in catalogue},
            "installed": _installed(random, ids),
            "age": random.integers(13, 80, ROWS).astype(np.float64),
            "gender": _some(random, ["female", "male"], ROWS),
            "country": _some(random, [f"country {i}" for i in range(8)], ROWS),
            "hour": _some(random, ["morning", "midday", "evening"], ROWS),
            "weekday": _some(random, [f"day {i}" for i in range(7)], ROWS),
            "device": _some(random, ["phone", "tablet", "watch"], ROWS),
            "probability": 0.0,
            "exception": 0.0,
            "held_out": 0.0,
        }
    )
    labels = random.integers(0, 2, ROWS).astype(np.uint8)
    return Interactions(frame, labels, catalogue, SCHEMA, np.arange(ROWS))


def _installed(random: np.random.Generator, ids: list[str]) -> pd.Categorical:
    """5,000 different sets of 3 to 8 apps."""
    sets = [
        "|".join(ids[i] for i in random.choice(len(ids), random.integers(3, 9), replace=False))
        for _ in range(5_000)
    ]
    return pd.Categorical.from_codes(
        random.integers(0, len(sets), ROWS), categories=pd.Index(dict.fromkeys(sets))
    )


def _some(random: np.random.Generator, values: list[str], rows: int) -> pd.Categorical:
    return pd.Categorical.from_codes(random.integers(0, len(values), rows), categories=values)


def _query(recommender: Recommender, seed: int) -> Query:
    random = np.random.default_rng(seed)
    installed = recommender.ids[random.choice(len(recommender), 6, replace=False)].tolist()
    return recommender.query(
        {
            "installed": installed,
            "age": int(random.integers(13, 80)),
            "hour": "evening",
            "country": f"country {seed % 8}",
            "device": "phone",
        }
    )


def render(figures: dict[str, Any]) -> str:
    """The section of RESULTS.md."""
    rows = [
        [
            f"{int(items):,}",
            *(_cell(values["models"][key]) for key in MAIN_PRESETS),
            f"**{_cell(values['together'])}**",
            _cell(values["explain"]),
            f"{values['seconds_to_prepare_and_encode']:.1f}",
        ]
        for items, values in figures.items()
    ]
    labels = [PRESETS[key].label for key in MAIN_PRESETS]
    header = ["items", *labels, "four together", "one score taken apart", "seconds to prepare"]
    median = figures["4000"]["together"]["median"]
    verdict = "kept" if median < MUST_MS else "NOT kept"
    return f"""## Serving one query

{(__doc__ or "").split(chr(10), 2)[2].strip()}

Milliseconds of processor time, median (95th percentile) of {REPEATS} queries; numpy, one thread,
no torch. The scores are those of the ranker to float32's last digits: tests compare them.

{table(header, rows)}

Four models over 4,000 items in under {MUST_MS:.0f} ms: {verdict} ({median:.1f} ms). Preparing a
model (reading the log, fitting the encoders and encoding the catalogue here) happens once."""


def _cell(times: dict[str, float]) -> str:
    return f"{times['median']:.2f} ({times['p95']:.2f})"
