"""The form of a source that has no page of its own: a control for each of its settings."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from typing import Any, Literal, get_args, get_origin

import streamlit as st
from pydantic.fields import FieldInfo

from recsys_demo.data.allowed_folders import PROVIDED, is_confined
from recsys_demo.data.source import Source, path_fields
from recsys_demo.data.specs import DataSpec
from recsys_demo.data.uploads import upload_of
from recsys_demo.errors import InputError
from recsys_demo.limits import Limits
from recsys_demo.ui import datasets
from recsys_demo.ui.data import uploads
from recsys_demo.ui.data.uploads import as_one_file, uploader
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.messages import show_error
from recsys_demo.ui.widgets import limits as bounds
from recsys_demo.values import validated

SLIDER = 100  # steps


def source_form(kind: type[Source], spec: DataSpec, use: Callable[[DataSpec], None]) -> None:
    """Draw the settings of a kind of source; `use` is called with what was chosen once it could be
    read. Settings are those of the source in use if it is of this kind."""
    source = kind.model_fields["kind"].default
    content: dict[str, Any] = {}
    try:
        for name, field in kind.model_fields.items():
            if name == "kind":
                continue
            usual = None if field.is_required() else field.get_default()
            now = getattr(spec, name) if isinstance(spec, kind) else usual
            key = f"data.{source}.{name}"
            if name not in path_fields(kind):
                content[name] = _setting(field, name, now, key)
            else:
                content[name] = _place(kind, field, now, key)
                if name == path_fields(kind)[0] and kind.upload_types:
                    content[name] = _upload(kind, now, f"data.{source}.upload") or content[name]
        if st.button(f"Load {kind.title}", key=f"data.{source}.load", type="primary"):
            load_source(kind, content, use)
    except InputError as error:
        show_error(error)


def load_source(
    kind: type[Source], content: dict[str, Any], use: Callable[[DataSpec], None]
) -> None:
    """Check a source before it is used: what there was stays if it cannot be read. Raises
    InputError."""
    spec: DataSpec = validated(kind, content, f"Load {kind.title}")
    datasets.log_of(spec)
    use(spec)
    st.toast(f"{kind.title} is in use in every room.", icon=":material/check:")
    st.rerun()


def _place(kind: type[Source], field: FieldInfo, now: str | None, key: str) -> str | None:
    """A path on the machine that runs the lab; where strangers are let in, what it provides."""
    name = f"server:{kind.model_fields['kind'].default}"
    provided = os.environ.get(PROVIDED.get(name, ""), "")
    if is_confined():
        if provided:
            st.caption(f"{kind.title} is on this server.")
        return name if provided else now
    upload = now is not None and upload_of(now) is not None
    shown = provided if not now or now == name or upload else now
    given = st.text_input(_label(field, kind.title), shown, key=key)
    if provided and given == provided:
        return name  # the link tells nobody where it lies
    return now if upload and given == shown else given or None


def _upload(kind: type[Source], now: str | None, key: str) -> str | None:
    """What is uploaded in place of a path; None for nothing."""
    limits = Limits.from_environment()
    label = "The files as you downloaded them" if is_confined() else "or the files as downloaded"
    given = uploader(label, kind.upload_types, key, limits)
    if given:
        name, content = as_one_file(given, kind.title)
        return str(uploads.keep(content, name, limits))
    if now is not None and (kept := upload_of(now)) is not None:
        st.caption(f"In use: {plain(kept.name)}")
    return None


def _label(field: FieldInfo, otherwise: str) -> str:
    text = field.description or otherwise
    return text[0].upper() + text[1:]


def _setting(field: FieldInfo, name: str, now: Any, key: str) -> Any:
    label, kind = _label(field, name), field.annotation
    if kind is bool:
        return st.toggle(label, bool(now), key=key)
    if get_origin(kind) is Literal:
        options = get_args(kind)
        return st.selectbox(label, options, options.index(now or options[0]), key=key)
    if kind is int or kind is float:
        return _number(field, label, bounds(field)[0] if now is None else now, key)
    return st.text_input(label, now or "", key=key)


def _number(field: FieldInfo, label: str, now: float, key: str) -> float:
    """A slider where it has few enough steps, else a field to type in."""
    low, high = bounds(field)
    if field.annotation is int:
        draw = st.slider if high - low <= SLIDER else st.number_input
        return draw(label, math.ceil(low), math.floor(high), int(now), key=key)
    extra = field.json_schema_extra
    step = extra.get("step") if isinstance(extra, dict) else None
    if not isinstance(step, float):
        return float(st.number_input(label, low, high, float(now), key=key, format="%g"))
    return st.slider(label, math.ceil(low / step) * step, high, float(now), step, key=key)
