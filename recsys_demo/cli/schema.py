"""`schema`: what the columns of a log seem to mean, as a schema to read and correct."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from recsys_demo.cli.outputs import check_outputs, write_text
from recsys_demo.data.files import file_content
from recsys_demo.data.guessing.readings import reading_of
from recsys_demo.data.guessing.schemas import Guess
from recsys_demo.errors import InputError, excerpt
from recsys_demo.limits import Limits


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of this command."""
    parser.add_argument("--data", type=Path, required=True, metavar="PATH", help="the log")
    parser.add_argument("--items", type=Path, metavar="FILE", help="item attributes")
    parser.add_argument("--users", type=Path, metavar="FILE", help="attributes of the users")
    parser.add_argument(
        "--out", type=Path, metavar="FILE.toml", help="write it here (default: print it)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Print or write the schema, and on standard error what each column was taken for and why; the
    value is what `--json` prints."""
    inputs = {name: getattr(arguments, name) for name in ("data", "items", "users")}
    check_outputs(None, arguments.out, inputs, ".toml")
    guess = guessed([path for path in inputs.values() if path is not None])
    for column, reason in guess.reasons.items():
        sys.stderr.write(f"{excerpt(column)}: {reason}\n")
    toml = guess.schema.to_toml()
    if arguments.out is None:
        sys.stdout.write(toml)
    else:
        write_text(toml, arguments.out)
    return {"schema": toml, "columns": guess.reasons}


def guessed(files: Sequence[Path]) -> Guess:
    """What the columns of a log, and of files that describe its items and users, seem to mean.
    Raises InputError."""
    given = [(path.name, file_content(path)) for path in files]
    reading = reading_of(given, Limits.from_environment())
    if reading.guess is None:
        raise InputError(reading.problems)
    return reading.guess
