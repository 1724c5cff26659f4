"""The best guess of the class on the Class page: its hollow dots around what came out, the own
answer marked, and who was nearest."""

from __future__ import annotations

import math

import streamlit as st

from recsys_demo.charts.lessons import describe_marks, describe_places, marks_chart, places_chart
from recsys_demo.lessons.classroom.guesses import Guess, guessed, guesses
from recsys_demo.lessons.classroom.polls import Place
from recsys_demo.lessons.classroom.seats import Seat
from recsys_demo.lessons.classroom.tables import step_at, texts_at
from recsys_demo.lessons.classroom.targets import Target, known_to
from recsys_demo.lessons.format import NumberQuestion
from recsys_demo.lessons.messages import Messages
from recsys_demo.lessons.reveals.outcomes import Mark, Outcome, with_others
from recsys_demo.lessons.reveals.outcomes import Place as Dot
from recsys_demo.ui.classroom.crowd import crowd, map_titles
from recsys_demo.ui.classroom.membership import class_store
from recsys_demo.ui.markdown import plain

FIRST = 3  # who are named


def guesses_part(found: Seat, texts: Messages) -> None:
    """The question that was marked last; a word before there is one."""
    last = guessed(class_store(), found.who)
    asked = step_at(last[0]) if last is not None else None
    if last is None or asked is None:
        st.caption(plain(texts.text("class.challenge.no_guess")))
        return
    place, targets = last
    question, texts = asked[1].question, texts_at(place, texts)
    unit = question.unit if isinstance(question, NumberQuestion) else ""
    st.markdown(f"**{plain(texts.text(f'{place[0]}.{place[1]}.question'))}**")
    left, right = st.columns([3, 2], gap="medium", vertical_alignment="center")
    with left:
        _chart(found, place, targets, unit, texts)
    with right:
        _nearest(guesses(class_store(), found.who, place, targets), unit, texts)
        size = known_to(targets)
        if math.isfinite(size):
            known = texts.text("class.challenge.known", size=_size(size, unit))
            st.caption(plain(known))


def _chart(
    found: Seat, place: Place, targets: tuple[Target, ...], unit: str, texts: Messages
) -> None:
    outcome = with_others(_outcome(found, place, targets), crowd(place))
    if outcome.places:
        figure, alt = places_chart(outcome.places, *map_titles()), describe_places(outcome.places)
    else:
        figure, alt = (
            marks_chart(outcome.marks, [unit], unit),
            describe_marks(outcome.marks, [unit]),
        )
    look = {"displayModeBar": False, "responsive": True}
    st.plotly_chart(figure, key="class.guesses", config=look, alt=alt, theme=None)
    own = [texts.text("card.guessed")] if found.last_vote(place) is not None else []
    st.caption(" · ".join([*own, texts.text("class.dots"), texts.text("card.real")]))


def _outcome(found: Seat, place: Place, targets: tuple[Target, ...]) -> Outcome:
    """What came out, with the browser's own guess."""
    own = found.last_vote(place)
    spots = {spot.model: (spot.x, spot.y) for spot in own.spots} if own is not None else {}
    dots, marks = [], []
    for one in targets:
        if one.y is None:
            marks.append(Mark(one.x.interval, own.number if own is not None else None))
        else:
            dots.append(Dot(one.model, one.x.interval, one.y.interval, spots.get(one.model)))
    return Outcome((), tuple(marks), tuple(dots))


def _nearest(placed: list[Guess], unit: str, texts: Messages) -> None:
    """The first three, and the own one where it is none of them."""
    for number, one in enumerate(placed, start=1):
        if number <= FIRST or one.is_own:
            own = f" ({texts.text('class.challenge.you')})" if one.is_own else ""
            away = texts.text("class.challenge.away", miss=_size(one.miss, unit))
            st.markdown(f"{number}. **{plain(one.alias)}**{plain(own)}: {plain(away)}")


def _size(value: float, unit: str) -> str:
    return f"{value:.2g} {unit}".strip()
