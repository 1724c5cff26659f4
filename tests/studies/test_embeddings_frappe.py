"""Maps of a real log's table: the apps of Frappe."""

from __future__ import annotations

import numpy as np

from recsys_demo.charts.embeddings import MapView, map_figure
from recsys_demo.config.presets import PRESETS
from recsys_demo.data.frappe import read_frappe
from recsys_demo.features.encoder import fit_encoder
from recsys_demo.models.ranker import Ranker
from recsys_demo.studies.embeddings.maps import pca_map
from recsys_demo.studies.embeddings.settings import PcaSettings
from recsys_demo.studies.embeddings.vectors import attributes_of, field_vectors
from tests.making.frappe import FRAPPE, needs_frappe


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
