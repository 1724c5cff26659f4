"""Runs that are damaged or half deleted while nobody looks: every page says so and offers to train
again, after a restart too."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from recsys_demo.jobs.store import EVENTS, STATUS, Status
from recsys_demo.ui.rooms import PAGES
from recsys_demo.ui.state import State
from tests.making.apptesting import lab_at, open_page
from tests.making.comparing import PLANTED

ONE = PLANTED.model_copy(update={"models": ("deep", "wide")})
HARMS = {
    "run gone": lambda job: shutil.rmtree(job / "run"),
    "half of the run gone": lambda job: [
        path.unlink() for path in sorted((job / "run").iterdir())[::2]
    ],
    "log gone": lambda job: (job / EVENTS).unlink(),
    "done without a result": lambda job: (job / EVENTS).write_text('{"type": "preparing"}\n'),
    "no JSON": lambda job: (job / "run" / "run.json").write_text("{"),
    "all but the status gone": lambda job: [
        path.unlink() for path in job.rglob("*") if path.is_file() and path.name != STATUS
    ],
}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lab in which both models have been trained."""
    home = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        lab_at(home, patch)
        page = open_page("start", ONE)
        page.button(key="start.train").click().run()
    return home


def job_of(home: Path, model: str) -> Path:
    return next(
        p.parent for p in (home / "jobs").glob("*/spec.json") if f'"{model}"' in p.read_text()
    )


@pytest.mark.parametrize("harm", HARMS)
def test_every_page_meets_a_broken_run(
    trained: Path, harm: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "lab"
    shutil.copytree(trained, home)
    lab = lab_at(home, monkeypatch)
    HARMS[harm](job_of(home, "deep"))
    told = set()
    for page in PAGES:
        at = open_page(page.key, ONE)
        assert not at.exception, page.key
        if any("Start it again" in warning.value for warning in at.warning):
            told.add(page.key)
            begin = [b for b in at.button if "rain" in b.label and not b.disabled]
            begin += [b for b in at.button if b.label == "Play" and not b.disabled]
            assert begin, page.key
    assert told >= {"compare", "embeddings", "recommend", "train"}
    page = open_page("start", ONE)
    page.button(key="start.train").click().run()
    states = [lab.store.status(job_id) for job_id in lab.store.ids()]
    assert [status.state for status in states if isinstance(status, Status)] == ["done", "done"]


def test_a_page_says_what_was_stopped_with_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = lab_at(tmp_path, monkeypatch)
    state = State(models=("deep",), training=PLANTED.training, data=PLANTED.data)
    page = open_page("start", state)
    page.button(key="start.train").click().run()
    job_id = next(lab.store.ids())
    status = lab.store.status(job_id)
    assert status is not None
    lab.store.set_status(job_id, status.model_copy(update={"state": "running"}))
    (lab.store.path(job_id) / "claim").write_text("1 another time")
    lab_at(tmp_path, monkeypatch)
    at = open_page("recommend", state)
    assert "was stopped" in at.warning[0].value
