"""The lists side by side, and what moved."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from recsys_demo.charts.recommend import Entry, ListColumn, describe_lists, least_width, lists_chart
from recsys_demo.charts.theme import escape
from recsys_demo.recommendation.recommender import OUT, Ranking
from recsys_demo.ui import session
from recsys_demo.ui.chart_cache import cached_figure
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.messages import guarded
from recsys_demo.ui.recommend.choices import RecommendChoices, update
from recsys_demo.ui.recommend.scene import Scene
from recsys_demo.ui.widgets import bound

CHART, CLICKED = "recommend.lists", "recommend.clicked"
TRAP, MEMORY = "⚠", "★"
OFFERED = 5_000  # items in the search box; of a larger catalogue only those in a list


def list_controls(scene: Scene) -> None:
    """Length, installed items, truth."""
    if session.hidden("lists"):
        return
    field = RecommendChoices.model_fields["k"]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.number_input(
            "Length of the lists",
            3,
            30,
            step=1,
            width=150,
            help=field.description,
            **bound("recommend.k", scene.choices.k, lambda k: update(k=int(k))),
        )
        st.toggle(
            "Show what they have already",
            help="Installed apps stay in the lists, or what this person took in training rows "
            "where the log has no list of installed apps.",
            **bound("recommend.keep", scene.keep, lambda keep: update(keep=bool(keep))),
        )
        if scene.data.world is not None and not session.hidden("truth"):
            st.toggle(
                "Reveal the truth",
                help="The sample set is planted: the best list is known, and so are the traps.",
                **bound("recommend.reveal", scene.choices.reveal, lambda on: update(reveal=on)),
            )


def lists(scene: Scene) -> None:
    """The chart; a click chooses the item looked at."""
    columns = _columns(scene)
    _style(len(columns))
    with st.container(key="recommend_lists"):
        st.plotly_chart(
            cached_figure((CHART, columns, scene.item), lambda: lists_chart(columns, scene.item)),
            key=CHART,
            on_select=guarded(_clicked),
            selection_mode="points",
            config={"displayModeBar": False, "responsive": True},
            alt=describe_lists(columns),
        )
    _legend(scene)
    _fallen(scene)
    _regret(scene)


def _style(columns: int) -> None:
    """On a narrow screen the lists scroll sideways in their own frame; names in the charts have the
    colour of the page's text in either scheme."""
    st.html(
        "<style>.st-key-recommend_lists {overflow-x: auto}"
        f".st-key-recommend_lists > * {{min-width: {least_width(columns)}px}}"
        "[class*=st-key-recommend_] .annotation-text {fill: currentColor !important}</style>"
    )


def search(scene: Scene) -> None:
    """Look at any item, in a list or not."""
    at = scene.listed if len(scene.first) > OFFERED else np.arange(len(scene.first))
    names = {str(scene.first.ids[i]): scene.first.names[i] for i in at.tolist()}
    names.setdefault(scene.item, scene.item_name)
    st.selectbox(
        "Look at",
        list(names),
        format_func=lambda item: names[item],
        help="Or click an app in a list.",
        **bound("recommend.item", scene.item, lambda item: update(item=item)),
    )


def _columns(scene: Scene) -> list[ListColumn]:
    columns = []
    for number, one in enumerate(scene.served):
        ranking = scene.rankings[number]
        earlier = scene.earlier[number] if scene.earlier is not None else None
        columns.append(ListColumn(one.model, one.name, _entries(scene, ranking, earlier)))
    if scene.truth is not None:
        truth = _entries(scene, scene.truth.ranking, None, scene.truth.probabilities)
        columns.append(ListColumn("truth", "Truth (planted)", truth))
    return columns


def _entries(
    scene: Scene, ranking: Ranking, earlier: Ranking | None, probabilities: Any = None
) -> list[Entry]:
    found = []
    shown = ranking.probabilities if probabilities is None else probabilities
    for at in ranking.top(scene.choices.k).tolist():
        was = int(earlier.places[at]) if earlier is not None else OUT
        # New is what stood outside of this list; how far it came is in the table.
        is_new = earlier is not None and (was == OUT or was > scene.choices.k)
        found.append(
            Entry(
                item=str(scene.first.ids[at]),
                name=scene.first.names[at],
                probability=float(shown[at]),
                note=_note(scene, at),
                seen=_seen_briefly(scene, at),
                moved=None if earlier is None or is_new else was - int(ranking.places[at]),
                is_new=is_new,
                mark=_mark(scene, at),
            )
        )
    return found


