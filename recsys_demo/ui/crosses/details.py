"""What one cross can remember: formula, size, coverage, its strongest combinations."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from recsys_demo.charts import crosses as charts
from recsys_demo.features.crosses import Cross
from recsys_demo.studies.crosses.combinations import Order
from recsys_demo.studies.crosses.formula import formula
from recsys_demo.studies.crosses.log_codes import LogCodes
from recsys_demo.studies.crosses.sentences import Row, noise_share
from recsys_demo.studies.crosses.statistics import CrossStatistics, collisions
from recsys_demo.ui import session
from recsys_demo.ui.crosses import counts
from recsys_demo.ui.crosses.choices import BUCKETS, MIN_SUPPORT, CrossesChoices
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.room_choices import RoomChoices

ORDERS: dict[Order, str] = {
    "surprise": "surprise",
    "evidence": "evidence",
    "support": "support",
    "rate": "install rate",
    "times": "times as often as others",
}
SENTENCES = 5


def size(cross: Cross, described: CrossStatistics, min_support: int) -> None:
    """The numbers in one line, then what they mean, then the formula."""
    found = described.size
    st.markdown(
        f"**{found.possible:,}** possible combinations · **{found.seen:,}** seen in training · "
        f"**{found.supported:,}** seen {min_support} times or more · test rows covered: "
        f"**{_percent(found.coverage)}**, not covered: **{_percent(found.silent)}**",
        help=f"Each combination seen {min_support} times or more gets a weight of its own, so the "
        "cross adds this many parameters.",
    )
    st.caption(_reading(described, min_support))
    st.latex(formula(cross))


def rows_of(
    key: str, described: CrossStatistics, log: LogCodes, choices: RoomChoices[CrossesChoices]
) -> list[Row]:
    """The strongest combinations in the order that is chosen."""
    by = choices.now.by
    text = str(described.cross)
    return counts.rows((key, text, by), described, log, by, MIN_SUPPORT)


def picture(rows: list[Row], log: LogCodes, choices: RoomChoices[CrossesChoices]) -> None:
    """The strongest combinations beside what others do."""
    st.segmented_control(
        "Strongest by",
        list(ORDERS),
        required=True,
        format_func=ORDERS.__getitem__,
        help="Surprise: evidence that the combination is taken more or less often than the same "
        "item by everybody else. Evidence: the same against the base rate. Both are G², which is "
        "large where a rate is far off and there are many rows.",
        **choices.bound("by"),
    )
    if not rows:
        st.info(
            f"No combination of this cross occurs in {MIN_SUPPORT} training rows: it would "
            "contribute nothing. Lower the minimum support or cross broader fields."
        )
        return
    st.plotly_chart(
        charts.rates(rows, log.base_rate, session.letter_scale()),
        key="crosses.rates",
        theme=None,
        config={"displayModeBar": False, "responsive": True},
        alt=f"Install rates of {len(rows)} combinations with intervals; the first: "
        + rows[0].sentence,
    )
    st.caption(
        "Dots: how often rows with all these values are taken (*own*), with 95 % intervals. Ticks: "
        "the same item for everybody else (*others*). Dotted line: the base rate. Hollow dots "
        "could be chance (all combinations tested together, at most 5 % false discoveries)."
    )


def strongest(described: CrossStatistics, rows: list[Row]) -> None:
    """The combinations in sentences and as a table."""
    if not rows:
        st.caption("No combination gets a weight.")
        return
    st.markdown(
        "\n".join(
            f"- {plain(row.sentence)}" + (" *Could be chance.*" if row.noise else "")
            for row in rows[:SENTENCES]
        )
    )
    st.dataframe(
        table(described.cross, rows),
        hide_index=True,
        column_config={
            "install rate": st.column_config.NumberColumn(format="percent"),
            "low": st.column_config.NumberColumn(format="percent"),
            "high": st.column_config.NumberColumn(format="percent"),
            "others": st.column_config.NumberColumn(format="percent"),
            "lift": st.column_config.NumberColumn(format="%.2f"),
            "times": st.column_config.NumberColumn(format="%.2f"),
        },
        alt="Strongest combinations with support, install rate, interval and lift",
    )


def table(cross: Cross, rows: list[Row]) -> pd.DataFrame:
    """The rows as columns a person reads."""
    names = [str(part) for part in cross.parts]
    columns: dict[str, list[object]] = {
        name: [row.values[i] for row in rows] for i, name in enumerate(names)
    }
    columns |= {
        "support": [row.support for row in rows],
        "installs": [row.positives for row in rows],
        "install rate": [row.rate for row in rows],
        "low": [row.low for row in rows],
        "high": [row.high for row in rows],
        "lift": [row.lift for row in rows],
        "others": [row.peer_rate for row in rows],
        "times": [row.times for row in rows],
        "could be chance": [row.noise for row in rows],
    }
    return pd.DataFrame(columns)


def hashing(described: CrossStatistics, choices: RoomChoices[CrossesChoices]) -> None:
    """What hashing into buckets would cost."""
    st.markdown(
        "Instead of a dictionary, combinations can be hashed into a fixed number of weights. "
        "Fewer buckets, less memory; but combinations that fall into one bucket share its weight."
    )
    buckets = choices.now.buckets
    st.select_slider(
        "Buckets", BUCKETS, format_func=lambda count: f"{count:,}", **choices.bound("buckets")
    )
    found = collisions(described, buckets)
    st.markdown(
        f"**{found.shared:,} of {found.combinations:,}** combinations "
        f"({found.share:.1%}) share their weight with another one; "
        f"{found.used:,} of {found.buckets:,} buckets are used."
    )
    st.plotly_chart(
        charts.collisions([collisions(described, count) for count in BUCKETS]),
        key="crosses.collisions",
        alt=f"Share of colliding combinations by buckets; {found.share:.1%} at {buckets:,}",
    )


def _reading(described: CrossStatistics, min_support: int) -> str:
    found = described.size
    if not found.seen:
        return "No training row has any of its combinations: it contributes nothing."
    noise = noise_share(described, min_support)
    words = (
        f"Of the {found.possible:,} combinations, {_percent(found.seen / found.possible)} occur in "
        f"training rows; {found.parameters:,} get a weight."
    )
    if not math.isnan(noise):
        words += (
            f" Of those, {noise:.0%} could be chance: taken about as often by others who see the "
            "same."
        )
    return words


def _percent(share: float) -> str:
    return "none" if math.isnan(share) else f"{share:.1%}"
