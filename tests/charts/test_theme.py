"""Colours of models can be told apart by everybody, on both backgrounds; where they come close,
symbol and dash differ."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from recsys_demo.charts.theme import MUTED, STYLES, style
from recsys_demo.config.presets import MAIN_PRESETS, PRESETS

Colour = npt.NDArray[np.float64]
# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
SIGHTS: dict[str, list[list[float]]] = {
    "normal": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
BACKGROUNDS = {"light": "#FFFFFF", "dark": "#0F1420"}


def linear(colour: str) -> Colour:
    """sRGB as linear light, [3] of 0 to 1."""
    value = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def lab(rgb: Colour) -> Colour:
    """CIE L*a*b* under D65 of linear RGB."""
    matrix = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(matrix) @ rgb / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def seen(colour: str, sight: str) -> Colour:
    return lab(np.clip(np.array(SIGHTS[sight]) @ linear(colour), 0, 1))


def luminance(colour: str) -> float:
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast ratio."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def difference(one: str, other: str, sight: str) -> float:
    return float(
        np.linalg.norm(seen(STYLES[one].colour, sight) - seen(STYLES[other].colour, sight))
    )


def test_the_formulas_give_known_values() -> None:
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21)
    assert lab(linear("#FFFFFF")) == pytest.approx([100, 0, 0], abs=0.1)
    assert lab(linear("#FF0000")) == pytest.approx([53.24, 80.09, 67.20], abs=0.1)


def test_every_preset_has_its_style() -> None:
    assert STYLES.keys() == PRESETS.keys()
    assert style("My own") not in STYLES.values()


@pytest.mark.parametrize("sight", SIGHTS)
def test_the_main_models_are_told_apart_by_colour(sight: str) -> None:
    for one, other in combinations(MAIN_PRESETS, 2):
        assert difference(one, other, sight) > 20, (one, other)


@pytest.mark.parametrize("sight", SIGHTS)
def test_all_models_are_told_apart_by_colour_and_never_by_it_alone(sight: str) -> None:
    for one, other in combinations(STYLES, 2):
        assert difference(one, other, sight) > 10, (one, other)
        assert STYLES[one].symbol != STYLES[other].symbol


@pytest.mark.parametrize("background", BACKGROUNDS)
def test_lines_and_letters_stand_out_from_the_background(background: str) -> None:
    for name, look in STYLES.items():
        assert contrast(look.colour, BACKGROUNDS[background]) >= 3, name
    assert contrast(MUTED, BACKGROUNDS[background]) >= 3
