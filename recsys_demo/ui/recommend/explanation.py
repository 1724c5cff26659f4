"""Why a model gives an item its score, and the smallest change that would move it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from recsys_demo.charts.recommend import Step, describe_waterfall, waterfall
from recsys_demo.config.component_kinds import BIAS, KINDS, Part
from recsys_demo.recommendation.answer import Answer, Reason
from recsys_demo.recommendation.counterfactual import Counterfactual, change_text
from recsys_demo.recommendation.query import Query
from recsys_demo.recommendation.recommender import Recommender
from recsys_demo.studies.names import short_name
from recsys_demo.ui.chart_cache import cached_figure
from recsys_demo.ui.markdown import plain

TERMS = 9
SHORT = 44  # letters of a cross, so that its support has room


def why(found: Answer) -> None:
    """A sentence and a waterfall per model."""
    if found.known_of_item is not None:
        st.markdown(f":material/menu_book: {plain(found.known_of_item)}")
    with st.container(key="recommend_why"):
        # Row by row, so that a narrow screen keeps the order of the models.
        for first in range(0, len(found.reasons), 2):
            columns = st.columns(2, gap="medium")
            for column, reason in zip(columns, found.reasons[first : first + 2], strict=False):
                with column:
                    _one(reason)
    every = [explain for one in found.models for explain in one.recommender.explains.values()]
    for note in dict.fromkeys(explain.note for explain in every if explain.note):
        st.caption(note)
    with st.expander("Every term as a table"):
        st.dataframe(_table(found.reasons), hide_index=True, width="stretch")


def _one(reason: Reason) -> None:
    one, explanation = reason.model, reason.explanation
    stands = f"place {reason.place:,}" if reason.place else "not in the list: they have it"
    st.markdown(f"**{plain(one.name)}** · {explanation.probability:.1%} · {stands}")
    st.caption(plain(reason.sentence))
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
    return f"{part_name(part)}: {short_name(name, SHORT)} ({support:,} rows)"


def _table(reasons: Sequence[Reason]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "model": reason.model.name,
                "part": part_name(term.part),
                "term": term.name,
                "adds to the logit": round(term.value, 4),
                "training rows": term.support,
            }
            for reason in reasons
            for term in reason.explanation.terms
        ]
    )


def change(found: Answer) -> None:
    """What would have to be different about the person, for every model."""
    k, name = found.wanted.k, plain(found.item_name)
    if found.has[found.at] and not found.keep:
        st.info("They have this app already, so no change of theirs brings it into a list.")
        return
    st.markdown(f"The smallest change found that moves **{name}** into or out of each first {k}:")
    with st.spinner("Trying every change ..."):
        changes = found.changes
    for one, nearest in zip(found.models, changes, strict=True):
        told_ = _changed(found.query, one.recommender, nearest, k)
        st.markdown(f"**{plain(one.name)}**: {told_}")
    st.caption(
        "Every single change is tried: each installed app taken away, each other one added, each "
        "value of every other field (of a long field the 300 most frequent); then the 16 most "
        "promising ones two by two, where together they are smaller. A number's change counts by "
        "the share of people it passes."
    )


def _changed(query: Query, recommender: Recommender, found: Counterfactual, k: int) -> str:
    if not found.changes:
        return (
            f"none of {found.tried:,} changes moves it across place {k}; it stands at "
            f"{found.before:,}."
        )
    steps = " and ".join(change_text(recommender, query, change) for change in found.changes)
    way = "into" if found.after <= k else "out of"
    return (
        f"**{plain(steps)}** moves it {way} the first {k}: place {found.before:,} → "
        f"{found.after:,}."
    )
