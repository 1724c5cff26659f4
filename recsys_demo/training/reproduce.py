"""Text that trains a run again to the same digits, from Python and from a shell."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from recsys_demo.config.model import TrainingConfig
from recsys_demo.config.presets import PRESETS, with_crosses
from recsys_demo.config.run import RunConfig
from recsys_demo.data.sources import schema_of_source
from recsys_demo.data.specs import DataSpec, SampleSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.values import Frozen

_PYTHON = '''from recsys_demo.config.run import RunConfig
from recsys_demo.training.experiment import train_run, trained_run

config = RunConfig.model_validate_json("""
{content}
""")
run = trained_run(train_run(config), print)
print(run.result["test"]["auc"])
'''


def python_text(config: RunConfig) -> str:
    """A script; it needs nothing but the package (and the files, for a log of one's own)."""
    there = config.model_copy(update={"data": config.data.without_uploads()})
    content = json.dumps(there.model_dump(mode="json"), indent=1)
    return _PYTHON.format(content=content.replace("\\", "\\\\").replace('"""', '\\"\\"\\"'))


def command_text(config: RunConfig) -> str | None:
    """Shell commands, or None where the command line cannot say it: models whose parts are not
    those of a preset, hidden fields."""
    preset = PRESETS.get(config.model.name)
    if preset is None or config.without_fields:
        return None
    base = with_crosses(preset.model, config.model.crosses)
    parts = [part.kind for part in config.model.components]
    if parts != [part.kind for part in base.components]:
        return None
    log = config.data.without_uploads().command()
    command = ["python -m recsys_demo train", *log.arguments, f"--preset {config.model.name}"]
    if not isinstance(config.data, SampleSpec):
        command.append("--usual")  # the crosses are said below
    command += [f"--cross {shlex.quote(text)}" for text in config.model.crosses]
    if config.seed:
        command.append(f"--seed {config.seed}")
    settings = [*_data_settings(config.data, log.settings), *_settings(config, base)]
    command += [f"--set {shlex.quote(text)}" for text in settings]
    return "\n".join([*filter(None, [log.before]), " \\\n  ".join(command)])


def _data_settings(spec: DataSpec, settings: Mapping[str, Any]) -> Iterator[str]:
    fields = type(spec).model_fields
    usual = {name: _plain(fields[name].get_default()) for name in settings}
    yield from _flat_difference("data", settings, usual)


def _plain(value: Any) -> Any:
    return value.model_dump(mode="json") if isinstance(value, Frozen) else value


def _settings(config: RunConfig, base: Any) -> Iterator[str]:
    """`group.name=value` wherever the configuration differs from the command line's defaults."""
    own = schema_of_source(config.data).split is not None
    yield from _different("training", config.training, TrainingConfig())
    yield from _different("split", config.split, SplitConfig(kind="column" if own else "random"))
    yield from _different("embedding", config.model.embedding, base.embedding)
    for part, usual in zip(config.model.components, base.components, strict=True):
        yield from _different(part.kind, part, usual)


def _different(prefix: str, value: Any, usual: Any) -> Iterator[str]:
    yield from _flat_difference(
        prefix, value.model_dump(mode="json"), usual.model_dump(mode="json")
    )


def _flat_difference(
    prefix: str, value: Mapping[str, Any], usual: Mapping[str, Any]
) -> Iterator[str]:
    if value.get("kind") != usual.get("kind"):
        yield f"{prefix}.kind={value['kind']}"
        usual = {}
    for name, given in value.items():
        if name in ("kind", "crosses") and prefix != "split":
            continue
        if isinstance(given, dict):
            known = usual.get(name)
            yield from _flat_difference(
                f"{prefix}.{name}", given, known if isinstance(known, dict) else {}
            )
        elif name not in usual or given != usual[name]:
            yield f"{prefix}.{name}={_written(given)}"


def _written(value: Any) -> str:
    if isinstance(value, list) and len(value) > 1:
        return "-".join(map(str, value))
    return value if isinstance(value, str) else json.dumps(value)
