"""Where names stand beside the dots of a chart."""

from __future__ import annotations

from collections.abc import Sequence

# What a name takes of the plot, as shares of its width and height, and the gap to its dot.
_LETTER, _LINE, _GAP = 0.021, 0.055, 0.02
Spot = tuple[float, float]
_Box = tuple[float, float, float, float]


def name_corners(
    names: Sequence[str],
    spots: Sequence[Spot],
    chance: Spot,
    others: Sequence[Spot] = (),
) -> list[str]:
    """Plotly's text position of each name beside its spot: inside the plot, on no other name or
    dot, on no line of `chance` and on none of the `others` where that can be. Spots and lines are
    shares of the plot."""
    taken = [(x - _GAP, y - _LINE / 2, x + _GAP, y + _LINE / 2) for x, y in spots]
    # A name on one of the lines would look struck through.
    taken += [(x, y, x, y) for x, y in others]
    taken += [(chance[0], 0.0, chance[0], 1.0), (0.0, chance[1], 1.0, chance[1])]
    chosen = []
    for name, (x, y) in zip(names, spots, strict=True):
        width = _LETTER * len(name)
        columns = {"right": (x + _GAP, x + _GAP + width), "left": (x - _GAP - width, x - _GAP)}
        lines = {"top": (y + _GAP, y + _GAP + _LINE), "bottom": (y - _GAP - _LINE, y - _GAP)}
        boxes = {
            f"{line} {side}": (left, low, right, high)
            for line, (low, high) in lines.items()
            for side, (left, right) in columns.items()
        }
        best = min(boxes, key=lambda corner: _overlaps(boxes[corner], taken))
        taken.append(boxes[best])
        chosen.append(best)
    return chosen


def _overlaps(box: _Box, others: Sequence[_Box]) -> int:
    """How many of the others it covers; standing out of the plot counts most."""
    left, bottom, right, top = box
    outside = left < 0 or bottom < 0 or right > 1 or top > 1
    covered = sum(left < o[2] and o[0] < right and bottom < o[3] and o[1] < top for o in others)
    return covered + (len(others) + 1 if outside else 0)
