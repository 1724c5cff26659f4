"""The command line: one module per command. Results go to standard output, progress to standard
error; exit status 0 done, 2 bad input, 130 interrupted."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Sequence
from typing import Any

from recsys_demo.cli import compare, sweep, train
from recsys_demo.errors import LabError

COMMANDS = (train, compare, sweep)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    arguments = parser().parse_args(argv)
    try:
        result = arguments.run(arguments)
    except LabError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted; nothing was saved.\n")
        return 130
    if getattr(arguments, "json", False):
        sys.stdout.write(to_json(result) + "\n")
    return 0


def parser() -> argparse.ArgumentParser:
    """All commands and their arguments."""
    top = argparse.ArgumentParser(prog="recsys_demo", description=__doc__)
    commands = top.add_subparsers(dest="command", required=True)
    for command in COMMANDS:
        command.add(commands)
    return top


def to_json(value: Any) -> str:
    """One line of standard JSON: what is not a number becomes null."""
    return json.dumps(_finite(value), allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
