"""The room's map, or the strip where the log has rows for one of its axes only."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st

from recsys_demo.charts.dots import Dot
from recsys_demo.charts.paths import Place
from recsys_demo.charts.strip import describe_strip, missing_axes, no_map, strip
from recsys_demo.charts.tradeoff import describe_map, is_crowded, tradeoff_map
from recsys_demo.studies.comparison.measures import Estimate, SliceRow
from recsys_demo.studies.comparison.models import Contender
from recsys_demo.studies.comparison.tables import slice_frame
from recsys_demo.ui import session, words
from recsys_demo.ui.chart_cache import cached_figure
from recsys_demo.ui.chart_panel import chart
from recsys_demo.ui.compare import measurements
from recsys_demo.ui.compare.choices import Control
from recsys_demo.ui.compare.measurements import Comparison, memory_slice, places
from recsys_demo.ui.compare.run_details import open_run
from recsys_demo.ui.earlier_dots import earlier_dots
from recsys_demo.ui.live.dots import path
from recsys_demo.ui.live.travel_map import popularity_place, truth_place
from recsys_demo.ui.models import Training
from recsys_demo.ui.state import State

MAP = "compare.map"


def draw_map(state: State, wanted: Sequence[Training], found: Comparison, control: Control) -> None:
    """The map with intervals, the trail of earlier runs, ceiling and floor, or the one axis that
    the log has rows for; a click opens a run."""
    memory, name = memory_slice(found)
    rows = {
        row.slice.key: row
        for row in measurements.metric_rows(found, [one for one, _ in places(found)], "auc")
    }
    recorded = {training.job_id: training for training in wanted}
    dots = [
        replace(
            _dot(model, rows.get("never"), rows.get(memory)),
            path=path(recorded[model.key], memory) if model.key in recorded else (),
        )
        for model in found.models
    ]
    ceiling, popular = truth_place(state, memory), popularity_place(state, memory)
    title, opens = words.memory_title(name), partial(open_run, MAP)
    if missing := missing_axes(dots, (words.NEVER, name)):
        if len(missing) == 1:
            figure, told = strip(dots, words.X_TITLE, title, ceiling), describe_strip(dots, ceiling)
            table = slice_frame(list(rows.values()), found.models, "auc")
            chart(figure, MAP, told, table, opens)
        st.caption(no_map(missing))
        return
    crowded = is_crowded(dots)
    zoom = crowded if control.now.zoom is None else control.now.zoom
    earlier = earlier_dots(found.data.fingerprint, dots, dots)
    figure = cached_figure(
        (MAP, dots, title, earlier, ceiling, zoom, popular),
        lambda: tradeoff_map(
            dots,
            words.X_TITLE,
            title,
            trail=earlier,
            ceiling=ceiling,
            height=440,
            zoom=zoom,
            popularity=popular,
        ),
    )
    axes = (rows["never"], rows[memory])
    numbers = [slice_frame(axes, found.models, "auc"), _known_frame("popularity", axes, popular)]
    if ceiling is not None:
        numbers.append(_known_frame("the planted truth", axes, ceiling))
    told = describe_map(dots, ceiling, popular)
    chart(figure, MAP, told, pd.concat(numbers), opens)
    _below(control, zoom, crowded, _about_truth(found))


def _below(control: Control, zoom: bool, crowded: bool, truth: str) -> None:
    """What the map means, and where its axes begin."""
    if crowded or zoom:
        st.toggle(
            "Zoom in: axes do not begin at chance",
            **control.bound("zoom", zoom),
        )
    st.caption(
        "Click a dot to open its run. Bars: 95 % intervals; they combine sampling error and, with "
        "several seeds, seed-to-seed spread. Paths: epochs on validation rows. Hollow dots: "
        f"earlier runs. Grey asterisk: popularity alone. {truth}"
    )


def _about_truth(found: Comparison) -> str:
    if found.data.schema.negatives_per_positive is not None:
        return words.SAMPLED
    if found.data.world is None:
        return "The true probabilities of this log are unknown, so the map has no ceiling."
    if session.hidden("truth"):
        return "This log is synthetic (planted)."
    return (
        "This log is synthetic (planted): its exceptions and true probabilities are known, and the "
        "star shows what a model that knew them would score."
    )


def _dot(model: Contender, never: SliceRow | None, memory: SliceRow | None) -> Dot:
    x, y = (None if row is None else row.estimates[model.key] for row in (never, memory))
    seeds = len(model.seeds)
    return Dot(
        model.model,
        math.nan if x is None else x.value,
        math.nan if y is None else y.value,
        _error(x),
        _error(y),
        note="one seed" if seeds == 1 else f"mean of {seeds} seeds",
        key=model.key,
        name=model.name,
    )


def _error(found: Estimate | None) -> tuple[float, float]:
    if found is None:
        return 0.0, 0.0
    return found.value - found.interval.low, found.interval.high - found.value


def _known_frame(name: str, axes: tuple[SliceRow, SliceRow], place: Place) -> pd.DataFrame:
    """What stands on the map beside the models."""
    records = [
        {
            "slice": row.slice.label,
            "rows": row.rows,
            "positives": row.positives,
            "model": name,
            "metric": "AUC",
            "mean": value,
        }
        for row, value in zip(axes, place, strict=True)
    ]
    return pd.DataFrame(records)
