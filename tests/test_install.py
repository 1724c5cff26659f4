"""`install.py`: the small PyTorch where nothing speaks against it, and never a long wait."""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

import install


class Index(BaseHTTPRequestHandler):
    """An index that knows PyTorch only."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/torch/" else 404)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def index() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Index)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_an_index_answers_or_not(index: str) -> None:
    assert install.answers(f"{index}/torch/", 60)
    assert not install.answers(f"{index}/nothing/", 60)
    assert not install.answers("no address", 60)


def test_an_index_that_is_silent_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert not install.answers(f"http://127.0.0.1:{silent.getsockname()[1]}/torch/", 0.2)


class Pip:
    """Notes what it is asked; `fails` says that the build for processors is not to be had."""

    def __init__(self, fails: bool) -> None:
        self.fails, self.asked = fails, list[str]()

    def __call__(self, command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        words = " ".join(command[len(install.PIP) :])
        self.asked.append(words)
        status = int(self.fails and "--index-url" in words)
        return subprocess.CompletedProcess(command, status, "", "first line\nno such wheel\n")


FETCH = f"--no-deps --index-url {install.CPU_INDEX}"


@pytest.mark.parametrize(
    ("case", "fetches", "told"),
    [
        ({}, True, "the build for processors"),
        ({"TORCH": "default"}, False, "TORCH=default"),
        ({"nvidia": True}, False, "has an NVIDIA card"),
        ({"answers": False}, False, "does not answer"),
        ({"fails": True}, True, "no such wheel"),
        ({"installed": True}, False, ""),
        ({"platform": "darwin"}, False, ""),
        ({"platform": "win32"}, False, ""),
    ],
)
def test_which_pytorch_is_taken(
    case: dict[str, Any],
    fetches: bool,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pip = Pip(case.get("fails", False))
    monkeypatch.setenv("TORCH", case.get("TORCH", ""))
    monkeypatch.setattr("sys.platform", case.get("platform", "linux"))
    monkeypatch.setattr(install, "is_installed", lambda _: case.get("installed", False))
    monkeypatch.setattr(install, "has_nvidia", lambda: case.get("nvidia", False))
    monkeypatch.setattr(install, "answers", lambda *_: case.get("answers", True))
    monkeypatch.setattr("subprocess.run", pip)
    assert install.main(["requirements-dev.txt"]) == 0
    assert any(words.startswith(FETCH) for words in pip.asked) == fetches
    assert pip.asked[-1] == "--requirement=requirements-dev.txt"
    output = capsys.readouterr().err
    assert told in output
    assert output.count("\n") == bool(told)


def test_the_version_is_the_pinned_one() -> None:
    name, _, version = install.torch_pin().partition("==")
    assert name == "torch"
    assert install.is_installed(f"{name}=={version}")
    assert not install.is_installed("torch==0.1")
    assert not install.is_installed("nothing-of-that-name==1")
