"""From one configuration to one run: load, split, encode, train, evaluate.

The command line, the pages' workers and sweeps all train through `train_run`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from threading import Lock
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch

from recsys_demo.configuration import ModelConfig, TrainingConfig, digest
from recsys_demo.data.interactions import Interactions
from recsys_demo.data.schema import Schema
from recsys_demo.data.sources import Dataset, load
from recsys_demo.encoding.encoder import Encoded, Encoder, fit_encoder
from recsys_demo.encoding.fields import FieldEncoder, fit_fields
from recsys_demo.errors import InputError, Problem, shown
from recsys_demo.evaluation import SliceReport, evaluate
from recsys_demo.experiment_config import RunConfig
from recsys_demo.machine import peak_memory_mb
from recsys_demo.metrics import EPOCH_METRICS
from recsys_demo.ranker import Ranker, score
from recsys_demo.runs import Run
from recsys_demo.slices import Slice, default_slices
from recsys_demo.training import Control, EpochReport, Event, Finished, Trainer, Watched

PARTS = ("train", "valid", "test")
KEPT_DATASETS = 2
KNOWN_QUERIES = 5000

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Prepared:
    """A data set ready for any model: its parts, their slices, and the encoded fields."""

    dataset: Dataset
    fields: FieldEncoder
    slices: Mapping[str, Sequence[Slice]]

    def part(self, name: str) -> Interactions:
        """train, valid or test."""
        part: Interactions = getattr(self.dataset, name)
        return part


class _Kept(Generic[T]):
    """The last few values made, by key: a worker trains many models on the same data."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: OrderedDict[str, T] = OrderedDict()
        self._lock = Lock()

    def get(self, key: str, make: Callable[[], T]) -> T:
        with self._lock:
            if key not in self._values:
                self._values[key] = make()
            self._values.move_to_end(key)
            while len(self._values) > self._size:
                self._values.popitem(last=False)
            return self._values[key]


_PREPARED: _Kept[Prepared] = _Kept(KEPT_DATASETS)


def prepare(config: RunConfig) -> Prepared:
    """Load, split and describe the data of a configuration; kept for the next run on it."""
    others = {"model": _NO_MODEL, "training": _NO_TRAINING, "seed": 0}
    dataset_key = digest(config.model_copy(update=others))
    return _PREPARED.get(dataset_key, lambda: _prepare(config))


def _prepare(config: RunConfig) -> Prepared:
    dataset = load(config.data, config.split)
    schema = without_fields(dataset.train.schema, config.without_fields)
    return Prepared(
        dataset=dataset,
        fields=fit_fields(replace(dataset.train, schema=schema)),
        slices={name: default_slices(dataset.train, getattr(dataset, name)) for name in PARTS},
    )


def without_fields(schema: Schema, names: Sequence[str]) -> Schema:
    """The schema a model sees when some fields are hidden from it. Raises InputError if one is
    unknown or none is left."""
    unknown = [name for name in names if name not in schema.fields]
    left = {name: field for name, field in schema.fields.items() if name not in names}
    if unknown or not left:
        raise InputError(
            Problem(
                what="these fields cannot be left out",
                where="without_fields",
                got=", ".join(shown(name) for name in unknown or names),
                expected="some, not all, of " + ", ".join(shown(name) for name in schema.fields),
                remedy="Correct the names.",
            )
        )
    # The reference pair stays what it is: slices are about the data, not about the model.
    return schema.model_copy(update={"fields": left})


@dataclass(frozen=True, eq=False)
class Begun:
    """A training that is ready to start, with all it was made from."""

    prepared: Prepared
    encoder: Encoder
    encoded: Mapping[str, Encoded]
    base_rate: float
    trainer: Trainer


def begin(config: RunConfig, control: Control = lambda: True, threads: int = 1) -> Begun:
    """Load, encode and build; whoever wants to watch the weights reads them between the events of
    the trainer. Raises InputError for unusable data or settings."""
    torch.set_num_threads(threads)
    prepared = prepare(config)
    train = replace(prepared.dataset.train, schema=prepared.fields.schema)
    encoder = fit_encoder(train, config.model, prepared.fields)
    encoded = {name: encoder.encode(prepared.part(name)) for name in PARTS}
    base_rate = train.base_rate
    ranker = Ranker(config.model, encoder, config.seed, base_rate)
    return Begun(
        prepared,
        encoder,
        encoded,
        base_rate,
        make_trainer(
            config, ranker, encoded, prepared.part("valid"), prepared.slices["valid"], control
        ),
    )


