"""Lists, the simulated online test, cost, papers: recomputed slowly, or against numbers by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

from recsys_demo.data.interactions import Interactions
from recsys_demo.data.sources import Dataset
from recsys_demo.evaluation.intervals import symmetric_interval
from recsys_demo.evaluation.lists import NOTHING
from recsys_demo.evaluation.online_test import OnlineConfig, attention, online_test
from recsys_demo.evaluation.papers import (
    BARS_RESULTS,
    DEEPFM_RESULTS,
    TABLES,
    WD_ONLINE,
    WD_SERVING,
)
from recsys_demo.evaluation.slices import Slice
from recsys_demo.evaluation.verdicts import NOT_FOUND, Evidence, Finding, Verdict
from recsys_demo.jobs.context import Context
from recsys_demo.models.ranker import score
from recsys_demo.recommendation.recommender import Recommender
from recsys_demo.studies.comparison.claims import check, claims, missing_presets
from recsys_demo.studies.comparison.cost import (
    SERVINGS,
    bytes_on_disk,
    cores,
    cost_frame,
    request_times,
    serving_frame,
    serving_job,
    time_serving,
)
from recsys_demo.studies.comparison.list_job import ModelLists, lists_job, make_lists, read_lists
from recsys_demo.studies.comparison.list_rows import list_frame, list_rows
from recsys_demo.studies.comparison.models import Contender, contenders
from recsys_demo.studies.comparison.online_arms import (
    KINDS,
    OnlineArm,
    gain_story,
    online_arms,
    online_frame,
    paper_story,
)
from recsys_demo.studies.comparison.sampled_queries import (
    query_columns,
    query_rows,
    sampled_queries,
)
from recsys_demo.training.runs import load_run
from recsys_demo.training.saved_run import SavedRun
from tests.making.comparing import dataset, trained

QUERIES = 25


class Folder:
    """All that these tasks use of a job's context."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def check(self) -> bool:
        return True


@pytest.fixture(scope="module")
def data() -> Dataset:
    return dataset()


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory, data: Dataset) -> list[Contender]:
    folder = tmp_path_factory.mktemp("runs")
    wanted = [("wide", 0), ("deepfm", 0), ("wide", 1)]
    return contenders([trained(preset, seed, folder) for preset, seed in wanted], data.test)


def runs_of(models: list[Contender]) -> list[SavedRun]:
    return [run for model in models for run in model.runs]


@pytest.fixture(scope="module")
def model_lists(models: list[Contender], tmp_path_factory: pytest.TempPathFactory) -> ModelLists:
    folder = tmp_path_factory.mktemp("job")
    context = cast(Context, Folder(folder))
    events = list(make_lists(lists_job(runs_of(models), QUERIES).payload, context))
    assert events[-1] == {"type": "result", "queries": QUERIES, "items": 80}
    fractions = [event["fraction"] for event in events[:-1]]
    assert fractions == sorted(fractions)
    return read_lists(folder)


@pytest.fixture(scope="module")
def rows(data: Dataset) -> np.ndarray:
    return query_rows(data.test, 80, QUERIES, planted=True)


def every_item(data: Dataset, row: int, ids: pd.Index) -> Interactions:
    """A test row's query with each item of the catalogue, as rows of the log."""
    frame = data.test.frame.iloc[[row]].loc[lambda f: f.index.repeat(len(ids))]
    frame = frame.reset_index(drop=True)
    frame["app"] = pd.Categorical(ids, categories=list(ids))
    for name in ("category", "price", "app_installs"):
        values = data.test.items.loc[list(ids), name].to_numpy()
        frame[name] = values if name == "app_installs" else pd.Categorical(values)
    nothing = np.zeros(len(ids), dtype=np.uint8)
    return replace(data.test, frame=frame, labels=nothing, rows=np.arange(len(ids)))


def test_queries_are_different_and_always_the_same(data: Dataset, rows: np.ndarray) -> None:
    columns = query_columns(data.test)
    assert "user" in columns
    assert "app" not in columns
    assert not data.test.frame.iloc[rows][columns].duplicated().any()
    assert (query_rows(data.test, 80, QUERIES, planted=True) == rows).all()
    large = query_rows(data.test, 10**6, 2_000, planted=True)
    assert len(large) == 20  # a large catalogue, fewer queries
    taken = query_rows(data.test, 80, QUERIES, planted=False)
    assert (data.test.labels[taken] == 1).all()


