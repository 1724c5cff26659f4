"""What a person has chosen in the Data room: one value that can stand in a link."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from recsys_demo.data.specs import SOURCES
from recsys_demo.ui.room_choices import TabChoices

CONTROL = "data"


def _known(source: str) -> str:
    return source if source in SOURCES else ""


Kind = Annotated[str, AfterValidator(_known)]


class DataChoices(TabChoices):
    """`source` is empty for the log in use, `field` for the first one."""

    source: Kind = Field("", description="whose settings are open")
    field: str = Field("", max_length=200, description="whose install rates are shown")
    truth: bool = Field(False, description="show what is planted in the sample set")