def train_run(
    config: RunConfig,
    control: Control = lambda: True,
    threads: int = 1,
    watched: Watched = lambda: False,
) -> Generator[Event, None, Run]:
    """Train one run; yields the training's events and returns the run.

    One thread is fastest for the small networks of the lab, and several may give other last digits.
    Raises InputError for unusable data or settings and DivergedError for diverging training.
    """
    begun = begin(config, control, threads)
    begun.trainer.watched = watched
    finished, history = yield from watch(begun.trainer)
    learned = Learned(config, begun.encoder, begun.base_rate, begun.trainer, begun.encoded)
    return finish(learned, _facts(begun.prepared), finished, history)


def watch(
    trainer: Trainer,
) -> Generator[Event, None, tuple[Finished, list[dict[str, Any]]]]:
    """Train to the end, handing every event on; returns the last one, and the run's history."""
    history: list[dict[str, Any]] = []
    finished: Finished | None = None
    for event in trainer.events():
        history.append(_flat(event))
        if isinstance(event, Finished):
            finished = event
        yield event
    assert finished is not None  # the trainer's last event
    return finished, history


@dataclass(frozen=True, eq=False)
class Learned:
    """A model after its training, and the encoded rows of all parts."""

    config: RunConfig
    encoder: Encoder
    base_rate: float
    trainer: Trainer
    encoded: Mapping[str, Encoded]


@dataclass(frozen=True, eq=False)
class Facts:
    """What a run keeps of its data: by part the labels and the slices; the catalogue, the users
    known, and which rows of the file the test rows are."""

    name: str
    fingerprint: str
    withheld: int
    labels: Mapping[str, npt.NDArray[np.uint8]]
    slices: Mapping[str, Sequence[Slice]]
    items: pd.DataFrame
    queries: pd.DataFrame
    test_rows: npt.NDArray[np.int64]


def _facts(prepared: Prepared) -> Facts:
    dataset = prepared.dataset
    return Facts(
        name=dataset.name,
        fingerprint=dataset.fingerprint,
        withheld=dataset.withheld,
        labels={name: prepared.part(name).labels for name in PARTS},
        slices=prepared.slices,
        items=dataset.train.items,
        queries=known_queries(dataset),
        test_rows=dataset.test.rows,
    )


def finish(
    learned: Learned, facts: Facts, finished: Finished, history: list[dict[str, Any]]
) -> Run:
    """Measure a trained model on all parts."""
    config, ranker = learned.config, learned.trainer.ranker
    logits = {name: score(ranker, rows) for name, rows in learned.encoded.items()}
    reports = {
        name: evaluate(facts.labels[name], logits[name], facts.slices[name]) for name in PARTS
    }
    return Run(
        model=config.model,
        seed=config.seed,
        base_rate=learned.base_rate,
        encoder=learned.encoder,
        ranker=ranker,
        config=config.model_dump(mode="json"),
        result=_result(config, facts, ranker, finished, reports),
        history=pd.DataFrame(history),
        items=facts.items,
        queries=facts.queries,
        predictions=_predictions(facts, logits["test"]),
    )


def make_trainer(
    config: RunConfig,
    ranker: Ranker,
    encoded: Mapping[str, Encoded],
    valid: Interactions,
    slices: Sequence[Slice],
    control: Control,
) -> Trainer:
    """The trainer of a configuration, validated by the metrics of an epoch."""

    def validate(logits: npt.NDArray[np.float64]) -> Mapping[str, Mapping[str, float]]:
        reports = evaluate(valid.labels, logits, slices, EPOCH_METRICS)
        return {key: report.values for key, report in reports.items()}

    def progressive(
        labels: npt.NDArray[np.float32], logits: npt.NDArray[np.float64]
    ) -> Mapping[str, float]:
        everything = Slice("all", "all rows", np.ones(len(labels), dtype=bool))
        return evaluate(labels, logits, [everything], EPOCH_METRICS)["all"].values

    return Trainer(
        ranker=ranker,
        train=encoded["train"],
        valid=encoded["valid"],
        config=config.training,
        seed=config.seed,
        validate=validate,
        progressive=progressive,
        control=control,
    )


