"""Disks that are full or read-only, for real where the system lends us a small one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from recsys_demo.errors import InputError
from recsys_demo.training.runs import save_run
from tests.making.faults import job, workers_of
from tests.making.runs import make_run


def on_a_small_disk(what: str, folder: Path) -> str:
    """Run an act on a file system of 400 kB; skips where none can be had."""
    command = f"mount -t tmpfs -o size=400k tmpfs {folder} && "
    shell = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    try:
        if subprocess.run([*shell, command + "true"], capture_output=True, check=False).returncode:
            pytest.skip("this system lends no small disk")
    except FileNotFoundError:
        pytest.skip("this system lends no small disk")
    act = f"{sys.executable} -m tests.making.faults {what} {folder}"
    done = subprocess.run([*shell, command + act], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


def test_a_full_disk(tmp_path: Path) -> None:
    told = dict(
        line.split(": ", 1) for line in on_a_small_disk("on_a_full_disk", tmp_path).splitlines()
    )
    assert "No space left" in told["refused"]
    assert "RECSYS_DEMO_HOME" in told["refused"]
    assert told["first"] == "done"
    assert told["second"].startswith("failed The lab's folder cannot be written: No space left")
    assert told["load"] == "(0, 1, 0)"  # its worker is free again
    assert told["third"] == "done"
    assert told["first again"] == "done"
    assert told["left"] == "[]"


def test_a_disk_that_turns_read_only(tmp_path: Path) -> None:
    told = on_a_small_disk("on_a_read_only_disk", tmp_path)
    assert "done still: state='done'" in told
    assert "events still: [{'type': 'result'}]" in told
    assert "refused" in told
    assert "Read-only file system" in told


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of this kind there")
def test_a_run_that_does_not_fit_leaves_nothing(tmp_path: Path) -> None:
    import resource

    run = make_run("wide_deep")
    allowed = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, allowed[1]))  # bytes a file
    try:
        with pytest.raises(InputError, match="File too large"):
            save_run(run, tmp_path / "run")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, allowed)
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "jobs").write_text("")
    workers = workers_of(tmp_path, *[])
    try:
        with pytest.raises(InputError, match="cannot write to its folder"):
            workers.submit(job(1), "tab")
        assert workers.load == (0, 1, 0)
    finally:
        workers.shutdown()
