"""Ready questions: one click trains what answers them, a sentence says the answer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import streamlit as st

from recsys_demo.charts.ablation import DotRow
from recsys_demo.config.run import RunConfig
from recsys_demo.folders import ROOT
from recsys_demo.studies.ablation import RETRAINED
from recsys_demo.studies.ablation.answers import Answer, Question, answer_of
from recsys_demo.studies.ablation.effects import with_spread
from recsys_demo.studies.ablation.grid import BASE, Cell
from recsys_demo.studies.ablation.questions import QUESTIONS
from recsys_demo.ui import datasets, jobs, session
from recsys_demo.ui.ablate.choices import AblateChoices, choose
from recsys_demo.ui.ablate.grid_runs import GridProgress, begin, grid_progress, reader, run_bar
from recsys_demo.ui.ablate.models import grid_of, with_grid_shown
from recsys_demo.ui.ablate.results import (
    METRIC_NAMES,
    effect_chart,
    retrained_badge,
    rule,
    sentence,
)
from recsys_demo.ui.state import State, encode

ROOMS = (("pages/compare.py", "Compare"), ("pages/train.py", "Train"))


def questions(state: State, choices: AblateChoices, base: RunConfig) -> bool:
    """All questions with what is known of their answers; whether anything is being trained."""
    schema = datasets.schema_of(state)
    grids = {q.key: grid_of(q.cells(base, schema), state, choices) for q in QUESTIONS.values()}
    stand = {key: grid_progress(grid, choices) for key, grid in grids.items()}
    first = next((key for key, now in stand.items() if now.idle), "")
    for key, now in stand.items():
        with st.container(border=True):
            _question(state, choices, QUESTIONS[key], now, key == first)
    rule()
    return any(now.busy for now in stand.values())


def _question(
    state: State, choices: AblateChoices, question: Question, now: GridProgress, first: bool
) -> None:
    grid = now.grid
    outcomes = reader().outcomes(grid)
    answer = answer_of(question, outcomes, grid.cells)
    is_open = choices.question == question.key
    left, right = st.columns([5, 1], vertical_alignment="center")
    with left:
        st.markdown(f"**{question.label}**")
        if not answer:
            st.caption(question.why)
    with right:
        _open_button(question, now, choices, is_open, first)
    if answer:
        retrained_badge()
        sentence(answer.sentence)
    if not is_open:
        return
    run_bar(now, choices, f"question.{question.key}", "Answer it")
    if answer:
        _closer(answer, outcomes.slice_labels, grid.cells, question.key)
        _link(state, grid.cells, question, choices.seeds)


def _open_button(
    question: Question, now: GridProgress, choices: AblateChoices, is_open: bool, first: bool
) -> None:
    verb = "Close" if is_open else "Answer" if now.idle else "Look closer"
    jobs.start_button(
        verb,
        f"ablate.question.{question.key}",
        _close if is_open else partial(_ask, question.key, now, choices),
        type="primary" if first and not is_open else "secondary",
        icon=None,
        width="stretch",
    )


def _close() -> None:
    choose(question="")


def _ask(key: str, now: GridProgress, choices: AblateChoices) -> None:
    choose(question=key)
    if now.idle:
        begin(now.grid, choices)


def _closer(answer: Answer, slices: Mapping[str, str], cells: tuple[Cell, ...], key: str) -> None:
    names = {cell.key: cell.label for cell in cells}
    several = len({(effect.cell, effect.other) for effect in answer.effects}) > 1
    rows = [
        DotRow(
            label=(f"{names[e.cell]}: " if several else "") + slices.get(e.slice, e.slice),
            mean=e.difference.value,
            half=e.difference.half_width,
            values=e.differences,
            verdict=e.verdict,
        )
        for e in answer.effects
        if e.metric == "auc" and e.other == BASE
    ]
    effect_chart(rows, "auc", names[BASE], f"ablate.question.chart.{key}")
    st.dataframe(
        [
            {
                RETRAINED: names[e.cell],
                "on": slices.get(e.slice, e.slice),
                "metric": METRIC_NAMES[e.metric],
                "its value": with_spread(e.changed),
                "against": names[e.other],
                "whose value": with_spread(e.base),
                "difference": with_spread(e.difference, sign="+"),
                "verdict": e.verdict,
            }
            for e in answer.effects
        ],
        hide_index=True,
        key=f"ablate.question.table.{key}",
    )


def _link(state: State, cells: tuple[Cell, ...], question: Question, seeds: int) -> None:
    """To the room that shows these very models."""
    file, room = next((f, r) for f, r in ROOMS if (ROOT / f).exists())
    if st.button(
        f"Open these models in {room}",
        key=f"ablate.question.link.{question.key}",
        icon=":material/arrow_forward:",
        type="tertiary",
    ):
        shown = with_grid_shown(state, cells, seeds)
        session.put(shown)
        st.switch_page(file, query_params=encode(shown))
