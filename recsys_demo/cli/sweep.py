"""`sweep`: what the parts of a model are worth, over seeds, on this machine or a Dask cluster."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from recsys_demo.cli.train import add_run_arguments, run_config, sizes_for
from recsys_demo.config.component_kinds import KINDS
from recsys_demo.config.presets import PRESETS
from recsys_demo.config.run import SEEDS, RunConfig
from recsys_demo.data.schema import Schema
from recsys_demo.data.sources import schema_of_source
from recsys_demo.errors import InputError, LabError, Problem, excerpt
from recsys_demo.studies.ablation import RETRAINED
from recsys_demo.studies.ablation.answers import answer_of
from recsys_demo.studies.ablation.axes import Axis, axes
from recsys_demo.studies.ablation.effects import MANY, Effect, effects, signed
from recsys_demo.studies.ablation.grid import Cell, Grid, grid_cells, subset_cells, whole_model
from recsys_demo.studies.ablation.outcomes import METRICS, Outcomes, Reader
from recsys_demo.studies.ablation.questions import QUESTIONS
from recsys_demo.studies.ablation.shapley import shares
from recsys_demo.sweep.driver import SweepEvent, sweep
from recsys_demo.sweep.places import place_at
from recsys_demo.sweep.records import Records


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of this command."""
    add_run_arguments(parser)
    parser.add_argument("--preset", choices=sorted(PRESETS), default="wide_deep")
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--axis",
        action="append",
        metavar="AXIS",
        help="a switch to flip, as in crosses, l1, field:age; repeat for more "
        "(default: each component)",
    )
    what.add_argument("--question", choices=list(QUESTIONS), help="answer a ready question")
    what.add_argument(
        "--shares",
        action="store_true",
        help="the Shapley share of each component, from all subsets of them",
    )
    parser.add_argument(
        "--all-combinations", action="store_true", help="of the axes, not one at a time"
    )
    parser.add_argument("--seeds", type=int, default=3, choices=range(1, 101), metavar="N")
    parser.add_argument(
        "--executor",
        default="local",
        help="local, local:N for N processes, or dask://HOST:PORT",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("sweep"),
        metavar="DIR",
        help="where records are kept; runs found there are not trained again",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    parser.set_defaults(run=run, kept="Finished runs are kept.")


def seeds_in_a_row(arguments: argparse.Namespace) -> tuple[int, ...]:
    """The seeds that the arguments name. Raises InputError where a run could not have the last."""
    seeds = range(arguments.seed, arguments.seed + arguments.seeds)
    if seeds[-1] >= SEEDS:
        raise InputError.of(
            what="the last seed is too large",
            where="--seed, --seeds",
            got=f"seeds {seeds[0]} to {seeds[-1]}",
            expected=f"seeds of at most {SEEDS - 1}",
            remedy="Begin with a smaller --seed.",
        )
    return tuple(seeds)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Train what is missing and print what the parts are worth; the value is what `--json`
    prints."""
    base = run_config(arguments, arguments.preset)
    schema = schema_of_source(base.data)
    cells = _cells(arguments, base, schema)
    seeds = seeds_in_a_row(arguments)
    grid = Grid(cells, seeds)
    records = Records(arguments.out)
    failed = train_grid(grid, records, arguments.executor)
    outcomes = Reader(records).outcomes(grid)
    result = {
        "label": RETRAINED,
        "rule": MANY,
        "seeds": list(seeds),
        "runs": len(grid.configs()),
        "failed": failed,
        "models": [_model(cell, outcomes) for cell in cells],
    }
    result |= _findings(arguments, cells, base, schema, outcomes, seeds)
    sys.stdout.write(_result_text(result) + "\n")
    return result


def _cells(arguments: argparse.Namespace, base: RunConfig, schema: Schema) -> tuple[Cell, ...]:
    if arguments.question:
        sizes = sizes_for(arguments, base)
        fit = None if sizes is None else sizes.fit
        return QUESTIONS[arguments.question].cells(base, schema, fit)
    if arguments.shares:
        return subset_cells(whole_model(base, schema))
    chosen = _chosen(arguments.axis, axes(base, schema))
    return grid_cells(base, chosen, "all" if arguments.all_combinations else "one")


def _chosen(names: list[str] | None, known: tuple[Axis, ...]) -> list[Axis]:
    by_key = {axis.key: axis for axis in known}
    if names is None:
        return [by_key[key] for key in KINDS if key in by_key]
    problems = [
        Problem(
            what="this model has no such switch",
            where="--axis",
            got=excerpt(name),
            expected=", ".join(by_key),
            remedy="Correct the name.",
        )
        for name in names
        if name not in by_key
    ]
    if problems:
        raise InputError(problems)
    return [by_key[name] for name in dict.fromkeys(names)]


def train_grid(grid: Grid, records: Records, executor: str) -> list[dict[str, str]]:
    """Train what has no record yet, telling standard error how it goes; the runs that failed.
    Raises LabError where all did."""
    configs = grid.configs()
    progress = _Progress(len(configs))
    failed = []
    records.prepare()
    place = place_at(executor, records)
    try:
        for event in sweep(configs, records, place):
            progress.show(event)
            if event.type == "failed":
                failed.append({"run": event.key, "message": event.message})
    finally:
        place.close()
    if len(failed) == len(configs):
        why = "\n".join(dict.fromkeys(one["message"] for one in failed))
        raise LabError(f"All {len(failed)} runs failed, so there is nothing to compare.\n{why}")
    return failed


class _Progress:
    """A line on standard error per finished, lost or failed run."""

    def __init__(self, total: int) -> None:
        self._total, self._done, self._begin = total, 0, time.monotonic()

    def show(self, event: SweepEvent) -> None:
        """Say what happened."""
        if event.type == "started":
            return
        if event.type != "lost":
            self._done += 1
        told = {
            "found": "found, trained before",
            "done": "done",
            "lost": "its worker is gone; it will be done again",
            "failed": f"failed: {event.message}" if event.type == "failed" else "",
        }[event.type]
        seconds = time.monotonic() - self._begin
        sys.stderr.write(f"{self._done} of {self._total} runs, {seconds:.0f} s: {told}\n")
        sys.stderr.flush()


def _model(cell: Cell, outcomes: Outcomes) -> dict[str, Any]:
    """Every number of one model, seed by seed."""
    return {
        "key": cell.key,
        "model": cell.label,
        "runs": [
            {
                "seed": outcome.seed,
                "parameters": outcome.parameters,
                "nonzero_wide_weights": outcome.weights,
                "seconds": outcome.seconds,
                "records": list(outcome.records),
                **outcome.values,
            }
            for outcome in outcomes.of(cell.key)
        ],
    }


def _findings(
    arguments: argparse.Namespace,
    cells: tuple[Cell, ...],
    base: RunConfig,
    schema: Schema,
    outcomes: Outcomes,
    seeds: tuple[int, ...],
) -> dict[str, Any]:
    slices = outcomes.slices()
    if arguments.question:
        answer = answer_of(QUESTIONS[arguments.question], outcomes, cells)
        return {
            "answer": answer.sentence if answer is not None else None,
            "effects": [_effect(effect) for effect in answer.effects] if answer else [],
        }
    if arguments.shares:
        kinds = whole_model(base, schema).model.kinds
        found = [shares(outcomes, kinds, seeds, s, m) for s in slices for m in METRICS]
        return {"shares": [asdict(share) for share in found if share is not None]}
    return {
        "effects": [
            _effect(effect)
            for s in slices
            for m in METRICS
            for effect in effects(outcomes, cells, s, m)
        ]
    }


def _effect(effect: Effect) -> dict[str, Any]:
    told = {key: value for key, value in asdict(effect).items() if key != "evidence"}
    return {**told, "verdict": effect.verdict, "told": signed(effect)}


def _result_text(result: dict[str, Any]) -> str:
    """The findings as text, test AUC only."""
    lines = [f"Test AUC, {RETRAINED}, {len(result['seeds'])} seeds. {MANY}"]
    if result.get("answer"):
        lines.append(result["answer"])
    elif "shares" in result:
        for found in result["shares"]:
            if found["metric"] == "auc":
                told = ", ".join(f"{k} {v['value']:+.4f}" for k, v in found["shares"].items())
                lines.append(f"{found['slice']:<12} {told} (sum {found['total']['value']:+.4f})")
    else:
        lines += [
            f"{effect['slice']:<12} {effect['label']:<40} {effect['told']}"
            for effect in result["effects"]
            if effect["metric"] == "auc"
        ]
    if result["failed"]:
        lines.append(f"{len(result['failed'])} of {result['runs']} runs failed:")
    lines += [one["message"] for one in result["failed"]]
    return "\n".join(lines)
