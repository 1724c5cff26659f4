"""What is chosen on the Glossary page."""

from __future__ import annotations

from pydantic import Field

from recsys_demo.values import Frozen

CONTROL = "glossary"


class GlossaryChoices(Frozen):
    """Which terms are shown."""

    word: str = Field("", max_length=60, description="terms that contain this; empty: all")
    room: str = Field("", max_length=20, description="terms of this room; empty: all")
