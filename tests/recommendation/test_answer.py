"""An answer is what its models say one by one, and what the log says of the same query."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from recsys_demo.recommendation.answer import Answer, AnswerSettings, ListedModel, answer
from recsys_demo.recommendation.counterfactual import nearest_change
from recsys_demo.recommendation.explanation import explain
from recsys_demo.recommendation.knowledge import Knowledge, knowledge_of
from recsys_demo.recommendation.recommender import OUT
from tests.making.recommending import APPS, SUBSETS, recommender, rows


@cache
def models() -> tuple[ListedModel, ...]:
    return tuple(
        ListedModel(str(n), "wide", f"Model {n}", recommender(SUBSETS[n]), 0.4) for n in (0, -1)
    )


@cache
def knowledge() -> Knowledge:
    return knowledge_of(rows(), models()[0].recommender)


def ask(given: dict[str, Any], before: dict[str, Any] | None = None, **wanted: Any) -> Answer:
    first = models()[0].recommender
    earlier = None if before is None else first.query(before)
    wish = AnswerSettings(**wanted)
    return answer(models(), first.query(given), wish, knowledge(), before=earlier)


def test_lists_are_the_models_own_without_what_the_person_has() -> None:
    found = ask({"user": "u3", "installed": ["app1", "app2"]})
    assert not found.keep
    taken = knowledge().taken_by("u3")
    assert taken.any()
    assert (found.has == (found.first.installed(found.query) | taken)).all()
    for one, ranking in zip(found.models, found.lists, strict=True):
        expected = one.recommender.rank(found.query, found.has)
        assert ranking.order.tolist() == expected.order.tolist()
    kept = ask({"user": "u3", "installed": ["app1", "app2"]}, keep=True)
    assert all(len(ranking.order) == len(APPS) for ranking in kept.lists)


def test_purchases_are_left_out_until_one_of_them_is_looked_at() -> None:
    taken = np.flatnonzero(knowledge().taken_by("u3"))
    left_out = ask({"user": "u3", "installed": []})
    assert all(ranking.places[at] == OUT for ranking in left_out.lists for at in taken)
    bought = str(left_out.first.ids[taken[0]])
    assert ask({"user": "u3"}, item=bought).keep
    assert not ask({"user": "u3"}, item=bought, keep=False).keep


def test_the_item_is_the_chosen_one_or_the_first_of_the_first_list() -> None:
    assert ask({}, item="app5").item == "app5"
    for unknown in ("", "nothing of this log"):
        found = ask({}, item=unknown)
        assert found.at == found.lists[0].order[0]


def test_reasons_and_changes_are_each_models_own() -> None:
    found = ask({"user": "u3"}, item="app5")
    for number, one in enumerate(found.models):
        reason = found.reasons[number]
        assert reason.explanation == explain(one.recommender, found.query, "app5")
        assert reason.place == found.lists[number].places[found.at]
        assert one.name in reason.sentence
        own = nearest_change(one.recommender, found.query, "app5", found.wanted.k)
        assert found.changes[number] == own


def test_what_left_a_list_stood_in_it_before() -> None:
    found = ask({"user": "u3", "installed": []}, {"user": "u3", "installed": ["app1"]}, k=5)
    assert found.earlier is not None
    for number in range(len(found.models)):
        was, now = (lists[number].top(5) for lists in (found.earlier, found.lists))
        assert set(found.left(number)) == set(was) - set(now)
    assert ask({"user": "u3"}).left(0).size == 0


@pytest.mark.parametrize("k", [3, 10])
def test_the_table_has_a_row_for_every_item_of_a_list(k: int) -> None:
    found = ask({"user": "u3"}, {"user": "u4"}, k=k)
    table = found.table()
    tops = {found.first.names[i] for ranking in found.lists for i in ranking.top(k)}
    assert set(table["app"]) == tops
    for number, one in enumerate(found.models):
        first = table.sort_values(f"{one.name} place").iloc[0]
        assert first["app"] == found.first.names[found.lists[number].order[0]]
    assert "planted truth" not in table


def test_the_funnel_searches_the_vectors_of_a_model_that_has_some() -> None:
    found = ask({"user": "u3"}, ranker="0")
    assert found.ranker.key == "0"  # a linear model
    assert found.vectors.key == "-1"
    assert found.funnel().k == found.wanted.k
