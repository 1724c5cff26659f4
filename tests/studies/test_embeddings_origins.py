"""The seen pairs nearest to an unseen one, against a slow search; what they say, and when they say
nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from recsys_demo.studies.embeddings.origins import SeenPairs, origins
from recsys_demo.studies.embeddings.vectors import FieldVectors

BASE = 0.3


def field(name: str, vectors: np.ndarray) -> FieldVectors:
    values = tuple(f"{name}{i}" for i in range(len(vectors)))
    support = pd.DataFrame({"support": np.ones(len(vectors), dtype=np.int64)})
    return FieldVectors(name, values, tuple(v.upper() for v in values), vectors, support)


def cosine(one: np.ndarray, other: np.ndarray) -> float:
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


@pytest.mark.parametrize("seed", range(5))
def test_the_nearest_seen_pairs_are_those_of_a_slow_search(seed: int) -> None:
    draw = np.random.default_rng(seed)
    had, app = field("had", draw.normal(size=(7, 3))), field("app", draw.normal(size=(9, 3)))
    shown = draw.integers(0, 4, (7, 9))
    shown[2, 3] = 0
    taken = draw.binomial(shown, BASE)
    found = origins(had, app, (2, 3), SeenPairs(shown, taken, BASE), 5)
    pairs = [(i, j) for i in range(7) for j in range(9) if shown[i, j] and (i, j) != (2, 3)]

    def near(pair: tuple[int, int]) -> float:
        ends = ((had, 2, pair[0]), (app, 3, pair[1]))
        return min(cosine(f.vectors[a], f.vectors[b]) for f, a, b in ends)

    slow = sorted(pairs, key=lambda pair: (-round(near(pair), 9), -shown[pair]))[:5]
    assert [*zip(found.rows.tolist(), found.columns.tolist(), strict=True)] == slow
    assert found.nearness == pytest.approx([near(pair) for pair in slow])
    assert found.shown.tolist() == [shown[pair] for pair in slow]
    assert found.taken.tolist() == [taken[pair] for pair in slow]


def planted(rate: float, rows: int, seed: int = 0, own: int = 0) -> str:
    """Two groups of values; only pairs within a group were seen, taken at this rate."""
    draw = np.random.default_rng(seed)
    places = np.repeat([[1.0, 0.0], [0.0, 1.0]], 4, axis=0) + draw.normal(0, 0.05, (8, 2))
    had, app = field("had", places), field("app", places)
    shown = np.where(np.arange(8)[:, None] // 4 == np.arange(8) // 4, rows, 0)
    shown[0, 1] = own
    return origins(had, app, (0, 1), SeenPairs(shown, draw.binomial(shown, rate), BASE)).sentence()


@pytest.mark.parametrize("seed", range(5))
def test_the_sentence_says_more_less_or_noise_as_the_world_does(seed: int) -> None:
    assert ", more than the 30% overall." in planted(0.8, 60, seed)
    assert ", less than the 30% overall." in planted(0.05, 60, seed)
    assert planted(0.8, 60, seed).startswith("HAD0 x APP1 was never seen. The 8 nearest seen pairs")


def test_noise_is_rarely_taken_for_a_reason() -> None:
    told = [planted(BASE, 4, seed) for seed in range(200)]
    assert np.mean(["could be chance at 30%" not in one for one in told]) < 0.1


def test_a_pair_that_was_seen_and_one_with_nothing_near_are_told() -> None:
    assert planted(0.8, 60, own=7).startswith("HAD0 x APP1 was seen 7 times.")
    assert "there is nothing near" in planted(0.8, 0)
