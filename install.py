"""`python install.py FILE...`: pip installs these requirements into this Python's environment.

On Linux the usual PyTorch brings gigabytes for NVIDIA cards. Where there is none, the build for
processors comes first, from the PyTorch project's own index, if that answers at once;
`TORCH=default` in the environment leaves this out. Standard library only: nothing else is there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import urllib.request
from importlib import metadata
from pathlib import Path

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
PATIENCE_SECONDS = 4.0
PINS = Path(__file__).parent / "requirements.txt"
NVIDIA = (Path("/proc/driver/nvidia"), Path("/dev/nvidiactl"), Path("/usr/lib/wsl/lib/nvidia-smi"))
PIP = (sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--quiet")


def main(files: list[str]) -> int:
    """pip's exit status."""
    pin = torch_pin()
    if sys.platform == "linux" and not is_installed(pin):
        why = why_as_usual() or _fetched(pin)
        build = f"as your index gives it: {why}" if why else "the build for processors"
        sys.stderr.write(f"PyTorch: {build}\n")
    files = [f"--requirement={file}" for file in files]
    return subprocess.run([*PIP, *files], check=False).returncode


def torch_pin() -> str:
    """The line of the requirements that names PyTorch."""
    lines = PINS.read_text(encoding="utf-8").splitlines()
    return next(line for line in lines if line.startswith("torch=="))


def why_as_usual() -> str:
    """Why the usual build is wanted or the other cannot be had; empty if it can."""
    if os.environ.get("TORCH", "") == "default":
        return "TORCH=default"
    if has_nvidia():
        return "this machine has an NVIDIA card"
    if not answers(f"{CPU_INDEX}/torch/", PATIENCE_SECONDS):
        return f"{CPU_INDEX} does not answer"
    return ""


def has_nvidia() -> bool:
    """Whether the driver of an NVIDIA card is there."""
    return shutil.which("nvidia-smi") is not None or any(path.exists() for path in NVIDIA)


def answers(url: str, seconds: float) -> bool:
    """Whether the address gives a page within this time; looking up its name counts."""
    found: list[bool] = []

    def ask() -> None:
        try:
            with urllib.request.urlopen(url, timeout=seconds) as reply:
                found.append(reply.status == 200)
        except (OSError, ValueError):
            found.append(False)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    return found == [True]


def is_installed(pin: str) -> bool:
    """Whether this version is there, whichever its build."""
    name, _, wanted = pin.partition("==")
    try:
        return metadata.version(name).partition("+")[0] == wanted
    except metadata.PackageNotFoundError:
        return False


def _fetched(pin: str) -> str:
    """Install the build for processors and nothing else; why not, if it fails."""
    fetch = [*PIP, "--no-deps", "--index-url", CPU_INDEX, "--timeout", "15", "--retries", "1", pin]
    done = subprocess.run(fetch, check=False, capture_output=True, text=True)
    return done.stderr.strip().rpartition("\n")[2] if done.returncode else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
