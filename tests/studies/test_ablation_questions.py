"""Every number of every sentence, computed again from the saved logits of the runs."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import minimize
from sklearn.metrics import log_loss, roc_auc_score

from recsys_demo.config.run import RunConfig
from recsys_demo.data.planted.files import write_sample
from recsys_demo.data.planted.sample import SCHEMA as PLANTED
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.specs import FileSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.evaluation.verdicts import NOT_YET
from recsys_demo.studies.ablation.answers import Question, answer_of, memory_slice
from recsys_demo.studies.ablation.effects import Effect
from recsys_demo.studies.ablation.grid import BASE, EMPTY, Cell, Grid, subset_cells
from recsys_demo.studies.ablation.outcomes import Reader
from recsys_demo.studies.ablation.questions import QUESTIONS
from recsys_demo.sweep.records import Record, Records, record_key
from tests.making.sweeping import run_config, schema, trained, write_log

SEEDS = (0, 1, 2)
NUMBER = re.compile(
    r"([+-]\d+\.\d{4}) ± (\d+\.\d{4})( \(could not be told apart\))? on "
    r"([^,;.()]+?)(?= and |[,;.()]|$)"
)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> RunConfig:
    folder = tmp_path_factory.mktemp("planted")
    world = WorldConfig(users=200, apps=60, impressions=4000, exceptions=60)
    write_sample(folder, world)
    data = FileSpec(
        data=str(folder / "impressions.parquet"),
        items=str(folder / "apps.csv"),
        schema_toml=PLANTED.to_toml(),
    )
    return run_config(folder).model_copy(update={"data": data, "split": SplitConfig(kind="column")})


@pytest.fixture(scope="module")
def own_log(tmp_path_factory: pytest.TempPathFactory) -> RunConfig:
    return run_config(write_log(tmp_path_factory.mktemp("own"), 1500))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where records are kept: many questions ask for the same runs, which are trained once."""
    return tmp_path_factory.mktemp("records")


def logits_of(cell: Cell, seed: int, records: Records) -> tuple[np.ndarray, np.ndarray, dict]:
    """Labels, logits and slices of a model, put together by hand where it is several runs."""
    test, valid = (
        [records.rows(record_key(config), part) for config in cell.at(seed)]
        for part in ("test", "valid")
    )
    logits = np.stack([rows.logits for rows in test])
    if cell.combine == "stacked":
        fit = np.stack([rows.logits for rows in valid])
        signs = 1.0 - 2.0 * valid[0].labels
        weights = minimize(
            lambda w: np.logaddexp(0, signs * (w[:-1] @ fit + w[-1])).mean(),
            np.zeros(len(fit) + 1),
            tol=1e-10,
        ).x
        total = weights[:-1] @ logits + weights[-1]
    else:
        mean = (1 / (1 + np.exp(-logits))).mean(0)
        total = np.log(mean / (1 - mean))
    return test[0].labels, total, dict(test[0].slices)


def metric(cell: Cell, seed: int, effect: Effect, records: Records) -> float:
    labels, logits, slices = logits_of(cell, seed, records)
    labels, logits = labels[slices[effect.slice]], logits[slices[effect.slice]]
    if effect.metric == "auc":
        return float(roc_auc_score(labels, logits))
    return float(log_loss(labels, 1 / (1 + np.exp(-logits))))


