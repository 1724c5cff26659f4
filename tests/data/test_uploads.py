"""Uploads on the server's disk, named by their content."""

from __future__ import annotations

from pathlib import Path

import pytest

from recsys_demo.data.uploads import found, keep, named, safe_name
from recsys_demo.errors import InputError
from recsys_demo.limits import Limits


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECSYS_DEMO_HOME", str(tmp_path))
    return tmp_path


def test_uploads_are_kept_once_and_inside_their_folder(home: Path) -> None:
    upload = keep(b"a,b\n1,2\n", "../../etc/my log.csv")
    path = found(upload)
    assert path is not None
    assert path.read_bytes() == b"a,b\n1,2\n"
    assert path.parent.parent == home / "uploads"
    assert path.name == upload.name == "my_log.csv"
    assert keep(b"a,b\n1,2\n", "../../etc/my log.csv") == upload
    assert keep(b"other", "my log.csv").digest != upload.digest
    assert len(list(path.parent.iterdir())) == 1
    assert named(str(upload)) == upload
    with pytest.raises(InputError, match="upload is larger"):
        keep(bytes(2000), "big.csv", Limits(upload_bytes=1000))


def test_the_same_content_under_another_name_is_found() -> None:
    there = keep(b"a,b\n1,2\n", "one.csv")
    again = named(f"upload:{there.digest}/two.csv")
    assert again is not None
    assert found(again) == found(there)


@pytest.mark.parametrize("name", ["", "..", "/", "\\..\\", "\u202ecsv.exe", "con\x00.csv"])
def test_every_name_becomes_a_harmless_one(name: str) -> None:
    assert safe_name(name).strip("._-")
    assert not {"/", "\\", "\x00"} & set(safe_name(name))


@pytest.mark.parametrize(
    "text",
    ["log.csv", "upload:0/log.csv", "upload:" + "0" * 24, "upload:" + "0" * 24 + "/../x", "", "/"],
)
def test_other_texts_name_no_upload(text: str) -> None:
    assert named(text) is None
