"""The four presets on the shipped sample set show what the pages say they show.

One seed here, with room below the measured differences; `benchmarks/sample_set.py` measures five
seeds and their spread.
"""

from __future__ import annotations

from typing import Any

import pytest

from recsys_demo.config.presets import MAIN_PRESETS, PRESETS, default_crosses, with_crosses
from recsys_demo.config.run import RunConfig
from recsys_demo.data.planted.files import read_sample
from recsys_demo.data.planted.sample import make_world
from recsys_demo.data.specs import SampleSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.studies.embeddings.overview import overview
from recsys_demo.studies.embeddings.probes import probe
from recsys_demo.studies.embeddings.vectors import field_vectors
from recsys_demo.training.experiment import train_run
from recsys_demo.training.runs import Run
from recsys_demo.training.trainer import EpochReport, Event, Finished


def run_of(preset: str) -> tuple[list[Event], Run]:
    crosses = default_crosses(read_sample()[0].schema)
    config = RunConfig(
        data=SampleSpec(),
        split=SplitConfig(kind="column"),
        model=with_crosses(PRESETS[preset].model, crosses),
    )
    events, training = [], train_run(config)
    while True:
        try:
            events.append(next(training))
        except StopIteration as end:
            return events, end.value


@pytest.fixture(scope="module")
def trained() -> dict[str, tuple[list[Event], Run]]:
    return {preset: run_of(preset) for preset in MAIN_PRESETS}


@pytest.fixture(scope="module")
def auc(trained: dict[str, tuple[list[Event], Run]]) -> dict[str, dict[str, float]]:
    def of(result: dict[str, Any]) -> dict[str, float]:
        return {key: slice_["auc"] for key, slice_ in result["test"]["slices"].items()}

    return {preset: of(run.result) for preset, (_, run) in trained.items()}


def test_only_crosses_remember_the_exceptions(auc: dict[str, dict[str, float]]) -> None:
    assert auc["wide"]["exceptions"] > auc["deep"]["exceptions"] + 0.10
    assert auc["wide_deep"]["exceptions"] > auc["deepfm"]["exceptions"] + 0.10


def test_embeddings_generalize_to_pairs_never_seen(auc: dict[str, dict[str, float]]) -> None:
    assert auc["deep"]["never"] > auc["wide"]["never"] + 0.04
    assert auc["deepfm"]["never"] > auc["wide_deep"]["never"] - 0.005


def test_wide_and_deep_together_are_best_over_all_rows(auc: dict[str, dict[str, float]]) -> None:
    assert auc["wide_deep"]["all"] == max(slices["all"] for slices in auc.values())


@pytest.mark.parametrize("preset", ["deep", "deepfm"])
def test_the_first_map_shows_the_planted_tastes(
    trained: dict[str, tuple[list[Event], Run]], preset: str
) -> None:
    run = trained[preset][1]
    truth = make_world().item_truth()[["segment"]]
    assert run.start is not None
    after, before = (
        field_vectors(state, run.encoder, "installed", metadata=truth)
        for state in (run.ranker.state(), run.start)
    )
    purity = overview(after, before, "segment").purity
    assert purity is not None
    assert purity.after.value >= 0.6
    assert purity.before.value <= 1.3 * purity.chance
    assert purity.on_map >= 0.5
    linear, _ = probe(after.vectors, before.vectors, after.metadata["segment"], "segment")
    assert linear.trained.value >= 0.8
    assert linear.clear


def test_events_count_the_epochs_and_end_with_the_best_one(
    trained: dict[str, tuple[list[Event], Run]],
) -> None:
    for events, run in trained.values():
        epochs = [event for event in events if isinstance(event, EpochReport)]
        assert isinstance(events[-1], Finished)
        assert len(epochs) == run.result["epochs"]
        assert 1 <= run.result["best_epoch"] <= len(epochs)


def test_slices_of_the_report_hold_the_rows_they_name(
    trained: dict[str, tuple[list[Event], Run]],
) -> None:
    run = trained["wide"][1]
    rows = {key: slice_["rows"] for key, slice_ in run.result["test"]["slices"].items()}
    assert rows["all"] == len(run.predictions)
    assert rows["never"] + rows["rare"] + rows["medium"] + rows["frequent"] == rows["all"]
