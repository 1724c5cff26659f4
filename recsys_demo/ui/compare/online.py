"""The simulated online test beside offline AUC and the paper's Table 1."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from recsys_demo.charts.intervals import Series, describe, dot_plot
from recsys_demo.evaluation.papers import OFFLINE, ONLINE, WD_ONLINE
from recsys_demo.studies.comparison.models import Contender
from recsys_demo.studies.comparison.online_arms import (
    KINDS,
    OnlineArm,
    gain_story,
    online_arms,
    online_frame,
    paper_story,
)
from recsys_demo.ui import models, session
from recsys_demo.ui.chart_panel import chart
from recsys_demo.ui.compare import measurements
from recsys_demo.ui.compare.choices import MOST_PLACES, Control
from recsys_demo.ui.compare.disagreement import begin_lists, offer_disagreement
from recsys_demo.ui.compare.lists import lists_of_models, lists_spec
from recsys_demo.ui.compare.measurements import Comparison
from recsys_demo.ui.content_cache import by_key
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.state import State


def online_section(state: State, found: Comparison, control: Control) -> None:
    """Gains over the control, what came out, and why."""
    if not session.hidden("truth"):
        offer_disagreement(state)
    if found.data.world is None:
        st.info(
            "This part needs the truth. Visitors of the simulated test install by the true "
            "probability of every app, which only the planted sample set knows; for this log "
            "nobody does.",
            icon=":material/science:",
        )
        return
    if session.hidden("truth"):
        st.info("Visitors of this test know the planted truth, which this lesson hides.")
        return
    st.warning(
        "A simulation on planted data, not an online test: invented visitors install by the "
        "planted probability, and every visitor meets every model.",
        icon=":material/science:",
    )
    base = _control(found, control)
    _settings(found, control, base)
    if all(training.is_done for training in models.trainings(state)):
        begin_lists(lists_spec(found, control))
    made = lists_of_models(found, control)
    if made is None:
        return
    config = control.now.online
    arms = _arms(
        (found.key, found.data.fingerprint, base.key, config, made[0].id),
        found.models,
        made[1],
        base,
        config,
    )
    _chart(arms, found, base)
    _table(arms, found, base)
    _stories(arms, found, base)


def _control(found: Comparison, control: Control) -> Contender:
    """The chosen control; else Wide, as in the paper; else the first model."""
    wide = next((model for model in found.models if model.model == "wide"), found.models[0])
    return found.by_key.get(control.now.control, wide)


def _settings(found: Comparison, control: Control, base: Contender) -> None:
    names = {model.key: model.name for model in found.models}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Control",
            list(names),
            format_func=names.__getitem__,
            width=170,
            **control.bound("control", base.key),
        )
        st.slider("Places in a list (k)", 1, MOST_PLACES, width=220, **control.bound("k"))
        st.slider(
            "Position effect",
            0.0,
            2.0,
            step=0.1,
            width=220,
            help="How quickly attention falls down a list: place r is looked at with probability "
            "r to the power of minus this number. 0: every place is looked at.",
            **control.bound("decay"),
        )
        st.number_input(
            "Visitors",
            min_value=100,
            max_value=200_000,
            step=10_000,
            width=140,
            **control.bound("visitors"),
        )


_arms = by_key(20, "Simulating visitors ...")(online_arms)


def _chart(arms: Sequence[OnlineArm], found: Comparison, base: Contender) -> None:
    contenders = found.by_key
    others = [arm for arm in arms if arm.model != base.key]
    if not others:
        st.info("Only the control is trained: there is nothing to compare it with.")
        models.model_button("deep" if base.model != "deep" else "wide", "compare.online.other")
        return
    names = [contenders[arm.model].name for arm in others]
    nothing = math.nan
    series = [
        Series(
            contenders[arm.model].model,
            contenders[arm.model].name,
            [arm.gain.value if other is arm else nothing for other in others],
            [arm.gain.low if other is arm else nothing for other in others],
            [arm.gain.high if other is arm else nothing for other in others],
        )
        for arm in others
    ]
    title = f"simulated gain in installs over {base.name}, %"
    figure = dot_plot(names, series, title, zero=0.0, number=".2f", legend=False)
    chart(
        figure, "compare.online", describe(names, series, title), online_frame(arms, found.models)
    )


def _table(arms: Sequence[OnlineArm], found: Comparison, base: Contender) -> None:
    all_rows = measurements.metric_rows(found, [measurements.slice_of(found, "all")], "auc")[0]
    rows = []
    for arm in arms:
        model = found.by_key[arm.model]
        auc = all_rows.estimates[arm.model]
        paper = [WD_ONLINE.number(model.model, column) for column in (OFFLINE, ONLINE)]
        rows.append(
            {
                "": plain(model.name),
                "offline AUC here": "–" if auc is None else f"{auc.value:.3f}",
                "simulated gain here": "control" if model is base else _percent(arm),
                **{f"places with {KINDS[k]}": _share(arm, k) for k in KINDS if k != "seen"},
                "paper: offline AUC": "–" if paper[0] is None else f"{paper[0]:.3f}",
                "paper: online gain": "–" if paper[1] is None else f"{paper[1]:+.1f} %",
            }
        )
    st.table(pd.DataFrame(rows), hide_index=True, border="horizontal")
    st.caption(f"Paper: {plain(WD_ONLINE.source)}. {plain(WD_ONLINE.about)}")


def _percent(arm: OnlineArm) -> str:
    return f"{arm.gain.value:+.1f} % ({arm.gain.low:+.1f} to {arm.gain.high:+.1f})"


def _share(arm: OnlineArm, kind: str) -> str:
    total = sum(one.places for one in arm.kinds.values())
    return f"{arm.kinds[kind].places / total:.0%}" if total else "–"


def _stories(arms: Sequence[OnlineArm], found: Comparison, base: Contender) -> None:
    """What came out, in sentences made from the numbers."""
    all_rows = measurements.slice_of(found, "all")
    st.markdown("**Results and reasons**")
    lines = []
    for arm in arms:
        model = found.by_key[arm.model]
        if model is base:
            continue
        offline = measurements.verdict(found, model, base, all_rows, "all rows")
        lines.append(f"- {plain(gain_story(model.name, base.name, arm, offline))}")
        story = paper_story(model.model, base.model, arm, offline)
        if story:
            lines.append(f"    - {plain(story)}")
    st.markdown("\n".join(lines))
    st.caption(
        "The points add up to the expected gain: installs from places of a kind minus the "
        "control's installs from such places, in percent of the control's. Offline AUC judges "
        "rows the log chose to show; a list is made from the whole catalogue, and only its top "
        "counts."
    )
