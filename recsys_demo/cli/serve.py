"""`serve`: open the lab in the browser, after checking what it needs."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from pathlib import Path
from typing import Any

from recsys_demo.cli.obstacles import obstacles
from recsys_demo.cli.server_settings import EVERYWHERE, ServerAddress, ServerSettings
from recsys_demo.data.allowed_folders import confine
from recsys_demo.errors import InputError, Problem
from recsys_demo.folders import APP, ROOT
from recsys_demo.jobs.settings import JobSettings
from recsys_demo.limits import PREFIX, Limits, share_pages
from recsys_demo.machine import give_memory_back, network_addresses, share_cores

PASSWORD = f"{PREFIX}PASSWORD"
SHORTEST_PASSWORD = 8
HOLDS = {"allow_host": "NAME", "trust_proxy": "ADDRESS", "frame_ancestors": "SITE"}


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of this command."""
    parser.add_argument("--address", default="127.0.0.1", help="0.0.0.0 lets a classroom in")
    parser.add_argument("--port", type=int, default=8501, choices=range(1, 65536), metavar="PORT")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    parser.add_argument(
        "--password-file",
        type=Path,
        metavar="FILE",
        help=f"file whose first line visitors must know; or set {PASSWORD}",
    )
    parser.add_argument(
        "--no-password",
        action="store_true",
        help="let everybody in who can reach an address that is not only this machine's",
    )
    fields = ServerSettings.model_fields
    for name in ("base_path", "public_url"):
        parser.add_argument(
            _option(name),
            metavar="PATH" if name == "base_path" else "URL",
            help=fields[name].description,
        )
    for name in ("allow_host", "trust_proxy", "frame_ancestors"):
        told = f"{fields[name].description}; can be given several times"
        parser.add_argument(_option(name), action="append", metavar=HOLDS[name], help=told)
    parser.set_defaults(run=run, kept="Finished runs are kept.")


def run(arguments: argparse.Namespace) -> None:
    """Check everything at once, then become the server until it is stopped."""
    jobs = JobSettings.from_environment()
    limits = Limits.from_environment()
    reached = ServerAddress(
        ServerSettings.given(vars(arguments)),
        arguments.address,
        arguments.port,
        password(arguments.password_file),
        network_addresses() if arguments.address in EVERYWHERE else (),
    )
    found = list(obstacles(arguments.address, arguments.port, jobs.home))
    if not reached.is_local and reached.password is None and not arguments.no_password:
        found.append(_nobody_asked(arguments.address))
    if found:
        raise InputError(found)
    if not reached.is_private:
        confine()
        share_pages()
    os.environ[f"{PREFIX}HOME"] = str(jobs.home.absolute())
    # Streamlit takes theme and settings from the folder it is started in.
    os.chdir(ROOT)
    options: dict[str, Any] = {
        "server.address": arguments.address,
        "server.port": arguments.port,
        "server.baseUrlPath": reached.settings.base_path.strip("/"),
        "server.maxUploadSize": max(1, limits.upload_bytes // 1_000_000),
    }
    give_memory_back()
    share_cores()
    sys.stderr.write(_addresses_text(reached))
    browser = None if arguments.no_browser or not _has_display() else reached.local_url
    # By name: the pages and what only they need are a layer above the command line.
    server = importlib.import_module("recsys_demo.ui.server")
    server.serve(APP, options, reached, browser)


def _addresses_text(reached: ServerAddress) -> str:
    told = f"The lab is at {reached.local_url} (Ctrl+C stops it)\n"
    if (
        others := [reached.settings.public_url]
        if reached.settings.public_url
        else [url for url in reached.network_urls if url != reached.local_url]
    ):
        told += f"Others open {' or '.join(others)}\n"
    return told


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def password(file: Path | None) -> str | None:
    """What visitors must know, from the file or the environment; None if nothing is set."""
    where, text = PASSWORD, os.environ.get(PASSWORD)
    if file is not None:
        where = str(file)
        try:
            text = file.read_text(encoding="utf-8").split("\n", maxsplit=1)[0].strip("\r")
        except (OSError, UnicodeDecodeError, ValueError) as error:
            raise InputError.of(
                what="the password file cannot be read",
                where=where,
                got=str(error),
                expected="a text file with the password in its first line",
                remedy="Check the path and its permissions.",
            ) from None
    if text is not None and len(text) < SHORTEST_PASSWORD:
        raise InputError.of(
            what="the password is too short",
            where=where,
            got=f"{len(text)} characters",
            expected=f"at least {SHORTEST_PASSWORD}",
            remedy="Choose a longer one: everybody on the network can try.",
        )
    return text


def _nobody_asked(address: str) -> Problem:
    return Problem(
        "others could use this lab without a password",
        f"--address {address}",
        "no password",
        "a password, or --no-password",
        f"Give --password-file FILE or set {PASSWORD}; --no-password lets everybody in.",
    )


def _has_display() -> bool:
    on_linux = sys.platform.startswith("linux")
    return not on_linux or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
