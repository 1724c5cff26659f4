"""Training on a log larger than memory: a Parquet file read one row group at a time.

The file is read three or four times: to decide how its columns are written, to count values, to
count combinations if the model has crosses, and to encode. The encoded rows, a few integers each,
lie in files that the system maps into memory and drops again as it likes. From there on it is the
same training: equal files give the same digits as `train_run`.

What must fit into memory: one row group, the validation and test files, the different values of
the fields, and about 20 bytes per training row for the order and the predictions of an epoch.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch

from recsys_demo.config.components import CrossesConfig
from recsys_demo.config.run import RunConfig
from recsys_demo.data.catalogue import united_catalogue
from recsys_demo.data.column_formats import format_sentences
from recsys_demo.data.evidence import formats_of
from recsys_demo.data.interactions import Interactions, build_interactions
from recsys_demo.data.pairs import PairCounter
from recsys_demo.data.parquet import read_row_groups
from recsys_demo.data.queries import People, people_in
from recsys_demo.data.reading import RawTable, read_table
from recsys_demo.data.schema import Schema
from recsys_demo.data.specs import FileSpec
from recsys_demo.data.splits import check_parts
from recsys_demo.data.user_tables import with_users
from recsys_demo.errors import InputError, Problem
from recsys_demo.evaluation.popularity import Popularity
from recsys_demo.evaluation.reports import evaluate
from recsys_demo.evaluation.slices import Slice, slices_by_support
from recsys_demo.features.counting import CrossCounter, FieldCounter
from recsys_demo.features.crosses import parse_crosses
from recsys_demo.features.encoder import Encoded, Encoder, Layout
from recsys_demo.limits import Limits
from recsys_demo.models.ranker import Ranker
from recsys_demo.training.datasets import read_as, without_fields
from recsys_demo.training.experiment import make_trainer, watch
from recsys_demo.training.results import DataSummary, TrainingSetup, run_of
from recsys_demo.training.runs import Run
from recsys_demo.training.trainer import Control, Event

HELD = ("valid", "test")


@dataclass(frozen=True, eq=False)
class Log:
    """The files of a streamed run. `pieces()` reads the training rows anew, piece by piece."""

    schema: Schema
    pieces: Callable[[], Iterator[Interactions]]
    held: dict[str, Interactions]
    notes: tuple[str, ...]


@dataclass
class FirstPass:
    """What reading the training rows once tells."""

    fields: FieldCounter
    pairs: dict[str, PairCounter]
    popularity: Popularity
    items: pd.DataFrame
    people: People
    labels: npt.NDArray[np.uint8]


def stream_run(
    config: RunConfig, control: Control = lambda: True, threads: int = 1
) -> Generator[Event, None, Run]:
    """`train_run` for files in parts whose training file is Parquet, of any size.

    The run's metrics on training rows are of all of them together, not by slice. Raises InputError
    for unusable data or settings and DivergedError for diverging training.
    """
    torch.set_num_threads(threads)
    limits = Limits.from_environment()
    log = _open(config, limits)
    seen = _first_pass(log)
    labels = seen.labels
    check_parts(labels, log.held["valid"].labels, log.held["test"].labels)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        encoder, widths = _fit(config, log, seen, limits)
        encoded = {"train": _encode(log, encoder, widths, len(labels), Path(folder))}
        encoded |= {name: encoder.encode(part) for name, part in log.held.items()}
        slices = {
            name: slices_by_support(seen.pairs[name].support(), log.held[name]) for name in HELD
        }
        base_rate = float(labels.mean())
        ranker = Ranker(config.model, encoder, config.seed, base_rate)
        trainer = make_trainer(config, ranker, encoded, log.held["valid"], slices["valid"], control)
        finished, history = yield from watch(trainer)
        setup = TrainingSetup(config, encoder, base_rate, trainer, encoded)
        return run_of(setup, _data_summary(config, log, seen, slices), finished, history)


def _open(config: RunConfig, limits: Limits) -> Log:
    spec = config.data
    if not isinstance(spec, FileSpec) or spec.train is None:
        raise InputError(_refused("data", "one whole log", "files in parts: train, valid and test"))
    if config.model.alone:
        raise InputError(
            _refused("model", config.model.name, "components, which learn from a batch at a time")
        )
    schema = Schema.parse(spec.schema_toml)
    if schema.label is None:
        raise InputError(
            _refused("schema", "a log of positives", "a log with a label in every row")
        )
    files = {name: found[0] for name, found in spec.files().items()}
    items, users = (read_table(files[n]) if n in files else None for n in ("items", "users"))
    tables = {name: read_table(files[name], header=schema.header) for name in HELD}
    if users is not None:
        tables = {n: with_users(table, users, schema.user) for n, table in tables.items()}
    groups = _row_groups(files["train"], users, schema.user, limits)
    formats = formats_of(schema, chain(groups, tables.values()), items)

    def pieces() -> Iterator[Interactions]:
        before = 0
        for raw in _row_groups(files["train"], users, schema.user, limits):
            piece, report = build_interactions(
                raw, schema, items, spec.bad_rows, is_piece=True, formats=formats
            )
            yield replace(piece, rows=piece.rows + before)
            before += report.read

    held = {
        name: build_interactions(table, schema, items, spec.bad_rows, formats=formats)[0]
        for name, table in tables.items()
    }
    return Log(
        read_as(without_fields(schema, config.without_fields), formats),
        pieces,
        held,
        tuple(format_sentences(formats)),
    )


def _row_groups(
    path: Path, users: RawTable | None, user: str | None, limits: Limits
) -> Iterator[RawTable]:
    for raw in read_row_groups(path, limits):
        yield raw if users is None else with_users(raw, users, user, is_piece=True)


def _first_pass(log: Log) -> FirstPass:
    pairs = {name: PairCounter(part) for name, part in log.held.items()}
    fields = FieldCounter(log.schema)
    popularity = Popularity()
    labels = [np.zeros(0, dtype=np.uint8)]
    catalogues: list[pd.DataFrame] = []

    def counted() -> Iterator[Interactions]:
        for piece in log.pieces():
            fields.add(piece)
            labels.append(piece.labels)
            popularity.add(piece)
            for counter in pairs.values():
                counter.add(piece)
            catalogues[:] = [united_catalogue([*catalogues, piece.items])]
            yield piece

    held = enumerate(log.held.values(), start=1)
    people = people_in(chain(((0, piece) for piece in counted()), held))
    items = united_catalogue([*catalogues, *(part.items for part in log.held.values())])
    return FirstPass(fields, pairs, popularity, items, people, np.concatenate(labels))


def _fit(
    config: RunConfig, log: Log, seen: FirstPass, limits: Limits
) -> tuple[Encoder, tuple[tuple[int, ...], int]]:
    """The encoder of all rows, and how wide they get: multi-valued blocks, and all crosses."""
    fields = seen.fields.fit(limits)
    chosen = next((c for c in config.model.components if isinstance(c, CrossesConfig)), None)
    crosses = parse_crosses(chosen.crosses, log.schema, limits) if chosen is not None else ()
    counters = [CrossCounter(cross, fields, limits) for cross in crosses]
    if not fields.multi_fields and not crosses:  # every row is as wide as the next
        return Encoder(fields), ((), 0)
    multi = [0] * len(fields.multi_fields)
    width = 0
    for piece in log.pieces():
        codes = fields.encode(piece.frame)
        multi = [
            max(w, codes.of(n).shape[1]) for w, n in zip(multi, fields.multi_fields, strict=True)
        ]
        for counter in counters:
            counter.add(codes)
        # A row's combinations are those of its widest cells.
        widest = [
            math.prod(codes.of(p.field).shape[1] for p in cross.parts if p.value is None)
            for cross in crosses
        ]
        width = max(width, sum(widest))
    if chosen is None:
        return Encoder(fields), (tuple(multi), 0)
    dictionaries = tuple(counter.fit(chosen) for counter in counters)
    return Encoder(fields, dictionaries), (tuple(multi), width)


def _encode(
    log: Log, encoder: Encoder, widths: tuple[tuple[int, ...], int], rows: int, folder: Path
) -> Encoded:
    """All training rows, encoded into files of `folder`."""
    multi, crosses = widths
    single, numeric = len(encoder.fields.single_fields), len(encoder.fields.numeric_fields)
    whole = Encoded(
        ids=_file(folder / "ids", (rows, single + numeric + sum(multi)), np.int32),
        positions=_file(folder / "positions", (rows, numeric), np.float32),
        crosses=_file(folder / "crosses", (rows, crosses), np.int32),
        labels=_file(folder / "labels", (rows,), np.float32),
        layout=Layout(single, numeric, multi),
    )
    at = 0
    for piece in log.pieces():
        part = encoder.encode(piece)
        here = slice(at, at + len(part))
        first = single + numeric
        whole.ids[here, :first] = part.ids[:, :first]
        _put_blocks(whole.ids[here, first:], part.ids[:, first:], multi, part.layout.multi)
        whole.positions[here] = part.positions
        whole.crosses[here, : part.crosses.shape[1]] = part.crosses
        whole.labels[here] = part.labels
        at += len(part)
    return whole


def _put_blocks(
    into: npt.NDArray[np.int32],
    blocks: npt.NDArray[np.int32],
    widths: Sequence[int],
    own: Sequence[int],
) -> None:
    """Blocks of columns into wider ones, padded at their ends (padding is 0)."""
    to = start = 0
    for wide, narrow in zip(widths, own, strict=True):
        into[:, to : to + narrow] = blocks[:, start : start + narrow]
        to, start = to + wide, start + narrow


def _file(path: Path, shape: tuple[int, ...], kind: type[np.generic]) -> npt.NDArray[Any]:
    """Zeros that live in a file; an array without numbers, which no file can hold, does not."""
    if 0 in shape:
        return np.zeros(shape, dtype=kind)
    return np.memmap(path, dtype=kind, mode="w+", shape=shape)


def _data_summary(
    config: RunConfig,
    log: Log,
    seen: FirstPass,
    slices: dict[str, tuple[Slice, ...]],
) -> DataSummary:
    everything = Slice("all", "all rows", np.ones(len(seen.labels), dtype=bool))

    return DataSummary(
        name=config.data.name,
        fingerprint=config.data.fingerprint(config.split),
        withheld=0,
        labels={"train": seen.labels} | {name: part.labels for name, part in log.held.items()},
        slices={"train": (everything,), **slices},
        popularity=evaluate(
            log.held["test"].labels, seen.popularity.logits(log.held["test"]), slices["test"]
        ),
        items=seen.items,
        people=seen.people,
        test_rows=log.held["test"].rows,
        notes=log.notes,
    )


def _refused(where: str, got: str, expected: str) -> Problem:
    return Problem(
        what="this cannot be trained row group by row group",
        where=where,
        got=got,
        expected=expected,
        remedy="Bring it into that form, or train without --stream.",
    )
