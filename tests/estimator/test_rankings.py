"""From a log to lists: `RankerClassifier` as a ranker, and the runs it shares with the lab."""

from __future__ import annotations

import doctest
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recsys_demo import Log, RankerClassifier, load_run, read_log, sample_log
from recsys_demo.cli import main
from recsys_demo.config.run import RunConfig
from recsys_demo.estimator import classifier
from recsys_demo.training.run_files import load_manifest
from tests.making.logs import SCHEMA, random_log

DIALS = {"users": 200, "apps": 40, "impressions": 3_000, "exceptions": 20}


@pytest.fixture(scope="module")
def log() -> Log:
    return sample_log(**DIALS)


@pytest.fixture(scope="module")
def model(log: Log) -> RankerClassifier:
    return RankerClassifier(
        "wide_deep", schema=log.schema, items=log.items, epochs=2, layers=(8,)
    ).fit(log.X, log.y)


def test_the_examples_of_the_docstrings_run() -> None:
    failed, tried = doctest.testmod(classifier)
    assert (failed, tried > 5) == (0, True)


def test_a_file_of_users_adds_its_columns(tmp_path: Path) -> None:
    log = pd.DataFrame({"user_id": ["a", "b"] * 40, "item_id": [f"i{n % 7}" for n in range(80)]})
    log.assign(label=[n % 3 == 0 for n in range(80)]).to_csv(tmp_path / "log.csv", index=False)
    people = pd.DataFrame({"user_id": ["b", "a"], "town": ["Oslo", "Rome"]})
    people.to_csv(tmp_path / "users.csv", index=False)
    read = read_log(tmp_path / "log.csv", users=tmp_path / "users.csv")
    assert read.X["town"].astype(str).tolist() == ["Rome", "Oslo"] * 40
    assert read.schema.fields["town"].side == "user"


def test_lists_leave_out_what_a_person_has(log: Log, model: RankerClassifier) -> None:
    lists = model.recommend(k=5)
    taken = set(zip(log.X["user"][log.y == 1], log.X["app"][log.y == 1], strict=True))
    assert not taken & set(zip(lists["user"], lists["item"], strict=True))
    assert lists["user"].nunique() == log.X["user"].nunique()
    one = str(log.X["user"].iloc[0])
    pd.testing.assert_frame_equal(
        model.recommend(one, k=5), lists[lists["user"] == one].reset_index(drop=True)
    )


def test_the_terms_of_a_score_add_up_to_it(log: Log, model: RankerClassifier) -> None:
    user = str(log.X["user"].iloc[0])
    (first,) = model.recommend(user, k=1).itertuples()
    terms = model.explain(user, first.item)
    assert 1 / (1 + np.exp(-terms["value"].sum())) == pytest.approx(first.probability, abs=1e-6)
    assert {"bias", "linear", "deep"} <= set(terms["part"])
    strongest = model.crosses_.iloc[0]
    assert strongest["weight"] == model.crosses_["weight"].abs().max() or strongest["weight"] < 0
    assert strongest["support"] >= 1


def test_a_saved_model_is_a_run_of_the_lab(
    log: Log, model: RankerClassifier, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = model.save(tmp_path / "run")
    back = load_run(folder)
    assert np.array_equal(back.predict_proba(log.X), model.predict_proba(log.X))
    without = log.X.drop(columns=["user"]).assign(weight=1.0)
    assert back.predict_proba(without).shape == (3_000, 2), "users are no field of the sample set"
    assert main(["compare", str(folder)]) == 0
    user = str(log.X["user"].iloc[0])
    assert main(["recommend", str(folder), "--query", f'{{"user": "{user}"}}']) == 0
    assert str(model.recommend(user, k=1)["name"][0]) in capsys.readouterr().out
    told = RunConfig.model_validate(load_manifest(folder).config)
    assert not any(path.startswith("/") for path in told.data.paths().values())


def test_it_is_the_labs_own_training(tmp_path: Path) -> None:
    """The same rows, in files, from the command line: the same digits."""
    log = random_log(200)
    whole = log.frame.assign(label=log.labels)
    (tmp_path / "schema.toml").write_text(SCHEMA, encoding="utf-8")
    whole.to_csv(tmp_path / "log.csv", index=False)
    words = [f"--{name}={tmp_path / 'log.csv'}" for name in ("train", "valid", "test")]
    words += [f"--schema={tmp_path / 'schema.toml'}", f"--out={tmp_path / 'run'}"]
    sizes = ["--set=training.epochs=2", "--set=training.batch_size=64"]
    assert main(["train", "--preset=deepfm", *words, *sizes]) == 0
    mine = RankerClassifier(schema=SCHEMA, epochs=2, batch_size=64, validation_fraction=0)
    scores = mine.fit(whole).decision_function(whole)
    assert np.array_equal(load_run(tmp_path / "run").decision_function(whole), scores)


def test_a_log_of_what_was_taken_only(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    frame = random_log(300).frame[["user", "country"]]
    frame.assign(app=[f"app{row % 23}" for row in range(300)]).to_csv(path, index=False)
    log = read_log(path)
    assert log.y is None
    model = RankerClassifier("fm", schema=log.schema, epochs=1).fit(log.X)
    assert model.result_["base_rate"]["train"] == pytest.approx(1 / 3)
    assert len(model.recommend(["u1", "u2"], k=1)) == 2


def test_a_price_that_goes_with_the_item_gives_nothing_away(tmp_path: Path) -> None:
    """Sampled negatives keep the context of their positive."""
    random = np.random.default_rng(0)
    items, discount = random.integers(0, 15, 600), random.normal(0, 0.05, 600)
    frame = pd.DataFrame({"user": [f"u{row % 90}" for row in range(600)], "item": items})
    frame.assign(price=(items * 1.25 + 3 - discount).round(2)).to_csv(
        tmp_path / "log.csv", index=False
    )
    log = read_log(tmp_path / "log.csv")
    assert log.schema.fields["price"].side == "item"
    assert any("price" in note for note in log.notes)
    model = RankerClassifier("fm", schema=log.schema, epochs=1).fit(log.X)
    assert model.result_["valid"]["auc"] < 0.9


def test_a_log_is_read_alike_in_every_part(tmp_path: Path) -> None:
    """Days of the first half of a month could be months: the whole file decides."""
    days = [f"{1 + row % 28:02d}/01/2024" for row in range(200)]
    frame = pd.DataFrame({"item": [f"i{row % 7}" for row in range(200)], "seen": days})
    frame.assign(label=[row % 2 for row in range(200)]).to_csv(tmp_path / "log.csv", index=False)
    schema = 'label="label"\nitem="item"\n[fields]\nitem={side="item"}\nseen={kind="numeric"}\n'
    log = read_log(tmp_path / "log.csv", schema)
    early = log.X["seen"].astype(str).str[:2].astype(int) <= 12
    model = RankerClassifier("lr", schema=log.schema, epochs=1).fit(log.X[early], log.y[early])
    cuts = model._recommender.encoder.fields.quantiles["seen"].cuts
    assert max(cuts) - min(cuts) <= 12 * 86_400
