"""The map of a state's models as they train: every report moves a dot along its path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import streamlit as st

from recsys_demo.charts.dots import Dot
from recsys_demo.charts.paths import Place
from recsys_demo.charts.strip import describe_strip, missing_axes, no_map, strip
from recsys_demo.charts.tradeoff import HEIGHT, describe_map, tradeoff_map
from recsys_demo.ui import datasets, jobs, models, session, words
from recsys_demo.ui.chart_cache import cached_figure
from recsys_demo.ui.earlier_dots import earlier_dots
from recsys_demo.ui.live.before import before
from recsys_demo.ui.live.dots import TEST_ROWS, dots
from recsys_demo.ui.live.film import film
from recsys_demo.ui.live.rate import rate
from recsys_demo.ui.models import Training
from recsys_demo.ui.state import State
from recsys_demo.ui.train.runs import pinned

CHART = {"displayModeBar": False, "responsive": True}


def travel_map(
    state: State,
    wanted: Sequence[Training],
    key: str,
    height: int | None = HEIGHT,
    shows_truth: bool = True,
) -> None:
    """Draw the map, or the film of how it came, or the one axis that the log has rows for. Without
    a height it is as high as the style sheet says. To find where truth and popularity stand takes a
    second on a new log."""
    memory, name = datasets.memory_slice(state)
    now = dots(wanted, memory)
    finished = [dot for dot in now if dot.note == TEST_ROWS]
    ceiling = truth_place(state, memory) if shows_truth else None
    if finished and (missing := missing_axes(finished, (words.NEVER, name))):
        _one_axis(finished, ceiling, name, missing, key)
        return
    earlier = [*_stood(state, now, finished), *pinned_dots(state, wanted, memory)]
    popularity = popularity_place(state, memory) if shows_truth else None
    title = words.memory_title(name)
    has_ended = bool(finished) and len(finished) == len(now)
    if has_ended and st.session_state.get(f"{key}.film"):
        film(now, title, ceiling, popularity, key)
    else:
        _draw(now, title, earlier, (ceiling, popularity), key, height)
    if has_ended and any(dot.path for dot in now):
        st.toggle("Play the training again", key=f"{key}.film")
    if datasets.schema_of(state).negatives_per_positive is not None:
        st.caption(words.SAMPLED)


def _draw(
    now: list[Dot],
    title: str,
    earlier: Sequence[Dot],
    known: tuple[Place | None, Place | None],
    key: str,
    height: int | None,
) -> None:
    """`known`: where the truth and popularity stand."""
    ceiling, popularity = known
    # While something moves the axes stay.
    zoom = None if all(dot.note == TEST_ROWS for dot in now) else False
    figure = cached_figure(
        ("travel_map", now, title, earlier, known, height, zoom),
        lambda: tradeoff_map(
            now, words.X_TITLE, title, earlier, ceiling, height or HEIGHT, zoom, popularity
        ),
    )
    told = describe_map(now, ceiling, popularity)
    fit: Literal["stretch", "content"] = "content" if height else "stretch"
    st.plotly_chart(figure, height=fit, key=key, config=CHART, alt=told, theme=None)


def _one_axis(
    finished: Sequence[Dot],
    ceiling: Place | None,
    name: str,
    missing: Sequence[str],
    key: str,
) -> None:
    """The models by the axis that is not `missing`, if any, and why there is no map. `name` is
    that of the memory slice."""
    if len(missing) == 1:
        figure = strip(finished, words.X_TITLE, words.memory_title(name), ceiling)
        told = describe_strip(finished, ceiling)
        st.plotly_chart(figure, key=key, config=CHART, alt=told, theme=None)
    st.caption(no_map(missing))


def watched_map(state: State, key: str, height: int = HEIGHT, shows_truth: bool = True) -> None:
    """The map, drawn again while models train; when they have, the whole page is."""

    def draw() -> None:
        travel_map(state, models.trainings(state), key, height, shows_truth)

    jobs.watched(key, lambda: rate(state, models.trainings(state)), draw)


def _stood(state: State, now: Sequence[Dot], finished: Sequence[Dot]) -> Sequence[Dot]:
    """Where models stood: live before the last change, whatever it was; else on this log."""
    if state.live:
        return before(now)
    return earlier_dots(datasets.dataset(state).fingerprint, now, finished)


def pinned_dots(state: State, wanted: Sequence[Training], memory: str) -> list[Dot]:
    """Where the pinned runs stand that the state does not ask for anyway."""
    found = dots([run for run in pinned(state, wanted) if run.is_done], memory)
    return [replace(dot, note="pinned", path=()) for dot in found]


def truth_place(state: State, memory: str) -> Place | None:
    """Where the planted truth stands; None if there is none or a lesson hides it."""
    truth = None if session.hidden("truth") else datasets.truth_auc(state)
    return None if truth is None else (truth["never"], truth[memory])


def popularity_place(state: State, memory: str) -> Place:
    """Where popularity alone stands, which every model has to beat."""
    found = datasets.popularity_auc(state)
    return found["never"], found[memory]