def _result(
    config: RunConfig,
    facts: Facts,
    ranker: Ranker,
    finished: Finished,
    reports: Mapping[str, Mapping[str, SliceReport]],
) -> dict[str, Any]:
    """What `train --json` reports (DESIGN, command line)."""
    result: dict[str, Any] = {
        "preset": config.model.name,
        "seed": config.seed,
        "data": facts.name,
        "fingerprint": facts.fingerprint,
        "rows": {name: len(facts.labels[name]) for name in PARTS} | {"withheld": facts.withheld},
        "parameters": ranker.parameters,
        "nonzero_wide_weights": nonzero_wide_weights(ranker),
        "epochs": finished.epochs,
        "best_epoch": finished.best_epoch,
        "stopped": finished.reason,
        "train_seconds": finished.train_seconds,
        "seconds_to_best": finished.seconds_to_best,
        "rows_per_second": finished.rows_per_second,
        "peak_memory_mb": peak_memory_mb(),
    }
    for name in PARTS:
        slices = {key: report.to_json() for key, report in reports[name].items()}
        overall = slices["all"]
        result[name] = {**overall, "slices": slices}
    return result


def nonzero_wide_weights(ranker: Ranker) -> int:
    """Weights of fields and crosses that FTRL's L1 has left at something else than zero."""
    wide = [table for name, table in ranker.tables() if name.endswith(".weights")]
    return sum(int((table.weight != 0).sum()) for table in wide)


def known_queries(dataset: Dataset) -> pd.DataFrame:
    """The users of the log with the user and context fields of their last row, at most
    `KNOWN_QUERIES` of them; without a user column, different queries of the log."""
    return last_queries([dataset.train, dataset.valid, dataset.test])


def last_queries(parts: Iterable[Interactions]) -> pd.DataFrame:
    """`known_queries` of these rows, however many pieces they come in."""
    known: pd.DataFrame | None = None
    for part in parts:
        schema = part.schema
        names = [n for n, f in schema.fields.items() if f.side != "item" and n != schema.user]
        columns = ([schema.user] if schema.user is not None else []) + names
        one_each: Any = {"subset": schema.user or columns, "keep": "last"}
        # Before categories become text, which takes many times their room.
        frame = part.frame[columns].drop_duplicates(**one_each).astype(_plain(part, columns))
        both = frame if known is None else pd.concat([known, frame])
        known = both.drop_duplicates(**one_each)
    assert known is not None  # a log has parts
    known = known.head(KNOWN_QUERIES)
    if schema.user is None:
        return known.reset_index(drop=True)
    return known.sort_values(schema.user).set_index(schema.user)


def _plain(part: Interactions, columns: Sequence[str]) -> dict[str, str]:
    categorical = [c for c in columns if isinstance(part.frame[c].dtype, pd.CategoricalDtype)]
    return dict.fromkeys(categorical, "str")


def _predictions(facts: Facts, logits: npt.NDArray[np.float64]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "row": facts.test_rows,
            "label": facts.labels["test"],
            "probability": np.exp(-np.logaddexp(0.0, -logits)),
        }
    )


def _flat(event: Event) -> dict[str, Any]:
    """An event as one row of the history: `valid.all.auc` and so on."""
    row = {key: value for key, value in asdict(event).items() if not isinstance(value, Mapping)}
    if isinstance(event, EpochReport):
        row |= {f"train.{key}": value for key, value in event.train.items()}
        for slice_, values in event.valid.items():
            row |= {f"valid.{slice_}.{key}": value for key, value in values.items()}
    return row


_NO_MODEL = ModelConfig.model_validate({"components": [{"kind": "linear"}]})
_NO_TRAINING = TrainingConfig()
