"""`train`: one model on one log, its metrics by slice, and on request the run folder."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from recsys_demo.cli.outputs import check_outputs, same_parts, write_parquet
from recsys_demo.cli.progress import ProgressPrinter
from recsys_demo.cli.schema import guessed
from recsys_demo.cli.settings import with_settings, with_source_settings
from recsys_demo.config.fit import fitted
from recsys_demo.config.presets import PRESETS, default_crosses, with_crosses
from recsys_demo.config.run import RunConfig
from recsys_demo.data.leaks import leaks, without_leaks
from recsys_demo.data.schema import Schema
from recsys_demo.data.source import Source, path_fields
from recsys_demo.data.sources import read_log, schema_of_source
from recsys_demo.data.specs import SOURCES, FileSpec, SampleSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.errors import InputError, Problem, excerpt
from recsys_demo.evaluation import popularity
from recsys_demo.features.cross_dictionary import unknown_conditions
from recsys_demo.features.crosses import parse_crosses
from recsys_demo.features.fields import FieldEncoder
from recsys_demo.studies.crosses.first_crosses import first_crosses
from recsys_demo.studies.log.sizes import Sizes, sizes_of
from recsys_demo.training.datasets import run_data
from recsys_demo.training.experiment import train_run, trained_run
from recsys_demo.training.runs import Run, save_run
from recsys_demo.training.streaming import stream_run
from recsys_demo.values import validated

FILES = ("data", "train", "valid", "test", "items", "users")


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of this command."""
    add_run_arguments(parser)
    parser.add_argument("--preset", choices=sorted(PRESETS), required=True)
    parser.add_argument("--out", type=Path, metavar="RUN_DIR", help="save the run here")
    parser.add_argument(
        "--predictions", type=Path, metavar="FILE.parquet", help="write the test rows' predictions"
    )
    parser.add_argument(
        "--stream",
        action="store_true",
        help="read the training file (Parquet) one row group at a time: it may be larger than "
        "memory",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    parser.set_defaults(run=run)


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    """What describes data, model and training; `sweep` takes the same."""
    parser.add_argument(
        "--source", choices=list(SOURCES), default="file", help="where the log comes from"
    )
    parser.add_argument(
        "--data", type=Path, metavar="PATH", help="one log, split by the lab; the source's folder"
    )
    parser.add_argument("--train", type=Path, metavar="FILE")
    parser.add_argument("--valid", type=Path, metavar="FILE")
    parser.add_argument("--test", type=Path, metavar="FILE")
    parser.add_argument("--items", type=Path, metavar="FILE", help="item attributes")
    parser.add_argument("--users", type=Path, metavar="FILE", help="attributes of the users")
    parser.add_argument(
        "--schema",
        type=Path,
        metavar="FILE.toml",
        help="what the columns of a file mean (default: guessed; the guess is printed)",
    )
    parser.add_argument(
        "--cross",
        action="append",
        metavar="CROSS",
        help="a cross such as 'user x item'; repeat for more (default: the reference pair)",
    )
    parser.add_argument(
        "--keep-leaks",
        action="store_true",
        help="keep fields that give the label away: by default they move to the item's side or "
        "are left out, which is told",
    )
    parser.add_argument(
        "--usual",
        action="store_true",
        help="the presets as they are and the log's reference pair as the cross: by default the "
        "cross is chosen that is worth most on validation rows, and sizes that fit the log, which "
        "is told",
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1, choices=range(1, 65), metavar="N")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        dest="settings",
        metavar="KEY=VALUE",
        help="any setting, as in training.epochs=5, deep.hidden=400-400-400, split.kind=time",
    )


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Train, print the metrics, save what was asked for; the value is what `--json` prints."""
    inputs = {name: getattr(arguments, name) for name in (*FILES, "schema")}
    check_outputs(arguments.out, arguments.predictions, inputs)
    config = run_config(arguments, arguments.preset)
    if not arguments.stream:
        data = run_data(config)  # training takes over what is read
        _check_conditions(config, data.fields)
        _tell(data.dataset.report.notes)
    for remark in same_parts(inputs):
        sys.stderr.write(remark + "\n")
    trained = train_with_progress(
        config, arguments.preset, arguments.threads, stream=arguments.stream
    )
    if arguments.stream:
        _tell(trained.result["notes"])
    if arguments.out is not None:
        save_run(trained, arguments.out)
    if arguments.predictions is not None:
        write_parquet([trained.predictions], arguments.predictions)
    sys.stdout.write(summary(trained.result) + "\n")
    return trained.result


def _tell(notes: Sequence[str]) -> None:
    """How the log was read, on standard error."""
    for note in notes:
        sys.stderr.write(f"Note: {note}\n")


def run_config(arguments: argparse.Namespace, preset: str) -> RunConfig:
    """The configuration the arguments describe. Raises InputError."""
    source = with_source_settings(source_of(arguments), arguments.settings)
    source = source if arguments.keep_leaks else _guarded(source)
    schema = schema_of_source(source)
    crosses = tuple(arguments.cross) if arguments.cross else default_crosses(schema)
    kind = "column" if schema.split is not None else "random"
    content = {
        "data": source,
        "split": SplitConfig(kind=kind),
        "model": with_crosses(PRESETS[preset].model, crosses),
        "seed": arguments.seed,
    }
    config = with_settings(validated(RunConfig, content, "arguments"), arguments.settings)
    # Settings are refused before the log is read, and stand above what fits it.
    return with_settings(_fitting(config, arguments), arguments.settings)


def sizes_for(arguments: argparse.Namespace, config: RunConfig) -> Sizes | None:
    """What fits the log of the arguments; None where the presets are to be as they are, and where
    the log is not read whole."""
    as_they_are = arguments.usual or isinstance(config.data, SampleSpec)
    if as_they_are or getattr(arguments, "stream", False):
        return None
    return sizes_of(run_data(config).dataset.train)


def _fitting(config: RunConfig, arguments: argparse.Namespace) -> RunConfig:
    """The configuration with sizes that fit its log, and with the cross that is worth most on it
    where none is named; both are told on standard error."""
    sizes = sizes_for(arguments, config)
    if sizes is None:
        return config
    model = fitted(config.model, sizes.fit)
    if arguments.cross is None and model.has("crosses"):
        found = first_crosses(run_data(config).dataset)
        model = with_crosses(model, found.crosses)
        _tell([found.reason])
    _tell([sizes.reason])
    return config.model_copy(update={"model": model, "training": sizes.training})


def _guarded(source: Source) -> Source:
    """The same log without the fields that give its label away, each told on standard error."""
    if not isinstance(source, FileSpec) or source.is_cut:
        return source
    schema, done = without_leaks(source.known_schema(), leaks(read_log(source).log))
    if not done:
        return source
    _tell([f"{excerpt(name)} {told}" for name, told in done.items()])
    _tell(["--keep-leaks trains with the schema as it is."])
    return source.model_copy(update={"schema_toml": schema.to_toml()})


def source_of(arguments: argparse.Namespace) -> Source:
    """The source of the log: a file, or three parts of one, and a schema; or another source in its
    folder. Raises InputError."""
    kind = SOURCES[arguments.source]
    known = path_fields(kind)
    named = [n for n in FILES if getattr(arguments, n)]
    content = {n: str(getattr(arguments, n)) for n in named}
    if known and "data" not in known and "data" in content:
        content[known[0]] = content.pop("data")
    if arguments.schema is not None:
        content["schema_toml"] = Schema.from_toml(arguments.schema).to_toml()
    elif "schema_toml" in kind.model_fields:
        content["schema_toml"] = _guessed_schema(arguments)
    return validated(kind, content, "arguments")


def _guessed_schema(arguments: argparse.Namespace) -> str:
    """What the columns of the log seem to mean, told on standard error; nothing where there is no
    log. Raises InputError."""
    if getattr(arguments, "stream", False):
        raise InputError(_no_schema())
    log = arguments.data or arguments.train
    if log is None:
        return ""
    files = [path for path in (log, arguments.items, arguments.users) if path is not None]
    schema = guessed(files).schema
    roles = {"label": schema.label, "user": schema.user, "item": schema.item, "time": schema.time}
    told = ", ".join(f"{role} {excerpt(name)}" for role, name in roles.items() if name is not None)
    told += "; every row counts as taken" if schema.label is None else ""
    _tell(
        [
            f"No --schema, so the columns were guessed: {told}; {len(schema.fields)} fields.",
            "To correct it, write it to a file with the schema command and pass that as --schema.",
        ]
    )
    return schema.to_toml()


def _no_schema() -> Problem:
    return Problem(
        what="nothing says what the columns of the file mean",
        where="--schema",
        got="no schema",
        expected="a file in TOML: with --stream the log is not read whole, so nothing is guessed",
        remedy="Run the schema command on a part of the log, and correct what it writes.",
    )


def train_with_progress(config: RunConfig, name: str, threads: int, stream: bool = False) -> Run:
    """Train to the end, telling standard error how it goes."""
    run_of = stream_run if stream else train_run
    return trained_run(run_of(config, threads=threads), ProgressPrinter(name).show)


def _check_conditions(config: RunConfig, fields: FieldEncoder) -> None:
    """Say before the training that a cross is about a value nobody has."""
    crosses = parse_crosses(config.model.crosses, fields.schema)
    if problems := unknown_conditions(crosses, fields):
        raise InputError(problems)


def summary(result: dict[str, Any]) -> str:
    """The rows of each part, and the test metrics by slice, as text."""
    parts = (
        f"{name} {result['rows'][name]:,} rows, {rate:.1%} taken"
        for name, rate in result["base_rate"].items()
    )
    popular = result["baselines"][popularity.KEY]["test"]["slices"]
    head = f"{'test slice':<18}{'rows':>10}{'AUC':>10}{'log loss':>10}{'popularity: AUC':>18}"
    lines = ["; ".join(parts), head]
    for key, values in result["test"]["slices"].items():
        auc, loss = _number(values["auc"]), _number(values["logloss"])
        by_item = _number(popular[key]["auc"])
        lines.append(f"{key:<18}{values['rows']:>10,}{auc:>10}{loss:>10}{by_item:>18}")
    lines.append(f"Popularity: {popularity.MEANING}. A model has to beat it.")
    return "\n".join(lines)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
