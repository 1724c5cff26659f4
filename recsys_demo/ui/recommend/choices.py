"""What a person has chosen in the Recommend room: one value that can stand in a link. Whom the
lists are for is the state's `query`."""

from __future__ import annotations

from typing import Any, Literal, get_args

from pydantic import Field

from recsys_demo.recommendation.answer import AnswerSettings
from recsys_demo.ui import room_choices, session
from recsys_demo.ui.state import QueryChoice, State

CONTROL = "recommend"
View = Literal["why", "change", "funnel", "numbers"]
VIEWS: tuple[View, ...] = get_args(View)


class RecommendChoices(AnswerSettings):
    """`case` says which named case the person came from, `explained` the model whose score is shown
    term by term."""

    case: str = Field("", max_length=40)
    explained: str = Field("", max_length=60)
    view: View = "why"


def chosen(state: State) -> RecommendChoices:
    """What the state says about this room."""
    return room_choices.chosen(state, CONTROL, RecommendChoices).now


def update(**changes: Any) -> None:
    """Change some choices."""
    room_choices.chosen(session.current(), CONTROL, RecommendChoices).update(**changes)


def choose_person(query: QueryChoice, item: str | None = None, case: str = "") -> None:
    """Make lists for somebody else, and look at this item: one step to undo."""
    state = session.current().model_copy(update={"query": query})
    choices = room_choices.chosen(state, CONTROL, RecommendChoices)
    session.put(state.with_control(CONTROL, choices.updated(state, item=item or "", case=case)))
