"""What a person has chosen in the Compare room: one value that stands in the link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from recsys_demo.data.schema import Frozen
from recsys_demo.online import OnlineConfig
from recsys_demo.ui import session
from recsys_demo.ui.state import State
from recsys_demo.ui.widgets import bound

CONTROL = "compare"
Section = Literal[
    "support", "slices", "pairs", "curves", "fit", "lists", "online", "cost", "papers"
]
SECTIONS: Mapping[Section, str] = MappingProxyType(
    {
        "support": "Pair support",
        "slices": "Slices",
        "pairs": "Every pair",
        "curves": "Curves",
        "fit": "Train against test",
        "lists": "Lists",
        "online": "Online test",
        "cost": "Cost",
        "papers": "Papers",
    }
)
Text = Annotated[str, Field(max_length=1_000)]


class CompareChoices(Frozen):
    """Empty texts stand for the room's own proposal."""

    section: Section = "support"
    a: Text = Field("", description="the model a sentence is about")
    b: Text = Field("", description="the model it is compared with")
    metric: Literal["auc", "logloss"] = Field("auc", description="what slices are judged by")
    pair: tuple[Text, Text] | None = Field(None, description="whose support is counted")
    own: tuple[Text, ...] = Field((), max_length=12, description="conditions of the person's own")
    slice: Text = Field("all", description="rows whose curves are drawn")
    queries: int = Field(300, ge=20, le=2_000, description="queries that lists are made for")
    online: OnlineConfig = OnlineConfig()


@dataclass(frozen=True)
class Control:
    """The choices, and how a widget changes one of them."""

    choices: CompareChoices

    def bound(self, name: str, value: Any = None) -> dict[str, Any]:
        """Arguments that make a widget show a choice (or `value` in its place) and save what a
        person makes of it. `online.k` is a setting of the online test."""
        key = f"{CONTROL}.{name}"
        now = self._now(name) if value is None else value
        return bound(key, now, lambda given: update(name, given))

    def _now(self, name: str) -> Any:
        found: Any = self.choices
        for part in name.split("."):
            found = getattr(found, part)
        return found


def update(name: str, value: Any) -> None:
    """Change one choice; a value the type refuses is not saved."""
    content = chosen(session.current()).choices.model_dump()
    target = content
    *path, last = name.split(".")
    for part in path:
        target = target[part]
    target[last] = value
    try:
        changed = CompareChoices.model_validate(content)
    except ValidationError:
        return
    session.set_control(CONTROL, changed.model_dump(mode="json", exclude_defaults=True))


def chosen(state: State) -> Control:
    """What the state says about this room; what cannot be understood gives the defaults."""
    try:
        return Control(CompareChoices.model_validate(state.control(CONTROL, {})))
    except ValidationError:
        return Control(CompareChoices())
