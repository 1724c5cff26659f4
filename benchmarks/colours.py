"""`python -m benchmarks.colours`: colours for a further model, best first.

A colour must have a contrast of 3:1 with both backgrounds, and be more than 10 (CIE 1976) from
every colour of `charts/theme.STYLES`, for normal sight and for three kinds of colour blindness. Of
those that pass, the best is the one whose smallest distance is largest.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recsys_demo.charts.theme import STYLES
from tests.making.colours import BACKGROUNDS, SIGHTS, contrast, difference, linear, linear_light

LEAST_CONTRAST, LEAST_DISTANCE = 3.0, 10.0
STEP = 5  # between the values tried of red, green and blue
APART = 12.0  # two proposals that look alike are one


@dataclass(frozen=True)
class Proposal:
    """A colour (#RRGGBB) and its smallest distance from those present, over all sights."""

    colour: str
    distance: float


def proposals(present: Sequence[str], count: int = 5) -> list[Proposal]:
    """Colours that pass, best first; none of them close to another."""
    levels = np.arange(0, 256, STEP)
    tried = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(-1, 3)
    light = linear_light(tried / 255)
    fits = np.ones(len(tried), dtype=bool)
    for background in BACKGROUNDS.values():
        fits &= contrast(light, linear(background)) >= LEAST_CONTRAST
    tried, light = tried[fits], light[fits]
    nearest = np.full(len(tried), np.inf)
    for other in present:
        for sight in SIGHTS:
            nearest = np.minimum(nearest, difference(light, linear(other), sight))
    found: list[Proposal] = []
    while len(found) < count and len(tried) and nearest.max() > LEAST_DISTANCE:
        best = int(nearest.argmax())
        found.append(Proposal("#" + "".join(f"{v:02X}" for v in tried[best]), float(nearest[best])))
        nearest[difference(light, light[best], "normal") < APART] = 0
    return found


def main() -> int:
    """Print the proposals; 1 if there is none."""
    found = proposals([look.colour for look in STYLES.values()])
    for one in found:
        sys.stdout.write(f"{one.colour}  at least {one.distance:.1f} from every other, any sight\n")
    if not found:
        sys.stdout.write(
            "No colour is left that all can tell from the others: take a dash and a symbol that no "
            "other has, and the colour of a model that is rarely beside it.\n"
        )
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
