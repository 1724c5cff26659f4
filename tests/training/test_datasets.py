"""What models of one log read is made once, and nothing is taken for something else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recsys_demo.config.components import CrossesConfig
from recsys_demo.config.model import ModelConfig
from recsys_demo.config.presets import PRESETS
from recsys_demo.config.run import RunConfig
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.specs import PARTS, SampleSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.features.encoder import fit_encoder
from recsys_demo.training import datasets
from recsys_demo.training.datasets import features_of, run_data
from recsys_demo.training.experiment import train_run

WORLD = WorldConfig(users=60, apps=30, impressions=1_000, exceptions=10)
DEEP, FM = PRESETS["deep"].model, PRESETS["deepfm"].model


def data(*without: str, seed: int = 0) -> RunConfig:
    spec = SampleSpec(world=WORLD.model_copy(update={"seed": seed}))
    split = SplitConfig(kind="column")
    return RunConfig(data=spec, split=split, model=DEEP, without_fields=without)


def crossed(*crosses: str, **settings: int) -> ModelConfig:
    return ModelConfig(name="m", components=(CrossesConfig(crosses=crosses, **settings),))


def test_models_that_read_the_same_share_it() -> None:
    here = run_data(data())
    assert features_of(here, DEEP) is features_of(here, FM)
    model = crossed("gender x app")
    other = model.model_copy(update={"name": "of another name"})
    assert features_of(here, model) is features_of(here, other)


def test_what_decides_what_is_read_makes_it_other() -> None:
    here = run_data(data())
    models = [DEEP, crossed("gender x app"), crossed("app x category")]
    models += [crossed("gender x app", min_support=9), crossed("gender x app", buckets=8)]
    logs = [run_data(data("gender")), run_data(data(seed=1))]
    found = [features_of(here, model) for model in models]
    found += [features_of(log, DEEP) for log in logs]
    assert len({id(features) for features in found}) == len(found)


def test_what_is_kept_is_what_an_encoder_of_its_own_gives() -> None:
    here, model = run_data(data()), crossed("gender x app")
    for _ in range(2):  # made, then kept
        kept = features_of(here, model)
        own = fit_encoder(here.dataset.train, model, here.fields)
        for name in PARTS:
            anew, encoded = own.encode(here.part(name)), kept.encoded[name]
            for array in ("ids", "positions", "crosses", "labels"):
                assert np.array_equal(getattr(anew, array), getattr(encoded, array))


def test_the_first_step_waits_for_the_slices_of_validation_rows_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sliced: list[Any] = []
    own = datasets.default_slices
    monkeypatch.setattr(
        datasets, "default_slices", lambda train, part: sliced.append(part) or own(train, part)
    )
    config = data(seed=2)
    next(train_run(config))
    parts = run_data(config).dataset
    assert sliced == [parts.valid]
