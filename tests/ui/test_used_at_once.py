"""Controls used faster than the page is drawn: both of two count, and one that is gone does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.testing.v1 import AppTest

from recsys_demo.config.model import TrainingConfig
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.specs import SampleSpec
from recsys_demo.studies.crosses.entries import CrossEntry
from recsys_demo.ui import models
from recsys_demo.ui.state import State, decode
from tests.making.apptesting import lab_at, open_page

SMALL = State(
    data=SampleSpec(world=WorldConfig(users=200, apps=40, impressions=4_000, exceptions=10)),
    models=("wide", "deep", "wide_deep", "deepfm"),
    training=TrainingConfig(epochs=1),
)
CROSSES = tuple(CrossEntry(text=text) for text in ("installed x app", "age x app"))


@pytest.fixture(autouse=True)
def _lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab_at(tmp_path, monkeypatch)


def state_of(at: AppTest) -> State:
    """What the page's link says."""
    assert not at.exception, at.exception
    state, wrong = decode(dict(at.query_params.items()))
    assert wrong is None
    return state


def with_gone(at: AppTest, before: WidgetStates) -> AppTest:
    """A run asked for by a browser that has not seen yet which widgets are gone: it sends them as
    they were."""
    sent = at._tree.get_widget_states()
    there = {widget.id for widget in sent.widgets}
    gone = [
        widget
        for widget in before.widgets
        if widget.id not in there and widget.WhichOneof("value") != "trigger_value"
    ]  # a button is sent when it is pressed
    assert gone
    sent.widgets.extend(gone)
    return at._run(sent)


def test_two_dials_turned_at_once_both_count() -> None:
    at = open_page("data", SMALL)
    at.slider(key="dial.affinity").set_value(0.5)
    at.slider(key="dial.noise").set_value(0.02)
    at.number_input(key="dial.seed").set_value(77)
    world = SMALL.data.world.model_copy(update={"affinity": 0.5, "noise": 0.02, "seed": 77})
    assert state_of(at.run()).data == SampleSpec(world=world)


def test_two_settings_changed_at_once_both_count() -> None:
    at = open_page("train", SMALL)
    at.number_input(key="train.budget.epochs").set_value(7)
    at.number_input(key="train.budget.patience").set_value(3)
    at.number_input(key="train.seed").set_value(5)
    state = state_of(at.run())
    assert (state.training.epochs, state.training.patience, state.seed) == (7, 3, 5)


def pressed_last(at: AppTest) -> AppTest:
    """A run with what was used in the order in which a browser sends it: the button last."""
    sent = at._tree.get_widget_states()
    return at._run(
        WidgetStates(widgets=sorted(sent.widgets, key=lambda widget: widget.trigger_value))
    )


def test_the_cross_is_added_that_was_built_on_the_way_to_the_button() -> None:
    fields = SMALL.with_control("crosses", {"draft": "gender x country"})
    at = open_page("crosses", fields.model_copy(update={"crosses": ()}))
    value = at.selectbox(key="crosses.values.country").options[1]
    at.selectbox(key="crosses.values.country").set_value(value)
    at.button(key="crosses.add").click()
    assert state_of(pressed_last(at)).crosses == (CrossEntry(text=f"gender & country={value}"),)


def test_play_trains_what_was_typed_on_the_way_to_it() -> None:
    at = open_page("train", SMALL.model_copy(update={"models": ("lr",)}))
    at.number_input(key="train.seed").set_value(5)
    at.button(key="train.play").click()
    state = state_of(pressed_last(at))
    assert state.seed == 5
    assert [training.is_done for training in models.trainings(state)] == [True]


def test_two_settings_of_a_model_changed_at_once_both_count() -> None:
    at = open_page("train", SMALL)
    at.button(key="train.settings.1").click().run()
    at.text_input(key="train.edit.1.deep.hidden").set_value("16-8")
    at.number_input(key="train.edit.1.embedding.size").set_value(4)
    model = state_of(at.run()).models[1]
    assert not isinstance(model, str)
    deep = next(part for part in model.components if part.kind == "deep")
    assert (deep.hidden, model.embedding.size) == ((16, 8), 4)


def test_two_crosses_changed_at_once_both_count() -> None:
    at = open_page("crosses", SMALL.model_copy(update={"crosses": CROSSES}))
    for number, cross in enumerate(CROSSES):
        at.toggle(key=f"crosses.on.{number}.{cross.text}").set_value(False)
    at.text_input(key=f"crosses.name.1.{CROSSES[1].text}").set_value("who is how old")
    at.button(key="crosses.Move up.1").click()
    state = state_of(at.run())
    assert state.crosses == (
        CrossEntry(text="age x app", name="who is how old", on=False),
        CrossEntry(text="installed x app", on=False),
    )


def test_undo_pressed_twice_before_the_page_is_drawn_again_goes_back_two_steps() -> None:
    """The browser sends every dial as it was before the first press."""
    at = open_page("data", SMALL)
    for noise in (0.02, 0.03):
        at.slider(key="dial.noise").set_value(noise).run()
    at.button(key="frame.undo").click()
    pressed = at._tree.get_widget_states()
    at._run(pressed)
    assert state_of(at._run(pressed)) == SMALL


def test_cards_of_models_that_are_gone_change_none() -> None:
    at = open_page("train", SMALL)
    before = at._tree.get_widget_states()
    at.pills(key="train.models").set_value(["wide", "deep"]).run()
    kept = state_of(at)
    assert kept.models == ("wide", "deep")
    assert state_of(with_gone(at, before)) == kept


def test_a_model_does_not_get_the_parts_of_the_one_it_replaces() -> None:
    """A browser that has not seen the new card yet sends the old one's."""
    at = open_page("train", SMALL)
    before = [one for one in at._tree.get_widget_states().widgets if "train.card" in one.id]
    at.pills(key="train.models").set_value(["lr", "wide"]).run()
    kept, sent = state_of(at), at._tree.get_widget_states()
    assert before
    there = [one for one in sent.widgets if one.id not in {old.id for old in before}]
    assert state_of(at._run(WidgetStates(widgets=[*there, *before]))) == kept


def test_a_cross_that_is_gone_does_not_come_back() -> None:
    at = open_page("crosses", SMALL.model_copy(update={"crosses": CROSSES}))
    before = at._tree.get_widget_states()
    at.button(key="crosses.Delete.0").click().run()
    assert state_of(with_gone(at, before)).crosses == CROSSES[1:]
