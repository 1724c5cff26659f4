"""Where names stand beside the dots of a chart."""

from __future__ import annotations

import math
from collections.abc import Sequence

# What a name takes of the plot, as shares of its width and height, and the gap to its dot. A page
# does not know how wide its chart is drawn: on a phone a letter takes a larger share.
_LETTER, _LINE, _GAP = 0.021, 0.055, 0.02
_PHONE_LETTER, _PHONE_GAP = 0.033, 0.045
Spot = tuple[float, float]
Line = tuple[Spot, Spot]
_Box = tuple[float, float, float, float]


def name_corners(
    names: Sequence[str],
    spots: Sequence[Spot],
    chance: Spot,
    drawn: Sequence[Line] = (),
) -> list[str]:
    """Plotly's text position of each name beside its spot: inside the plot at every width of a
    screen, on no other name or dot, on no line of `chance` and on none of those `drawn` where that
    can be. Spots and the ends of lines are shares of the plot."""
    taken = [(x - _GAP, y - _LINE / 2, x + _GAP, y + _LINE / 2) for x, y in spots]
    (x, y) = chance
    # A name on a line would look struck through.
    lines = [*drawn, ((x, 0.0), (x, 1.0)), ((0.0, y), (1.0, y))]
    chosen = []
    for name, (x, y) in zip(names, spots, strict=True):
        width = _LETTER * len(name)
        columns = {"right": (x + _GAP, x + _GAP + width), "left": (x - _GAP - width, x - _GAP)}
        rows = {"top": (y + _GAP, y + _GAP + _LINE), "bottom": (y - _GAP - _LINE, y - _GAP)}
        boxes = {
            (row, side): (left, low, right, high)
            for row, (low, high) in rows.items()
            for side, (left, right) in columns.items()
        }
        cut = _cut(name, (x, y))
        struck = {at: sum(_inside(box, line) for line in lines) for at, box in boxes.items()}
        covered = {at: _overlaps(box, taken) + struck[at] for at, box in boxes.items()}
        best = min(boxes, key=lambda at: (cut[at[0]] + cut[at[1]], covered[at]))
        taken.append(boxes[best])
        chosen.append(" ".join(best))
    return chosen


def _cut(name: str, spot: Spot) -> dict[str, float]:
    """How much of a name would stand out of the plot on each side, on a phone."""
    (x, y), long, high = spot, _PHONE_GAP + _PHONE_LETTER * len(name), _GAP + _LINE
    return {
        "right": max(0.0, x + long - 1),
        "left": max(0.0, long - x),
        "top": max(0.0, y + high - 1),
        "bottom": max(0.0, high - y),
    }


def _overlaps(box: _Box, others: Sequence[_Box]) -> int:
    """How many of the others it covers."""
    left, bottom, right, top = box
    return sum(left < o[2] and o[0] < right and bottom < o[3] and o[1] < top for o in others)


def _inside(box: _Box, line: Line) -> float:
    """How much of a line lies in a box (Liang and Barsky 1984)."""
    (x, y), (to_x, to_y) = line
    left, bottom, right, top = box
    enters, leaves = 0.0, 1.0
    for start, way, low, high in ((x, to_x - x, left, right), (y, to_y - y, bottom, top)):
        if way == 0:
            if not low < start < high:
                return 0.0
            continue
        near, far = sorted(((low - start) / way, (high - start) / way))
        enters, leaves = max(enters, near), min(leaves, far)
    return max(0.0, leaves - enters) * math.dist(*line)
