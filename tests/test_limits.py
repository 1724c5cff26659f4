"""Every limit bites: what is done without a word by default is refused once the limit is lower."""

from __future__ import annotations

import asyncio
import re
import zipfile
from pathlib import Path

import pytest
from starlette.responses import PlainTextResponse

from recsys_demo.cli import main
from recsys_demo.cli.server_settings import ServerSettings
from recsys_demo.data.uploads import keep_upload
from recsys_demo.errors import InputError
from recsys_demo.jobs.settings import JobSettings
from recsys_demo.limits import PREFIX, Limits
from recsys_demo.ui.visitors import Visitors
from tests.making.asgi import ask

TESTS = Path(__file__).parent
SCHEMA = """
label = "label"
user = "user"
item = "item"
[fields]
user = {kind = "categorical", side = "user"}
item = {kind = "categorical", side = "item"}
tags = {kind = "multi", side = "user"}
"""
# What the training below goes over, at the lowest value each may have or a little more.
LOW = {
    "file_bytes": 1_000,
    "unpacked_bytes": 1_000,
    "rows": 10,
    "columns": 2,
    "cell_characters": 10,
    "cardinality": 10,
    "multi_values": 1,
    "crosses": 1,
    "cross_order": 2,
    "cross_combinations_per_row": 1,
    "parameters": 1_000,
    "run_bytes": 10_000,
}


@pytest.fixture
def train(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(tmp_path)
    rows = [f"{k % 2},user{k % 40},item{k % 7},first tag|second{k % 3}" for k in range(400)]
    text = "\n".join(["label,user,item,tags", *rows])
    with zipfile.ZipFile("log.zip", "w") as archive:
        archive.writestr("log.csv", text)
        archive.comment = str(tmp_path).encode()  # another file each time: none is known already
    Path("schema.toml").write_text(SCHEMA)
    return [
        *("train", "--data", "log.zip", "--schema", "schema.toml", "--preset", "wide_deep"),
        *("--cross", "tags x item", "--cross", "user x item x tags", "--set", "training.epochs=1"),
        *("--out", "run"),
    ]


def test_by_default_nothing_stands_in_the_way(train: list[str]) -> None:
    assert main(train) == 0


@pytest.mark.parametrize("name", LOW)
def test_a_lower_limit_refuses(
    name: str, train: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(PREFIX + name.upper(), str(LOW[name]))
    assert main(train) == 2
    told = capsys.readouterr().err
    assert f"{LOW[name]:,}" in told
    assert "Traceback" not in told
    assert not Path("run").exists()


def test_a_lower_limit_refuses_an_upload(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(PREFIX + "HOME", str(tmp_path))
    monkeypatch.setenv(PREFIX + "UPLOAD_BYTES", "1000")
    with pytest.raises(InputError, match="1,000"):
        keep_upload(b"x" * 1_001, "log.csv")


@pytest.mark.parametrize(("size", "status"), [(1_000, 200), (1_001, 413)])
def test_a_lower_limit_refuses_what_a_browser_uploads_in_all(
    size: int, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PREFIX + "BROWSER_UPLOAD_BYTES", "1000")
    path, headers = "/_stcore/upload_file/session/file", {"content-length": str(size)}
    got = asyncio.run(ask(Visitors(PlainTextResponse("taken")), path, headers, "PUT"))
    assert got.status == status


JOBS, ENTRANCE, GATE = "jobs/test_jobs.py", "ui/test_entrance.py", "ui/test_gate.py"
# Where it is shown that a setting bites which does not stand above: a test, or what it is given.
BITES = {
    "UPLOAD_BYTES": ("test_limits.py", "test_a_lower_limit_refuses_an_upload"),
    "BROWSER_UPLOAD_BYTES": ("test_limits.py", "test_a_lower_limit_refuses_what_a_browser_uploads"),
    "PAGE_BYTES": ("jobs/test_bounded_calls.py", "small"),
    "PAGE_WORK_BYTES": ("jobs/test_bounded_calls.py", "small"),
    "PAGE_SECONDS": ("jobs/test_bounded_calls.py", "small"),
    "KEPT_BYTES": ("ui/test_bounds.py", "test_caches_are_bounded_in_bytes_together"),
    "CROSS_COMBINATIONS": ("ui/test_bounds.py", "test_a_cross_with_too_many_combinations_in_all"),
    "QUEUE": (JOBS, "workers"),
    "BROWSER_JOBS": (JOBS, "test_a_browser_has_its_share_of_jobs_and_others_theirs"),
    "JOB_SECONDS": (JOBS, "test_a_job_has_a_longest_time"),
    "GONE_SECONDS": (JOBS, "test_what_nobody_waits_for_is_cancelled_in_time"),
    "DISK_BYTES": (JOBS, "test_the_disk_quota_refuses_what_cannot_be_kept"),
    "BROWSER_DISK_BYTES": (JOBS, "test_a_browser_has_its_own_share_of_the_disk"),
    "WORKERS": (JOBS, "test_settings_come_from_the_environment"),
    "CLUSTER": (JOBS, "test_settings_come_from_the_environment"),
    "CLASS_DAYS": (
        "lessons/classroom/test_rules.py",
        "test_how_long_classes_are_kept_is_a_setting",
    ),
    "LIVE": ("ui/test_live.py", ""),
    "HOME": ("ui/test_own_file.py", "home"),
    "FRAPPE": ("ui/test_own_file.py", "test_the_link_of_a_log_the_server_provides_holds_no_path"),
    "FOLDERS": ("test_security.py", ""),
    "PASSWORD": (ENTRANCE, ""),
    **{name.upper(): (ENTRANCE, "SETTINGS") for name in ServerSettings.model_fields},
}


@pytest.mark.parametrize("setting", BITES)
def test_a_test_changes_this_setting(setting: str) -> None:
    path, name = BITES[setting]
    text = (TESTS / path).read_text(encoding="utf-8")
    if name:
        found = re.search(rf"^(?:def )?{name}.*?(?=\n\n\n|\Z)", text, re.MULTILINE | re.DOTALL)
        assert found is not None
        text = found[0]
    ways = (f"{PREFIX}{setting}", f"{setting.lower()}=", f'"{setting.lower()}"', setting)
    assert any(way in text for way in ways)


def test_every_setting_of_the_table_is_shown_to_bite() -> None:
    table = (TESTS.parent / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = set(re.findall(rf"^\| `{PREFIX}(\w+)` \|", table, re.MULTILINE))
    assert rows == {*BITES, *map(str.upper, LOW)}
    known = {*Limits.model_fields, *JobSettings.model_fields, *ServerSettings.model_fields}
    assert {name.upper() for name in known} <= rows
