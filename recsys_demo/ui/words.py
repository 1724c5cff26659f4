"""What the pages call the slices of the map and its axes."""

from __future__ import annotations

from collections.abc import Sequence

PLANTED = ("exceptions", "planted exceptions")
MOST_SEEN = ("frequent", "pairs seen 20+ times")
NEVER = "pairs never seen in training"
X_TITLE = "AUC on never-seen pairs  →  generalizes"


def memory_title(name: str) -> str:
    """The y axis of the map, for this name of the memory slice."""
    return f"AUC on {name}  →  memorizes"


def no_map(missing: Sequence[str]) -> str:
    """Why there is nothing to place the models by."""
    return f"No map: the test rows hold no {' and no '.join(missing)}."
