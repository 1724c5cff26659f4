"""What is chosen on the teacher's side of a class."""

from __future__ import annotations

from pydantic import Field

from recsys_demo.ui.room_choices import TabChoices

ROOM = "classroom"


class ClassChoices(TabChoices):
    """The tab that is open, and the question looked at in it."""

    question: str = Field("", max_length=90, description="the question looked at")
