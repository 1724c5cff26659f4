"""The Compare room from top to bottom."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from recsys_demo.charts.report import report
from recsys_demo.errors import InputError
from recsys_demo.machine import machine_kind
from recsys_demo.studies.comparison.recipes import machines_sentence
from recsys_demo.studies.comparison.saved_runs import compared
from recsys_demo.ui import models, session
from recsys_demo.ui.compare import headline, measurements
from recsys_demo.ui.compare.choices import GROUPS, SECTIONS, Control, chosen
from recsys_demo.ui.compare.cost import cost_section
from recsys_demo.ui.compare.lists import lists_section
from recsys_demo.ui.compare.map_panel import draw_map
from recsys_demo.ui.compare.measurements import Comparison
from recsys_demo.ui.compare.online import online_section
from recsys_demo.ui.compare.overfitting import fit_section
from recsys_demo.ui.compare.pairs import pairs_section
from recsys_demo.ui.compare.papers import papers_section
from recsys_demo.ui.compare.quality import curves_section
from recsys_demo.ui.compare.run_details import run_dialog
from recsys_demo.ui.compare.seeds import nothing_yet, seed_controls, train_again
from recsys_demo.ui.compare.slices import slices_section
from recsys_demo.ui.compare.support import support_section
from recsys_demo.ui.live.orders import is_under_way
from recsys_demo.ui.live.travel_map import watched_map
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.messages import show_error
from recsys_demo.ui.state import State

Show = Callable[[State, Comparison, Control], None]
SHOWS: Mapping[str, Show] = {
    "support": support_section,
    "slices": slices_section,
    "pairs": pairs_section,
    "curves": curves_section,
    "fit": fit_section,
    "lists": lists_section,
    "online": online_section,
    "cost": cost_section,
    "papers": papers_section,
}


def _report(found: Comparison) -> None:
    """One file with all of it, for those who were not there."""
    folders = [run.folder for model in found.models for run in model.runs]
    st.download_button(
        "Report (HTML)",
        lambda: _report_page(folders),
        "comparison.html",
        "text/html",
        key="compare.report",
        icon=":material/article:",
        help="Verdicts, map, slices, curves, data and settings in one file that needs no network",
        on_click="ignore",
        type="tertiary",
    )


def _report_page(folders: Sequence[Path]) -> bytes:
    return report(compared(folders)).encode()


def compare_room(state: State) -> None:
    """The map and the sentences, then whatever is looked at closer."""
    wanted = models.trainings(state)
    try:
        found = measurements.comparison_of(state, wanted)
    except InputError as error:  # a run was damaged: training again heals it
        show_error(error)
        train_again(wanted)
        return
    if not found.models:
        nothing_yet(state, wanted)
        return
    control = chosen(state)
    headline.say(found)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        if is_under_way(state, wanted):
            watched_map(state, "compare.moving")
        else:
            draw_map(state, wanted, found, control)
    with right:
        seed_controls(state, wanted)
        headline.differences(found, control)
        results = [run.result for model in found.models for run in model.runs]
        if told := machines_sentence(results, machine_kind()):
            st.caption(plain(told))
        _report(found)
    run_dialog(found)
    with st.container(key="compare_closer"):  # lessons point at it
        if not session.hidden("compare.sections"):
            _sections(control)
        SHOWS[control.now.section](state, found, control)


def _sections(control: Control) -> None:
    """What is looked at closer: a group, and one of its sections."""
    now = control.now.section
    group = next(name for name, sections in GROUPS.items() if now in sections)

    def open_first(name: str) -> None:
        control.update(section=GROUPS[name][0])

    with st.container(horizontal=True, vertical_alignment="bottom"):
        _choice("Look closer", list(GROUPS), control.bound("group", group, open_first))
        titles: dict[str, str] = {key: SECTIONS[key] for key in GROUPS[group]}
        _choice("Section", list(titles), control.bound("section"), titles)


def _choice(
    label: str, options: list[str], bound: dict[str, Any], titles: Mapping[str, str] | None = None
) -> None:
    st.segmented_control(
        label,
        options,
        format_func=lambda key: (titles or {}).get(key, key),
        required=True,
        label_visibility="collapsed",
        **bound,
    )
