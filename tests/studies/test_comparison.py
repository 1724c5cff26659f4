"""Every number of the Compare room, recomputed from the saved predictions alone."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, rankdata, t
from sklearn.metrics import (
    average_precision_score,
    log_loss,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from recsys_demo.data.sources import Dataset
from recsys_demo.errors import InputError
from recsys_demo.evaluation.curves import calibration_curve, pr_points, roc_points, score_histogram
from recsys_demo.evaluation.reports import SliceReport, evaluate
from recsys_demo.evaluation.slices import SUPPORT_BUCKETS
from recsys_demo.models.ranker import score
from recsys_demo.studies.comparison.measures import slice_rows
from recsys_demo.studies.comparison.models import Contender, contenders, logits_of
from recsys_demo.studies.comparison.overfitting import gap_frame, gaps
from recsys_demo.studies.comparison.pairings import pairing_frame
from recsys_demo.studies.comparison.slices import (
    CrossSlices,
    frequent_values,
    own_slices,
    pairs_of,
    standard_slices,
    support_of,
)
from recsys_demo.studies.comparison.support import support_buckets, support_frame
from recsys_demo.studies.comparison.tables import (
    calibration_frame,
    curve_frame,
    estimate_text,
    histogram_frame,
    slice_frame,
)
from recsys_demo.training.run_files import PREDICTIONS, load_predictions
from recsys_demo.training.runs import load_run
from recsys_demo.training.saved_run import SavedRun
from tests.making import metrics as toy_metric
from tests.making.comparing import CROSS, dataset, trained

Z = norm.ppf(0.975)


@pytest.fixture(scope="module")
def data() -> Dataset:
    return dataset()


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[SavedRun]:
    folder = tmp_path_factory.mktemp("runs")
    wanted = [("wide", 0), ("deep", 0), ("deepfm", 0), ("wide", 1), ("deep", 1)]
    return [trained(preset, seed, folder) for preset, seed in wanted]


@pytest.fixture(scope="module")
def models(runs: list[SavedRun], data: Dataset) -> list[Contender]:
    return contenders(runs, data.test)


def predictions(model: Contender) -> list[pd.DataFrame]:
    """What anyone who has only the folders sees."""
    return [pd.read_parquet(run.folder / PREDICTIONS) for run in model.runs]


def slow_support(data: Dataset, first: str, second: str) -> np.ndarray:
    """In how many training rows the best known pair of each test row occurs, by dictionaries."""

    def pairs(row: dict[str, object]) -> Iterator[tuple[str, str]]:
        for one in set(str(row[first]).split("|")):
            for other in set(str(row[second]).split("|")):
                yield one, other

    seen: dict[tuple[str, str], int] = {}
    for row in data.train.frame[[first, second]].astype(str).to_dict("records"):
        for pair in pairs(row):
            seen[pair] = seen.get(pair, 0) + 1
    test = data.test.frame[[first, second]].astype(str).to_dict("records")
    return np.array([max(seen.get(pair, 0) for pair in pairs(row)) for row in test])


def slow_delong(labels: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Placements by comparing every positive with every negative."""
    up, down = scores[labels == 1], scores[labels == 0]
    wins = (up[:, None] > down) + 0.5 * (up[:, None] == down)
    return wins.mean(1), wins.mean(0)


def slow_interval(labels: np.ndarray, of_seeds: list[np.ndarray], metric: str) -> tuple[float, ...]:
    """Mean over seeds with its two intervals joined, from probabilities."""
    if metric == "auc":
        values = [roc_auc_score(labels, p) for p in of_seeds]
        both = [slow_delong(labels, p) for p in of_seeds]
        positive, negative = (np.mean([b[i] for b in both], axis=0) for i in (0, 1))
        error = math.sqrt(
            positive.var(ddof=1) / len(positive) + negative.var(ddof=1) / len(negative)
        )
        mean = float(np.mean(values))
        half = Z * error / (mean * (1 - mean))
        ends = [1 / (1 + math.exp(-(math.log(mean / (1 - mean)) + s * half))) for s in (-1, 1)]
    else:
        values = [log_loss(labels, p, labels=[0, 1]) for p in of_seeds]
        losses = np.mean([-np.log(np.where(labels == 1, p, 1 - p)) for p in of_seeds], axis=0)
        mean = float(np.mean(values))
        half = Z * losses.std(ddof=1) / math.sqrt(len(losses))
        ends = [mean - half, mean + half]
    if len(values) > 1:
        wide = t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / math.sqrt(len(values))
        far = [math.hypot(end - mean, wide) for end in ends]
        ends = [mean - far[0], mean + far[1]]
    return mean, ends[0], ends[1]


