"""Sweeps: each run once, kept by content, done again when its worker is lost, same digits."""

from __future__ import annotations

import json
import logging
import os
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recsys_demo.cli import main
from recsys_demo.cli import sweep as command
from recsys_demo.config.components import DeepConfig, LinearConfig
from recsys_demo.config.model import ModelConfig, TrainingConfig
from recsys_demo.config.run import RunConfig
from recsys_demo.data.specs import FileSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.errors import InputError
from recsys_demo.evaluation.metrics import auc, log_loss
from recsys_demo.jobs.executor import WorkerDiedError, WorkerExecutor
from recsys_demo.jobs.settings import Quota
from recsys_demo.jobs.store import JobStore
from recsys_demo.jobs.workers import Workers
from recsys_demo.sweep.driver import RunDone, RunFailed, RunFound, RunLost, SweepEvent, sweep
from recsys_demo.sweep.job import records_beside, sweep_job
from recsys_demo.sweep.package import pack, unpacked_source
from recsys_demo.sweep.places import DaskPlace, LocalPlace, place_at
from recsys_demo.sweep.records import Records, SweptRun, record_key
from recsys_demo.sweep.training import keep_record, train_record
from recsys_demo.training.experiment import train_run
from tests.making.inline import Here
from tests.making.logs import SCHEMA
from tests.making.sweeping import here, run_config, write_log

MODELS = {
    "lr": ModelConfig(components=(LinearConfig(),)),
    "deep": ModelConfig(components=(DeepConfig(hidden=(4,)),)),
}


@pytest.fixture(scope="module")
def log_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_log(tmp_path_factory.mktemp("log"))


def config(path: Path, model: str = "lr", seed: int = 0, **changes: object) -> RunConfig:
    return run_config(path, MODELS[model], seed=seed, **changes)


def configs(path: Path) -> list[RunConfig]:
    return [config(path, model, seed) for seed in (0, 1) for model in MODELS]


def kinds(events: list[SweepEvent]) -> list[str]:
    return [event.type for event in events]


def test_records_hold_what_the_metrics_come_from(log_file: Path, tmp_path: Path) -> None:
    records = Records(tmp_path)
    events = list(sweep([config(log_file)], records, here(records)))
    assert kinds(events) == ["started", "done"]
    record = records.get(record_key(config(log_file)))
    assert record is not None
    for part in ("valid", "test"):
        rows = records.rows(record.key, part)
        assert rows is not None
        told = record.result[part]["slices"]
        assert {"head", "tail"} <= told.keys()
        assert told.keys() == rows.slices.keys()
        for key, mask in rows.slices.items():
            labels, logits = rows.labels[mask], rows.logits[mask]
            assert told[key]["rows"] == len(labels)
            if told[key]["auc"] is not None:
                assert told[key]["auc"] == auc(labels, logits)
                assert told[key]["logloss"] == log_loss(labels, logits)


def test_a_run_is_trained_once_and_found_again(log_file: Path, tmp_path: Path) -> None:
    records = Records(tmp_path)
    named = config(log_file).model_copy(
        update={"model": MODELS["lr"].model_copy(update={"name": "another name"})}
    )
    first = list(sweep([config(log_file), named], records, here(records)))
    assert kinds(first) == ["started", "done"]
    second = list(sweep([named, config(log_file, "deep")], records, here(records)))
    assert kinds(second) == ["found", "started", "done"]


