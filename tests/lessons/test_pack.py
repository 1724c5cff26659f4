"""What a teacher prints: computed from runs, for the worksheet without an answer."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_demo.cli import lesson, main
from recsys_demo.config.model import TrainingConfig
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.specs import SampleSpec
from recsys_demo.lessons.files import built_in
from recsys_demo.lessons.pack import shared_out

WORLD = WorldConfig(users=300, apps=80, impressions=8_000, exceptions=60)


@pytest.mark.parametrize("key", ["a", "b"])
def test_a_pack_is_plans_worksheet_and_key(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lesson, "SAMPLE", SampleSpec(world=WORLD))
    monkeypatch.setattr(lesson, "TRAINING", TrainingConfig(epochs=1))
    out = tmp_path / "out"
    assert main(["lesson", "pack", key, "--out", str(out)]) == 0
    names = ("plan-45.html", "plan-90.html", "worksheet.html", "key.html")
    assert {path.name for path in out.iterdir()} == set(names)
    pages = {name: (out / name).read_text(encoding="utf-8") for name in names}
    texts, steps = built_in(key).texts("en"), built_in(key).lesson.steps
    for page in pages.values():
        assert "<script" not in page
        assert "{" not in page[page.index("<body>") :]
    assert all(f". {_html(texts.text(f'{key}.{s.key}.title'))}" in pages["key.html"] for s in steps)
    assert "±" in pages["key.html"]
    assert "±" not in pages["worksheet.html"]
    asked = [step for step in steps if step.question is not None]
    for step in asked:
        assert _html(texts.text(f"{key}.{step.key}.question")) in pages["worksheet.html"]
        reason = _html(texts.text(f"{key}.{step.key}.reasons.unknown"))
        assert reason not in pages["worksheet.html"]
    assert main(["lesson", "pack", key, "--out", str(out)]) == 2  # nothing is overwritten
    assert "something is there already" in capsys.readouterr().err


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("'", "&#x27;").replace('"', "&quot;")


@given(st.lists(st.integers(1, 9), min_size=2, max_size=14), st.sampled_from([45, 90]))
def test_minutes_add_up(weights: list[int], minutes: int) -> None:
    shares = shared_out(weights, minutes)
    assert sum(shares) == minutes
    assert min(shares) >= 0
