"""Ready questions: one click trains what answers them, a sentence says the answer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import streamlit as st

from recsys_demo.charts.ablation import DotRow
from recsys_demo.config.run import RunConfig
from recsys_demo.evaluation.number_text import signed_number
from recsys_demo.folders import ROOT
from recsys_demo.studies.ablation import RETRAINED
from recsys_demo.studies.ablation.answers import Answer, Question, answer_of
from recsys_demo.studies.ablation.effects import with_spread
from recsys_demo.studies.ablation.findings import retrained_finding
from recsys_demo.studies.ablation.grid import BASE, Cell, Grid
from recsys_demo.studies.ablation.outcomes import METRIC_NAMES
from recsys_demo.studies.ablation.questions import QUESTIONS
from recsys_demo.ui import datasets, jobs, session
from recsys_demo.ui.ablate.choices import AblateChoices, choose, chosen
from recsys_demo.ui.ablate.grid_runs import GridProgress, begin, grid_progress, reader, run_bar
from recsys_demo.ui.ablate.models import grid_of, with_grid_shown
from recsys_demo.ui.ablate.results import (
    effect_chart,
    retrained_badge,
    rule,
    sentence,
)
from recsys_demo.ui.finding import FindingPlace
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.state import State, encode
from recsys_demo.ui.widgets import bound

GUESS = 0.5  # of AUC, either way: as far as one can be from chance
NOTHING = "-"  # the question that is open when all are closed
ROOMS = (("pages/compare.py", "Compare"), ("pages/train.py", "Train"))


def questions(state: State, choices: AblateChoices, base: RunConfig, said: FindingPlace) -> bool:
    """All questions with what is known of their answers, the one that is open first; whether
    anything is being trained."""
    schema = datasets.schema_of(state)
    cells = {q.key: q.cells(base, schema, state.fit) for q in QUESTIONS.values()}
    grids = {key: grid_of(asked, state, choices) for key, asked in cells.items()}
    stand = {key: grid_progress(grid, choices) for key, grid in grids.items()}
    answers = {key: _answer(QUESTIONS[key], grid) for key, grid in grids.items()}
    answered = next((key for key, answer in answers.items() if answer), "")
    shown = choices.question or answered
    said.say(plain(_finding(answers.get(shown), grids.get(shown), stand.get(shown))))
    first = next((key for key, now in stand.items() if now.idle), "")
    for key in sorted(stand, key=lambda key: key != shown):
        with st.container(border=True):
            place = key == first, shown
            _question(state, choices, QUESTIONS[key], stand[key], answers[key], place)
    rule()
    return any(now.busy for now in stand.values())


def _answer(question: Question, grid: Grid) -> Answer | None:
    return answer_of(question, reader().outcomes(grid), grid.cells)


def _finding(answer: Answer | None, grid: Grid | None, now: GridProgress | None) -> str:
    if answer and grid is not None:
        names = {cell.key: cell.label for cell in grid.cells}
        return retrained_finding(answer.effects, names, reader().outcomes(grid).slice_labels)
    if now is not None and now.busy:
        return "Training with the part and without it: the difference is what it is worth."
    return "A part is worth what is lost without it: guess first, then train and see."


def _question(
    state: State,
    choices: AblateChoices,
    question: Question,
    now: GridProgress,
    answer: Answer | None,
    place: tuple[bool, str],
) -> None:
    """`place`: whether it is the first to ask, and which question is open."""
    is_open = place[1] == question.key
    left, middle, right = st.columns([5, 3, 2], vertical_alignment="center")
    with left:
        st.markdown(f"**{question.label}**")
        if not answer:
            st.caption(question.why)
    with middle:
        _guess(state, choices, question, now)
    with right:
        _open_button(question, now, choices, is_open, place[0])
    if answer and is_open:
        _closer(answer, reader().outcomes(now.grid).slice_labels, now.grid.cells, choices, question)
    if answer:
        retrained_badge()
        sentence(answer.sentence)
    if not is_open:
        return
    run_bar(now, choices, f"question.{question.key}", "Train and see")
    if answer:
        _table(answer, reader().outcomes(now.grid).slice_labels, now.grid.cells, question.key)
        _link(state, now.grid.cells, question, choices.seeds)


def _guess(state: State, choices: AblateChoices, question: Question, now: GridProgress) -> None:
    """What a person expects, before it is trained; then what it was."""
    given = dict(choices.guesses).get(question.key)
    rows = datasets.memory_slice(state)[1]
    if now.done or now.busy:
        if given is not None:
            st.caption(f"You guessed a gain of {signed_number(given, 2)} in AUC on {plain(rows)}.")
        return
    key = f"ablate.guess.{question.key}"
    names = {cell.key: plain(cell.label) for cell in now.grid.cells}
    st.slider(
        f"Your guess: gain in AUC on {plain(rows)}",
        -GUESS,
        GUESS,
        step=0.01,
        format="%+.2f",
        **bound(key, given or 0.0, partial(_keep_guess, question.key)),
    )
    st.caption(f"{names[question.asked]}, compared with {names[BASE]}")


def _keep_guess(key: str, value: float) -> None:
    others = tuple(one for one in chosen(session.current()).guesses if one[0] != key)
    choose(guesses=(*others, (key, round(float(value), 2))))


def _open_button(
    question: Question, now: GridProgress, choices: AblateChoices, is_open: bool, first: bool
) -> None:
    begins = now.idle > 0 and not now.done
    if begins and is_open:
        return  # the same button stands below, with the time it takes
    verb = "Train and see" if begins else "Close" if is_open else "Look closer"
    jobs.start_button(
        verb,
        f"ablate.question.{question.key}",
        _close if is_open else partial(_ask, question.key, now, choices),
        type="primary" if first else "secondary",
        icon=None,
        width="stretch",
    )


def _close() -> None:
    choose(question=NOTHING)


def _ask(key: str, now: GridProgress, choices: AblateChoices) -> None:
    choose(question=key)
    if now.idle:
        begin(now.grid, choices)


def _closer(
    answer: Answer,
    slices: Mapping[str, str],
    cells: tuple[Cell, ...],
    choices: AblateChoices,
    question: Question,
) -> None:
    """The differences as dots, and hollow what was guessed of the first."""
    names = {cell.key: cell.label for cell in cells}
    guess = dict(choices.guesses).get(question.key)
    several = len({(effect.cell, effect.other) for effect in answer.effects}) > 1
    rows = [
        DotRow(
            label=(f"{names[e.cell]}: " if several else "") + slices.get(e.slice, e.slice),
            mean=e.difference.value,
            half=e.difference.half_width,
            values=e.differences,
            verdict=e.verdict,
            ghost=guess if e is answer.effects[0] else None,
            ghost_is="your guess",
        )
        for e in answer.effects
        if e.metric == "auc" and e.other == BASE
    ]
    effect_chart(rows, "auc", names[BASE], f"ablate.question.chart.{question.key}")


def _table(answer: Answer, slices: Mapping[str, str], cells: tuple[Cell, ...], key: str) -> None:
    names = {cell.key: cell.label for cell in cells}
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
