"""How long classes are kept, as the environment says."""

from __future__ import annotations

import os

from pydantic import Field

from recsys_demo.limits import PREFIX
from recsys_demo.values import Frozen, validated


class ClassSettings(Frozen):
    """Environment variables set these: `RECSYS_DEMO_` and the name in capitals."""

    class_days: int = Field(
        14, ge=1, le=400, description="days after which a class deletes itself, whole"
    )

    @property
    def seconds(self) -> float:
        """The same in seconds."""
        return self.class_days * 86_400.0

    @classmethod
    def from_environment(cls) -> ClassSettings:
        """The defaults, overridden by the environment. Raises InputError."""
        given = {
            name: os.environ[PREFIX + name.upper()]
            for name in cls.model_fields
            if PREFIX + name.upper() in os.environ
        }
        return validated(cls, given, "environment")
