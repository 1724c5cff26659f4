"""Names beside dots stay on the screen, from a phone to a projector."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_demo.charts.dots import Dot
from recsys_demo.charts.name_corners import name_corners
from recsys_demo.charts.theme import label
from recsys_demo.charts.tradeoff import tradeoff_map
from recsys_demo.config.presets import MAIN_PRESETS

# Of a bold letter of 14 px, on average; right of the plot is the figure's margin.
LETTER, DOT, MARGIN = 9, 12, 16
PLOTS = (285, 360, 520, 800, 1_200)  # from 390 px on
SHARE = st.floats(0, 1)


def ends(name: str, x: float, side: str, plot: int) -> tuple[float, float]:
    """Left and right end of a name beside a dot, pixels from the plot's left edge."""
    length, at = LETTER * len(name), x * plot
    return (at + DOT / 2, at + DOT / 2 + length) if side == "right" else (at - DOT - length, at)


@given(st.lists(st.tuples(SHARE, SHARE), min_size=4, max_size=4), st.sampled_from(PLOTS))
def test_a_name_is_inside_at_every_width_and_place(
    spots: list[tuple[float, float]], plot: int
) -> None:
    names = [label(model) for model in MAIN_PRESETS]
    for name, (x, y), corner in zip(
        names, spots, name_corners(names, spots, (0.1, 0.4)), strict=True
    ):
        line, side = corner.split()
        left, right = ends(name, x, side, plot)
        assert left >= -MARGIN
        assert right <= plot + MARGIN
        assert 0 <= y + (0.075 if line == "top" else -0.075) <= 1


@pytest.mark.parametrize("plot", PLOTS)
def test_the_map_keeps_the_best_generalizer_whole(plot: int) -> None:
    """DeepFM stands far right of the sample set's map: at 390 px its name was cut."""
    dots = [Dot("deepfm", 0.854, 0.355), Dot("deep", 0.852, 0.305), Dot("wide", 0.518, 0.869)]
    figure = tradeoff_map(dots, "x", "y", ceiling=(0.887, 0.965))
    low, high = figure.layout.xaxis.range
    for trace in figure.data[:3]:
        x = (trace.x[0] - low) / (high - low)
        name = trace.text[0].removeprefix("<b>").removesuffix("</b>")
        assert ends(name, x, trace.textposition.split()[1], plot)[1] <= plot + MARGIN


def test_a_name_keeps_off_lines_beside_its_dot() -> None:
    """Two paths that pass above it, and one that goes on below on the right."""
    paths = [((0.53, 0.9), (0.53, 0.1)), ((0.47, 0.9), (0.47, 0.51))]
    assert name_corners(["Wide"], [(0.5, 0.5)], (0.01, 0.01), paths) == ["bottom left"]


def test_popularity_is_not_struck_through_by_a_path() -> None:
    way = ((0.58, 0.70), (0.56, 0.8))
    dots = [Dot("wide", 0.518, 0.869, path=way), Dot("deep", 0.852, 0.305)]
    figure = tradeoff_map(dots, "x", "y", ceiling=(0.887, 0.965), popularity=(0.516, 0.6))
    (mark,) = [trace for trace in figure.data if trace.name == "popularity"]
    assert mark.textposition == "bottom right"
