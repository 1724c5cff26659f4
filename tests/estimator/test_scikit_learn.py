"""`RankerClassifier` keeps scikit-learn's promises."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from recsys_demo import RankerClassifier


@parametrize_with_checks([RankerClassifier()])  # all of them hold: none is expected to fail
def test_scikit_learns_own_checks(estimator: Any, check: Callable[[Any], None]) -> None:
    check(estimator)


def shop(rows: int = 400, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """People of two kinds who like products of two kinds; some cells are empty."""
    random = np.random.default_rng(seed)
    user, item = random.integers(0, 20, rows), random.integers(0, 12, rows)
    likes = random.random(rows) < np.where(user % 2 == item % 2, 0.9, 0.1)
    frame = pd.DataFrame(
        {
            "user": pd.Categorical([f"u{i}" for i in user]),
            "item": [f"i{i}" for i in item],
            "price": np.where(random.random(rows) < 0.1, np.nan, item * 1.5),
            "gift": pd.array(random.random(rows) < 0.5, dtype="boolean"),
        }
    )
    return frame, np.where(likes, "taken", "left")


QUICK = RankerClassifier(epochs=2, layers=(4,), embedding_size=2)


def test_a_pipeline_a_grid_and_folds_take_it() -> None:
    X, y = shop()
    first = ColumnTransformer([("scaled", StandardScaler(), ["price"])], remainder="passthrough")
    first.set_output(transform="pandas")
    piped = make_pipeline(first, QUICK)
    assert len(cross_val_score(piped, X, y, cv=2, scoring="roc_auc")) == 2
    grid = {"preset": ["lr", "wide"], "l1": np.array([0.0, 1.0]), "seed": np.array([1])}
    found = GridSearchCV(QUICK, grid, cv=2, scoring="roc_auc", error_score="raise").fit(X, y)
    assert found.best_estimator_.predict_proba(X).shape == (400, 2)


def test_classes_are_the_labels_whatever_they_are_called() -> None:
    X, y = shop()
    model = clone(QUICK).fit(X, y)
    assert model.classes_.tolist() == ["left", "taken"]
    assert set(model.predict(X)) <= {"left", "taken"}
    numbers = clone(QUICK).fit(X, np.where(y == "taken", 5, -1))
    assert np.array_equal(numbers.predict_proba(X), model.predict_proba(X))


def test_a_value_is_the_same_in_every_dtype_and_order() -> None:
    X, y = shop()
    model = clone(QUICK).fit(X, y)
    expected = model.predict_proba(X)
    as_text = X.assign(user=X["user"].astype("object"), item=X["item"].astype("category"))
    assert np.array_equal(clone(QUICK).fit(as_text, y).predict_proba(X), expected)
    turned = X.iloc[::-1]
    assert np.array_equal(model.predict_proba(turned)[::-1], expected)
    back = pickle.loads(pickle.dumps(model))
    assert np.array_equal(back.predict_proba(as_text), expected)
    assert np.array_equal(clone(QUICK).fit(X, y).predict_proba(X), expected), "same seed"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"preset": "resnet"}, "deepfm"),
        ({"learning_rate": -1.0}, "more than 0"),
        ({"embedding_size": 0}, "at least 1"),
        ({"layers": (0,)}, "hidden"),
        ({"epochs": 0}, "at least 1"),
        ({"validation_fraction": 1.5}, "less than 1"),
        ({"seed": -1}, "at least 0"),
        ({"preset": "wide", "crosses": ("user x weather",)}, "weather"),
        ({"schema": "label = 3\n"}, "schema"),
    ],
)
def test_settings_are_checked_when_it_is_fitted(changes: dict[str, Any], told: str) -> None:
    X, y = shop(60)
    with pytest.raises(ValueError, match=told):
        clone(QUICK).set_params(**changes).fit(X, y)


def test_rows_about_items_alone() -> None:
    X, y = shop(60)
    scores = clone(QUICK).fit(X[["item"]], y).decision_function(X[["item"]])
    assert len(np.unique(scores)) == X["item"].nunique()
    nothing = clone(QUICK).fit(X[["price"]].to_numpy(), y)
    with pytest.raises(ValueError, match="no column of items"):
        nothing.recommend()


def test_what_cannot_be_read_is_a_value_error_that_says_where() -> None:
    X, y = shop(60)
    model = clone(QUICK).fit(X, y)
    with pytest.raises(ValueError, match='row 2, column "price"'):
        model.predict(X.assign(price=["1", "2", "cheap", *["4"] * 57]))
    with pytest.raises(ValueError, match="called label"):
        clone(QUICK).fit(X.assign(label=1), y)
