"""Choosing a log: the sample set, Frappe, MovieLens, or an own file."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

import streamlit as st

from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.specs import DataSpec, FrappeSpec, MovieLensSpec, SampleSpec
from recsys_demo.errors import InputError
from recsys_demo.limits import Limits
from recsys_demo.ui.data import planted, uploads
from recsys_demo.ui.data.choices import DataChoices
from recsys_demo.ui.data.logs import log_of
from recsys_demo.ui.data.wizard import wizard
from recsys_demo.ui.messages import show_error
from recsys_demo.ui.room_choices import RoomChoices
from recsys_demo.values import validated

Use = Callable[[DataSpec], None]
NAMES = {
    "sample": "Sample set (planted)",
    "frappe": "Frappe",
    "movielens": "MovieLens",
    "file": "Your own file",
}
FRAPPE_FOLDER = "RECSYS_DEMO_FRAPPE"


def source(spec: DataSpec, choices: RoomChoices[DataChoices], use: Use, limits: Limits) -> bool:
    """Draw the choice; `use` is called with another source as soon as there is one. False while
    the settings of another log than the one in use are open."""
    kind = choices.now.source or spec.kind
    st.segmented_control(
        "Log",
        list(NAMES),
        required=True,
        format_func=NAMES.__getitem__,
        label_visibility="collapsed",
        **choices.bound("source", kind),
    )
    if kind != spec.kind:
        st.caption(f"Every room shows **{NAMES[spec.kind]}** until you use another log here.")
    with st.container(border=True):
        if kind == "sample":
            _sample(spec, use)
        elif kind == "frappe":
            _frappe(spec, use)
        elif kind == "movielens":
            _movielens(spec, use, limits)
        else:
            wizard(spec, use, limits)
    return kind == spec.kind


def _sample(spec: DataSpec, use: Use) -> None:
    def draw(world: WorldConfig) -> None:
        use(SampleSpec(world=world))

    if not isinstance(spec, SampleSpec):
        st.markdown("An invented app store, made by a recipe you can turn. Which world?")
        planted.worlds(None, draw)
        return
    planted.worlds(spec.world, draw)
    planted.dials(spec.world, draw)


def _frappe(spec: DataSpec, use: Use) -> None:
    before = spec.folder if isinstance(spec, FrappeSpec) else os.environ.get(FRAPPE_FOLDER, "")
    folder = st.text_input(
        "Folder with frappe.csv on the machine that runs the lab",
        before,
        key="data.frappe.folder",
        help="The Frappe log of app usage (Baltrunas et al. 2015), as it is downloaded.",
    )
    negatives = st.slider(
        "Sampled rows per used row",
        1,
        20,
        spec.negatives if isinstance(spec, FrappeSpec) else 2,
        key="data.frappe.negatives",
        help="The log has only apps that were used; the papers sample two others for each.",
    )
    content = {"folder": folder, "negatives": negatives}
    _load_button("Load Frappe", FrappeSpec, content, use)


def _movielens(spec: DataSpec, use: Use, limits: Limits) -> None:
    before = spec.path if isinstance(spec, MovieLensSpec) else ""
    path = st.text_input(
        "Folder or zip of ml-latest-small on the machine that runs the lab",
        before,
        key="data.movielens.path",
    )
    given = st.file_uploader("or the zip as you downloaded it", type=["zip"], key="data.movielens")
    threshold = st.slider(
        "A film counts as liked from this rating on",
        1.0,
        5.0,
        spec.threshold if isinstance(spec, MovieLensSpec) else 4.0,
        step=0.5,
        key="data.movielens.threshold",
    )
    if given is not None:
        try:
            path = str(uploads.keep(given.getvalue(), given.name, limits=limits))
        except InputError as error:
            show_error(error)
            return
    content = {"path": path, "threshold": threshold}
    _load_button("Load MovieLens", MovieLensSpec, content, use)


def _load_button(
    label: str,
    model: type[FrappeSpec] | type[MovieLensSpec],
    content: Mapping[str, object],
    use: Use,
) -> None:
    """Check the source before it is used: what there was stays if it cannot be read."""
    if not st.button(label, type="primary"):
        return
    try:
        spec: DataSpec = validated(model, content, label)
        log_of(spec)
    except InputError as error:
        show_error(error)
        return
    use(spec)
    st.toast(f"{NAMES[spec.kind]} is in use in every room.", icon=":material/check:")
    st.rerun()
