"""What would keep the lab from starting here."""

from __future__ import annotations

import importlib.util
import os
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from recsys_demo.errors import Problem
from recsys_demo.folders import IN_CHECKOUT, NAME, how_to_install

# Every package the lab cannot do without, by the name it is imported by.
NEEDED: Mapping[str, str] = MappingProxyType(
    {
        "torch": "torch",
        "streamlit": "streamlit",
        "plotly": "plotly",
        "pandas": "pandas",
        "numpy": "numpy",
        "scipy": "scipy",
        "sklearn": "scikit-learn",
        "pyarrow": "pyarrow",
        "pydantic": "pydantic",
        "threadpoolctl": "threadpoolctl",
        "numba": "numba",
        "safetensors": "safetensors",
        "umap": "umap-learn",
        "tomli_w": "tomli-w",
        "openTSNE": "openTSNE",
        "psutil": "psutil",
        "tqdm": "tqdm",
        "optuna": "optuna",
        "segno": "segno",
    }
)


def obstacles(address: str, port: int, home: Path) -> Iterator[Problem]:
    """All that would keep the lab from starting."""
    yield from packages_missing()
    yield from _port_taken(address, port)
    yield from home_refused(home)


def packages_missing() -> Iterator[Problem]:
    """What is needed and not installed."""
    if missing := [name for name in NEEDED if importlib.util.find_spec(name) is None]:
        yield Problem(
            "packages are missing",
            sys.executable,
            ", ".join(missing) + " not found",
            "everything in requirements.txt" if IN_CHECKOUT else "all that the lab requires",
            f"Run: {how_to_install()}",
        )


def _port_taken(address: str, port: int) -> Iterator[Problem]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if os.name != "nt":  # there it would let two servers share the port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except (OSError, TypeError) as error:  # TypeError: no name of a machine can look so
            yield Problem(
                "the lab cannot listen there",
                f"{address}, port {port}",
                getattr(error, "strerror", None) or str(error),
                "an address of this machine and a free port",
                f"Try: {_elsewhere(port + 1 if port < 65535 else 8501)}",
            )


def _elsewhere(port: int) -> str:
    return f"make app PORT={port}" if IN_CHECKOUT else f"{NAME} serve --port {port}"


def home_refused(home: Path) -> Iterator[Problem]:
    """That runs cannot be kept there, and why."""
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
