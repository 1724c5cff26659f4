"""What a person has chosen in the Ablate room: one value that can stand in a link."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from recsys_demo.evaluation.verdicts import MARGIN
from recsys_demo.ui import room_choices, session
from recsys_demo.ui.room_choices import RoomChoices
from recsys_demo.ui.state import State
from recsys_demo.values import Frozen

CONTROL = "ablate"
SEEDS = 5
MAX_DIAL = 1.5
Name = Annotated[str, Field(max_length=600)]
Dials = tuple[tuple[Name, Annotated[float, Field(ge=0, le=MAX_DIAL)]], ...]
Flips = tuple[tuple[Name, Name], ...]


class AblateChoices(Frozen):
    """`model` names one of the state's models, empty for the room's own proposal. `flipped` are
    (switch, option) of the variant under *Flip a switch*, `before` those of the variant before.
    `dials` are (part, weight) of the parts of a trained model that are not left as trained, None
    for the room's own proposal. `guesses` are (question, difference of AUC) made before training;
    `question` is the one that is open, empty for the first with an answer."""

    experiment: Literal["retrained", "off"] = "retrained"
    ask: Literal["questions", "flip", "grid", "shares"] = "questions"
    model: str = Field("", max_length=60)
    question: str = Field("", max_length=40)
    flipped: Flips = Field((), max_length=40)
    before: Flips = Field((), max_length=40)
    axes: tuple[Name, ...] | None = Field(None, max_length=60)
    design: Literal["one", "all"] = "one"
    seeds: int = Field(SEEDS, ge=1, le=20)
    slice: str = Field("all", max_length=60)
    metric: Literal["auc", "logloss"] = "auc"
    margin: float = Field(MARGIN, ge=0.0001, le=0.1, description="what a model as good may lose")
    cluster: bool = True
    dials: Dials | None = Field(None, max_length=70)
    guesses: tuple[tuple[Name, Annotated[float, Field(ge=-1, le=1)]], ...] = Field(
        (), max_length=20
    )


def chosen(state: State) -> AblateChoices:
    """What the state says about this room."""
    return room_choices.chosen(state, CONTROL, AblateChoices).now


def choose(**changes: Any) -> None:
    """Change some choices: call it in a callback."""
    _now().update(**changes)


def choice(name: str, shown: Any) -> dict[str, Any]:
    """Arguments that make a widget show a choice and save it."""
    return _now().bound(name, shown)


def _now() -> RoomChoices[AblateChoices]:
    return room_choices.chosen(session.current(), CONTROL, AblateChoices)
