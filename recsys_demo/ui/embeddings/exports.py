"""What can be taken away."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from recsys_demo.charts.embeddings import MapView, map_figure
from recsys_demo.studies.embeddings.export import map_csv, metadata_tsv, vectors_tsv
from recsys_demo.ui.embeddings.choices import EmbeddingChoices
from recsys_demo.ui.embeddings.maps import PaneView
from recsys_demo.ui.markdown import plain


def exports(views: Sequence[PaneView], choices: EmbeddingChoices, color: str) -> None:
    """Vectors, metadata and map of every pane."""
    for column, view in zip(st.columns(len(views)), views, strict=True):
        with column:
            st.markdown(f"**{plain(view.pane.label)}**")
            _files(view, choices, color)
    st.caption(
        "The two TSV files open in the Embedding Projector (Load). The map as PNG: the camera at "
        "the upper right corner of a map."
    )


def _files(view: PaneView, choices: EmbeddingChoices, color: str) -> None:
    name = f"{view.pane.key}_{view.vectors.field}"
    known = view.vectors.metadata

    def page() -> bytes:
        colored = known.get(color, None)
        drawn = MapView(view.vectors, view.places, colored, choices.sized, labelled=choices.named)
        text: str = map_figure(drawn).to_html(include_plotlyjs=True, full_html=True)
        return text.encode()

    for label, make, suffix, kind in (
        ("Vectors (TSV)", lambda: vectors_tsv(view.vectors), "vectors.tsv", "text/tsv"),
        ("Metadata (TSV)", lambda: metadata_tsv(view.vectors), "metadata.tsv", "text/tsv"),
        ("Map (CSV)", lambda: map_csv(view.vectors, view.places), "map.csv", "text/csv"),
        ("Map (HTML)", page, "map.html", "text/html"),
    ):
        st.download_button(
            label,
            make,
            f"{name}_{suffix}",
            kind,
            key=f"embeddings.export.{view.pane.key}.{suffix}",
            icon=":material/download:",
            on_click="ignore",
        )
