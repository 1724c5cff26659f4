"""The crosses a cross network has invented, beside the person's and the planted ones."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from recsys_demo.charts import learned_crosses as charts
from recsys_demo.charts.theme import label
from recsys_demo.config.model import ModelConfig
from recsys_demo.config.presets import PRESETS
from recsys_demo.data.planted.truth import planted_pairs
from recsys_demo.data.specs import SampleSpec
from recsys_demo.features.crosses import Cross
from recsys_demo.limits import Limits
from recsys_demo.studies.crosses.entries import Entries, active, added, is_there
from recsys_demo.studies.crosses.learned import (
    LearnedCrosses,
    Pair,
    crossed_pairs,
    finding_sentence,
    learned_crosses,
)
from recsys_demo.training.runs import load_stored
from recsys_demo.ui import datasets, jobs, models, session
from recsys_demo.ui.chart_panel import chart
from recsys_demo.ui.content_cache import by_key
from recsys_demo.ui.crosses.choices import CrossesChoices
from recsys_demo.ui.crosses.entries import change, kept
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.models import Training
from recsys_demo.ui.room_choices import RoomChoices
from recsys_demo.ui.state import State

PRESET, WIDE = "cross_net", "wide"
KEPT = 20


def learned_section(
    state: State, entries: Entries, choices: RoomChoices[CrossesChoices], limits: Limits
) -> None:
    """Train a cross network, see which fields it multiplies, and cross them by hand."""
    wanted = models.trainings(_with_models(state, _model(state)))
    busy = [training for training in wanted if training.is_busy]
    done = [training for training in wanted if training.is_done]
    name = label(wanted[0].model)
    if busy:
        models.watched_trainings("crosses.learning", busy)
        return
    if not done:
        st.markdown(
            "A cross network multiplies the vectors of all fields with each other, and learns by "
            "which weights. Train one, and see which crosses it has invented."
        )
        models.show_ended(wanted)
        jobs.start_button(f"Train {plain(name)}", "crosses.learned", models.train, wanted)
        return
    learned = _learned([t.job_id for t in done], [t.run_folder for t in done])
    own = crossed_pairs(active(entries), datasets.schema_of(state), limits)
    _shown(learned, name, own, _planted(state, choices))
    ranked = learned.ranked
    if ranked:
        _by_hand(state, entries, ranked[0][0], limits)
    _explained(len(done))


def _model(state: State) -> str | ModelConfig:
    """The first of the chosen models with a cross network, else the preset of that name."""
    for model in state.models:
        config = PRESETS[model].model if isinstance(model, str) else model
        if config.has("cross_network"):
            return model
    return PRESET


def _with_models(state: State, *chosen: str | ModelConfig) -> State:
    return state.model_copy(update={"models": chosen})


@by_key(KEPT)
def _learned(folders: Sequence[Path]) -> LearnedCrosses:
    return learned_crosses([load_stored(folder) for folder in folders])


def _planted(state: State, choices: RoomChoices[CrossesChoices]) -> set[Pair] | None:
    """The planted pairs once they are revealed, None before and where nothing is planted."""
    if not isinstance(state.data, SampleSpec) or session.hidden("truth"):
        return None
    st.toggle("Reveal the truth", help="Mark the planted crosses", **choices.bound("truth"))
    if not choices.now.truth:
        return None
    return {frozenset(pair) for pair in planted_pairs(state.data.world)}


def _shown(
    learned: LearnedCrosses, name: str, own: Collection[Pair], planted: Collection[Pair] | None
) -> None:
    said = finding_sentence(name, learned, own, planted)
    st.markdown(f"**{plain(said)}**")
    numbers = pd.DataFrame(
        [
            {
                "cross": str(cross),
                "strength": value,
                "yours": frozenset(cross.fields) in own,
                **({} if planted is None else {"planted": frozenset(cross.fields) in planted}),
            }
            for cross, value in learned.ranked
        ]
    )
    figure = charts.learned_crosses(learned, own, planted or ())
    chart(figure, "crosses.learned.chart", said, numbers)


def _by_hand(state: State, entries: Entries, cross: Cross, limits: Limits) -> None:
    """The strongest block as a hand-made cross, for the model that has no other way to it."""
    schema = datasets.schema_of(state)
    there = is_there(entries, cross, schema, limits)
    wide = models.trainings(_with_models(state, WIDE))
    if there and all(training.is_done for training in wide):
        st.caption(f"Wide is trained with {plain(str(cross))}.")
        session.room_link("compare", "Compare it with the cross network")
        return
    words = "Train Wide with it" if there else f"Cross {plain(str(cross))} and train Wide with it"
    jobs.start_button(words, "crosses.by_hand", _train_wide, cross, limits)


def _train_wide(cross: Cross, limits: Limits) -> None:
    """Raises InputError if the list is full or nothing can be started."""
    state = session.current()
    schema = datasets.schema_of(state)
    if not is_there(kept(state), cross, schema, limits):
        change(lambda now: added(now, str(cross), schema, limits=limits))
    chosen = session.current().models
    beside = [name for name in (WIDE, _model(session.current())) if name not in chosen]
    session.change(models=(*beside, *chosen))
    models.train(_of_wide(session.current()))


def _of_wide(state: State) -> list[Training]:
    return [training for training in models.trainings(state) if training.model == WIDE]


def _explained(runs: int) -> None:
    several = f" The picture is the mean of {runs} seeds." if runs > 1 else ""
    with st.expander("How this is measured"):
        st.latex(
            r"x_{l+1} = x_0 \odot (W_l x_l + b_l) + x_l,\quad "
            r"s_{ij} = \sqrt{\textstyle\sum_l \|W_l^{(ij)}\|^2 + \|W_l^{(ji)}\|^2}"
        )
        st.caption(
            "Block ij of a layer's matrix is what multiplies the vectors of fields i and j "
            "(DCN-V2, arXiv 2008.13535). All blocks start at zero, so what stands here was "
            f"learned.{several} A strong block says that the network multiplies these fields, "
            "not that the product is needed: two fields that tell the same share one."
        )
