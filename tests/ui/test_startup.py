"""What keeps the lab from starting is told in one line that says what to do."""

from __future__ import annotations

import ast
import os
import shutil
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from recsys_demo.cli import main
from recsys_demo.cli.obstacles import NEEDED

ROOT = Path(__file__).parents[2]
HIDE = """
import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {names}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Hidden())
import importlib.util as util
found = util.find_spec
util.find_spec = lambda name, *a: None if name in {names} else found(name, *a)
"""


def started_without(names: set[str], tmp_path: Path, *arguments: str) -> tuple[int, str]:
    """Exit status and standard error of the command line where packages are not installed."""
    (tmp_path / "sitecustomize.py").write_text(HIDE.format(names=names))
    done = subprocess.run(
        [sys.executable, "-m", "recsys_demo", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "RECSYS_DEMO_HOME": str(tmp_path / "lab")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stderr


def in_one_line(told: str, *parts: str) -> None:
    assert len(told.strip().splitlines()) == 1, told
    assert "Traceback" not in told
    for part in parts:
        assert part in told


@pytest.mark.parametrize("name", NEEDED)
def test_a_missing_package(name: str, tmp_path: Path) -> None:
    status, told = started_without({name}, tmp_path, "serve")
    assert status == 2
    in_one_line(told, name, "pip install -r requirements.txt")


def test_a_python_without_any_package(tmp_path: Path) -> None:
    needed = {"torch", "streamlit", "plotly", "pandas", "pyarrow", "pydantic", "numpy", "starlette"}
    for arguments in (["serve"], ["train", "--data", "x.csv"], ["--help"]):
        status, told = started_without(needed, tmp_path, *arguments)
        if arguments != ["--help"]:
            assert status == 2
            in_one_line(told, "is missing", "pip install -r requirements.txt")


def test_an_old_python() -> None:
    source = (ROOT / "recsys_demo" / "__main__.py").read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 7))  # it can read the file that tells it
    code = "import sys, runpy; sys.version_info = (3, 9, 2); runpy.run_module('recsys_demo')"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    in_one_line(done.stderr, "Python 3.11 or newer", "is Python 3.9", "make app PYTHON=")


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_with_an_old_python(tmp_path: Path) -> None:
    old = tmp_path / "python"
    old.write_text('#!/bin/sh\n[ "$1" = "--version" ] && echo "Python 3.9.2"\n[ "$1" != "-c" ]\n')
    old.chmod(0o755)
    folder = tmp_path / "venv"
    done = subprocess.run(
        ["make", f"VENV={folder}", f"PYTHON={old}", f"{folder}/.python"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "needs Python 3.11 or newer" in done.stdout
    assert "is Python 3.9.2" in done.stdout
    assert not folder.exists()


def test_a_port_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RECSYS_DEMO_HOME", str(tmp_path))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == 2
    in_one_line(capsys.readouterr().err, str(port), "Address already in use", "make app PORT=")


@pytest.mark.parametrize("address", ["300.1.1.1", "no such host", "192.0.2.1"])
def test_an_address_that_is_not_ours(
    address: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("RECSYS_DEMO_HOME", str(tmp_path))
    assert main(["serve", "--address", address, "--no-password", "--port", "8718"]) == 2
    in_one_line(capsys.readouterr().err, address, "cannot listen there")


def test_no_write_permission(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # A file in the place of a folder refuses everybody; permissions would not stop root.
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("RECSYS_DEMO_HOME", str(tmp_path / "file" / "lab"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert main(["serve", "--port", str(port)]) == 2
    in_one_line(capsys.readouterr().err, "Not a directory", "RECSYS_DEMO_HOME")


@pytest.mark.parametrize(
    ("name", "value"),
    [("ROWS", "many"), ("ROWS", "-1"), ("WORKERS", "0"), ("WORKERS", "1e9"), ("QUEUE", "")],
)
def test_a_setting_that_cannot_be(
    name: str,
    value: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(f"RECSYS_DEMO_{name}", value)
    assert main(["serve", "--port", "8717"]) == 2
    told = capsys.readouterr().err
    in_one_line(told)
    assert name in told.upper()


def test_nothing_is_asked_of_the_network_to_tell_an_address() -> None:
    """Streamlit would look up its own addresses for its welcome message."""
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert config["logger"]["hideWelcomeMessage"] is True