def test_the_sampled_queries_are_the_planted_world(
    data: Dataset, models: list[Contender], model_lists: ModelLists, rows: np.ndarray
) -> None:
    assert data.world is not None
    recommender = Recommender.of_folder(models[0].runs[0].folder)
    found = model_lists.sample
    planted = data.world.exceptions()
    direction = {(p["installed"], p["app"]): p["direction"] for p in planted.to_dict("records")}
    seen: dict[tuple[str, str], int] = {}
    log = data.train.frame[["installed", "app"]].astype(str)
    for cell, app in log.itertuples(index=False):
        for one in cell.split("|"):
            seen[one, app] = seen.get((one, app), 0) + 1
    for place, row in enumerate(rows[:6]):
        query = data.test.frame.iloc[[row]]
        installed = str(query["installed"].iloc[0]).split("|")
        truth = data.world.probability(query, list(recommender.ids))
        assert np.allclose(found.relevance[place], truth)
        for item, app in enumerate(recommender.ids):
            assert found.excluded[place, item] == (app in installed)
            assert found.support[place, item] == max(seen.get((i, app), 0) for i in installed)
            pulls = sum(direction.get((i, app), 0) for i in installed)
            assert found.exceptions is not None
            assert found.exceptions[place, item] == np.sign(pulls)
    counts = data.train.frame["app"].astype(str).value_counts()
    assert (found.catalogue.popularity == [counts.get(app, 0) for app in recommender.ids]).all()


def test_without_a_truth_relevance_is_what_the_query_took(
    data: Dataset, models: list[Contender]
) -> None:
    recommender = Recommender.of_folder(models[0].runs[0].folder)
    rows = query_rows(data.test, 80, QUERIES, planted=False)
    found = sampled_queries(replace(data, world=None), recommender, rows)
    assert not found.planted
    columns = query_columns(data.test)
    frame = data.test.frame[columns].astype(object).fillna("?")
    for place, row in enumerate(rows):
        same = (frame == frame.iloc[row]).all(axis=1).to_numpy()
        took = set(data.test.frame["app"].astype(str)[same & (data.test.labels == 1)])
        assert {recommender.ids[i] for i in np.flatnonzero(found.relevance[place])} == took
        assert took


def test_vectors_are_of_who_took_an_item(
    data: Dataset, models: list[Contender], model_lists: ModelLists
) -> None:
    """All singular values would give the cosines of the columns users x items exactly; those kept
    give the nearest table of their rank (Eckart and Young)."""
    ids = Recommender.of_folder(models[0].runs[0].folder).ids
    log = data.train.frame[["user", "app"]].astype(str)[data.train.labels == 1]
    took = pd.crosstab(log["user"], log["app"]).reindex(columns=list(ids), fill_value=0) > 0
    table = took.to_numpy(dtype=float)
    vectors = model_lists.sample.catalogue.vectors
    assert vectors is not None
    assert vectors.shape == (len(ids), 16)
    _, values, rows = np.linalg.svd(table, full_matrices=False)
    nearest = (rows[:16] * values[:16, None]).T
    assert np.allclose(vectors @ vectors.T, nearest @ nearest.T, atol=1e-6)


def test_lists_are_the_best_by_scoring_whole_rows(
    data: Dataset, models: list[Contender], model_lists: ModelLists, rows: np.ndarray
) -> None:
    for run in runs_of(models):
        loaded = load_run(run.folder)
        ids = Recommender.of_folder(run.folder).ids
        for place, row in enumerate(rows[:5]):
            logits = score(loaded.ranker, loaded.encoder.encode(every_item(data, row, ids)))
            logits[model_lists.sample.excluded[place]] = -np.inf
            shown = model_lists.lists[run.key][place]
            shown = shown[shown != NOTHING]
            assert len(set(shown)) == len(shown) == (~model_lists.sample.excluded[place]).sum()
            assert np.allclose(logits[shown], -np.sort(-logits)[: len(shown)], atol=1e-4)


