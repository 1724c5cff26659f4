"""Controls drawn from a configuration: the bounds of its fields are the bounds of the widgets."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from types import NoneType
from typing import Any, Literal, TypeVar, get_args, get_origin

import streamlit as st
from pydantic.fields import FieldInfo

from recsys_demo.errors import InputError
from recsys_demo.ui.glossary.hints import hint
from recsys_demo.ui.messages import guarded
from recsys_demo.ui.shown_values import note_button, note_shown, takes_change
from recsys_demo.values import Frozen, validated

F = TypeVar("F", bound=Frozen)
# What a widget does to the choices there are when it is used. They need not be those that it was
# drawn with: another may have been used before the page was drawn again.
Edit = Callable[[F], F]
WORDS: Mapping[str, str] = {
    "l1": "L1",
    "l2": "L2",
    "beta1": "Beta 1",
    "beta2": "Beta 2",
    "init_std": "Initial spread",
    "hidden": "Layers",
    "min_support": "Minimum support",
    "monitor": "Best epoch by",
    "epochs": "Maximum epochs",
    "size": "Embedding size",
    "shared": "Shared embeddings",
    "update": "Rows updated",
    "report_steps": "Report every",
    "neighbors": "Neighbours",
    "min_dist": "Smallest distance",
    "metric": "Distance",
}
UNITS: Mapping[str, str] = {
    "batch_size": "rows",
    "report_steps": "steps",
    "patience": "epochs",
    "min_support": "rows",
    "size": "numbers",
}
OFFERED = 5_000  # values in a list one can search
_WIDTHS = re.compile(r"\d{1,5}(?:[-,x\s]++\d{1,5}+)*+")


def bound(key: str, value: Any, save: Callable[[Any], None]) -> dict[str, Any]:
    """Arguments that make a widget show `value` and hand what a person makes of it to `save`."""
    note_shown(key, value)
    st.session_state[key] = value
    return _on_change(key, lambda: save(st.session_state[key]))


def keyed(key: str, action: Callable[[], None]) -> dict[str, Any]:
    """Arguments of a widget that keeps its own value: the action is called when a person changes
    it."""
    note_shown(key, st.session_state.get(key))
    return _on_change(key, action)


def _on_change(key: str, action: Callable[[], None]) -> dict[str, Any]:
    return {"key": key, "on_change": guarded(_changed, key), "args": (key, action)}


def _changed(key: str, action: Callable[[], None]) -> None:
    if takes_change(key):
        action()


def button(label: str, key: str, action: Callable[..., object], *args: object, **look: Any) -> None:
    """A button that calls the action with these arguments; `look` goes to Streamlit."""
    note_button(key)
    st.button(label, key=key, on_click=guarded(action, key), args=args, **look)


def long_choice(values: Sequence[str], now: str | None) -> dict[str, Any]:
    """Arguments of a selectbox over many values: the first ones and what is chosen now; where that
    is not all, any other can be typed."""
    offered = values[:OFFERED]
    own = [] if now is None or now in offered else [now]
    return {"options": [*own, *offered], "accept_new_options": len(values) > OFFERED}


def settings(config: F, names: Sequence[str], key: str, save: Callable[[Edit[F]], None]) -> None:
    """A widget for each of the named settings; `save` takes what a person makes of one. What the
    type refuses is told and not saved."""
    columns = st.columns(min(len(names), 3) or 1)
    for place, name in enumerate(names):
        with columns[place % len(columns)]:
            setting(config, name, f"{key}.{name}", save)


def setting(
    config: F,
    name: str,
    key: str,
    save: Callable[[Edit[F]], None],
    label: str = "",
) -> None:
    """One setting as the widget that fits its type."""
    field = type(config).model_fields[name]
    value = getattr(config, name)
    kind = _kind(field)

    def changed(given: Any) -> None:
        try:
            edit = _edit(config, name, _parsed(kind, given))
            edit(config)
        except (InputError, ValueError):
            st.session_state[key + ".refused"] = True
        else:
            save(edit)

    shown = _widget_value(kind, value)
    title = label or words(name)
    common = {
        "help": hint(title, _help(field)),
        **bound(key, shown, changed),
    }
    if kind is bool:
        st.toggle(title, **common)
    elif get_origin(kind) is Literal:
        st.selectbox(title, get_args(kind), **common)
    elif kind is int:
        low, high = limits(field)
        st.number_input(
            title, min_value=math.ceil(low), max_value=math.floor(high), step=1, **common
        )
    elif kind is float:
        low, high = limits(field)
        st.number_input(
            title, min_value=low, max_value=high, step=step(value), format="%g", **common
        )
    else:
        st.text_input(title, max_chars=60, **common)
    if st.session_state.pop(key + ".refused", False):
        st.caption(f":red[{_refusal(kind)}]")


def slider(
    config: F,
    name: str,
    key: str,
    save: Callable[[Edit[F]], None],
    label: str = "",
    most: float | None = None,
) -> None:
    """One number of a configuration between its bounds; `most` ends the scale earlier, but not
    below the value itself."""
    field = type(config).model_fields[name]
    number: type[int] | type[float] = int if field.annotation is int else float
    value = number(getattr(config, name))
    low, high = (number(end) for end in limits(field))
    top = high if most is None else max(number(most), value)

    def changed(given: float) -> None:
        save(_edit(config, name, number(given)))

    title = label or words(name)
    st.slider(
        title,
        low,
        top,
        step=_slider_step(top - low, number is int),
        format="localized" if number is int else None,
        help=hint(title, field.description),
        **bound(key, value, changed),
    )


def _edit(shown: F, name: str, value: Any) -> Edit[F]:
    """Sets a field of what then is a configuration of the kind that was shown."""

    def edit(now: F) -> F:
        if type(now) is not type(shown):
            return now  # another optimizer, another projection has taken its place
        return validated(type(now), {**dict(now), name: value}, words(name))

    return edit


def _slider_step(span: float, whole: bool) -> Any:
    """A step that a hand can find."""
    if whole:
        return 1 if span <= 200 else 10 if span <= 20_000 else 1000
    return 0.01 if span < 1 else 0.05 if span <= 10 else 1.0


def words(name: str) -> str:
    """A setting's name as people read it, with its unit."""
    told = WORDS.get(name, name.replace("_", " ").capitalize())
    return f"{told} ({UNITS[name]})" if name in UNITS else told


