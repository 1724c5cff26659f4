"""What the shipped sample set teaches: test AUC of every preset by slice, five seeds.

Shipped defaults, the log's own split, one thread; a seed draws start and order of rows anew. The
data are planted: these figures say what the lab shows, not what the papers found.

`python -m benchmarks.sample_set --models trees --seeds 0 1 2` trains some of them and puts them
among the figures kept.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.tables import spread, table
from recsys_demo.config.presets import MAIN_PRESETS, PRESETS, default_crosses, with_crosses
from recsys_demo.config.run import RunConfig
from recsys_demo.data.planted.sample import WorldConfig, make_world
from recsys_demo.data.schema import Schema
from recsys_demo.data.sources import Dataset, load
from recsys_demo.data.specs import SampleSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.evaluation.reports import evaluate
from recsys_demo.evaluation.slices import default_slices
from recsys_demo.folders import SAMPLE_SET
from recsys_demo.studies.crosses.learned import learned_crosses
from recsys_demo.studies.embeddings.overview import clearest, overview
from recsys_demo.studies.embeddings.probes import probe
from recsys_demo.studies.embeddings.vectors import FieldVectors, State, field_vectors
from recsys_demo.training.experiment import train_run
from recsys_demo.training.runs import Run, load_stored, save_run

SEEDS = (0, 1, 2, 3, 4)
KEPT = Path(__file__).parent / "results" / "sample_set.json"
SLICES = ("all", "exceptions", "never", "rare", "medium", "frequent", "held_out")
MAPPED = ("deep", "deepfm")
SPLIT = SplitConfig(kind="column")
PLANTED = "installed x app"
LEAST_SHARE = 0.8
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


def main() -> None:
    """Train the presets named with the seeds named."""
    parser = argparse.ArgumentParser(prog="benchmarks.sample_set", description=__doc__)
    parser.add_argument("--models", nargs="+", choices=list(PRESETS), required=True)
    parser.add_argument("--seeds", nargs="+", type=int, default=list(SEEDS))
    arguments = parser.parse_args()
    crosses = default_crosses(Schema.from_toml(SAMPLE_SET / "schema.toml"))
    content = json.loads(KEPT.read_text(encoding="utf-8"))
    for key in arguments.models:
        content["figures"]["runs"][key] = [_train(key, crosses, seed) for seed in arguments.seeds]
        KEPT.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _train(preset: str, crosses: tuple[str, ...], seed: int) -> dict[str, Any]:
    model = with_crosses(PRESETS[preset].model, crosses)
    config = RunConfig(data=SampleSpec(), split=SPLIT, model=model, seed=seed)
    training = train_run(config)
    while True:
        try:
            next(training)
        except StopIteration as end:
            run: Run = end.value
            break
    result = run.result
    slices = result["test"]["slices"]
    sys.stderr.write(f"{preset} seed {seed}: {slices['all']['auc']:.4f}\n")
    kept = ("train_seconds", "rows_per_second", "epochs", "parameters", "peak_memory_mb")
    figures = {key: result[key] for key in kept}
    return figures | {
        "map": _map(run) if preset in MAPPED else None,
        "strongest": _strongest(run) if model.has("cross_network") else None,
        "auc": {key: slices[key]["auc"] for key in SLICES},
        "rows": {key: slices[key]["rows"] for key in SLICES},
        "logloss": result["test"]["logloss"],
    }


def _strongest(run: Run) -> str:
    """The two different fields that the cross network multiplies most."""
    with tempfile.TemporaryDirectory() as place:
        save_run(run, Path(place) / "run")
        cross, _ = learned_crosses([load_stored(Path(place) / "run")]).ranked[0]
    return str(cross)


def _map(run: Run) -> dict[str, Any]:
    """What the first view of the Embeddings room shows of the planted taste."""
    assert run.start is not None
    truth = make_world(WorldConfig()).item_truth()[["segment"]]

    def table(state: State, field: str) -> FieldVectors:
        return field_vectors(state, run.encoder, field, metadata=truth)

    state = run.ranker.state()
    field, attribute = clearest(table(state, name) for name in ("app", "installed"))
    after, before = table(state, field), table(run.start, field)
    found = overview(after, before, attribute)
    assert found.purity is not None
    assert found.quality is not None
    linear = probe(after.vectors, before.vectors, after.metadata[attribute], attribute)[0]
    return {
        "field": field,
        "after": found.purity.after.value,
        "before": found.purity.before.value,
        "on_map": found.purity.on_map,
        "chance": found.purity.chance,
        "kept": found.quality.kept.value,
        "probe": linear.trained.value,
        "probe_before": linear.untrained.value,
    }


def _truth(data: Dataset) -> dict[str, float]:
    assert data.schema.truth is not None
    p = data.test.frame[data.schema.truth.probability].to_numpy().clip(1e-9, 1 - 1e-9)
    slices = default_slices(data.train, data.test)
    reports = evaluate(data.test.labels, np.log(p / (1 - p)), slices, ("auc",))
    return {key: reports[key].values["auc"] for key in SLICES}


def difference(figures: Mapping[str, Any], one: str, other: str, key: str) -> tuple[float, float]:
    """Mean difference of test AUC over the seeds of both, and its standard deviation."""
    differences = [
        a["auc"][key] - b["auc"][key]
        for a, b in zip(figures["runs"][one], figures["runs"][other], strict=False)
    ]
    return statistics.fmean(differences), statistics.stdev(differences)


def render(figures: dict[str, Any]) -> str:
    """The section of RESULTS.md."""
    rows = [
        [
            PRESETS[key].label + ("" if len(runs) == len(SEEDS) else f" ({len(runs)} seeds)"),
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

{__doc__.split(chr(10) * 2)[1].strip()}

Mean ± standard deviation over seeds {", ".join(map(str, SEEDS))}; rows of each slice in brackets.

{table(header, [*rows, truth])}

{_claims(figures)}

{_maps(figures)}

The four main presets need {together:.1f} s of one core together. Training again with the same seed
{same} the same digits."""


