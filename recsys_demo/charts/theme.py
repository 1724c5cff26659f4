"""How every chart looks: one colour, dash and symbol per model, for light and dark alike."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recsys_demo.config.presets import PRESETS
from recsys_demo.features.vocabulary import MISSING_NAME
from recsys_demo.studies.names import short_names

# Neutral tones that can be read on white and on the dark background.
MUTED = "#808792"
GRID = "rgba(128,135,146,0.22)"
FAINT = "rgba(128,135,146,0.6)"
TRUTH = "#808792"
NAME = 28  # characters of a name on an axis


@dataclass(frozen=True)
class Style:
    """What a model looks like wherever it is drawn; never told apart by colour alone. `glyph` is
    its symbol as a letter."""

    colour: str
    dash: str
    symbol: str
    glyph: str


# Chosen by search for the largest difference under normal sight and three kinds of colour
# blindness, with contrast 3:1 and more on both backgrounds: `python -m benchmarks.colours`
# proposes a further one, tests/charts/test_theme.py checks them.
STYLES: Mapping[str, Style] = {
    "wide": Style("#C28915", "solid", "square", "■"),
    "deep": Style("#1864E9", "dash", "circle", "●"),
    "wide_deep": Style("#1AA868", "solid", "diamond", "◆"),
    "deepfm": Style("#E20AA8", "dot", "triangle-up", "▲"),
    "lr": Style("#948F91", "dashdot", "x", "✕"),
    "fm": Style("#9E6DDB", "longdash", "cross", "✚"),
    "wide_deep_plain": Style("#EB4640", "longdashdot", "pentagon", "⬟"),
    "fm_dnn": Style("#756F23", "dash", "star", "★"),
    "cross_net": Style("#46695A", "dashdot", "hexagram", "✶"),
    "dcn_v2": Style("#6E2DFF", "longdash", "star-square", "◈"),
    "trees": Style("#8791CD", "longdashdot", "triangle-down", "▼"),
}
CUSTOM = Style("#5B7083", "dot", "hexagon", "⬢")


def style(model: str) -> Style:
    """The style of a model by its name; own models share one."""
    return STYLES.get(model, CUSTOM)


def label(model: str) -> str:
    """A model's name as people know it."""
    preset = PRESETS.get(model)
    return preset.label if preset is not None else model


def translucent(colour: str, opacity: float) -> str:
    """This colour (`#RRGGBB`), from nothing of it (0) to all (1)."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def escape(text: str) -> str:
    """Text from data as Plotly may show it: Plotly reads some HTML."""
    return html.escape(text, quote=True)


def axis_title(text: str) -> dict[str, str]:
    """The title of an axis: text from data, in its own lines."""
    return {"text": "<br>".join(map(escape, text.split("\n")))}


def layout(**settings: Any) -> dict[str, Any]:
    """Common layout of figures: transparent, so that it fits both themes."""
    base: dict[str, Any] = {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 56, "r": 16, "t": 16, "b": 48},
        "font": {"color": MUTED, "size": 13},
        "hoverlabel": {"font": {"size": 13}},
        # Of a transparent page Plotly makes a dark box with white tools.
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": FAINT, "activecolor": MUTED},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "xaxis": axis(),
        "yaxis": axis(),
    }
    return base | settings


def axis(**settings: Any) -> dict[str, Any]:
    """Common look of an axis."""
    base = {"gridcolor": GRID, "zeroline": False, "linecolor": GRID, "automargin": True}
    return base | settings


def axis_names(values: Iterable[object], longest: int = NAME) -> list[str]:
    """Names that fit an axis and are no HTML. None is empty, and no two are the same: equal
    names would share a place."""
    names: dict[str, None] = {}
    texts = [str(value) or MISSING_NAME for value in values]
    for name in map(escape, short_names(texts, longest)):
        number, numbered = 1, name
        while numbered in names:
            number += 1
            numbered = f"{name} ({number})"
        names[numbered] = None
    return list(names)


def name_axis(names: Sequence[str]) -> dict[str, Any]:
    """What makes an axis one of names, in the order given. Plotly would take names made of digits
    for numbers and 2024-01-05 for a date, and order names by the trace that has them first."""
    return {"type": "category", "categoryorder": "array", "categoryarray": list(names)}
