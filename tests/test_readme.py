"""What the README and the papers it leads to promise is there."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from recsys_demo import load_run
from recsys_demo.cli import COMMANDS, main
from recsys_demo.cli.server_settings import ServerSettings
from recsys_demo.jobs.settings import JobSettings
from recsys_demo.limits import PREFIX, Limits
from recsys_demo.training.runs import save_run
from tests.making.logs import random_log
from tests.making.runs import make_run

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SETTINGS = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
CLASSROOM = (ROOT / "docs" / "classroom.md").read_text(encoding="utf-8")
GUIDE_OF_PYTHON = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
PYTHON = re.compile(r"```python\n(.*?)```", re.DOTALL)
EVERYTHING = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md"))


def test_the_first_screen_has_a_picture_and_a_command_for_every_way() -> None:
    first = "\n".join(README.splitlines()[:40])
    picture = re.search(r"!\[[^]]+\]\(([^)]+)\)", first)
    assert picture is not None
    assert (ROOT / picture.group(1)).is_file()
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("app", "test"):
        assert f"make {target}" in first
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
    for way in ("uvx --from . recsys-demo", "docker build", "**What to try first:**"):
        assert way in first


def test_every_setting_stands_with_its_default() -> None:
    for settings in (JobSettings, Limits, ServerSettings):
        for name, field in settings.model_fields.items():
            start = f"| `{PREFIX}{name.upper()}` |"
            line = next(line for line in SETTINGS.splitlines() if line.startswith(start))
            if isinstance(field.default, int):
                assert f"| {field.default:,} |" in line


COMMANDS_SHOWN = re.findall(r"^python -m recsys_demo .*$", README + EVERYTHING, re.MULTILINE)


@pytest.mark.parametrize("line", COMMANDS_SHOWN)
def test_commands_shown_take_the_arguments_shown(
    line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command, *words = line.split()[3:]
    assert command in COMMANDS
    named = [command, *words[:1]] if command == "lesson" else [command]  # lesson check, lesson pack
    with pytest.raises(SystemExit):
        main([*named, "--help"])
    told = capsys.readouterr().out
    for option in (word.strip("[") for word in words if word.startswith(("-", "[-"))):
        assert option in told


def test_a_first_visit_loads_what_is_said() -> None:
    said = re.search(r"first visit loads less than (\d+) MB", CLASSROOM)
    assert said is not None
    measured = json.loads((ROOT / "benchmarks/results/startup.json").read_text(encoding="utf-8"))
    starts = measured["figures"]["starts"]
    assert max(start["visit_mb"] for start in starts) < int(said.group(1))
    assert max(start["again_mb"] for start in starts) < 0.1


def test_the_python_shown_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = [*PYTHON.findall(README), *PYTHON.findall(GUIDE_OF_PYTHON)]
    result = {"test": {"slices": {"all": {"auc": 0.75}}}}
    save_run(replace(make_run("deepfm"), result=result), tmp_path / "runs" / "deepfm")
    log = random_log(300)
    log.frame.assign(label=log.labels).to_csv(tmp_path / "log.csv", index=False)
    monkeypatch.chdir(tmp_path)
    for block in shown:
        exec(block, {})
    told = capsys.readouterr().out
    assert told.endswith("deepfm 0.75\n")
    assert "'embedding_size': " in told
    lists = pd.read_csv("lists.csv")
    assert 10 < lists["user"].nunique() <= log.frame["user"].nunique()  # some have everything
    assert load_run("runs/mine").result_["preset"] == "deepfm"


def test_the_newcomers_script_is_short() -> None:
    (script,) = PYTHON.findall(README)
    assert len(script.splitlines()) < 15  # the line before it is pip install
