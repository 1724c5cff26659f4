"""How often a page looks where the models are that it shows."""

from __future__ import annotations

import time
from collections.abc import Sequence

from recsys_demo.ui import jobs
from recsys_demo.ui.live.orders import is_under_way
from recsys_demo.ui.models import Training
from recsys_demo.ui.state import State

# Until the first dot moves, a moment after the click, a person waits for nothing else. A look that
# finds nothing new costs little; what takes longer to begin is looked for as seldom as all else.
FIRST_TICK_SECONDS, FIRST_SECONDS = 0.2, 2.0


def rate(state: State, wanted: Sequence[Training], tick: float = jobs.TICK_SECONDS) -> float | None:
    """Seconds between two looks, `tick` once dots move; None if nothing will move by itself."""
    if not is_under_way(state, wanted):
        return None
    return FIRST_TICK_SECONDS if _begin(wanted) else tick


def _begin(wanted: Sequence[Training]) -> bool:
    """Whether some were asked for a moment ago and none has reported yet."""
    busy = [training.job for training in wanted if training.job is not None and training.is_busy]
    if any(job.of_type("epoch") for job in busy):
        return False
    return any(time.time() - job.status.submitted < FIRST_SECONDS for job in busy)
