"""Text that trains a run again to the same digits, from Python and from a shell."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from recsys_demo.config.model import TrainingConfig
from recsys_demo.config.presets import PRESETS, with_crosses
from recsys_demo.config.run import RunConfig
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.sources import schema_of_source
from recsys_demo.data.specs import FileSpec, SampleSpec
from recsys_demo.data.splits import SplitConfig

_PYTHON = '''from recsys_demo.training.experiment import train_run
from recsys_demo.config.run import RunConfig

config = RunConfig.model_validate_json("""
{content}
""")
training = train_run(config)
while True:
    try:
        print(next(training))
    except StopIteration as end:
        run = end.value
        break
print(run.result["test"]["auc"])
'''


def python_text(config: RunConfig) -> str:
    """A script; it needs nothing but the package (and the files, for a log of one's own)."""
    content = json.dumps(config.model_dump(mode="json"), indent=1)
    return _PYTHON.format(content=content.replace("\\", "\\\\").replace('"""', '\\"\\"\\"'))


def command_text(config: RunConfig) -> str | None:
    """Shell commands, or None where the command line cannot say it: models whose parts are not
    those of a preset, data that are neither the sample set nor files, hidden fields."""
    preset = PRESETS.get(config.model.name)
    if preset is None or config.without_fields:
        return None
    lines: list[str] = []
    files = _files(config, lines)
    if files is None:
        return None
    base = with_crosses(preset.model, config.model.crosses)
    parts = [part.kind for part in config.model.components]
    if parts != [part.kind for part in base.components]:
        return None
    command = ["python -m recsys_demo train", *files, f"--preset {config.model.name}"]
    command += [f"--cross {shlex.quote(text)}" for text in config.model.crosses]
    if config.seed:
        command.append(f"--seed {config.seed}")
    command += [f"--set {shlex.quote(text)}" for text in _settings(config, base)]
    return "\n".join([*lines, " \\\n  ".join(command)])


def _files(config: RunConfig, lines: list[str]) -> list[str] | None:
    match config.data:
        case SampleSpec(world=world):
            default, folder = WorldConfig(), "sample_data"
            if world != default:
                folder = "world"
                dials = [
                    f"--{name.replace('_', '-')} {value}"
                    for name, value in dict(world).items()
                    if value != getattr(default, name)
                ]
                lines.append(" ".join(["python -m recsys_demo sample --out world", *dials]))
            return [
                f"--data {folder}/impressions.parquet --items {folder}/apps.csv",
                f"--schema {folder}/schema.toml",
            ]
        case FileSpec() as spec:
            named = {name: getattr(spec, name) for name in ("data", "train", "valid", "test")}
            given = [f"--{name} {shlex.quote(path)}" for name, path in named.items() if path]
            items = [f"--items {shlex.quote(spec.items)}"] if spec.items else []
            lines.append(f"cat > schema.toml <<'END'\n{spec.schema_toml.rstrip()}\nEND")
            return [*given, *items, "--schema schema.toml"]
        case _:
            return None


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
