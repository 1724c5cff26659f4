"""Whom the lists are for: found, built or edited."""

from __future__ import annotations

import html
import secrets
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import streamlit as st
from pydantic import ValidationError

from recsys_demo.data.sources import Dataset
from recsys_demo.recommendation.cases import Case
from recsys_demo.recommendation.query import Query, Value, query_fields
from recsys_demo.recommendation.recommender import Recommender
from recsys_demo.ui import session
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.recommend import recommenders
from recsys_demo.ui.recommend.choices import RecommendChoices, choose_person, chosen
from recsys_demo.ui.state import QueryChoice
from recsys_demo.ui.widgets import OFFERED, bound, button, long_choice

CASES = (
    ("frequent", "Frequent pair", ":material/repeat:", "Pairs seen often: memory is enough"),
    ("never", "Never-seen pair", ":material/help:", "Pairs never seen: the model must generalize"),
    ("niche", "Niche taste", ":material/diamond:", "Somebody with rare apps"),
    ("nobody", "Brand-new person", ":material/person_add:", "Build somebody from scratch"),
)
FIRST_CASE = "penguin:0"
REFUSED = "recommend.refused"
Save = Callable[[str], None]


def proposal(data: Dataset, recommender: Recommender) -> tuple[QueryChoice, Case | None]:
    """Whom to start with: the first penguin, else the frequent pair, else the first user."""
    found = next(iter(recommenders.penguins(data, recommender)), None)
    found = found or recommenders.case("frequent", data, recommender)
    if found is not None:
        return QueryChoice(user=found.user), found
    return QueryChoice(user=next(iter(recommender.people), None)), None


def person_line(recommender: Recommender, query: Query) -> None:
    """Whom the lists are for, in one line."""
    chips = [] if query.user is None else [f"<b>{html.escape(query.user)}</b>"]
    own = [(name, value) for name, value in query.values if name != recommender.schema.user]
    for name, value in sorted(own, key=lambda pair: isinstance(pair[1], tuple)):
        if text := html.escape(_value_text(recommender, name, value)):
            told = f"<small>{html.escape(name.replace('_', ' '))}</small> "
            if isinstance(value, tuple) and len(value) > 1:
                text = _unfolding(f"{told}{len(value)}", text)
            elif isinstance(value, tuple) or not any(map(str.isalpha, text)):
                text = told + text
            chips.append(text)
    shown = "".join(f"<span>{chip}</span>" for chip in chips) or "<span>nothing is known</span>"
    st.html(f'<div class="person">{shown}</div>')


def _unfolding(short: str, text: str) -> str:
    """A chip that a click unfolds."""
    return f"<details><summary>{short}</summary><div>{text}</div></details>"


def _value_text(recommender: Recommender, name: str, value: Value) -> str:
    if isinstance(value, tuple):
        return ", ".join(recommender.readable(name, one) for one in value)
    if isinstance(value, float):
        return f"{value:,.10g}"
    return "" if value is None else recommender.readable(name, value)


def find(recommender: Recommender, query: Query) -> None:
    """Search, next, random."""
    if session.hidden("person"):
        return
    users = recommender.people
    more = len(users) > OFFERED

    def meet_user(user: str | None) -> None:
        if user is not None:
            choose_person(QueryChoice(user=user))

    st.selectbox(
        "Person",
        placeholder="built from scratch" if users else "nobody known",
        help="Type to search; everybody the log knows, with the fields of their last row."
        + (f" The first {OFFERED:,} are listed: type any other whole." if more else ""),
        **long_choice(users, query.user),
        **bound("recommend.user", query.user, meet_user),
    )
    with st.container(horizontal=True):
        look: dict[str, Any] = {"disabled": not users}
        button(
            "Next", "recommend.next", _next, users, query.user, icon=":material/skip_next:", **look
        )
        button("Random", "recommend.random", _random, users, icon=":material/casino:", **look)


def named_cases(data: Dataset, recommender: Recommender, choices: RecommendChoices) -> None:
    """One click to somebody with whom the models part. `choices` are those shown."""
    if session.hidden("cases"):
        return
    stories = recommenders.penguins(data, recommender)
    with st.container(horizontal=True, gap="small", key="recommend_cases"):
        if stories:
            at = _story_shown(choices)
            number = "" if at is None else f" {at + 1} of {len(stories)}"
            button(
                f"Penguin{number}",
                "recommend.penguin",
                _penguin,
                stories,
                0 if at is None else (at + 1) % len(stories),
                icon=":material/ac_unit:",
                help="A planted exception: taste says one thing, memory the other."
                + ("" if at is None else " A click shows the next."),
            )
        for key, label, icon, meaning in CASES:
            meet_case = partial(_meet_case, key, data, recommender)
            button(label, f"recommend.{key}", meet_case, icon=icon, help=meaning)


