"""The Ablate room from top to bottom."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from recsys_demo.charts.theme import label
from recsys_demo.config.run import RunConfig
from recsys_demo.ui import jobs, session
from recsys_demo.ui.ablate.choices import AblateChoices, choice, chosen
from recsys_demo.ui.ablate.dials import dial_section
from recsys_demo.ui.ablate.grid_runs import cluster
from recsys_demo.ui.ablate.grids import builder, component_shares, grid
from recsys_demo.ui.ablate.models import base_of, bases
from recsys_demo.ui.ablate.questions import questions
from recsys_demo.ui.ablate.switchboard import switchboard, variant_section
from recsys_demo.ui.finding import FindingPlace
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.state import State

_BUSY = "ablate.busy"
EXPERIMENTS = {"retrained": "Retrained", "off": "Switched off"}
MEANINGS = {
    "retrained": "**Retrained**: the model learns again without the part, with the same budget and "
    "the same seeds. What is left has the chance to take over.",
    "off": "**Switched off, not retrained**: the trained model, with the part's logit given "
    "another weight. What is left had no chance to take over.",
}
ASKS = {
    "questions": "Ready questions",
    "flip": "Flip a switch",
    "grid": "Grid of switches",
    "shares": "Shares of the components",
}
Live = Callable[[State, AblateChoices, RunConfig, FindingPlace], bool]
LIVE: Mapping[str, Live] = {
    "questions": questions,
    "flip": variant_section,
    "grid": grid,
    "shares": component_shares,
}
BESIDE = {"flip": switchboard, "grid": builder}


def ablate_room(state: State) -> None:
    """Two experiments, never side by side: what was found, then what was asked."""
    choices = chosen(state)
    base = base_of(state, choices)
    said = FindingPlace("ablate")
    _top(state, choices, base)
    if choices.experiment == "off":
        if base.model.alone:
            _no_parts(base, said)
        else:
            dial_section(state, choices, base, said)
    elif choices.ask == "shares" and base.model.alone:
        _no_parts(base, said)
    else:
        _asked(state, choices, base, said)


def _asked(state: State, choices: AblateChoices, base: RunConfig, said: FindingPlace) -> None:
    """The answer, and beside it the switches that it is about."""
    beside = BESIDE.get(choices.ask)
    if beside is None:
        _follow(state, choices, base, said)
        return
    left, right = st.columns(2, gap="medium")
    with left:
        _follow(state, choices, base, said)
    with right:
        beside(state, choices, base)


def _no_parts(base: RunConfig, said: FindingPlace) -> None:
    said.clear()
    st.info(
        f"{plain(label(base.model.name))} cannot be taken apart here: the logit is no sum of "
        "components. Choose another model above, or hide a field from this one under Flip a "
        "switch.",
        icon=":material/toggle_off:",
    )


def _follow(state: State, choices: AblateChoices, base: RunConfig, said: FindingPlace) -> None:
    """The live part, redrawn while something trains."""
    show = LIVE[choices.ask]

    def draw() -> None:
        st.session_state[_BUSY] = show(state, choices, base, said)

    jobs.watched(
        "ablate.live", lambda: jobs.TICK_SECONDS if st.session_state.get(_BUSY) else None, draw
    )


def _top(state: State, choices: AblateChoices, base: RunConfig) -> None:
    retrained = choices.experiment == "retrained"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if not session.hidden("ablate.experiment"):
            _segments("Experiment", EXPERIMENTS, "experiment", choices.experiment)
        if retrained and not session.hidden("ablate.ask"):
            _segments("Ask", ASKS, "ask", choices.ask)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        # The ready questions are about presets.
        if not (retrained and choices.ask == "questions") and not session.hidden("ablate.model"):
            st.selectbox(
                "Model",
                list(bases(state)),
                format_func=lambda name: plain(label(name)),
                help="One of the models of the Train room, with its settings and crosses",
                width=240,
                **choice("model", base.model.name),
            )
        if retrained:
            _budget(choices)
    st.caption(MEANINGS[choices.experiment])


def _segments(name: str, offered: Mapping[str, str], key: str, now: str) -> None:
    st.segmented_control(
        name,
        list(offered),
        format_func=lambda one: offered[one],
        required=True,
        label_visibility="collapsed",
        **choice(key, now),
    )


def _budget(choices: AblateChoices) -> None:
    if not session.hidden("ablate.seeds"):
        st.number_input(
            "Seeds",
            min_value=1,
            max_value=20,
            step=1,
            width=130,
            help="Trainings of each model: it takes three or more to tell a difference from chance",
            **choice("seeds", choices.seeds),
        )
    if cluster():
        st.toggle(
            f"Train on {cluster()}",
            help="The Dask cluster of this server, else its own worker processes",
            **choice("cluster", choices.cluster),
        )
