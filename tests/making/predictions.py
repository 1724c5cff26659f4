"""Labels and logits for properties of metrics."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from recsys_demo.evaluation.metrics import Floats

LOGITS = st.floats(-30, 30).map(lambda x: round(x, 2))


@st.composite
def predictions(draw: st.DrawFn, largest: int = 40) -> tuple[Floats, Floats]:
    """Labels of both classes and logits with ties."""
    rows = draw(st.integers(2, largest))
    logits = draw(hnp.arrays(np.float64, rows, elements=LOGITS))
    labels = draw(hnp.arrays(np.int64, rows, elements=st.integers(0, 1)))
    labels[:2] = 0, 1
    return labels, logits