def case_story(
    choices: RecommendChoices, data: Dataset, recommender: Recommender, query: Query
) -> Case | None:
    """The named case the person came from; nobody is somebody as soon as anything is known."""
    if (at := _story_shown(choices)) is not None:
        stories = recommenders.penguins(data, recommender)
        return stories[at] if at < len(stories) else None
    name = choices.case
    if name == "nobody" and any(value for _, value in query.values):
        return None
    if name in {key for key, *_ in CASES}:
        return recommenders.case(name, data, recommender)
    return None


def editor(
    recommender: Recommender,
    query: Query,
    is_edited: bool,
    start: QueryChoice,
    choices: RecommendChoices,
) -> None:
    """A control per field of the query; each edit moves the lists at once. `start` is whom the room
    shows, also where the state has chosen nobody yet: the first edit makes them chosen."""
    if session.hidden("editor"):
        return

    def save(field: str, text: str) -> None:
        state = session.current()
        is_first = state.query == QueryChoice()
        whom, now = (start, choices) if is_first else (state.query, chosen(state))
        if whom.user != start.user:
            return  # somebody else was chosen before the page was drawn again
        values = tuple({**dict(whom.values), field: text}.items())
        try:
            changed = QueryChoice.model_validate({"user": whom.user, "values": values})
        except ValidationError:
            st.session_state[REFUSED] = True
        else:
            choose_person(changed, now.item, now.case)

    for name, value in query.values:
        if name != recommender.schema.user:
            _field(recommender, name, value, partial(save, name))
    if st.session_state.pop(REFUSED, False):
        st.caption(":red[That is more than a link can hold: take something away first.]")
    if start.user is not None:
        button(
            "Undo all edits of this person",
            "recommend.restore",
            choose_person,
            QueryChoice(user=start.user),
            choices.item,
            choices.case,
            icon=":material/restart_alt:",
            type="tertiary",
            disabled=not is_edited,  # there before the first edit, so that nothing jumps
        )


def _field(recommender: Recommender, name: str, value: Value, save: Save) -> None:
    key, schema = f"recommend.field.{name}", recommender.schema
    title = plain(name.replace("_", " ").capitalize())
    if schema.fields[name].kind == "numeric":
        st.number_input(
            title,
            value=None,
            step=1.0,
            format="%g",
            placeholder="not known",
            **bound(key, value, lambda v: save("" if v is None else f"{v:.12g}")),
        )
        return
    vocabulary = recommender.encoder.fields.vocabularies[name]
    known = dict.fromkeys(v for v in vocabulary.values if v)
    if isinstance(value, tuple):
        st.multiselect(
            title,
            [*known, *(v for v in value if v not in known)],
            format_func=lambda v: recommender.readable(name, v),
            placeholder="none",
            **bound(key, list(value), lambda v: save(vocabulary.separator.join(v))),
        )
        return
    own = str(value) if value is not None else ""
    st.selectbox(
        title,
        ["", *known, *([own] if own and own not in known else [])],
        format_func=lambda v: recommender.readable(name, v) if v else "not known",
        **bound(key, own, lambda v: save(v or "")),
    )


def _next(users: Sequence[str], user: str | None) -> None:
    at = list(users).index(user) + 1 if user is not None and user in users else 0
    choose_person(QueryChoice(user=users[at % len(users)]))


def _random(users: Sequence[str]) -> None:
    choose_person(QueryChoice(user=secrets.choice(users)))


def _from_scratch(recommender: Recommender) -> None:
    empty = tuple((n, "") for n in query_fields(recommender.schema) if n != recommender.schema.user)
    choose_person(QueryChoice(values=empty), case="nobody")


def _story_shown(choices: RecommendChoices) -> int | None:
    """Which of the planted stories the room shows, None for none."""
    name, _, number = choices.case.partition(":")
    return int(number) if name == "penguin" and number.isdecimal() else None


def _penguin(stories: Sequence[Case], at: int) -> None:
    found = stories[at]
    choose_person(QueryChoice(user=found.user), found.item, f"penguin:{at}")


def _meet_case(key: str, data: Dataset, recommender: Recommender) -> None:
    found = recommenders.case(key, data, recommender)
    if key == "nobody":
        _from_scratch(recommender)
    elif found is not None:
        choose_person(QueryChoice(user=found.user), found.item, key)
