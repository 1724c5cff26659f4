"""The rows that crosses are judged on: coded once, looked at many times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recsys_demo.data.interactions import Interactions
from recsys_demo.features.crosses import Cross
from recsys_demo.features.fields import FieldCodes, FieldEncoder, fit_fields
from recsys_demo.limits import Limits

Labels = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class RowCodes:
    """Some rows in codes, with their labels [rows]."""

    codes: FieldCodes
    labels: Labels

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, index: npt.NDArray[np.integer]) -> RowCodes:
        """These rows."""
        return RowCodes(self.codes.take(index), self.labels[index])


@dataclass(frozen=True, eq=False)
class LogCodes:
    """Training rows, held-out rows, and the encoder fitted on the training rows only.

    `valid` are held-out rows to choose by, so that `test` can say what was chosen; `item_names` are
    readable names of the item ids.
    """

    encoder: FieldEncoder
    train: RowCodes
    valid: RowCodes
    test: RowCodes
    item_names: Mapping[str, str]

    @property
    def base_rate(self) -> float:
        """Share of the training rows with label 1."""
        return float(self.train.labels.mean())

    def item_parts(self, cross: Cross) -> list[int]:
        """Which parts of a cross say what is shown, rather than to whom and when."""
        fields = self.encoder.schema.fields
        return [i for i, part in enumerate(cross.parts) if fields[part.field].side == "item"]


def log_codes(
    train: Interactions,
    test: Interactions,
    valid: Interactions | None = None,
    limits: Limits | None = None,
) -> LogCodes:
    """Fit the fields on the training rows and code all parts; without validation rows the test rows
    stand for them. Raises InputError over a limit."""
    encoder = fit_fields(train, limits)
    names = train.item_names()
    coded = [RowCodes(encoder.encode(part.frame), part.labels) for part in (train, test)]
    chosen_by = coded[1]
    if valid is not None:
        chosen_by = RowCodes(encoder.encode(valid.frame), valid.labels)
    return LogCodes(
        encoder,
        coded[0],
        chosen_by,
        coded[1],
        dict(zip(names.index.astype(str), names.astype(str), strict=True)),
    )
