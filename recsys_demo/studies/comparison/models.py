"""The models that are compared: the runs of one configuration with different seeds are one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.special import logit

from recsys_demo.data.interactions import Interactions
from recsys_demo.data.sources import Dataset
from recsys_demo.errors import InputError
from recsys_demo.evaluation import popularity
from recsys_demo.evaluation.metrics import Floats
from recsys_demo.evaluation.popularity import Popularity
from recsys_demo.studies.comparison.recipes import key_of, recipe
from recsys_demo.training.run_files import load_predictions
from recsys_demo.training.saved_run import SavedRun


@dataclass(frozen=True, eq=False)
class Contender:
    """A model with one run per seed. `logits` [seeds, rows] are those of the test rows; `model`
    is the name it was given, `name` what tells it from the others shown."""

    key: str
    model: str
    name: str
    runs: tuple[SavedRun, ...]
    logits: Floats

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seed of each run."""
        return tuple(run.manifest.seed for run in self.runs)


def contenders(runs: Sequence[SavedRun], test: Interactions) -> list[Contender]:
    """Runs grouped by what they are apart from their seed, in the order of their first run.

    Raises InputError if a run's predictions are not about the rows of `test`.
    """
    groups: dict[str, list[SavedRun]] = {}
    for run in runs:
        own = recipe(run.manifest.config, run.result.get("fingerprint"))
        group = groups.setdefault(key_of(own), [])
        if run.manifest.seed not in [other.manifest.seed for other in group]:
            group.append(run)
    found = [
        Contender(
            key=group[0].key,
            model=group[0].manifest.model.name,
            name=group[0].label,
            runs=tuple(group),
            logits=np.stack([test_logits(run.folder, test) for run in group]),
        )
        for group in groups.values()
    ]
    return _numbered(found)


def popularity_of(data: Dataset, seeds: int) -> Contender:
    """Popularity beside models of so many seeds: no run, and no luck of training."""
    logits = Popularity.of(data.train).logits(data.test)
    return Contender(
        popularity.KEY, popularity.KEY, popularity.LABEL, (), np.tile(logits, (seeds, 1))
    )


def test_logits(folder: Path, test: Interactions) -> Floats:
    """Log odds of a saved run's predictions of the test rows, [rows]."""
    saved = load_predictions(folder)
    same = len(saved) == len(test) and np.array_equal(saved["row"], test.rows)
    if not same or not np.array_equal(saved["label"], test.labels):
        raise InputError.of(
            what="the run was tested on other rows than those of the data shown",
            where=str(folder),
            got=f"{len(saved):,} predictions",
            expected=f"predictions of the {len(test):,} test rows",
            remedy="Train it again on this data.",
        )
    return logits_of(saved["probability"].to_numpy())


def logits_of(probability: Floats) -> Floats:
    """log(p / (1 - p)), finite also where p was rounded to 0 or 1."""
    p = np.clip(probability, np.finfo(np.float64).tiny, 1 - np.finfo(np.float64).epsneg)
    return np.asarray(logit(p))


def _numbered(found: list[Contender]) -> list[Contender]:
    """Numbers behind names that stand several times."""
    times = Counter(contender.name for contender in found)
    count: Counter[str] = Counter()
    named = []
    for contender in found:
        count[contender.name] += 1
        number = f" #{count[contender.name]}" if times[contender.name] > 1 else ""
        named.append(replace(contender, name=contender.name + number))
    return named
