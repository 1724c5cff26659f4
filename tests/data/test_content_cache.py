"""What is read is kept by its content: a file that changes is read again under its new name."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Barrier, Thread

import numpy as np
import pytest

from recsys_demo.config.presets import PRESETS
from recsys_demo.config.run import RunConfig
from recsys_demo.data import files, sources
from recsys_demo.data.cache import Cache
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.sources import Dataset, is_at_hand, load, read_log, schema_of_source
from recsys_demo.data.specs import FileSpec, SampleSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.errors import InputError
from recsys_demo.jobs.training_task import train_job
from recsys_demo.sweep.records import record_key
from recsys_demo.sweep.training import train_record
from recsys_demo.training.datasets import run_data

SPLIT = SplitConfig(valid=0.2, test=0.2)
SCHEMA = 'label="label"\nuser="user"\nitem="item"\n[fields]\nuser={side="user"}\nitem={side="item"}'


@pytest.fixture(autouse=True)
def _nothing_read_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_DATASETS", Cache(sources.KEPT_DATASETS))
    monkeypatch.setattr(sources, "_LOGS", Cache(sources.KEPT_LOGS))


def write(path: Path, flipped: bool) -> None:
    """200 rows; flipped, each has the other label. The size stays the same."""
    lines = [f"u{i % 9},i{i % 7},{int((i % 3 == 0) != flipped)}" for i in range(200)]
    path.write_text("\n".join(["user,item,label", *lines, ""]))


@pytest.fixture
def config(tmp_path: Path) -> RunConfig:
    write(tmp_path / "log.csv", flipped=False)
    data = FileSpec(data=str(tmp_path / "log.csv"), schema_toml=SCHEMA)
    return RunConfig(data=data, split=SPLIT, model=PRESETS["lr"].model)


def change(config: RunConfig) -> None:
    """Other rows in the same place, of the same size and even with the same time."""
    assert isinstance(config.data, FileSpec)
    path = Path(config.data.data or "")
    status = path.stat()
    write(path, flipped=True)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert path.stat().st_size == status.st_size


def test_a_long_lived_process_trains_on_the_new_rows(config: RunConfig) -> None:
    """A run stored under the new fingerprint was trained on the old rows: three caches by path."""
    first = run_data(config)
    before = train_record(config, record_key(config))
    change(config)
    second = run_data(config)
    after = train_record(config, record_key(config))
    assert after.record.key != before.record.key
    assert after.record.result["fingerprint"] == second.dataset.fingerprint
    assert second.dataset.fingerprint != first.dataset.fingerprint
    np.testing.assert_array_equal(after.rows["test"].labels, 1 - before.rows["test"].labels)


def test_a_job_about_a_file_is_another_once_the_file_is(config: RunConfig) -> None:
    first = train_job(config).id
    assert train_job(config).id == first
    change(config)
    assert train_job(config).id != first


def test_every_cache_follows_the_content(config: RunConfig) -> None:
    labels = read_log(config.data).log.labels
    dataset = load(config.data, SPLIT)
    assert load(config.data, SPLIT) is dataset
    assert is_at_hand(config.data)
    assert is_at_hand(config.data, SPLIT)
    change(config)
    assert not is_at_hand(config.data)
    assert not is_at_hand(config.data, SPLIT)
    np.testing.assert_array_equal(read_log(config.data).log.labels, 1 - labels)
    np.testing.assert_array_equal(load(config.data, SPLIT).train.labels, 1 - dataset.train.labels)


def test_the_same_content_elsewhere_is_read_once(config: RunConfig, tmp_path: Path) -> None:
    first = load(config.data, SPLIT)
    (tmp_path / "copy.csv").write_bytes((tmp_path / "log.csv").read_bytes())
    copied = load(config.data.at({"data": str(tmp_path / "copy.csv")}), SPLIT)
    assert copied.train is first.train
    assert (first.name, copied.name) == ("log.csv", "copy.csv")


def test_a_click_costs_no_reading(config: RunConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    config.data.fingerprint(SPLIT)
    monkeypatch.setattr(files.hashlib, "file_digest", None)  # it would be called to read
    assert config.data.fingerprint(SPLIT)
    change(config)
    with pytest.raises(TypeError):
        config.data.fingerprint(SPLIT)


def test_a_file_that_changes_while_it_is_read_is_never_kept_under_the_wrong_name(
    config: RunConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, flips = FileSpec._read, iter([True])

    def interrupted(self: FileSpec) -> object:
        found = read(self)
        if next(flips, False):
            change(config)
        return found

    monkeypatch.setattr(FileSpec, "_read", interrupted)
    found = load(config.data, SPLIT)
    assert found.fingerprint == config.data.fingerprint(SPLIT)
    everything = np.concatenate([p.labels for p in (found.train, found.valid, found.test)])
    assert everything.mean() > 0.5, "the rows that were written meanwhile"


def test_a_file_that_never_rests_is_refused(
    config: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = FileSpec._read

    def restless(self: FileSpec) -> object:
        found = read(self)
        with (tmp_path / "log.csv").open("a") as file:
            file.write("u1,i1,1\n")
        return found

    monkeypatch.setattr(FileSpec, "_read", restless)
    with pytest.raises(InputError, match="changes while it is read"):
        load(config.data, SPLIT)


def test_a_schema_that_is_known_needs_no_file() -> None:
    gone = FileSpec(data="nowhere.csv", schema_toml=SCHEMA)
    assert schema_of_source(gone).label == "label"


def test_only_so_many_data_sets_are_kept() -> None:
    worlds = [WorldConfig(users=20, apps=20, impressions=1_000, seed=seed) for seed in range(5)]
    split = SplitConfig(kind="column")
    for world in worlds:
        load(SampleSpec(world=world), split)
    kept = [is_at_hand(SampleSpec(world=world), split) for world in worlds]
    assert kept == [False, False, True, True, True]
    assert sum(kept) == sources.KEPT_DATASETS


def test_what_is_asked_for_at_once_is_made_once_and_nobody_else_waits() -> None:
    cache: Cache[str] = Cache(2)
    made: list[str] = []
    together = Barrier(2, timeout=60)

    def make(name: str) -> str:
        made.append(name)
        together.wait()  # both keys are being made: neither waits for the other
        return name

    asked = [Thread(target=cache.get, args=(k, lambda k=k: make(k))) for k in ("a", "b", "a", "b")]
    for thread in asked:
        thread.start()
    for thread in asked:
        thread.join(60)
    assert sorted(made) == ["a", "b"]
    assert cache.peek("a") == "a"
    cache.forget("a")
    assert "a" not in cache


def test_what_cannot_be_made_is_tried_again() -> None:
    cache: Cache[Dataset] = Cache(1)

    def fail() -> Dataset:
        raise InputError(())

    for _ in range(2):
        with pytest.raises(InputError):
            cache.get("a", fail)
