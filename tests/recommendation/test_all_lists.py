"""Everybody's lists are those that each would get alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recsys_demo.errors import InputError
from recsys_demo.recommendation.all_lists import all_lists, best
from recsys_demo.recommendation.recommender import Recommender, rank
from recsys_demo.training.runs import load_stored, save_run
from tests.making.runs import make_run

LOGITS = arrays(np.float64, st.integers(1, 30), elements=st.integers(-2, 2).map(float))


@given(LOGITS, st.integers(1, 40), st.data())
def test_the_best_are_those_of_the_whole_order(
    logits: np.ndarray, k: int, data: st.DataObject
) -> None:
    excluded = data.draw(arrays(bool, len(logits)))
    assert best(np.where(excluded, -np.inf, logits), k).tolist() == (
        rank(logits, excluded).top(k).tolist()
    )


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Recommender:
    folder = tmp_path_factory.mktemp("run") / "run"
    save_run(make_run(), folder)
    return Recommender.of_stored(load_stored(folder))


@pytest.mark.parametrize("keep", [True, False])
def test_each_list_is_the_persons_own(found: Recommender, keep: bool) -> None:
    context = {"country": "it"}
    (lists,) = all_lists(found, 3, context=context, keep=keep)
    assert list(lists.columns) == ["user", "place", "item", "name", "probability"]
    for user in found.people:
        query = found.query({"user": user, **context})
        has = found.installed(query) | found.taken_by(user)
        ranking = found.rank(query, None if keep else has)
        own = lists[lists["user"] == user]
        assert own["item"].tolist() == [found.ids[at] for at in ranking.top(3)]
        assert own["place"].tolist() == list(range(1, len(own) + 1))
        np.testing.assert_allclose(own["probability"], ranking.probabilities[ranking.top(3)])


def test_some_people_in_the_order_asked_for(found: Recommender) -> None:
    (lists,) = all_lists(found, 1, ["u3", "u1"], keep=True)
    assert lists["user"].tolist() == ["u3", "u1"]
    with pytest.raises(InputError, match="u99"):
        list(all_lists(found, 1, ["u3", "u99"]))
    with pytest.raises(InputError, match="weather"):
        list(all_lists(found, 1, ["u3"], context={"weather": "rain"}))
