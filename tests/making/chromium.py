"""A Chromium for the browser tests: one that is there, else one that can be installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ADVICE = (
    "The browser tests need Chromium and none could be installed. Install it (Debian, Ubuntu: "
    "apt-get install chromium; others: python -m playwright install chromium), or set CHROMIUM "
    "to the path of one."
)


def find() -> str | None:
    """The path of a Chromium on this machine, None if there is none."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named if Path(named).exists() else None
    for name in NAMES:
        if path := shutil.which(name):
            return path
    return _of_playwright()


def _of_playwright() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install() -> None:
    """Try the ways to install Chromium one after another until one works."""
    ways = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get"):
        prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
        ways += [[*prefix, "apt-get", "update"], [*prefix, "apt-get", "install", "-y", "chromium"]]
    for command in ways:
        try:
            subprocess.run(command, check=False, timeout=600)
        except (OSError, subprocess.TimeoutExpired) as error:
            sys.stderr.write(f"{' '.join(command)}: {error}\n")
        if find():
            return


if __name__ == "__main__":
    if not find():
        install()
    if not find():
        sys.exit(ADVICE)
