"""The button that trains every model with enough seeds to say which one is better."""

from __future__ import annotations

from recsys_demo.ui import jobs, models, session
from recsys_demo.ui.state import State

ADVISED = 5


def more_seeds_button(state: State, key: str) -> None:
    """Trains the seeds that are missing up to `ADVISED`; nothing where there are as many."""
    if state.seeds >= ADVISED:
        return
    added = (ADVISED - state.seeds) * len(state.models)
    jobs.start_button(
        f"Train {counted_runs(added, 'more ')}: {ADVISED} seeds each",
        key,
        _change_and_train,
        type="secondary",
        icon=":material/casino:",
        help="A single training cannot tell a better model from a lucky run",
    )


def counted_runs(count: int, which: str = "") -> str:
    """`1 run`, `16 runs`, or with a word before the noun `16 more runs`."""
    return f"{count} {which}run{'' if count == 1 else 's'}"


def _change_and_train() -> None:
    session.change(seeds=ADVISED)
    models.train(models.trainings(session.current()))
