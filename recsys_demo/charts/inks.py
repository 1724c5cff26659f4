"""Letters of charts: in the typeface of the page, and in a colour that can be read on its ground.

A figure is drawn once for both schemes. No colour has a contrast of 4.5 on white and on the dark
ground alike, so the page's style sheet gives each colour that charts write in two inks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from recsys_demo.charts.theme import CUSTOM, MUTED, STYLES

# The grounds of charts: the page's, and the wash that maps lie on.
GROUNDS: Mapping[str, str] = {"light": "#F0F1F3", "dark": "#1A2132"}
STREAMLIT = "#808495"  # of its own axes, in charts that take its theme
READABLE = 4.5  # WCAG 2.2, level AA
STEPS = 50
TEXT = ":is([data-testid=stPlotlyChart] svg, #js-plotly-tester) :is(text, tspan)"


def inks(colour: str) -> dict[str, str]:
    """The colour itself, or the nearest towards black or white that can be read, by scheme."""
    return {scheme: _readable(colour, ground) for scheme, ground in GROUNDS.items()}


@cache
def letters() -> str:
    """The style sheet of letters in charts; what a room says of its own maps goes before it. Plotly
    measures letters outside of the chart."""
    rules = [f'{TEXT} {{font-family: "Source Sans", sans-serif !important}}']
    models = (look.colour for look in (CUSTOM, *STYLES.values()))
    for colour in dict.fromkeys([MUTED, STREAMLIT, *models]):
        found = inks(colour)
        written = ", ".join(str(part) for part in _bytes(colour))
        rules.append(
            f':where([data-testid=stPlotlyChart]) text[style*="fill: rgb({written})"] '
            f"{{fill: light-dark({found['light']}, {found['dark']}) !important}}"
        )
    return "\n".join(rules)


def _readable(colour: str, ground: str) -> str:
    return next(mixed for mixed in _mixed(colour, ground) if contrast(mixed, ground) >= READABLE)


def _mixed(colour: str, ground: str) -> Iterator[str]:
    """From a colour towards the end of the scale that is far from the ground."""
    end = 0 if luminance(ground) > 0.5 else 255
    for step in range(STEPS + 1):
        parts = [round(part + (end - part) * step / STEPS) for part in _bytes(colour)]
        yield "#" + "".join(f"{part:02X}" for part in parts)


def contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast ratio of two colours."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """WCAG 2.2 relative luminance of an sRGB colour."""
    parts = [part / 255 for part in _bytes(colour)]
    light = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), light, strict=True))


def _bytes(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
