"""Whatever is typed: status 2 and one message, or a usable value; never a traceback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recsys_demo.cli import COMMANDS, main
from recsys_demo.cli.settings import with_settings
from recsys_demo.config.model import ModelConfig
from recsys_demo.config.presets import PRESETS
from recsys_demo.config.run import RunConfig
from recsys_demo.data.specs import SampleSpec
from recsys_demo.errors import InputError

FUZZ = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
CONFIGS = [
    RunConfig(data=SampleSpec(), model=PRESETS[key].model) for key in ("wide", "deep", "deepfm")
]
words = st.one_of(
    st.text(max_size=15),
    st.sampled_from(["", "-1", "1e999", "nan", "inf", "null", "[]", "{}", "true", "0x10", "\x00"]),
    st.sampled_from(
        ["../../etc/passwd", "/dev/null", "~nobody", "=1+1", "$(id)", "9" * 40, "[" * 5000]
    ),
)


def leaves(content: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The dotted names of all settings."""
    if isinstance(content, dict):
        for key, value in content.items():
            yield (*path, key)
            yield from leaves(value, (*path, key))


NAMES = sorted({".".join(p) for p in leaves(CONFIGS[1].model_dump(mode="json"))} | {"deep.hidden"})


@FUZZ
@given(st.sampled_from(CONFIGS), st.lists(st.tuples(st.sampled_from(NAMES), words), max_size=4))
def test_settings_are_refused_or_valid(config: RunConfig, given_: list[tuple[str, str]]) -> None:
    try:
        made = with_settings(config, [f"{name}={value}" for name, value in given_])
    except InputError:
        return
    assert RunConfig.model_validate_json(made.model_dump_json()) == made


@FUZZ
@given(st.sampled_from(["training", "deep", "split", "embedding"]), words, words)
def test_unknown_settings_are_refused_or_valid(group: str, name: str, value: str) -> None:
    try:
        made = with_settings(CONFIGS[1], [f"{group}.{name}={value}"])
    except InputError:
        return
    assert isinstance(made.model, ModelConfig)


OPTIONS = {
    "sample": ["--users", "--apps", "--impressions", "--exceptions", "--seed", "--noise"],
    "schema": ["--data", "--items", "--users", "--out"],
    "train": ["--data", "--items", "--schema", "--preset", "--cross", "--seed", "--set"],
    "compare": ["--json"],
    "recommend": ["--query", "-k", "--out"],
    "score": ["--data", "--out"],
    "sweep": ["--data", "--schema", "--preset", "--axis", "--seeds", "--executor"],
    "tune": ["--data", "--schema", "--preset", "--minutes", "--seeds", "--executor"],
    "serve": ["--address", "--port", "--password-file"],
    "lesson": ["--out", "--language", "--json"],
}


def test_every_command_is_tried() -> None:
    assert set(OPTIONS) == set(COMMANDS) - {"doctor"}  # which is given nothing


@pytest.mark.parametrize("command", OPTIONS)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_junk_in_every_option(
    command: str,
    data: st.DataObject,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A file in the place of the output and of the home folder: nothing can succeed by accident."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("RECSYS_DEMO_HOME", str(tmp_path / "file" / "lab"))
    typed = [command]
    for option in data.draw(st.lists(st.sampled_from(OPTIONS[command]), max_size=3, unique=True)):
        typed += [option] if option == "--json" else [f"{option}={data.draw(words)}"]
    if command == "sample":
        typed += ["--out", str(tmp_path / "file" / "out")]
    if command in ("compare", "recommend", "score"):
        typed.append(str(tmp_path / "nothing"))
    try:
        status = main(typed)
    except SystemExit as stopped:
        status = stopped.code if isinstance(stopped.code, int) else 1
    told = capsys.readouterr()
    assert status == 2, (typed, told)
    assert "Traceback" not in told.err
    assert told.err.strip()
    assert not told.out.strip() or json.loads(told.out.splitlines()[-1])