def test_seeds_of_a_model_are_one_contender(models: list[Contender], data: Dataset) -> None:
    assert [(m.name, m.seeds, m.key) for m in models] == [
        ("Wide", (0, 1), "wide-0"),
        ("Deep", (0, 1), "deep-0"),
        ("DeepFM", (0,), "deepfm-0"),
    ]
    for model in models:
        assert model.logits.shape == (len(model.seeds), len(data.test))


def test_names_that_stand_twice_are_numbered(runs: list[SavedRun], data: Dataset) -> None:
    manifest = runs[0].manifest
    config = manifest.config | {"without_fields": ("age",)}
    changed = manifest.model_copy(update={"config": config})
    twice = contenders([runs[0], replace(runs[0], key="x", manifest=changed)], data.test)
    assert [model.name for model in twice] == ["Wide #1", "Wide #2"]


def test_logits_give_the_probabilities_back(models: list[Contender]) -> None:
    for model in models:
        for logits, saved in zip(model.logits, predictions(model), strict=True):
            assert np.allclose(1 / (1 + np.exp(-logits)), saved["probability"], rtol=1e-12)
    assert np.isfinite(logits_of(np.array([0.0, 1.0, 0.5]))).all()


def test_runs_on_other_rows_are_refused(runs: list[SavedRun], data: Dataset) -> None:
    with pytest.raises(InputError, match="other rows"):
        contenders(runs[:1], data.test.take(np.arange(100)))


def test_changed_predictions_are_refused(runs: list[SavedRun], tmp_path: Path) -> None:
    copy = tmp_path / "run"
    shutil.copytree(runs[0].folder, copy)
    frame = pd.read_parquet(copy / PREDICTIONS)
    frame.assign(probability=0.5).to_parquet(copy / PREDICTIONS)
    with pytest.raises(InputError, match="changed or damaged"):
        load_predictions(copy)


@pytest.mark.parametrize("metric", ["auc", "logloss"])
def test_the_slice_table_is_that_of_the_predictions(
    models: list[Contender], data: Dataset, metric: str
) -> None:
    slices = standard_slices(data)
    frame = slice_frame(slice_rows(models, data.test.labels, slices, metric), models, metric)
    support = slow_support(data, "installed", "app")
    masks = {
        "all rows": support >= 0,
        "never seen": support == 0,
        "seen 1 to 4 times": (support >= 1) & (support <= 4),
        "seen 5 to 19 times": (support >= 5) & (support <= 19),
        "seen 20+ times": support >= 20,
        "planted exceptions": data.test.frame["exception"].to_numpy() == 1,
        "held-out pairs": data.test.frame["held_out"].to_numpy() == 1,
    }
    checked = 0
    for name, mask in masks.items():
        for model in models:
            saved = predictions(model)
            labels = saved[0]["label"].to_numpy()[mask]
            cell = frame[(frame["slice"] == name) & (frame["model"] == model.name)]
            if not mask.any():
                assert cell.empty
                continue
            found = cell.iloc[0]
            assert found["rows"] == mask.sum()
            assert found["positives"] == labels.sum()
            if min(labels.sum(), (1 - labels).sum()) < 2:
                continue
            assert found["seeds"] == len(saved)
            of_seeds = [one["probability"].to_numpy()[mask] for one in saved]
            expected = slow_interval(labels, of_seeds, metric)
            assert found[["mean", "low", "high"]].to_list() == pytest.approx(expected, rel=1e-6)
            checked += 1
    assert checked >= 12


