"""The issue's claims on real tables: the sample set at its defaults, and Frappe."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from recsys_demo.charts.embeddings import MapView, map_figure
from recsys_demo.config.model import TrainingConfig
from recsys_demo.config.presets import PRESETS
from recsys_demo.data.frappe import read_frappe
from recsys_demo.data.planted.sample import make_world
from recsys_demo.data.splits import SplitConfig, split
from recsys_demo.evaluation.metrics import EPOCH_METRICS
from recsys_demo.evaluation.reports import evaluate
from recsys_demo.evaluation.slices import default_slices
from recsys_demo.features.encoder import Encoder, fit_encoder
from recsys_demo.models.ranker import Ranker
from recsys_demo.studies.embeddings.maps import pca_map
from recsys_demo.studies.embeddings.probes import probe
from recsys_demo.studies.embeddings.settings import PcaSettings
from recsys_demo.studies.embeddings.vectors import attributes_of, field_vectors, untrained_vectors
from recsys_demo.training.trainer import Trainer
from tests.making.frappe import FRAPPE, needs_frappe


def trained_on_sample(preset: str) -> tuple[Ranker, Encoder]:
    torch.set_num_threads(1)
    parts = split(make_world().interactions(), SplitConfig(kind="column"))
    model = PRESETS[preset].model
    encoder = fit_encoder(parts.train, model)
    ranker = Ranker(model, encoder, 0, parts.train.base_rate)
    everything = default_slices(parts.train, parts.valid)[:1]
    trainer = Trainer(
        ranker=ranker,
        train=encoder.encode(parts.train),
        valid=encoder.encode(parts.valid),
        config=TrainingConfig(),
        seed=0,
        validate=lambda logits: {
            key: report.values
            for key, report in evaluate(
                parts.valid.labels, logits, everything, EPOCH_METRICS
            ).items()
        },
        progressive=lambda labels, logits: {},
    )
    for _ in trainer.events():
        pass
    return ranker, encoder


@pytest.mark.parametrize("preset", ["deep", "deepfm"])
def test_a_trained_table_shows_the_planted_segments_clearly_better(preset: str) -> None:
    ranker, encoder = trained_on_sample(preset)
    truth = make_world().item_truth()
    for name in ("installed", "app"):
        field = field_vectors(ranker.state(), encoder, name, metadata=truth)
        start = untrained_vectors(ranker.config, encoder, 0, field)
        found = probe(field.vectors, start.vectors, field.metadata["segment"], "segment")
        assert [p.measure for p in found] == ["linear probe", "neighbour purity"]
        for measured in found:
            assert measured.clear
            assert measured.trained.low > measured.untrained.high
            assert measured.trained.low > measured.chance


@needs_frappe
def test_the_apps_of_frappe_by_category_and_price() -> None:
    log, _ = read_frappe(FRAPPE)
    model = PRESETS["deep"].model
    encoder = fit_encoder(log, model)
    ranker = Ranker(model, encoder, 0)
    known = attributes_of("item", encoder, log.items, log.items[:0])
    field = field_vectors(ranker.state(), encoder, "item", metadata=known)
    assert len(field) == 3923
    result = pca_map(field.vectors, PcaSettings())
    assert result.quality is not None
    for name in ("category", "price"):
        color = field.metadata[name]
        assert color.notna().mean() > 0.9
        figure = map_figure(MapView(field, result.places, color))
        known = [trace.customdata for trace in figure.data if trace.customdata is not None]
        assert sum(map(len, known)) == 3923
    assert np.isfinite(result.places).all()
