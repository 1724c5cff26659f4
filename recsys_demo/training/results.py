"""From a trained model to a run: measured on all parts, with what is kept of its data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys_demo.config.run import RunConfig
from recsys_demo.data.queries import People
from recsys_demo.data.specs import PARTS
from recsys_demo.evaluation import popularity
from recsys_demo.evaluation.reports import SliceReport, evaluate
from recsys_demo.evaluation.slices import Slice
from recsys_demo.features.encoder import Encoded, Encoder
from recsys_demo.machine import machine_kind, peak_memory_mb
from recsys_demo.models.ranker import Ranker, score
from recsys_demo.models.size import embedding_tables
from recsys_demo.training.runs import Arrays, Run
from recsys_demo.training.trainer import Finished, Trainer

MOST_START = 2_000_000  # numbers of a table


@dataclass(frozen=True, eq=False)
class TrainingSetup:
    """The trainer of a model, and what it was made from: the encoder and the rows of all parts."""

    config: RunConfig
    encoder: Encoder
    base_rate: float
    trainer: Trainer
    encoded: Mapping[str, Encoded]


@dataclass(frozen=True, eq=False)
class DataSummary:
    """What a run keeps of its data: by part the labels and the slices; what popularity reaches on
    the test rows; the catalogue, the people known, which rows of the file the test rows are, and
    what was told of its reading."""

    name: str
    fingerprint: str
    withheld: int
    labels: Mapping[str, npt.NDArray[np.uint8]]
    slices: Mapping[str, Sequence[Slice]]
    popularity: Mapping[str, SliceReport]
    items: pd.DataFrame
    people: People
    test_rows: npt.NDArray[np.int64]
    notes: tuple[str, ...]


def run_of(
    setup: TrainingSetup, data: DataSummary, finished: Finished, history: list[dict[str, Any]]
) -> Run:
    """Measure a trained model on all parts."""
    config, ranker = setup.config, setup.trainer.ranker
    logits = {name: score(ranker, rows) for name, rows in setup.encoded.items()}
    reports = {name: evaluate(data.labels[name], logits[name], data.slices[name]) for name in PARTS}
    return Run(
        model=config.model,
        seed=config.seed,
        base_rate=setup.base_rate,
        encoder=setup.encoder,
        ranker=ranker,
        config=config.model_dump(mode="json"),
        result=_result(config, data, ranker, finished, reports),
        history=pd.DataFrame(history),
        items=data.items,
        queries=data.people.queries,
        taken=data.people.taken,
        predictions=_predictions(data, logits["test"]),
        start=start_of(config, setup.encoder),
    )


def start_of(config: RunConfig, encoder: Encoder) -> Arrays | None:
    """The tables of vectors as training found them, drawn again: the seed gives the same digits.
    None where they are too large to be kept beside the trained ones, or there are none."""
    vectors = encoder.fields.table_rows * config.model.embedding.size
    if not config.model.vector_readers or vectors > MOST_START:
        return None
    state = Ranker(config.model, encoder, config.seed).state()
    return {name: state[name].numpy() for name in embedding_tables() if name in state}


def _result(
    config: RunConfig,
    data: DataSummary,
    ranker: Ranker,
    finished: Finished,
    reports: Mapping[str, Mapping[str, SliceReport]],
) -> dict[str, Any]:
    """What `train --json` reports (DESIGN, command line)."""
    result: dict[str, Any] = {
        "preset": config.model.name,
        "seed": config.seed,
        "data": data.name,
        "fingerprint": data.fingerprint,
        "rows": {name: len(data.labels[name]) for name in PARTS} | {"withheld": data.withheld},
        "base_rate": {name: float(data.labels[name].mean()) for name in PARTS},
        "notes": list(data.notes),
        "parameters": ranker.parameters,
        "nonzero_wide_weights": nonzero_wide_weights(ranker),
        "epochs": finished.epochs,
        "best_epoch": finished.best_epoch,
        "stopped": finished.reason,
        "train_seconds": finished.train_seconds,
        "seconds_to_best": finished.seconds_to_best,
        "rows_per_second": finished.rows_per_second,
        "peak_memory_mb": peak_memory_mb(),
        "machine": machine_kind(),
    }
    for name in PARTS:
        result[name] = _told(reports[name])
    result["baselines"] = {popularity.KEY: {"test": _told(data.popularity)}}
    return result


def _told(reports: Mapping[str, SliceReport]) -> dict[str, Any]:
    slices = {key: report.to_json() for key, report in reports.items()}
    return {**slices["all"], "slices": slices}


def nonzero_wide_weights(ranker: Ranker) -> int:
    """Weights of fields and crosses that FTRL's L1 has left at something else than zero."""
    wide = [table for name, table in ranker.tables() if name.endswith(".weights")]
    return sum(int((table.weight != 0).sum()) for table in wide)


def _predictions(data: DataSummary, logits: npt.NDArray[np.float64]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "row": data.test_rows,
            "label": data.labels["test"],
            "probability": np.exp(-np.logaddexp(0.0, -logits)),
        }
    )
