"""The lists side by side, and what moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from recsys_demo.charts.recommend import (
    Entry,
    ListColumn,
    blank_lists,
    describe_lists,
    least_width,
    lists_chart,
)
from recsys_demo.charts.theme import escape
from recsys_demo.recommendation.answer import Answer
from recsys_demo.recommendation.recommender import OUT, Ranking
from recsys_demo.ui import session
from recsys_demo.ui.chart_cache import cached_figure
from recsys_demo.ui.chart_panel import clickable_chart
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.recommend.choices import RecommendChoices, update
from recsys_demo.ui.widgets import bound

CHART, CLICKED = "recommend.lists", "recommend.clicked"
TRAP, MEMORY = "⚠", "★"
OFFERED = 5_000  # items in the search box; of a larger catalogue only those in a list


def list_controls(answer: Answer, has_truth: bool) -> None:
    """Length, installed items, truth."""
    if session.hidden("lists"):
        return
    field = RecommendChoices.model_fields["k"]
    with st.popover("List options", icon=":material/tune:", key="recommend.options"):
        st.number_input(
            "Length of the lists",
            3,
            30,
            step=1,
            width=150,
            help=field.description,
            **bound("recommend.k", answer.wanted.k, lambda k: update(k=int(k))),
        )
        st.toggle(
            "Show what they have already",
            help="What is installed, and what this person took anywhere in the log, stays in the "
            "lists. In the sample set only installed apps count.",
            **bound("recommend.keep", answer.keep, lambda keep: update(keep=bool(keep))),
        )
        if has_truth and not session.hidden("truth"):
            st.toggle(
                "Reveal the truth",
                help="The sample set is planted: the best list is known, and so are the traps.",
                **bound("recommend.reveal", answer.wanted.reveal, lambda on: update(reveal=on)),
            )


def lists(answer: Answer) -> None:
    """The chart; a click chooses the item looked at."""
    columns, scale = _columns(answer), session.letter_scale()
    _style(len(columns))
    with st.container(key="recommend_lists"):
        clickable_chart(
            cached_figure(
                (CHART, columns, answer.item, scale),
                lambda: lists_chart(columns, answer.item, scale),
            ),
            CHART,
            _clicked,
            selection_mode="points",
            config={"displayModeBar": False, "responsive": True},
            alt=describe_lists(columns),
        )
    _legend(answer)
    _regret(answer)


def blank(models: Sequence[str], places: int) -> None:
    """The lists to come of these models."""
    _style(len(models))
    with st.container(key="recommend_lists"):
        st.plotly_chart(
            blank_lists(models, places, session.letter_scale()),
            key=CHART,
            config={"displayModeBar": False, "responsive": True},
            alt="Empty lists, one for each model",
        )


def _style(columns: int) -> None:
    """On a narrow screen the lists scroll sideways in their own frame; names in the charts have the
    colour of the page's text in either scheme."""
    st.html(
        "<style>.st-key-recommend_lists {overflow-x: auto}"
        f".st-key-recommend_lists > * {{min-width: {least_width(columns)}px}}"
        # On a phone two lists are seen at a time.
        f"@media (max-width: 640px) {{.st-key-recommend_lists > * {{min-width: {columns * 50}vw}}}}"
        "[class*=st-key-recommend_] :is(.annotation-text, .bartext) {fill: currentColor !important}"
        "</style>"
    )


def search(answer: Answer) -> None:
    """Look at any item, in a list or not."""
    at = answer.listed if len(answer.first) > OFFERED else np.arange(len(answer.first))
    names = {str(answer.first.ids[i]): answer.first.names[i] for i in at.tolist()}
    names.setdefault(answer.item, answer.item_name)
    st.selectbox(
        "Look at",
        list(names),
        format_func=lambda item: names[item],
        label_visibility="collapsed",
        **bound("recommend.item", answer.item, lambda item: update(item=item)),
    )


def _columns(answer: Answer) -> list[ListColumn]:
    columns = []
    for number, one in enumerate(answer.models):
        ranking = answer.lists[number]
        earlier = answer.earlier[number] if answer.earlier is not None else None
        columns.append(ListColumn(one.model, one.name, _entries(answer, ranking, earlier)))
    if answer.truth is not None:
        truth = _entries(answer, answer.truth.ranking, None, answer.truth.probabilities)
        columns.append(ListColumn("truth", "Truth (planted)", truth))
    return columns


