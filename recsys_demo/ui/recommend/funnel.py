"""The funnel: what the ranker gets to see, and what it never sees."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from recsys_demo.charts.recommend import Stage, describe_funnel, funnel_chart
from recsys_demo.recommendation.answer import Answer
from recsys_demo.recommendation.candidates import GENERATORS
from recsys_demo.recommendation.funnel import MOST, Funnel, FunnelConfig, names
from recsys_demo.ui import session
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.recommend.choices import chosen, update
from recsys_demo.ui.recommend.towers import recall, towers_of, towers_spec, training
from recsys_demo.ui.widgets import bound

LOST_SHOWN = 12


def funnel(answer: Answer) -> None:
    """Generators on the left, the picture and what is lost on the right."""
    spec = towers_spec()
    towers = towers_of(spec, answer.ranker.recommender)
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.markdown(
            "A store cannot rank millions of apps for everybody. Cheap generators choose a few "
            "candidates; the model ranks only those."
        )
        ranker(answer)
        _generators(answer)
        if towers is None:
            training(spec)
    found = answer.funnel(towers)
    with right:
        _picture(answer, found)
        _lost(answer, found)
    _proposals(answer, found)
    if towers is not None:
        recall(answer, towers)


def ranker(answer: Answer) -> None:
    """Which model ranks."""
    names_ = {one.key: one.name for one in answer.models}
    st.selectbox(
        "Ranker",
        list(names_),
        format_func=lambda key: names_[key],
        **bound("recommend.ranker", answer.ranker.key, lambda key: update(ranker=key)),
    )


def _generators(answer: Answer) -> None:
    config, source = answer.wanted.funnel, answer.vectors
    for key in GENERATORS:
        _generator(config, key)
    if source.recommender.item_directions is None:
        st.caption("No model here has vectors of items, so none are nearest.")
    elif source is not answer.ranker:
        st.caption(f"{plain(answer.ranker.name)} has no vectors: {plain(source.name)}'s are used.")


def _generator(config: FunnelConfig, key: str) -> None:
    """A switch and a budget."""
    generator, budget = GENERATORS[key], config.budget(key)

    def save(wanted: int) -> None:
        now = chosen(session.current()).funnel
        update(funnel=now.model_copy(update={key: wanted}).model_dump())

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.toggle(
            generator.label,
            help=generator.help[0].upper() + generator.help[1:] + ".",
            width=190,
            **bound(
                f"recommend.on.{key}",
                budget > 0,
                lambda on: save(FunnelConfig().budget(key) if on else 0),
            ),
        )
        st.number_input(
            f"Budget of {generator.label}",
            min_value=0,
            max_value=MOST,
            step=10,
            width=130,
            label_visibility="collapsed",
            **bound(f"recommend.budget.{key}", budget, lambda wanted: save(int(wanted))),
        )


def _picture(answer: Answer, found: Funnel) -> None:
    proposed = sum(len(p.items) for p in found.proposals)
    generating = 1000 * sum(p.seconds for p in found.proposals)
    stages = [
        Stage("Catalogue", found.catalogue, None),
        Stage("Proposed", proposed, generating),
        Stage("Candidates", len(found.union), 1000 * found.union_seconds),
        Stage("Ranked", len(found.ranking.order), 1000 * found.rank_seconds),
        Stage("List", len(found.items), None),
    ]
    st.plotly_chart(
        funnel_chart(stages, answer.ranker.model),
        key="recommend.funnel",
        theme=None,
        config={"displayModeBar": False},
        alt=describe_funnel(stages),
    )
    st.caption(
        "The width is logarithmic. Proposed counts an app once per generator; milliseconds are of "
        f"this visit, on this server; ranking the whole catalogue takes "
        f"{1000 * found.full_seconds:.2f} ms."
    )


def _lost(answer: Answer, found: Funnel) -> None:
    st.metric(
        f"Recall of the first {found.k}",
        f"{found.recall:.0%}",
        help="Share of the list the ranker would show from the whole catalogue that is among the "
        "candidates",
    )
    if not len(found.lost):
        st.markdown(":material/check: Nothing of the full list is lost.")
        return
    lost = names(answer.first, found.lost[:LOST_SHOWN])
    places = [int(found.full.places[at]) for at in found.lost[:LOST_SHOWN]]
    told = ", ".join(f"{name} (place {place})" for name, place in zip(lost, places, strict=True))
    more = len(found.lost) - LOST_SHOWN
    st.markdown(
        f":material/visibility_off: **The ranker never got to see** {plain(told)}"
        + (f" and {more} more." if more > 0 else ".")
    )


def _proposals(answer: Answer, found: Funnel) -> None:
    """Who proposed what is shown."""
    left, right = st.columns([2, 3], gap="large")
    rows: list[dict[str, Any]] = [
        {
            "generator": GENERATORS[p.key].label,
            "proposed": len(p.items),
            "by it alone": p.alone,
            "in the list": int(np.isin(found.items, p.items).sum()),
            "ms": f"{1000 * p.seconds:.2f}",
        }
        for p in found.proposals
    ]
    with left:
        st.table(pd.DataFrame(rows), hide_index=True, border="horizontal")
    shown = [
        {
            "place": place,
            "app": plain(answer.first.names[int(at)]),
            "place of all": int(found.full.places[int(at)]),
            "proposed by": ", ".join(GENERATORS[k].label for k in found.proposed_by(int(at))),
        }
        for place, at in enumerate(found.items, start=1)
    ]
    with right:
        st.table(pd.DataFrame(shown), hide_index=True, border="horizontal")
