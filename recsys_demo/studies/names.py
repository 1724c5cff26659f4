"""Names that are longer than their place, shortened so that they still tell things apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

DOTS = "…"


def short_name(name: str, longest: int) -> str:
    """A name of at most `longest` letters: its middle is left out, as long names of one log begin
    alike more often than they begin and end alike."""
    if len(name) <= longest:
        return name
    tail = (longest - 1) // 3
    return name[: longest - 1 - tail].rstrip() + DOTS + name[len(name) - tail :].lstrip()


def short_names(names: Sequence[str], longest: int) -> list[str]:
    """Names shortened beside each other: those that would look alike show where they first
    differ."""
    alike: dict[str, set[str]] = defaultdict(set)
    for name in names:
        alike[short_name(name, longest)].add(name)
    return [_apart(name, alike[short_name(name, longest)], longest) for name in names]


def _apart(name: str, alike: set[str], longest: int) -> str:
    if len(alike) == 1 or len(name) <= longest:
        return short_name(name, longest)
    places = enumerate(zip(*alike, strict=False))
    differ = next((i for i, letters in places if len(set(letters)) > 1), min(map(len, alike)))
    head = longest // 3
    shown = name[differ : differ + longest - head - 2]
    return name[:head] + DOTS + shown + (DOTS if differ + len(shown) < len(name) else "")
