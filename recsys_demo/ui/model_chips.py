"""Buttons that choose models wear the models' symbols: colour belongs to models, and to nothing
else."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from recsys_demo.charts.inks import inks
from recsys_demo.charts.theme import style


def model_chips(key: str, models: Iterable[str]) -> None:
    """Put the symbols before the names in the pills or segments of this widget key. They are an
    ornament: what is read aloud stays the name."""
    chosen = f".st-key-{key.replace('.', '-')} :is([role=toolbar], [role=radiogroup])"
    rules = [
        f'{chosen} > :nth-child({place}) p::before {{content: "{style(model).glyph}\\2002" / ""; '
        f"color: {_ink(style(model).colour)}}}"
        for place, model in enumerate(models, 1)
    ]
    st.html(f"<style>{' '.join(rules)}</style>")


def _ink(colour: str) -> str:
    found = inks(colour)
    return f"light-dark({found['light']}, {found['dark']})"
