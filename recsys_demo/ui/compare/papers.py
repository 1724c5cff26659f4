"""The honesty panel: what papers print, what came out here, what does not reproduce."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import streamlit as st

from recsys_demo.config.presets import PRESETS
from recsys_demo.evaluation.papers import TABLES, PaperTable
from recsys_demo.studies.comparison.claims import (
    OUTCOMES,
    ClaimCheck,
    check,
    claim_frame,
    missing_presets,
)
from recsys_demo.ui import jobs, models, session
from recsys_demo.ui.chart_panel import files
from recsys_demo.ui.compare import measurements
from recsys_demo.ui.compare.choices import Control
from recsys_demo.ui.compare.measurements import KEYED, Comparison
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.state import State


def papers_section(state: State, found: Comparison, control: Control) -> None:
    """What the papers claim against these runs, then every printed table with its source."""
    del state, control
    checked = _checked(found)
    _reproduced(checked, found)
    for number, table in enumerate(TABLES):
        _printed(table, number, found)


@st.cache_resource(max_entries=12, show_spinner="Comparing ...", hash_funcs=KEYED)
def _checked(found: Comparison) -> list[ClaimCheck]:
    return check(found.models, found.data.test.labels, measurements.slice_of(found, "all"))


def _reproduced(checked: list[ClaimCheck], found: Comparison) -> None:
    st.markdown(f"**Does it hold on {plain(found.data.name)}?**")
    counts = Counter(one.outcome for one in checked)
    told = " · ".join(f"{counts[outcome]} {outcome}" for outcome in OUTCOMES if counts[outcome])
    frame = pd.DataFrame(
        [
            {
                "a paper says": plain(one.claim.text),
                "its numbers": plain(one.claim.numbers),
                "source": plain(one.claim.source),
                "": plain(one.outcome) if one.outcome == "holds here" else f"**{one.outcome}**",
                "these runs": plain(one.here),
            }
            for one in checked
        ]
    )
    st.table(frame, hide_index=True, border="horizontal")
    st.caption(
        f"{told}. Over all test rows, by the rule of the sentences above. Whatever comes out here "
        "says something about these data and settings; it neither confirms nor refutes a paper, "
        "whose data nobody else has. What the paper found online stands in *Online test*."
        + _planted(found)
    )
    files("compare.claims", claim_frame(checked))
    _train_missing(missing_presets(checked))


def _train_missing(missing: list[str]) -> None:
    """The button that adds the models which claims are about."""
    there = [model for model in session.current().models if isinstance(model, str)]
    added = [preset for preset in missing if preset not in there]
    room = 12 - len(session.current().models)
    if not added or room < len(added):
        return
    names = ", ".join(PRESETS[preset].label for preset in added)
    jobs.start_button(
        f"Train {names} too", "compare.papers.train", _add, tuple(added), type="secondary"
    )


def _add(presets: tuple[str, ...]) -> None:
    session.change(models=(*session.current().models, *presets))
    models.train(models.trainings(session.current()))


def _planted(found: Comparison) -> str:
    if found.data.world is None:
        return ""
    return " This log is synthetic: how much there is to memorize was chosen, not found."


def _printed(table: PaperTable, number: int, found: Comparison) -> None:
    ours = {model.model: model for model in reversed(found.models)}
    known = {
        row.slice.key: row
        for row in measurements.metric_rows(found, [measurements.slice_of(found, "all")], "auc")
    }["all"]
    records = []
    for name, numbers in table.rows:
        model = ours.get(table.presets.get(name, ""))
        auc = None if model is None else known.estimates[model.key]
        cells = dict(zip(table.columns, (n or "–" for n in numbers), strict=True))
        here = {f"test AUC on {found.data.name}": "–" if auc is None else f"{auc.value:.4f}"}
        records.append({"": name, **cells, **(here if table.presets else {})})
    frame = pd.DataFrame(records)
    st.markdown(f"**{plain(table.title)}**")
    st.table(frame.map(plain).rename(columns=plain), hide_index=True, border="horizontal")
    st.caption(f"{plain(table.source)}. {plain(table.about)}")
    files(f"compare.paper.{number}", frame)
