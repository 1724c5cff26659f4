"""The Recommend room from top to bottom."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from recsys_demo.charts.theme import label
from recsys_demo.errors import InputError
from recsys_demo.recommendation.answer import AnswerSettings, ListedModel
from recsys_demo.recommendation.query import Query, is_known
from recsys_demo.recommendation.recommender import Recommender
from recsys_demo.studies.parting import parting
from recsys_demo.ui import datasets, jobs, models, session
from recsys_demo.ui.finding import finding
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.messages import show_error
from recsys_demo.ui.models import Training
from recsys_demo.ui.recommend.choices import VIEWS, View, chosen, update
from recsys_demo.ui.recommend.explanation import change, scores, why
from recsys_demo.ui.recommend.funnel import funnel
from recsys_demo.ui.recommend.lists import blank, list_controls, lists, lost_places, search
from recsys_demo.ui.recommend.numbers import numbers
from recsys_demo.ui.recommend.person import (
    FIRST_CASE,
    case_story,
    editor,
    find,
    named_cases,
    person_line,
    proposal,
)
from recsys_demo.ui.recommend.recommenders import answer_to, listed_models
from recsys_demo.ui.state import QueryChoice, State
from recsys_demo.ui.widgets import bound

LAST = "recommend.last"
EDIT_PIXELS = 300
BLANK = 10  # places of a list to come
TITLES: dict[View, str] = {
    "why": "Why?",
    "change": "What changes it?",
    "funnel": "Funnel",
    "numbers": "All numbers",
}


def recommend_room(state: State) -> None:
    """Lists of the trained models for one person."""
    wanted = models.trainings(state)
    try:
        ready = listed_models(wanted, state.seed)
    except InputError as error:
        show_error(error)
        _train_button(wanted)
        return
    waiting = [t for t in wanted if t.is_busy and t.config.seed == state.seed]
    with st.container():  # always there, so that what follows keeps its place when it is empty
        if waiting:
            models.watched_trainings("recommend.training", waiting)
    if not ready:
        if not waiting:
            _nothing(wanted)
        return
    if models.show_ended([t for t in wanted if t.config.seed == state.seed]):
        _train_button(wanted)
    _room(state, ready)


def _nothing(wanted: Sequence[Training]) -> None:
    """What to do in an empty room."""
    names = ", ".join(dict.fromkeys(label(t.model) for t in wanted)) or "none"
    st.info(
        f"Nothing is trained yet ({plain(names)}). Each trained model ranks the whole catalogue "
        "for one person; here you see its lists side by side, and every score taken apart.",
        icon=":material/person:",
    )
    models.show_ended(wanted)
    _train_button(wanted)
    if wanted:
        blank(list(dict.fromkeys(t.model for t in wanted)), BLANK)


def _train_button(wanted: Sequence[Training]) -> None:
    if wanted:
        jobs.start_button("Train these models", "recommend.train", models.train, wanted)
    else:
        models.model_button("wide_deep", "recommend.first")


def _room(state: State, ready: Sequence[ListedModel]) -> None:
    recommender, data, choices = ready[0].recommender, datasets.dataset(state), chosen(state)
    is_fresh = state.query == QueryChoice()
    start, proposed = state.query, None
    if is_fresh:
        start, proposed = proposal(data, recommender)
        item = choices.item or (proposed.item if proposed is not None else None) or ""
        choices = choices.model_copy(update={"item": item, "case": FIRST_CASE})
    query = _query(recommender, start)
    unedited = recommender.query(QueryChoice(user=start.user).given(recommender.schema))
    before = _before_edit(query, unedited, data.fingerprint)
    wanted = AnswerSettings(
        **{name: getattr(choices, name) for name in AnswerSettings.model_fields}
    )
    case = proposed or case_story(choices, data, recommender, query)
    about = case.about if case is not None and case.item == choices.item else ""
    found = answer_to(ready, query, wanted, data, before, about)
    with st.container(key="recommend_finding"):
        finding(plain(parting(found)))
    named_cases(data, recommender, choices)
    if case is not None:
        planted = "Planted: " if case.key == "penguin" else ""
        st.markdown(f":material/lightbulb: {planted}{plain(case.story)}")
    with st.container(horizontal=True, vertical_alignment="center", key="recommend_person"):
        person_line(recommender, query)
        if not (session.hidden("person") and session.hidden("editor")):
            edit = st.popover("Edit", icon=":material/edit:", key="recommend.edit")
            # Narrow, so that the lists are seen to move behind it.
            with edit, st.container(width=EDIT_PIXELS):
                find(recommender, query)
                editor(recommender, query, query != unedited, start, choices)
        list_controls(found, has_truth=data.world is not None)
    with st.container(key="recommend_answer"):
        left, right = st.columns([5, 3], gap="medium")
        with left:
            lists(found)
        with right:
            search(found)
            scores(found)
    with st.container(key="recommend_closer"):  # lessons point at it
        _views(choices.view)
        lost_places(found)  # last, so that nothing jumps when the first edit makes it appear
        closer = {"why": why, "change": change, "funnel": funnel, "numbers": numbers}
        closer[choices.view](found)


def _query(recommender: Recommender, start: QueryChoice) -> Query:
    """The person of the link; what cannot be used is told, and nobody stands there."""
    try:
        query = recommender.query(start.given(recommender.schema))
    except InputError as error:
        show_error(error)
        return recommender.query({})
    if query.user is not None and not is_known(query.user, recommender.queries):
        st.warning(
            f"This log does not know {plain(query.user)}: only the fields below count.",
            icon=":material/person_off:",
        )
    return query


def _before_edit(query: Query, unedited: Query, fingerprint: str) -> Query | None:
    """The query before the last edit of the same person of the same log; after a link was opened,
    the person as the log knows them. None where nothing was edited."""
    last = st.session_state.get(LAST)
    log, now, before = last if isinstance(last, tuple) else (None, None, None)
    if not isinstance(now, Query) or log != fingerprint or now.user != query.user:
        before = unedited if query != unedited else None
    elif now != query:
        before = now
    st.session_state[LAST] = (fingerprint, query, before)
    return before if isinstance(before, Query) and before != query else None


def _views(view: View) -> None:
    if session.hidden("views"):
        return
    st.segmented_control(
        "Closer",
        VIEWS,
        format_func=lambda key: TITLES[key],
        required=True,
        label_visibility="collapsed",
        **bound("recommend.view", view, lambda key: update(view=key)),
    )
