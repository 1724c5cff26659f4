"""How the lab is started, and the address others find it at."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from recsys_demo.cli import main
from recsys_demo.cli.server_settings import ServerAddress, ServerSettings
from recsys_demo.data.allowed_folders import FOLDERS
from recsys_demo.errors import InputError
from recsys_demo.limits import PREFIX, SHARED, Limits
from recsys_demo.machine import network_addresses
from recsys_demo.ui import entrance, server
from recsys_demo.ui.entrance import Entrance

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("word", ["", "open sesame"])
def test_streamlit_run_says_in_one_line_what_to_do(word: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), "--server.port", "8699"],
        cwd=tmp_path,
        env={"PATH": "", "HOME": str(tmp_path), f"{PREFIX}PASSWORD": word},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "python -m recsys_demo serve" in done.stderr
    assert str(ROOT) in done.stderr


@pytest.mark.parametrize(
    ("served", "browsed", "shared"),
    [
        (Entrance(), "http://127.0.0.1:8501/train?seed=3", "http://127.0.0.1:8501/train"),
        (Entrance(), "http://10.0.0.7:8501/", "http://10.0.0.7:8501/"),
        (
            Entrance(network_url="http://10.0.0.7:8501"),
            "http://localhost:8501/train",
            "http://10.0.0.7:8501/train",
        ),
        (
            Entrance(network_url="http://10.0.0.7:8501"),
            "http://lab.local:8501/train",
            "http://lab.local:8501/train",
        ),
        (
            Entrance("https://lab.example/a"),
            "http://10.0.0.7/b/train",
            "https://lab.example/a/train",
        ),
        (Entrance("https://lab.example/a"), "http://10.0.0.7/b/", "https://lab.example/a/"),
    ],
)
def test_a_link_leads_others_to_the_page(
    served: Entrance, browsed: str, shared: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entrance, "_served", [served])
    assert entrance.shared_address(browsed) == shared


def reached(
    address: str = "127.0.0.1", password: str | None = None, **settings: object
) -> ServerAddress:
    return ServerAddress(ServerSettings.given(settings), address, 8501, password, ("10.0.0.7",))


def test_others_are_told_the_address_they_can_open() -> None:
    assert reached().network_urls == []
    assert reached("0.0.0.0", base_path="/lab/").network_urls == ["http://10.0.0.7:8501/lab"]
    assert reached("::").local_url == "http://127.0.0.1:8501"
    assert reached("fe80::2").network_urls == ["http://[fe80::2]:8501"]
    for address in network_addresses():
        assert not address.startswith(("127.", "169.254."))


SETTINGS = {
    "base_path": "/lab",
    "allow_host": ["lab.example"],
    "trust_proxy": ["127.0.0.1", "10.0.0.0/8"],
    "public_url": "https://lab.example",
    "frame_ancestors": ["https://school.example"],
}


def test_whoever_lets_others_in_is_not_alone() -> None:
    assert reached().is_private
    assert not reached(password="open sesame").is_private
    assert not reached("0.0.0.0").is_private
    assert set(SETTINGS) == set(ServerSettings.model_fields)
    for name, value in SETTINGS.items():
        assert not reached(**{name: value}).is_private, name


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_comes_from_the_environment_too(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = SETTINGS[name]
    text = value if isinstance(value, str) else ",".join(value)
    monkeypatch.setenv(PREFIX + name.upper(), text)
    assert ServerSettings.given({}) == ServerSettings.given({name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("base_path", "lab"),
        ("base_path", "/../x y"),
        ("allow_host", ["https://lab.example"]),
        ("allow_host", ["*"]),
        ("trust_proxy", ["*"]),
        ("trust_proxy", ["10.0.0.1/8"]),
        ("trust_proxy", ["proxy.example"]),
        ("public_url", "lab.example"),
        ("public_url", "https://lab.example/?x"),
        ("frame_ancestors", ["school.example; script-src *"]),
    ],
)
def test_a_setting_that_cannot_be(name: str, value: object) -> None:
    with pytest.raises(InputError, match=name):
        ServerSettings.given({name: value})


OPTIONS = [
    ([], False),
    (["--base-path", "/lab", "--trust-proxy", "127.0.0.1", "--trust-proxy", "10.0.0.0/8"], True),
    (["--allow-host", "lab.example"], True),
    (["--address", "0.0.0.0", "--no-password"], True),
]


@pytest.mark.parametrize(("options", "confined"), OPTIONS)
def test_serve_confines_visitors_to_their_uploads(
    options: list[str],
    confined: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(f"{PREFIX}HOME", str(tmp_path))
    monkeypatch.setenv(FOLDERS, "")
    monkeypatch.delenv(FOLDERS)
    for name in SHARED:  # so that what `serve` sets is gone afterwards
        monkeypatch.setenv(f"{PREFIX}{name.upper()}", "")
        monkeypatch.delenv(f"{PREFIX}{name.upper()}")
    monkeypatch.chdir(ROOT)
    begun: list[ServerAddress] = []
    monkeypatch.setattr(server, "serve", lambda _app, _options, reached, _b: begun.append(reached))
    assert main(["serve", "--port", "8698", "--no-browser", *options]) == 0
    import os

    assert (FOLDERS in os.environ) == confined
    limits = Limits.from_environment().model_dump(include=set(SHARED))
    assert (limits == dict(SHARED)) == confined
    assert "The lab is at http://127.0.0.1:8698" in capsys.readouterr().err
    assert begun[0].settings.trust_proxy == (
        ("127.0.0.1", "10.0.0.0/8") if "/lab" in options else ()
    )