def row_error(both: list[Cell], effect: Effect, records: Records) -> float:
    """Standard error of the paired difference of the seeds' means when rows are drawn anew."""
    parts: list[list[np.ndarray]] = []
    for cell in both:
        of_seeds = []
        for seed in SEEDS:
            labels, logits, slices = logits_of(cell, seed, records)
            labels, logits = labels[slices[effect.slice]], logits[slices[effect.slice]]
            if effect.metric == "logloss":
                of_seeds.append([np.logaddexp(0, (1.0 - 2.0 * labels) * logits)])
                continue
            up, down = logits[labels == 1], logits[labels == 0]
            wins = (up[:, None] > down) + 0.5 * (up[:, None] == down)
            of_seeds.append([wins.mean(1), wins.mean(0)])
        parts.append([np.mean(part, axis=0) for part in zip(*of_seeds, strict=True)])
    gaps = [a - b for a, b in zip(*parts, strict=True)]
    return math.sqrt(sum(gap.var(ddof=1) / len(gap) for gap in gaps))


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=lambda q: q.key)
@pytest.mark.parametrize("log", ["planted", "own_log"])
def test_the_sentence_says_what_the_saved_runs_say(
    question: Question, log: str, request: pytest.FixtureRequest, kept: Path
) -> None:
    base: RunConfig = request.getfixturevalue(log)
    told_schema = PLANTED if log == "planted" else schema()
    cells = question.cells(base, told_schema, None)
    grid = Grid(cells, SEEDS)
    records = trained(grid.configs(), kept)
    outcomes = Reader(records).outcomes(grid)
    answer = answer_of(question, outcomes, cells)
    assert answer is not None
    assert "retrained" in answer.sentence
    first = answer.effects[0]  # what was guessed stands beside it
    assert (first.cell, first.other, first.metric) == (question.asked, BASE, "auc")
    assert first.slice == memory_slice(outcomes)
    by_key = {cell.key: cell for cell in cells}
    ours = []
    for effect in answer.effects:
        both = [by_key[effect.cell], by_key[effect.other]]
        values = [[metric(cell, seed, effect, records) for seed in SEEDS] for cell in both]
        level = 1 - 0.05 / len(answer.effects)
        welch = stats.ttest_ind(*values, equal_var=False).confidence_interval(level)
        rows = row_error(both, effect, records) * stats.norm.ppf((1 + level) / 2)
        half = math.hypot(np.nan_to_num(welch.high - welch.low) / 2, rows)
        gain = np.mean(values[0]) - np.mean(values[1])
        ours.append((gain, half, abs(gain) <= half, outcomes.slice_labels[effect.slice]))
    said = NUMBER.findall(answer.sentence.replace("−", "-"))
    assert len(said) == len(ours)
    for (mean, half, unclear, label), (a, b, c, d) in zip(said, ours, strict=True):
        assert (float(mean), float(half)) == pytest.approx((a, b), abs=1e-4)
        assert bool(unclear) == c
        assert label.strip() == d


def test_weights_and_parameters_of_the_sentences_are_those_of_the_runs(
    planted: RunConfig, kept: Path
) -> None:
    question = QUESTIONS["joint"]
    cells = question.cells(planted, PLANTED, None)
    records = trained(Grid(cells, (0,)).configs(), kept)
    answer = answer_of(question, Reader(records).outcomes(Grid(cells, (0,))), cells)
    assert answer is not None
    apart, _, joint = cells
    both = [records.get(record_key(c)) for cell in (joint, apart) for c in cell.at(0)]
    weights = [record.result["nonzero_wide_weights"] for record in both if record]
    assert f"keeps {weights[0]:,.0f} weights, the one trained alone {weights[1]:,.0f}" in (
        answer.sentence
    )
    assert "of the models it cannot be said yet" in answer.sentence, "one seed proves nothing"
    assert "±" not in answer.sentence


def test_sizes_and_shares_of_the_sentences_are_those_of_the_runs(
    planted: RunConfig, kept: Path
) -> None:
    told = {}
    for key in ("sharing", "l1"):
        cells = QUESTIONS[key].cells(planted, PLANTED, None)
        grid = Grid(cells, SEEDS)
        records = trained(grid.configs(), kept)
        answer = answer_of(QUESTIONS[key], Reader(records).outcomes(grid), cells)
        assert answer is not None
        told[key] = (answer.sentence, cells, records)
    sentence, (separate, shared), records = told["sharing"]
    sizes = [record_of(cell, 0, records).result["parameters"] for cell in (shared, separate)]
    assert f"({sizes[0]:,} instead of {sizes[1]:,}) and changes" in sentence
    sentence, cells, records = told["l1"]
    left = {
        cell.key: [record_of(cell, s, records).result["nonzero_wide_weights"] for s in SEEDS]
        for cell in cells
    }
    for l1 in (3, 30):
        shares = [100 * a / b for a, b in zip(left[f"l1-{l1}"], left[BASE], strict=True)]
        assert f"keeps {np.mean(shares):.1f} %" in sentence


def record_of(cell: Cell, seed: int, records: Records) -> Record:
    record = records.get(record_key(cell.at(seed)[0]))
    assert record is not None
    return record


