"""*Train with it*: the models without a cross and with it, and on the spot what it did."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from recsys_demo.charts.theme import label
from recsys_demo.config.presets import default_crosses
from recsys_demo.data.schema import Schema
from recsys_demo.data.sources import Dataset
from recsys_demo.errors import InputError
from recsys_demo.jobs.training_task import train_job
from recsys_demo.limits import Limits
from recsys_demo.studies.crosses.entries import switched_on, without_cross
from recsys_demo.studies.crosses.trials import Answer, Trial, answers, sentence, trials
from recsys_demo.ui import datasets, jobs, models, session
from recsys_demo.ui.compare import measurements
from recsys_demo.ui.crosses.builder import built
from recsys_demo.ui.crosses.choices import CONTROL, CrossesChoices
from recsys_demo.ui.crosses.entries import kept
from recsys_demo.ui.finding import finding
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.messages import show_error
from recsys_demo.ui.models import Training
from recsys_demo.ui.room_choices import RoomChoices
from recsys_demo.ui.rule_popover import rule_popover
from recsys_demo.ui.state import State
from recsys_demo.ui.train.runs import pin

SEEDS = 3  # the fewest: one alone decides nothing


def train_with_it(schema: Schema, limits: Limits) -> None:
    """The button: the cross that is built joins the list, and each model is trained without it and
    with it."""
    jobs.start_button(
        "Train with it",
        "crosses.trial",
        _begin,
        schema,
        limits,
        type="secondary",
        help=f"Each model that reads crosses, without it and with it, {SEEDS} seeds each",
    )


def _begin(schema: Schema, limits: Limits) -> None:
    cross, state = built(schema, limits), session.current()
    if cross is None:
        return
    entries = switched_on(kept(state), cross, schema, limits)
    state = state.model_copy(update={"crosses": entries})
    session.put(_choices(state, trial=str(cross)))
    found = trials_of(session.current(), str(cross))
    runs = _trainings(found)
    models.train(runs)
    # The models as they were stay in view in every room.
    pin([train_job(trial.without[0]).id for trial in found])


def _choices(state: State, **changes: str) -> State:
    room = RoomChoices(CONTROL, CrossesChoices())
    return state.with_control(CONTROL, room.updated(state, **changes))


def trials_of(state: State, text: str) -> tuple[Trial, ...]:
    """What the state's models are with this cross and without. Raises InputError."""
    schema = datasets.schema_of(state)
    one = state.model_copy(update={"seeds": 1})
    configs = one.run_configs(default_crosses(schema), schema.split is not None)
    others = without_cross(state.active_crosses(default_crosses(schema)), text, schema)
    seeds = range(state.seed, state.seed + max(SEEDS, state.seeds))
    return trials(configs, others, text, list(seeds))


def trial_section(state: State, data: Dataset, choices: CrossesChoices) -> None:
    """The trial that was begun last: how far it is, then what came out."""
    if not choices.trial:
        return
    try:
        found = trials_of(state, choices.trial)
        runs = _trainings(found)
    except InputError as error:
        show_error(error)
        return
    busy = [run for run in runs if run.is_busy]
    with st.container(border=True):
        if busy:
            done = sum(run.is_done for run in runs)
            st.progress(done / len(runs), f"{done} of {len(runs)} runs, with and without it")
            models.watched_trainings("crosses.trial.runs", busy)
        elif all(run.is_done for run in runs):
            _show(data, found, choices.trial)
        else:
            models.show_ended(runs)
            st.caption("Some runs of this trial are missing. Press *Train with it* again.")


def _trainings(found: Sequence[Trial]) -> list[Training]:
    """The runs of the trials, seeds outermost: something of every model comes early."""
    sides = [side for trial in found for side in (trial.without, trial.with_it)]
    return models.runs_of([config for seed in zip(*sides, strict=True) for config in seed])


def _show(data: Dataset, found: Sequence[Trial], cross: str) -> None:
    """The sentence of each model, and the sizes behind it."""
    told = {trial.model: _answers(data, trial) for trial in found}
    first, *rest = (sentence(plain(label(model)), one) for model, one in told.items())
    finding(first, "trial")
    for text in rest:
        st.markdown(text)
    st.table(
        [
            {"model": plain(label(model))} | {answer.where: answer.text for answer in one}
            for model, one in told.items()
        ],
        hide_index=True,
        border="horizontal",
    )
    seeds = next(iter(told.values()))[0].seeds
    st.caption(
        f"AUC on test rows with {plain(cross)} against without it, {seeds} seeds each. The models "
        "without it are pinned: *Compare* and the maps show both."
    )
    with st.container(horizontal=True):
        session.room_link("compare", "Compare them")
        rule_popover()


def _answers(data: Dataset, trial: Trial) -> tuple[Answer, ...]:
    without_it, with_it = (
        measurements.of_runs(data, models.runs_of(side)) for side in (trial.without, trial.with_it)
    )
    return _kept(without_it, with_it)


@st.cache_resource(max_entries=60, show_spinner="Comparing ...", hash_funcs=measurements.KEYED)
def _kept(
    without_it: measurements.Comparison, with_it: measurements.Comparison
) -> tuple[Answer, ...]:
    labels = with_it.data.test.labels
    return answers(without_it.models[0], with_it.models[0], labels, measurements.places(with_it))
