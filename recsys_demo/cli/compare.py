"""`compare RUN_DIR...`: saved runs side by side, seeds of one model together."""

from __future__ import annotations

import argparse
import statistics
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from recsys_demo.training.runs import load_manifest

SHOWN = ("all", "exceptions", "never", "rare", "frequent", "held_out")


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of this command."""
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN_DIR")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Print a table; the value is what `--json` prints."""
    results = [load_manifest(folder).result | {"run": str(folder)} for folder in arguments.runs]
    groups = grouped(results)
    sys.stdout.write(table(groups) + "\n")
    if len({result.get("fingerprint") for result in results}) > 1:
        sys.stdout.write("These runs saw different data or splits: do not compare their digits.\n")
    return {"runs": results, "models": groups}


def grouped(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Per model the mean and the standard deviation over its runs of every test slice's AUC and
    log loss, in the order in which the models were named."""
    by_model: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for result in results:
        by_model[result["preset"]].append(result)
    return [
        {
            "preset": preset,
            "seeds": [result["seed"] for result in members],
            "slices": {
                key: {
                    metric: _summary(
                        [m["test"]["slices"].get(key, {}).get(metric) for m in members]
                    )
                    for metric in ("auc", "logloss")
                }
                | {"rows": slice_["rows"]}
                for key, slice_ in members[0]["test"]["slices"].items()
            },
        }
        for preset, members in by_model.items()
    ]


def _summary(values: list[float | None]) -> dict[str, float | None]:
    numbers = [value for value in values if value is not None]
    if not numbers:
        return {"mean": None, "sd": None}
    spread = statistics.stdev(numbers) if len(numbers) > 1 else None
    return {"mean": statistics.fmean(numbers), "sd": spread}


def table(groups: list[dict[str, Any]]) -> str:
    """Test AUC per model and slice as text, with the spread over seeds where there are several."""
    there = {key: slice_["rows"] for group in groups for key, slice_ in group["slices"].items()}
    keys = [key for key in SHOWN if key in there]
    lines = ["Test AUC".ljust(18) + "".join(key.rjust(18) for key in keys)]
    lines.append("rows".ljust(18) + "".join(f"{there[key]:,}".rjust(18) for key in keys))
    for group in groups:
        cells = [_cell(group["slices"].get(key, {}).get("auc", {})) for key in keys]
        lines.append(group["preset"].ljust(18) + "".join(cell.rjust(18) for cell in cells))
    return "\n".join(lines)


def _cell(summary: dict[str, float | None]) -> str:
    mean, spread = summary.get("mean"), summary.get("sd")
    if mean is None:
        return "-"
    return f"{mean:.4f}" if spread is None else f"{mean:.4f} ± {spread:.4f}"
