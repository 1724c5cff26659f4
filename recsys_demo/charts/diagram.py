"""The picture of a model: which components are on, and how their logits add up."""

from __future__ import annotations

from recsys_demo.charts.theme import MUTED, style
from recsys_demo.config.component_kinds import KINDS, joint_kinds
from recsys_demo.config.components import Kind
from recsys_demo.config.model import ModelConfig

HEIGHT = 178
BOX_WIDTH, BOX_HEIGHT, STEP, EDGE = 60, 58, 64, 4
BOX_TOP, VECTORS_TOP, VECTORS_HEIGHT, SUM = 52, 142, 30, 18
# A card shows the picture at about two thirds of this size.
NAME, DETAIL = 15, 13
LINE, LETTER = 16, 0.56  # of a line in pixels, of a letter in its size


def diagram(model: ModelConfig) -> str:
    """An SVG whose tones can be read on both backgrounds: the components that are on, each in its
    own colour, what they read, and their sum in the model's."""
    colour, width = (
        style(model.name).colour,
        _left(len(joint_kinds())) - STEP + BOX_WIDTH + EDGE - 2,
    )
    drawn = [
        f'<svg viewBox="0 0 {width} {HEIGHT}" xmlns="http://www.w3.org/2000/svg" '
        f'font-family="sans-serif" fill="{MUTED}">'
    ]
    if model.alone:
        (kind,) = model.kinds
        drawn += _component(model, kind, (width - BOX_WIDTH) / 2, width / 2)
    else:
        drawn += _vectors(model, colour)
        for kind in joint_kinds():
            drawn += _component(model, kind, _left(_place(kind)), width / 2)
    drawn += [
        f'<circle cx="{width / 2}" cy="{SUM}" r="16" fill="none" stroke="{colour}" '
        'stroke-width="2"/>',
        _text(width / 2, SUM + 5, "σ(Σ)", size=DETAIL),
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
        f'<rect x="{x}" y="{BOX_TOP}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="5" '
        f'stroke-width="1.5" {look}/>'
    ]
    lines = [(word, NAME) for word in about.short.split()]
    lines += [(part.detail, DETAIL)] if part is not None and part.detail else []
    first = BOX_TOP + BOX_HEIGHT / 2 - LINE * (len(lines) - 1) / 2 + 5
    drawn += [_text(middle, first + LINE * n, *line, on) for n, line in enumerate(lines)]
    if on:
        drawn.append(_line(middle, BOX_TOP, centre, SUM + 16, colour))
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
            f'<rect x="{x}" y="{VECTORS_TOP}" width="{width}" height="{VECTORS_HEIGHT}" rx="4" '
            f"{look}/>",
            _text(
                x + width / 2,
                VECTORS_TOP + VECTORS_HEIGHT / 2 + 5,
                "own" if apart else "embeddings",
                NAME,
                bool(users),
                width,
            ),
        ]
        for user in users:
            middle = _left(_place(user)) + BOX_WIDTH / 2
            below = style(KINDS[user].style).colour
            drawn.append(_line(middle, VECTORS_TOP, middle, BOX_TOP + BOX_HEIGHT, below))
    return drawn


_OFF = f'fill="none" stroke="{MUTED}" stroke-opacity="0.5" stroke-dasharray="3 3"'


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return (
        f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{colour}" stroke-width="1.5" '
        'stroke-opacity="0.8"/>'
    )


def _text(
    x: float, y: float, text: str, size: float = NAME, on: bool = True, width: float = BOX_WIDTH
) -> str:
    """Letters in the middle of a box of this width, smaller where they would stand out of it."""
    look = 'font-weight="600"' if on else 'fill-opacity="0.6"'
    size = min(size, (width - 4) / (LETTER * len(text)))
    return f'<text x="{x}" y="{y}" text-anchor="middle" font-size="{size:.3g}" {look}>{text}</text>'
