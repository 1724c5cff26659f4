"""The picture of a model: which components are on, and how their logits add up."""

from __future__ import annotations

from collections.abc import Sequence

from recsys_demo.charts.theme import MUTED, style
from recsys_demo.config.model import DeepConfig, FmConfig, ModelConfig

WIDTH, HEIGHT = 260, 150
BOX_WIDTH = 56
PARTS = ("linear", "crosses", "fm", "deep")
PLACES = (8, 70, 132, 194)
NAMES = {"linear": "fields", "crosses": "crosses", "fm": "FM", "deep": "deep"}


def diagram(model: ModelConfig) -> str:
    """An SVG whose tones can be read on both backgrounds."""
    colour = style(model.name).colour
    drawn = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" xmlns="http://www.w3.org/2000/svg" '
        f'font-family="sans-serif" font-size="11" fill="{MUTED}">'
    ]
    drawn += _vectors(model, colour)
    for kind, x in zip(PARTS, PLACES, strict=True):
        drawn += _component(model, kind, x, colour)
    drawn += [
        f'<circle cx="{WIDTH / 2}" cy="18" r="13" fill="none" stroke="{colour}" stroke-width="2"/>',
        _text(WIDTH / 2, 22, "σ(Σ)"),
        "</svg>",
    ]
    return "".join(drawn)


def describe(model: ModelConfig) -> str:
    """The picture in words."""
    on = [NAMES[kind] for kind in PARTS if model.has(kind)]
    sharing = ""
    if model.has("fm") and model.has("deep"):
        sharing = ", on shared embeddings" if model.embedding.shared else ", each with its own"
    return f"Parts that are on: {', '.join(on)}{sharing}"


def _component(model: ModelConfig, kind: str, x: int, colour: str) -> list[str]:
    on = model.has(kind)
    look = f'fill="{colour}" fill-opacity="0.18" stroke="{colour}"' if on else _OFF
    middle = x + BOX_WIDTH / 2
    drawn = [
        f'<rect x="{x}" y="52" width="{BOX_WIDTH}" height="38" rx="5" stroke-width="1.5" {look}/>',
        _text(middle, 68, NAMES[kind], on),
        _text(middle, 82, _detail(model, kind), on, 9),
    ]
    if on:
        drawn.append(_line(middle, 52, WIDTH / 2, 31, colour))
    return drawn


def _detail(model: ModelConfig, kind: str) -> str:
    part = next((part for part in model.components if part.kind == kind), None)
    if isinstance(part, DeepConfig):
        return "-".join(map(str, part.hidden[:3])) + ("…" if len(part.hidden) > 3 else "")
    if isinstance(part, FmConfig):
        return f"order {part.order}"
    if kind == "crosses":
        return "" if part is None else f"{len(model.crosses)} of them"
    return ""


def _vectors(model: ModelConfig, colour: str) -> list[str]:
    readers = [kind for kind in ("fm", "deep") if model.has(kind)]
    apart = len(readers) == 2 and not model.embedding.shared
    boxes: Sequence[tuple[int, int, Sequence[str]]]
    boxes = [(132, 56, ("fm",)), (194, 56, ("deep",))] if apart else [(132, 118, readers)]
    drawn = []
    for x, width, users in boxes:
        look = f'fill="{colour}" fill-opacity="0.10" stroke="{colour}"' if users else _OFF
        drawn += [
            f'<rect x="{x}" y="114" width="{width}" height="22" rx="4" {look}/>',
            _text(x + width / 2, 129, "own" if apart else "embeddings", bool(users), 10),
        ]
        for user in users:
            middle = PLACES[PARTS.index(user)] + BOX_WIDTH / 2
            drawn.append(_line(middle, 114, middle, 90, colour))
    return drawn


_OFF = f'fill="none" stroke="{MUTED}" stroke-opacity="0.25" stroke-dasharray="3 3"'


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return (
        f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{colour}" stroke-width="1.5" '
        'stroke-opacity="0.8"/>'
    )


def _text(x: float, y: float, text: str, on: bool = True, size: int = 11) -> str:
    faded = "" if on else ' fill-opacity="0.35"'
    return f'<text x="{x}" y="{y}" text-anchor="middle" font-size="{size}"{faded}>{text}</text>'
