"""The teacher's tab of questions: each predict step as a poll, hands, and the pace."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import streamlit as st

from recsys_demo.lessons.classroom import pace, polls
from recsys_demo.lessons.classroom.classes import Teacher
from recsys_demo.lessons.classroom.polls import Place
from recsys_demo.lessons.classroom.seats import Seat
from recsys_demo.lessons.classroom.tables import options_of, step_at, texts_at
from recsys_demo.lessons.files import LESSONS
from recsys_demo.lessons.format import Lesson, OptionQuestion, Step
from recsys_demo.lessons.library import lesson_of
from recsys_demo.lessons.messages import Messages, messages
from recsys_demo.lessons.progress import UNKNOWN
from recsys_demo.ui import jobs, models
from recsys_demo.ui.classroom.choices import ClassChoices
from recsys_demo.ui.classroom.crowd import class_answers, class_bars
from recsys_demo.ui.classroom.membership import class_store
from recsys_demo.ui.classroom.poll import poll_controls
from recsys_demo.ui.lessons import findings, moves, stage
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.messages import show_refusal
from recsys_demo.ui.room_choices import RoomChoices
from recsys_demo.ui.state import State
from recsys_demo.ui.widgets import bound, button

HERE = "classroom"
MOST_HANDS = 300


def questions_tab(
    state: State, found: Seat, teacher: Teacher, choices: RoomChoices[ClassChoices]
) -> None:
    """One question at a time, and the pace of the class beside it."""
    texts = messages(state.language)
    every = question_names(state, found, texts)
    now = choices.now.question if choices.now.question in every else _last(found, every)
    place = (now.partition(".")[0], now.partition(".")[2])
    asked = step_at(place)
    assert asked is not None  # only steps of lessons that are there
    step, texts = asked[1], texts_at(place, texts)
    # What is projected stands high: once answers are shown, the pace stands below them.
    is_shown = class_answers(place) is not None
    left, right = st.columns(
        [2, 3] if is_shown else [3, 2], gap="medium", vertical_alignment="center"
    )
    with left:
        st.selectbox(
            "Question",
            list(every),
            format_func=lambda name: every[name],
            label_visibility="collapsed",
            **choices.bound("question", now),
        )
        if not is_shown:
            st.markdown(plain(texts.text(f"{now}.question")))
    with right if is_shown else left:
        poll_controls(place, texts, "class.poll")
        if isinstance(step.question, OptionQuestion):
            _hands(found, teacher, place, step, texts)
    if is_shown:
        _answers(state, found, place, step, texts)
    with st.container() if is_shown else right:
        _pace(found, teacher, place, step, texts)


def _answers(state: State, found: Seat, place: Place, step: Step, texts: Messages) -> None:
    """What came out once it is marked, and what was answered."""
    asked = step_at(place)
    if asked is not None and found.polls[place].phase == "marked":
        _came_out(state, place, asked[0], step, texts)
    class_bars(place, step, texts, "class_bars")


def _came_out(state: State, place: Place, lesson: Lesson, step: Step, texts: Messages) -> None:
    """What came out, from the runs that the lesson needs."""
    file, shown = lesson_of(place[0]), lesson.revealing(step)
    if file is None or shown is None:
        return
    led = {one.key: led for one, led in moves.along(lesson, state)}[shown.key]
    stage.reveal(led, file, shown, texts)
    lacking = findings.missing(lesson, shown, led)
    wanted = [training for training in models.trainings(led) if training.model in lacking]
    busy = [training for training in wanted if training.is_busy]
    if busy:
        models.watched_trainings("class.reveal.watched", busy)
    elif wanted:
        jobs.start_button("Train them now", "class.reveal.train", models.train, wanted)


def _last(found: Seat, every: Mapping[str, str]) -> str:
    """The question that was asked last, the first of all before one is."""
    asked = [".".join(place) for place in found.polls if ".".join(place) in every]
    return asked[-1] if asked else next(iter(every))


def question_names(state: State, found: Seat, texts: Messages) -> dict[str, str]:
    """Every question of the lessons, "a.dots" and what it is called: of the lab's, of one that
    leads here, and of those the class was asked."""
    keys = dict.fromkeys([*LESSONS, state.lesson_key, *(lesson for lesson, _ in found.polls)])
    names = {}
    for key in keys:
        if (file := lesson_of(key)) is None:
            continue
        own = texts_at((key, ""), texts)
        begin = key.upper() if key in LESSONS else own.text(f"{key}.title")
        for step in file.lesson.questions:
            names[f"{key}.{step.key}"] = f"{begin}. {own.text(f'{key}.{step.key}.title')}"
    return names


def _pace(found: Seat, teacher: Teacher, place: Place, step: Step, texts: Messages) -> None:
    """Where the class is, and whether it waits."""
    store, name = class_store(), ".".join(place)
    view = found.view
    with st.container(horizontal=True, gap="small"):
        button(
            "Call everybody here",
            "class.hold",
            partial(pace.hold, store, teacher, name),
            icon=":material/campaign:",
            help="Every student's page goes to this step and stays until you let go",
        )
        if view.held:
            title = texts_at((view.held.partition(".")[0], ""), texts).text(f"{view.held}.title")
            button(
                "Let go",
                "class.let_go",
                partial(pace.let_go, store, teacher),
                icon=":material/front_hand:",
                help=f"Everybody is held at: {plain(title)}",
            )
        button(
            "Go on" if view.paused else "Pause",
            "class.pause",
            partial(pace.pause, store, teacher, not view.paused),
            icon=":material/play_arrow:" if view.paused else ":material/pause:",
            help="No answers are taken while the class pauses",
        )
        button(
            "Open this step",
            "class.go",
            partial(_go, place, step),
            icon=":material/school:",
            help="On this device, with the same buttons on the lesson's card",
        )
    st.toggle(
        "Students may work ahead",
        help="Questions that you have not opened then take each student's first answer",
        **bound("class.ahead", view.ahead, partial(pace.let_work_ahead, store, teacher)),
    )


def _go(place: Place, step: Step) -> None:
    if (file := lesson_of(place[0])) is not None:
        moves.go(file, step, HERE)


def _hands(found: Seat, teacher: Teacher, place: Place, step: Step, texts: Messages) -> None:
    """Students without a device, as the teacher counts them."""
    poll = found.polls.get(place)
    if poll is None or poll.phase not in ("open", "closed"):
        return
    with st.expander("Count hands of students without a device", icon=":material/back_hand:"):
        counts = {}
        for option in options_of(step):
            base = f"{place[0]}.{place[1]}.options.{option}"
            name = texts.text("card.unknown" if option == UNKNOWN else base)
            key = f"class.hands.{poll.id}.{poll.round}.{option}"
            counts[option] = int(st.number_input(name, 0, MOST_HANDS, key=key))
        button("Keep these counts", "class.hands", _count, teacher, place, step, counts)
        show_refusal("class.hands")


def _count(teacher: Teacher, place: Place, step: Step, counts: Mapping[str, int]) -> None:
    assert step.question is not None  # only questions are counted
    polls.count_hands(class_store(), teacher, place, step.question, counts)
