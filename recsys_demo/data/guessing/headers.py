"""Names for the columns of a file whose first line is a row: proposed by what stands in them."""

from __future__ import annotations

import numpy as np

from recsys_demo.data.profiles import Profile, profiles
from recsys_demo.data.tables import RawTable

FEWEST_RATINGS, MOST_RATINGS = 3, 10
HIGHEST_RATING = 100
SHARE_OF_ROWS = 0.5  # ids come back: fewer different ones than this share of the rows


def guess_header(raw: RawTable) -> tuple[str, ...]:
    """A name for every column, all different; what nothing is known of is numbered."""
    if raw.names == "known":
        return tuple(map(str, raw.frame.columns))
    names = [f"column_{number}" for number in range(1, len(raw.frame.columns) + 1)]
    left = ["user", "item"]
    for at, profile in enumerate(profiles(raw).values()):
        name = _role(profile)
        if name is None and left and _is_id(profile):
            name = left.pop(0)
        elif name is None and not left and _is_rating(profile):
            name = "rating"
        if name is not None and name not in names:
            names[at] = name
    if "item" not in names and "user" in names:
        names[names.index("user")] = "item"
    return tuple(names)


def _role(profile: Profile) -> str | None:
    if profile.is_binary:
        return "label"
    if profile.is_epoch or profile.is_dates:
        return "time"
    return None


def _is_rating(profile: Profile) -> bool:
    """A few numbers; they stand behind the ids, of which there may be as few."""
    if not profile.is_numeric or not FEWEST_RATINGS <= profile.distinct <= MOST_RATINGS:
        return False
    numbers = profile.numbers()
    return bool(np.all((numbers >= 0) & (numbers <= HIGHEST_RATING)))


def _is_id(profile: Profile) -> bool:
    plain = profile.separator is None and (profile.is_whole or not profile.is_numeric)
    return plain and 1 < profile.distinct <= max(MOST_RATINGS, SHARE_OF_ROWS * profile.filled)
