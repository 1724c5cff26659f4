"""`python -m benchmarks.golden [--keep]`: do a dozen runs still give the digits they gave?

The digits are those of one kind of processor, so this is a command and not a test: keep them
before a change that must not move a number, compare after it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks import machine

KEPT = Path(__file__).parent / "results" / "golden.json"
# Of version 1, so that what was kept before there was another still tells of the engine.
WORLD = (
    *("--users", "300", "--apps", "60", "--impressions", "8000", "--exceptions", "40"),
    *("--version", "1", "--affinity", "1.4", "--rank", "4", "--segments", "12", "--seed", "5"),
)
MEASURED = ("train_seconds", "seconds_to_best", "rows_per_second", "peak_memory_mb")
RUNS: dict[str, tuple[str, ...]] = {
    "lr": (),
    "fm": (),
    "wide": (),
    "deep": (),
    "wide_deep": (),
    "deepfm": (),
    "wide_deep_plain": ("--seed", "5"),
    "fm_dnn": ("--seed", "5"),
    "wide hashed": ("--set", "crosses.buckets=64", "--cross", "installed x app x hour"),
    "deep regularized": (
        *("--set", "deep.dropout=0.2", "--set", "deep.batch_norm=true"),
        *("--set", "deep.hidden=32-32-16", "--set", "embedding.update=all"),
    ),
    "fm third order": ("--set", "fm.order=3", "--set", "embedding.size=5"),
    "deepfm streamed": ("--stream",),
}


def digits() -> dict[str, dict[str, Any]]:
    """What every run of `RUNS` gives, by name."""
    with tempfile.TemporaryDirectory() as folder:
        _lab("sample", "--out", f"{folder}/log", *WORLD)
        _split(Path(folder, "log"))
        return {name: _run(name, more, Path(folder)) for name, more in RUNS.items()}


def _run(name: str, more: tuple[str, ...], folder: Path) -> dict[str, Any]:
    log, out = folder / "log", folder / name
    parts = ("train", "valid", "test")
    data = (
        [word for part in parts for word in (f"--{part}", f"{log}/{part}.parquet")]
        if "--stream" in more
        else ["--data", f"{log}/impressions.parquet"]
    )
    schema = "parts.toml" if "--stream" in more else "schema.toml"
    preset = name.split(" ", maxsplit=1)[0]
    told = _lab(
        "train", "--preset", preset, *data, "--schema", f"{log}/{schema}", *more, "--json",
        "--out", str(out),
    )  # fmt: skip
    result = json.loads(told.splitlines()[-1])
    history = pd.read_csv(out / "history.csv")
    history = history.drop(columns=[name for name in history if "second" in name])
    return {
        "weights": _digest((out / "weights.safetensors").read_bytes()),
        "predictions": _digest(pd.read_parquet(out / "predictions.parquet").to_csv().encode()),
        "history": _digest(history.to_csv().encode()),
        "parameters": result["parameters"],
        "best_epoch": result["best_epoch"],
        "test": {
            key: (values["rows"], values["auc"], values["logloss"])
            for key, values in result["test"]["slices"].items()
        },
    }


def _split(log: Path) -> None:
    """The log once more as three files, for streaming."""
    rows = pd.read_parquet(log / "impressions.parquet")
    for part in ("train", "valid", "test"):
        rows[rows["split"] == part].drop(columns="split").to_parquet(log / f"{part}.parquet")
    schema = (log / "schema.toml").read_text(encoding="utf-8")
    (log / "parts.toml").write_text(schema.replace('split = "split"\n', ""), encoding="utf-8")


def _lab(*arguments: str) -> str:
    command = [sys.executable, "-m", "recsys_demo", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:20]


def main() -> int:
    """Keep the digits, or say which run's have moved; 1 if any has."""
    parser = argparse.ArgumentParser(prog="benchmarks.golden", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="keep today's digits")
    found = json.loads(json.dumps(digits()))
    if parser.parse_args().keep:
        kept = {"machine": machine.describe(), "runs": found}
        KEPT.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
        return 0
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    moved = [name for name in RUNS if found[name] != kept["runs"].get(name)]
    sys.stdout.write(f"kept on {kept['machine']}; now on {machine.describe()}\n")
    for name in moved:
        parts = [key for key in found[name] if found[name][key] != kept["runs"][name][key]]
        sys.stdout.write(f"{name}: other {', '.join(parts)}\n")
    sys.stdout.write(f"{len(RUNS) - len(moved)} of {len(RUNS)} runs give the same digits\n")
    return 1 if moved else 0


if __name__ == "__main__":
    sys.exit(main())
