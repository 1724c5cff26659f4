"""Runs on disk: the same digits back, nothing half-written, nothing altered unnoticed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recsys_demo.config.model import ModelConfig
from recsys_demo.config.presets import PRESETS
from recsys_demo.errors import InputError
from recsys_demo.limits import Limits
from recsys_demo.models.ranker import score
from recsys_demo.recommendation.recommender import Recommender
from recsys_demo.training import run_files
from recsys_demo.training.runs import load_run, load_stored, save_run
from tests.making.logs import random_log
from tests.making.runs import make_run


@pytest.mark.parametrize("key", PRESETS)
def test_a_loaded_run_scores_to_the_last_digit(key: str, tmp_path: Path) -> None:
    run = make_run(key)
    save_run(run, tmp_path / "run")
    back = load_run(tmp_path / "run")
    assert back.model == run.model
    assert (back.seed, back.base_rate, back.config, back.result) == (
        4,
        0.25,
        run.config,
        {"auc": 0.5},
    )
    other = random_log(50, seed=8)
    before = score(run.ranker, run.encoder.encode(other))
    assert np.array_equal(before, score(back.ranker, back.encoder.encode(other)))
    pd.testing.assert_frame_equal(back.history, run.history)
    pd.testing.assert_frame_equal(back.items, run.items)
    pd.testing.assert_frame_equal(back.predictions, run.predictions)


def test_runs_on_the_same_log_share_what_they_have_in_common(tmp_path: Path) -> None:
    for name in ("one", "two"):
        save_run(make_run(), tmp_path / name)
    first, second = load_stored(tmp_path / "one"), load_run(tmp_path / "two")
    assert first.encoder is second.encoder
    assert first.items is second.items
    assert first.queries is second.queries


def test_what_differs_is_not_shared(tmp_path: Path) -> None:
    run = make_run()
    save_run(run, tmp_path / "one")
    queries = run.queries.assign(country="elsewhere")
    save_run(replace(run, queries=queries), tmp_path / "two")
    save_run(make_run("lr"), tmp_path / "three")
    first, second, third = (load_stored(tmp_path / n) for n in ("one", "two", "three"))
    assert first.encoder is second.encoder
    assert second.encoder is not third.encoder
    assert set(second.queries["country"]) == {"elsewhere"}
    assert set(first.queries["country"]) != {"elsewhere"}


def test_an_existing_folder_is_never_overwritten(tmp_path: Path) -> None:
    save_run(make_run(), tmp_path / "run")
    before = (tmp_path / "run" / "run.json").read_bytes()
    with pytest.raises(InputError, match="exists already"):
        save_run(make_run("lr"), tmp_path / "run")
    assert (tmp_path / "run" / "run.json").read_bytes() == before


def test_a_save_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> None:
        if path.name == run_files.HISTORY:
            raise OSError(28, "No space left on device")
        path.write_bytes(data)

    monkeypatch.setattr(run_files, "_write_file", full)
    with pytest.raises(InputError, match="No space left"):
        save_run(make_run(), tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", run_files.FILES)
@pytest.mark.parametrize("harm", ["missing", "altered", "truncated"])
def test_a_harmed_file_is_named(name: str, harm: str, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    save_run(make_run(), folder)
    path = folder / name
    data = path.read_bytes()
    if harm == "missing":
        path.unlink()
    elif harm == "altered":
        path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    else:
        path.write_bytes(data[: len(data) // 2])
    with pytest.raises(InputError, match=name):
        load_run(folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "damaged"),
        ("[" * 100_000, "damaged"),
        ("[]", "another version"),
        ('{"format": 0}', "another version"),
        ('{"format": 1}', "Field required"),
    ],
)
def test_a_strange_manifest_gets_one_message(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(InputError, match=message):
        load_run(tmp_path)


def test_weights_of_another_model_are_refused(tmp_path: Path) -> None:
    save_run(make_run("deep"), tmp_path / "a")
    manifest = json.loads((tmp_path / "a" / "run.json").read_text())
    manifest["model"] = PRESETS["lr"].model.model_dump(mode="json")
    (tmp_path / "a" / "run.json").write_text(json.dumps(manifest))
    with pytest.raises(InputError, match="do not fit together"):
        load_run(tmp_path / "a")


def test_a_run_over_the_size_limit_is_refused(tmp_path: Path) -> None:
    save_run(make_run(), tmp_path / "run")
    with pytest.raises(InputError, match="at most 10,000 bytes"):
        load_run(tmp_path / "run", Limits(run_bytes=10_000))


def test_nothing_but_plain_files(tmp_path: Path) -> None:
    save_run(make_run(), tmp_path / "run")
    assert sorted(p.name for p in (tmp_path / "run").iterdir()) == sorted(
        [*run_files.FILES, run_files.MANIFEST]
    )
    assert ModelConfig.model_validate_json(make_run().model.model_dump_json()) == make_run().model


def test_a_run_of_before_opens_without_what_people_took(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    save_run(make_run(), folder)
    (folder / run_files.TAKEN).unlink()
    manifest = json.loads((folder / "run.json").read_text())
    del manifest["checksums"][run_files.TAKEN]
    (folder / "run.json").write_text(json.dumps(manifest))
    old = load_run(folder)
    assert old.taken is None
    assert not Recommender.of_run(old).taken_by(old.queries.index[0]).any()
    save_run(old, tmp_path / "again")
    assert load_run(tmp_path / "again").taken is None
