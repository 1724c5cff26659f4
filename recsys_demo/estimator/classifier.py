"""`RankerClassifier`: the lab's models with scikit-learn's conventions.

A fitted classifier is a run folder in memory: `save` writes it, `load_run` reads one, and both
score as `python -m recsys_demo score` does, without torch.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from recsys_demo.config.flat import changed_model, plain, training_of
from recsys_demo.config.run import RunConfig
from recsys_demo.data.schema import Schema
from recsys_demo.estimator.beginning import beginning
from recsys_demo.estimator.inputs import HoldOut, as_value_errors, epoch_bar, schema_of, texts
from recsys_demo.estimator.tables import table_of
from recsys_demo.estimator.training_rows import (
    NO_ITEM,
    Labels,
    TrainingRows,
    plain_schema,
    spec_at,
    training_rows,
    with_item,
)
from recsys_demo.recommendation.all_lists import all_lists
from recsys_demo.recommendation.cross_weights import cross_weights
from recsys_demo.recommendation.explanation import explain
from recsys_demo.recommendation.recommender import Recommender
from recsys_demo.recommendation.row_scores import table_scores
from recsys_demo.training.run_files import Files, read_files, save_files
from recsys_demo.training.runs import files_of, stored_of
from recsys_demo.values import validated

Floats = npt.NDArray[np.float64]
IN_MEMORY = Path("RankerClassifier")  # where messages say that a fitted run is


class RankerClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc] # sklearn has no types
    """A ranker of the lab as a binary classifier of scikit-learn.

    Parameters
    ----------
    preset : str
        A model of the lab: "lr", "fm", "wide", "deep", "wide_deep", "deepfm", "dcn_v2" and others.
    schema : Schema, str, Path or None
        What the columns of X mean: a value, TOML, or a file of it. None: guessed from names and
        values; of columns without names, numbers are numeric fields, all else categories.
    items : DataFrame or None
        A row per item with its attributes; the item's id in a column or as the index.
    crosses : sequence of str or None
        Cross features of presets that have some, such as "user x item". None: the cross that is
        worth most on the rows held out.
    embedding_size, layers, dropout, learning_rate, l1, l2, min_support : optional
        Numbers per value, widths of the network, share of its neurons silenced, size of a step of
        everything but FTRL, FTRL's pull to zero, the embeddings' pull to zero, rows a combination
        needs to get a weight. None: as the preset has it, changed where it would overfit. What a
        preset has no part for is not used, so that a grid can hold several.
    batch_size, epochs, patience : optional
        Rows per step, passes at most, passes without improvement before training stops. None: the
        lab's own, with smaller steps for few rows.
    validation_fraction : float
        Share of the rows that training stops by; of very few rows none are held out.
    seed : int
        Decides the start, the order of the rows and which are held out: same seed, same digits.
    verbose : bool
        Show a bar of the epochs on standard error, in a terminal or a notebook.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The labels; the second one means taken.
    schema_ : Schema
        What the columns of X were taken to mean.
    result_ : dict
        What `python -m recsys_demo train --json` reports. Its test rows are the rows held out to
        stop by: what to test on is scikit-learn's to choose.
    n_features_in_, feature_names_in_
        As scikit-learn has them.

    Examples
    --------
    >>> from recsys_demo import RankerClassifier, sample_log
    >>> log = sample_log(users=300, apps=40, impressions=6_000, exceptions=20)
    >>> model = RankerClassifier("deepfm", schema=log.schema, items=log.items, epochs=3)
    >>> model = model.fit(log.X, log.y)
    >>> model.predict_proba(log.X[:2]).shape
    (2, 2)
    >>> lists = model.recommend(k=3)
    >>> list(lists.columns), len(lists) == 3 * lists["user"].nunique()
    (['user', 'place', 'item', 'name', 'probability'], True)
    """

    def __init__(
        self,
        preset: str = "deepfm",
        *,
        schema: Schema | str | Path | None = None,
        items: pd.DataFrame | None = None,
        crosses: Sequence[str] | None = None,
        embedding_size: int | None = None,
        layers: Sequence[int] | None = None,
        dropout: float | None = None,
        learning_rate: float | None = None,
        l1: float | None = None,
        l2: float | None = None,
        min_support: int | None = None,
        batch_size: int | None = None,
        epochs: int | None = None,
        patience: int | None = None,
        validation_fraction: float = 0.1,
        seed: int = 0,
        verbose: bool = False,
    ) -> None:
        self.preset = preset
        self.schema = schema
        self.items = items
        self.crosses = crosses
        self.embedding_size = embedding_size
        self.layers = layers
        self.dropout = dropout
        self.learning_rate = learning_rate
        self.l1 = l1
        self.l2 = l2
        self.min_support = min_support
        self.batch_size = batch_size
        self.epochs = epochs
        self.patience = patience
        self.validation_fraction = validation_fraction
        self.seed = seed
        self.verbose = verbose

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: N803 # scikit-learn's name
        """Train on rows X [n, columns] with labels y [n] of two classes.

        y may be left out where the schema says which column of X is the label, or that every row
        was taken (negatives are sampled then). Raises ValueError with everything that is wrong.
        """
        with as_value_errors():
            schema = schema_of(self.schema)
            if y is None and schema is None:
                raise ValueError(
                    "RankerClassifier requires y to be passed, but the target y is None."
                )
            frame = self._frame(X, schema, reset=True)
            if schema is None and not hasattr(self, "feature_names_in_"):
                schema = plain_schema(frame)
            labels = None if y is None else self._labels(y, len(frame))
            if labels is None:
                self.classes_: npt.NDArray[Any] = np.array([0, 1])
                frame = _with_own_label(frame, X, schema)
            asked = {"validation_fraction": self.validation_fraction, "seed": self.seed}
            held = validated(HoldOut, plain(asked), "RankerClassifier")
            rows = training_rows(frame, labels, schema, held)
            self._use(self._trained(rows))
        return self

    def decision_function(self, X: Any) -> Floats:  # noqa: N803 # scikit-learn's name
        """The logit of every row, [n]. Raises ValueError for cells that cannot be read."""
        check_is_fitted(self)
        with as_value_errors():
            frame = with_item(self._frame(X, self.schema_, reset=False), self.schema_)
            return table_scores(self._recommender, table_of(frame)).logits

    def predict_proba(self, X: Any) -> Floats:  # noqa: N803 # scikit-learn's name
        """The probability of either class for every row, [n, 2]."""
        taken = expit(self.decision_function(X))
        return np.stack([1 - taken, taken], axis=1)

    def predict(self, X: Any) -> npt.NDArray[Any]:  # noqa: N803 # scikit-learn's name
        """The likelier class of every row, [n]."""
        logits = self.decision_function(X)
        return np.asarray(self.classes_[(logits > 0).astype(np.intp)])

    def recommend(
        self,
        users: Any = None,
        k: int = 10,
        *,
        context: Mapping[str, Any] | None = None,
        keep_installed: bool = False,
    ) -> pd.DataFrame:
        """The k best items for users (one or several; None: everybody in the log).

        Columns: `user`, `place`, `item`, `name`, `probability`. A person's fields are those of
        their last row, replaced by `context`; what they took or have is left out unless
        `keep_installed`. Raises ValueError for users the log does not have.
        """
        check_is_fitted(self)
        with as_value_errors():
            self._check_items()
            asked = None if users is None else texts(users)
            blocks = all_lists(self._recommender, k, asked, context=context, keep=keep_installed)
            return pd.concat(list(blocks), ignore_index=True)

    def explain(self, query: Any, item: Any) -> pd.DataFrame:
        """Why an item has its score for a user or for a mapping of fields ({"user": "u17", "hour":
        "evening"}): a row per term, and the terms add up to the logit.

        Columns: `part`, `name`, `value`, and `support`, the training rows of a cross's combination.
        Raises ValueError for an item the log does not have.
        """
        check_is_fitted(self)
        with as_value_errors():
            self._check_items()
            given = query if isinstance(query, Mapping) else {"user": texts(query)[0]}
            name = texts(item)[0]
            if self._recommender.position(name) is None:
                raise ValueError(f"The log has no item {name!r}.")
            found = explain(self._recommender, self._recommender.query(given), name)
        terms = [(term.part, term.name, term.value, term.support) for term in found.terms]
        return pd.DataFrame(terms, columns=["part", "name", "value", "support"])

    @property
    def crosses_(self) -> pd.DataFrame:
        """Every combination of a cross that has a weight, the strongest first: `cross`, `name`,
        `weight`, `support`. Empty for a model without crosses."""
        check_is_fitted(self)
        return cross_weights(self._recommender)

    def save(self, folder: str | Path) -> Path:
        """Write a run folder, which `load_run`, the command line and the lab read. Raises
        InputError if it exists or cannot be written."""
        check_is_fitted(self)
        save_files(self._files, Path(folder))
        return Path(folder)

    def _trained(self, rows: TrainingRows) -> Files:
        """The files of a run on these rows."""
        from recsys_demo.training.experiment import train_run, trained_run

        parameters = self.get_params(deep=False)
        with tempfile.TemporaryDirectory(prefix="recsys-demo-fit-") as folder:
            spec = rows.write(Path(folder), self.items)
            held_out = bool(rows.held_out.any())
            begun = beginning(spec, self.preset, self.crosses, plain(self.seed), held_out=held_out)
            model = changed_model(begun.model, parameters)
            training = training_of(parameters, rows.trained, begun.training)
            content = {**dict(begun), "model": model, "training": training}
            config = validated(RunConfig, content, "RankerClassifier")
            with epoch_bar(training.epochs, model.name, shown=self.verbose) as heard:
                run = trained_run(train_run(config), heard)
        # The run names its files, not where they lay for a moment.
        elsewhere = spec_at(Path(), rows.schema, has_items=spec.items is not None)
        told = config.model_copy(update={"data": elsewhere}).model_dump(mode="json")
        return files_of(replace(run, config=told))

    def _use(self, files: Files) -> None:
        self._files = dict(files)
        self._recommender = Recommender.of_stored(stored_of(files, IN_MEMORY))
        self.schema_ = self._recommender.schema
        self.result_: dict[str, Any] = json.loads(files["run.json"])["result"]

    def _frame(
        self,
        X: Any,  # noqa: N803 # scikit-learn's name
        schema: Schema | None,
        *,
        reset: bool,
    ) -> pd.DataFrame:
        """X without its label as a DataFrame with texts for names, checked as scikit-learn asks; a
        loaded run takes any DataFrame that has the columns of its log."""
        if isinstance(X, pd.DataFrame):
            label = None if schema is None else schema.label
            features = X.drop(columns=label) if label in X.columns else X
            if 0 in features.shape:
                raise ValueError(
                    f"Found array with {features.shape[0]} sample(s) and {features.shape[1]} "
                    f"feature(s) (shape={features.shape}) while a minimum of 1 is required."
                )
            if reset or hasattr(self, "n_features_in_"):
                validate_data(self, features, reset=reset, skip_check_array=True)
            return features.set_axis(list(map(str, features.columns)), axis=1).reset_index(
                drop=True
            )
        values = validate_data(self, X, reset=reset, dtype=None, ensure_all_finite="allow-nan")
        return pd.DataFrame(values, columns=[f"x{at}" for at in range(values.shape[1])])

    def _labels(self, y: Any, rows: int) -> Labels:
        """1 for the second class, 0 for the first."""
        known = column_or_1d(y, warn=True)
        check_classification_targets(known)
        if type_of_target(known, input_name="y") != "binary" and len(np.unique(known)) > 2:
            raise ValueError(
                "Only binary classification is supported. The type of the target is "
                f"{type_of_target(known)}."
            )
        if len(known) != rows:
            raise ValueError(f"X has {rows} rows and y has {len(known)}.")
        self.classes_, codes = np.unique(known, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                "Rows of two classes are needed to learn from; y has 1 class: "
                f"{self.classes_.tolist()}."
            )
        return codes.astype(np.int64)

    def _check_items(self) -> None:
        if self.schema_.item == NO_ITEM:
            raise ValueError(
                "X has no column of items, so there is nothing to rank. Give a schema that names "
                "one."
            )

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = super().__getstate__()
        return {name: value for name, value in state.items() if name != "_recommender"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "_files" in state:
            self._use(self._files)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        return tags


def load_run(folder: str | Path) -> RankerClassifier:
    """A saved run as a fitted classifier, whoever trained it: `train --out`, a page, or `save`.

    X has the columns of its log; the label may be left out, and item fields that the run knows.
    Raises InputError if a file is missing or damaged.
    """
    files = read_files(Path(folder))
    manifest = json.loads(files["run.json"])
    found = RankerClassifier(manifest["model"]["name"], seed=manifest["seed"])
    found._use(files)
    found.classes_ = np.array([0, 1])
    return found


def _with_own_label(
    frame: pd.DataFrame,
    X: Any,  # noqa: N803 # scikit-learn's name
    schema: Schema | None,
) -> pd.DataFrame:
    """The column of X that is the label back, where the schema names one."""
    if schema is None or schema.label is None:
        return frame
    if not isinstance(X, pd.DataFrame) or schema.label not in X.columns:
        raise ValueError(
            "RankerClassifier requires y to be passed, but the target y is None and X has no "
            f"column {schema.label!r}."
        )
    return frame.assign(**{schema.label: X[schema.label].to_numpy()})
