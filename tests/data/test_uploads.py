"""Uploads on the server's disk, named by their content."""

from __future__ import annotations

from pathlib import Path

import pytest

from recsys_demo.data.uploads import keep_upload, safe_name, upload_of, upload_path
from recsys_demo.errors import InputError
from recsys_demo.limits import Limits


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECSYS_DEMO_HOME", str(tmp_path))
    return tmp_path


def test_uploads_are_kept_once_and_inside_their_folder(home: Path) -> None:
    upload = keep_upload(b"a,b\n1,2\n", "../../etc/my log.csv")
    path = upload_path(upload)
    assert path is not None
    assert path.read_bytes() == b"a,b\n1,2\n"
    assert path.parent.parent == home / "uploads"
    assert path.name == upload.name == "my_log.csv"
    assert keep_upload(b"a,b\n1,2\n", "../../etc/my log.csv") == upload
    assert keep_upload(b"other", "my log.csv").digest != upload.digest
    assert len(list(path.parent.iterdir())) == 1
    assert upload_of(str(upload)) == upload
    with pytest.raises(InputError, match="upload is larger"):
        keep_upload(bytes(2000), "big.csv", Limits(upload_bytes=1000))


def test_the_same_content_under_another_name_is_found() -> None:
    there = keep_upload(b"a,b\n1,2\n", "one.csv")
    again = upload_of(f"upload:{there.digest}/two.csv")
    assert again is not None
    assert upload_path(again) == upload_path(there)


@pytest.mark.parametrize("name", ["", "..", "/", "\\..\\", "\u202ecsv.exe", "con\x00.csv"])
def test_every_name_becomes_a_harmless_one(name: str) -> None:
    assert safe_name(name).strip("._-")
    assert not {"/", "\\", "\x00"} & set(safe_name(name))


@pytest.mark.parametrize(
    "text",
    ["log.csv", "upload:0/log.csv", "upload:" + "0" * 24, "upload:" + "0" * 24 + "/../x", "", "/"],
)
def test_other_texts_name_no_upload(text: str) -> None:
    assert upload_of(text) is None