def test_rare_users_and_head_items_are_counted_in_training_rows(data: Dataset) -> None:
    found = {one.key: one.mask for one in standard_slices(data)}
    users = data.train.frame["user"].astype(str).value_counts()
    times = data.test.frame["user"].astype(str).map(users).fillna(0).to_numpy()
    assert (found["known_users"] == (times >= 5)).all()
    apps = data.train.frame["app"].astype(str).value_counts()
    head, total = set(), 0
    for app in sorted(apps.index, key=lambda a: (-apps[a], a)):
        if total >= len(data.train) / 2:
            break
        head.add(app)
        total += apps[app]
    in_head = data.test.frame["app"].astype(str).isin(head).to_numpy()
    assert found["head"].sum() == in_head.sum()


def test_the_best_is_marked_only_where_it_is_better(models: list[Contender], data: Dataset) -> None:
    """Copies of one model are never told apart; a model that knows the labels is, but not by one
    training."""
    labels, single = data.test.labels, models[2]
    one = replace(single, runs=single.runs * 2, logits=np.repeat(single.logits, 2, axis=0))
    noise = np.random.default_rng(0).normal(size=one.logits.shape) * 1e-3
    twin = replace(one, key="twin", name="twin", logits=one.logits + noise)
    all_rows = [s for s in standard_slices(data) if s.key == "all"]
    for metric in ("auc", "logloss"):
        rows = slice_rows([one, twin], labels, all_rows, metric)
        assert rows[0].best is None
        assert rows[0].lead is not None
        oracle = replace(one, key="oracle", logits=one.logits + (2.0 * labels - 1))
        rows = slice_rows([one, twin, oracle], labels, all_rows, metric)
        assert rows[0].best == "oracle"
        first = [replace(model, logits=model.logits[:1]) for model in (one, oracle)]
        rows = slice_rows(first, labels, all_rows, metric)
        assert rows[0].best is None


@pytest.mark.parametrize("pair", [("installed", "app"), ("country", "app"), ("category", "user")])
def test_the_support_curve_is_that_of_the_predictions(
    models: list[Contender], data: Dataset, pair: tuple[str, str]
) -> None:
    assert pair in pairs_of(data.train)
    support = support_of(data, pair)
    assert (support == slow_support(data, *pair)).all()
    for metric in ("auc", "logloss"):
        buckets = support_buckets(models, data, support, metric)
        frame = support_frame(buckets, models, metric)
        assert frame["rows"].sum() == len(data.test) * len(models)
        for (low, high), label in zip(
            SUPPORT_BUCKETS, dict.fromkeys(frame["times seen in training"]), strict=True
        ):
            mask = (support >= low) & (support <= (math.inf if high is None else high))
            for model in models:
                at = (frame["times seen in training"] == label) & (frame["model"] == model.name)
                found = frame[at].iloc[0]
                saved = predictions(model)
                labels = saved[0]["label"].to_numpy()[mask]
                assert (found["rows"], found["positives"]) == (mask.sum(), labels.sum())
                if min(labels.sum(), (1 - labels).sum()) < 2:
                    continue
                of_seeds = [one["probability"].to_numpy()[mask] for one in saved]
                expected = slow_interval(labels, of_seeds, metric)
                assert found[["mean", "low", "high"]].to_list() == pytest.approx(expected, rel=1e-6)


def test_own_slices_and_crosses(data: Dataset) -> None:
    frame = data.test.frame
    app = frequent_values(data.test, "app")[0]
    assert app == frame["app"].astype(str).value_counts().index[0]
    own = own_slices([f"app = {app} & age >= 30"], data.test)[0]
    expected = (frame["app"].astype(str) == app) & (frame["age"] >= 30)
    assert (own.mask == expected.to_numpy()).all()
    installed = frequent_values(data.test, "installed")
    cells = frame["installed"].astype(str).str.split("|")
    counts = cells.explode().value_counts()
    assert counts[installed[0]] == counts.max()
    seen, unseen = CrossSlices.of(data).slices([CROSS])
    assert (seen.mask == (slow_support(data, "installed", "app") > 0)).all()
    assert (unseen.mask == ~seen.mask).all()
    with pytest.raises(InputError, match="no column has this name"):
        own_slices(["nobody = 3"], data.test)


