"""Why a model gives an item its score, and the smallest change that would move it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from recsys_demo.charts.recommend import Step, describe_waterfall, waterfall
from recsys_demo.config.component_kinds import BIAS, KINDS, Part
from recsys_demo.recommendation.counterfactual import Counterfactual, nearest_change, told
from recsys_demo.recommendation.explanation import Explanation, explain
from recsys_demo.recommendation.query import Query
from recsys_demo.recommendation.recommender import Recommender
from recsys_demo.recommendation.sentences import known_of_pair, nearness
from recsys_demo.recommendation.sentences import why as sentence
from recsys_demo.ui.chart_cache import cached_figure
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.recommend.scene import Scene

TERMS = 9
SHORT = 44  # letters of a cross, so that its support has room


def why(scene: Scene) -> None:
    """A sentence and a waterfall per model."""
    known = known_of_pair(scene.first, scene.knowledge, scene.query, scene.at)
    if known is not None:
        st.markdown(f":material/menu_book: {plain(known)}")
    found = [_explained(one.key, one.recommender, scene.query, scene.item) for one in scene.served]
    with st.container(key="recommend_why"):
        # Row by row, so that a narrow screen keeps the order of the models.
        for first in range(0, len(found), 2):
            for number, column in enumerate(st.columns(2, gap="medium"), first):
                if number < len(found):
                    with column:
                        _one(scene, number, found[number])
    every = [explain_ for one in scene.served for explain_ in one.recommender.explains.values()]
    for note in dict.fromkeys(explain_.note for explain_ in every if explain_.note):
        st.caption(note)
    with st.expander("Every term as a table"):
        st.dataframe(_table(scene, found), hide_index=True, width="stretch")


@st.cache_data(max_entries=400, show_spinner=False)
def _explained(key: str, _recommender: Recommender, query: Query, item: str) -> Explanation:
    del key
    return explain(_recommender, query, item)


def _one(scene: Scene, number: int, explanation: Explanation) -> None:
    one, place = scene.served[number], int(scene.rankings[number].places[scene.at])
    stands = f"place {place:,}" if place else "not in the list: they have it"
    st.markdown(f"**{plain(one.name)}** · {explanation.probability:.1%} · {stands}")
    told_near = nearness(one.recommender, np.flatnonzero(scene.has), scene.at)
    near = "" if told_near is None else f" {told_near}"
    st.caption(plain(sentence(explanation, one.name, one.base_rate) + near))
    strongest, rest = explanation.strongest(TERMS)
    steps = [Step(_name(t.part, t.name, t.support), t.value, part_name(t.part)) for t in strongest]
    left = len(explanation.terms) - len(strongest)
    if left:
        steps.append(Step(f"{left} smaller terms", rest, "sum of the rest"))
    st.plotly_chart(
        cached_figure(
            ("recommend.waterfall", steps, explanation.logit),
            lambda: waterfall(steps, explanation.logit),
        ),
        key=f"recommend.waterfall.{one.key}",
        config={"displayModeBar": False, "responsive": True},
        alt=describe_waterfall(one.model, steps, explanation.logit),
    )


def part_name(part: Part) -> str:
    """What a term of this part is called."""
    return BIAS if part == BIAS else KINDS[part].term


def _name(part: Part, name: str, support: int | None) -> str:
    if part == BIAS:
        return part_name(part)
    if support is None:
        return f"{part_name(part)}: {name}"
    short = name if len(name) <= SHORT else name[: SHORT - 1].rstrip() + "…"
    return f"{part_name(part)}: {short} ({support:,} rows)"


def _table(scene: Scene, found: list[Explanation]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "model": one.name,
                "part": part_name(term.part),
                "term": term.name,
                "adds to the logit": round(term.value, 4),
                "training rows": term.support,
            }
            for one, explanation in zip(scene.served, found, strict=True)
            for term in explanation.terms
        ]
    )


def change(scene: Scene) -> None:
    """What would have to be different about the person, for every model."""
    k, name = scene.choices.k, plain(scene.item_name)
    if scene.has[scene.at] and not scene.keep:
        st.info("They have this app already, so no change of theirs brings it into a list.")
        return
    st.markdown(f"The smallest change that moves **{name}** into or out of each first {k}:")
    for one in scene.served:
        found = _nearest(one.key, one.recommender, scene.query, scene.item, k, scene.keep)
        st.markdown(f"**{plain(one.name)}**: {_changed(scene, one.recommender, found, k)}")
    st.caption(
        "Every single change is tried: each installed app taken away, each other one added, each "
        "value of every other field (of a long field the 300 most frequent); then the 16 most "
        "promising ones two by two. A number's change counts by the share of people it passes."
    )


def _changed(scene: Scene, recommender: Recommender, found: Counterfactual, k: int) -> str:
    if not found.changes:
        return (
            f"none of {found.tried:,} changes moves it across place {k}; it stands at "
            f"{found.before:,}."
        )
    steps = " and ".join(told(recommender, scene.query, change) for change in found.changes)
    way = "into" if found.after <= k else "out of"
    return (
        f"**{plain(steps)}** moves it {way} the first {k}: place {found.before:,} → "
        f"{found.after:,}."
    )


@st.cache_data(max_entries=400, show_spinner="Trying every change ...")
def _nearest(
    key: str, _recommender: Recommender, query: Query, item: str, k: int, keep: bool
) -> Counterfactual:
    del key
    return nearest_change(_recommender, query, item, k, keep)
