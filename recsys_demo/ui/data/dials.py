"""A control for one setting, drawn from its bounds and description."""

from __future__ import annotations

from typing import Any

import streamlit as st

from recsys_demo.values import Frozen


def dial(config: Frozen, name: str, label: str, most: float | None = None) -> Any:
    """A slider within the setting's bounds (up to `most`, where typing is for more); a number
    field for a seed."""
    info = type(config).model_fields[name]
    limits: dict[str, Any] = {
        bound: getattr(rule, bound)
        for rule in info.metadata
        for bound in ("ge", "le")
        if hasattr(rule, bound)
    }
    whole = info.annotation is int
    number = int if whole else float
    low, high = number(limits["ge"]), number(limits["le"])
    key = key_of(name)
    if key not in st.session_state:
        st.session_state[key] = number(getattr(config, name))
    if name == "seed":
        return st.number_input(label, low, high, key=key, help=info.description)
    top = max(number(high if most is None else most), st.session_state[key])
    return st.slider(label, low, top, step=_step(top - low, whole), key=key, help=info.description)


def key_of(name: str) -> str:
    """Where the control of a setting keeps its value."""
    return f"dial.{name}"


def _step(span: float, whole: bool) -> Any:
    """A step that the defaults are multiples of."""
    if not whole:
        return 0.05
    return 1 if span <= 200 else 10 if span <= 20_000 else 1000
