"""The benchmarks' arithmetic: what they compare is the same, and verdicts follow the figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import aims, frappe, lessons, noise, peers, scale
from benchmarks.__main__ import report
from benchmarks.peers.environments import PEERS
from benchmarks.peers.rows import export, task_of
from recsys_demo.config.presets import PRESETS, with_crosses
from recsys_demo.config.run import RunConfig
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.specs import SampleSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.features.encoder import fit_encoder
from recsys_demo.lessons.files import LESSONS, built_in
from recsys_demo.lessons.messages import LANGUAGES
from recsys_demo.training.datasets import run_data


def test_exported_rows_are_the_labs_own_with_codes_counted_from_zero(tmp_path: Path) -> None:
    world = WorldConfig(users=60, apps=20, impressions=1_000, exceptions=5)
    model = with_crosses(PRESETS["wide_deep"].model, ("installed x app",))
    config = RunConfig(data=SampleSpec(world=world), split=SplitConfig(kind="column"), model=model)
    columns = export(config, tmp_path / "rows.npz")
    arrays = np.load(tmp_path / "rows.npz")
    data = run_data(config)
    encoder = fit_encoder(data.dataset.train, model, data.fields)
    for part in ("train", "valid", "test"):
        codes = data.fields.encode(data.part(part).frame)
        assert np.array_equal(arrays[f"{part}.labels"], data.part(part).labels)
        for index, (name, size) in enumerate(columns["single"]):
            assert np.array_equal(arrays[f"{part}.single"][:, index], codes.of(name)[:, 0])
            assert arrays[f"{part}.single"][:, index].max() < size
        ((name, size, width),) = columns["multi"]
        # One more than the lab's codes, so that 0 is free for padding (the lab's -1).
        assert np.array_equal(arrays[f"{part}.multi"], codes.of(name) + 1)
        assert arrays[f"{part}.multi"].max() < size
        assert arrays[f"{part}.crosses"].max() < encoder.cross_rows
    assert width == arrays["train.multi"].shape[1]
    task = task_of(config, tmp_path / "rows.npz", columns, 2)
    assert task["components"] == ["linear", "crosses", "deep"]
    assert task["hidden"] == (64, 32)


def test_time_to_quality_counts_training_and_validation() -> None:
    epochs = [
        {"seconds": 2.0, "valid_seconds": 0.5, "test": 0.90},
        {"seconds": 2.0, "valid_seconds": 0.5, "test": 0.95},
    ]
    assert peers.seconds_to(epochs, 0.9) == 2.5
    assert peers.seconds_to(epochs, 0.92) == 5.0
    assert peers.seconds_to(epochs, 0.96) is None


def test_the_slope_of_a_line_is_one_and_of_a_plain_zero() -> None:
    line = [{"rows": n, "seconds": n / 7} for n in (10, 100, 1000)]
    plain = [{"rows": n, "seconds": 3.0} for n in (10, 100, 1000)]
    assert scale.slope(line, "rows") == pytest.approx(1)
    assert scale.slope(plain, "rows") == pytest.approx(0)


def race(own: float, theirs: float, auc: float = 0.9) -> dict[str, Any]:
    def told(speed: float, auc_: float) -> dict[str, Any]:
        return {"rows_per_second": speed, "test_auc": auc_, "peak_mb": 500.0, "imported_mb": 300.0}

    return {
        "lab": told(own, auc),
        "lab, bfloat16": told(own, auc),
        "fuxictr": told(theirs, 0.9),
        "deepctr": told(theirs / 2, 0.8),
    }


@pytest.mark.parametrize(("own", "auc", "fast", "good"), [(100, 0.9, True, True), (90, 0.89, 0, 0)])
def test_verdicts_follow_the_figures(own: float, auc: float, fast: bool, good: bool) -> None:
    epochs = [{"seconds": 1.0, "valid_seconds": 0.0, "test": 0.99}]
    figures = {
        "peers": {
            "teaching": {"lr": race(own, 10, auc)},
            "paper": {name: race(own, 10, auc) for name in ("LR", "FM", "DeepFM")},
            "quality": {"lab": {"epochs": epochs}, "fuxictr": {"epochs": epochs}},
        }
    }
    lines = [line for line in aims.render(figures).splitlines() if "teaching size" in line]
    assert ["| met |" in line for line in lines] == [bool(fast), bool(good)]
    told = "500 MB of 500 MB; beyond importing 200 of 200 | **not met**"
    assert f"a third of FuxiCTR's memory | {told}" in aims.render(figures)
    assert "1.0 s of 1.0 s (1.00) | **not met**" in aims.render(figures)


def test_results_are_written_from_the_figures_kept() -> None:
    kept = (Path(__file__).parent / "RESULTS.md").read_text(encoding="utf-8")
    assert report() == kept


def test_every_library_has_its_driver() -> None:
    folder = Path(peers.__file__).parent
    assert {peer.driver for peer in PEERS.values()} == {
        path.name for path in folder.glob("*_driver.py")
    }


def test_runs_of_one_recipe_are_drawn_without_replacement() -> None:
    ours, theirs = noise.disjoint(np.random.default_rng(0), 5, 2)
    assert (len(ours), len(theirs)) == (5, 2)
    assert not set(ours) & set(theirs)


def test_a_sentence_wrong_too_often_is_marked() -> None:
    figures = {
        "wrong": [
            {"name": "allowed", "rate": 0.07, "trials": 400},
            {"name": "beyond", "rate": 0.0725, "trials": 400},
        ],
        "found": [{"name": "power", "rate": 0.8, "trials": 9, "means": [0.8, 0.7], "seeds": 5}],
        "wider": {"users": 1.0, "items": 1.8},
    }
    told = noise.render(figures)
    (marked,) = [line for line in told.splitlines() if "too often" in line]
    assert marked.startswith("| beyond |")
    assert "1 of 1 are found" in told


def test_a_run_on_frappe_takes_the_place_of_an_earlier_one_of_its_seed() -> None:
    kept = {"DeepFM": [{"auc": 0.1}, {"auc": 0.2}], "LR": [{"auc": 0.3}]}
    found = frappe.merged(kept, "DeepFM", {"seed": 1, "auc": 0.9})
    found = frappe.merged(found, "FwFM", {"seed": 7, "auc": 0.5})
    assert list(found) == ["LR", "FwFM", "DeepFM"]
    assert found["DeepFM"] == [{"seed": 0, "auc": 0.1}, {"seed": 1, "auc": 0.9}]


@pytest.mark.parametrize("key", LESSONS)
def test_a_lesson_leaves_two_minutes_to_wait_and_to_read_what_came_out(key: str) -> None:
    """What training and reveals take is measured by the benchmark and stands among the aims."""
    file = built_in(key)
    read = max(lessons.reading(file, file.texts(language), {}) for language in LANGUAGES)
    assert read + lessons.acting(file.lesson) < lessons.MOST_MINUTES - 2
