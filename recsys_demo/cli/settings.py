"""`--set key=value`: any setting of a run by its dotted name."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from recsys_demo.config.component_kinds import KINDS
from recsys_demo.config.optimizers import OPTIMIZERS
from recsys_demo.config.run import RunConfig
from recsys_demo.data.source import Source
from recsys_demo.errors import InputError, Problem, excerpt
from recsys_demo.values import validated

GROUPS = ("training", "split", "data", "embedding")
_WIDTHS = re.compile(r"\d{1,9}(?:-\d{1,9}+)++")


def with_settings(config: RunConfig, settings: Sequence[str]) -> RunConfig:
    """The configuration with `training.epochs=5`, `deep.hidden=400-400-400` and so on applied.

    Raises InputError that lists every setting that is unknown or out of bounds.
    """
    content = config.model_dump(mode="json")
    problems = [p for text in settings for p in _apply(content, text)]
    if problems:
        raise InputError(problems)
    return validated(RunConfig, content, "--set")


def with_source_settings(source: Source, settings: Sequence[str]) -> Source:
    """The source with `data.negatives=1` and so on applied, before anything is read of it. Raises
    InputError."""
    content = {"data": source.model_dump(mode="json")}
    problems = [p for text in settings if text.startswith("data.") for p in _apply(content, text)]
    if problems:
        raise InputError(problems)
    return validated(type(source), content["data"], "--set")


def _apply(content: dict[str, Any], text: str) -> list[Problem]:
    name, equals, value = text.partition("=")
    path = name.strip().split(".")
    if not equals or len(path) < 2:
        return [
            _problem(text, "this is not a setting", "group.name=value, as in training.epochs=5")
        ]
    group = _group(content, path[0])
    if group is None:
        there = [name for name in (*GROUPS, *KINDS) if _group(content, name) is not None]
        return [_problem(text, "this model has no such group of settings", ", ".join(there))]
    for step in path[1:-1]:
        if not isinstance(group.get(step), dict):
            return [_problem(text, "there is no such setting", ", ".join(group))]
        group = group[step]
    if path[-1] not in group:
        return [_problem(text, "there is no such setting", ", ".join(group))]
    given = _value(value.strip())
    # One value of a list need not be written as a list: deep.hidden=64.
    alone = isinstance(group[path[-1]], list) and not isinstance(given, list)
    group[path[-1]] = [given] if alone else given
    if path[-2:] == ["optimizer", "kind"] and group["kind"] in OPTIMIZERS:
        # Another optimizer starts from its own defaults.
        defaults = OPTIMIZERS[group["kind"]]().model_dump(mode="json")
        group.clear()
        group.update(defaults)
    return []


def _group(content: dict[str, Any], name: str) -> dict[str, Any] | None:
    if name in ("training", "split", "data"):
        found: dict[str, Any] = content[name]
        return found
    model = content["model"]
    if name == "embedding":
        embedding: dict[str, Any] = model["embedding"]
        return embedding
    return next((part for part in model["components"] if part["kind"] == name), None)


def _value(text: str) -> Any:
    if _WIDTHS.fullmatch(text):
        return [int(width) for width in text.split("-")]
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _problem(text: str, what: str, expected: str) -> Problem:
    return Problem(what, "--set", excerpt(text), expected, "Correct the name.")
