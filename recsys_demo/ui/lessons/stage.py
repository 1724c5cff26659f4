"""What a lesson shows in the room itself: the map on which dots are placed, and the reveal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from recsys_demo.charts.lessons import (
    X_RANGE,
    Y_RANGE,
    describe_marks,
    describe_places,
    guess_map,
    marks_chart,
    places_chart,
)
from recsys_demo.charts.theme import label
from recsys_demo.lessons.files import LessonFile
from recsys_demo.lessons.format import MapQuestion, OptionQuestion, Step
from recsys_demo.lessons.messages import Messages
from recsys_demo.lessons.progress import UNKNOWN, Prediction, Spot, prediction
from recsys_demo.lessons.reveal_kinds import OvercrossReveal
from recsys_demo.lessons.reveals.outcomes import Outcome, with_others
from recsys_demo.lessons.situation import in_world
from recsys_demo.ui import datasets, words
from recsys_demo.ui.chart_cache import cached_figure
from recsys_demo.ui.chart_panel import clickable_chart
from recsys_demo.ui.classroom.crowd import crowd
from recsys_demo.ui.classroom.poll import commit_help, leads, note_solution, standing
from recsys_demo.ui.lessons import findings, moves
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.state import State
from recsys_demo.ui.widgets import bound, button
from recsys_demo.ui.withheld import situation

MAP = "lesson_map"
_CHART = {"displayModeBar": False, "responsive": True}
_SPOTS, _PLACED = "lesson.spots", "lesson.placed"
START = (0.5, 0.5)


def map_question(state: State, file: LessonFile, step: Step, texts: Messages) -> None:
    """Dots are placed by a click or by two sliders, and committed together."""
    assert isinstance(step.question, MapQuestion)
    name = moves.tick_name(file.lesson.key, step)
    spots = _spots(name)
    memory = datasets.memory_slice(state)[1]
    left, right = st.columns([3, 2], gap="medium")
    with right:
        model = _model_choice(step.question, spots, texts)
        st.caption(texts.text("card.place_help"))
        for at, title in enumerate(
            (texts.text("card.place_x"), texts.text("card.place_y", memory=plain(memory)))
        ):
            _slider(name, model, at, title)
        _commit_map(file, step, spots, texts)
    with left, st.container(key=MAP):
        titles = words.X_TITLE, words.memory_title(memory)
        clickable_chart(
            guess_map(spots, *titles, texts.text("card.place_help")),
            "lesson.map",
            partial(_clicked, name, model, list(step.question.models)),
            selection_mode="points",
            config=_CHART,
            alt=texts.text("card.place_help"),
            theme=None,
        )


def _spots(name: str) -> dict[str, tuple[float, float]]:
    """The dots placed in this tab so far, by their model."""
    kept: dict[str, dict[str, tuple[float, float]]] = st.session_state.setdefault(_SPOTS, {})
    return kept.setdefault(name, {})


def _model_choice(
    question: MapQuestion, spots: dict[str, tuple[float, float]], texts: Messages
) -> str:
    models = list(question.models)
    now = st.session_state.get(_PLACED)
    if now not in models:
        now = next((model for model in models if model not in spots), models[0])
        st.session_state[_PLACED] = now
    st.segmented_control(
        texts.text("card.place"),
        models,
        format_func=lambda model: ("● " if model in spots else "○ ") + label(model),
        required=True,
        **bound("lesson.model", now, _choose),
    )
    return str(now)


def _choose(model: str) -> None:
    st.session_state[_PLACED] = model


def _slider(name: str, model: str, at: int, title: str) -> None:
    low, high = (X_RANGE, Y_RANGE)[at]

    def save(value: float) -> None:
        place = list(_spots(name).get(model, START))
        place[at] = round(float(value), 2)
        _spots(name)[model] = (place[0], place[1])

    now = _spots(name).get(model, START)[at]
    st.slider(title, low, high, step=0.01, **bound(f"lesson.place.{model}.{at}", now, save))


def _clicked(name: str, model: str, models: list[str]) -> None:
    event: Any = st.session_state.get("lesson.map")
    points = event.get("selection", {}).get("points", []) if event else []
    if not points:
        return
    spots = _spots(name)
    spots[model] = (round(float(points[0]["x"]), 2), round(float(points[0]["y"]), 2))
    left = [other for other in models if other not in spots]
    if left:
        st.session_state[_PLACED] = left[0]


def _commit_map(
    file: LessonFile, step: Step, spots: dict[str, tuple[float, float]], texts: Messages
) -> None:
    assert isinstance(step.question, MapQuestion)
    left = [model for model in step.question.models if model not in spots]
    if left:
        names = ", ".join(label(model) for model in left)
        st.caption(texts.text("card.missing_dots", models=names))
    placed = tuple(Spot(model=model, x=x, y=y) for model, (x, y) in spots.items())
    with st.container(horizontal=True):
        button(
            texts.text("card.commit"),
            "lesson.commit",
            partial(moves.commit, file.lesson.key, step, spots=placed),
            type="primary",
            disabled=bool(left),
            help=commit_help(texts),
        )
        button(texts.text("card.unknown"), "lesson.unknown", moves.skip, file.lesson.key, step)
    if told := standing((file.lesson.key, step.key), texts):
        st.caption(plain(told))


def placed_map(state: State, spots: Mapping[str, tuple[float, float]]) -> None:
    """The dots as they were placed, if any were, while what came out is withheld."""
    memory = datasets.memory_slice(state)[1]
    titles = words.X_TITLE, words.memory_title(memory)
    dots = "; ".join(f"{label(m)} {x:.2f}, {y:.2f}" for m, (x, y) in spots.items())
    alt = dots or f"An empty map: {titles[0]}; {titles[1]}"
    st.plotly_chart(
        guess_map(spots, *titles, ""), key="lesson.placed", config=_CHART, alt=alt, theme=None
    )


def reveal(state: State, file: LessonFile, step: Step, texts: Messages) -> bool:
    """What came out, on one chart beside its sentences; nothing before it is asked and trained.
    Whether it is shown."""
    guess = answer_to(state, file, step)
    if step.reveal is None or (step.question is not None and guess is None):
        return False
    if not in_world(step.done, situation(state, "")):
        st.info(plain(texts.text("card.needs_setup")), icon=":material/tune:")
        return False
    if lacking := findings.missing(file.lesson, step, state):
        _waits_for(lacking, step, state, texts)
        return False
    if isinstance(step.reveal, OvercrossReveal) and not findings.is_overcrossed(state):
        told = "card.running" if findings.is_overcrossing(state) else "reveals.overcross.none"
        st.info(texts.text(told), icon=":material/model_training:")
        return False
    place = (file.lesson.key, step.of or step.key)
    found = with_others(findings.outcome(file.lesson, step, guess, state), crowd(place))
    note_solution(place, file.lesson.step(place[1]).question, found)
    with st.container(border=True, key="lesson_reveal"):
        left, right = st.columns([3, 2], gap="medium")
        with left:
            _chart(state, found, texts)
        with right:
            _sentences(state, file, step, guess, found, texts)
    return True


def _waits_for(lacking: Sequence[str], step: Step, state: State, texts: Messages) -> None:
    """Which trainings the reveal waits for."""
    busy, seeds = findings.at_work(lacking, state), findings.seeds_of(step)
    told = "training" if busy else "needs_seeds" if seeds > 1 else "needs_runs"
    names = plain(", ".join(label(model) for model in busy or lacking))
    st.info(texts.text(f"card.{told}", models=names, seeds=seeds), icon=":material/model_training:")


def answer_to(state: State, file: LessonFile, step: Step) -> Prediction | None:
    """The answer that a step reveals or asks for, None where none is given."""
    return prediction(state.predictions, file.lesson.key, step.of or step.key)


def _chart(state: State, found: Outcome, texts: Messages) -> None:
    if found.places:
        memory = datasets.memory_slice(state)[1]
        titles = words.X_TITLE, words.memory_title(memory)
        figure = cached_figure(
            ("lesson.places", found.places, titles), lambda: places_chart(found.places, *titles)
        )
        alt = describe_places(found.places)
    elif found.marks:
        names = [found.row_name(mark, texts) for mark in found.marks]
        unit = found.axis_title(texts)
        figure = cached_figure(
            ("lesson.marks", found.marks, names, unit),
            lambda: marks_chart(found.marks, names, unit),
        )
        alt = describe_marks(found.marks, names)
    else:
        return
    st.plotly_chart(figure, key="lesson.reveal", config=_CHART, alt=alt, theme=None)
    guesses = [*(m.guess for m in found.marks), *(place.guess for place in found.places)]
    guessed = any(guess is not None for guess in guesses)
    legend = [texts.text("card.guessed")] if guessed else []
    if any(mark.others for mark in found.marks) or any(place.others for place in found.places):
        legend.append(texts.text("class.dots"))
    legend.append(texts.text("card.real"))
    if any(mark.reference is not None for mark in found.marks):
        legend.append(texts.text(f"against.{found.against}"))
    st.caption(" · ".join(legend))


def _sentences(
    state: State,
    file: LessonFile,
    step: Step,
    guess: Prediction | None,
    found: Outcome,
    texts: Messages,
) -> None:
    told = [plain(told.text(texts)) for told in found.told]
    st.markdown("\n\n".join([f"**{told[0]}**", *told[1:]]))
    asked = file.lesson.step(step.of or step.key)
    base = f"{file.lesson.key}.{asked.key}"
    if isinstance(asked.question, OptionQuestion):
        _came_out(base, found, texts)
        if asked.teaches is not None and found.came_out != asked.teaches:
            _otherwise(state, base, asked, texts)
        _reasons(base, asked.question, guess, found, texts)
    elif guess is not None and guess.is_unknown:
        st.markdown(plain(texts.text(f"{base}.reasons.{UNKNOWN}")))
    if found.is_single:
        st.caption(texts.text("card.single"))


def _came_out(base: str, found: Outcome, texts: Messages) -> None:
    """Which option came out, and why."""
    if not found.came_out:
        st.markdown(plain(texts.text("card.nothing_came_out")))
        return
    answer = texts.text("card.came_out", answer=texts.text(f"{base}.options.{found.came_out}"))
    st.markdown(f"{plain(answer)}. {plain(texts.text(f'{base}.reasons.{found.came_out}'))}")


def _otherwise(state: State, base: str, asked: Step, texts: Messages) -> None:
    """Why it is not what the lesson teaches: another world, or the luck of this training."""
    if moves.is_world_of(asked, state):
        usual = texts.text(f"{base}.options.{asked.teaches}")
        st.warning(plain(texts.text("card.unusual", answer=usual)), icon=":material/casino:")
    else:
        st.warning(texts.text("card.otherwise"), icon=":material/public:")


def _reasons(
    base: str, question: OptionQuestion, guess: Prediction | None, found: Outcome, texts: Messages
) -> None:
    """What is to be said of the answer given, and the reasons of the others for who wants them. The
    teacher of a class gives none."""
    own = guess.option if guess is not None and not leads() else ""
    if own and own == found.came_out:
        st.markdown(plain(texts.text("card.right")))
    elif guess is not None and own:
        said = "" if guess.is_unknown else _said(base, own, texts)
        st.markdown(f"{said}{plain(texts.text(f'{base}.reasons.{own}'))}")
    others = [option for option in question.options if option not in (own, found.came_out)]
    if others:
        with st.popover(texts.text("card.other_reasons"), type="tertiary"):
            for option in others:
                name = texts.text(f"{base}.options.{option}")
                why = texts.text(f"{base}.reasons.{option}")
                st.markdown(f"**{plain(name)}**: {plain(why)}")


def _said(base: str, own: str, texts: Messages) -> str:
    answer = texts.text("card.your_answer", answer=texts.text(f"{base}.options.{own}"))
    return f"{plain(answer)}. "
