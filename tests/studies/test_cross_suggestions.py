"""Information gained by a cross: planted interactions are found, noise is told from them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import minimize

from recsys_demo.data.interactions import Interactions
from recsys_demo.data.sources import load
from recsys_demo.data.specs import SampleSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.features.crosses import Cross, Part, parse_cross
from recsys_demo.studies.crosses.log_codes import LogCodes, log_codes
from recsys_demo.studies.crosses.suggestions import (
    additive,
    finest_item_field,
    information_gain,
    sample_of,
    suggest,
)
from tests.making.logs import log, random_log

SCHEMA = """
label = "label"
item = "a"
[fields]
a = {side = "item"}
b = {}
c = {}
id = {}
"""


def planted(rows: int, seed: int) -> Interactions:
    """The label depends on a and b together, on c alone, and not on id."""
    rng = np.random.default_rng(seed)
    a, b, c = rng.integers(0, 4, (3, rows))
    logits = 1.5 * (((a + b) % 2) * 2 - 1) + (c - 1.5)
    label = rng.random(rows) < 1 / (1 + np.exp(-logits))
    return log(
        {
            "label": label.astype(int),
            "a": [f"a{i}" for i in a],
            "b": [f"b{i}" for i in b],
            "c": [f"c{i}" for i in c],
            "id": [f"id{i}" for i in rng.integers(0, 300, rows)],
        },
        SCHEMA,
    )


def coded(seed: int = 0) -> LogCodes:
    return log_codes(planted(4000, seed), planted(2000, seed + 100))


def test_the_planted_pair_wins_on_rows_not_seen() -> None:
    found = {str(gain.cross): gain for gain in suggest(coded())}
    assert len(found) == 6
    best = max(found.values(), key=lambda gain: gain.valid)
    assert str(best.cross) == "b x a"
    assert best.valid == pytest.approx(best.train, rel=0.2)
    assert not best.overcrossed


def test_crossing_an_id_gains_on_training_rows_only() -> None:
    found = {str(gain.cross): gain for gain in suggest(coded(), prior_rows=1)}
    gain = found["c x id"]
    assert gain.overcrossed
    assert gain.train > 20
    assert gain.valid < -5


def test_a_third_part_only_adds_noise() -> None:
    data = coded()
    pair = information_gain(parse_cross("a x b", data.encoder.schema), data, 1)
    triple = information_gain(parse_cross("a x b x id", data.encoder.schema), data, 1)
    assert triple.train > pair.train
    assert triple.valid < pair.valid


def test_gain_is_the_code_length_by_hand() -> None:
    """Two rows each way: recompute train and held-out bits from the formula."""
    rows = random_log(300, seed=3)
    data = log_codes(rows, random_log(200, seed=4))
    gain = information_gain(parse_cross("country x app", rows.schema), data)
    country, app = (data.train.codes.of(name)[:, 0] for name in ("country", "app"))
    cells = sorted({(int(i), int(j)) for i, j in zip(country, app, strict=True)})
    counts = np.array([((country == i) & (app == j)).sum() for i, j in cells])
    positives = np.array([data.train.labels[(country == i) & (app == j)].sum() for i, j in cells])
    p = additive(np.array(cells), (4, 7), counts, positives)
    q = (positives + 10 * p) / (counts + 10)
    bits = 0.0
    for i, j, y in zip(
        data.test.codes.of("country")[:, 0],
        data.test.codes.of("app")[:, 0],
        data.test.labels,
        strict=True,
    ):
        if (int(i), int(j)) in cells:
            at = cells.index((int(i), int(j)))
            bits += math.log2(q[at] / p[at]) if y else math.log2((1 - q[at]) / (1 - p[at]))
    assert gain.valid == pytest.approx(1000 * bits / 200)
    assert gain.combinations == len(cells)


def test_the_order_is_by_validation_rows_and_test_rows_are_apart() -> None:
    data = log_codes(planted(4000, 0), planted(2000, 100), planted(2000, 200))
    found = suggest(data)
    assert [gain.valid for gain in found] == sorted((gain.valid for gain in found), reverse=True)
    assert str(found[0].cross) == "b x a"
    assert found[0].test != found[0].valid
    assert found[0].test == pytest.approx(found[0].valid, rel=0.3)


def test_a_row_counts_once_however_many_values_it_has() -> None:
    """The same information in one value or in five: 18.6 bits and 92.8."""
    parts = [planted(4000, 0), planted(2000, 1)]
    gains = []
    for copies in (1, 5):
        schema = SCHEMA.replace("b = {}", 'b = {kind = "multi"}')
        logs = [
            log(
                {
                    "label": part.labels.tolist(),
                    "b": ["|".join(f"{b}{i}" for i in range(copies)) for b in part.frame["b"]],
                    **{n: part.frame[n].astype("str").tolist() for n in ("a", "c", "id")},
                },
                schema,
            )
            for part in parts
        ]
        data = log_codes(*logs)
        gains.append(information_gain(parse_cross("b x a", data.encoder.schema), data))
    assert gains[1].train == pytest.approx(gains[0].train, rel=0.1)
    assert gains[1].valid == pytest.approx(gains[0].valid, rel=0.1)


def test_the_additive_model_is_at_its_optimum() -> None:
    """Same penalized likelihood as a general optimizer finds."""
    rng = np.random.default_rng(0)
    codes = np.array([(i, j) for i in range(4) for j in range(3)])
    counts = rng.integers(1, 60, len(codes))
    positives = rng.binomial(counts, 0.3)
    rate = (positives.sum() + 0.5) / (counts.sum() + 1)
    start = math.log(rate / (1 - rate))

    def loss(weights: np.ndarray) -> float:
        logits = start + weights[codes[:, 0]] + weights[4 + codes[:, 1]]
        likelihood = positives * logits - counts * np.logaddexp(0, logits)
        return float(-likelihood.sum() + (weights**2).sum() / 2)

    best = minimize(loss, np.zeros(7)).x
    expected = 1 / (1 + np.exp(-(start + best[codes[:, 0]] + best[4 + codes[:, 1]])))
    assert additive(codes, (4, 3), counts, positives) == pytest.approx(expected, abs=2e-3)


def test_conditions_have_no_parts_to_gain_over() -> None:
    with pytest.raises(ValueError, match="whole fields"):
        information_gain(Cross((Part("a", "a1"), Part("b"))), coded())


def test_samples_are_drawn_by_seed_and_keep_rows_together() -> None:
    data = coded()
    one, again, other = (sample_of(data, 100, seed) for seed in (0, 0, 1))
    assert len(one.train) == len(one.test) == 100
    assert (one.train.codes.of("id") == again.train.codes.of("id")).all()
    assert (one.train.codes.of("id") != other.train.codes.of("id")).any()
    assert sample_of(data, 10**6, 0).train is data.train


def test_the_finest_cross_takes_one_field_of_every_side() -> None:
    rows = random_log(200)
    assert finest_item_field(rows.schema, log_codes(rows, rows).encoder) == "age x app"


def test_the_planted_crosses_of_the_sample_set_come_first() -> None:
    """Exceptions are planted on installed x app, and categories follow taste. Once installed x app
    stood ninth, below two that lose: bits of all values of a row were added up."""
    data = load(SampleSpec(), SplitConfig(kind="column"))
    first, second, third, *_ = suggest(log_codes(data.train, data.test, data.valid))
    assert {str(first.cross), str(second.cross)} == {"installed x app", "installed x category"}
    assert min(first.test, second.test) > 3 * third.test > 0
