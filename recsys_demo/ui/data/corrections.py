"""Controls for the roles and kinds of a file's columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal, get_args

import streamlit as st

from recsys_demo.data.schema import Side
from recsys_demo.ui.data.correction import USES, Column, Correction
from recsys_demo.ui.markdown import plain

NOBODY = "(none)"
Decimal = Literal[".", ","]
DECIMALS: list[Decimal] = [".", ","]
SHOWN_COLUMNS = 60
USE_NAMES = {
    "not used": "not used",
    "categorical": "one value (categorical)",
    "multi": "several values (multi)",
    "numeric": "number",
}


def role_choices(draft: Correction, names: Sequence[str], mark: str) -> Correction:
    """Who, what, whether and when. `mark` keeps the controls of different files apart."""
    none = [NOBODY, *names]

    def chosen(label: str, role: str | None, help_: str) -> str | None:
        picked = st.selectbox(
            label,
            none,
            index=none.index(role) if role in none else 0,
            key=f"data.{mark}.{label}",
            help=help_,
        )
        return None if picked == NOBODY else picked

    left, middle, right = st.columns(3)
    with left:
        item = st.selectbox(
            "Item: what is shown",
            names,
            index=list(names).index(draft.item),
            key=f"data.{mark}.item",
            help="The thing to rank: an app, a film, a product.",
        )
        split = chosen("Split", draft.split, "A column that says train, valid or test.")
    with middle:
        user = chosen("User: for whom", draft.user, "The person the list is for.")
        time = chosen("Time: when", draft.time, "Needed only to cut the log by time.")
    with right:
        label = chosen(
            "Label: was it taken",
            draft.label,
            "1 where the item was taken. Without one every row counts as taken, and rows that "
            "were not are sampled.",
        )
        decimal: Decimal = st.segmented_control(
            "Decimal sign",
            DECIMALS,
            default=draft.decimal,
            required=True,
            key=f"data.{mark}.decimal",
        )
    changed = replace(draft, item=item, user=user, time=time, split=split, label=label)
    return _label_settings(replace(changed, decimal=decimal), mark)


def _label_settings(draft: Correction, mark: str) -> Correction:
    if draft.label is None:
        negatives = st.number_input(
            "Sampled rows per taken row",
            1,
            20,
            draft.negatives,
            key=f"data.{mark}.negatives",
            help="For every row, so many items this user never took are drawn as not taken.",
        )
        return replace(draft, negatives=int(negatives))
    rated = st.toggle(
        "The label is a rating",
        draft.label_threshold is not None,
        key=f"data.{mark}.rated.{draft.label}",
        help="Then taken means: rated at least so high.",
    )
    if not rated:
        return replace(draft, label_threshold=None)
    threshold = st.number_input(
        "Taken from this rating on",
        value=4.0 if draft.label_threshold is None else draft.label_threshold,
        step=0.5,
        key=f"data.{mark}.threshold",
    )
    return replace(draft, label_threshold=float(threshold))


def column_choices(draft: Correction, reasons: Mapping[str, str], mark: str) -> Correction:
    """What each column is as a field: whether a model sees it, as what, and whose it is."""
    names = [n for n in draft.columns if n not in (draft.label, draft.split)]
    for name in names[:SHOWN_COLUMNS]:
        draft = _column_choice(draft, name, reasons.get(name, ""), mark)
    if len(names) > SHOWN_COLUMNS:
        st.caption(
            f"{len(names) - SHOWN_COLUMNS} more columns keep their guess. Leave columns out of "
            "the file, or correct the saved schema and use it on the command line."
        )
    return draft


def _column_choice(draft: Correction, name: str, reason: str, mark: str) -> Correction:
    column = draft.columns[name]
    named, use_, side_ = st.columns([2, 2, 3], vertical_alignment="center")
    named.markdown(f"**{plain(name)}**" + (f"  \n:small[{plain(reason)}]" if reason else ""))
    with use_:
        use = st.selectbox(
            f"Use of {plain(name)}",
            USES,
            index=USES.index(column.use),
            format_func=USE_NAMES.__getitem__,
            key=f"data.{mark}.use.{name}",
            label_visibility="collapsed",
        )
    if use == "not used" or name in (draft.user, draft.item):
        return draft.with_column(name, use=use)
    with side_, st.container(horizontal=True, vertical_alignment="center"):
        side = st.segmented_control(
            f"Side of {plain(name)}",
            get_args(Side),
            default=column.side,
            required=True,
            key=f"data.{mark}.side.{name}",
            label_visibility="collapsed",
        )
        separator = _separator(name, column, mark) if use == "multi" else column.separator
    return draft.with_column(name, use=use, side=side, separator=separator)


def _separator(name: str, column: Column, mark: str) -> str:
    text = st.text_input(
        "between values",
        column.separator,
        max_chars=4,
        help=f"What stands between the values of {plain(name)}.",
        key=f"data.{mark}.separator.{name}",
        width=140,
    )
    return text or column.separator
