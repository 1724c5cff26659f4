"""A proposed colour passes all that the colours present pass."""

from __future__ import annotations

from benchmarks.colours import proposals
from recsys_demo.charts.theme import STYLES
from tests.making.colours import BACKGROUNDS, SIGHTS, contrast, difference, linear


def test_a_proposed_colour_passes_all_that_the_others_pass() -> None:
    (best,) = proposals([look.colour for look in STYLES.values()], count=1)
    own = linear(best.colour)
    assert all(contrast(own, linear(back)) >= 3 for back in BACKGROUNDS.values())
    distances = [
        float(difference(own, linear(look.colour), sight))
        for look in STYLES.values()
        for sight in SIGHTS
    ]
    assert min(distances) > 10
    assert abs(min(distances) - best.distance) < 1e-9


def test_no_colour_is_proposed_that_is_there() -> None:
    first, second = proposals([], count=2)
    assert proposals([first.colour], count=1)[0].colour != first.colour
    assert first.colour != second.colour
