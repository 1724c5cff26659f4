"""`compare RUN_DIR...`: saved runs side by side, seeds of one model together."""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from recsys_demo.evaluation.intervals import seed_interval
from recsys_demo.evaluation.verdicts import RULE, leader, level_of_each, verdict
from recsys_demo.studies.comparison.measures import SliceScores
from recsys_demo.studies.comparison.models import logits_of
from recsys_demo.studies.comparison.recipes import (
    Recipe,
    differences,
    key_of,
    machines_sentence,
    recipe,
)
from recsys_demo.training.runs import load_manifest, load_predictions

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
    found = verdicts({group["model"]: [Path(run) for run in group["runs"]] for group in groups})
    sys.stdout.write(table(groups) + "\n")
    for line in (*_distinct_names(groups), *again, *_remarks(results), *_findings(found)):
        sys.stdout.write(line + "\n")
    return {"runs": results, "models": groups, "rule": RULE, "verdicts": found}


def grouped(
    results: Sequence[dict[str, Any]], recipes: Sequence[Recipe]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Per model the mean over its runs of every test slice's AUC and log loss, with their standard
    deviation and half of the 95 % interval of the mean (Student's, over seeds), in the order in
    which the models were named; and a line for every run left out, because one with its seed is
    there already.

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
                "runs": [result["run"] for result in group],
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


def _summary(values: list[float | None]) -> dict[str, float | None]:
    numbers = [value for value in values if value is not None]
    if not numbers:
        return {"mean": None, "sd": None, "half_width": None}
    found = seed_interval(numbers)
    return {
        "mean": found.value,
        "sd": statistics.stdev(numbers) if found.is_known else None,
        "half_width": found.half_width if found.is_known else None,
    }


def table(groups: list[dict[str, Any]]) -> str:
    """Test AUC per model and slice as text, with half of its interval over seeds where there are
    several."""
    there = {key: slice_["rows"] for group in groups for key, slice_ in group["slices"].items()}
    keys = [key for key in SHOWN if key in there]
    width = max([18, *(len(group["model"]) + 2 for group in groups)])
    lines = ["Test AUC".ljust(width) + "".join(key.rjust(18) for key in keys)]
    lines.append("rows".ljust(width) + "".join(f"{there[key]:,}".rjust(18) for key in keys))
    for group in groups:
        cells = [_cell(group["slices"].get(key, {}).get("auc", {})) for key in keys]
        lines.append(group["model"].ljust(width) + "".join(cell.rjust(18) for cell in cells))
    if any(len(group["seeds"]) > 1 for group in groups):
        lines.append("±: half of the 95 % interval of the mean over seeds (Student's t).")
    return "\n".join(lines)


def verdicts(models: Mapping[str, Sequence[Path]]) -> list[dict[str, Any]]:
    """What can be said of the model with the best mean AUC over all test rows against each other
    one, from the predictions of their runs; empty where they were not tested on the same rows."""
    saved = {name: [load_predictions(run) for run in runs] for name, runs in models.items()}
    first = next(iter(saved.values()))[0][["row", "label"]]
    if not all(one[["row", "label"]].equals(first) for own in saved.values() for one in own):
        return []
    labels = first["label"].to_numpy()
    seen = {
        name: SliceScores.of(
            labels, np.stack([logits_of(one["probability"].to_numpy()) for one in own]), "auc"
        )
        for name, own in saved.items()
    }
    best = leader({name: one.of_seeds() for name, one in seen.items()}, "auc")
    level = level_of_each(len(seen) - 1)
    return [_verdict(best, name, seen, level) for name in seen if best is not None and name != best]


def _verdict(
    best: str, other: str, seen: Mapping[str, SliceScores], level: float
) -> dict[str, Any]:
    a, b = seen[best], seen[other]
    said = verdict(
        best, a.of_seeds(), other, b.of_seeds(), "auc", "all test rows", a.better_than(b), level
    )
    return {
        "a": best,
        "b": other,
        "finding": said.finding,
        "difference": said.gain,
        "half_width": said.half_width,
        "sentence": said.sentence,
    }


def _findings(found: Sequence[dict[str, Any]]) -> Iterator[str]:
    yield from (one["sentence"] for one in found)
    if found:
        yield RULE


def _cell(summary: dict[str, float | None]) -> str:
    mean, half = summary.get("mean"), summary.get("half_width")
    if mean is None:
        return "-"
    return f"{mean:.4f}" if half is None else f"{mean:.4f} ± {half:.4f}"
