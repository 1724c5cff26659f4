"""The picture of a model: which components are on, and how their logits add up."""

from __future__ import annotations

from recsys_demo.charts.theme import MUTED, style
from recsys_demo.config.component_kinds import KINDS, joint_kinds
from recsys_demo.config.components import Kind
from recsys_demo.config.model import ModelConfig

HEIGHT = 150
BOX_WIDTH, STEP, EDGE = 56, 62, 8


def diagram(model: ModelConfig) -> str:
    """An SVG whose tones can be read on both backgrounds: the components that are on, each in its
    own colour, what they read, and their sum in the model's."""
    colour, width = (
        style(model.name).colour,
        _left(len(joint_kinds())) - STEP + BOX_WIDTH + EDGE - 2,
    )
    drawn = [
        f'<svg viewBox="0 0 {width} {HEIGHT}" xmlns="http://www.w3.org/2000/svg" '
        f'font-family="sans-serif" font-size="11" fill="{MUTED}">'
    ]
    if model.alone:
        (kind,) = model.kinds
        drawn += _component(model, kind, (width - BOX_WIDTH) / 2, width / 2)
    else:
        drawn += _vectors(model, colour)
        for kind in joint_kinds():
            drawn += _component(model, kind, _left(_place(kind)), width / 2)
    drawn += [
        f'<circle cx="{width / 2}" cy="18" r="13" fill="none" stroke="{colour}" stroke-width="2"/>',
        _text(width / 2, 22, "σ(Σ)"),
        "</svg>",
    ]
    return "".join(drawn)


def describe(model: ModelConfig) -> str:
    """The picture in words."""
    on = [about.short for kind, about in KINDS.items() if model.has(kind)]
    sharing = ""
    if len(model.vector_readers) > 1:
        sharing = ", on shared embeddings" if model.embedding.shared else ", each with its own"
    return f"Parts that are on: {', '.join(on)}{sharing}"


def _left(place: int) -> int:
    """Where the box of a component begins."""
    return EDGE + STEP * place


def _place(kind: Kind) -> int:
    return list(joint_kinds()).index(kind)


def _component(model: ModelConfig, kind: Kind, x: float, centre: float) -> list[str]:
    about = KINDS[kind]
    colour = style(about.style).colour
    part = model.component(about.config)
    on = part is not None
    look = f'fill="{colour}" fill-opacity="0.18" stroke="{colour}"' if on else _OFF
    middle = x + BOX_WIDTH / 2
    drawn = [
        f'<rect x="{x}" y="52" width="{BOX_WIDTH}" height="38" rx="5" stroke-width="1.5" {look}/>',
        _text(middle, 68, about.short, on),
        _text(middle, 82, part.detail if part is not None else "", on, 9),
    ]
    if on:
        drawn.append(_line(middle, 52, centre, 31, colour))
    return drawn


def _vectors(model: ModelConfig, colour: str) -> list[str]:
    """A box of vectors under all that could read them, or one under each that has its own."""
    readers = model.vector_readers
    apart = len(readers) > 1 and not model.embedding.shared
    able = [kind for kind, about in KINDS.items() if about.table is not None]
    boxes = [(kind,) for kind in readers] if apart else [tuple(able)]
    drawn = []
    for under in boxes:
        users = [kind for kind in under if kind in readers]
        look = f'fill="{colour}" fill-opacity="0.10" stroke="{colour}"' if users else _OFF
        x = _left(_place(under[0]))
        width = _left(_place(under[-1])) + BOX_WIDTH - x
        drawn += [
            f'<rect x="{x}" y="114" width="{width}" height="22" rx="4" {look}/>',
            _text(x + width / 2, 129, "own" if apart else "embeddings", bool(users), 10),
        ]
        for user in users:
            middle = _left(_place(user)) + BOX_WIDTH / 2
            drawn.append(_line(middle, 114, middle, 90, style(KINDS[user].style).colour))
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