def _maps(figures: Mapping[str, Any]) -> str:
    names = ("after", "before", "chance", "on_map", "kept", "probe", "probe_before")
    rows = []
    for key in MAPPED:
        maps = [run["map"] for run in figures["runs"][key]]
        spreads = [spread([found[name] for found in maps], 2) for name in names]
        rows.append([PRESETS[key].label, ", ".join(sorted({m["field"] for m in maps})), *spreads])
    header = ["first view of Embeddings", "field", "purity after", "before", "chance",
              "purity on the map", "neighbours kept", "linear probe", "probe before"]  # fmt: skip
    return (
        "Purity: share of the ten nearest that are of the same planted taste. On the map: of the "
        "ten nearest in two principal components of the directions.\n\n" + table(header, rows)
    )


def _claims(figures: Mapping[str, Any]) -> str:
    asked = (
        ("Wide beats Deep on exceptions by .10", "wide", "deep", "exceptions", 0.10),
        ("Deep beats Wide on never-seen pairs by .04", "deep", "wide", "never", 0.04),
        ("Wide & Deep beats Wide over all rows", "wide_deep", "wide", "all", 0.0),
        ("Wide & Deep beats Deep over all rows", "wide_deep", "deep", "all", 0.0),
        (DEEPFM_CLAIM, "deepfm", "wide_deep", "never", 0.0),
        (
            "DCN-V2, without a cross, reaches Wide & Deep over all rows",
            "dcn_v2",
            "wide_deep",
            "all",
            0.0,
        ),
        ("GBDT beats DeepFM on exceptions by .10", "trees", "deepfm", "exceptions", 0.10),
        ("Wide beats GBDT on exceptions by .10", "wide", "trees", "exceptions", 0.10),
        ("DeepFM beats GBDT on never-seen pairs by .10", "deepfm", "trees", "never", 0.10),
        ("GBDT beats Wide on never-seen pairs by .04", "trees", "wide", "never", 0.04),
    )
    rows = []
    for claim, one, other, key, least in asked:
        mean, deviation = difference(figures, one, other, key)
        holds = mean >= least and abs(mean) > 2 * deviation
        rows.append([claim, f"{mean:+.3f} ± {deviation:.3f}", "holds" if holds else "does not"])
    for key, runs in figures["runs"].items():
        found = [cross for run in runs if (cross := run.get("strongest")) is not None]
        if found:
            claim = f"{PRESETS[key].label} multiplies {PLANTED} most, on four of five seeds"
            times = found.count(PLANTED)
            holds = times >= LEAST_SHARE * len(found)
            told = f"{times} of {len(found)} seeds"
            rows.append([claim, told, "holds" if holds else "does not"])
    return table(["claim", "difference", "holds, and is over twice its spread"], rows)


if __name__ == "__main__":
    main()
