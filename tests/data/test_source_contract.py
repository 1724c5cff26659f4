"""What every source of logs must do, over the registry: a new one is met by all of this."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar, Literal

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from recsys_demo.data.allowed_folders import FOLDERS, PROVIDED, confine, reachable
from recsys_demo.data.files import file_content, file_digest
from recsys_demo.data.own_file import FileSpec
from recsys_demo.data.source import FORM, PathText, Source, WholeLog
from recsys_demo.data.sources import load, read_log
from recsys_demo.data.specs import SOURCES, DataSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.data.uploads import Upload, keep_upload, upload_problem
from recsys_demo.errors import InputError
from recsys_demo.limits import Limits
from tests.making.files import csv
from tests.making.sources import sources_at

SPECS: TypeAdapter[DataSpec] = TypeAdapter(DataSpec)


@pytest.fixture(scope="module")
def opened() -> Iterator[list[str]]:
    """The names of all files that this process opens from now on."""
    names: list[str] = []
    is_on = [True]

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if is_on[0] and event == "open":
            names.append(str(arguments[0]))

    sys.addaudithook(note)  # there is no way to take it away again
    yield names
    is_on[0] = False


@pytest.mark.parametrize("kind", SOURCES)
@pytest.mark.parametrize("way", ["plain", "climbing", "link", "nowhere", "zero", "home", "upload"])
def test_a_link_reads_no_file_of_the_server(
    kind: str, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: list[str]
) -> None:
    home, secret = tmp_path / "lab", tmp_path / "secret.csv"
    digest = "0" * 24
    (home / "uploads" / digest).mkdir(parents=True)
    secret.write_bytes(csv())
    (home / "uploads" / digest / "link.csv").symlink_to(secret)
    path = {
        "plain": str(secret),
        "climbing": f"{home}/uploads/../../secret.csv",
        "link": f"{home}/uploads/{digest}/link.csv",
        "nowhere": str(tmp_path / "nothing there"),
        "zero": f"{home}/uploads/\x00",
        "home": "~/secret.csv",
        "upload": f"upload:{digest}/link.csv",
    }[way]
    monkeypatch.setenv("RECSYS_DEMO_HOME", str(home))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv(FOLDERS, "")
    for spec in sources_at(SOURCES[kind], path):
        for read in (
            spec.fingerprint,
            spec.files,
            spec.read,
            lambda spec=spec: load(spec, SplitConfig()),
            lambda spec=spec: read_log(spec),
        ):
            opened.clear()
            with pytest.raises(InputError, match=r"reads no file there|not on this server") as told:
                read()
            assert "No such file" not in str(told.value), "nothing tells whether it is there"
            assert str(tmp_path) not in str(told.value) or str(tmp_path) in path
            assert not [name for name in opened if "secret" in name or "link.csv" in name]


@pytest.mark.parametrize("kind", SOURCES)
@pytest.mark.parametrize("what", ["device", "pipe", "socket", "folder", "endless"])
def test_only_regular_files_are_opened(kind: str, what: str, tmp_path: Path) -> None:
    place = tmp_path / "it"
    if what == "pipe":
        os.mkfifo(place)
    elif what == "socket":
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(str(place))
    elif what == "folder":
        place.mkdir()
    target = {"device": "/dev/zero", "endless": "/dev/random"}.get(what, str(place))
    for spec in sources_at(SOURCES[kind], target):
        with pytest.raises(InputError):
            spec.fingerprint()
        with pytest.raises(InputError):
            spec.read()


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (os.mkfifo, "a named pipe"),
        (lambda path: path.mkdir(), "a folder"),
        (lambda path: path.symlink_to("/dev/zero"), "a device"),
    ],
)
def test_what_is_no_file_is_named(make: Callable[[Path], None], told: str, tmp_path: Path) -> None:
    place = tmp_path / "log.csv"
    make(place)
    for read in (file_content, file_digest):
        with pytest.raises(InputError, match=f"{told}, not a file"):
            read(place)


def test_a_file_that_hides_its_size_is_read_up_to_the_limit() -> None:
    with pytest.raises(InputError, match="larger than this lab allows"):
        file_content(Path("/proc/self/mountinfo"), Limits(file_bytes=1_000).model_copy())
    assert file_content(Path("/proc/self/stat"))


@pytest.mark.parametrize("kind", SOURCES)
def test_a_source_survives_json_and_keeps_its_kind(kind: str) -> None:
    for spec in sources_at(SOURCES[kind], "somewhere") or [SOURCES[kind]()]:
        assert SPECS.validate_json(SPECS.dump_json(spec)) == spec
        assert type(SPECS.validate_python(spec.model_dump())) is SOURCES[kind]
        assert spec.kind == kind
        assert spec.title


def test_what_is_no_source_is_refused() -> None:
    for content in ({"kind": "nothing"}, {}, 5, {"kind": ["file"]}):
        with pytest.raises(ValidationError):
            SPECS.validate_python(content)
    with pytest.raises(ValidationError) as told:
        SPECS.validate_python({"kind": "frappe", "folder": "x", "negatives": 0})
    assert [detail["loc"] for detail in told.value.errors()] == [("negatives",)]


def test_a_source_that_does_not_check_folders_cannot_be_written() -> None:
    for annotation in (str, Path, str | None, list[str], dict[str, int], object, bytes):
        with pytest.raises(TypeError, match="PathText"):
            type(
                "Sneaky",
                (Source,),
                {"__annotations__": {"file": annotation}, "__module__": __name__},
            )
    for name in ("read", "files", "fingerprint", "checked_paths"):
        with pytest.raises(TypeError, match="_read"):
            type("Sneaky", (Source,), {name: lambda self: None, "__module__": __name__})
    with pytest.raises(TypeError, match="abstract"):
        type("Lazy", (Source,), {"__module__": __name__})(kind="lazy")


def test_what_a_source_reads_is_a_checked_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    class Curious(Source):
        kind: Literal["curious"] = "curious"
        title: ClassVar[str] = "Curious"
        file: PathText | None = Field(None, description="what to look at")

        def _read(self) -> WholeLog:
            seen.append(str(self.file))
            raise InputError(upload_problem(Upload("0" * 24, "x")))

    (tmp_path / "log.csv").write_bytes(csv())
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(InputError):
        Curious(file="~/log.csv").read()
    assert seen == [str(tmp_path / "log.csv")]
    monkeypatch.setenv(FOLDERS, "")
    with pytest.raises(InputError, match="reads no file there"):
        Curious(file="~/log.csv").read()
    assert len(seen) == 1


def test_uploads_and_allowed_folders_are_within_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSYS_DEMO_HOME", str(tmp_path / "lab"))
    monkeypatch.delenv(FOLDERS, raising=False)
    assert reachable("/etc/hosts") == Path("/etc/hosts")  # on one's own machine: any file
    monkeypatch.setenv(FOLDERS, os.pathsep.join([str(tmp_path / "logs"), str(tmp_path / "more")]))
    for file in ("logs/a.csv", "more/deep/b.csv"):
        assert reachable(str(tmp_path / file)) == tmp_path / file
    for file in ("lab/jobs/status.json", "logs2/a.csv", "a.csv", "lab/uploads/a.csv"):
        with pytest.raises(InputError):
            reachable(str(tmp_path / file))
    upload = keep_upload(b"a,b\n1,2\n", "log.csv")
    kept = tmp_path / "lab" / "uploads" / upload.digest / "log.csv"
    assert reachable(str(upload)) == reachable(str(kept)) == kept


def test_whoever_is_confined_keeps_what_the_server_provides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (name, variable), *_ = PROVIDED.items()
    monkeypatch.setenv(variable, str(tmp_path / "frappe"))
    monkeypatch.delenv(FOLDERS, raising=False)
    confine()
    monkeypatch.setenv(FOLDERS, os.environ.pop(FOLDERS))  # so that it is taken away again
    assert reachable(name) == reachable(str(tmp_path / "frappe")) == tmp_path / "frappe"
    with pytest.raises(InputError, match="reads no file there"):
        reachable(str(tmp_path / "other"))
    monkeypatch.delenv(variable)
    with pytest.raises(InputError, match=f"{variable} is not set"):
        reachable(name)


def test_an_upload_is_found_by_its_content_wherever_it_was_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSYS_DEMO_HOME", str(tmp_path / "one"))
    upload = keep_upload(csv(), "log.csv")
    new = FileSpec(data=str(upload), schema_toml="")
    old = FileSpec(data=str(reachable(str(upload))), schema_toml="")
    assert str(tmp_path) not in new.model_dump_json()
    assert new.name == old.name == "log.csv"
    assert new.fingerprint() == old.fingerprint()
    (tmp_path / "one").rename(tmp_path / "gone")
    monkeypatch.setenv("RECSYS_DEMO_HOME", str(tmp_path / "two"))
    for confined in (False, True):
        if confined:
            monkeypatch.setenv(FOLDERS, "")
        for spec in (new, old):
            with pytest.raises(InputError, match="Upload it again") as told:
                spec.fingerprint()
            assert str(told.value).count("log.csv") == 1
            assert str(tmp_path) not in str(told.value)
    assert keep_upload(csv(), "log.csv") == upload, "given again, it is the same link"
    assert new.fingerprint() == old.fingerprint()
    keep_upload(csv("u1,i1,3,a,1"), "log.csv")
    assert len({new.fingerprint(), old.fingerprint()}) == 1


def test_messages_to_strangers_hold_no_path_of_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "deep" / "it"
    place.parent.mkdir()
    for confined in (False, True):
        if confined:
            monkeypatch.setenv(FOLDERS, str(tmp_path))
        for kind in SOURCES.values():
            for spec in sources_at(kind, str(place)):
                with pytest.raises(InputError) as told:
                    spec.fingerprint()
                assert (str(tmp_path)[:30] in str(told.value)) == (not confined)


def test_fingerprints_of_before_hold(tmp_path: Path) -> None:
    """Runs are found again by them: what they are made of is part of the format."""
    (tmp_path / "log.csv").write_bytes(b"a,b\n1,2\n")
    spec = FileSpec(data=str(tmp_path / "log.csv"), schema_toml='label = "b"\n')
    assert FORM == 1
    assert spec.fingerprint(SplitConfig()) == "48ee194cec19ffde4781f20f550f5cab"
