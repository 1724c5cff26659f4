"""The wheel, installed outside of the checkout: all that the lab needs is in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from recsys_demo import __version__
from recsys_demo.config.model import TrainingConfig
from recsys_demo.config.presets import MAIN_PRESETS
from recsys_demo.ui.state import State, encode
from tests.making.driving import Tab, new_tab
from tests.making.servers import ROOT, start_server, stop_server

pytestmark = pytest.mark.browser
MOST_BYTES = 6_000_000
SHIPPED = ("app.py", "pages", "sample_data", ".streamlit")


@dataclass(frozen=True)
class Installed:
    """A wheel, the command that came with it, and the environment in which it runs."""

    wheel: Path
    command: Path
    environment: dict[str, str]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Built as an installer would, beside the packages that are there: no network."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    target = folder / "site"
    pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--quiet"]
    subprocess.run([*pip, "--target", str(target), str(wheel)], check=True, capture_output=True)
    environment = {"PYTHONPATH": str(target), "XDG_DATA_HOME": str(folder / "data")}
    return Installed(wheel, target / "bin" / "recsys-demo", environment)


def tracked() -> set[str]:
    """The files of this checkout that belong into the wheel, by their place in it."""
    files = [
        path
        for top in ("recsys_demo", *SHIPPED)
        for path in ((ROOT / top).rglob("*") if (ROOT / top).is_dir() else [ROOT / top])
        if path.is_file() and "__pycache__" not in path.parts
    ]
    names = [path.relative_to(ROOT) for path in files]
    return {
        str(name if name.parts[0] == "recsys_demo" else Path("recsys_demo/shipped") / name)
        for name in names
    }


def test_it_holds_every_file_and_is_small(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == tracked()
    assert installed.wheel.stat().st_size < MOST_BYTES


def test_its_doctor_finds_nothing_wrong_far_from_the_checkout(
    installed: Installed, tmp_path: Path
) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RECSYS_")}
    done = subprocess.run(
        [installed.command, "doctor", "--json"],
        cwd=tmp_path,
        env=kept | installed.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert (found["version"], found["installed_as"]) == (__version__, "package")
    data, site = installed.environment["XDG_DATA_HOME"], installed.environment["PYTHONPATH"]
    assert found["folders"]["runs"] == f"{data}/recsys-demo"
    assert found["folders"]["pages"] == f"{site}/recsys_demo/shipped"


def test_a_first_visit_loads_little_and_trains_by_one_click(
    installed: Installed, browser: Browser, tmp_path: Path
) -> None:
    server = start_server(
        tmp_path / "lab",
        command=[str(installed.command)],
        folder=tmp_path,
        RECSYS_DEMO_WORKERS="1",  # each would compile the loops of a training for itself
        **installed.environment,
    )
    try:
        tab = new_tab(browser, server.address)
        enters_loading_less_than_half_of_what_it_unpacks(tab)
        tab.press("Train four models")
        tab.button("Retrain with a new seed").wait_for()
        tab.tests_out_well()
        tab.context.close()
    finally:
        stop_server(server)
    runs = list((tmp_path / "lab").rglob("weights.safetensors"))
    assert len(runs) == len(MAIN_PRESETS)


def enters_loading_less_than_half_of_what_it_unpacks(tab: Tab) -> None:
    network = tab.context.new_cdp_session(tab.page)
    network.send("Network.enable")
    sent: list[float] = []
    unpacked: list[float] = []
    network.on("Network.loadingFinished", lambda told: sent.append(told["encodedDataLength"]))
    network.on("Network.dataReceived", lambda told: unpacked.append(told["dataLength"]))
    tab.enter("start", **encode(State(training=TrainingConfig(epochs=1))))
    network.detach()
    assert sum(unpacked) > 2_000_000
    assert sum(sent) < sum(unpacked) / 2
