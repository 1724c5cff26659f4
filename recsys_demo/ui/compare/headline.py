"""The upper part of the room: the map, and what can be said of the models in sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st

from recsys_demo.charts.differences import difference_chart, difference_row
from recsys_demo.charts.paths import Place
from recsys_demo.charts.tradeoff import Dot, describe_map, is_crowded, tradeoff_map
from recsys_demo.evaluation import popularity
from recsys_demo.evaluation.slices import Slice
from recsys_demo.evaluation.verdicts import NOT_FOUND, NOT_YET
from recsys_demo.studies.comparison.leads import leads_sentence
from recsys_demo.studies.comparison.measures import Estimate, SliceRow
from recsys_demo.studies.comparison.models import Contender
from recsys_demo.studies.comparison.tables import slice_frame
from recsys_demo.ui import session, words
from recsys_demo.ui.chart_cache import cached_figure
from recsys_demo.ui.chart_panel import chart
from recsys_demo.ui.compare import measurements
from recsys_demo.ui.compare.choices import Control
from recsys_demo.ui.compare.measurements import Comparison
from recsys_demo.ui.compare.run_details import open_run
from recsys_demo.ui.earlier_dots import earlier_dots
from recsys_demo.ui.finding import finding
from recsys_demo.ui.live.dots import path
from recsys_demo.ui.live.travel_map import popularity_place, truth_place
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.models import Training
from recsys_demo.ui.rule_popover import rule_popover
from recsys_demo.ui.state import State

MAP = "compare.map"


def memory_slice(found: Comparison) -> tuple[str, str]:
    """The slice to be memorized and its name: planted exceptions where the test rows have any,
    else the pairs seen most."""
    there = {one.key for one in measurements.slices(found.data)}
    return words.PLANTED if words.PLANTED[0] in there else words.most_seen(found.data.train)


def places(found: Comparison) -> list[tuple[Slice, str]]:
    """The slices the room is about, and how sentences call them: to be memorized, never seen,
    all rows."""
    memory, name = memory_slice(found)
    called = {memory: name, "never": words.NEVER, "all": "all rows"}
    there = {one.key: one for one in measurements.slices(found.data)}
    return [(there[key], text) for key, text in called.items() if key in there]


def draw_map(state: State, wanted: Sequence[Training], found: Comparison, control: Control) -> None:
    """The map with intervals, the trail of earlier runs, ceiling and floor; a click opens a
    run."""
    memory, name = memory_slice(found)
    rows = {
        row.slice.key: row
        for row in measurements.metric_rows(found, [one for one, _ in places(found)], "auc")
    }
    if not {memory, "never"} <= rows.keys():
        missing = [n for key, n in ((memory, name), ("never", words.NEVER)) if key not in rows]
        st.info(words.no_map(missing))
        return
    recorded = {training.job_id: training for training in wanted}
    dots = [
        replace(
            _dot(model, rows["never"], rows[memory]),
            path=path(recorded[model.key], memory) if model.key in recorded else (),
        )
        for model in found.models
    ]
    ceiling, popular = truth_place(state, memory), popularity_place(state, memory)
    crowded = is_crowded(dots)
    zoom = crowded if control.now.zoom is None else control.now.zoom
    earlier = earlier_dots(found.data.fingerprint, dots, dots)
    title = words.memory_title(name)
    figure = cached_figure(
        (MAP, dots, title, earlier, ceiling, zoom, popular),
        lambda: tradeoff_map(
            dots,
            words.X_TITLE,
            title,
            trail=earlier,
            ceiling=ceiling,
            height=440,
            zoom=zoom,
            popularity=popular,
        ),
    )
    axes = (rows["never"], rows[memory])
    numbers = [slice_frame(axes, found.models, "auc"), _known_frame("popularity", axes, popular)]
    if ceiling is not None:
        numbers.append(_known_frame("the planted truth", axes, ceiling))
    told = describe_map(dots, ceiling, popular)
    chart(figure, MAP, told, pd.concat(numbers), partial(open_run, MAP))
    _below(control, zoom, crowded, _about_truth(found))


def _below(control: Control, zoom: bool, crowded: bool, truth: str) -> None:
    """What the map means, and where its axes begin."""
    if crowded or zoom:
        st.toggle(
            "Zoom in: axes do not begin at chance",
            **control.bound("zoom", zoom),
        )
    st.caption(
        "Click a dot to open its run. Bars: 95 % intervals; they combine sampling error and, with "
        "several seeds, seed-to-seed spread. Paths: epochs on validation rows. Hollow dots: "
        f"earlier runs. Grey asterisk: popularity alone. {truth}"
    )


def _about_truth(found: Comparison) -> str:
    if found.data.schema.negatives_per_positive is not None:
        return words.SAMPLED
    if found.data.world is None:
        return "The true probabilities of this log are unknown, so the map has no ceiling."
    if session.hidden("truth"):
        return "This log is synthetic (planted)."
    return (
        "This log is synthetic (planted): its exceptions and true probabilities are known, and the "
        "star shows what a model that knew them would score."
    )


def _dot(model: Contender, never: SliceRow, memory: SliceRow) -> Dot:
    x, y = never.estimates[model.key], memory.estimates[model.key]
    seeds = len(model.seeds)
    return Dot(
        model.model,
        math.nan if x is None else x.value,
        math.nan if y is None else y.value,
        _error(x),
        _error(y),
        note="one seed" if seeds == 1 else f"mean of {seeds} seeds",
        key=model.key,
        name=model.name,
    )


def _error(found: Estimate | None) -> tuple[float, float]:
    if found is None:
        return 0.0, 0.0
    return found.value - found.interval.low, found.interval.high - found.value


def _known_frame(name: str, axes: tuple[SliceRow, SliceRow], place: Place) -> pd.DataFrame:
    """What stands on the map beside the models."""
    records = [
        {
            "slice": row.slice.label,
            "rows": row.rows,
            "positives": row.positives,
            "model": name,
            "metric": "AUC",
            "mean": value,
        }
        for row, value in zip(axes, place, strict=True)
    ]
    return pd.DataFrame(records)


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
