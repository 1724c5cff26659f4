"""The dials of a planted world, and worlds worth setting them to."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from pydantic import Field

from recsys_demo.values import Frozen

MOST_INSTALLED = 8
APPS_PER_SEGMENT = 5


class WorldConfig(Frozen):
    """Everything a planted world depends on: the same values give the same log."""

    users: int = Field(3_000, ge=10, le=100_000, description="people in the log")
    apps: int = Field(300, ge=10, le=5_000, description="apps in the catalogue")
    impressions: int = Field(
        200_000, ge=1_000, le=3_000_000, description="rows: apps shown to people"
    )
    exceptions: int = Field(
        600,
        ge=0,
        le=20_000,
        description="installed x shown pairs that contradict taste: only memory gets them right",
    )
    exception_strength: float = Field(
        3.0, ge=0, le=6, description="how far an exception moves the logit"
    )
    affinity: float = Field(
        1.4, ge=0, le=4, description="strength of taste (spread of its logits): what generalizes"
    )
    rank: int = Field(
        4, ge=1, le=16, description="width of taste: dimensions an embedding needs to express it"
    )
    segments: int = Field(
        12, ge=1, le=24, description="groups of people who share a taste (at most one per 5 apps)"
    )
    popularity_skew: float = Field(
        0.8, ge=0, le=2, description="long tail: 0 shows every app equally often"
    )
    held_out: float = Field(
        0.1, ge=0, le=0.4, description="share of segment x app pairs never seen in training"
    )
    noise: float = Field(
        0.0, ge=0, le=0.9, description="share of labels that chance decides, whoever sees what"
    )
    seed: int = Field(7, ge=0, le=2**31 - 1, description="another seed, another world")

    @property
    def pools(self) -> int:
        """Segments that are really there: each needs a few apps of its own."""
        return min(self.segments, self.apps // APPS_PER_SEGMENT)

    @property
    def most_installed(self) -> int:
        """Installed apps of one person at most, so that others are left to show."""
        return min(MOST_INSTALLED, self.apps // 2)


@dataclass(frozen=True)
class NamedWorld:
    """A setting of the dials that shows something."""

    key: str
    label: str
    summary: str
    config: WorldConfig


_ALL = (
    NamedWorld(
        "paper",
        "The paper's world",
        "taste that generalizes and exceptions that must be remembered: both halves are needed",
        WorldConfig(),
    ),
    NamedWorld(
        "nothing_to_memorize",
        "Nothing to memorize",
        "taste only, not one exception: crosses have nothing to add",
        WorldConfig(exceptions=0),
    ),
    NamedWorld(
        "only_exceptions",
        "Only exceptions",
        "no taste at all, 1,500 exceptions whose direction a coin decided: only memory helps",
        WorldConfig(exceptions=1_500, affinity=0.0),
    ),
    NamedWorld(
        "cold_start",
        "Cold start",
        "half the rows, more apps, a third of the pairs never seen: memory has little to go by",
        WorldConfig(
            impressions=100_000,
            apps=400,
            exceptions=200,
            affinity=2.0,
            rank=3,
            segments=8,
            held_out=0.35,
        ),
    ),
)

WORLDS: Mapping[str, NamedWorld] = MappingProxyType({world.key: world for world in _ALL})


def stream(seed: int, purpose: str) -> np.random.Generator:
    """Random numbers of one purpose: a further draw elsewhere never shifts them."""
    return np.random.default_rng([seed, zlib.crc32(purpose.encode())])