def test_list_metrics_by_hand(models: list[Contender], model_lists: ModelLists) -> None:
    k = 7
    frame = list_frame(list_rows(models, model_lists, k), models, k)
    relevance = np.where(model_lists.sample.excluded, 0, model_lists.sample.relevance)
    popularity = model_lists.sample.catalogue.popularity + 1.0
    surprise = -np.log2(popularity / popularity.sum())
    for model in models:
        expected: dict[str, list[float]] = {}
        for run in model.runs:
            items = model_lists.lists[run.key][:, :k]
            shown = np.take_along_axis(relevance, items, axis=1)
            ideal = -np.sort(-relevance, axis=1)[:, :k]
            discount = 1 / np.log2(np.arange(k) + 2)
            for name, value in (
                ("precision@k", shown.mean()),
                ("recall@k", (shown.sum(1) / relevance.sum(1)).mean()),
                ("hit rate@k", (1 - (1 - shown).prod(1)).mean()),
                ("NDCG@k", ((shown @ discount) / (ideal @ discount)).mean()),
                ("catalogue coverage", len(set(items.ravel())) / relevance.shape[1]),
                ("novelty", surprise[items].mean()),
            ):
                expected.setdefault(name, []).append(float(value))
        for name, values in expected.items():
            at = (frame["model"] == model.name) & (frame["metric"] == name)
            assert frame[at]["value"].iloc[0] == pytest.approx(np.mean(values)), name
    ideal_rows = frame[frame["model"] == "the planted truth"].set_index("metric")["value"]
    assert ideal_rows["NDCG@k"] == pytest.approx(1)
    best = frame.groupby("metric")["value"].max()
    assert best["precision@k"] == pytest.approx(ideal_rows["precision@k"])


def test_the_online_gain_is_that_of_every_run_and_its_points_add_up(
    models: list[Contender], model_lists: ModelLists
) -> None:
    config = OnlineConfig(k=5, visitors=2_000, decay=0.5)
    control = models[0]
    arms = {arm.model: arm for arm in online_arms(models, model_lists, control, config)}
    frame = online_frame(list(arms.values()), models).set_index("model")
    weight = attention(config)
    for model in models:
        simulated, expected = [], []
        for of in (model, control):
            lists = {run.key: [model_lists.lists[run.key]] for run in of.runs}
            alone = online_test(lists, model_lists.sample.relevance, of.runs[0].key, config)
            simulated.append(np.mean([one.installs for one in alone.values()]))
            installs = [
                sum(
                    weight[place] * model_lists.sample.relevance[query, items[place]]
                    for query, items in enumerate(runs[0][:, :5])
                    for place in range(5)
                )
                for runs in lists.values()
            ]
            expected.append(np.mean(installs))
        arm = arms[model.key]
        gain = 100 * (simulated[0] / simulated[1] - 1)
        assert arm.gain.value == pytest.approx(gain)
        assert arm.expected == pytest.approx(100 * (expected[0] / expected[1] - 1))
        points = sum(kind.points for kind in arm.kinds.values())
        assert points == pytest.approx(arm.expected, abs=1e-9)
        assert sum(kind.places for kind in arm.kinds.values()) == pytest.approx(5)
        assert frame.loc[model.name, "simulated gain %"] == pytest.approx(gain)
    assert arms[control.key].gain.value == 0
    assert set(arms[control.key].kinds) == set(KINDS)
    blind = replace(model_lists, sample=replace(model_lists.sample, exceptions=None))
    with pytest.raises(ValueError, match="needs the truth"):
        online_arms(models, blind, control, config)


def arm(gain: float, half: float) -> OnlineArm:
    rows = symmetric_interval(gain, half, method="visitors", n=300)
    return OnlineArm("m", Evidence((100 + gain,) * 2, (100.0,) * 2, rows), gain, 1.0, {})