def test_the_verdict_on_l1_names_every_loss(planted: RunConfig, kept: Path) -> None:
    cells = QUESTIONS["l1"].cells(planted, PLANTED, None)
    grid = Grid(cells, SEEDS)
    outcomes = Reader(trained(grid.configs(), kept)).outcomes(grid)
    answer = answer_of(QUESTIONS["l1"], outcomes, cells)
    assert answer is not None
    most = [effect for effect in answer.effects if effect.cell == "l1-30"]
    lost = [outcomes.slice_labels[e.slice] for e in most if e.verdict == "worse"]
    verdict = answer.sentence.split(". ")[0]
    if lost:
        assert verdict == "Strong L1 hurts: it is worse on " + " and ".join(lost)
    elif any(effect.verdict == NOT_YET for effect in most):
        assert verdict == "Whether L1 forgets what matters cannot be said yet"
    else:
        assert verdict.startswith("No loss was found even with strong L1")


def test_one_seed_does_not_say_that_nothing_was_lost(planted: RunConfig, kept: Path) -> None:
    for key, verdict in (
        ("depth", "Whether depth replaces FM cannot be said yet"),
        ("l1", "Whether L1 forgets what matters cannot be said yet"),
    ):
        cells = QUESTIONS[key].cells(planted, PLANTED, None)
        grid = Grid(cells, (0,))
        outcomes = Reader(trained(grid.configs(), kept)).outcomes(grid)
        answer = answer_of(QUESTIONS[key], outcomes, cells)
        assert answer is not None
        assert answer.sentence.startswith(verdict)


def test_no_answer_before_one_seed_is_whole(planted: RunConfig, tmp_path: Path) -> None:
    for question in QUESTIONS.values():
        cells = question.cells(planted, PLANTED, None)
        grid = Grid(cells, SEEDS)
        nothing = Reader(Records(tmp_path)).outcomes(grid)
        assert answer_of(question, nothing, cells) is None


def test_only_whole_seeds_count(own_log: RunConfig, tmp_path: Path) -> None:
    question = QUESTIONS["crosses"]
    cells = question.cells(own_log, schema(), None)
    grid = Grid(cells, (0, 1))
    records = trained(grid.configs()[:3], tmp_path)
    answer = answer_of(question, Reader(records).outcomes(grid), cells)
    assert answer is not None
    assert "one seed each" in answer.sentence


def test_models_trained_apart_predict_together(own_log: RunConfig, kept: Path) -> None:
    cells = QUESTIONS["joint"].cells(own_log, schema(), None)
    grid = Grid(cells, (0,))
    records = trained(grid.configs(), kept)
    for cell in cells[:2]:
        told = Reader(records).outcomes(grid).get(cell.key, 0)
        assert told is not None
        labels, logits, slices = logits_of(cell, 0, records)
        probabilities = 1 / (1 + np.exp(-logits))
        for key, mask in slices.items():
            if len(set(labels[mask])) == 2:
                expected = roc_auc_score(labels[mask], logits[mask])
                assert told.value(key) == pytest.approx(expected, abs=1e-4)
                loss = log_loss(labels[mask], probabilities[mask])
                assert told.value(key, "logloss") == pytest.approx(loss, abs=1e-4)
    members = [records.get(record_key(config)) for config in cells[0].at(0)]
    sizes = [record.result["parameters"] for record in members if record]
    assert told.parameters == sum(sizes)


def test_nothing_at_all_is_the_base_rate(own_log: RunConfig, kept: Path) -> None:
    grid = Grid(subset_cells(own_log)[:2], (0,))
    records = trained(grid.configs(), kept)
    told = Reader(records).outcomes(grid).get(EMPTY, 0)
    assert told is not None
    key = record_key(grid.configs()[0])
    rows, record = records.rows(key, "test"), records.get(key)
    assert rows is not None
    assert record is not None
    assert told.value("all") == 0.5
    rate = np.full(len(rows.labels), record.base_rate)
    assert told.value("all", "logloss") == pytest.approx(log_loss(rows.labels, rate))
    assert told.parameters == 1


def test_a_reader_sees_what_is_new_and_what_is_missing(own_log: RunConfig, tmp_path: Path) -> None:
    grid = Grid(subset_cells(own_log)[1:3], (0, 1))
    reader = Reader(Records(tmp_path))
    assert len(reader.missing(grid)) == 4
    trained(grid.configs()[:1], tmp_path)
    assert reader.missing(grid) == grid.configs()[1:]
    assert len(reader.outcomes(grid)) == 1
    assert len(reader.timed(own_log)) == 1