def _mark(scene: Scene, at: int) -> str:
    signs = []
    if scene.has[at]:
        signs.append("✓")
    if scene.truth is not None and scene.truth.exceptions[at]:
        signs.append(TRAP if scene.truth.exceptions[at] < 0 else MEMORY)
    return "".join(signs)


def _note(scene: Scene, at: int) -> str:
    """What hovering tells."""
    lines = [f"<b>{escape(scene.first.names[at])}</b>"]
    for name, value in list(scene.first.items.iloc[at].items())[:4]:
        lines.append(f"{escape(str(name))}: {escape(_cell(value))}")
    lines.append(escape(seen(scene, at)))
    places = [
        f"{one.name} {ranking.places[at] or '–'}"
        for one, ranking in zip(scene.served, scene.rankings, strict=True)
    ]
    lines.append(escape("places: " + ", ".join(places)))
    if scene.truth is not None:
        lines.append(f"planted truth: {scene.truth.probabilities[at]:.0%}")
    return "<br>".join(lines)


def seen(scene: Scene, at: int) -> str:
    """How often the log has seen the pair."""
    rows, pair = int(scene.support.rows[at]), scene.knowledge.pair
    if pair is None or not scene.support.values:
        return f"shown {int(scene.knowledge.shown_rows[at]):,} times"
    if not rows:
        return "pair never seen"
    value = scene.support.values[int(scene.support.which[at])]
    return f"seen {rows:,} times with {pair}={scene.first.readable(pair, value)}"


def _seen_briefly(scene: Scene, at: int) -> str:
    if not scene.support.values:
        return ""
    rows = int(scene.support.rows[at])
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


def _legend(scene: Scene) -> None:
    told = ["Click an app to see why. Lines join the same app in neighbouring lists."]
    if scene.earlier is not None:
        told.append("▲ rose, ▼ fell, new: against before your last change.")
    if scene.has[scene.listed].any():
        told.append("✓ they have it already.")
    if scene.truth is not None:
        told.append(
            f"{TRAP} planted trap: taste says yes, the planted truth says no. {MEMORY} planted "
            "exception that only memory can know."
        )
    st.caption(" ".join(told))


def _fallen(scene: Scene) -> None:
    """What the edit has pushed out of each list."""
    if scene.earlier is None:
        return
    k, told = scene.choices.k, []
    for one, now, was in zip(scene.served, scene.rankings, scene.earlier, strict=True):
        gone = [at for at in was.top(k).tolist() if now.places[at] == OUT or now.places[at] > k]
        names = [f"{scene.first.names[at]} ({now.places[at] or 'not listed'})" for at in gone[:4]]
        more = f" and {len(gone) - 4} more" if len(gone) > 4 else ""
        if gone:
            told.append(f"**{plain(one.name)}**: {plain(', '.join(names) + more)}")
    if told:
        st.caption("Left the list (place now): " + " · ".join(told))
    elif all((n.order[:k] == w.order[:k]).all() for n, w in _same_length(scene)):
        st.caption("No list has changed.")


def _same_length(scene: Scene) -> list[tuple[Ranking, Ranking]]:
    pairs = zip(scene.rankings, scene.earlier or [], strict=True)
    return [(n, w) for n, w in pairs if len(n.top(scene.choices.k)) == len(w.top(scene.choices.k))]


def _regret(scene: Scene) -> None:
    """How many installs each list is expected to miss, by the planted truth."""
    truth, k = scene.truth, scene.choices.k
    if truth is None:
        return
    best = truth.probabilities[truth.ranking.top(k)].sum()
    told = []
    for one, ranking in zip(scene.served, scene.rankings, strict=True):
        top = ranking.top(k)
        traps = int((truth.exceptions[top] < 0).sum())
        caught = "" if not traps else f", {traps} trap{'s' if traps > 1 else ''}"
        told.append(f"**{plain(one.name)}** misses {truth.regret(top, k):.2f}{caught}")
    st.markdown(
        f"By the planted truth the best {k} apps would be installed {best:.2f} times on average. "
        + " · ".join(told)
    )
