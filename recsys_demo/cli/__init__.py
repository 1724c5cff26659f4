"""The command line: one module per command. Results go to standard output, progress to standard
error; exit status 0 done, 2 bad input, 130 interrupted, 141 reader gone."""

from __future__ import annotations

import argparse
import importlib
import io
import json
import math
import os
import sys
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from recsys_demo import __version__
from recsys_demo.errors import LabError
from recsys_demo.folders import IN_CHECKOUT, NAME

BARE = "serve"  # what a call without a command does
CLOSED = 141  # what a shell reports of a program whose reader has gone
COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "sample": "generate the sample set",
        "schema": "guess what the columns of a log mean, and write it down as a schema",
        "train": "train and evaluate one model",
        "compare": "compare runs",
        "recommend": "the list for one query, and why; or the lists of everybody",
        "score": "the probability of every row of a file, by a saved run",
        "lesson": "check a lesson file, print a lesson for a class",
        "sweep": "what each part of a model is worth, over seeds",
        "tune": "better settings by the validation rows, in the same time for each model",
        "serve": "open the lab in the browser",
        "doctor": "what is installed, where things lie, what is wrong",
    }
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; without a word it serves."""
    argv = list(sys.argv[1:] if argv is None else argv) or [BARE]
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a name the terminal has no letters for
    arguments = parser(argv[0] if argv else "").parse_args(argv)
    try:
        result = arguments.run(arguments)
        if getattr(arguments, "json", False):
            sys.stdout.write(to_json(result) + "\n")
        sys.stdout.flush()
    except LabError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write(f"Stopped. {getattr(arguments, 'kept', 'Nothing was saved.')}\n")
        return 130
    except BrokenPipeError:
        # Who reads the result has gone, as in `| head`; the interpreter would try once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLOSED
    return 0


def parser(wanted: str) -> argparse.ArgumentParser:
    """All commands, and the arguments of the wanted one: only its module is imported, so that
    `sample` and `serve` need not wait for torch."""
    called = "python -m recsys_demo" if IN_CHECKOUT else NAME
    top = argparse.ArgumentParser(prog=called, description=__doc__)
    top.add_argument("--version", action="version", version=f"{NAME} {__version__}")
    commands = top.add_subparsers(dest="command", required=True)
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary)
        if name == wanted:
            importlib.import_module(f"recsys_demo.cli.{name}").add(command)
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
