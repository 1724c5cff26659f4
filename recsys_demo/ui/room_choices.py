"""A room's own choices: one small frozen value of the state, so that they travel in the link."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import streamlit as st
from pydantic import Field, ValidationError
from streamlit.delta_generator import DeltaGenerator

from recsys_demo.ui import session, widgets
from recsys_demo.ui.state import State
from recsys_demo.values import Frozen, validated


class TabChoices(Frozen):
    """Choices of a room that has tabs."""

    tab: str = Field("", max_length=60, description="which part is open")


C = TypeVar("C", bound=Frozen)
T = TypeVar("T", bound=TabChoices)


@dataclass(frozen=True)
class RoomChoices(Generic[C]):
    """What is chosen in the room of this name, and how to change it."""

    room: str
    now: C

    def update(self, *, is_step: bool = True, **changes: Any) -> None:
        """Change some choices: call it in a widget's callback. What is no step is not undone: it
        changes what is looked at, nothing that is made of it."""
        state = session.current()
        changed = state.with_control(self.room, self.updated(state, **changes))
        if is_step:
            session.put(changed)
        else:
            session.look(changed)

    def updated(self, state: State, **changes: Any) -> dict[str, Any]:
        """The control's value with these changes; what is at its default stays out of the link."""
        kind = type(self.now)
        current = chosen(state, self.room, kind).now
        return content_of(validated(kind, {**dict(current), **changes}, f"{self.room} page"))

    def bound(
        self, name: str, shown: Any = None, save: Callable[[Any], None] | None = None
    ) -> dict[str, Any]:
        """Arguments that make a widget show a choice (or what stands for it) and save it."""
        value = getattr(self.now, name) if shown is None else shown
        save = save or (lambda new: self.update(**{name: new}))
        return widgets.bound(f"{self.room}.{name}", value, save)


def content_of(choices: Frozen) -> dict[str, Any]:
    """What of the choices is not at its default, whole: `exclude_defaults` would also take away
    the `kind` by which a nested choice is known again."""
    defaults = type(choices)().model_dump(mode="json")
    content = choices.model_dump(mode="json")
    return {name: value for name, value in content.items() if value != defaults[name]}


def open_tab(choices: RoomChoices[T], names: Sequence[str]) -> tuple[str, DeltaGenerator]:
    """Tabs of which only the open one is drawn: its name and its place. No choice is the first."""
    shown = choices.now.tab if choices.now.tab in names else names[0]
    return shown, st.tabs(names, **choices.bound("tab", shown))[names.index(shown)]


def chosen(state: State, room: str, kind: type[C]) -> RoomChoices[C]:
    """What the state says about a room; what cannot be understood gives the defaults."""
    try:
        return RoomChoices(room, kind.model_validate(state.control(room, {})))
    except ValidationError:
        return RoomChoices(room, kind())
