"""`compare RUN_DIR...`: saved runs side by side, seeds of one model together."""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from recsys_demo.studies.comparison.recipes import Recipe, differences, key_of, recipe
from recsys_demo.training.runs import load_manifest

SHOWN = ("all", "exceptions", "never", "rare", "frequent", "held_out")


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of this command."""
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN_DIR")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Print a table; the value is what `--json` prints."""
    manifests = {folder: load_manifest(folder) for folder in dict.fromkeys(arguments.runs)}
    results = [manifest.result | {"run": str(folder)} for folder, manifest in manifests.items()]
    recipes = [recipe(m.config, m.result.get("fingerprint")) for m in manifests.values()]
    groups, again = grouped(results, recipes)
    sys.stdout.write(table(groups) + "\n")
    for line in (*_told_apart(groups), *again, *_remarks(results)):
        sys.stdout.write(line + "\n")
    return {"runs": results, "models": groups}


def grouped(
    results: Sequence[dict[str, Any]], recipes: Sequence[Recipe]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Per model the mean and the standard deviation over its runs of every test slice's AUC and
    log loss, in the order in which the models were named; and a line for every run left out,
    because one with its seed is there already.

    Runs are one model if nothing but their seeds differs (`differs`: in what this model differs
    from the others of its preset).
    """
    members: dict[str, list[dict[str, Any]]] = {}
    recipe_of: dict[str, Recipe] = {}
    again = []
    for result, own in zip(results, recipes, strict=True):
        group = members.setdefault(key_of(own), [])
        recipe_of[key_of(own)] = own
        if twin := next((m for m in group if m["seed"] == result["seed"]), None):
            again.append(f"{result['run']} is {twin['run']} once more: it counts once.")
        else:
            group.append(result)
    presets = {key: group[0]["preset"] for key, group in members.items()}
    models = []
    for key, group in members.items():
        like = [other for other in members if presets[other] == presets[key]]
        differs = differences([recipe_of[other] for other in like])[like.index(key)]
        name = presets[key] if len(like) == 1 else f"{presets[key]} #{like.index(key) + 1}"
        models.append(
            {
                "model": name,
                "preset": presets[key],
                "differs": differs,
                "seeds": [result["seed"] for result in group],
                "slices": _slices(group),
            }
        )
    return models, again


def _slices(group: Sequence[dict[str, Any]]) -> dict[str, Any]:
    slices = [member["test"]["slices"] for member in group]
    return {
        key: {
            metric: _summary([own.get(key, {}).get(metric) for own in slices])
            for metric in ("auc", "logloss")
        }
        | {"rows": slice_["rows"]}
        for key, slice_ in slices[0].items()
    }


def _told_apart(groups: Sequence[dict[str, Any]]) -> Iterator[str]:
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
        yield "These runs saw different data or splits: do not compare their digits."


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
    width = max([18, *(len(group["model"]) + 2 for group in groups)])
    lines = ["Test AUC".ljust(width) + "".join(key.rjust(18) for key in keys)]
    lines.append("rows".ljust(width) + "".join(f"{there[key]:,}".rjust(18) for key in keys))
    for group in groups:
        cells = [_cell(group["slices"].get(key, {}).get("auc", {})) for key in keys]
        lines.append(group["model"].ljust(width) + "".join(cell.rjust(18) for cell in cells))
    return "\n".join(lines)


def _cell(summary: dict[str, float | None]) -> str:
    mean, spread = summary.get("mean"), summary.get("sd")
    if mean is None:
        return "-"
    return f"{mean:.4f}" if spread is None else f"{mean:.4f} ± {spread:.4f}"
