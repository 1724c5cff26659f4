"""The sentence a comparison begins with says who is best, and does not where that is noise."""

from __future__ import annotations

import numpy as np
import pytest

from recsys_demo.evaluation.intervals import Interval
from recsys_demo.evaluation.leads import Lead, lead
from recsys_demo.studies.comparison.leads import highest_sentence, leads_sentence

NAMES = {"a": "Wide", "b": "Deep", "c": "DeepFM"}


def values(seed: int, seeds: int, **means: float) -> dict[str, list[float]]:
    """AUC of each model over seeds, which vary by a hundredth."""
    random = np.random.default_rng(seed)
    return {key: (mean + 0.01 * random.normal(size=seeds)).tolist() for key, mean in means.items()}


def led(found: dict[str, list[float]]) -> Lead | None:
    """By these values, on rows that say the same within a thousandth."""
    means = {key: float(np.mean(of_seeds)) for key, of_seeds in found.items()}
    best = max(means, key=lambda key: means[key])
    gaps = {key: means[best] - mean for key, mean in means.items() if key != best}
    rows = {key: Interval(g, g - 0.001, g + 0.001, n=1_000) for key, g in gaps.items()}
    return lead(found, "auc", rows)


@pytest.mark.parametrize("seed", range(5))
def test_the_sentence_names_the_best_and_owns_up_to_noise(seed: int) -> None:
    clear = led(values(seed, 5, a=0.9, b=0.5, c=0.6))
    tied = led(values(seed, 5, a=0.5, b=0.8, c=0.8))
    told = leads_sentence({"exceptions": clear, "never seen": tied}, NAMES)
    assert told.startswith("Wide is best on exceptions, Deep")
    assert "could not be told apart from Deep" in told
    alone = led(values(seed, 1, a=0.9, b=0.5, c=0.6))
    told = leads_sentence({"exceptions": alone, "never seen": None}, NAMES)
    assert told == (
        "Wide is highest on exceptions, on never seen the AUC has no value; which model is best "
        "cannot be said yet."
    )


def test_means_that_hardly_differ_are_named_together() -> None:
    means = {
        "exceptions": {"Wide": 0.87, "Deep": 0.30, "DeepFM": 0.35},
        "never seen": {"Wide": 0.52, "Deep": 0.852, "DeepFM": 0.854},
    }
    assert highest_sentence(means, 1) == (
        "After one training each, Wide is highest on exceptions, Deep and DeepFM on never seen."
    )
    same = {where: {"Wide": 0.5, "Deep": 0.501} for where in means}
    assert highest_sentence(same, 5) == (
        "After 5 trainings each, Wide and Deep are highest on exceptions and on never seen."
    )
    nothing = {"exceptions": {"Wide": float("nan"), "Deep": 0.5}}
    assert highest_sentence(nothing, 1) == "The models are trained."
