"""What the log knows, the candidate generators, the funnel, and the nearest counterfactual."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys_demo.config.components import FmConfig
from recsys_demo.data.cells import cell_values
from recsys_demo.features.encoder import fit_encoder
from recsys_demo.models.ranker import Ranker
from recsys_demo.recommendation.candidates import GENERATORS, Request, propose
from recsys_demo.recommendation.counterfactual import change_text, moves, nearest_change
from recsys_demo.recommendation.funnel import FunnelConfig, run_funnel
from recsys_demo.recommendation.knowledge import NEVER, Knowledge, knowledge_of
from recsys_demo.recommendation.recommender import Recommender
from recsys_demo.recommendation.towers import Towers
from tests.making.logs import log
from tests.making.recommending import (
    APPS,
    LINEAR,
    SUBSETS,
    given_queries,
    model,
    recommender,
    rows,
    whole,
)
from tests.making.towers import drawn_towers

KEYS = list(GENERATORS)


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return knowledge_of(rows(), whole())


def installs_of(cell: object) -> list[str]:
    return cell_values(cell, "|") if isinstance(cell, str) else []


def test_pairs_are_counted_as_the_log_has_them(knowledge: Knowledge) -> None:
    frame, labels = rows().frame, rows().labels
    query = whole().query({"installed": ["app1", "app2", "nobody"]})
    found = knowledge.support(query)
    for at, app in enumerate(whole().ids):
        here = {
            name: [
                int(label)
                for cell, shown, label in zip(frame["installed"], frame["app"], labels, strict=True)
                if shown == app and name in installs_of(cell)
            ]
            for name in ("app1", "app2")
        }
        best = max(here.values(), key=len)
        assert found.rows[at] == len(best)
        if best:
            which = found.values[found.which[at]]
            assert len(here[which]) == len(best)
            assert found.taken[at] == sum(here[which])
        else:
            assert found.which[at] == NEVER
    shown = frame["app"].value_counts()
    assert knowledge.shown_rows.tolist() == [shown[app] for app in whole().ids]


def test_nothing_known_is_no_support(knowledge: Knowledge) -> None:
    found = knowledge.support(whole().query({}))
    assert (found.rows.sum(), set(found.which.tolist())) == (0, {NEVER})


def test_what_a_user_took(knowledge: Knowledge) -> None:
    frame = rows().frame
    mine = frame["app"][(frame["user"] == "u3") & (rows().labels == 1)]
    taken = knowledge.taken_by("u3")
    assert {whole().ids[i] for i in np.flatnonzero(taken)} == set(mine)
    assert not knowledge.taken_by("nobody").any()
    assert not knowledge.taken_by(None).any()


def test_taken_together_is_the_cosine_of_counts(knowledge: Knowledge) -> None:
    frame, labels = rows().frame, rows().labels
    query = whole().query({"installed": ["app1", "app2"]})
    scores = GENERATORS["co_occurrence"].score(Request(query, knowledge, whole()))
    took = [
        (installs_of(cell), app)
        for cell, app, label in zip(frame["installed"], frame["app"], labels, strict=True)
        if label
    ]
    for at, app in enumerate(whole().ids):
        expected = 0.0
        for mine in ("app1", "app2"):
            both = sum(mine in cell and other == app for cell, other in took)
            own = sum(mine in cell for cell, _ in took)
            expected += both / np.sqrt(own * max(1, sum(other == app for _, other in took)))
        assert scores[at] == pytest.approx(expected) or (expected == 0 and scores[at] == -np.inf)


def test_without_installed_items_users_say_what_is_taken_together() -> None:
    schema = 'label="y"\nuser="u"\nitem="i"\n[fields]\ni={side="item"}\nu={side="user"}\n'
    small = log(
        {
            "y": [1, 1, 1, 1, 0, 1, 0],
            "u": ["a", "a", "b", "b", "b", "c", "c"],
            "i": ["x", "y", "x", "y", "z", "z", "x"],
        },
        schema,
    )
    config = model(LINEAR, FmConfig())
    encoder = fit_encoder(small, config)
    state = {n: t.numpy() for n, t in Ranker(config, encoder, 0).state().items()}
    fast = Recommender(config, encoder, state, small.items, small.frame[[]].iloc[:0])
    known = knowledge_of(small, fast)
    assert known.together.toarray().tolist() == [[2, 2, 0], [2, 2, 0], [0, 0, 1]]
    request = Request(fast.query({"u": "a"}), known, fast)
    assert [fast.ids[i] for i in request.history] == ["x", "y"]
    scores = GENERATORS["co_occurrence"].score(request)
    assert scores[2] == -np.inf  # nobody took z with x or y
    assert known.support(request.query).rows.tolist() == [1, 1, 0]


def test_nearest_vectors_by_cosine(knowledge: Knowledge) -> None:
    query = whole().query({"installed": ["app4"]})
    scores = GENERATORS["nearest"].score(Request(query, knowledge, whole()))
    fields = whole().encoder.fields
    first = fields.offsets()["app"]
    table = whole().weights["embedding"]
    vectors = [table[first + fields.vocabularies["app"].code_of(app)] for app in whole().ids]
    mine = vectors[whole().ids.get_loc("app4")]
    for vector, score in zip(vectors, scores, strict=True):
        cosine = vector @ mine / np.linalg.norm(vector) / np.linalg.norm(mine)
        assert score == pytest.approx(float(cosine), abs=1e-5)
    assert (
        GENERATORS["nearest"].score(Request(query, knowledge, recommender(SUBSETS[0]))) < 0
    ).all()


@settings(max_examples=40, deadline=None)
@given(
    given_queries,
    st.fixed_dictionaries({key: st.integers(0, 30) for key in KEYS}),
    st.integers(1, 25),
    st.booleans(),
    st.booleans(),
)
def test_the_funnel_keeps_its_promises(
    given_: dict[str, Any], budgets: dict[str, int], k: int, filtered: bool, has_towers: bool
) -> None:
    known, towers = study_once()
    query = whole().query(given_)
    excluded = whole().installed(query) if filtered else None
    config = FunnelConfig(**budgets)
    request = Request(query, known, whole(), towers if has_towers else None)
    funnel = run_funnel(whole(), request, config, k, excluded)
    there = [key for key in KEYS if has_towers or not GENERATORS[key].needs_towers]
    assert [p.key for p in funnel.proposals] == [key for key in there if budgets[key]]
    together = [set(p.items.tolist()) for p in funnel.proposals]
    for proposal, own in zip(funnel.proposals, together, strict=True):
        assert len(own) == len(proposal.items) <= budgets[proposal.key]
        others = set().union(*(t for t in together if t is not own))
        assert proposal.alone == len(own - others)
        if excluded is not None:
            assert not excluded[proposal.items].any()
    assert set(funnel.union.tolist()) == set().union(*together)
    # The list is the full list without what no generator proposed.
    full = [i for i in funnel.full.order if i in set(funnel.union.tolist())]
    assert funnel.items.tolist() == full[:k]
    best = funnel.full.top(k)
    assert set(funnel.lost.tolist()) == set(best.tolist()) - set(funnel.union.tolist())
    assert funnel.recall == pytest.approx(1 - len(funnel.lost) / len(best))


@cache
def study_once() -> tuple[Knowledge, Towers]:
    return knowledge_of(rows(), whole()), drawn_towers(rows(), whole())


def test_switching_a_generator_off_loses_only_what_it_alone_proposed(knowledge: Knowledge) -> None:
    query = whole().query({"installed": ["app1", "app2"]})
    request = Request(query, knowledge, whole())
    config = FunnelConfig(popularity=4, co_occurrence=4, nearest=4, at_random=0)
    before = run_funnel(whole(), request, config, 20)
    for key in ("popularity", "co_occurrence", "nearest"):
        after = run_funnel(whole(), request, config.model_copy(update={key: 0}), 20)
        gone = set(before.union.tolist()) - set(after.union.tolist())
        assert gone == {i for i in before.union.tolist() if before.proposed_by(i) == [key]}
        assert after.recall <= before.recall


def test_proposals_skip_what_is_not_to_be_proposed() -> None:
    scores = np.array([1.0, -np.inf, 3.0, 3.0])
    assert propose(scores, 9).tolist() == [2, 3, 0]
    assert propose(scores, 2, np.array([False, False, True, False])).tolist() == [3, 0]


@settings(max_examples=15, deadline=None)
@given(given_queries, st.sampled_from(APPS), st.integers(1, 22))
def test_a_counterfactual_does_what_it_says_and_nothing_smaller_does(
    given_: dict[str, Any], app: str, k: int
) -> None:
    query = whole().query(given_)
    at = int(whole().ids.get_loc(app))

    def place(asked: Any) -> int:
        excluded = whole().installed(asked)
        excluded[at] = False
        return int(whole().rank(asked, excluded).places[at])

    found = nearest_change(whole(), query, app, k)
    assert found.before == place(query)
    singles = [(c.size, place(c.apply(query))) for c in moves(whole(), query, at)]
    crossing = [size for size, after in singles if (after <= k) != (found.before <= k)]
    if not found.changes:
        assert not crossing
        return
    changed = query
    for change in found.changes:
        changed = change.apply(changed)
        assert change_text(whole(), query, change)
    assert place(changed) == found.after
    assert (found.after <= k) != (found.before <= k)
    if crossing:
        assert found.size <= min(crossing) + 1e-12
        assert len(found.changes) == 1 or found.size < min(crossing)
    else:
        assert len(found.changes) == 2


def test_moves_reach_every_value_but_the_user_and_the_item_itself() -> None:
    query = whole().query({"user": "u3", "installed": ["app1"], "country": "ch", "age": 30})
    found = list(moves(whole(), query, int(whole().ids.get_loc("app5"))))
    assert {c.field for c in found} == {"country", "installed", "age", "hour"}
    installed = {(c.kind, c.value) for c in found if c.field == "installed"}
    assert ("remove", "app1") in installed
    assert {value for kind, value in installed if kind == "add"} == set(APPS) - {"app1", "app5"}
    assert {c.value for c in found if c.field == "country"} == {"it"}
    assert len({c.apply(query) for c in found}) == len(found)
    sizes = sorted((abs(float(c.value) - 30), c.size) for c in found if c.field == "age")
    near = [size for distance, size in sizes if distance < 5]
    far = [size for distance, size in sizes if distance > 30]
    assert max(near) < min(far)
