"""Steps to another world: each turns its dial and no other, within its bounds, and has an end."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys_demo.data.planted.world_config import WORLDS, WorldConfig
from recsys_demo.data.planted.world_steps import STEPS, WorldStep


@pytest.mark.parametrize("step", STEPS.values(), ids=lambda step: step.key)
def test_a_step_turns_its_dial_and_ends(step: WorldStep) -> None:
    for named in WORLDS.values():
        seen = [named.config]
        while (after := step.world(seen[-1])) != seen[-1]:
            others = {step.dial: getattr(seen[-1], step.dial)}
            assert after.model_copy(update=others) == seen[-1]
            seen.append(after)
            assert len(seen) < 30


@settings(max_examples=50, deadline=None)
@given(
    exceptions=st.integers(0, 20_000),
    affinity=st.floats(0, 4),
    impressions=st.integers(1_000, 3_000_000),
)
def test_no_step_leaves_the_bounds(exceptions: int, affinity: float, impressions: int) -> None:
    world = WorldConfig(exceptions=exceptions, affinity=affinity, impressions=impressions)
    fewer, stronger, more = (step.world(world) for step in STEPS.values())
    assert fewer.exceptions <= exceptions
    assert stronger.affinity >= affinity - 0.005
    assert more.impressions >= impressions
