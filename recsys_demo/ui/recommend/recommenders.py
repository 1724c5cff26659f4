"""The trained models of the state, ready to serve, and what is computed once for everybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from recsys_demo.charts.theme import label
from recsys_demo.data.sources import Dataset
from recsys_demo.recommendation import cases
from recsys_demo.recommendation.answer import Answer, AnswerSettings, ListedModel, answer
from recsys_demo.recommendation.cases import Case
from recsys_demo.recommendation.knowledge import Knowledge, knowledge_of
from recsys_demo.recommendation.query import Query
from recsys_demo.recommendation.recommender import Recommender
from recsys_demo.ui.content_cache import by_key
from recsys_demo.ui.models import Training

MODELS = 12
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
        ListedModel(t.job_id, t.model, name, *_recommender(_key(t), t.run_folder))
        for t, name in zip(done, names, strict=True)
    ]


def _key(training: Training) -> tuple[Path, float]:
    submitted = training.job.status.submitted if training.job is not None else 0.0
    return training.run_folder, submitted


@by_key(MODELS, "Reading the model ...")
def _recommender(folder: Path) -> tuple[Recommender, float]:
    from recsys_demo.training.runs import load_stored

    stored = load_stored(folder)
    return Recommender.of_stored(stored), stored.manifest.base_rate


def answer_to(
    models: Sequence[ListedModel],
    query: Query,
    wanted: AnswerSettings,
    data: Dataset,
    before: Query | None,
    about: str,
) -> Answer:
    """The lists of these models, kept for the next click."""
    keys = tuple((one.key, one.name, id(one.recommender)) for one in models)
    known = knowledge(data, models[0].recommender)
    key = (keys, data.fingerprint, query, wanted, before, about)
    return _answer(key, models, query, wanted, known, data.world, before, about)


_answer = by_key(ANSWERS)(answer)


def knowledge(data: Dataset, recommender: Recommender) -> Knowledge:
    """What the training rows know."""
    return _knowledge(data.fingerprint, data.train, recommender)


_knowledge = by_key(4, "Counting pairs in the training rows ...")(knowledge_of)


def case(name: str, data: Dataset, recommender: Recommender) -> Case | None:
    """A named case of this log: "frequent", "never", "niche", "nobody"."""
    return _case((name, data.fingerprint), name, knowledge(data, recommender), recommender)


@by_key(40, "Looking for somebody ...")
def _case(name: str, known: Knowledge, recommender: Recommender) -> Case | None:
    if name == "frequent":
        return cases.frequent(recommender, known)
    if name == "never":
        return cases.never_seen(recommender, known)
    if name == "niche":
        return cases.niche(recommender, known)
    return cases.nobody()


def penguins(data: Dataset, recommender: Recommender) -> list[Case]:
    """The planted exceptions with a story; none but in the sample set."""
    if data.world is None:
        return []
    return _penguins(data.fingerprint, recommender, data.world)


_penguins = by_key(4, "Looking for the penguins ...")(cases.penguins)
