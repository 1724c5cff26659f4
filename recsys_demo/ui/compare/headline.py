"""The upper part of the room: the map, and what can be said of the models in sentences."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from recsys_demo.charts.differences import difference_chart, difference_row
from recsys_demo.evaluation import popularity
from recsys_demo.evaluation.verdicts import NOT_FOUND, NOT_YET
from recsys_demo.studies.comparison.leads import leads_sentence
from recsys_demo.studies.comparison.measures import SliceRow
from recsys_demo.studies.comparison.models import Contender
from recsys_demo.ui import session
from recsys_demo.ui.chart_cache import cached_figure
from recsys_demo.ui.compare import measurements
from recsys_demo.ui.compare.choices import Control
from recsys_demo.ui.compare.measurements import Comparison, places
from recsys_demo.ui.finding import finding
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.rule_popover import rule_popover


def _leads(found: Comparison) -> list[tuple[str, SliceRow]]:
    """The slices the room is about, with what the models score there."""
    rows = measurements.metric_rows(found, [one for one, _ in places(found)], "auc")
    return list(zip([name for _, name in places(found)], rows, strict=True))


def say(found: Comparison) -> None:
    """Who is best at remembering and who at generalizing, or why nobody is called that."""
    if len(found.models) < 2:
        finding("Only one model is trained. Train another to compare it with.")
        return
    names = {model.key: model.name for model in found.models}
    *apart, everything = _leads(found)
    told = {where: row.lead for where, row in (apart or [everything])}
    finding(plain(leads_sentence(told, names)))


def differences(found: Comparison, control: Control) -> None:
    """One model against another on each slice, against zero; in words behind a button."""
    if len(found.models) > 1:
        _against_zero(found, control)
    st.caption(
        plain(_about_popularity(found)), help=f"Popularity: {popularity.MEANING}. It knows nobody."
    )


def _against_zero(found: Comparison, control: Control) -> None:
    a, b = _pair_controls(found, control)
    if a is b:
        st.caption("Choose two different models.")
        return
    said = [measurements.verdict(found, a, b, one, where) for one, where in places(found)]
    rows = [
        difference_row(where, verdict, a.model, b.model)
        for (_, where), verdict in zip(places(found), said, strict=True)
    ]
    scale = session.letter_scale()
    figure = cached_figure(
        ("compare.differences", rows, a.name, b.name, scale),
        lambda: difference_chart(rows, a.name, b.name, scale),
    )
    st.plotly_chart(
        figure,
        key="compare.differences",
        theme=None,
        config={"displayModeBar": False, "responsive": True},
        alt=" ".join(verdict.sentence for verdict in said),
    )
    with st.container(horizontal=True):
        with st.popover("In words", type="tertiary", icon=":material/notes:"):
            lines = [_lead(row, where, found.models) for where, row in _leads(found)]
            lines += [plain(verdict.sentence) for verdict in said]
            st.markdown("\n".join(f"- {line}" for line in lines))
        rule_popover()


def _about_popularity(found: Comparison) -> str:
    """Whether the model with the highest AUC on all rows beats the items' own rates."""
    everything = [measurements.slice_of(found, "all")]
    (row,) = measurements.metric_rows(found, everything, "auc")
    (popular,) = measurements.popularity_rows(found.data, everything, "auc")
    reached = popular.estimates[popularity.KEY]
    known = {model.key: one.value for model in found.models if (one := row.estimates[model.key])}
    if reached is None or not known:
        return ""
    best = found.by_key[max(known, key=lambda key: known[key])]
    judged = measurements.against_popularity(found, best).finding
    said = {
        NOT_YET: f"whether {best.name} is better {NOT_YET}",
        NOT_FOUND: f"{best.name} {NOT_FOUND} from it",
    }.get(judged, f"{best.name} is {judged}")
    return f"Popularity alone reaches {reached.value:.3f} on all rows: {said}."


def _lead(row: SliceRow, where: str, models: Sequence[Contender]) -> str:
    """`Best on planted exceptions: Wide (0.881)`, or why no model is called that."""
    names = {model.key: plain(model.name) for model in models}
    where = plain(where)
    if row.lead is None:
        return f"On {where} the AUC has no value: too few rows, or one class only."
    best = row.estimates[row.lead.best]
    assert best is not None  # it leads
    first = f"**{names[row.lead.best]}** ({best.value:.3f})"
    if row.lead.winner is not None:
        return f"Best on {where}: {first}."
    if row.lead.unsaid:
        return f"Highest AUC on {where}: {first}; which model is best {NOT_YET}."
    *most, last = (names[key] for key in row.lead.apart_from)
    others = f"{', '.join(most)} or {last}" if most else last
    return f"Highest AUC on {where}: {first}, which {NOT_FOUND} from {others}."


def _pair_controls(found: Comparison, control: Control) -> tuple[Contender, Contender]:
    """Which two models are compared."""
    a, b = pair(found, control)
    names = {model.key: model.name for model in found.models}
    for column, title, name, model in zip(
        st.columns(2), ("Compare", "with"), ("a", "b"), (a, b), strict=True
    ):
        with column:
            st.selectbox(
                title,
                list(names),
                format_func=names.__getitem__,
                **control.bound(name, model.key),
            )
    return a, b


def pair(found: Comparison, control: Control) -> tuple[Contender, Contender]:
    """The two models chosen; else Wide & Deep and Deep, else the first two."""
    by_key = found.by_key
    by_model = {model.model: model for model in reversed(found.models)}
    first = by_model.get("wide_deep", found.models[0])
    second = by_model.get("deep", found.models[-1])
    if first is second:
        second = next(model for model in found.models if model is not first)
    choices = control.now
    return by_key.get(choices.a, first), by_key.get(choices.b, second)
