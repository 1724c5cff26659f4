"""The trained models of the state, ready to serve, and what is computed once for everybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from recsys_demo.charts.theme import label
from recsys_demo.data.sources import Dataset
from recsys_demo.recommendation import cases
from recsys_demo.recommendation.answer import Answer, ListedModel, Wanted, answer
from recsys_demo.recommendation.cases import Case
from recsys_demo.recommendation.knowledge import Knowledge, knowledge_of
from recsys_demo.recommendation.query import Query
from recsys_demo.recommendation.recommender import Recommender
from recsys_demo.ui.models import Training

SERVED = 12
ANSWERS = 32


def listed_models(wanted: Sequence[Training], seed: int) -> list[ListedModel]:
    """The finished ones with this seed, in the order of the state. Raises InputError."""
    done = [t for t in wanted if t.is_done and t.config.seed == seed]
    counts = Counter(t.model for t in done)
    names = [
        label(t.model) + (f" #{number}" if counts[t.model] > 1 else "")
        for number, t in enumerate(done, start=1)
    ]
    return [
        ListedModel(t.job_id, t.model, name, *_loaded(str(t.run_folder), _version(t)))
        for t, name in zip(done, names, strict=True)
    ]


def _version(training: Training) -> float:
    return training.job.status.submitted if training.job is not None else 0.0


@st.cache_resource(max_entries=SERVED, show_spinner="Reading the model ...")
def _loaded(folder: str, submitted: float) -> tuple[Recommender, float]:
    del submitted
    from recsys_demo.training.runs import load_stored

    stored = load_stored(Path(folder))
    return Recommender.of_stored(stored), stored.manifest.base_rate


def answer_to(
    models: Sequence[ListedModel], query: Query, wanted: Wanted, data: Dataset, before: Query | None
) -> Answer:
    """The lists of these models, kept for the next click."""
    keys = tuple((one.key, one.name, id(one.recommender)) for one in models)
    return _answered(keys, data.fingerprint, query, wanted, before, models, data)


@st.cache_resource(max_entries=ANSWERS, show_spinner=False)
def _answered(
    keys: tuple[tuple[str, str, int], ...],
    fingerprint: str,
    query: Query,
    wanted: Wanted,
    before: Query | None,
    _models: Sequence[ListedModel],
    _data: Dataset,
) -> Answer:
    del keys, fingerprint
    known = knowledge(_data, _models[0].recommender)
    return answer(_models, query, wanted, known, _data.world, before)


def knowledge(data: Dataset, recommender: Recommender) -> Knowledge:
    """What the training rows know."""
    return _knowledge(data.fingerprint, data, recommender)


@st.cache_resource(max_entries=4, show_spinner="Counting pairs in the training rows ...")
def _knowledge(fingerprint: str, _data: Dataset, _recommender: Recommender) -> Knowledge:
    del fingerprint
    return knowledge_of(_data.train, _recommender)


def case(name: str, data: Dataset, recommender: Recommender) -> Case | None:
    """A named case of this log: "frequent", "never", "niche", "nobody", "penguin"."""
    return _case(name, data.fingerprint, data, recommender)


@st.cache_resource(max_entries=40, show_spinner="Looking for somebody ...")
def _case(name: str, fingerprint: str, _data: Dataset, _recommender: Recommender) -> Case | None:
    del fingerprint
    known = knowledge(_data, _recommender)
    if name == "frequent":
        return cases.frequent(_recommender, known)
    if name == "never":
        return cases.never_seen(_recommender, known)
    if name == "niche":
        return cases.niche(_recommender, known)
    return cases.nobody()


@st.cache_resource(max_entries=4, show_spinner="Looking for the penguins ...")
def _penguins(fingerprint: str, _data: Dataset, _recommender: Recommender) -> list[Case]:
    del fingerprint
    return [] if _data.world is None else cases.penguins(_recommender, _data.world)


def penguins(data: Dataset, recommender: Recommender) -> list[Case]:
    """The planted exceptions with a story; none but in the sample set."""
    return _penguins(data.fingerprint, data, recommender)