def test_the_name_of_a_run_is_its_content(log_file: Path, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere.csv"
    copy.write_bytes(log_file.read_bytes())
    key = record_key(config(log_file))
    assert record_key(config(copy)) == key
    copy.write_bytes(log_file.read_bytes() + log_file.read_bytes().splitlines(True)[-1])
    others = [
        record_key(config(copy)),
        record_key(config(log_file, seed=1)),
        record_key(config(log_file, "deep")),
        record_key(config(log_file, without_fields=("age",))),
        record_key(config(log_file, split=SplitConfig(seed=1))),
        record_key(config(log_file, training=TrainingConfig(epochs=3))),
    ]
    assert len({key, *others}) == 7


@pytest.mark.parametrize("harm", ["cut", "flipped", "empty", "other"])
def test_a_damaged_record_is_trained_again(log_file: Path, tmp_path: Path, harm: str) -> None:
    records = Records(tmp_path)
    list(sweep([config(log_file), config(log_file, "deep")], records, here(records)))
    key = record_key(config(log_file))
    path = tmp_path / f"{key}.npz"
    content = path.read_bytes()
    harmed = {
        "cut": content[: len(content) // 2],
        "flipped": content[:400] + bytes([content[400] ^ 255]) + content[401:],
        "empty": b"",
        "other": (tmp_path / f"{record_key(config(log_file, 'deep'))}.npz").read_bytes(),
    }
    path.write_bytes(harmed[harm])
    assert records.get(key) is None
    events = list(sweep([config(log_file)], records, here(records)))
    assert kinds(events) == ["started", "done"]
    assert path.read_bytes() != harmed[harm]


def test_stopping_finishes_what_is_begun_and_going_on_trains_the_rest(
    log_file: Path, tmp_path: Path
) -> None:
    records = Records(tmp_path)
    asked = iter([True, False])
    first = list(sweep(configs(log_file), records, here(records), lambda: next(asked)))
    assert kinds(first) == ["started", "done"]
    rest = list(sweep(configs(log_file), records, here(records)))
    assert kinds(rest) == ["found"] + ["started", "done"] * 3


def test_a_bad_run_fails_alone(log_file: Path, tmp_path: Path) -> None:
    bad = config(log_file, without_fields=("nonsense",))
    events = list(sweep([bad, config(log_file)], Records(tmp_path), here(Records(tmp_path))))
    failed = [event for event in events if isinstance(event, RunFailed)]
    assert len(failed) == 1
    assert "nonsense" in failed[0].message
    assert kinds(events)[-1] == "done"


def test_records_that_cannot_be_written_are_an_input_error(log_file: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="cannot be kept"):
        list(
            sweep([config(log_file)], Records(tmp_path / "file"), here(Records(tmp_path / "file")))
        )


def test_a_package_gives_the_same_rows_elsewhere(log_file: Path) -> None:
    spec = config(log_file).data
    package = pack(spec, SplitConfig())
    assert package is not None
    there = unpacked_source(package)
    assert isinstance(there, FileSpec)
    assert there.data is not None
    assert there.data != str(log_file)
    assert Path(there.data).read_bytes() == log_file.read_bytes()
    assert unpacked_source(package) == there, "written once for the life of the worker"
    moved = config(log_file).model_copy(update={"data": there})
    assert record_key(moved) == record_key(config(log_file))


@pytest.mark.parametrize("name", ["local:0", "local:x", "moon", "", "local:-1"])
def test_unknown_executors_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such place"):
        place_at(name, Records(tmp_path))


def die_once(config: RunConfig, key: str, package: object) -> SweptRun:
    """Kills its own process in the middle of the first training of deep with seed 1."""
    marker = Path(os.environ["SWEEP_TEST_MARKER"])
    if config.seed == 1 and config.model.has("deep") and not marker.exists():
        next(train_run(config))
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return train_record(config, key, package)  # type: ignore[arg-type] # a package or None


def keep_or_die(config: dict[str, Any], key: str, folder: str) -> str:
    """As a local worker does it."""
    Records(Path(folder)).put(die_once(RunConfig.model_validate(config), key, None))
    return ""


def die_always(config: dict[str, Any], key: str, folder: str) -> str:
    raise WorkerDiedError("as the executor says when its process is gone")


@dataclass(frozen=True)
class Digits:
    """All that a run is judged by: its test logits and every metric of every slice."""

    logits: dict[str, np.ndarray]
    metrics: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def expected(log_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Digits:
    """Every run, trained one after the other in this process."""
    records = Records(tmp_path_factory.mktemp("here"))
    list(sweep(configs(log_file), records, here(records)))
    return digits(records, log_file)


def digits(records: Records, path: Path) -> Digits:
    logits, metrics = {}, {}
    for key in map(record_key, configs(path)):
        rows, record = records.rows(key, "test"), records.get(key)
        assert rows is not None
        assert record is not None
        logits[key] = rows.logits
        metrics[key] = {part: record.result[part] for part in ("valid", "test")}
    return Digits(logits, metrics)


def assert_same_digits(got: Digits, expected: Digits) -> None:
    assert got.metrics == expected.metrics
    assert got.logits.keys() == expected.logits.keys()
    for key, values in got.logits.items():
        np.testing.assert_array_equal(values, expected.logits[key])


def test_a_killed_pool_worker_costs_only_its_run(
    log_file: Path,
    tmp_path: Path,
    expected: Digits,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SWEEP_TEST_MARKER", str(tmp_path / "died"))
    records = Records(tmp_path / "records")
    place = LocalPlace(records, [WorkerExecutor(warm_up=False) for _ in "ab"], keep_or_die)
    try:
        events = list(sweep(configs(log_file), records, place))
    finally:
        place.close()
    lost = [event for event in events if isinstance(event, RunLost)]
    assert [(e.config.seed, e.config.model.has("deep")) for e in lost] == [(1, True)]
    assert sum(isinstance(event, RunDone) for event in events) == 4
    assert_same_digits(digits(records, log_file), expected)


def test_a_run_that_kills_every_worker_is_given_up(log_file: Path, tmp_path: Path) -> None:
    events = list(sweep([config(log_file)], Records(tmp_path), here(Records(tmp_path), die_always)))
    assert kinds(events) == ["started", "lost"] * 2 + ["started", "failed"]


@pytest.fixture
def forks_of_dask() -> Iterator[None]:
    """Its workers are forked from a process that has imported what takes longer than their runs."""
    import dask
    from distributed.utils import get_mp_context

    with dask.config.set({"distributed.worker.multiprocessing-method": "forkserver"}):
        get_mp_context().set_forkserver_preload(["distributed", "recsys_demo.training.experiment"])
        yield


@pytest.mark.usefixtures("forks_of_dask")
def test_a_dask_cluster_gives_the_same_digits_and_survives_a_killed_worker(
    log_file: Path,
    tmp_path: Path,
    expected: Digits,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from distributed import LocalCluster

    monkeypatch.setenv("SWEEP_TEST_MARKER", str(tmp_path / "died"))
    records = Records(tmp_path / "records")
    jobs = JobStore(tmp_path / "lab" / "jobs")
    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        silence_logs=logging.CRITICAL,
    ) as cluster:
        address = cluster.scheduler_address.replace("tcp://", "dask://")
        workers = DaskPlace(address.replace("dask://", "tcp://"), records, die_once)
        try:
            before = pids(workers)
            events = list(sweep(configs(log_file), records, workers))
            after = pids(workers)
        finally:
            workers.close()
        # As the pages do it: a job of the server's queue that drives the cluster.
        spec = sweep_job(configs(log_file), address)
        Workers(jobs, [Here()], Quota(queue=9)).submit(spec, "tab")
    assert (tmp_path / "died").exists()
    assert before - after, "a worker process is gone"
    assert not any(isinstance(event, RunFailed | RunFound) for event in events)
    assert sum(isinstance(event, RunDone) for event in events) == 4
    assert_same_digits(digits(records, log_file), expected)
    told = Counter(event["type"] for event in jobs.events(spec.id).events)
    assert told == {"started": 4, "done": 4, "result": 1}
    assert_same_digits(digits(records_beside(jobs.folder), log_file), expected)


def pids(workers: DaskPlace) -> set[int]:
    return set(workers.client.run(os.getpid).values())


def test_the_command_prints_effects_and_trains_nothing_twice(
    log_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(command, "place_at", lambda _executor, records: here(records))
    (tmp_path / "schema.toml").write_text(SCHEMA)
    arguments = ["sweep", "--data", str(log_file), "--schema", str(tmp_path / "schema.toml")]
    arguments += ["--set", "training.epochs=1", "--seeds", "2", "--out", str(tmp_path / "out")]
    assert main([*arguments, "--axis", "crosses", "--axis", "joint", "--json"]) == 0
    out, progress = capsys.readouterr()
    told = json.loads(out.splitlines()[-1])
    assert told["label"] == "retrained"
    assert [model["key"] for model in told["models"]] == ["base", "no-crosses", "apart"]
    first = told["models"][0]["runs"]
    effect = next(e for e in told["effects"] if (e["cell"], e["slice"]) == ("no-crosses", "all"))
    second = told["models"][1]["runs"]
    expected = [
        b["test"]["all"]["auc"] - a["test"]["all"]["auc"]
        for a, b in zip(first, second, strict=True)
    ]
    assert effect["differences"] == pytest.approx(expected)
    assert progress.count("done") == 8
    assert main([*arguments, "--axis", "crosses", "--json"]) == 0
    assert capsys.readouterr().err.count("found") == 4
    assert main([*arguments, "--question", "crosses"]) == 0
    assert "Crosses are worth" in capsys.readouterr().out
    assert main([*arguments, "--axis", "nonsense"]) == 2
    assert "no such switch" in capsys.readouterr().err


def test_the_exit_status_tells_whether_anything_was_trained(
    log_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails_on(seeds: set[int]) -> None:
        def keep(config: dict[str, Any], key: str, folder: str) -> str:
            return "no luck" if config["seed"] in seeds else keep_record(config, key, folder)

        monkeypatch.setattr(command, "place_at", lambda _executor, records: here(records, keep))

    (tmp_path / "schema.toml").write_text(SCHEMA)
    arguments = ["sweep", "--data", str(log_file), "--schema", str(tmp_path / "schema.toml")]
    arguments += ["--set", "training.epochs=1", "--seeds", "2", "--out", str(tmp_path / "out")]
    fails_on({0, 1})
    assert main([*arguments, "--axis", "crosses"]) == 2
    assert "All 4 runs failed" in (told := capsys.readouterr().err)
    assert "no luck" in told
    fails_on({1})
    assert main([*arguments, "--axis", "crosses"]) == 0
    assert "2 of 4 runs failed" in capsys.readouterr().out
