"""Named cases, the planted truth of a list, and sentences: each against the log or the world."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys_demo.config.model import ModelConfig
from recsys_demo.data.cells import cell_values
from recsys_demo.data.planted.sample import World
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.queries import people_of
from recsys_demo.data.sources import load
from recsys_demo.data.specs import SampleSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.features.encoder import fit_encoder
from recsys_demo.models.ranker import Ranker
from recsys_demo.recommendation import cases, sentences
from recsys_demo.recommendation.explanation import explain
from recsys_demo.recommendation.knowledge import Knowledge, knowledge_of
from recsys_demo.recommendation.query import query_frame
from recsys_demo.recommendation.recommender import Recommender
from recsys_demo.recommendation.truth import truth_of
from tests.making.recommending import DEEP, LINEAR, SUBSETS, model, recommender, rows, whole

SMALL = WorldConfig(users=300, apps=80, impressions=12_000, exceptions=40, seed=3)


@cache
def small() -> tuple[Recommender, Knowledge, World]:
    """A planted world, served by a model that has not been trained."""
    data = load(SampleSpec(world=SMALL), SplitConfig(kind="column"))
    config: ModelConfig = model(LINEAR, DEEP)
    encoder = fit_encoder(data.train, config)
    state = {n: t.numpy() for n, t in Ranker(config, encoder, 0).state().items()}
    fast = Recommender(config, encoder, state, data.train.items, people_of(data).queries)
    assert data.world is not None
    return fast, knowledge_of(data.train, fast), data.world


def test_the_frequent_pair_is_frequent_and_not_yet_installed() -> None:
    fast, known, _ = small()
    case = cases.frequent(fast, known)
    assert case is not None
    assert case.item is not None
    query = fast.query({"user": case.user})
    at = fast.position(case.item)
    support = known.support(query)
    assert support.rows[at] >= known.rows.max() / 2
    assert not fast.installed(query)[at]
    assert case.item in case.story


def test_the_never_seen_pair_is_in_no_training_row() -> None:
    fast, known, _ = small()
    case = cases.never_seen(fast, known)
    assert case is not None
    query = fast.query({"user": case.user})
    at = fast.position(str(case.item))
    assert known.support(query).rows[at] == 0
    assert known.shown_rows[at] > 0
    told = sentences.known_of_pair(fast, known, known.support(query), int(at or 0))
    assert told is not None
    assert told.startswith("No training row")


def test_the_niche_person_has_what_few_took() -> None:
    fast, known, _ = small()
    case = cases.niche(fast, known)
    assert case is not None

    def liking(user: str) -> float:
        own = fast.installed(fast.query({"user": user}))
        return float(np.log1p(known.taken_rows[own]).mean()) if own.sum() >= 2 else np.inf

    assert liking(str(case.user)) == pytest.approx(min(map(liking, fast.queries.index)))


def test_penguins_have_the_app_that_makes_the_exception_and_a_taste_against_it() -> None:
    fast, _, world = small()
    found = cases.penguins(fast, world)
    assert found
    for case in found:
        story = next(p for p in world.penguins if p.sentence == case.story)
        own = cell_values(fast.queries.loc[case.user, "installed"], "|")
        assert story.installed in own
        assert case.item == story.app
        assert story.app not in own
        others = "|".join(app for app in own if app != story.installed)
        asked = query_frame(fast.query({"installed": others}), fast.encoder.fields)
        taste = world.terms(asked, [story.app])["affinity"][0]
        assert taste * story.direction <= 0


def test_the_log_tells_of_the_pair_that_the_story_is_about() -> None:
    fast, known, world = small()
    for case in cases.penguins(fast, world):
        query = fast.query({"user": case.user})
        at = int(fast.position(case.item) or 0)
        support = known.about(known.support(query), at, case.about)
        told = sentences.known_of_pair(fast, known, support, at)
        assert told is not None
        story = next(p for p in world.penguins if p.sentence == case.story)
        row = known.values.get_loc(story.installed)
        if known.rows[row, at]:
            assert f"{known.pair} = {fast.readable('installed', story.installed)} in" in told
        others = np.arange(len(support.rows)) != at
        assert (support.rows[others] == known.support(query).rows[others]).all()


def test_a_log_without_pairs_or_people_has_no_cases() -> None:
    fast = whole()
    known = knowledge_of(rows(), fast)
    lonely = Recommender(
        fast.config, fast.encoder, fast.weights.state, fast.items, fast.queries.iloc[:0]
    )
    assert cases.frequent(lonely, known) is None
    assert cases.never_seen(lonely, known) is None
    assert cases.niche(lonely, known) is None
    assert cases.nobody().user is None


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 299), st.integers(1, 30), st.booleans())
def test_the_truth_of_a_list_is_the_worlds(user: int, k: int, filtered: bool) -> None:
    fast, _, world = small()
    query = fast.query({"user": str(fast.queries.index[user % len(fast.queries)])})
    excluded = fast.installed(query) if filtered else None
    truth = truth_of(world, fast, query, excluded)
    asked = query_frame(query, fast.encoder.fields)
    p = world.probability(asked, list(fast.ids))
    np.testing.assert_allclose(truth.probabilities, p)
    best = sorted((p[i] for i in truth.ranking.order), reverse=True)[:k]
    mine = fast.rank(query, excluded).top(k)
    assert truth.regret(mine, k) == pytest.approx(sum(best) - p[mine].sum())
    assert truth.regret(mine, k) >= -1e-9
    assert truth.regret(truth.ranking.order, k) == pytest.approx(0)
    exceptions = world.exceptions()
    own = query.get("installed") or ()
    touched = set(exceptions["app"][exceptions["installed"].isin(list(own))])  # type: ignore[arg-type]
    assert {str(fast.ids[i]) for i in np.flatnonzero(truth.exceptions)} <= touched


def test_a_sentence_says_the_numbers_of_its_explanation() -> None:
    for config in SUBSETS:
        fast = recommender(config)
        why = explain(fast, fast.query({"user": "u3", "installed": ["app1", "app2"]}), "app5")
        for base_rate in (0.01, 0.5, 0.99):
            told = sentences.why(why, "Mine", base_rate)
            assert f"{why.probability:.0%}" in told
            assert ("above" in told) == (why.probability > base_rate)
            values = {f"{term.value:+.2f}" for term in why.terms}
            assert set(re.findall(r"\(([+-]\d+\.\d\d)", told)) <= values


def test_nearness_counts_by_cosine() -> None:
    fast = whole()
    unit = fast.item_directions
    assert unit is not None
    history = np.array([2, 5, 9])
    found = sentences.nearness(fast, history, 7)
    assert found is not None
    expected = 0
    for own in history:
        others = [unit[own] @ unit[i] for i in range(len(unit)) if i not in (own, 7)]
        closer = sum(cosine > unit[own] @ unit[7] for cosine in others)
        expected += closer < 0.1 * len(unit)
    assert (found.near, found.of) == (expected, 3)
    assert sentences.nearness(recommender(SUBSETS[0]), history, 7) is None
    assert sentences.nearness(fast, np.array([7]), 7) is None


def test_what_the_log_knows_is_told_with_its_rate() -> None:
    known = knowledge_of(rows(), whole())
    query = whole().query({"installed": ["app1", "app2"]})
    support = known.support(query)
    at = int(support.rows.argmax())
    told = sentences.known_of_pair(whole(), known, known.support(query), at)
    assert told is not None
    assert f"in {support.rows[at]:,} training rows" in told
    assert f"taken in {support.taken[at]:,}" in told
    assert sentences.known_of_pair(whole(), known, known.support(whole().query({})), at) is None
