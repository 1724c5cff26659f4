"""What a log is like: numbers, pictures, and a sentence on what each means."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from recsys_demo.charts import data as charts
from recsys_demo.data.interactions import Interactions
from recsys_demo.studies.log import sentences
from recsys_demo.studies.log.statistics import FieldSummary, LogStatistics, Overview
from recsys_demo.ui.chart_cache import cached_figure
from recsys_demo.ui.content_cache import by_key
from recsys_demo.ui.data.choices import DataChoices
from recsys_demo.ui.finding import finding
from recsys_demo.ui.glossary.hints import hint
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.room_choices import RoomChoices

KEPT = 4
CHART = {"displayModeBar": False}


@by_key(KEPT, "Counting the log ...")
def statistics_of(log: Interactions) -> LogStatistics:
    """The statistics of a log."""
    return LogStatistics(log)


_overview = by_key(KEPT)(LogStatistics.overview)
_fields = by_key(KEPT)(LogStatistics.fields)
_density = by_key(KEPT)(LogStatistics.density_picture)
_support = by_key(KEPT)(LogStatistics.support)
_rates = by_key(64)(LogStatistics.value_rates)


def said(key: str, found: LogStatistics) -> None:
    """What the log says, and how large it is."""
    overview = _overview(key, found)
    finding(plain(sentences.finding(overview, _support(key, found))))
    st.markdown(plain(" · ".join(counts(overview))), help=hint("base rate density"))


def counts(overview: Overview) -> list[str]:
    """The log in numbers."""
    low, high = overview.rate_interval
    users = [] if overview.users is None else [f"{overview.users:,} users"]
    shown = [] if overview.density is None else [f"{overview.density:.1%} of user-item pairs occur"]
    more = "" if overview.catalogue == overview.items else f" of {overview.catalogue:,}"
    return [
        f"{overview.rows:,} rows",
        *users,
        f"{overview.items:,}{more} items",
        f"base rate {overview.base_rate:.1%} ({low:.1%} to {high:.1%})",
        *shown,
    ]


def pairs(key: str, found: LogStatistics) -> None:
    """How often pairs occur: the picture of the finding."""
    histogram = _support(key, found)
    st.markdown(f"**How often each {plain(' x '.join(histogram.pair))} pair occurs**")
    words = sentences.of_support(histogram)
    remembered = sentences.bin_of(histogram, sentences.REMEMBERED)
    figure = cached_figure(("data.support", key), lambda: charts.support(histogram, remembered))
    st.plotly_chart(figure, key="data.support", alt=words, config=CHART)
    st.caption(plain(words))


def pictures(key: str, found: LogStatistics) -> None:
    """Long tail, and the user x item table."""
    schema, overview = found.log.schema, _overview(key, found)
    columns = [schema.item] if schema.user is None else [schema.item, schema.user]
    tails = [found.tail(column) for column in columns]
    picture = _density(key, found)
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**Long tail**")
        words = sentences.of_tail(tails[0])
        figure = cached_figure(("data.tail", key), lambda: charts.tail(tails))
        st.plotly_chart(figure, key="data.tail", alt=words, config=CHART)
        st.caption(plain(words))
    if picture is not None:
        with right:
            st.markdown("**Which user-item pairs were ever shown**")
            words = sentences.of_density(overview)
            figure = cached_figure(("data.density", key), lambda: charts.density(picture))
            st.plotly_chart(figure, key="data.density", alt=words, config=CHART)
            st.caption(
                plain(words) + " Every cell is a group of users and a group of items; the darker, "
                "the more of its pairs were shown."
            )
    st.caption(plain(sentences.of_base_rate(overview)))


def fields(key: str, found: LogStatistics, choices: RoomChoices[DataChoices]) -> None:
    """Every field in a table, and one field's values with their install rates."""
    summaries = _fields(key, found)
    st.dataframe(
        field_table(summaries),
        hide_index=True,
        column_config={"missing": st.column_config.NumberColumn(format="percent")},
        alt="Fields with kind, side, number of values, missing share and spread of the rates",
    )
    st.caption(plain(sentences.of_missing(summaries)))
    names = [summary.name for summary in summaries]
    name = choices.now.field if choices.now.field in names else names[0]
    st.selectbox("Install rate by", names, **choices.bound("field", name))
    st.caption(plain(next(sentences.of_field(s) for s in summaries if s.name == name)))
    table = _rates((key, name), found, name)
    if table.empty:
        st.info("This field has no value in any row.")
        return
    st.plotly_chart(
        cached_figure(
            ("data.rates", key, name), lambda: charts.value_rates(table, found.log.base_rate)
        ),
        key="data.rates",
        alt=f"Install rates of the {min(len(table), charts.VALUES)} most frequent values of {name}",
    )
    st.caption(
        "Dotted: the base rate. A value whose interval crosses it does not differ measurably."
    )


def field_table(summaries: list[FieldSummary]) -> pd.DataFrame:
    """The summaries as columns a person reads."""
    return pd.DataFrame(
        {
            "field": [s.name for s in summaries],
            "kind": [s.kind for s in summaries],
            "side": [s.side for s in summaries],
            "values": [s.values for s in summaries],
            "values per row": [
                f"{s.mean_values:.1f}" if s.kind == "multi" else "1" for s in summaries
            ],
            "missing": [s.missing_share for s in summaries],
            "mean gap to the base rate": [
                "" if math.isnan(s.spread) else f"{100 * s.spread:.1f} points" for s in summaries
            ],
        }
    )
