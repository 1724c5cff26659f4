"""The dials of a planted world, and worlds worth setting them to."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Self

import numpy as np
from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from recsys_demo.values import Frozen

MOST_INSTALLED = 8
APPS_PER_SEGMENT = 5
BY_CATEGORY, TASTES_APART = 1, 2  # versions: how tastes are drawn
NEW_DIALS = ("version", "taste_spread", "category_fit")  # what version 1 does not have


class WorldConfig(Frozen):
    """Everything a planted world depends on: the same values give the same log.

    What was written before there were versions names every dial but the new ones: it is of version
    1, and goes on being written that way, so that links, runs and digests of before hold.
    """

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
        2.0, ge=0, le=4, description="strength of taste (spread of its logits): what generalizes"
    )
    rank: int = Field(
        2, ge=1, le=16, description="width of taste: dimensions an embedding needs to express it"
    )
    segments: int = Field(
        6, ge=1, le=24, description="groups of people who share a taste (at most one per 5 apps)"
    )
    taste_spread: float = Field(
        0.3, ge=0, le=1, description="how far apps stray from their taste: 1 blurs neighbours"
    )
    category_fit: float = Field(
        0.7, ge=0, le=1, description="share of apps whose category is one their taste is known for"
    )
    popularity_skew: float = Field(
        0.8, ge=0, le=2, description="long tail: 0 shows every app equally often"
    )
    held_out: float = Field(
        0.1, ge=0, le=0.4, description="share of segment x app pairs never seen in training"
    )
    noise: float = Field(0.0, ge=0, le=0.9, description="share of labels assigned at random")
    seed: int = Field(5, ge=0, le=2**31 - 1, description="another seed, another world")
    version: int = Field(
        TASTES_APART,
        ge=BY_CATEGORY,
        le=TASTES_APART,
        description="how tastes are drawn: 2 well apart, 1 as the first versions of the lab did",
    )

    @model_validator(mode="before")
    @classmethod
    def _of_before(cls, content: Any) -> Any:
        if isinstance(content, dict) and content.keys() == cls.model_fields.keys() - {*NEW_DIALS}:
            return {**content, "version": BY_CATEGORY}
        return content

    @model_validator(mode="after")
    def _has_its_dials(self) -> Self:
        fields = type(self).model_fields
        foreign = [name for name in NEW_DIALS[1:] if getattr(self, name) != fields[name].default]
        if self.version == BY_CATEGORY and foreign:
            raise ValueError(f"a world of version 1 has no {' and no '.join(foreign)}")
        return self

    @model_serializer(mode="wrap")
    def _as_before(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        content: dict[str, Any] = write(self)
        kept = self.dials if self.version == BY_CATEGORY else content
        return {name: content[name] for name in kept}

    @property
    def dials(self) -> tuple[str, ...]:
        """The names of what this version is drawn from, its own left out."""
        gone = NEW_DIALS if self.version == BY_CATEGORY else ("version",)
        return tuple(name for name in type(self).model_fields if name not in gone)

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
        "half the rows, more apps, a third of the pairs never seen in training",
        WorldConfig(
            impressions=100_000,
            apps=400,
            exceptions=200,
            held_out=0.35,
        ),
    ),
)

WORLDS: Mapping[str, NamedWorld] = MappingProxyType({world.key: world for world in _ALL})


def stream(seed: int, purpose: str) -> np.random.Generator:
    """Random numbers of one purpose: a further draw elsewhere never shifts them."""
    return np.random.default_rng([seed, zlib.crc32(purpose.encode())])
