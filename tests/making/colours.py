"""How colours are seen: CIE L*a*b*, contrast, and three kinds of colour blindness.

Colours are arrays [..., 3] of linear light, 0 to 1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

Colour = npt.NDArray[np.float64]
# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
SIGHTS: Mapping[str, list[list[float]]] = {
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
BACKGROUNDS: Mapping[str, str] = {"light": "#FFFFFF", "dark": "#0F1420"}


def linear(colour: str) -> Colour:
    """sRGB (#RRGGBB) as linear light, [3]."""
    return linear_light(np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255)


def linear_light(value: Colour) -> Colour:
    """sRGB values of 0 to 1 as linear light."""
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def lab(rgb: Colour) -> Colour:
    """CIE L*a*b* under D65 of linear RGB."""
    matrix = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = rgb @ np.array(matrix).T / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def seen(rgb: Colour, sight: str) -> Colour:
    """How it looks to this sight, in L*a*b*."""
    return lab(np.clip(rgb @ np.array(SIGHTS[sight]).T, 0, 1))


def difference(one: Colour, other: Colour, sight: str) -> npt.NDArray[np.float64]:
    """Distance in L*a*b* (Delta E 1976) for this sight."""
    return np.asarray(np.linalg.norm(seen(one, sight) - seen(other, sight), axis=-1))


def ciede2000(one: Colour, other: Colour) -> float:
    """CIEDE2000 between two colours in L*a*b* (Sharma, Wu and Dalal 2005)."""
    (light, a, b), (light_2, a_2, b_2) = one.tolist(), other.tolist()
    strength = (math.hypot(a, b) + math.hypot(a_2, b_2)) / 2
    wider = 1.5 - 0.5 * _saturation(strength)
    c, c_2 = math.hypot(wider * a, b), math.hypot(wider * a_2, b_2)
    hue, hue_2 = (math.degrees(math.atan2(y, wider * x)) % 360 for x, y in ((a, b), (a_2, b_2)))
    turn = 0.0 if c * c_2 == 0 else (hue_2 - hue + 180) % 360 - 180
    middle = hue + hue_2 if c * c_2 == 0 else (hue + turn / 2) % 360
    mean_light, mean_c = (light + light_2) / 2, (c + c_2) / 2
    waves = ((-0.17, 1, -30), (0.24, 2, 0), (0.32, 3, 6), (-0.20, 4, -63))
    t = 1 + sum(w * math.cos(math.radians(k * middle + by)) for w, k, by in waves)
    far = (mean_light - 50) ** 2
    parts = (
        (light_2 - light) / (1 + 0.015 * far / math.sqrt(20 + far)),
        (c_2 - c) / (1 + 0.045 * mean_c),
        2 * math.sqrt(c * c_2) * math.sin(math.radians(turn / 2)) / (1 + 0.015 * mean_c * t),
    )
    blue = math.radians(60 * math.exp(-(((middle - 275) / 25) ** 2)))
    tilt = -2 * _saturation(mean_c) * math.sin(blue) * parts[1] * parts[2]
    return math.sqrt(sum(part * part for part in parts) + tilt)


def _saturation(strength: float) -> float:
    return math.sqrt(strength**7 / (strength**7 + 25.0**7))


def contrast(one: Colour, other: Colour) -> npt.NDArray[np.float64]:
    """WCAG 2.2 contrast ratio."""
    light = [rgb @ np.array([0.2126, 0.7152, 0.0722]) + 0.05 for rgb in (one, other)]
    return np.asarray(np.maximum(*light) / np.minimum(*light))
