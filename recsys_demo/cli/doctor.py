"""`doctor`: what is installed, what the machine gives, where things lie, and what is wrong."""

from __future__ import annotations

import argparse
import platform
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

from recsys_demo import __version__
from recsys_demo.cli.obstacles import NEEDED, home_refused, packages_missing
from recsys_demo.errors import InputError, Problem
from recsys_demo.folders import IN_CHECKOUT, NAME, ROOT, SAMPLE_SET, how_to_install
from recsys_demo.jobs.settings import SERVER_BYTES, WORKER_BYTES, JobSettings
from recsys_demo.limits import PREFIX, Limits
from recsys_demo.machine import machine_kind, memory_bytes, memory_free_bytes, usable_cores

# What not everybody needs, by the extra that brings it.
EXTRAS: Mapping[str, str] = {"cluster": "distributed", "notebooks": "jupyterlab"}
WIDTH = 12


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of this command."""
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Print what is found; the value is what `--json` prints. Raises InputError for what is
    wrong."""
    settings, problems = _settings()
    problems += [*packages_missing(), *_other_versions(), *home_refused(settings.home)]
    problems += _short_memory(settings.workers)
    found = facts(settings) | {"problems": [asdict(problem) for problem in problems]}
    for name, line in _lines(found):
        sys.stdout.write(f"{name:<{WIDTH}} {line}\n")
    if not problems:
        sys.stdout.write("Nothing is wrong.\n")
        return found
    if arguments.json:
        from recsys_demo.cli import to_json

        sys.stdout.write(to_json(found) + "\n")
    raise InputError(problems)


def facts(settings: JobSettings) -> dict[str, Any]:
    """Versions by package (None: not installed), bytes, and folders."""
    return {
        "version": __version__,
        "installed_as": "checkout" if IN_CHECKOUT else "package",
        "python": platform.python_version(),
        "executable": sys.executable,
        "system": platform.platform(),
        "processor": machine_kind(),
        "packages": {name: _version(name) for name in NEEDED.values()},
        "extras": {extra: _version(name) for extra, name in EXTRAS.items()},
        "cores": usable_cores(),
        "workers": settings.workers,
        "memory_bytes": memory_bytes(),
        "memory_free_bytes": memory_free_bytes(),
        "memory_wanted_bytes": _wanted(settings.workers),
        "disk_free_bytes": _disk_free(settings.home),
        "folders": {
            "pages": str(ROOT),
            "sample_set": str(SAMPLE_SET),
            "runs": str(settings.home.absolute()),
        },
    }


def _settings() -> tuple[JobSettings, list[Problem]]:
    """The settings that a server would have, and what is wrong with what the environment says."""
    problems: list[Problem] = []
    for read in (Limits.from_environment, JobSettings.from_environment):
        problems += _problems_of(read)
    return JobSettings() if problems else JobSettings.from_environment(), problems


def _problems_of(read: Callable[[], object]) -> tuple[Problem, ...]:
    try:
        read()
    except InputError as error:
        return error.problems
    return ()


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _other_versions() -> Iterator[Problem]:
    """Packages of a checkout that are not those it was tested with."""
    if not IN_CHECKOUT:
        return
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines():
        name, pinned, version = line.partition("==")
        there = _version(name) if pinned else None
        if there is not None and there.split("+")[0] != version:
            yield Problem(
                "not the version this lab was tested with",
                name,
                there,
                version,
                f"Run: {how_to_install()}",
            )


def _short_memory(workers: int) -> Iterator[Problem]:
    if _wanted(workers) > memory_bytes():
        yield Problem(
            "server and workers need more memory than there is",
            f"{workers} workers",
            f"{_gigabytes(memory_bytes())} of memory",
            f"{_gigabytes(_wanted(workers))}",
            f"Set {PREFIX}WORKERS to a smaller number.",
        )


def _wanted(workers: int) -> int:
    return SERVER_BYTES + workers * WORKER_BYTES


def _disk_free(folder: Path) -> int | None:
    """On the disk that holds the folder, or would."""
    there = next((place for place in (folder, *folder.absolute().parents) if place.exists()), None)
    return shutil.disk_usage(there).free if there is not None else None


def _lines(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    installed = [f"{name} {version}" for name, version in found["packages"].items() if version]
    extras = [f"{extra} {version or 'not installed'}" for extra, version in found["extras"].items()]
    yield NAME, f"{found['version']}, {found['installed_as']} in {found['folders']['pages']}"
    yield "Python", f"{found['python']}, {found['executable']}"
    yield "Machine", f"{found['system']}, {found['processor']}"
    yield "Packages", ", ".join(installed)
    yield "Extras", ", ".join(extras)
    memory = [_gigabytes(found[f"memory_{name}bytes"]) for name in ("", "free_", "wanted_")]
    yield "Memory", f"{memory[0]}, {memory[1]} free; server and workers take {memory[2]}"
    yield "Workers", f"{found['workers']}, on {found['cores']} cores"
    free = found["disk_free_bytes"]
    left = f", {_gigabytes(free)} free" if free is not None else ""
    yield "Runs", found["folders"]["runs"] + left
    yield "Sample set", found["folders"]["sample_set"]


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:,.1f} GB"
