"""Live in the sidebar: the switch, and the small map that is in view on every page."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from recsys_demo.charts.small_map import small_map
from recsys_demo.charts.tradeoff import describe_map
from recsys_demo.errors import LabError
from recsys_demo.ui import datasets, jobs, models, session
from recsys_demo.ui.chart_cache import cached_figure
from recsys_demo.ui.live.before import before
from recsys_demo.ui.live.dots import dots
from recsys_demo.ui.live.orders import follow, is_under_way, stop_following
from recsys_demo.ui.live.travel_map import CHART, pinned_dots
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.messages import fragment
from recsys_demo.ui.models import Training
from recsys_demo.ui.state import State
from recsys_demo.ui.train.runs import pin
from recsys_demo.ui.widgets import bound, button

# An open dialog draws itself and nothing else: the panel looks now and then what it has changed.
IDLE_SECONDS = 3.0
PIN, UNPIN = ":material/keep:", ":material/keep_off:"
FULL = (
    "Live is full: as many others use it as this server allows. The buttons still train; Live "
    "starts here when one of them leaves."
)


def live_panel() -> None:
    """The switch, and while it is on the small map. What the state asks for is begun here."""
    if session.hidden("live") or not jobs.lab_jobs().orders.are_allowed:
        return
    state = session.current()
    st.toggle(
        "Live",
        help="Every change retrains the models it affects; the others keep their results.",
        **bound("frame.live", state.live, lambda on: session.change(live=bool(on))),
    )
    if not state.live:
        stop_following()
        return
    try:
        wanted = models.trainings(state)
        follow(wanted)
    except LabError:
        return  # the page says why
    # Not `jobs.watched`: drawing the whole page again would close an open dialog.
    seconds = jobs.TICK_SECONDS if is_under_way(state, wanted) else IDLE_SECONDS
    fragment(partial(_look, state.pinned), "live.panel", jobs.pace(seconds))()


def _look(pinned: tuple[str, ...]) -> None:
    """The map, and what is told of it. `pinned` are the runs that the page has drawn as such."""
    state = session.current()
    if state.pinned != pinned:
        st.rerun()
    try:
        wanted = models.trainings(state)
        has_place = follow(wanted)
        _draw(state, wanted)
    except LabError:
        return
    if not has_place:
        st.caption(FULL)
    refusal = jobs.lab_jobs().orders.refusal(session.session_id())
    if refusal is not None:
        st.caption(plain(str(refusal)))


def _draw(state: State, wanted: Sequence[Training]) -> None:
    memory, _ = datasets.memory_slice(state)
    now = dots(wanted, memory)
    stood = before(now)
    pins = pinned_dots(state, wanted, memory)
    stood = tuple(pins) or stood
    figure = cached_figure(("small_map", now, stood), lambda: small_map(now, stood))
    st.plotly_chart(figure, key="live.map", config=CHART, alt=describe_map(now, None), theme=None)
    _pin_buttons(state, wanted)


def _pin_buttons(state: State, wanted: Sequence[Training]) -> None:
    """One click pins where the models stand, another lets go."""
    fresh = [training.job_id for training in wanted if training.job_id not in state.pinned]
    with st.container(horizontal=True, gap="small"):
        if fresh and all(training.is_done for training in wanted):
            told = "Hollow dots mark where the models stand now, to compare later changes against"
            button("Pin", "live.pin", pin, fresh, help=told, type="tertiary", icon=PIN)
        if state.pinned:
            button("Unpin", "live.unpin", _unpin, type="tertiary", icon=UNPIN)


def _unpin() -> None:
    session.change(pinned=())
