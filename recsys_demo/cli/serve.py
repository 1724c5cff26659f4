"""`serve`: open the lab in the browser, after checking what it needs."""

from __future__ import annotations

import argparse
import importlib.util
import os
import runpy
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from recsys_demo.errors import InputError, Problem
from recsys_demo.jobs.workers import JobSettings
from recsys_demo.limits import Limits

APP = Path(__file__).parents[2] / "app.py"
NEEDED = ("streamlit", "torch", "plotly", "pandas", "pyarrow", "safetensors", "sklearn", "umap")


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of this command."""
    parser.add_argument("--address", default="127.0.0.1", help="0.0.0.0 lets a classroom in")
    parser.add_argument("--port", type=int, default=8501, choices=range(1, 65536), metavar="PORT")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Check everything at once, then become the server until it is stopped."""
    settings = JobSettings.from_environment()
    limits = Limits.from_environment()
    if problems := list(obstacles(arguments.address, arguments.port, settings.home)):
        raise InputError(problems)
    options = {
        "server.address": arguments.address,
        "server.port": arguments.port,
        "server.headless": str(arguments.no_browser or not _has_display()).lower(),
        "server.maxUploadSize": max(1, limits.upload_bytes // 1_000_000),
    }
    # Streamlit takes theme and settings from the folder it is started in.
    os.chdir(APP.parent)
    sys.argv = ["streamlit", "run", str(APP), *(f"--{k}={v}" for k, v in options.items())]
    runpy.run_module("streamlit", run_name="__main__")


def obstacles(address: str, port: int, home: Path) -> Iterator[Problem]:
    """All that would keep the lab from starting."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        yield Problem(
            "packages are missing",
            sys.executable,
            ", ".join(missing) + " not found",
            "everything in requirements.txt",
            "Run: python -m pip install -r requirements.txt",
        )
    yield from _port_taken(address, port)
    yield from _home_refused(home)


def _port_taken(address: str, port: int) -> Iterator[Problem]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if os.name != "nt":  # there it would let two servers share the port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            yield Problem(
                "the lab cannot listen there",
                f"{address}, port {port}",
                error.strerror or str(error),
                "an address of this machine and a free port",
                f"Try: make app PORT={port + 1 if port < 65535 else 8501}",
            )


def _home_refused(home: Path) -> Iterator[Problem]:
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home) as probe:
            probe.write(b"\0" * 4096)
    except OSError as error:
        yield Problem(
            "runs cannot be kept",
            str(home.absolute()),
            error.strerror or str(error),
            "a folder that can be written to, with space left",
            "Set RECSYS_DEMO_HOME to another folder.",
        )


def _has_display() -> bool:
    on_linux = sys.platform.startswith("linux")
    return not on_linux or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
