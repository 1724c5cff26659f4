"""Metrics of lists and the simulated test against loops, enumeration and expected values."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score

from recsys_demo.evaluation.intervals import Interval
from recsys_demo.evaluation.list_metrics import (
    LIST_METRICS,
    average_precision,
    hit_rate,
    list_report,
    precision,
)
from recsys_demo.evaluation.lists import NOTHING, Catalogue, Items, Lists, Mask, top_k
from recsys_demo.evaluation.metrics import Floats
from recsys_demo.evaluation.online_test import Arm, OnlineConfig, attention, online_test
from recsys_demo.evaluation.slices import head_items


def serve(
    scores: Floats,
    k: int,
    catalogue: Catalogue,
    relevance: Floats | None = None,
    excluded: Mask | None = None,
) -> Lists:
    """The lists of a model that scores the whole catalogue, [queries, items]."""
    if relevance is not None and excluded is not None:
        relevance = np.where(excluded, 0.0, relevance)
    return Lists(top_k(scores, k, excluded), catalogue, relevance)


def scene(seed: int, queries: int = 6, items: int = 9, k: int = 4, binary: bool = False) -> Lists:
    """Lists of a random model, some with too few candidates."""
    rng = np.random.default_rng(seed)
    relevance = rng.random((queries, items)) ** 2
    catalogue = Catalogue(
        popularity=rng.integers(0, 20, items),
        categories=rng.integers(-1, 3, items),
        vectors=rng.integers(-2, 3, (items, 3)).astype(float),
    )
    if binary:
        relevance = (relevance > 0.6).astype(float)
    excluded = rng.random((queries, items)) < rng.random((queries, 1))
    scores = rng.integers(0, 5, (queries, items)).astype(float)
    return serve(scores, k, catalogue, relevance, excluded)


def one(lists: Lists, query: int) -> tuple[list[int], Floats]:
    """The items shown to a query and its relevance."""
    assert lists.relevance is not None
    return [i for i in lists.items[query].tolist() if i != NOTHING], lists.relevance[query]


def slow_precision(lists: Lists, query: int) -> float:
    shown, relevance = one(lists, query)
    return sum(relevance[i] for i in shown) / lists.items.shape[1]


def slow_recall(lists: Lists, query: int) -> float:
    shown, relevance = one(lists, query)
    return sum(relevance[i] for i in shown) / sum(relevance) if sum(relevance) else math.nan


def slow_ndcg(lists: Lists, query: int) -> float:
    shown, relevance = one(lists, query)
    best = sorted(relevance, reverse=True)[: lists.items.shape[1]]
    gained = sum(relevance[i] / math.log2(r + 2) for r, i in enumerate(shown))
    possible = sum(gain / math.log2(r + 2) for r, gain in enumerate(best))
    return gained / possible if possible else math.nan


def outcomes(relevance: list[float]) -> list[tuple[float, tuple[int, ...]]]:
    """Every way installs can fall, with its probability."""
    return [
        (math.prod(p if y else 1 - p for p, y in zip(relevance, ys, strict=True)), ys)
        for ys in itertools.product((0, 1), repeat=len(relevance))
    ]


def slow_hit_rate(lists: Lists, query: int) -> float:
    shown, relevance = one(lists, query)
    return sum(p for p, ys in outcomes([relevance[i] for i in shown]) if any(ys))


def expected_precision_sum(relevance: list[float]) -> float:
    return sum(
        p * sum(y * sum(ys[: r + 1]) / (r + 1) for r, y in enumerate(ys))
        for p, ys in outcomes(relevance)
    )


def slow_map(lists: Lists, query: int) -> float:
    """The best list by trying all of them."""
    shown, relevance = one(lists, query)
    k = lists.items.shape[1]
    best = max(
        expected_precision_sum([relevance[i] for i in order])
        for order in itertools.permutations(range(len(relevance)), k)
    )
    return expected_precision_sum([relevance[i] for i in shown]) / best if best else math.nan


def slow_novelty(lists: Lists, query: int) -> float:
    shown, _ = one(lists, query)
    counts = lists.catalogue.popularity + 1
    bits = [-math.log2(counts[i] / counts.sum()) for i in shown]
    return sum(bits) / len(bits) if bits else math.nan


def slow_head_share(lists: Lists, query: int) -> float:
    shown, _ = one(lists, query)
    head = head_items(lists.catalogue.popularity)
    return sum(head[i] for i in shown) / len(shown) if shown else math.nan


def mean_over_pairs(shown: list[int], unlike: Callable[[int, int], float]) -> float:
    pairs = list(itertools.combinations(shown, 2))
    return sum(unlike(i, j) for i, j in pairs) / len(pairs) if pairs else math.nan


def slow_category_diversity(lists: Lists, query: int) -> float:
    of_item = lists.catalogue.categories
    assert of_item is not None
    return mean_over_pairs(
        one(lists, query)[0], lambda i, j: float(of_item[i] != of_item[j] or of_item[i] < 0)
    )


def slow_vector_diversity(lists: Lists, query: int) -> float:
    vectors = lists.catalogue.vectors
    assert vectors is not None

    def unlike(i: int, j: int) -> float:
        a, b = vectors[i], vectors[j]
        length = math.sqrt(a @ a) * math.sqrt(b @ b)
        return 1 - (a @ b) / length if length else 1.0

    return mean_over_pairs(one(lists, query)[0], unlike)


SLOW = {
    "precision": slow_precision,
    "recall": slow_recall,
    "ndcg": slow_ndcg,
    "hit_rate": slow_hit_rate,
    "novelty": slow_novelty,
    "head_share": slow_head_share,
    "category_diversity": slow_category_diversity,
    "vector_diversity": slow_vector_diversity,
}


def test_every_list_metric_has_an_oracle_and_words() -> None:
    assert {*SLOW, "map", "coverage"} == set(LIST_METRICS)
    for key, metric in LIST_METRICS.items():
        assert metric.key == key
        assert metric.label
        assert metric.help.endswith(".")


@pytest.mark.parametrize("key", SLOW)
@settings(deadline=None)
@given(seed=st.integers(0, 10_000), binary=st.booleans())
def test_list_metrics_are_what_their_definitions_say(key: str, seed: int, binary: bool) -> None:
    lists = scene(seed, binary=binary)
    found = LIST_METRICS[key].compute(lists)
    expected = [SLOW[key](lists, query) for query in range(len(lists.items))]
    assert found == pytest.approx(expected, nan_ok=True)


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10_000), binary=st.booleans())
def test_average_precision_is_expected_and_relative_to_the_best_list(
    seed: int, binary: bool
) -> None:
    lists = scene(seed, queries=2, items=5, k=3, binary=binary)
    expected = [slow_map(lists, query) for query in range(2)]
    assert average_precision(lists) == pytest.approx(expected, nan_ok=True)


def test_average_precision_of_installs_is_the_textbooks() -> None:
    relevance = np.array([[1.0, 0, 1, 0, 1, 1]])
    lists = Lists(np.array([[0, 1, 2, 3]]), Catalogue(np.ones(6, dtype=np.int64)), relevance)
    # Installed at places 1 and 3; four installs, but only four places.
    assert average_precision(lists) == pytest.approx([(1 / 1 + 2 / 3) / 4])


def test_ndcg_agrees_with_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    relevance, scores = rng.random((20, 12)), rng.normal(size=(20, 12))
    lists = serve(scores, 5, Catalogue(np.ones(12, dtype=np.int64)), relevance)
    found = LIST_METRICS["ndcg"].compute(lists).mean()
    assert found == pytest.approx(ndcg_score(relevance, scores, k=5))


@given(seed=st.integers(0, 10_000))
def test_the_true_probability_is_the_best_model(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.random((5, 8))
    catalogue = Catalogue(np.ones(8, dtype=np.int64))
    best = list_report(serve(truth, 3, catalogue, truth))
    other = list_report(serve(rng.random((5, 8)), 3, catalogue, truth))
    assert best["ndcg"].value == pytest.approx(1)
    assert best["map"].value == pytest.approx(1)
    for key in ("precision", "recall", "hit_rate", "ndcg", "map"):
        assert best[key].value >= other[key].value - 1e-12


def test_coverage_counts_what_any_list_shows() -> None:
    lists = Lists(np.array([[0, 2], [2, NOTHING]]), Catalogue(np.ones(8, dtype=np.int64)))
    report = list_report(lists)
    assert report["coverage"].value == 0.25
    assert math.isnan(report["coverage"].low)
    assert set(report) == {"coverage", "novelty", "head_share"}


def test_the_interval_is_over_the_queries_that_have_a_value() -> None:
    relevance = np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    lists = Lists(
        np.zeros((4, 1), dtype=np.int64), Catalogue(np.ones(2, dtype=np.int64)), relevance
    )
    found = list_report(lists, [LIST_METRICS["recall"]])["recall"]
    half = 1.959964 * np.std([1, 0, 1], ddof=1) / math.sqrt(3)
    assert (found.value, found.half_width, found.n) == pytest.approx((2 / 3, half, 3))


def test_an_empty_place_of_a_short_list_is_a_miss() -> None:
    relevance = np.array([[1.0, 0.0, 0.0, 0.0, 0.0]])
    lists = serve(np.arange(5.0)[None, :], 10, Catalogue(np.ones(5, dtype=np.int64)), relevance)
    found = list_report(lists)
    assert lists.items.shape == (1, 10)
    assert found["precision"].value == pytest.approx(0.1)
    assert found["recall"].value == found["hit_rate"].value == 1
    assert found["ndcg"].value == pytest.approx(1 / np.log2(6)), "the one install is at place five"


@pytest.mark.parametrize("compute", [precision, hit_rate])
def test_relevance_metrics_say_what_they_lack(compute: Callable[[Lists], Floats]) -> None:
    with pytest.raises(ValueError, match="needs relevance"):
        compute(Lists(np.zeros((1, 1), dtype=np.int64), Catalogue(np.ones(1, dtype=np.int64))))


@given(seed=st.integers(0, 10_000), k=st.integers(1, 9))
def test_the_top_is_what_sorting_gives(seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.integers(-2, 3, (5, 7)).astype(float)
    excluded = rng.random((5, 7)) < rng.random((5, 1))
    for out in (None, excluded):
        found = top_k(scores, k, out)
        for query in range(5):
            candidates = [i for i in range(7) if out is None or not out[query, i]]
            best = sorted(candidates, key=lambda i: (-scores[query, i], i))[:k]
            assert found[query].tolist() == best + [NOTHING] * (k - len(best))


def test_excluded_items_are_no_missed_chances() -> None:
    relevance = np.array([[0.9, 0.5]])
    excluded = np.array([[True, False]])
    lists = serve(np.zeros((1, 2)), 2, Catalogue(np.ones(2, dtype=np.int64)), relevance, excluded)
    assert LIST_METRICS["recall"].compute(lists).tolist() == [1.0]


def served(
    seed: int = 0, queries: int = 40, items: int = 12
) -> tuple[dict[str, list[Items]], Floats]:
    """Lists of the truth, of a blurred truth and of chance."""
    rng = np.random.default_rng(seed)
    truth = rng.random((queries, items)) * 0.4
    scores = {
        "best": truth,
        "fair": truth + rng.normal(size=truth.shape) * 0.15,
        "chance": rng.random(truth.shape),
    }
    return {name: [top_k(score, 5)] for name, score in scores.items()}, truth


CONFIG = OnlineConfig(k=5, visitors=20_000, decay=1.0)


def interval(arm: Arm) -> Interval:
    """Of the gain in percent, as far as it is known."""
    assert arm.gain is not None
    return arm.gain.so_far


def test_expected_installs_are_attention_times_probability() -> None:
    lists, truth = served()
    arms = online_test(lists, truth, "chance", CONFIG)
    for name, (items,) in lists.items():
        slow = np.mean(
            [sum(truth[q, i] / (r + 1) for r, i in enumerate(row)) for q, row in enumerate(items)]
        )
        assert arms[name].expected == pytest.approx(slow)
        gain = 100 * (arms[name].expected / arms["chance"].expected - 1)
        assert arms[name].expected_gain == pytest.approx(gain)
    assert arms["best"].expected > arms["fair"].expected > arms["chance"].expected


def test_simulated_gains_are_near_the_expected_ones_and_the_control_gains_nothing() -> None:
    lists, truth = served()
    arms = online_test(lists, truth, "chance", CONFIG)
    for name in ("best", "fair"):
        gain = interval(arms[name])
        assert gain.low < arms[name].expected_gain < gain.high
        assert arms[name].installs == pytest.approx(arms[name].expected, rel=0.05)
    control = interval(arms["chance"])
    assert (control.value, control.low, control.high) == (0, 0, 0)
    assert arms["chance"].expected_gain == 0


def test_the_intervals_hold_the_expected_gain_about_as_often_as_they_say() -> None:
    lists, truth = served(queries=5000)
    config = OnlineConfig(k=5, visitors=200)
    gain = online_test(lists, truth, "chance", config)["best"].expected_gain
    held = 0
    for seed in range(200):
        drawn = np.random.default_rng(seed).integers(0, 5000, 60)
        sample = {name: [items[drawn]] for name, (items,) in lists.items()}
        config = OnlineConfig(k=5, visitors=400, seed=seed)
        found = interval(online_test(sample, truth[drawn], "chance", config)["best"])
        held += found.low <= gain <= found.high
    assert 178 <= held <= 199


def test_equal_lists_earn_equal_installs_and_the_seed_decides_them() -> None:
    lists, truth = served()
    twins = {"a": lists["best"], "b": [lists["best"][0].copy()]}
    arms = online_test(twins, truth, "a", CONFIG)
    assert interval(arms["b"]) == interval(arms["a"])
    assert arms["b"].installs == arms["a"].installs
    assert online_test(twins, truth, "a", CONFIG) == arms
    other = online_test(twins, truth, "a", CONFIG.model_copy(update={"seed": 1}))
    assert other["a"].installs != arms["a"].installs


def test_a_models_luck_does_not_depend_on_who_else_is_tested() -> None:
    lists, truth = served()
    alone = online_test({"best": lists["best"]}, truth, "best", CONFIG)["best"]
    among = online_test(lists, truth, "best", CONFIG)["best"]
    assert alone == among


def test_pairing_visitors_narrows_the_interval() -> None:
    lists, truth = served()
    swapped = lists["best"][0].copy()
    swapped[:, [3, 4]] = swapped[:, [4, 3]]
    arm = online_test({"best": lists["best"], "swapped": [swapped]}, truth, "best", CONFIG)[
        "swapped"
    ]
    # Independent arms would have twice the variance of a mean of installs.
    unpaired = 100 * 1.96 * math.sqrt(2 * arm.installs / CONFIG.visitors) / arm.installs
    assert 2 * interval(arm).half_width < unpaired


def test_the_controls_own_spread_over_seeds_counts() -> None:
    lists, truth = served()
    good, fair, poor = (lists[name][0] for name in ("best", "fair", "chance"))
    steady = {"model": [good, good, good], "control": [fair, fair, fair]}
    found = online_test(steady, truth, "control", CONFIG)["model"].gain
    assert found is not None
    assert found.finding == "better"
    lucky = {"model": [good, good, good], "control": [good, fair, poor]}
    found = online_test(lucky, truth, "control", CONFIG)["model"].gain
    assert found is not None
    assert found.finding == "could not be told apart"
    one = online_test({**steady, "control": [fair]}, truth, "control", CONFIG)["model"].gain
    assert one is not None
    assert one.finding == "cannot be said yet"


def test_without_a_position_effect_the_order_does_not_matter() -> None:
    lists, truth = served()
    config = CONFIG.model_copy(update={"decay": 0.0})
    assert attention(config).tolist() == [1.0] * 5
    arms = online_test({"a": lists["best"], "b": [lists["best"][0][:, ::-1]]}, truth, "a", config)
    assert arms["b"].expected_gain == pytest.approx(0)
    assert interval(arms["b"]).value == pytest.approx(0)
    assert attention(CONFIG) == pytest.approx([1, 1 / 2, 1 / 3, 1 / 4, 1 / 5])


def test_certain_and_impossible_installs() -> None:
    lists = {"good": [np.array([[0, 1]])], "bad": [np.array([[2, NOTHING]])]}
    truth = np.array([[1.0, 1.0, 0.0]])
    config = OnlineConfig(k=2, visitors=100, decay=0)
    arms = online_test(lists, truth, "good", config)
    assert (arms["good"].installs, arms["bad"].installs) == (2, 0)
    assert interval(arms["bad"]).value == -100
    nothing = online_test(lists, truth, "bad", config)
    assert nothing["good"].gain is None
    assert math.isnan(nothing["good"].expected_gain)


def test_the_test_refuses_what_it_cannot_serve() -> None:
    lists, truth = served()
    with pytest.raises(ValueError, match="none of the models"):
        online_test(lists, truth, "wide", CONFIG)
    with pytest.raises(ValueError, match="shorter than k = 10"):
        online_test(lists, truth, "best", OnlineConfig(k=10))


def test_a_small_catalogue_fills_what_it_can() -> None:
    lists, truth = served(items=4)
    arms = online_test(lists, truth, "best", CONFIG)
    assert arms["best"].expected > 0
