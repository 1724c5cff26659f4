"""The blocks of a cross network, and what is said of them."""

from __future__ import annotations

import numpy as np
import pytest

from recsys_demo.charts.learned_crosses import learned_crosses as chart
from recsys_demo.config.components import CrossNetworkConfig, FmConfig
from recsys_demo.config.model import ModelConfig
from recsys_demo.data.planted.truth import planted_pairs
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.errors import InputError
from recsys_demo.limits import Limits
from recsys_demo.studies.crosses.learned import (
    LearnedCrosses,
    crossed_pairs,
    finding_sentence,
    learned_crosses,
)
from recsys_demo.training.run_files import Manifest
from recsys_demo.training.runs import StoredRun
from tests.making.recommending import drawn, model, rows

APP, AGE = frozenset(("installed", "app")), frozenset(("age", "app"))


def stored(config: ModelConfig, seed: int = 0) -> StoredRun:
    ranker, encoder = drawn(config, seed)
    manifest = Manifest(model=config, seed=seed, base_rate=0.5, config={}, result={}, checksums={})
    state = {name: tensor.numpy() for name, tensor in ranker.state().items()}
    frame = rows().items
    return StoredRun(manifest, encoder, state, frame, frame, None)


@pytest.mark.parametrize("rank", [None, 4])
def test_strength_is_the_norm_of_both_blocks_over_the_layers(rank: int | None) -> None:
    run = stored(model(CrossNetworkConfig(layers=2, rank=rank)))
    found = learned_crosses([run])
    fields = run.encoder.fields
    order = [*fields.single_fields, *fields.numeric_fields, *fields.multi_fields]
    assert sorted(found.fields) == sorted(order)

    def block(layer: int, one: str, other: str) -> np.ndarray:
        part = "cross_network.{}" + str(layer)
        whole = (
            run.state[part.format("weight")]
            if rank is None
            else run.state[part.format("up")] @ run.state[part.format("down")]
        )
        i, j = order.index(one) * 3, order.index(other) * 3
        return whole[i : i + 3, j : j + 3]

    for i, one in enumerate(found.fields):
        for j, other in enumerate(found.fields):
            pairs = {(one, other), (other, one)}
            blocks = [block(layer, a, b) for layer in range(2) for a, b in pairs]
            expected = np.sqrt(sum((b.astype(float) ** 2).sum() for b in blocks))
            assert found.strength[0, i, j] == pytest.approx(expected, rel=1e-5)


def test_seeds_are_counted_and_averaged() -> None:
    config = model(CrossNetworkConfig())
    found = learned_crosses([stored(config, seed) for seed in (0, 1, 2)])
    assert found.strength.shape[0] == 3
    counted = [found.times_first(cross) for cross, _ in found.ranked]
    assert sum(counted) == 3
    values = [value for _, value in found.ranked]
    assert values == sorted(values, reverse=True)


def test_a_model_without_the_part_is_refused() -> None:
    with pytest.raises(InputError, match="no cross network"):
        learned_crosses([stored(model(FmConfig()))])


def two_runs(*strength: tuple[float, float, float]) -> LearnedCrosses:
    """Three fields, the blocks installed x age, installed x app, age x app of every run."""
    found = np.zeros((len(strength), 3, 3))
    for matrix, values in zip(found, strength, strict=True):
        for (i, j), value in zip(((0, 1), (0, 2), (1, 2)), values, strict=True):
            matrix[i, j] = matrix[j, i] = value
    return LearnedCrosses(("installed", "age", "app"), found)


@pytest.mark.parametrize(
    ("own", "planted", "words"),
    [
        (
            set(),
            None,
            "most on 1 of 2 seeds (strength 4.5, then age x app with 4.0). It is not in your list.",
        ),
        ({APP}, None, "It is in your list."),
        (set(), {APP, AGE}, "It is planted, as are 2 of the 2 strongest pairs."),
        (set(), {AGE}, "It is not planted"),
    ],
)
def test_what_is_said(
    own: set[frozenset[str]], planted: set[frozenset[str]] | None, words: str
) -> None:
    assert words in finding_sentence("X", two_runs((1, 5, 2), (1, 4, 6)), own, planted)


def test_a_cross_of_three_covers_its_pairs_and_nonsense_none() -> None:
    schema = rows().schema
    found = crossed_pairs(("country x hour=evening & app", "nobody x app"), schema, Limits())
    assert found == {
        frozenset(pair) for pair in (("country", "hour"), ("country", "app"), ("hour", "app"))
    }


def test_the_picture_marks_what_is_crossed_and_what_is_planted() -> None:
    figure = chart(two_runs((1, 5, 2)), {APP}, {AGE})
    assert [trace.name for trace in figure.data] == [None, "your cross", "planted"]
    assert list(zip(figure.data[1].x, figure.data[1].y, strict=True)) == [
        ("app", "installed"),
        ("installed", "app"),
    ]
    assert np.isnan(np.diag(figure.data[0].z)).all()


def test_a_world_without_taste_plants_no_pair_of_apps() -> None:
    bare = WorldConfig(affinity=0, exceptions=0)
    assert ("installed", "app") in planted_pairs(WorldConfig())
    assert ("installed", "app") not in planted_pairs(bare)
