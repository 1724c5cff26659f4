"""`compare RUN_DIR...`: saved runs side by side, seeds of one model together."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from recsys_demo.cli.outputs import check_outputs, write_text
from recsys_demo.evaluation import popularity
from recsys_demo.evaluation.verdicts import RULE
from recsys_demo.studies.comparison.recipes import machines_sentence
from recsys_demo.studies.comparison.saved_runs import SHOWN, compared


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of this command."""
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN_DIR")
    parser.add_argument(
        "--report",
        type=Path,
        metavar="FILE.html",
        help="write one HTML file with map, slices, curves, verdicts and settings",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Print a table; the value is what `--json` prints."""
    if arguments.report is not None:
        check_outputs(None, arguments.report, {}, ".html")
    found = compared(arguments.runs)
    sys.stdout.write(table(found["models"], _popularity(found["runs"])) + "\n")
    again = found.pop("again")
    remarks = (*_distinct_names(found["models"]), *again, *_remarks(found["runs"]))
    for line in (*remarks, *_findings(found["verdicts"])):
        sys.stdout.write(line + "\n")
    if arguments.report is not None:
        _write_report(found, arguments.report)
    return found


def _write_report(found: dict[str, Any], path: Path) -> None:
    from recsys_demo.charts.report import report  # Plotly takes a second

    write_text(report(found), path)
    sys.stdout.write(f"Wrote {path}.\n")


def _distinct_names(groups: Sequence[dict[str, Any]]) -> Iterator[str]:
    """What makes models of one preset different ones."""
    for group in groups:
        if group["differs"]:
            told = ", ".join(f"{name} = {_setting(v)}" for name, v in group["differs"].items())
            yield f"{group['model']}: {told}"


def _setting(value: Any) -> str:
    if isinstance(value, list):
        return " | ".join(map(str, value)) or "none"
    return str(value)


def _remarks(results: Sequence[dict[str, Any]]) -> Iterator[str]:
    if len({result.get("fingerprint") for result in results}) > 1:
        yield "These runs saw different data or splits: do not compare their numbers."
    if told := machines_sentence(results):
        yield told


def _popularity(results: Sequence[dict[str, Any]]) -> Mapping[str, dict[str, Any]]:
    """What popularity alone reaches, by slice; empty where runs saw different data, or are so old
    that they do not say it."""
    told = [result.get("baselines", {}).get(popularity.KEY) for result in results]
    if len({result.get("fingerprint") for result in results}) > 1 or None in told:
        return {}
    slices: Mapping[str, dict[str, Any]] = told[0]["test"]["slices"]
    return slices


def table(groups: list[dict[str, Any]], popular: Mapping[str, dict[str, Any]]) -> str:
    """Test AUC per model and slice as text, with half of its interval over seeds where there are
    several, and that of popularity by slice."""
    there = {key: slice_["rows"] for group in groups for key, slice_ in group["slices"].items()}
    keys = [key for key in SHOWN if key in there]
    width = max([18, *(len(group["model"]) + 2 for group in groups)])
    lines = ["Test AUC".ljust(width) + "".join(key.rjust(18) for key in keys)]
    lines.append("rows".ljust(width) + "".join(f"{there[key]:,}".rjust(18) for key in keys))
    for group in groups:
        cells = [_cell(group["slices"].get(key, {}).get("auc", {})) for key in keys]
        lines.append(group["model"].ljust(width) + "".join(cell.rjust(18) for cell in cells))
    if popular:
        own = [_cell({"mean": popular.get(key, {}).get("auc")}) for key in keys]
        lines.append(popularity.KEY.ljust(width) + "".join(cell.rjust(18) for cell in own))
    if any(len(group["seeds"]) > 1 for group in groups):
        lines.append("±: half of the 95 % interval of the mean over seeds (Student's t).")
    return "\n".join(lines)


def _findings(found: Sequence[dict[str, Any]]) -> Iterator[str]:
    yield from (one["sentence"] for one in found)
    if found:
        yield RULE


def _cell(summary: dict[str, float | None]) -> str:
    mean, half = summary.get("mean"), summary.get("half_width")
    if mean is None:
        return "-"
    return f"{mean:.4f}" if half is None else f"{mean:.4f} ± {half:.4f}"
