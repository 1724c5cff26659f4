"""What the shipped sample set teaches: test AUC of every preset by slice, five seeds.

Shipped defaults, the log's own split, one thread; a seed draws start and order of rows anew. The
data are planted: these figures say what the lab shows, not what the papers found.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.tables import spread, table
from recsys_demo.config.presets import MAIN_PRESETS, PRESETS, default_crosses, with_crosses
from recsys_demo.config.run import RunConfig
from recsys_demo.data.schema import Schema
from recsys_demo.data.sources import Dataset, load
from recsys_demo.data.specs import SampleSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.evaluation.reports import evaluate
from recsys_demo.evaluation.slices import default_slices
from recsys_demo.folders import SAMPLE_SET
from recsys_demo.training.experiment import train_run

SEEDS = (0, 1, 2, 3, 4)
SLICES = ("all", "exceptions", "never", "rare", "medium", "frequent", "held_out")
SPLIT = SplitConfig(kind="column")
DEEPFM_CLAIM = "DeepFM, without a cross, reaches Wide & Deep on never-seen pairs"


def measure() -> dict[str, Any]:
    """Train every preset with every seed."""
    crosses = default_crosses(Schema.from_toml(SAMPLE_SET / "schema.toml"))
    runs = {key: [_train(key, crosses, seed) for seed in SEEDS] for key in PRESETS}
    again = _train(MAIN_PRESETS[-1], crosses, SEEDS[0])
    return {
        "truth": _truth(load(SampleSpec(), SPLIT)),
        "runs": runs,
        "same_digits": again["auc"] == runs[MAIN_PRESETS[-1]][0]["auc"],
    }


def _train(preset: str, crosses: tuple[str, ...], seed: int) -> dict[str, Any]:
    model = with_crosses(PRESETS[preset].model, crosses)
    config = RunConfig(data=SampleSpec(), split=SPLIT, model=model, seed=seed)
    training = train_run(config)
    while True:
        try:
            next(training)
        except StopIteration as end:
            result: dict[str, Any] = end.value.result
            break
    slices = result["test"]["slices"]
    sys.stderr.write(f"{preset} seed {seed}: {slices['all']['auc']:.4f}\n")
    kept = ("train_seconds", "rows_per_second", "epochs", "parameters", "peak_memory_mb")
    figures = {key: result[key] for key in kept}
    return figures | {
        "auc": {key: slices[key]["auc"] for key in SLICES},
        "rows": {key: slices[key]["rows"] for key in SLICES},
        "logloss": result["test"]["logloss"],
    }


def _truth(data: Dataset) -> dict[str, float]:
    assert data.schema.truth is not None
    p = data.test.frame[data.schema.truth.probability].to_numpy().clip(1e-9, 1 - 1e-9)
    slices = default_slices(data.train, data.test)
    reports = evaluate(data.test.labels, np.log(p / (1 - p)), slices, ("auc",))
    return {key: reports[key].values["auc"] for key in SLICES}


def difference(figures: Mapping[str, Any], one: str, other: str, key: str) -> tuple[float, float]:
    """Mean difference of test AUC over seeds, and the standard deviation of that difference."""
    differences = [
        a["auc"][key] - b["auc"][key]
        for a, b in zip(figures["runs"][one], figures["runs"][other], strict=True)
    ]
    return statistics.fmean(differences), statistics.stdev(differences)


def render(figures: dict[str, Any]) -> str:
    """The section of RESULTS.md."""
    rows = [
        [
            PRESETS[key].label,
            *(spread([run["auc"][name] for run in runs], 3) for name in SLICES),
            spread([run["train_seconds"] for run in runs], 1),
            f"{statistics.fmean(run['rows_per_second'] for run in runs) / 1e3:,.0f} k",
        ]
        for key, runs in figures["runs"].items()
    ]
    truth = ["the truth itself", *(f"{figures['truth'][name]:.3f}" for name in SLICES), "", ""]
    counts = next(iter(figures["runs"].values()))[0]["rows"]
    header = ["test AUC", *(f"{name} ({counts[name]:,})" for name in SLICES), "seconds", "rows/s"]
    together = sum(
        statistics.fmean(run["train_seconds"] for run in figures["runs"][key])
        for key in MAIN_PRESETS
    )
    same = "gives" if figures["same_digits"] else "DOES NOT give"
    return f"""## Sample set, shipped defaults

{__doc__.split(chr(10), 2)[2].strip()}

Mean ± standard deviation over seeds {", ".join(map(str, SEEDS))}; rows of each slice in brackets.

{table(header, [*rows, truth])}

{_claims(figures)}

The four main presets need {together:.1f} s of one core together. Training again with the same seed
{same} the same digits."""


def _claims(figures: Mapping[str, Any]) -> str:
    asked = (
        ("Wide beats Deep on exceptions by .10", "wide", "deep", "exceptions", 0.10),
        ("Deep beats Wide on never-seen pairs by .04", "deep", "wide", "never", 0.04),
        ("Wide & Deep beats Wide over all rows", "wide_deep", "wide", "all", 0.0),
        ("Wide & Deep beats Deep over all rows", "wide_deep", "deep", "all", 0.0),
        (DEEPFM_CLAIM, "deepfm", "wide_deep", "never", 0.0),
    )
    rows = []
    for claim, one, other, key, least in asked:
        mean, deviation = difference(figures, one, other, key)
        holds = mean >= least and abs(mean) > 2 * deviation
        rows.append([claim, f"{mean:+.3f} ± {deviation:.3f}", "holds" if holds else "does not"])
    return table(["claim", "difference", "holds, and is over twice its spread"], rows)
