"""Which points of a map can carry their names without names lying on each other."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from recsys_demo.studies.embeddings.vectors import Index, Matrix
from recsys_demo.studies.names import short_name

CHARACTER = 6.6  # pixels of an average letter at 11 px
LINE = 15.0
CUT = 24  # letters of a label
LIFT = 10.0  # pixels a label stands above its point
AWAY = (16.0, 32.0, 48.0, 64.0, 80.0)  # pixels a name may be moved from where it belongs
DIRECTIONS = 8


@dataclass(frozen=True)
class Lettering:
    """How large letters are, in pixels: `size` of the font, room of an average letter and of a
    line with some air."""

    size: int
    character: float
    line: float


PLAIN, BOLD = Lettering(11, CHARACTER, LINE), Lettering(14, 8.8, 20.0)
# A projector's letters have one size.
PROJECTED, PROJECTED_BOLD = Lettering(18, 10.6, 25.0), Lettering(18, 11.4, 25.0)


@dataclass(frozen=True)
class Name:
    """A name that wants to stand at a place of a map, [2] in pixels: on it, or (`beside`) next to
    it, so that a point there stays free."""

    text: str
    x: float
    y: float
    letters: Lettering
    beside: bool = False


@dataclass(frozen=True)
class Placed:
    """A name with the middle of where it stands."""

    name: Name
    x: float
    y: float

    @property
    def box(self) -> Matrix:
        """Left, bottom, right and top."""
        half = len(map_label(self.name.text)) * self.name.letters.character / 2
        up = self.name.letters.line / 2
        return np.array([self.x - half, self.y - up, self.x + half, self.y + up])


def placed_names(names: Sequence[Name], width: float, height: float) -> list[Placed]:
    """Names that fit on a map of `width` x `height` pixels, tried in their order, each at the
    nearest free place to where it belongs: no two overlap and none leaves the map. What is placed
    for a small map holds on a larger one with all places moved apart alike."""
    found: list[Placed] = []
    boxes = np.zeros((0, 4))
    for name in names:
        for placed in _tries(name):
            box = placed.box
            inside = box[0] >= 0 and box[1] >= 0 and box[2] <= width and box[3] <= height
            if inside and not _overlaps(box, boxes):
                found.append(placed)
                boxes = np.vstack([boxes, box])
                break
    return found


def _tries(name: Name) -> Iterator[Placed]:
    """Where a name may stand, the best first. What stands beside its point is moved by half its own
    size more, so that the point is not covered."""
    half = len(map_label(name.text)) * name.letters.character / 2 if name.beside else 0.0
    up = name.letters.line / 2 if name.beside else 0.0
    if not name.beside:
        yield Placed(name, name.x, name.y)
    for away in (LIFT / 2,) if name.beside else AWAY:
        for turn in range(DIRECTIONS):
            angle = math.pi / 2 + 2 * math.pi * turn / DIRECTIONS
            across, along = math.cos(angle), math.sin(angle)
            # Around a square: a name at a corner of the map has room too.
            side = max(abs(across), abs(along))
            yield Placed(
                name,
                name.x + across / side * (away + half),
                name.y + along / side * (away + up),
            )


def map_label(name: str) -> str:
    """A name as it stands on a map."""
    return short_name(name, CUT)


def label_rows(
    places: Matrix,
    names: Sequence[str],
    priority: Sequence[int],
    width: float,
    height: float,
    limit: int = 30,
) -> Index:
    """Rows whose labels fit on a map of `width` x `height` pixels, tried in the order of
    `priority`: no two labels overlap and none leaves the map. Zooming in only parts them."""
    if not len(places):
        return np.zeros(0, dtype=np.int64)
    pixels = to_pixels(places[:, :2], width, height)
    boxes = np.zeros((0, 4))
    chosen: list[int] = []
    for row in priority:
        if len(chosen) == limit:
            break
        box = label_box(pixels[row], names[row])
        inside = box[0] >= 0 and box[2] <= width and box[3] <= height
        if inside and not _overlaps(box, boxes):
            chosen.append(row)
            boxes = np.vstack([boxes, box])
    return np.array(chosen, dtype=np.int64)


def to_pixels(places: Matrix, width: float, height: float, margin: float = 0.06) -> Matrix:
    """Places as they lie on screen when both axes have the same scale."""
    low, high = places.min(0), places.max(0)
    span = np.where(high > low, high - low, 1.0)
    usable = np.array([width, height]) * (1 - 2 * margin)
    scale = float((usable / span).min())
    return np.asarray((places - (low + high) / 2) * scale + np.array([width, height]) / 2)


def label_box(pixel: Matrix, name: str) -> Matrix:
    """Left, bottom, right and top of the label above a point."""
    half = len(map_label(name)) * CHARACTER / 2
    x, y = float(pixel[0]), float(pixel[1])
    return np.array([x - half, y + LIFT - LINE / 2, x + half, y + LIFT + LINE / 2])


def _overlaps(box: Matrix, boxes: Matrix) -> bool:
    return bool(
        (
            (boxes[:, 0] < box[2])
            & (boxes[:, 2] > box[0])
            & (boxes[:, 1] < box[3])
            & (boxes[:, 3] > box[1])
        ).any()
    )