def limits(field: FieldInfo) -> tuple[float, float]:
    """The smallest and the largest value the field takes; a bound that is itself refused is moved
    by a hair's breadth."""
    low, high = -1e12, 1e12
    for rule in field.metadata:
        low = max(low, getattr(rule, "ge", low), _above(getattr(rule, "gt", None), low))
        high = min(high, getattr(rule, "le", high), _below(getattr(rule, "lt", None), high))
    return float(low), float(high)


def _above(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value + 1e-9


def _below(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value - 1e-9


def step(value: float) -> float:
    """A click changes the leading digit."""
    return 0.01 if value == 0 else 10.0 ** math.floor(math.log10(abs(value)))


def _kind(field: FieldInfo) -> Any:
    kind = field.annotation
    members = [member for member in get_args(kind) if member is not NoneType]
    if NoneType in get_args(kind) or get_origin(kind) is tuple:
        return ("optional", members[0]) if NoneType in get_args(kind) else tuple
    return kind


def _widget_value(kind: Any, value: Any) -> Any:
    if kind is tuple:
        return "-".join(map(str, value))
    if isinstance(kind, tuple):
        return "" if value is None else str(value)
    return float(value) if kind is float else value


def _parsed(kind: Any, given: Any) -> Any:
    if kind is tuple:
        text = str(given).strip()
        if text and not _WIDTHS.fullmatch(text):
            raise ValueError(text)
        return tuple(int(width) for width in re.findall(r"\d+", text))
    if isinstance(kind, tuple):
        return int(given) if str(given).strip() else None
    return given


def _help(field: FieldInfo) -> str | None:
    if not field.description:
        return None
    told = field.description[0].upper() + field.description[1:] + "."
    low, high = limits(field)
    return told + (f" From {low:g} to {high:g}." if field.metadata and high < 1e12 else "")


def _refusal(kind: Any) -> str:
    return "Widths such as 64-32, at most 8 layers." if kind is tuple else "Not a usable value."