def test_every_pair_by_slow_delong(models: list[Contender], data: Dataset) -> None:
    all_rows = next(one for one in standard_slices(data) if one.key == "all")
    frame = pairing_frame(models, data.test.labels, [(all_rows, "all rows")], ["auc"])
    assert len(frame) == 3
    by_name = {model.name: model for model in models}
    for row in frame.to_dict("records"):
        sides = []
        values = []
        for side in ("a", "b"):
            saved = predictions(by_name[row[side]])
            labels = saved[0]["label"].to_numpy()
            both = [slow_delong(labels, one["probability"].to_numpy()) for one in saved]
            sides.append([np.mean([b[i] for b in both], axis=0) for i in (0, 1)])
            values.append([roc_auc_score(labels, one["probability"]) for one in saved])
        gain = np.mean(values[0]) - np.mean(values[1])
        parts = [a - b for a, b in zip(*sides, strict=True)]
        half = Z * math.sqrt(sum(part.var(ddof=1) / len(part) for part in parts))
        assert row["a better by"] == pytest.approx(gain, abs=1e-12)
        assert row["±"] >= half - 1e-9
        if len(values[0]) == len(values[1]) == 2:
            spread = [np.var(v, ddof=1) / 2 for v in values]
            freedom = sum(spread) ** 2 / sum(s**2 for s in spread)
            welch = t.ppf(0.975, freedom) * math.sqrt(sum(spread))
            assert row["±"] == pytest.approx(math.hypot(half, welch), rel=1e-6)
            assert (row["better"] == "could not be told apart") == (abs(gain) <= row["±"])


def test_curves_are_those_of_scikit_learn(models: list[Contender], data: Dataset) -> None:
    labels = data.test.labels
    names = [model.name for model in models]
    roc = [roc_points(labels, model.logits[0], 10**9) for model in models]
    frame = curve_frame(names, roc, "x", "y")
    pr = curve_frame(names, [pr_points(labels, m.logits[0], 10**9) for m in models], "x", "y")
    for model in models:
        p = predictions(model)[0]["probability"].to_numpy()
        x, y, _ = roc_curve(labels, p)
        found = frame[frame["model"] == model.name]
        assert np.allclose(found["x"], x)
        assert np.allclose(found["y"], y)
        precision, recall, _ = precision_recall_curve(labels, p)
        found = pr[pr["model"] == model.name]
        assert np.allclose(found["x"], recall[-2::-1])
        assert np.allclose(found["y"], precision[-2::-1])
        steps = np.diff([0.0, *found["x"]])
        assert (steps * found["y"]).sum() == pytest.approx(average_precision_score(labels, p))


def test_calibration_and_histograms_by_counting(models: list[Contender], data: Dataset) -> None:
    labels = data.test.labels
    names = [model.name for model in models]
    bins = [calibration_curve(labels, model.logits[0]) for model in models]
    frame = calibration_frame(names, bins)
    counts = histogram_frame(names, [score_histogram(labels, m.logits[0]) for m in models])
    for model in models:
        p = predictions(model)[0]["probability"].to_numpy()
        found = frame[frame["model"] == model.name]
        assert found["rows"].sum() == len(labels)
        place = ((rankdata(p) - 0.5) / len(p) * 10).astype(int)
        for number, (_, row) in enumerate(found.iterrows()):
            here = place == number
            assert row["mean prediction"] == pytest.approx(p[here].mean(), abs=1e-3)
            assert row["share installed"] == pytest.approx(labels[here].mean(), abs=1e-2)
            assert row["low"] < row["share installed"] < row["high"]
        found = counts[counts["model"] == model.name]
        for _, row in found.iterrows():
            here = (p >= row["from"]) & ((p < row["to"]) | (row["to"] == 1))
            assert row["installed"] == labels[here].sum()
            assert row["not installed"] == (1 - labels[here]).sum()


