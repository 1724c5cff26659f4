"""Saved runs side by side: numbers by model, seeds of one model together, and what can be said."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from recsys_demo.evaluation.intervals import seed_interval
from recsys_demo.evaluation.leads import leader
from recsys_demo.evaluation.verdicts import RULE, level_of_each, verdict
from recsys_demo.studies.comparison.measures import SliceScores
from recsys_demo.studies.comparison.models import logits_of
from recsys_demo.studies.comparison.recipes import Recipe, differences, key_of, recipe
from recsys_demo.training.run_files import load_manifest, load_predictions

SHOWN = ("all", "exceptions", "never", "rare", "frequent", "held_out")


def compared(folders: Sequence[Path]) -> dict[str, Any]:
    """What `compare --json` prints: `runs`, `models`, `rule`, `verdicts`, and `again`, a line for
    every run left out. Raises InputError for a folder that is no run."""
    manifests = {folder: load_manifest(folder) for folder in dict.fromkeys(folders)}
    results = [manifest.result | {"run": str(folder)} for folder, manifest in manifests.items()]
    recipes = [recipe(m.config, m.result.get("fingerprint")) for m in manifests.values()]
    groups, again = grouped(results, recipes)
    found = verdicts({group["model"]: [Path(run) for run in group["runs"]] for group in groups})
    return {"runs": results, "models": groups, "again": again, "rule": RULE, "verdicts": found}


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
