"""Slices as dots and as a table: the lab's, those of the crosses, and a person's conditions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from recsys_demo.charts.intervals import Series, describe, dot_plot
from recsys_demo.errors import InputError
from recsys_demo.evaluation import popularity
from recsys_demo.evaluation.conditions import OPERATORS, Term, columns, parse_condition
from recsys_demo.evaluation.metrics import METRICS
from recsys_demo.evaluation.slices import Slice
from recsys_demo.studies.comparison.measures import OVER_ROWS, SliceRow
from recsys_demo.studies.comparison.models import Contender
from recsys_demo.studies.comparison.slices import MOST_OWN
from recsys_demo.studies.comparison.tables import estimate_text, slice_frame
from recsys_demo.ui import session
from recsys_demo.ui.chart_panel import chart
from recsys_demo.ui.compare import measurements
from recsys_demo.ui.compare.choices import Control, chosen
from recsys_demo.ui.compare.measurements import Comparison
from recsys_demo.ui.compare.support import columns_of
from recsys_demo.ui.glossary.hints import hint
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.messages import show_error, show_refusal
from recsys_demo.ui.state import State
from recsys_demo.ui.widgets import button, keyed

_TEXT = "compare.own.text"
LINE = 13  # pixels of a model's line in a slice


def slices_section(state: State, found: Comparison, control: Control) -> None:
    """The dots, and below them the way to more slices."""
    metric = control.now.metric
    st.segmented_control(
        "Metric",
        list(METRICS),
        format_func=lambda key: METRICS[key].label,
        required=True,
        help=hint(METRICS[metric].label),
        **control.bound("metric"),
    )
    wanted = all_slices(state, found, control)
    rows = measurements.metric_rows(found, wanted, metric)
    popular = measurements.popularity_rows(found.data, wanted, metric)
    _plot(rows, popular, found.models, metric)
    _own(found, control)


def all_slices(state: State, found: Comparison, control: Control) -> list[Slice]:
    """Every slice that can be looked at; own ones that these data cannot have are told."""
    wanted = list(measurements.slices(found.data))
    try:
        wanted += measurements.cross_slices(found, state)
        wanted += measurements.own(found.data, control.now.own)
    except InputError as error:
        show_error(error)
    return wanted


def _plot(
    rows: Sequence[SliceRow], popular: Sequence[SliceRow], models: Sequence[Contender], metric: str
) -> None:
    """A dot per model and slice, and the table behind it."""
    names = [row.slice.label for row in rows]
    series = [
        Series(model.model, model.name, *columns_of([row.estimates[model.key] for row in rows]))
        for model in models
    ]
    title = METRICS[metric].label
    chart(
        dot_plot(names, series, title, line=LINE),
        "compare.slices",
        describe(names, series, title),
        slice_frame(rows, models, metric),
    )
    frame = pd.DataFrame(
        [
            {
                "slice": plain(row.slice.label),
                "rows": f"{row.rows:,}",
                **{plain(model.name): _cell(row, model.key) for model in models},
                popularity.LABEL: _cell(baseline, popularity.KEY),
            }
            for row, baseline in zip(rows, popular, strict=True)
        ]
    )
    with st.expander("As a table"):
        st.table(frame, hide_index=True, border="horizontal")
    st.caption(
        f"{METRICS[metric].label} on test rows{_noise(metric)} Popularity: {popularity.MEANING}. "
        + " · ".join(_meanings(rows))
    )


def _noise(metric: str) -> str:
    if metric in OVER_ROWS:
        return (
            ", ± half of the 95 % interval (rows and seeds). Bold in the table: better than every "
            "other."
        )
    return (
        ", mean over seeds; ± is half of the 95 % interval over seeds, where there are several. "
        "This metric has no interval over rows, so no model is called better: AUC and log loss do."
    )


def _cell(row: SliceRow, key: str) -> str:
    text = estimate_text(row.estimates[key])
    return f"**{text}**" if row.best == key else text


def _meanings(rows: Sequence[SliceRow]) -> list[str]:
    """What the names of the slices mean, where the name does not say it."""
    keys = ("rare_users", "rare_items", "head", "tail", "held_out")
    return [
        f"{plain(row.slice.label)}: {plain(row.slice.help)}"
        for row in rows
        if row.slice.key in keys
    ]


def _own(found: Comparison, control: Control) -> None:
    st.markdown("**A slice of your own**")
    _builder(found)
    st.text_input(
        "Condition",
        max_chars=1_000,
        placeholder="for example: " + _example(found),
        help='Comparisons joined by &: = != for values, also < <= > >= for numbers. Put "" around '
        "what contains signs.",
        **keyed(_TEXT, partial(_add_text, found)),
    )
    show_refusal(_TEXT)
    own = control.now.own
    if own:
        with st.container(horizontal=True):
            for number, text in enumerate(own):
                button(
                    plain(text),
                    f"compare.own.remove.{number}",
                    _remove,
                    text,
                    icon=":material/close:",
                    help="Remove this slice",
                )


def _builder(found: Comparison) -> None:
    """Field, comparison and value as widgets; what is built goes into the text."""
    kinds = columns(found.data.schema)
    name, compared, value, place = st.columns([3, 2, 3, 2], vertical_alignment="bottom")
    with name:
        column = st.selectbox("Field", list(kinds), key="compare.own.field")
    numeric = kinds[column] == "numeric"
    with compared:
        sign = st.selectbox(
            "is", list(OPERATORS) if numeric else ["=", "!="], key="compare.own.operator"
        )
    with value:
        given: str | float
        if numeric:
            given = st.number_input("value", value=0.0, format="%g", key="compare.own.number")
        else:
            offered = measurements.values(found.data, column)
            given = st.selectbox("value", offered, key=f"compare.own.value.{column}") or ""
    condition = str(Term(column, sign, given))
    with place:
        button("Add", "compare.own.add", _add, condition, found, icon=":material/add:")


def _example(found: Comparison) -> str:
    schema = found.data.schema
    value = measurements.values(found.data, schema.item)[0]
    return str(Term(schema.item, "=", value))


def _add_text(found: Comparison) -> None:
    if text := str(st.session_state[_TEXT]).strip():
        _add(text, found)


def _add(text: str, found: Comparison) -> None:
    own = chosen(session.current()).now.own
    condition = parse_condition(text, found.data.schema)
    condition.mask(found.data.test)
    if str(condition) not in own:
        chosen(session.current()).update(own=(*own, str(condition))[-MOST_OWN:])
    st.session_state[_TEXT] = ""


def _remove(text: str) -> None:
    own = chosen(session.current()).now.own
    chosen(session.current()).update(own=tuple(other for other in own if other != text))
