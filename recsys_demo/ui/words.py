"""What the pages call the slices of the map and its axes."""

from __future__ import annotations

from recsys_demo.data.interactions import Interactions
from recsys_demo.data.pairs import sliced_pair

PLANTED = ("exceptions", "planted exceptions")
MOST_SEEN = ("frequent", "pairs seen 20+ times")
NEVER = "pairs never seen in training"
SAMPLED = (
    "Negatives of this log were sampled, so their pairs are new by construction. In slices by pair "
    "support each positive stands against a sampled negative of an equally popular item, so "
    "popularity alone stands near .50 there."
)
X_TITLE = "AUC on never-seen pairs  →  generalizes"


def most_seen(train: Interactions) -> tuple[str, str]:
    """The slice of the pairs seen most and its name, which says what they are pairs of where that
    is not what the log's schema calls its pair."""
    pair = sliced_pair(train)
    if pair == train.schema.pair:
        return MOST_SEEN
    return MOST_SEEN[0], f"{' x '.join(pair)} {MOST_SEEN[1]}"


def memory_title(name: str) -> str:
    """The y axis of the map, for this name of the memory slice."""
    return f"AUC on {name}\n→ memorizes"
