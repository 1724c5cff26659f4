"""The state of this browser tab: kept in the session, mirrored in the link, with undo and redo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from recsys_demo.ui.rooms import page_of
from recsys_demo.ui.state import State, decode, encode
from recsys_demo.ui.streamlit_internals import is_history_navigation
from recsys_demo.ui.withheld import is_withheld
from recsys_demo.values import validated

_STATE, _UNDO, _REDO = "lab.state", "lab.undo", "lab.redo"
_WRITTEN, _MESSAGE, _DRAFT = "lab.written", "lab.message", "lab.lesson"
HISTORY = 200
REMEMBERED_LINKS = 100


def current() -> State:
    """What the person has chosen. A link that was opened becomes the state."""
    memory = st.session_state
    parameters = dict(st.query_params.to_dict())
    if not isinstance(memory.get(_STATE), State):
        memory[_STATE], memory[_MESSAGE] = decode(parameters)
        memory[_UNDO], memory[_REDO], memory[_WRITTEN] = [], [], [parameters]
    elif parameters and parameters not in memory[_WRITTEN]:
        # A link was opened in this tab. Parameters we wrote ourselves come back late now and then.
        state, memory[_MESSAGE] = decode(parameters)
        _remember(state)
        memory[_WRITTEN].append(parameters)
    state = memory[_STATE]
    assert isinstance(state, State)
    return state


def follow_address() -> None:
    """Go where the browser's Back and Forward lead, in a lesson too. Call it once, before a page is
    drawn."""
    memory = st.session_state
    if not is_history_navigation() or not isinstance(memory.get(_STATE), State):
        return
    parameters = dict(st.query_params.to_dict())
    memory[_WRITTEN].append(parameters)  # no link that somebody opens
    state = current()
    target, message = decode(parameters)
    target = target.with_progress(state)
    if state.led_as(target) != target:
        _go_to(target, message)
    look(target)


def _go_to(target: State, message: str | None) -> None:
    """Undo or redo what leads to these choices; where nothing does, they are a step of their own,
    with what was wrong with their link."""
    memory = st.session_state
    ways = [(_UNDO, _REDO), (_REDO, _UNDO)]
    steps = {way: _steps_to(target, memory[way[0]]) for way in ways}
    there = [way for way in ways if steps[way]]
    if not there:  # a link that was opened before
        memory[_MESSAGE] = message
        _remember(target)
        return
    nearest = min(there, key=lambda way: steps[way])
    for _ in range(steps[nearest]):
        _move(*nearest)


def _steps_to(target: State, states: list[State]) -> int:
    """How many of these states, the last first, lead to the target; 0 if none does."""
    there = (state.led_as(target) == target for state in reversed(states))
    return next((n for n, is_there in enumerate(there, start=1) if is_there), 0)


def change(**updates: Any) -> None:
    """Choose something else: call it in a widget's callback. Raises InputError for
    values that the state cannot take."""
    put(validated(State, {**dict(current()), **updates}, "choices"))


def put(state: State) -> None:
    """Make this the state; undo brings the one before back."""
    if state != current():
        _remember(state)


def look(state: State) -> None:
    """Make this the state without a step to undo."""
    st.session_state[_STATE] = state
    write_link()


def undo() -> None:
    """Back to the state before."""
    _move(_UNDO, _REDO)


def redo() -> None:
    """Forward again to the state that was undone."""
    _move(_REDO, _UNDO)


def can_undo() -> bool:
    """Whether there is a state before this one."""
    return bool(st.session_state.get(_UNDO))


def can_redo() -> bool:
    """Whether a state was undone."""
    return bool(st.session_state.get(_REDO))


def reset() -> None:
    """The defaults with the same seed; what a lesson hides stays hidden, and Live as it is."""
    state = current()
    led = ("led", "predictions", "ticks", "language")
    kept = ("seed", "hide", "lesson", *led, "projector", "live")
    put(State(**{name: getattr(state, name) for name in kept}))


def write_link() -> None:
    """Mirror the state in the address bar. Every change does it, for a change made in a dialog or
    a fragment draws no whole page. An address that says the same in other words stays: another one
    would be a step of Back that does nothing. While the browser goes back or forward, Streamlit
    puts the new address in the place of the one it came to, and Forward goes on working."""
    state = st.session_state[_STATE]
    parameters, there = encode(state), dict(st.query_params.to_dict())
    written = st.session_state[_WRITTEN]
    if there == parameters:
        return
    said, wrong = decode(there)
    if wrong is not None or said != state:
        written.append(parameters)
        del written[:-REMEMBERED_LINKS]
        st.query_params.from_dict(parameters)


def room_link(key: str, label: str = "", icon: str = "", state: State | None = None) -> None:
    """A link to another room that takes the choices along, or those of another state."""
    page = page_of(key)
    assert page is not None, key
    st.page_link(
        page.file,
        label=label or page.label,
        icon=icon or page.icon,
        query_params=encode(state or current()),
    )


def take_message() -> str | None:
    """What went wrong with the link that was opened, told once."""
    message: str | None = st.session_state.pop(_MESSAGE, None)
    return message


def lesson_draft() -> tuple[str, tuple[str, ...]] | None:
    """What was last written in this tab for a lesson, and the controls it hides."""
    draft: tuple[str, tuple[str, ...]] | None = st.session_state.get(_DRAFT)
    return draft


def draft_lesson(text: str, hide: Sequence[str]) -> None:
    """Keep what is written for a lesson, so that closing the dialog loses nothing."""
    st.session_state[_DRAFT] = (text, tuple(hide))


def session_id() -> str:
    """Streamlit's name for this tab's session, so that tabs take turns in the queue. A page that is
    loaded again begins another one."""
    context = get_script_run_ctx()
    return context.session_id if context is not None else ""


def letter_scale() -> float:
    """How much larger than usual the letters of charts are: a projector is read from the back."""
    return 1.5 if current().projector else 1.0


def hidden(name: str) -> bool:
    """Whether the link hides what has this name, or a lesson withholds it until it is predicted."""
    return name in current().hide or is_withheld(current(), name)


def _remember(state: State) -> None:
    memory = st.session_state
    memory[_UNDO].append(memory[_STATE])
    del memory[_UNDO][:-HISTORY]
    memory[_REDO].clear()
    memory[_STATE] = state
    write_link()


def _move(source: str, target: str) -> None:
    memory = st.session_state
    if memory.get(source):
        now: State = memory[_STATE]
        memory[target].append(now)
        there: State = memory[source].pop()
        memory[_STATE] = there.led_as(now)
        write_link()
