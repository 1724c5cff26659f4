"""One epoch against the number of rows and against the vocabulary, with peak memory.

Rows are drawn at random and encoded as a log's would be (9 fields of one value, embedding 8, layers
64-32, batch 1,024, one thread); every point is a process of its own. Sparse tables cost what a
batch touches: time must grow with the rows and not with the vocabulary.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import numpy as np

from benchmarks.tables import table
from recsys_demo.config.model import TrainingConfig
from recsys_demo.config.presets import PRESETS
from recsys_demo.data.schema import Field, Schema
from recsys_demo.features.encoder import Encoded, Encoder, Layout
from recsys_demo.features.fields import FieldEncoder
from recsys_demo.features.vocabulary import Vocabulary
from recsys_demo.machine import peak_memory_mb

ROWS = (10_000, 100_000, 1_000_000, 3_000_000)
VOCABULARIES = (1_000, 10_000, 100_000, 1_000_000, 3_000_000)
MODELS = ("lr", "deepfm")
FIELDS = 9
USUAL_ROWS, USUAL_VOCABULARY = 300_000, 10_000


def measure() -> dict[str, Any]:
    """Every point in its own process."""
    return {
        "rows": [_apart("deepfm", rows, USUAL_VOCABULARY) for rows in ROWS],
        "vocabulary": [
            _apart(model, USUAL_ROWS, size) for model in MODELS for size in VOCABULARIES
        ],
        "streamed": _streamed(),
    }


def _apart(*point: object) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.scale", *map(str, point)]
    return _last_line(command)


def _last_line(command: list[str]) -> dict[str, Any]:
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    sys.stderr.write(f"  {' '.join(command[3:7])}: {str(told)[:160]}\n")
    return told


def point(model: str, rows: int, vocabulary: int) -> dict[str, Any]:
    """Train one epoch on random rows of a vocabulary."""
    import torch

    from recsys_demo.models.ranker import Ranker
    from recsys_demo.training.trainer import EpochReport, Trainer

    torch.set_num_threads(1)
    imported = peak_memory_mb()
    encoder, train = _random_rows(rows, vocabulary)
    trainer = Trainer(
        Ranker(PRESETS[model].model, encoder, 0),
        train,
        train.take(slice(0, 1000)),
        TrainingConfig(epochs=2),
        0,
        validate=lambda logits: {"all": {"logloss": 0.0}},
        progressive=lambda labels, logits: {},
    )
    seconds = [e.seconds for e in trainer.events() if isinstance(e, EpochReport)]
    return {
        "model": model,
        "rows": rows,
        "vocabulary": vocabulary,
        # The first epoch also touches memory for the first time.
        "seconds": min(seconds[0], seconds[1] - seconds[0]),
        "peak_mb": peak_memory_mb(),
        "imported_mb": imported,
    }


def _random_rows(rows: int, vocabulary: int) -> tuple[Encoder, Encoded]:
    rng = np.random.default_rng(0)
    size = vocabulary // FIELDS
    names = [f"f{i}" for i in range(FIELDS)]
    schema = Schema(label="label", item="item", fields={name: Field() for name in names})
    values = tuple(map(str, range(size)))
    counts = (1,) * size
    fields = {name: Vocabulary(name, False, values, counts) for name in names}
    encoder = Encoder(FieldEncoder(schema, fields, {}))
    offsets = np.array(list(encoder.fields.offsets().values()), dtype=np.int32)
    # A long tail, as ids have: low codes are frequent.
    codes = (size * rng.random((rows, FIELDS), dtype=np.float32) ** 3).astype(np.int32) + 1
    return encoder, Encoded(
        ids=np.minimum(codes, size) + offsets,
        positions=np.zeros((rows, 0), dtype=np.float32),
        crosses=np.zeros((rows, 0), dtype=np.int32),
        labels=(rng.random(rows) < 0.3).astype(np.float32),
        layout=Layout(FIELDS, 0, ()),
    )


def _streamed() -> dict[str, Any]:
    """Three million generated rows through the command line: as one file, and row group by row
    group."""
    import tempfile
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        lab = [sys.executable, "-m", "recsys_demo"]
        dials = ["--users=45000", "--impressions=3000000", "--seed=1"]
        subprocess.run([*lab, "sample", "--out", place, *dials], check=True)
        log = pd.read_parquet(folder / "impressions.parquet")
        for part, rows in log.groupby("split", observed=True):
            frame = pa.Table.from_pandas(rows.drop(columns="split"), preserve_index=False)
            pq.write_table(frame, folder / f"{part}.parquet", row_group_size=200_000)
        schema = (folder / "schema.toml").read_text(encoding="utf-8")
        kept = [line for line in schema.splitlines() if not line.startswith("split")]
        (folder / "parts.toml").write_text("\n".join(kept), encoding="utf-8")
        train = [*lab, "train", "--preset", "wide_deep", "--set", "training.epochs=1", "--json"]
        items = ["--items", str(folder / "apps.csv")]
        whole = ["--data", str(folder / "impressions.parquet")]
        parts = [
            x for n in ("train", "valid", "test") for x in (f"--{n}", str(folder / f"{n}.parquet"))
        ]
        told = {
            "whole": _last_line([*train, *items, *whole, "--schema", str(folder / "schema.toml")]),
            "streamed": _last_line(
                [*train, *items, *parts, "--schema", str(folder / "parts.toml"), "--stream"]
            ),
        }
    wanted = ("rows", "train_seconds", "rows_per_second", "peak_memory_mb")
    return {
        name: {key: result[key] for key in wanted} | {"auc": result["test"]["auc"]}
        for name, result in told.items()
    }


def slope(points: list[dict[str, Any]], key: str) -> float:
    """The exponent of growth between the last two points: 1 is linear, 0 is flat."""
    one, other = points[-2:]
    return float(np.log(other["seconds"] / one["seconds"]) / np.log(other[key] / one[key]))


def render(figures: dict[str, Any]) -> str:
    """The section of RESULTS.md."""
    header = ["seconds an epoch", "rows per second", "peak MB (importing alone)"]
    rows = [[f"{p['rows']:,}", *_cells(p)] for p in figures["rows"]]
    vocabulary = [
        [PRESETS[p["model"]].label, f"{p['vocabulary']:,}", *_cells(p)]
        for p in figures["vocabulary"]
    ]
    streamed = [
        [
            name,
            f"{told['rows']['train']:,} of {sum(told['rows'].values()):,}",
            f"{told['train_seconds']:.1f}",
            f"{told['peak_memory_mb']:,.0f}",
            f"{told['auc']:.4f}",
        ]
        for name, told in figures["streamed"].items()
    ]
    return f"""## Rows, vocabulary, memory

{__doc__.split(chr(10), 2)[2].strip()}

{table(["rows (DeepFM, vocabulary 10,000)", *header], rows)}

{table(["model", "vocabulary (300,000 rows)", *header], vocabulary)}

Three million generated rows from their Parquet file, Wide & Deep with its cross, one epoch through
the command line, everything from reading to testing counted in the memory:

{table(["read", "training rows", "seconds of training", "peak MB", "test AUC"], streamed)}"""


def _cells(point_: dict[str, Any]) -> list[str]:
    return [
        f"{point_['seconds']:.2f}",
        f"{point_['rows'] / point_['seconds'] / 1e3:,.0f} k",
        f"{point_['peak_mb']:,.0f} ({point_['imported_mb']:,.0f})",
    ]


if __name__ == "__main__":
    print(json.dumps(point(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
