"""The cross that a new log is begun with: the one that is worth most on it."""

from __future__ import annotations

from dataclasses import dataclass

from recsys_demo.config.presets import default_crosses
from recsys_demo.data.sources import Dataset
from recsys_demo.studies.crosses.suggestions import default_cross


@dataclass(frozen=True)
class FirstCrosses:
    """Crosses, one or none, and why it is these."""

    crosses: tuple[str, ...]
    reason: str


def first_crosses(data: Dataset) -> FirstCrosses:
    """Chosen by counts on training and validation rows; test rows have no part in it. A pair that
    the schema names is taken as it is."""
    usual = default_crosses(data.schema)
    named = ", ".join(usual) or "none"
    if data.schema.reference_pair is not None:
        return FirstCrosses(usual, f"Cross: {named}, the pair that the schema names.")
    gain = default_cross(data.train, data.valid)
    if gain is None:
        luck = "no pair gains more on validation rows than luck could"
        return FirstCrosses(usual, f"Cross: {named}; {luck}.")
    return FirstCrosses(
        (str(gain.cross),),
        f"Cross: {gain.cross}, which of all pairs with what is shown says most beyond its two "
        f"fields: {gain.valid:.1f} bits per 1,000 validation rows.",
    )
