"""`sample`: write the sample set, or another world like it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from recsys_demo.data.planted.files import DIALS, SAMPLE_FILES, write_sample
from recsys_demo.data.planted.sample import WorldConfig
from recsys_demo.errors import InputError
from recsys_demo.values import validated


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of this command: one for each dial of the world."""
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder to fill")
    for name, field in WorldConfig.model_fields.items():
        parser.add_argument(
            "--" + name.replace("_", "-"),
            dest=name,
            metavar="N",
            help=f"{field.description} (default: {field.default})".replace("%", "%%"),
        )
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Generate, write, and tell what was written."""
    given = {name: getattr(arguments, name) for name in WorldConfig.model_fields}
    dials = {name: value for name, value in given.items() if value is not None}
    dials.setdefault("version", WorldConfig.model_fields["version"].default)
    config = validated(WorldConfig, dials, "arguments of sample")
    _check_folder(arguments.out)
    world = write_sample(arguments.out, config)
    told = {
        "out": str(arguments.out),
        "users": config.users,
        "apps": config.apps,
        "impressions": config.impressions,
        "exceptions": len(world.exceptions()),
        "seed": config.seed,
    }
    sys.stdout.write(
        f"Wrote {told['impressions']:,} impressions of {told['apps']:,} apps to "
        f"{told['users']:,} users into {told['out']}.\n"
    )
    return told


def _check_folder(folder: Path) -> None:
    """A sample set may be drawn anew; files of others that have its names stay."""
    there = [name for name in SAMPLE_FILES if (folder / name).exists()]
    if there and DIALS not in there:
        raise InputError.of(
            what="something is there already",
            where=str(folder),
            got=", ".join(there),
            expected="a new folder, or one with an earlier sample set",
            remedy="Choose another folder, or remove what is there.",
        )