def test_a_metric_added_later_is_measured_and_missing_from_saved_reports(
    models: list[Contender], data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy_metric.add_toy(monkeypatch)
    everything = standard_slices(data)[:1]
    (row,) = slice_rows(models, data.test.labels, everything, toy_metric.KEY)
    for model in models:
        saved = [
            toy_metric.brier(p["label"].to_numpy(), logits_of(p["probability"].to_numpy()))
            for p in predictions(model)
        ]
        found = row.estimates[model.key]
        assert found is not None
        assert found.value == pytest.approx(np.mean(saved))
    assert gaps(models, toy_metric.KEY) == []  # no report of these runs has it
    report = SliceReport.from_json({"rows": 3, "positives": 1, "auc": 0.5})
    assert math.isnan(report.values[toy_metric.KEY])
    reports = evaluate(data.test.labels, np.zeros(len(data.test)), everything)
    assert reports["all"].values[toy_metric.KEY] == pytest.approx(0.25)


def test_train_against_test_by_scoring_the_training_rows(
    models: list[Contender], data: Dataset
) -> None:
    frame = gap_frame(gaps(models, "auc"), models, "auc")
    assert set(frame["slice"]) >= {"all", "frequent"}
    assert "never" not in set(frame["slice"])  # each training row has seen at least itself
    for model in models:
        train, test = [], []
        for run, saved in zip(model.runs, predictions(model), strict=True):
            loaded = load_run(run.folder)
            logits = score(loaded.ranker, loaded.encoder.encode(data.train))
            train.append(roc_auc_score(data.train.labels, logits))
            test.append(roc_auc_score(saved["label"], saved["probability"]))
        row = frame[(frame["slice"] == "all") & (frame["model"] == model.name)].iloc[0]
        assert row["train"] == pytest.approx(np.mean(train))
        assert row["test"] == pytest.approx(np.mean(test))
        assert row["worse on test by"] == pytest.approx(np.mean(train) - np.mean(test))


def test_cells_say_value_and_half_the_interval(models: list[Contender], data: Dataset) -> None:
    all_rows = [one for one in standard_slices(data) if one.key == "all"]
    found = slice_rows(models, data.test.labels, all_rows, "auc")[0].estimates[models[0].key]
    assert found is not None
    half = (found.interval.high - found.interval.low) / 2
    assert estimate_text(found) == f"{found.value:.3f} ± {half:.3f}"
    assert estimate_text(None) == "–"


@pytest.mark.parametrize("metric", ["pr_auc", "ece", "calibration", "normalized_entropy"])
def test_metrics_without_noise_over_rows_have_no_best(
    models: list[Contender], data: Dataset, metric: str
) -> None:
    all_rows = [s for s in standard_slices(data) if s.key == "all"]
    row = slice_rows(models, data.test.labels, all_rows, metric)[0]
    assert row.best is None
    for model in models:
        saved = predictions(model)
        labels = saved[0]["label"].to_numpy()
        found = row.estimates[model.key]
        assert found is not None
        assert math.isnan(found.interval.low) == (len(saved) == 1)
        if metric == "pr_auc":
            values = [average_precision_score(labels, one["probability"]) for one in saved]
        elif metric == "calibration":
            values = [one["probability"].mean() / labels.mean() for one in saved]
        elif metric == "normalized_entropy":
            base = log_loss(labels, np.full(len(labels), labels.mean()))
            values = [log_loss(labels, one["probability"]) / base for one in saved]
        else:
            values = []
            for one in saved:
                p = one["probability"].to_numpy()
                place = ((rankdata(p) - 0.5) / len(p) * 20).astype(int)
                gaps_ = [abs((p - labels)[place == i].sum()) for i in range(20)]
                values.append(sum(gaps_) / len(p))
        assert found.value == pytest.approx(np.mean(values), rel=2e-2 if metric == "ece" else 1e-6)
