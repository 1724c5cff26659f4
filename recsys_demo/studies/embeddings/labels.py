"""Which points of a map can carry their names without names lying on each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recsys_demo.studies.embeddings.vectors import Index, Matrix
from recsys_demo.studies.names import short_name

CHARACTER = 6.6  # pixels of an average letter at 11 px
LINE = 15.0
CUT = 24  # letters of a label
LIFT = 10.0  # pixels a label stands above its point


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
