"""A model as a dot: its place among never-seen pairs and pairs to be memorized, and its look."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from recsys_demo.charts.paths import Place
from recsys_demo.charts.theme import escape, label, style

CHANCE = 0.5
TRAVELS = "travels"  # known to browser.js
AUCS = "<br>never seen %{x:.4f}<br>to be memorized %{y:.4f}"
_APART = 0.011  # waiting dots


@dataclass(frozen=True)
class Dot:
    """A model's place: AUC on never-seen pairs (x) and on pairs to be memorized (y), with the
    lengths of their error bars below and above where they are known. `key` names the run, `name`
    is what is written at the dot (the model's own name if empty). `path` are the places it came
    by, oldest first. One that `is_waiting` has learned nothing yet: it stands where chance is."""

    model: str
    x: float
    y: float
    x_error: tuple[float, float] = (0.0, 0.0)
    y_error: tuple[float, float] = (0.0, 0.0)
    note: str = ""
    key: str = ""
    name: str = ""
    path: tuple[Place, ...] = ()
    is_waiting: bool = False

    @property
    def title(self) -> str:
        """What the dot is called."""
        return self.name or label(self.model)

    @property
    def way(self) -> tuple[Place, ...]:
        """From chance, where every model begins, along the path to where the dot stands."""
        return ((CHANCE, CHANCE), *self.path, (self.x, self.y))


def waiting(model: str, key: str, place: int) -> Dot:
    """The dot of a model that has learned nothing yet; of several, each `place` can be seen."""
    x, y = _APART * (place % 4 - 1.5), -_APART * (place // 4)
    note = "not trained yet: a guess"
    return Dot(model, CHANCE + x, CHANCE + y, note=note, key=key, is_waiting=True)


def finite(dots: Sequence[Dot]) -> list[Dot]:
    """The dots that have a place."""
    return [dot for dot in dots if math.isfinite(dot.x) and math.isfinite(dot.y)]


def ends_of(value: float, error: tuple[float, float]) -> tuple[float, float]:
    """Where the error bar of a value ends, below and above."""
    return value - error[0], value + error[1]


def error_bars(dot: Dot) -> list[tuple[Place, Place]]:
    """The two error bars, from end to end."""
    (left, right), (low, high) = ends_of(dot.x, dot.x_error), ends_of(dot.y, dot.y_error)
    return [((left, dot.y), (right, dot.y)), ((dot.x, low), (dot.x, high))]


def marker(dot: Dot, size: int, opacity: float, is_hollow: bool = False, **text: Any) -> go.Scatter:
    """A dot as a trace of its own, in its model's colour and shape; `text` goes to Plotly."""
    look, name = style(dot.model), escape(dot.title)
    note = f"<br>{escape(dot.note)}" if dot.note else ""
    return go.Scatter(
        x=[dot.x],
        y=[dot.y],
        error_x=_bar(dot.x_error),
        error_y=_bar(dot.y_error),
        **{"mode": "markers", **text},
        textfont={"color": look.colour, "size": 14},
        cliponaxis=False,
        opacity=opacity,
        name=name,
        customdata=[dot.key or dot.model],
        # A click chooses a dot: the others stay as they are.
        unselected={"marker": {"opacity": opacity}, "textfont": {"color": look.colour}},
        marker={
            "color": look.colour,
            "symbol": look.symbol + ("-open" if is_hollow else ""),
            "size": size,
        },
        hovertemplate=f"<b>{name}</b>{note}{'' if dot.is_waiting else AUCS}<extra></extra>",
    )


def _bar(lengths: tuple[float, float]) -> dict[str, object]:
    below, above = lengths
    return {
        "type": "data",
        "symmetric": False,
        "arrayminus": [below],
        "array": [above],
        "visible": below > 0 or above > 0,
        "thickness": 1.5,
    }
