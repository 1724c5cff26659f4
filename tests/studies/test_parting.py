"""A score's rows add up to it, and the sentence on where models part is about their numbers."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys_demo.config.component_kinds import KINDS
from recsys_demo.config.components import CrossesConfig
from recsys_demo.recommendation.answer import Answer, AnswerSettings, ListedModel, answer
from recsys_demo.recommendation.explanation import explain
from recsys_demo.recommendation.knowledge import knowledge_of
from recsys_demo.recommendation.shares import SHARES, score_shares, told_shares
from recsys_demo.studies.parting import parting, shares_of
from tests.making.recommending import (
    APPS,
    CROSSES,
    DEEP,
    LINEAR,
    SUBSETS,
    given_queries,
    model,
    recommender,
    rows,
)
from tests.making.trees import SMALL

BOTH = {"Wide": model(LINEAR, CrossesConfig(crosses=CROSSES)), "Deep": model(DEEP)}


@settings(max_examples=40, deadline=None)
@given(st.integers(0, len(SUBSETS) - 1), given_queries, st.sampled_from(APPS))
def test_rows_add_up_to_the_logit(number: int, given_: dict[str, Any], app: str) -> None:
    fast = recommender(SUBSETS[number])
    why = explain(fast, fast.query(given_), app)
    found = score_shares(why, tuple(fast.explains), fast.schema)
    values = [found.value(share) for share in SHARES]
    added = math.fsum(value for value in values if value is not None)
    assert found.start + added == pytest.approx(why.logit)
    assert told_shares([found]) == tuple(
        share for share in SHARES if any(share in KINDS[kind].shares for kind in fast.explains)
    )


def test_trees_have_a_row_of_their_own_and_no_vectors() -> None:
    forest = recommender(model(SMALL))
    why = explain(forest, forest.query({"user": "u3"}), "app5")
    found = score_shares(why, tuple(forest.explains), forest.schema)
    assert told_shares([found]) == ("trees",)
    assert [share for share, about in KINDS.items() if "vectors" in about.shares] == [
        kind for kind, about in KINDS.items() if about.table is not None
    ]


def asked(names: list[str], item: str, k: int = 3, keep: bool = True) -> Answer:
    listed = [ListedModel(name, name, name, recommender(BOTH[name]), 0.4) for name in names]
    fast = listed[0].recommender
    query = fast.query({"user": "u3", "installed": ["app1", "app2"]})
    known = knowledge_of(rows(), fast)
    return answer(listed, query, AnswerSettings(k=k, item=item, keep=keep), known)


@pytest.mark.parametrize("item", APPS)
def test_the_sentence_names_the_models_that_stand_furthest_apart(item: str) -> None:
    found = asked([*BOTH], item)
    places = {reason.model.name: reason.place for reason in found.reasons}
    (first, best), (last, worst) = sorted(places.items(), key=lambda pair: pair[1])
    told = parting(found)
    if worst <= max(3, 2 * best):
        assert told.startswith(f"Both models agree on {item}: place")
        return
    assert told.startswith(f"{first} puts {item} at place {best}, {last} at {worst}: ")
    # The cause is what puts the one above the other by most, for these two have no term in common.
    terms = [
        (term, name)
        for name, own in zip(places, shares_of(found), strict=True)
        for share in own.terms.values()
        for term in share
        if term.fields
    ]
    sign = {first: 1, last: -1}
    term, holder = max(terms, key=lambda pair: sign[pair[1]] * pair[0].value)
    assert sign[holder] * term.value > 0
    assert holder in told.split(": ", 1)[1]
    effect = "adds {:.2f} to" if term.value > 0 else "takes {:.2f} off"
    assert told.endswith(f", which {effect.format(abs(term.value))} its logit.")


def test_what_a_person_has_stands_in_no_list() -> None:
    assert parting(asked([*BOTH], "app1", keep=False)).startswith("This person has app1 already")


def test_one_model_parts_from_nobody() -> None:
    told = parting(asked(["Wide"], "app5"))
    assert told.startswith("Wide puts app5 at place ")
    assert "Deep" not in told
