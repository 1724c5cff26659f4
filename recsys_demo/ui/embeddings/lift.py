"""For factorization machines: which interactions the inner products reproduce."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from recsys_demo.charts.embedding_lift import lift_figures
from recsys_demo.errors import InputError
from recsys_demo.models.size import embedding_names
from recsys_demo.studies.embeddings.lift import LARGE, PRIOR_ROWS, agreement, blurred_pairs
from recsys_demo.studies.embeddings.vectors import embedded_fields
from recsys_demo.ui import models
from recsys_demo.ui.embeddings import measurements
from recsys_demo.ui.embeddings.controls import Control
from recsys_demo.ui.embeddings.maps import PaneView
from recsys_demo.ui.embeddings.panes import Pane
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.messages import show_error
from recsys_demo.ui.widgets import button

MIN_ROWS = 5


def lift_section(views: Sequence[PaneView], offered: Sequence[Pane], control: Control) -> None:
    """Inner products of two fields beside the observed lift."""
    with_fm = {v.pane.key: v.pane for v in views if is_fm(v.pane)}
    if not with_fm:
        _without_fm(offered, control)
        return
    first, second, third = st.columns(3)
    key = first.selectbox(
        "Model", list(with_fm), format_func=lambda k: with_fm[k].label, key="embeddings.lift.model"
    )
    pane = with_fm[key]
    encoder = measurements.stored_run(pane.run).encoder
    fields, pair = embedded_fields(encoder), encoder.fields.schema.pair
    a = second.selectbox("Field", fields, index=_index(fields, pair[0]), key="embeddings.lift.a")
    others = [field for field in fields if field != a]
    if not others:
        st.info("A second field with vectors is needed.")
        return
    b = third.selectbox("With", others, index=_index(others, pair[1]), key="embeddings.lift.b")
    try:
        _pictures(pane, a, b, control.now.truth)
    except InputError as error:
        show_error(error)


def _without_fm(offered: Sequence[Pane], control: Control) -> None:
    """A factorization machine is put on a map, or trained first."""
    st.info("Only a factorization machine adds inner products of two fields to its score.")
    trained = next((pane for pane in offered if is_fm(pane)), None)
    if trained is None:
        models.model_button("fm", "embeddings.lift.train")
        return
    button(
        f"Put {plain(trained.label)} on the map",
        "embeddings.lift.show",
        lambda: control.update(panes=(trained.key,)),
        type="primary",
    )


def _pictures(pane: Pane, a: str, b: str, truth: bool) -> None:
    lift = measurements.lift(pane, a, b)
    learned, observed = lift_figures(lift)
    left, right = st.columns(2)
    with left:
        st.markdown("**Learned**: inner products")
        st.plotly_chart(learned, key="embeddings.lift.learned", alt="Heat map of inner products")
    with right:
        st.markdown("**Observed**: lift in the training rows")
        st.plotly_chart(observed, key="embeddings.lift.observed", alt="Heat map of observed lift")
    found = agreement(lift, MIN_ROWS)
    st.markdown(
        f"Rank correlation of the two over pairs with {MIN_ROWS} rows or more: **{found}**. Of "
        f"{int(lift.clear.sum()):,} pairs whose lift is clearly not chance, the inner products "
        f"have understood **{int(lift.understood.sum()):,}** (right sign and at least "
        f"{LARGE:.0%} of the size)."
    )
    planted: set[tuple[str, str]] = set()
    world = measurements.dataset(pane.run).world if truth else None
    if world is not None and (a, b) == ("installed", "app"):
        exceptions = world.exceptions()
        planted = set(zip(exceptions["installed"], exceptions["app"], strict=True))
    missed = blurred_pairs(lift, planted=planted)
    st.markdown("**Blurred**: clear pairs that the inner products miss most")
    st.dataframe(
        missed if planted else missed.drop(columns="planted"), hide_index=True, width="stretch"
    )
    st.caption(
        f"The {len(lift.first)} and {len(lift.second)} values with most training rows. Log-odds "
        f"beyond what the two values say alone, shrunk by {PRIOR_ROWS:.0f} rows; inner products "
        f"without their row and column means, times {lift.scale:.2f}, which fits the lift best. "
        + ("The deep part may know what they miss. " if _has_deep(pane) else "")
        + ("Planted: an exception of the sample set." if planted else "")
    )


def is_fm(pane: Pane) -> bool:
    """Whether a map's table is read by a factorization machine."""
    return not pane.start and embedding_names(pane.run.manifest.model).get("fm") == pane.table


def _has_deep(pane: Pane) -> bool:
    return pane.run.manifest.model.has("deep")


def _index(options: Sequence[str], wanted: str) -> int:
    return list(options).index(wanted) if wanted in options else 0
