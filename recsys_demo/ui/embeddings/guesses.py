"""Where does a guess come from? A pair that nobody was shown, and the seen pairs nearest to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from recsys_demo.studies.embeddings.origins import Origins, SeenPairs, origins
from recsys_demo.studies.embeddings.two_fields import TwoFields
from recsys_demo.studies.embeddings.vectors import SUPPORT, FieldVectors
from recsys_demo.ui import session
from recsys_demo.ui.embeddings import measurements
from recsys_demo.ui.embeddings.controls import Control
from recsys_demo.ui.embeddings.panes import Pane
from recsys_demo.ui.widgets import bound, button

ASK = "Where does a guess come from?"
TOLD = (
    "Takes a pair that no training row holds, and shows the seen pairs whose both ends are nearest "
    "to it in the model's space"
)


def guess_about(pane: Pane, found: TwoFields, control: Control) -> Origins | None:
    """The controls that choose a pair; the nearest seen pairs, if one is chosen. Raises InputError
    if the log is no longer there."""
    given = control.now.guess
    if not given:
        with st.container(horizontal=True):
            button(ASK, "embeddings.guess", _propose, pane, found, control, help=TOLD)
        return None
    seen = _seen(pane)
    first = _row(found.first, given[0], _proposed(found, seen)[0])
    free = np.flatnonzero(_is_unseen(found, seen)[first])
    free = free if len(free) else np.arange(len(found.second))
    second = _row(found.second, given[-1] if len(given) > 1 else "", _best_known(found, free))
    values = [found.second.values[row] for row in sorted({*free.tolist(), second})]
    one, other = found.first.values[first], found.second.values[second]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        _box(found.first, "first", found.first.values, one, lambda v: control.update(guess=(v,)))
        _box(found.second, "second", values, other, lambda v: control.update(guess=(one, v)))
        button("Back", "embeddings.guess.back", _forget, control, type="tertiary")
    return origins(found.first, found.second, (first, second), seen)


def _box(
    field: FieldVectors,
    end: str,
    values: Sequence[str],
    shown: str,
    save: Callable[[str], None],
) -> None:
    offered = set(values)
    st.selectbox(
        field.field if end == "first" else f"{field.field}, never seen with it",
        [value for value in measurements.by_support(field) if value in offered],
        format_func=measurements.namer(field),
        width=250,
        **bound(f"embeddings.guess.{end}", shown, save),
    )


def _propose(pane: Pane, found: TwoFields, control: Control) -> None:
    first, second = _proposed(found, _seen(pane))
    control.update(guess=(found.first.values[first], found.second.values[second]))


def _forget(control: Control) -> None:
    control.update(guess=())


def _seen(pane: Pane) -> SeenPairs:
    return measurements.seen_pairs(pane, not session.hidden("truth"))


def _proposed(found: TwoFields, seen: SeenPairs) -> tuple[int, int]:
    """The unseen pair whose values are known best; the best known pair where all are seen."""
    support = [
        field.metadata[SUPPORT].to_numpy(dtype=np.float64) for field in (found.first, found.second)
    ]
    known = np.outer(*support)
    free = np.where(_is_unseen(found, seen), known, -1.0)
    best = free if free.max() >= 0 else known
    row, column = np.unravel_index(int(best.argmax()), best.shape)
    return int(row), int(column)


def _is_unseen(found: TwoFields, seen: SeenPairs) -> npt.NDArray[np.bool_]:
    """Which pairs no training row holds, [n, m]; a value with itself is no pair to ask about: what
    a person has is not shown again."""
    same = np.equal.outer(np.array(found.first.values), np.array(found.second.values))
    unseen: npt.NDArray[np.bool_] = (seen.shown == 0) & ~same
    return unseen


def _best_known(found: TwoFields, rows: np.ndarray) -> int:
    support = found.second.metadata[SUPPORT].to_numpy()
    return int(rows[support[rows].argmax()])


def _row(field: FieldVectors, value: str, otherwise: int) -> int:
    return field.values.index(value) if value in field.values else otherwise


def seen_table(guess: Origins) -> None:
    """The nearest seen pairs with their counts."""
    frame = pd.DataFrame(
        {
            guess.first.field: [guess.first.names[row] for row in guess.rows],
            f"{guess.second.field} shown": [guess.second.names[row] for row in guess.columns],
            "nearness": guess.nearness,
            "training rows": guess.shown,
            "taken": guess.taken,
            "rate": guess.taken / np.maximum(guess.shown, 1),
        }
    )
    st.dataframe(
        frame,
        hide_index=True,
        key="embeddings.guess.pairs",
        column_config={
            "nearness": st.column_config.NumberColumn(
                format="%.2f", help="The smaller cosine of the two ends: 1 is the same value"
            ),
            "rate": st.column_config.NumberColumn(format="percent"),
        },
    )
