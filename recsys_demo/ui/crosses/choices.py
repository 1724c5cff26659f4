"""What a person has chosen in the Crosses room: one value that can stand in a link."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from recsys_demo.config.components import CrossesConfig
from recsys_demo.studies.crosses.combinations import Order
from recsys_demo.studies.crosses.suggestions import PRIOR_ROWS
from recsys_demo.ui.room_choices import TabChoices

CONTROL = "crosses"
MIN_SUPPORT = CrossesConfig().min_support  # of the presets
TRUSTS = (1.0, 3.0, 10.0, 30.0, 100.0)
PULLS = (0.0, 0.3, 1.0, 3.0, 10.0)
BUCKETS = tuple(2**power for power in range(4, 23))


class CrossesChoices(TabChoices):
    """`draft` is the cross being built, none for the first of the list."""

    draft: str | None = Field(None, max_length=500, description="the cross looked at")
    trial: str = Field("", max_length=500, description="the cross trained with and without")
    by: Order = "surprise"
    buckets: int = Field(4096, description="tried for hashing")
    trust: float = Field(PRIOR_ROWS, description="rows that the parts of a suggestion count as")
    truth: bool = Field(False, description="mark the planted crosses among the learned ones")
    l1: float = Field(0.0, description="L1 of the overcross demonstration")

    @model_validator(mode="after")
    def _offered(self) -> Self:
        if self.buckets not in BUCKETS or self.trust not in TRUSTS or self.l1 not in PULLS:
            raise ValueError("not among what the sliders offer")
        return self
