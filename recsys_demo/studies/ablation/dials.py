"""What dialling the parts of a trained model does to its metrics and to one list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recsys_demo.evaluation.bootstrap import row_difference
from recsys_demo.evaluation.intervals import Interval
from recsys_demo.evaluation.metrics import METRICS
from recsys_demo.evaluation.slices import Slice
from recsys_demo.evaluation.verdicts import FEWEST_ROWS, NOT_FOUND, NOT_YET, Finding
from recsys_demo.recommendation.recommender import rank
from recsys_demo.studies.ablation.logit_parts import LogitParts, Logits

RULE = (
    "The ± is half of the 95 % interval of the difference on the same test rows: the sampling "
    "error of the rows for this one trained model; other seeds are not counted. Better or "
    f"worse: the interval excludes zero, over at least {FEWEST_ROWS} rows of either label."
)

Labels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class SliceChange:
    """A slice's metric with all parts as trained and as dialled. `gain` is how much better the
    dialled model is on the same rows (below 0: worse), None where the metric means nothing."""

    slice: str
    label: str
    rows: int
    before: float
    after: float
    gain: Interval | None

    @property
    def verdict(self) -> Finding:
        """What the rows say of this one trained model, dialled against as trained."""
        if self.gain is None or self.gain.n < FEWEST_ROWS:
            return NOT_YET
        if not self.gain.excludes_zero:
            return NOT_FOUND
        return "better" if self.gain.value > 0 else "worse"


def slice_changes(
    taken: LogitParts,
    labels: Labels,
    slices: Sequence[Slice],
    dials: Mapping[str, float],
    metric: str = "auc",
) -> list[SliceChange]:
    """The metric on every slice, as trained and as dialled; labels [n] of the rows taken apart."""
    trained, dialled = taken.logits(), taken.logits(dials)
    return [_change(one, labels, trained, dialled, metric) for one in slices]


def _change(
    one: Slice, labels: Labels, trained: Logits, dialled: Logits, metric: str
) -> SliceChange:
    y, a, b = labels[one.mask], trained[one.mask], dialled[one.mask]
    before, after = (METRICS[metric].value(y, logits) for logits in (a, b))
    gain = row_difference(y, b, a, metric)
    return SliceChange(one.key, one.label, len(y), before, after, gain)


@dataclass(frozen=True)
class Place:
    """An item of a list: its place as trained and as dialled, 1 first, and its logit as dialled."""

    item: str
    before: int
    after: int
    logit: float

    @property
    def climbed(self) -> int:
        """Places won by the dials; below 0: lost."""
        return self.before - self.after


def list_places(
    taken: LogitParts, items: Sequence[str], dials: Mapping[str, float], k: int
) -> list[Place]:
    """Every item that is in the first `k` places as trained or as dialled, in the dialled order.

    `taken` are the parts of the whole catalogue's logits, in the order of `items`.
    """
    trained, dialled = taken.logits(), taken.logits(dials)
    before, after = rank(trained).places, rank(dialled).places
    shown = np.flatnonzero((before <= k) | (after <= k))
    return [
        Place(items[i], int(before[i]), int(after[i]), float(dialled[i]))
        for i in shown[np.argsort(after[shown])]
    ]
