"""What a person does in a lesson: begin, go on, answer, leave. None of it is a step to undo."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import streamlit as st

from recsys_demo.data.specs import SampleSpec
from recsys_demo.lessons.files import LessonFile
from recsys_demo.lessons.format import Lesson, Setup, Step
from recsys_demo.lessons.library import lesson_of
from recsys_demo.lessons.progress import UNKNOWN, Prediction, committed
from recsys_demo.lessons.situation import Situation, is_done
from recsys_demo.studies.crosses.entries import entries_of
from recsys_demo.ui import session
from recsys_demo.ui.classroom import hold, poll
from recsys_demo.ui.rooms import page_of
from recsys_demo.ui.state import State, encode
from recsys_demo.ui.withheld import EXPECTED, LINK
from recsys_demo.values import validated

SAMPLE = SampleSpec()
_TICKED = "lesson.ticked"  # of this tab, until the link is written anew
_FOLDED = "lesson.folded"
_WORLD = ("data", "split", "crosses", "training")


def begin(key: str, here: str = "") -> None:
    """Open a lesson where it was left."""
    file = lesson_of(key)
    assert file is not None  # its button is drawn for a lesson that is there
    lesson = file.lesson
    done = ticks(session.current())
    first = next((s for s in lesson.steps if tick_name(key, s) not in done), lesson.steps[0])
    _open(key, first, here)


def go(file: LessonFile, step: Step, here: str, *, ticked: Step | None = None) -> None:
    """Open a step, in its room; what is only read is done when it is left for the next."""
    if ticked is not None and ticked.done is None and ticked.question is None:
        _tick(tick_name(file.lesson.key, ticked))
    _open(file.lesson.key, step, here)


def _open(key: str, step: Step, here: str) -> None:
    hold.check(f"{key}.{step.key}")
    st.session_state.pop(_FOLDED, None)
    _look(led=f"{key}.{step.key}")
    if step.room != here:
        page = page_of(step.room)
        assert page is not None  # a lesson's rooms are there
        st.switch_page(page.file, query_params=encode(session.current()))


def end(file: LessonFile, step: Step) -> None:
    """The last step is done: to the page of lessons."""
    hold.check("")
    _tick(tick_name(file.lesson.key, step))
    _look(led="")
    st.switch_page("pages/lessons.py", query_params=encode(session.current()))


def leave() -> None:
    """Just play: nothing is withheld, the answers stay."""
    _look(led="")


def commit(key: str, step: Step, **answer: Any) -> None:
    """Give the answer to a step's question."""
    said = Prediction(lesson=key, step=step.key, **answer)
    if step.question is not None and poll.takes(step.question, said):
        return
    _look(predictions=committed(session.current().predictions, said))


def skip(key: str, step: Step) -> None:
    """Say that one does not know."""
    commit(key, step, option=UNKNOWN)


def expect(text: str) -> None:
    """Say what is expected of a link that hides its results."""
    said = Prediction(lesson=LINK, step=EXPECTED, option=text.strip()[:400])
    _look(predictions=committed(session.current().predictions, said))


def speak(language: str) -> None:
    """Read lessons in another language."""
    _look(language=language)


def fold() -> None:
    """Make the card one line, or whole again."""
    st.session_state[_FOLDED] = not is_folded()


def is_folded() -> bool:
    """Whether the card is one line."""
    return bool(st.session_state.get(_FOLDED))


def set_up(setup: Setup) -> None:
    """Make the choices that a step needs: one step to undo."""
    session.put(prepared(setup, session.current()))


def prepared(setup: Setup, state: State) -> State:
    """The state with the choices that a step needs. Raises InputError."""
    changes: dict[str, Any] = {"data": SAMPLE, "crosses": None} if setup.fresh else {}
    for name in ("models", "seeds"):
        if (value := getattr(setup, name)) is not None:
            changes[name] = value
    if setup.crosses is not None:
        changes["crosses"] = entries_of(setup.crosses)
    data = changes.get("data", state.data)
    if setup.exceptions is not None and isinstance(data, SampleSpec):
        world = data.world.model_copy(update={"exceptions": setup.exceptions})
        changes["data"] = data.model_copy(update={"world": world})
    content = {**dict(state), **changes, "controls": _controls(state, setup)}
    return validated(State, content, "choices")


def along(lesson: Lesson, state: State) -> Iterator[tuple[Step, State]]:
    """The steps of a lesson, each with the state as the steps so far have set it up."""
    state = state.model_copy(update={"models": lesson.models or state.models})
    for step in lesson.steps:
        state = state if step.setup is None else prepared(step.setup, state)
        yield step, state


def is_world_of(step: Step, state: State) -> bool:
    """Whether data, crosses and training are those on which the step's answer is known."""
    shipped = State(data=SAMPLE)
    known = shipped if step.setup is None else prepared(step.setup, shipped)
    return all(getattr(state, name) == getattr(known, name) for name in _WORLD)


def _controls(state: State, setup: Setup) -> tuple[tuple[str, Any], ...]:
    """The pages' choices with those of a step."""
    controls = dict(state.controls)
    for name, value in setup.control.items():
        room, _, inside = name.partition(".")
        own = controls.get(room)
        controls[room] = {**(own if isinstance(own, dict) else {}), inside: value}
    return tuple(sorted(controls.items()))


def ticks(state: State) -> frozenset[str]:
    """The steps that are done."""
    return frozenset([*state.ticks, *st.session_state.get(_TICKED, ())])


def tick_name(key: str, step: Step) -> str:
    """How a step that is done stands in the link."""
    return f"{key}.{step.key}"


def tick_done(file: LessonFile, now: Situation, state: State) -> None:
    """Note the step that is open if it is done. The link says so with the next move: it alone is
    no reason for a step of the browser's Back."""
    step = file.lesson.step(state.step_key)
    if is_done(file.lesson, step, state.predictions, now):
        _tick(tick_name(file.lesson.key, step))


def _tick(name: str) -> None:
    known: list[str] = st.session_state.setdefault(_TICKED, [])
    if name not in known:
        known.append(name)


def _look(**changes: Any) -> None:
    state = session.current()
    done = tuple(dict.fromkeys([*state.ticks, *st.session_state.get(_TICKED, ())]))
    session.look(state.model_copy(update={"ticks": done, **changes}))
