"""One step from a world to another that shows what a dial is good for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.values import validated

MOST_ROWS, MOST_AFFINITY = 500_000, 4.0


@dataclass(frozen=True)
class WorldStep:
    """A step: its name on a button, what to look out for, and the dial that it turns."""

    key: str
    label: str
    told: str
    dial: str
    turned: Callable[[float], float]

    def world(self, config: WorldConfig) -> WorldConfig:
        """The world one step on; the same where there is none."""
        now = getattr(config, self.dial)
        value = type(now)(self.turned(now))
        return validated(WorldConfig, {**dict(config), self.dial: value}, self.label)


_ALL = (
    WorldStep(
        "fewer_exceptions",
        "Fewer exceptions",
        "Half of them: less to remember. Watch the models that read crosses.",
        "exceptions",
        lambda now: now // 2,
    ),
    WorldStep(
        "stronger_taste",
        "Stronger taste",
        "More to generalize. Watch the dots go right.",
        "affinity",
        lambda now: min(MOST_AFFINITY, round(now + 0.5, 2)),
    ),
    WorldStep(
        "more_rows",
        "More rows",
        "Twice the log: every pair is seen more often.",
        "impressions",
        lambda now: max(now, min(MOST_ROWS, 2 * now)),
    ),
)
STEPS: Mapping[str, WorldStep] = MappingProxyType({step.key: step for step in _ALL})
