"""The answers of a class on a page: bars once they are shown, dots around what came out."""

from __future__ import annotations

import streamlit as st

from recsys_demo.charts.polls import answers_map, bars, describe_bars, flow, numbers
from recsys_demo.lessons.classroom.polls import Place
from recsys_demo.lessons.classroom.results import Results, results, shown_results
from recsys_demo.lessons.classroom.tables import options_of
from recsys_demo.lessons.format import MapQuestion, NumberQuestion, OptionQuestion, Step
from recsys_demo.lessons.messages import Messages
from recsys_demo.lessons.progress import UNKNOWN, Prediction
from recsys_demo.ui import datasets, session, words
from recsys_demo.ui.classroom.membership import class_store
from recsys_demo.ui.classroom.seat import seat
from recsys_demo.ui.markdown import plain

_CHART = {"displayModeBar": False, "responsive": True}


def class_answers(place: Place) -> Results | None:
    """What the class has answered, where this browser may see it; None before the bars are
    shown."""
    found = seat()
    poll = found.polls.get(place) if found is not None else None
    if found is None or poll is None or poll.phase not in ("revealed", "marked"):
        return None
    if found.teacher is not None:
        return results(class_store(), found.teacher, place)
    assert found.student is not None  # whoever does not lead sits
    return shown_results(class_store(), found.student, place)


def crowd(place: Place) -> tuple[Prediction, ...]:
    """The answers of the last round, whose dots stand around what came out."""
    found = class_answers(place)
    return tuple(found.last.votes.values()) if found is not None else ()


def map_titles() -> tuple[str, str]:
    """What the axes of a class's map are called."""
    return words.X_TITLE, words.memory_title(datasets.memory_slice(session.current())[1])


def class_bars(place: Place, step: Step, texts: Messages, key: str) -> None:
    """Both rounds, and how answers moved between them; nothing before the teacher shows them."""
    found = class_answers(place)
    if found is None:
        return
    with st.container(border=True, key=key):
        asked = texts.text(f"{place[0]}.{place[1]}.question")
        st.markdown(f"**{plain(asked)}**")
        if isinstance(step.question, OptionQuestion):
            _options(place, step, found, texts, key)
        elif isinstance(step.question, NumberQuestion):
            values = [vote.number for vote in found.last.votes.values() if vote.number is not None]
            alt = "; ".join(f"{value:g}" for value in sorted(values))
            figure = numbers(values, step.question.low, step.question.high, step.question.unit)
            st.plotly_chart(figure, key=f"{key}.chart", config=_CHART, alt=alt, theme=None)
        elif isinstance(step.question, MapQuestion):
            spots = [(s.model, s.x, s.y) for vote in found.last.votes.values() for s in vote.spots]
            alt = "; ".join(f"{model} {x:.2f}, {y:.2f}" for model, x, y in spots)
            figure = answers_map(spots, *map_titles())
            st.plotly_chart(figure, key=f"{key}.chart", config=_CHART, alt=alt, theme=None)


def _options(place: Place, step: Step, found: Results, texts: Messages, key: str) -> None:
    member = seat()
    assert member is not None  # class_answers says so
    poll = member.polls[place]
    options = options_of(step)
    names = [_name(place, option, texts) for option in options]
    rounds = [found.first, found.second] if found.has_second else [found.first]
    counts = [[one.counts()[option] for option in options] for one in rounds]
    solution = options.index(poll.solution) if poll.solution in options else None
    titles = [texts.text(f"class.round.{number + 1}") for number in range(len(rounds))]
    left, right = st.columns([3, 2]) if found.has_second else (st.container(), None)
    with left:
        st.plotly_chart(
            bars(names, counts, titles, solution),
            key=f"{key}.chart",
            config=_CHART,
            alt=describe_bars(names, counts, titles, solution),
            theme=None,
        )
    moved = found.flow()
    if right is not None and moved:
        index = {option: at for at, option in enumerate(options)}
        pairs = [(index[a], index[b], count) for (a, b), count in sorted(moved.items())]
        alt = "; ".join(f"{names[a]} → {names[b]}: {count}" for a, b, count in pairs)
        with right:
            st.caption(texts.text("class.flow"))
            figure = flow(names, pairs)
            st.plotly_chart(figure, key=f"{key}.flow", config=_CHART, alt=alt, theme=None)


def _name(place: Place, option: str, texts: Messages) -> str:
    if option == UNKNOWN:
        return texts.text("card.unknown")
    return texts.text(f"{place[0]}.{place[1]}.options.{option}")