def _entries(
    answer: Answer, ranking: Ranking, earlier: Ranking | None, probabilities: Any = None
) -> list[Entry]:
    found = []
    shown = ranking.probabilities if probabilities is None else probabilities
    for at in ranking.top(answer.wanted.k).tolist():
        was = int(earlier.places[at]) if earlier is not None else OUT
        # New is what stood outside of this list; how far it came is in the table.
        is_new = earlier is not None and (was == OUT or was > answer.wanted.k)
        found.append(
            Entry(
                item=str(answer.first.ids[at]),
                name=answer.first.names[at],
                probability=float(shown[at]),
                note=_note(answer, at),
                seen=_seen_briefly(answer, at),
                moved=None if earlier is None or is_new else was - int(ranking.places[at]),
                is_new=is_new,
                mark=_mark(answer, at),
            )
        )
    return found


def _mark(answer: Answer, at: int) -> str:
    signs = []
    if answer.has[at]:
        signs.append("✓")
    if answer.truth is not None and answer.truth.exceptions[at]:
        signs.append(TRAP if answer.truth.exceptions[at] < 0 else MEMORY)
    return "".join(signs)


def _note(answer: Answer, at: int) -> str:
    """What hovering tells."""
    lines = [f"<b>{escape(answer.first.names[at])}</b>"]
    for name, value in list(answer.first.items.iloc[at].items())[:4]:
        lines.append(f"{escape(str(name))}: {escape(_cell(value))}")
    lines.append(escape(answer.seen(at)))
    places = [
        f"{one.name} {ranking.places[at] or '–'}"
        for one, ranking in zip(answer.models, answer.lists, strict=True)
    ]
    lines.append(escape("places: " + ", ".join(places)))
    if answer.truth is not None:
        lines.append(f"planted truth: {answer.truth.probabilities[at]:.0%}")
    return "<br>".join(lines)


def _seen_briefly(answer: Answer, at: int) -> str:
    if not answer.support.values:
        return ""
    rows = int(answer.support.rows[at])
    return f"seen {rows:,}×" if rows else "never seen"


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return "–" if np.isnan(value) else f"{value:.10g}"
    return str(value)


def _clicked() -> None:
    event: Any = st.session_state.get(CHART)
    points = event.get("selection", {}).get("points", []) if event else []
    item = next((p["customdata"] for p in points if p.get("customdata")), None)
    if isinstance(item, list | dict):
        item = item[0] if isinstance(item, list) else item.get("0")
    # A second click on the same place takes the mark away: it still means this item.
    item = item or st.session_state.get(CLICKED)
    if isinstance(item, str):
        st.session_state[CLICKED] = item
        update(item=item)


def _legend(answer: Answer) -> None:
    told = [
        "Click an app to see why. Lines join the same app. One training each: other seeds give "
        "other orders."
    ]
    if answer.earlier is not None:
        told.append("▲ rose, ▼ fell, new: not listed before your last change.")
    if answer.has[answer.listed].any():
        told.append("✓ already installed or taken.")
    if answer.truth is not None:
        told.append(
            f"{TRAP} planted trap: taste says yes, the planted truth says no. {MEMORY} planted "
            "exception that only memory can know."
        )
    st.caption(" ".join(told))


def lost_places(answer: Answer) -> None:
    """What the edit has pushed out of each list."""
    k, lists_, earlier = answer.wanted.k, answer.lists, answer.earlier
    if earlier is None:
        return
    told = []
    for number, one in enumerate(answer.models):
        gone, now = answer.left(number).tolist(), answer.lists[number]
        names = [f"{answer.first.names[at]} ({now.places[at] or 'not listed'})" for at in gone[:4]]
        more = f" and {len(gone) - 4} more" if len(gone) > 4 else ""
        if gone:
            told.append(f"**{plain(one.name)}**: {plain(', '.join(names) + more)}")
    if told:
        st.caption("Left the list (place now): " + " · ".join(told))
    elif all(np.array_equal(n.top(k), w.top(k)) for n, w in zip(lists_, earlier, strict=True)):
        st.caption("No list has changed.")


def _regret(answer: Answer) -> None:
    """How many installs each list is expected to miss, by the planted truth."""
    truth, k = answer.truth, answer.wanted.k
    if truth is None:
        return
    best = truth.probabilities[truth.ranking.top(k)].sum()
    told = []
    for one, ranking in zip(answer.models, answer.lists, strict=True):
        top = ranking.top(k)
        traps = int((truth.exceptions[top] < 0).sum())
        caught = "" if not traps else f", {traps} trap{'s' if traps > 1 else ''}"
        told.append(f"**{plain(one.name)}** misses {truth.regret(top, k):.2f}{caught}")
    st.markdown(
        f"By the planted truth the best {k} apps would be installed {best:.2f} times on average. "
        + " · ".join(told)
    )
