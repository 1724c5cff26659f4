"""Controls for the roles and kinds of a file's columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import get_args

import streamlit as st

from recsys_demo.data.column_formats import PLAIN_NUMBER, TEXT, ColumnFormat, Order
from recsys_demo.data.leaks import Leak
from recsys_demo.data.schema import Side, TimePart
from recsys_demo.ui.data.correction import USES, Column, Correction
from recsys_demo.ui.markdown import plain

NOBODY = "(none)"
PLAIN_LABELS = "1, true or yes"
NUMBERS = (
    PLAIN_NUMBER,
    ColumnFormat(values="number", thousands=","),
    ColumnFormat(values="number", decimal=","),
    ColumnFormat(values="number", decimal=",", thousands="."),
)
DATES = tuple(ColumnFormat(values="date", order=order) for order in get_args(Order))
ALTERNATIVES = {"number": NUMBERS, "date": DATES, "boolean": (), "text": ()}
SHOWN_COLUMNS = 60
USE_NAMES = {
    "not used": "not used",
    "categorical": "one value (categorical)",
    "multi": "several values (multi)",
    "numeric": "number",
}


def role_choices(
    draft: Correction,
    names: Sequence[str],
    words: Mapping[str, Sequence[str]],
    likely: Callable[[str], str | None],
    mark: str,
) -> Correction:
    """Who, what, whether and when. `words` are the values of columns with few of them, `likely`
    says what most likely means taken in a column; `mark` keeps the controls of different files
    apart."""
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
            "The column that says whether the item was taken: 1 and 0, two words, a rating.",
        )
    changed = replace(draft, item=item, user=user, time=time, split=split, label=label)
    changed = _time_parts(changed, mark)
    if label is None:
        return _sampling(changed, mark)
    if label != draft.label:
        changed = replace(changed, positive=likely(label))
    return replace(changed, positive=_meaning(changed, words.get(label, ()), mark))


def _time_parts(draft: Correction, mark: str) -> Correction:
    """The weekday and the hour of the time as fields, which no file need have as columns."""
    if draft.time is None:
        return draft
    chosen = st.pills(
        f"Fields taken from {plain(draft.time)}",
        get_args(TimePart),
        selection_mode="multi",
        default=list(draft.time_parts.values()),
        key=f"data.{mark}.time_parts.{draft.time}",
        help="What people want on a Monday morning need not be what they want on a Saturday night.",
    )
    return draft.with_time_parts(chosen)


def _sampling(draft: Correction, mark: str) -> Correction:
    """A log of positives is taken for one only after somebody said so."""
    confirmed = st.checkbox(
        "**Every row is something that was taken**; rows of what was not taken are sampled",
        draft.positives_only,
        key=f"data.{mark}.positives",
        help="Without this the lab needs a column that says in each row whether the item was "
        "taken: choose it as the label.",
    )
    negatives = st.number_input(
        "Sampled rows per taken row",
        1,
        20,
        draft.negatives,
        key=f"data.{mark}.negatives",
        help="For every row, so many items this user never took are drawn as not taken.",
    )
    return replace(draft, negatives=int(negatives), positives_only=confirmed)


def _meaning(draft: Correction, words: Sequence[str], mark: str) -> str | None:
    """Which cells of the label mean taken: a word of it, or a comparison."""
    given = () if draft.positive is None else (draft.positive,)
    options = list(dict.fromkeys([PLAIN_LABELS, *given, *words]))
    chosen = st.selectbox(
        "Which rows were taken",
        options,
        index=options.index(draft.positive) if draft.positive is not None else 0,
        accept_new_options=True,
        key=f"data.{mark}.positive.{draft.label}",
        help="A word of the label: every other word means not taken. Or a comparison, such as "
        ">= 4 for ratings and > 0 for counts.",
    )
    return None if chosen == PLAIN_LABELS else chosen


def format_choices(draft: Correction, mark: str) -> Correction:
    """How numbers, dates and lists are written, for the columns where it had to be decided."""
    if not draft.formats:
        return draft
    formats = dict(draft.formats)
    with st.container(horizontal=True):
        for name, form in draft.formats.items():
            options = list(dict.fromkeys([form, *ALTERNATIVES[form.values], TEXT]))
            formats[name] = st.selectbox(
                f"How {plain(name)} is written",
                options,
                format_func=str,
                key=f"data.{mark}.format.{name}",
                width=330,
            )
    return replace(draft, formats=formats)


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


def set_aside(found: Sequence[Leak], mark: str) -> None:
    """Change the controls of fields that give the label away: to the item's side, or out. Call it
    in a callback."""
    for leak in found:
        if leak.belongs_to_item:
            st.session_state[f"data.{mark}.side.{leak.field}"] = "item"
        else:
            st.session_state[f"data.{mark}.use.{leak.field}"] = "not used"


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
