"""Every list in one table, with all that is known of each item."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from recsys_demo.csv_export import to_csv
from recsys_demo.ui.recommend.lists import seen
from recsys_demo.ui.recommend.scene import Scene

ATTRIBUTES = 6


def numbers(scene: Scene) -> None:
    """The items of all lists, a row each."""
    table = list_table(scene)
    percents = [c for c in map(str, table) if c.endswith(" says") or c == "planted truth"]
    config = {column: st.column_config.NumberColumn(format="percent") for column in percents}
    st.dataframe(
        table,
        hide_index=True,
        width="stretch",
        column_config=config,
        alt=f"{len(table)} apps of all lists with places and probabilities by model",
    )
    st.download_button(
        "These numbers as CSV",
        lambda: to_csv(table),
        "lists.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def list_table(scene: Scene) -> pd.DataFrame:
    """Items in any list: attributes, place and probability by model, what the log knows."""
    rows = []
    for at in scene.listed.tolist():
        row: dict[str, Any] = {"app": scene.first.names[at]}
        attributes = scene.first.items.iloc[at]
        row |= {str(n): attributes[n] for n in list(scene.first.items.columns)[:ATTRIBUTES]}
        for number, (one, ranking) in enumerate(zip(scene.served, scene.rankings, strict=True)):
            row[f"{one.name} place"] = int(ranking.places[at]) or None
            if scene.earlier is not None:
                row[f"{one.name} before"] = int(scene.earlier[number].places[at]) or None
            row[f"{one.name} says"] = float(ranking.probabilities[at])
        row |= {
            "the log": seen(scene, at),
            "pair rows": int(scene.support.rows[at]),
            "pair taken": int(scene.support.taken[at]),
            "shown to anybody": int(scene.knowledge.shown_rows[at]),
            "they have it": bool(scene.has[at]),
        }
        if scene.truth is not None:
            row["planted truth"] = float(scene.truth.probabilities[at])
            row["planted exception"] = {-1: "trap", 1: "only memory knows"}.get(
                int(scene.truth.exceptions[at]), ""
            )
        rows.append(row)
    return pd.DataFrame(rows)
