"""Two towers in the funnel: trained on demand, then a generator beside the others."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from recsys_demo.charts.candidates import describe_recall, recall_chart
from recsys_demo.data.sources import Dataset
from recsys_demo.jobs.store import JobSpec
from recsys_demo.jobs.towers_task import TowersPayload, towers_file, towers_job
from recsys_demo.recommendation.answer import Answer
from recsys_demo.recommendation.recommender import Recommender
from recsys_demo.recommendation.towers import Towers
from recsys_demo.studies.candidates import CandidateRecall, candidate_recall
from recsys_demo.ui import datasets, jobs, session
from recsys_demo.ui.chart_cache import cached_figure
from recsys_demo.ui.content_cache import by_key
from recsys_demo.ui.markdown import plain

TOLD = 30  # the budget that the sentence speaks of


def towers_spec() -> JobSpec:
    """The job that trains towers for the state's log."""
    state = session.current()
    split = state.split_for(datasets.schema_of(state).split is not None)
    return towers_job(TowersPayload(data=state.data, split=split, seed=state.seed))


def towers_of(spec: JobSpec, recommender: Recommender) -> Towers | None:
    """The trained towers, None before. Raises InputError if they cannot be read."""
    job = jobs.view(spec.id)
    if job is None or job.status.state != "done":
        return None
    file = towers_file(jobs.lab_jobs().workers.store.path(spec.id))
    return _towers((str(file), job.status.submitted, id(recommender)), file, recommender)


@by_key(8, "Reading the towers ...")
def _towers(file: Path, recommender: Recommender) -> Towers:
    return Towers.of_file(file, recommender)


def training(spec: JobSpec) -> None:
    """The button that trains, and how far it is."""
    jobs.watched("recommend.towers", lambda: _rate(spec), lambda: _progress(spec))


def _rate(spec: JobSpec) -> float | None:
    job = jobs.view(spec.id)
    return None if job is None or job.status.has_ended else jobs.TICK_SECONDS


def _progress(spec: JobSpec) -> None:
    job = jobs.view(spec.id)
    if job is not None and job.status.state == "done":
        st.rerun()
    if job is not None and not job.status.has_ended:
        epochs = len(job.of_type("epoch"))
        st.caption(f"Training two towers: epoch {epochs}" if epochs else "Making ready ...")
        jobs.cancel_button(spec.id)
        return
    if job is not None:
        st.warning(plain(job.status.message or "It was cancelled."))
    st.caption(
        "Two towers are how large stores find candidates: one network makes a vector of the query, "
        "one of the item, and the largest products win. They learn from the taken rows."
    )
    jobs.start_button(
        "Train two towers", "recommend.towers.train", jobs.start, spec, type="secondary"
    )


def recall(answer: Answer, towers: Towers) -> None:
    """What each generator would have found of what was taken later, by its budget."""
    data, vectors = datasets.dataset(session.current()), answer.vectors.recommender
    key = (data.fingerprint, answer.ranker.key, answer.vectors.key, id(towers))
    found = _recall(key, data, answer.ranker.recommender, answer, vectors, towers)
    if found is None:
        return
    st.markdown(f"##### What would they have found? {sentence(found)}")
    st.plotly_chart(
        cached_figure(("recommend.recall", key), lambda: recall_chart(found)),
        key="recommend.recall",
        theme=None,
        config={"displayModeBar": False},
        alt=describe_recall(found),
    )
    st.caption(
        f"{found.rows:,} taken test rows; the item counts as found if it is among the first "
        "candidates of a generator by itself. Nearest items are found exactly here, by making "
        f"{found.catalogue:,} products; at a million items an index of approximate neighbours "
        "(inverted lists, HNSW) takes that place and misses a few."
    )


def sentence(found: CandidateRecall) -> str:
    """Which generator finds most at the usual budget."""
    budget = max((b for b in found.budgets if b <= TOLD), default=found.budgets[0])
    key, most = found.best(budget)
    others = [other for other in found.recall if other != key]
    second = max(others, key=lambda other: found.recall[other][found.budgets.index(budget)])
    value = found.recall[second][found.budgets.index(budget)]
    return (
        f"Of {budget} candidates each, those of “{found.label(key)}” hold {most:.0%} of what was "
        f"taken, those of “{found.label(second)}” {value:.0%}."
    )


@by_key(8, "Asking every generator ...")
def _recall(
    data: Dataset, ranker: Recommender, answer: Answer, vectors: Recommender, towers: Towers
) -> CandidateRecall | None:
    return candidate_recall(data, ranker, answer.knowledge, vectors, towers)