@pytest.mark.parametrize(
    ("gain", "winner", "told"),
    [
        (3.0, None, "Here offline it could not be told apart."),
        (3.0, "Wide", "The same directions"),
        (-3.0, "Wide", "Here online it did worse."),
        (-3.0, "Deep", "Here offline it did better and online it did worse."),
        (0.1, "Wide", "Here online it could not be told apart."),
    ],
)
def test_the_story_says_whether_the_paper_came_out(
    gain: float, winner: str | None, told: str
) -> None:
    size = 0.01 if winner == "Deep" else -0.01
    finding: dict[str | None, Finding] = {None: NOT_FOUND, "Wide": "worse", "Deep": "better"}
    offline = Verdict(finding[winner], winner, size, 0.001, "")
    story = paper_story("deep", "wide", arm(gain, 1.0), offline)
    assert told in story
    assert "0.722 against 0.726" in story
    assert "+2.9 %" in story
    assert paper_story("deepfm", "wide", arm(gain, 1.0), offline) == ""
    assert paper_story("deep", "deepfm", arm(gain, 1.0), offline) == ""
    plain = gain_story("Deep", "Wide", arm(gain, 1.0), offline)
    online = NOT_FOUND if abs(gain) < 1 else "better" if gain > 0 else "worse"
    assert f"in the simulation: {online} (" in plain
    one_run = Evidence((103.0,), (100.0,), symmetric_interval(3.0, 1.0, n=300))
    untold = OnlineArm("m", one_run, 3.0, 1.0, {})
    assert "of the models: more seeds are needed" in gain_story("Deep", "Wide", untold, offline)


def test_cost_is_what_the_runs_report(models: list[Contender]) -> None:
    frame = cost_frame(models).set_index("model")
    for model in models:
        results = [run.result for run in model.runs]
        row = frame.loc[model.name]
        assert row["parameters"] == results[0]["parameters"]
        assert row["training seconds"] == np.mean([r["train_seconds"] for r in results])
        assert row["rows per second"] == np.mean([r["rows_per_second"] for r in results])
        sizes = [sum(f.stat().st_size for f in run.folder.iterdir()) for run in model.runs]
        assert row["bytes on disk"] == round(np.mean(sizes))
        loaded = load_run(model.runs[0].folder)
        wide = [t for n, t in loaded.ranker.state().items() if n.endswith(".weights")]
        nonzero = sum(int((t != 0).sum()) for t in wide)
        first = [run.result["nonzero_wide_weights"] for run in model.runs]
        assert first[0] == nonzero
    assert bytes_on_disk(models[0].runs[0].folder) > 10_000


def test_serving_times_every_way_this_machine_has_cores_for(
    models: list[Contender], tmp_path: Path
) -> None:
    payload = {**serving_job([m.runs[0] for m in models]).payload, "repeats": 10}
    events = list(time_serving(payload, cast(Context, Folder(tmp_path))))
    timed = [event for event in events if event["type"] == "timed"]
    possible = [way for way in SERVINGS if way.threads <= cores()]
    assert len(timed) == len(possible) * len(models)
    assert all(0 < event["ms"] <= event["ms_95"] for event in timed)
    frame = serving_frame(timed, models)
    assert list(frame["W&D Table 2, ms"].dropna()) == [31, 17, 14]
    impossible = frame["threads"] > cores()
    assert frame[f"{models[0].name}, ms"].isna().equals(impossible)
    recommender = Recommender.of_folder(models[0].runs[0].folder)
    assert len(request_times(recommender, SERVINGS[0], 10)) == 10


# Written by hand from the papers, not from the module under test.
BY_HAND: dict[str, list[str]] = {
    "Wide & Deep, Table 1": [
        "Wide (control) 0.726 0",
        "Deep 0.722 +2.9",
        "Wide & Deep 0.728 +3.9",
    ],
    "Wide & Deep, Table 2": ["200 1 31", "100 2 17", "50 4 14"],
    "DeepFM, Table 2": [
        "LR 0.8640 0.02648 0.7686 0.47762",
        "FM 0.8678 0.02633 0.7892 0.46077",
        "FNN 0.8683 0.02629 0.7963 0.45738",
        "IPNN 0.8664 0.02637 0.7972 0.45323",
        "OPNN 0.8658 0.02641 0.7982 0.45256",
        "PNN* 0.8672 0.02636 0.7987 0.45214",
        "LR & DNN 0.8673 0.02634 0.7981 0.46772",
        "FM & DNN 0.8661 0.02640 0.7850 0.45382",
        "DeepFM 0.8715 0.02618 0.8007 0.45083",
    ],
    "BARS, independent re-runs": [
        "LR .9356 .3076 - - .7886",
        "FM .9671 .2065 - - .8022",
        "DNN only .9833 .1622 .98404 .96768 .81368",
        "Wide&Deep .9841 .1490 .98307 .96839 .81382",
        "DeepFM .9842 .1482 .98395 .96822 .81381",
    ],
}


