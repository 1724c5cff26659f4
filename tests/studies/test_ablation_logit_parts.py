"""Dials on a trained model: exact sums, nothing trained again, the list follows."""

from __future__ import annotations

import numpy as np
import pytest

from recsys_demo.config.component_kinds import BIAS
from recsys_demo.config.model import ModelConfig
from recsys_demo.config.presets import with_crosses
from recsys_demo.config.run import RunConfig
from recsys_demo.models.ranker import score
from recsys_demo.recommendation.recommender import Recommender
from recsys_demo.studies.ablation.logit_parts import (
    LogitParts,
    parts_of_list,
    parts_of_rows,
)
from recsys_demo.training.datasets import run_data
from recsys_demo.training.experiment import train_run, trained_run
from recsys_demo.training.runs import Run
from tests.making.sweeping import ALL_FOUR, CROSSES, run_config, write_log


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> RunConfig:
    return run_config(write_log(tmp_path_factory.mktemp("log"), 600))


@pytest.fixture(scope="module")
def run(config: RunConfig) -> Run:
    return trained_run(train_run(config))


def apart(run: Run, config: RunConfig) -> tuple[LogitParts, np.ndarray]:
    encoded = run.encoder.encode(run_data(config).part("test"))
    return parts_of_rows(run.ranker, run.encoder, encoded), score(run.ranker, encoded)


def test_all_dials_at_one_are_the_model(run: Run, config: RunConfig) -> None:
    taken, whole = apart(run, config)
    np.testing.assert_allclose(taken.logits(), whole, atol=1e-5)
    assert taken.dials == ["linear", *[f"cross:{cross}" for cross in CROSSES], "fm", "deep"]


def test_dials_weigh_the_parts(run: Run, config: RunConfig) -> None:
    taken, whole = apart(run, config)
    for name in taken.dials:
        for dial in (0.0, 0.5, 2.0):
            expected = whole + (dial - 1) * taken.parts[name]
            np.testing.assert_allclose(taken.logits({name: dial}), expected, atol=1e-5)
    off = taken.logits(dict.fromkeys(taken.dials, 0.0))
    np.testing.assert_array_equal(off, taken.parts[BIAS])
    assert len(set(off)) == 1


def test_crosses_are_told_apart_as_training_one_alone_would_see_them(
    run: Run, config: RunConfig
) -> None:
    taken, _ = apart(run, config)
    encoded = run.encoder.encode(run_data(config).part("test"))
    together = take_apart_of_all(run, encoded)
    own = [taken.parts[f"cross:{cross}"] for cross in CROSSES]
    np.testing.assert_allclose(sum(own), together, atol=1e-5)
    # silencing the weights of the second cross leaves the first
    crosses = run.ranker.components["crosses"]
    weights = crosses.state()["weights"]
    kept = weights.clone()
    try:
        weights[run.encoder.cross_offsets()[1] + 1 :] = 0
        np.testing.assert_allclose(own[0], take_apart_of_all(run, encoded), atol=1e-6)
    finally:
        weights.copy_(kept)


def take_apart_of_all(run: Run, encoded: object) -> np.ndarray:
    from recsys_demo.models.components.base import as_batch

    parts = run.ranker.parts(as_batch(encoded))  # type: ignore[arg-type] # encoded rows
    return parts["crosses"].detach().double().numpy()


def test_one_cross_is_the_component(config: RunConfig) -> None:
    model: ModelConfig = with_crosses(ALL_FOUR, CROSSES[:1])
    single = config.model_copy(update={"model": model})
    taken, whole = apart(trained_run(train_run(single)), single)
    assert taken.dials == ["linear", "crosses", "fm", "deep"]
    np.testing.assert_allclose(taken.logits(), whole, atol=1e-5)


def test_the_list_of_a_query_is_scored_as_its_rows_would_be(run: Run, config: RunConfig) -> None:
    log = run_data(config).part("train")
    row = log.frame.iloc[0]
    recommender = Recommender.of_run(run)
    query = recommender.query({name: row[name] for name in ("country", "installed", "age")})
    taken = parts_of_list(recommender, query)
    assert taken.dials == apart(run, config)[0].dials
    shown = recommender.position(str(row["app"]))
    encoded = run.encoder.encode(log.take(np.array([0])))
    np.testing.assert_allclose(taken.logits()[shown], score(run.ranker, encoded)[0], atol=1e-5)
    np.testing.assert_allclose(taken.logits(), recommender.logits(query), atol=1e-9)
