"""*Train with it*: without the cross and with it, on the same seeds, answered on the spot."""

from __future__ import annotations

from pathlib import Path

import pytest

from recsys_demo.config.model import TrainingConfig
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.specs import SampleSpec
from recsys_demo.evaluation.verdicts import NOT_FOUND, NOT_YET, Verdict
from recsys_demo.studies.crosses.trials import Answer, sentence
from recsys_demo.ui.crosses.trial import SEEDS, trials_of
from recsys_demo.ui.state import State
from tests.making.apptesting import lab_at, open_page, text_of

WORLD = SampleSpec(world=WorldConfig(users=150, apps=40, impressions=3_000, exceptions=20))
PAIR = "installed x app"


def state(*models: str) -> State:
    return State(data=WORLD, models=models, training=TrainingConfig(epochs=1))


def test_both_sides_differ_by_the_cross_and_nothing_else() -> None:
    for model in ("wide", "wide_deep"):
        (trial,) = trials_of(state(model, "deep"), PAIR)
        assert [run.seed for run in trial.without] == [run.seed for run in trial.with_it]
        assert len(trial.with_it) == SEEDS
        bare, full = trial.without[0].model, trial.with_it[0].model
        assert full.crosses == (PAIR,)
        assert bare.crosses == ()
        assert [part for part in full.components if part.kind != "crosses"] == list(bare.components)
    (trial,) = trials_of(state("wide"), "app x device")
    assert trial.with_it[0].model.crosses == (PAIR, "app x device")
    assert trial.without[0].model.crosses == (PAIR,)
    (trial,) = trials_of(state("deep"), PAIR)  # no model of the state reads crosses
    assert trial.model == "wide"


def test_the_parts_of_a_cross_may_stand_in_another_order() -> None:
    (trial,) = trials_of(state("wide"), "app x installed")
    assert trial.without[0].model.crosses == ()


def test_the_answer_stands_where_the_button_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab_at(tmp_path, monkeypatch)
    at = open_page("crosses", state("wide", "deep"))
    at.button(key="crosses.trial").click().run()
    assert not at.exception
    text = text_of(at)
    assert "Wide with the cross: " in text
    assert f"{SEEDS} seeds each" in text
    table = next(t.value for t in at.table if "model" in t.value.columns)
    assert list(table["model"]) == ["Wide"]
    now = at.session_state["lab.state"]
    assert len(now.pinned) == 1  # the model as it was
    # Whoever opens the link sees the answer, and pressing again trains nothing new.
    again = open_page("crosses", now)
    assert "Wide with the cross: " in text_of(again)


def said(finding: str, gain: float, half: float | None) -> Verdict:
    return Verdict(finding, None, gain, half, "")  # type: ignore[arg-type] # any of the findings


def test_the_sentence_says_each_finding_once_with_its_slices() -> None:
    found = [
        Answer("exceptions", said("better", 0.1, 0.02), 3),
        Answer("new pairs", said(NOT_FOUND, -0.001, 0.01), 3),
        Answer("all rows", said(NOT_FOUND, 0.001, 0.01), 3),
    ]
    expected = (
        "Wide with the cross: better on exceptions; could not be told apart on new pairs and all "
        "rows."
    )
    assert sentence("Wide", found) == expected
    assert found[0].text == "better, +0.100 ± 0.020"
    assert found[1].text.startswith("could not be told apart, \u22120.001")
    assert Answer("x", said(NOT_YET, 0.1, None), 1).text == NOT_YET
