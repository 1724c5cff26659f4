"""What a person has chosen in the Embeddings room: one value that can stand in a link."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from recsys_demo.studies.embeddings.settings import PcaSettings, ProjectionSettings
from recsys_demo.values import Frozen

MOST_PANES = 4


class EmbeddingChoices(Frozen):
    """`panes` are keys of maps shown side by side, empty for the room's own proposal; `color` is a
    column of the metadata, empty for the room's proposal."""

    view: Literal["", "glance", "pair", "more"] = Field("", description="what is open")
    model: str = Field("", max_length=200, description="whose first view: empty for the first")
    field: str = Field("", description="whose vectors: empty for the items")
    panes: tuple[str, ...] = Field((), max_length=MOST_PANES, description="maps side by side")
    settings: ProjectionSettings = PcaSettings()
    color: str = Field("", description="what the colors say")
    sized: bool = Field(True, description="larger points have more training rows")
    named: bool = Field(True, description="write names where they fit")
    aligned: bool = Field(True, description="turn the maps onto the first one")
    truth: bool = Field(False, description="show what is planted in the sample set")
    guess: tuple[str, ...] = Field((), max_length=2, description="the pair that is guessed about")
    tab: str = Field("", max_length=60, description="which part below the maps is open")
