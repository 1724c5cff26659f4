"""Where the lab's own files lie, in a checkout or in an installed package, and where runs are kept
unless the environment says otherwise. Needs the standard library only: it is asked for advice
where packages are missing."""

from __future__ import annotations

import os
import sys
from pathlib import Path

NAME = "recsys-demo"  # of the package, as installers know it
PACKAGE = Path(__file__).parent
# What a checkout has beside the package, a wheel has in a folder of it (pyproject.toml puts it
# there): the pages, the sample set, and theme and settings of Streamlit, which takes them from the
# folder it starts in.
_IN_WHEEL = PACKAGE / "shipped"
IN_CHECKOUT = not _IN_WHEEL.is_dir()
ROOT = PACKAGE.parent if IN_CHECKOUT else _IN_WHEEL
APP = ROOT / "app.py"
SAMPLE_SET = ROOT / "sample_data"


def default_home() -> Path:
    """The folder of jobs, runs and uploads: beside a checkout, else where the system keeps a
    person's data."""
    return Path(".lab") if IN_CHECKOUT else user_data() / NAME


def user_data() -> Path:
    """Where programs keep data of the person who runs them: XDG's folder, Apple's, Windows'."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    given = Path(os.environ.get("XDG_DATA_HOME", ""))
    return given if given.is_absolute() else Path.home() / ".local" / "share"


def package_path() -> str:
    """`PYTHONPATH` with which another process finds this package, whatever folder it is started
    in."""
    return os.pathsep.join(filter(None, (str(PACKAGE.parent), os.environ.get("PYTHONPATH"))))


def how_to_install(extra: str = "") -> str:
    """The command that brings the packages the lab needs, or those of an extra."""
    what = "-r requirements.txt" if IN_CHECKOUT else f'"{NAME}[{extra}]"' if extra else NAME
    return f"{sys.executable} -m pip install {what}"
