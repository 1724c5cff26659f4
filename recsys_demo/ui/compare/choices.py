"""What a person has chosen in the Compare room: one value that stands in the link."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from recsys_demo.evaluation.metrics import METRICS
from recsys_demo.evaluation.online_test import OnlineConfig
from recsys_demo.ui import room_choices
from recsys_demo.ui.room_choices import RoomChoices
from recsys_demo.ui.state import State
from recsys_demo.values import Frozen

ROOM = "compare"
Section = Literal[
    "support", "slices", "pairs", "curves", "fit", "lists", "online", "cost", "papers"
]
SECTIONS: Mapping[Section, str] = MappingProxyType(
    {
        "support": "Pair support",
        "slices": "All slices",
        "pairs": "Every pair",
        "curves": "Score curves",
        "fit": "Train against test",
        "lists": "Lists",
        "online": "Online test",
        "cost": "Cost",
        "papers": "Papers",
    }
)
GROUPS: Mapping[str, tuple[Section, ...]] = MappingProxyType(
    {
        "Slices": ("support", "slices", "pairs"),
        "Curves": ("curves", "fit"),
        "In the store": ("lists", "online"),
        "Cost and papers": ("cost", "papers"),
    }
)
MOST_PLACES = 50


def _metric(key: str) -> str:
    if key not in METRICS:
        raise ValueError(f"one of {', '.join(METRICS)}")
    return key


MetricKey = Annotated[str, AfterValidator(_metric)]
Text = Annotated[str, Field(max_length=1_000)]


class CompareChoices(Frozen):
    """Empty texts stand for the room's own proposal."""

    section: Section = "support"
    a: Text = Field("", description="the model a sentence is about")
    b: Text = Field("", description="the model it is compared with")
    metric: MetricKey = Field("auc", description="what slices are judged by")
    pair: tuple[Text, Text] | None = Field(None, description="whose support is counted")
    own: tuple[Text, ...] = Field((), max_length=12, description="conditions of the person's own")
    zoom: bool | None = Field(None, description="the map around its dots; none: where crowded")
    slice: Text = Field("all", description="rows whose curves are drawn")
    queries: int = Field(300, ge=20, le=2_000, description="queries that lists are made for")
    k: int = Field(10, ge=1, le=MOST_PLACES, description="places in a list")
    decay: float = Field(0.7, ge=0, le=5, description="position effect of the online test")
    visitors: int = Field(20_000, ge=100, le=200_000, description="visitors each model serves")
    control: Text = Field("", description="the model that gains are counted from")

    @property
    def online(self) -> OnlineConfig:
        """The settings of the simulated online test."""
        return OnlineConfig(k=self.k, decay=self.decay, visitors=self.visitors)


Control = RoomChoices[CompareChoices]


def chosen(state: State) -> Control:
    """What the state says about this room; what cannot be understood gives the defaults."""
    return room_choices.chosen(state, ROOM, CompareChoices)
