"""What installers read: one version, ranges that hold the pins, all that is needed."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from recsys_demo import __version__, folders
from recsys_demo.cli import main
from recsys_demo.cli.doctor import EXTRAS
from recsys_demo.cli.obstacles import NEEDED

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
    "project"
]
EXTRA: dict[str, list[str]] = PROJECT["optional-dependencies"]


def pins(file: str) -> dict[str, str]:
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    return {
        name: version for name, _, version in (line.partition("==") for line in lines) if version
    }


def ranges() -> list[Requirement]:
    extras = (text for texts in EXTRA.values() for text in texts)
    return [Requirement(text) for text in (*PROJECT["dependencies"], *extras)]


@pytest.mark.parametrize("wanted", ranges(), ids=lambda wanted: wanted.name)
def test_each_pin_lies_in_its_range(wanted: Requirement) -> None:
    pinned = pins("requirements.txt") | pins("requirements-dev.txt")
    if wanted.name in pinned:
        assert pinned[wanted.name] in wanted.specifier
    else:
        assert wanted.name == "jupyterlab"  # people bring their own


def test_every_pinned_package_is_required_and_looked_for() -> None:
    required = {Requirement(text).name for text in PROJECT["dependencies"]}
    assert required == set(NEEDED.values())
    extras = {Requirement(text).name for text in EXTRA["cluster"]}
    assert set(pins("requirements.txt")) == required | extras
    assert {key: Requirement(texts[0]).name for key, texts in EXTRA.items()} == dict(EXTRAS)


def test_the_version_follows_the_last_release() -> None:
    assert "version" in PROJECT["dynamic"]
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = [Version(text) for text in re.findall(r"^## (\d[\w.]*)", changes, re.MULTILINE)]
    version = Version(__version__)
    assert version == released[0] or (version.is_devrelease and version > released[0])


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {}, "/home/ada/.local/share"),
        ("linux", {"XDG_DATA_HOME": "/data"}, "/data"),
        ("linux", {"XDG_DATA_HOME": "not/absolute"}, "/home/ada/.local/share"),
        ("darwin", {"XDG_DATA_HOME": "/data"}, "/home/ada/Library/Application Support"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local"),
        ("win32", {}, "/home/ada/AppData/Local"),
    ],
)
def test_a_persons_data_lie_where_the_system_keeps_them(
    platform: str, environment: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in (environment | {"HOME": "/home/ada"}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.platform", platform)
    assert folders.user_data() == Path(expected)


def test_a_call_without_a_word_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[Any] = []
    monkeypatch.setattr("recsys_demo.cli.serve.run", called.append)
    assert main([]) == 0
    assert (called[0].command, called[0].address, called[0].no_browser) == (
        "serve",
        "127.0.0.1",
        False,
    )


def test_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"recsys-demo {__version__}\n"
