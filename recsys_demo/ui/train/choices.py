"""What a person has chosen in the Train room: one value that can stand in a link."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from recsys_demo.ui.room_choices import RoomChoices, chosen
from recsys_demo.ui.state import State
from recsys_demo.values import Frozen

MOST_LABELS = 60


class RunLabel(Frozen):
    """What a person calls a run, and what they want to remember of it."""

    job: str = Field(pattern="^[0-9a-f]{20}$")
    name: str = Field("", max_length=40)
    note: str = Field("", max_length=80)


class TrainChoices(Frozen):
    """`slices` are keys of the slices whose AUC is drawn, empty for the room's own proposal."""

    slices: tuple[str, ...] = Field((), max_length=4, description="AUC on these rows")
    labels: tuple[RunLabel, ...] = Field((), max_length=MOST_LABELS)
    minutes: Literal[1, 2, 5, 10, 20, 60] = Field(2, description="time to tune")

    def label(self, job_id: str) -> RunLabel:
        """The label of a run, an empty one if it has none."""
        return next((one for one in self.labels if one.job == job_id), RunLabel(job=job_id))

    def labelled(self, changed: RunLabel) -> tuple[RunLabel, ...]:
        """The labels with this one in place of the run's old one; an empty label is dropped."""
        others = tuple(one for one in self.labels if one.job != changed.job)
        labels = (*others, changed) if changed.name or changed.note else others
        return labels[-MOST_LABELS:]


def choices(state: State) -> RoomChoices[TrainChoices]:
    """The room's choices of the state."""
    return chosen(state, "train", TrainChoices)