def lines_of(title: str) -> Iterator[str]:
    table = next(table for table in TABLES if table.title == title)
    for name, numbers in table.rows:
        cells = [cell or "-" for cell in numbers]
        yield " ".join(cells if table is WD_SERVING else [name, *cells])


@pytest.mark.parametrize("title", BY_HAND)
def test_papers_numbers_are_those_of_the_papers(title: str) -> None:
    assert list(lines_of(title)) == BY_HAND[title]


def test_every_table_has_its_source_and_nothing_else_is_printed() -> None:
    assert {table.title for table in TABLES} == set(BY_HAND)
    for table in TABLES:
        assert "arXiv" in table.source
        assert all(len(numbers) == len(table.columns) for _, numbers in table.rows)
        assert set(table.presets) <= {name for name, _ in table.rows}
    assert WD_ONLINE.number("deep", "online acquisition gain, %") == 2.9
    assert DEEPFM_RESULTS.printed("lr", "Company* AUC") == "0.8640"
    assert BARS_RESULTS.printed("lr", "Frappe_x1 AUC, mean") is None
    assert BARS_RESULTS.printed("wide", "Frappe_x1 AUC") is None  # its wide part has no crosses
    paper = {(way.candidates, way.threads): way.paper for way in SERVINGS if way.paper}
    printed = {
        (int(str(batch)) * int(str(threads)), int(str(threads))): float(str(ms))
        for _, (batch, threads, ms) in WD_SERVING.rows
    }
    assert paper == printed


def test_claims_are_true_of_the_printed_numbers() -> None:
    for claim in claims():
        first = [pair.split(" against ") for pair in claim.numbers.split(" and ")]
        for a, b in first:
            if claim.alike:
                assert abs(float(a) - float(b)) < 0.002
            else:
                assert float(a) > float(b)


def contender(model: str, logits: np.ndarray, seeds: int = 3) -> Contender:
    run: Any = None
    luck = 1e-3 * np.random.default_rng(len(model)).normal(size=(seeds, len(logits)))
    return Contender(model, model, model, (run,) * seeds, logits + luck)


def test_claims_come_out_as_the_numbers_here_say() -> None:
    random = np.random.default_rng(0)
    labels = random.integers(0, 2, 4_000)
    signal = labels + random.normal(size=4_000)
    good, bad = signal, random.normal(size=4_000)
    almost = signal + 1e-6 * random.normal(size=4_000)
    everything = Slice("all", "all rows", np.ones(4_000, dtype=bool))
    models = [contender("wide_deep", good), contender("deep", bad), contender("wide", almost)]
    checked = check(models, labels, everything)
    outcome = {(one.claim.better, one.claim.worse): one.outcome for one in checked}
    assert outcome["wide_deep", "deep"] == "holds here"
    assert outcome["wide", "deep"] == "holds here"
    assert outcome["wide_deep", "wide"] == "could not be told apart here"
    assert outcome["deepfm", "lr"] == "not trained here"
    assert missing_presets(checked) == ["deepfm", "lr", "fm", "wide_deep_plain", "fm_dnn"]
    swapped = check([contender("wide_deep", bad), contender("deep", good)], labels, everything)
    outcome = {(one.claim.better, one.claim.worse): one.outcome for one in swapped}
    assert outcome["wide_deep", "deep"] == "not so here"
    assert swapped[0].outcome == "not so here"
    alone = [contender("wide_deep", good, 1), contender("deep", bad, 1)]
    outcome = {(c.claim.better, c.claim.worse): c.outcome for c in check(alone, labels, everything)}
    assert outcome["wide_deep", "deep"] == "cannot be said yet"


def test_alike_is_shown_by_a_margin_and_not_by_few_seeds() -> None:
    random = np.random.default_rng(0)
    labels = random.integers(0, 2, 4_000)
    signal = labels + random.normal(size=4_000)
    everything = Slice("all", "all rows", np.ones(4_000, dtype=bool))
    for other, outcome in (
        (signal + 0.01 * random.normal(size=4_000), "holds here"),
        (labels + random.normal(size=4_000), "could not be told apart here"),
        (signal + 2.0 * random.normal(size=4_000), "not so here"),
    ):
        models = [contender("deep", signal), contender("deepfm", other)]
        checked = check(models, labels, everything)
        (one,) = [c for c in checked if (c.claim.better, c.claim.worse) == ("deep", "deepfm")]
        assert one.outcome == outcome
