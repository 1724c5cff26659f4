"""Why a model gives an item its score, and the smallest change that would move it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from recsys_demo.charts.explanation import Row, ScoreColumn, describe_scores, score_chart
from recsys_demo.charts.waterfall import Step, describe_waterfall, waterfall
from recsys_demo.config.component_kinds import BIAS, KINDS, Part, Share
from recsys_demo.evaluation.number_text import signed_number
from recsys_demo.recommendation.answer import Answer, Reason
from recsys_demo.recommendation.components.base import Term
from recsys_demo.recommendation.counterfactual import Counterfactual, change_text
from recsys_demo.recommendation.query import Query
from recsys_demo.recommendation.recommender import Recommender
from recsys_demo.recommendation.shares import SHARES, ScoreShares, told_shares
from recsys_demo.studies.parting import shares_of
from recsys_demo.ui import session
from recsys_demo.ui.chart_cache import cached_figure
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.model_chips import model_chips
from recsys_demo.ui.recommend.choices import chosen, update
from recsys_demo.ui.widgets import bound

TERMS = 8
HOVERED = 3  # terms of a row that hovering tells


def scores(found: Answer) -> None:
    """What every model's score of the item is made of, in one picture."""
    shares = shares_of(found)
    told = told_shares(shares)
    rows = [Row(SHARES[share], _detail(share, shares)) for share in told]
    columns = [
        _column(reason, own, told) for reason, own in zip(found.reasons, shares, strict=True)
    ]
    scale = session.letter_scale()
    figure = cached_figure(
        ("recommend.scores", rows, columns, scale), lambda: score_chart(rows, columns, scale)
    )
    with st.container(key="recommend_scores"):
        st.plotly_chart(
            figure,
            key="recommend.scores",
            config={"displayModeBar": False, "responsive": True},
            alt=describe_scores(rows, columns),
        )


def _detail(share: Share, shares: Sequence[ScoreShares]) -> str:
    """The combination that is remembered most; other rows have too many terms for a word."""
    if share != "memory":
        return ""
    terms = [term for own in shares if (term := own.strongest(share)) is not None]
    return max(terms, key=lambda term: abs(term.value)).brief if terms else ""


def _column(reason: Reason, shares: ScoreShares, told: Sequence[Share]) -> ScoreColumn:
    return ScoreColumn(
        reason.model.model,
        reason.model.name,
        shares.start,
        [shares.value(share) for share in told],
        [_hover(reason.model.name, share, shares) for share in told],
        reason.explanation.logit,
        f"{reason.explanation.probability:.1%} · {_stands(reason)}",
    )


def _hover(model: str, share: Share, shares: ScoreShares) -> str:
    """The strongest terms of a row, a model's own."""
    terms = shares.terms.get(share)
    if not terms:
        return f"{model} has nothing for it" if terms is None else f"{model}: none applies here"
    told = ", ".join(f"{term.brief} {signed_number(term.value, 2)}" for term in terms[:HOVERED])
    left = len(terms) - HOVERED
    return f"{model}: {told}" + (f" and {left} more" if left > 0 else "")


def _stands(reason: Reason) -> str:
    return f"place {reason.place:,}" if reason.place else "not listed: they have it"


def why(found: Answer) -> None:
    """What the log knows, and one model's score term by term."""
    if found.known_of_item is not None:
        st.markdown(f":material/menu_book: {plain(found.known_of_item)}")
    names = {reason.model.key: reason.model.name for reason in found.reasons}
    explained = chosen(session.current()).explained
    if explained not in names:
        explained = _furthest(found)
    with st.container(key="recommend_why"):
        st.segmented_control(
            "Term by term",
            list(names),
            format_func=lambda key: plain(names[key]),
            required=True,
            **bound("recommend.explained", explained, lambda key: update(explained=key)),
        )
        model_chips("recommend.explained", [reason.model.model for reason in found.reasons])
        _one(next(reason for reason in found.reasons if reason.model.key == explained))
    every = [explain for one in found.models for explain in one.recommender.explains.values()]
    with st.expander("Every term as a table"):
        st.dataframe(_table(found.reasons), hide_index=True, width="stretch")
        for note in dict.fromkeys(explain.note for explain in every if explain.note):
            st.caption(note)


def _furthest(found: Answer) -> str:
    """The model that stands furthest from the others, where somebody has chosen none."""
    return max(found.reasons, key=lambda reason: reason.place).model.key


def _one(reason: Reason) -> None:
    one, explanation = reason.model, reason.explanation
    st.markdown(f"**{plain(one.name)}** · {explanation.probability:.1%} · {_stands(reason)}")
    st.caption(plain(reason.sentence))
    strongest, rest = explanation.strongest(TERMS)
    start = sum(term.value for term in strongest if term.part == BIAS)
    steps = [
        Step(_name(term), term.value, part_name(term.part))
        for term in strongest
        if term.part != BIAS
    ]
    left = len(explanation.terms) - len(strongest)
    if left:
        steps.append(Step(f"{left} smaller terms", rest, "sum of the rest"))
    scale = session.letter_scale()
    st.plotly_chart(
        cached_figure(
            ("recommend.waterfall", one.model, start, steps, scale),
            lambda: waterfall(one.model, start, steps, scale),
        ),
        key="recommend.waterfall",
        config={"displayModeBar": False, "responsive": True},
        alt=describe_waterfall(one.model, start, steps),
    )


def part_name(part: Part) -> str:
    """What a term of this part is called."""
    return BIAS if part == BIAS else KINDS[part].term


def _name(term: Term) -> str:
    """What a term is called in the chart; hovering and the table tell its part."""
    is_plain = term.values or term.part == "linear"
    return term.brief if is_plain else f"{part_name(term.part)}: {term.name}"


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
