"""Installed and shown apps on one map: where near means taken, and what that cannot remember."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recsys_demo.charts.embedding_overview import two_fields_figure
from recsys_demo.data.sample_set import SampleSpec
from recsys_demo.errors import InputError
from recsys_demo.studies.embeddings.overview import group_codes
from recsys_demo.studies.embeddings.two_fields import TwoFields
from recsys_demo.ui import models, session
from recsys_demo.ui.chart_cache import cached_figure
from recsys_demo.ui.embeddings import measurements
from recsys_demo.ui.embeddings.controls import Control
from recsys_demo.ui.embeddings.guesses import guess_about, seen_table
from recsys_demo.ui.embeddings.lift import is_fm
from recsys_demo.ui.embeddings.overview import model_choice
from recsys_demo.ui.embeddings.panes import Pane
from recsys_demo.ui.finding import finding
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.messages import show_error

ARROWS = 2
GUESSED = (
    " The arrow is the pair that is guessed about, the lines are the seen pairs nearest to it: "
    "both ends near in the model's space. What is near pulls on a guess; it does not prove where "
    "the guess comes from."
)
NEAR = 0.85  # share of the others that lie farther


def two_fields_view(
    offered: Sequence[Pane], control: Control, said: DeltaGenerator, row: DeltaGenerator
) -> None:
    """The map of a factorization machine's two fields, and the exceptions it cannot hold: one
    sentence where that is to be said, the controls in a row."""
    with_fm = [pane for pane in offered if is_fm(pane)]
    if not with_fm:
        st.info(
            "Only a factorization machine scores by inner products of two fields, so that near on "
            "this map means more likely to be taken."
        )
        models.model_button("fm", "embeddings.pair.train")
        return
    pane = next((p for p in with_fm if p.key == control.now.model), with_fm[0])
    with row:
        model_choice(with_fm, pane, control, "pair")
    try:
        found = measurements.pair_map(pane, not session.hidden("truth"))
    except InputError as error:
        show_error(error)
        return
    guess = guess_about(pane, found, control)
    arrows = [] if guess else _arrows(pane, found)
    with said:
        finding(plain(guess.sentence()) if guess else _sentence(pane, found, arrows))
    projector = session.current().projector
    pairs = [guess.pair] if guess else [(first, second) for first, second, _ in arrows]
    near = [*zip(guess.rows.tolist(), guess.columns.tolist(), strict=True)] if guess else []

    def build() -> go.Figure:
        return two_fields_figure(found, _groups(found), pairs, projector, near)

    key = (pane.key, pane.run.checksum, pairs, near, projector)
    with st.container(key="embeddings_first"):
        st.plotly_chart(
            cached_figure(("embeddings.pair", key), build),
            key="embeddings.pair.map",
            config={"displaylogo": False, "displayModeBar": False},
            alt=f"Map of {len(found.first)} values of {found.first.field} and "
            f"{len(found.second)} of {found.second.field}, {pane.label}",
        )
    told = (
        f"Hollow: {plain(found.first.field)}, filled: {plain(found.second.field)}. Near means the "
        f"same direction from the middle. Two dimensions carry {found.carried:.0%} of what the "
        "inner products say."
    )
    if guess:
        told += GUESSED
    if arrows:
        told += (
            " An arrow leads from what a person has to an app that lies near it and is not taken: "
            "a planted exception."
        )
    st.caption(told)
    if guess:
        seen_table(guess)


def _sentence(pane: Pane, found: TwoFields, arrows: Sequence[tuple[int, int, float]]) -> str:
    if not arrows:
        return (
            f"In {plain(pane.label)}, a small angle between two values means a large inner "
            "product: more likely to be taken."
        )
    first, second, taken = arrows[0]
    return (
        f"{plain(pane.label)} places {plain(found.second.names[second])} nearer to "
        f"{plain(found.first.names[first])} than {found.nearness(first, second):.0%} of the "
        f"others, yet only {taken:.0%} of the people who have it take it: vectors that also serve "
        "all other pairs cannot hold a single exception."
    )


def _arrows(pane: Pane, found: TwoFields) -> list[tuple[int, int, float]]:
    """Planted exceptions that lie near and are refused, the best known first: rows of both fields,
    and how often the pair is really taken."""
    data = pane.run.config.data
    if not isinstance(data, SampleSpec) or session.hidden("truth"):
        return []
    world = measurements.world_of(data.world)
    first, second = (
        {value: row for row, value in enumerate(field.values)}
        for field in (found.first, found.second)
    )
    pairs = [
        (first[one], second[other])
        for one, other in world.refused
        if one in first and other in second
        if found.nearness(first[one], second[other]) > NEAR
    ]
    pairs.sort(key=lambda pair: -found.known(*pair))
    kept = pairs[:ARROWS]
    alone = pd.DataFrame({"installed": [found.first.values[one] for one, _ in kept]})
    taken = world.probability(alone, [found.second.values[other] for _, other in kept])
    return [(*pair, float(p)) for pair, p in zip(kept, taken, strict=True)]


def _groups(found: TwoFields) -> tuple[np.ndarray, np.ndarray]:
    """The planted taste of the values of both fields, where it is shown."""
    both = pd.concat([found.first.metadata, found.second.metadata], ignore_index=True)
    codes = group_codes(both, measurements.TRUTH + "segment")
    return codes[: len(found.first)], codes[len(found.first) :]
