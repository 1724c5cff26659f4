"""`tune`: better settings of several models by the validation rows, in the same time for each."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recsys_demo.cli.sweep import seeds_in_a_row, train_grid
from recsys_demo.cli.train import add_run_arguments, run_config
from recsys_demo.config.presets import MAIN_PRESETS, PRESETS
from recsys_demo.config.run import RunConfig
from recsys_demo.errors import InputError
from recsys_demo.studies.ablation.effects import with_spread
from recsys_demo.studies.ablation.outcomes import Reader
from recsys_demo.studies.tuning import Row, Tuning, final_grid, tuning_of
from recsys_demo.sweep.places import local_workers
from recsys_demo.sweep.records import Records
from recsys_demo.sweep.trials import Search, search
from recsys_demo.training.reproduce import command_text

MOST_MINUTES = 7 * 24 * 60


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of this command."""
    add_run_arguments(parser)
    parser.add_argument(
        "--preset",
        action="append",
        choices=sorted(PRESETS),
        help="a model to tune; repeat for more (default: the four of the lab)",
    )
    parser.add_argument(
        "--minutes",
        type=float,
        default=10.0,
        metavar="N",
        help="time for all models together, the same for each (default: 10); the runs over seeds "
        "at the end come on top",
    )
    parser.add_argument("--seeds", type=int, default=3, choices=range(1, 101), metavar="N")
    parser.add_argument("--executor", default="local", help="local, or local:N for N processes")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("tune"),
        metavar="DIR",
        help="where trials and runs are kept; a search found there is gone on with",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    parser.set_defaults(run=run, kept="Finished trials and runs are kept.")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Search, train what was found over seeds, and say what it was worth; the value is what
    `--json` prints."""
    seconds = _seconds(arguments.minutes)
    names = tuple(dict.fromkeys(arguments.preset or MAIN_PRESETS))
    models = {name: run_config(arguments, name) for name in names}
    seeds = seeds_in_a_row(arguments)
    records = Records(arguments.out)
    records.prepare()
    searches = _searched(models, arguments.out, seconds, arguments.executor)
    best = {name: found.best for name, found in searches.items()}
    grid = final_grid(models, best, seeds)
    failed = train_grid(grid, records, arguments.executor)
    tuning = tuning_of(grid, Reader(records).outcomes(grid))
    assert tuning is not None  # `train_grid` raises where every run failed
    sys.stdout.write(_text(tuning) + "\n")
    return _result(tuning, searches, failed)


def _searched(
    models: Mapping[str, RunConfig], folder: Path, seconds: float, executor: str
) -> dict[str, Search]:
    """Each model's search, one after another, told on standard error."""
    workers = local_workers(executor)
    searches: dict[str, Search] = {}
    try:
        for name, config in models.items():
            for found in search(config, folder, seconds / len(models), workers):
                searches[name] = found
                sys.stderr.write(f"{name}: {_standing(found)}\n")
                sys.stderr.flush()
    finally:
        for worker in workers:
            worker.shutdown()
    return searches


def _seconds(minutes: float) -> float:
    if not 0 < minutes <= MOST_MINUTES:
        raise InputError.of(
            what="no search takes this long",
            where="--minutes",
            got=str(minutes),
            expected=f"more than 0, at most {MOST_MINUTES:,}",
            remedy="Correct it.",
        )
    return minutes * 60


def _standing(found: Search) -> str:
    best = "" if found.auc is None else f", best validation AUC {found.auc:.4f}"
    return (
        f"{found.finished} trials finished, {found.given_up} given up, {found.seconds:.0f} s{best}"
    )


def _text(tuning: Tuning) -> str:
    lines = [f"{'model':<24}{'validation AUC':>20}{'test AUC':>20}"]
    lines += [
        f"{row.key:<24}{with_spread(row.valid):>20}{with_spread(row.test):>20}"
        for row in tuning.rows
    ]
    command = command_text(tuning.chosen.config)
    return "\n".join([*lines, tuning.sentence, f"Chosen: {tuning.chosen.key}", command or ""])


def _result(
    tuning: Tuning, searches: Mapping[str, Search], failed: list[dict[str, str]]
) -> dict[str, Any]:
    return {
        "models": [_row(row) for row in tuning.rows],
        "chosen": tuning.chosen.key,
        "config": tuning.chosen.config.model_dump(mode="json"),
        "command": command_text(tuning.chosen.config),
        "sentence": tuning.sentence,
        "finding": None if tuning.effect is None else tuning.effect.verdict,
        "trials": {
            name: {"finished": found.finished, "given_up": found.given_up}
            for name, found in searches.items()
        },
        "failed": failed,
    }


def _row(row: Row) -> dict[str, Any]:
    """Means and the half widths of their intervals over seeds."""
    return {
        "key": row.key,
        "valid": {"auc": row.valid.value, "half_width": row.valid.half_width},
        "test": {"auc": row.test.value, "half_width": row.test.half_width},
    }
