"""Lessons in the rooms: what is asked is withheld everywhere, answers stay, nothing locks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from recsys_demo.config.model import TrainingConfig
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.specs import SampleSpec
from recsys_demo.lessons.files import LESSONS, built_in
from recsys_demo.lessons.format import Step
from recsys_demo.lessons.library import is_given
from recsys_demo.lessons.messages import messages
from recsys_demo.lessons.progress import Prediction
from recsys_demo.lessons.quiz import quiz
from recsys_demo.ui import models, session
from recsys_demo.ui.lessons import moves
from recsys_demo.ui.rooms import PAGES
from recsys_demo.ui.state import State, decode, encode
from recsys_demo.ui.withheld import (
    is_job_withheld,
    is_model_withheld,
    is_room_withheld,
    withheld_names,
)
from tests.making.apptesting import lab_at, open_page, text_of
from tests.making.hand import Hand
from tests.making.sent import File, note_files, sent

WORLD = WorldConfig(users=300, apps=80, impressions=12_000, exceptions=60)
PLAIN = State(data=SampleSpec(world=WORLD), training=TrainingConfig(epochs=2))
A = built_in("a")
OFFERED: list[File] = []
MAP_ROWS = ("exceptions", "never")


@pytest.fixture(scope="module", autouse=True)
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A lab in which somebody has trained the four models before anybody is led."""
    with pytest.MonkeyPatch.context() as patch:
        lab_at(tmp_path_factory.mktemp("lab"), patch)
        patch.setattr(sys.modules[__name__], "OFFERED", note_files(patch))
        open_page("start", PLAIN).button(key="start.train").click().run()
        yield


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Pages that the lesson opens: AppTest knows no pages in a callback."""
    pages: list[str] = []
    monkeypatch.setattr(moves.st, "switch_page", lambda page, **_: pages.append(page))
    return pages


def led(step: str, *answered: str) -> State:
    """Lesson A at a step, with "I don't know" for the answered questions."""
    made = tuple(Prediction(lesson="a", step=key, option="unknown") for key in answered)
    return PLAIN.model_copy(update={"led": f"a.{step}", "predictions": made})


def results() -> set[str]:
    """How the AUC of every trained model on the rows of the map begins, wherever it stands."""
    tests = [t.job.result["test"] for t in models.trainings(PLAIN) if t.job and t.job.result]
    return {f"{test['slices'][key]['auc']:.5f}"[:5] for test in tests for key in MAP_ROWS}


def opened_anew(room: str, state: State) -> AppTest:
    """A page, with no file offered by a page before it."""
    OFFERED.clear()
    return open_page(room, state)


def everything(at: AppTest) -> str:
    """All that was sent to the browser: charts, tables, texts, and the files that are offered."""
    return sent(at, OFFERED)


@pytest.mark.parametrize("room", [page.key for page in PAGES])
def test_answers_are_nowhere_before_they_are_predicted(room: str) -> None:
    """Whatever the link pins, and with Live's small map."""
    pinned = tuple(training.job_id for training in models.trainings(PLAIN))
    state = led("dots").model_copy(update={"pinned": pinned, "live": True})
    shown = everything(opened_anew(room, state))
    assert [auc for auc in results() if auc in shown] == []
    assert A.texts("en").text("a.dots.title") in shown


@pytest.mark.parametrize("room", ["start", "train", "compare"])
def test_they_are_there_once_predicted(room: str) -> None:
    answered = [step.key for step in A.lesson.questions]
    at = opened_anew(room, led("train", *answered))
    shown = everything(at)
    assert [auc for auc in results() if auc not in shown] == []
    if room != "start":  # in the files alone, too
        files = sent(AppTest.from_function(lambda: None).run(), OFFERED)
        assert [auc for auc in results() if auc not in files] == []


def test_what_a_tab_remembers_is_withheld_too() -> None:
    """Hollow dots of before, on the map of Start and on the small one of Live."""
    state = PLAIN.model_copy(update={"live": True})
    at = opened_anew("start", state)
    shown = everything(at)
    assert [auc for auc in results() if auc not in shown] == []
    at.session_state["lab.state"] = led("dots").model_copy(update={"live": True})
    OFFERED.clear()
    at.run()
    shown = everything(at)
    assert [auc for auc in results() if auc in shown] == []


@pytest.mark.parametrize(("room", "step"), [("recommend", "penguin"), ("train", "gap")])
def test_a_room_is_withheld_until_its_question_is_answered(room: str, step: str) -> None:
    before, after = led(step, "dots", "all_rows"), led(step, "dots", "all_rows", step)
    assert is_room_withheld(before, room)
    assert not is_room_withheld(after, room)
    texts = messages("en")
    withheld = texts.text("card.withheld", title=texts.text(f"a.{step}.title"))
    assert withheld in text_of(open_page(room, before))
    assert withheld not in text_of(open_page(room, after))


def test_a_withheld_model_is_in_no_job_and_closes_the_room_that_takes_models_apart() -> None:
    state = State(led="c.unseen")
    fm = {"model": {"name": "fm"}}
    for payload in ({"config": fm}, {"models": {"first": {"model": {"name": "lr"}}, "x": fm}}):
        assert is_job_withheld(state, "any", payload)
    assert not is_job_withheld(state, "any", {"config": {"model": {"name": "lr"}}})
    assert is_model_withheld(state, "fm")
    assert not is_model_withheld(state, "lr")
    assert is_room_withheld(state, "ablate")
    assert not is_room_withheld(state, "train")


def test_what_a_lesson_knows_of_is_told_from_a_world_that_the_person_changed() -> None:
    steps = built_in("b").lesson
    for step in (steps.step("joint"), steps.step("other_cross"), A.lesson.step("no_exceptions")):
        assert step.setup is not None
        known = moves.prepared(step.setup, State(seed=7))
        assert moves.is_world_of(step, known)
        other = PLAIN.data.model_copy(update={"world": WORLD.model_copy(update={"users": 200})})
        assert not moves.is_world_of(step, known.model_copy(update={"data": other}))


def test_whoever_leaves_sees_everything() -> None:
    at = open_page("start", led("dots"))
    at.button(key="lesson.leave").click().run()
    assert "Highest AUC" in text_of(at)


def test_a_link_that_hides_results_asks_first() -> None:
    at = opened_anew("compare", PLAIN.model_copy(update={"hide": ("results",)}))
    shown = everything(at)
    assert [auc for auc in results() if auc in shown] == []
    assert at.button(key="lesson.expect").disabled
    at.text_area(key="lesson.expected").set_value("Deep wins").run()
    at.button(key="lesson.expect").click().run()
    shown = everything(at)
    assert [auc for auc in results() if auc in shown]


def test_four_dots_are_placed_and_committed() -> None:
    at = open_page("start", led("dots"))
    for number, model in enumerate(("wide", "deep", "wide_deep", "deepfm")):
        at.segmented_control(key="lesson.model").set_value(model).run()
        assert at.button(key="lesson.commit").disabled
        at.slider(key=f"lesson.place.{model}.0").set_value(0.6 + 0.02 * number).run()
    at.button(key="lesson.commit").click().run()
    state: State = at.session_state["lab.state"]
    (made,) = state.predictions
    assert [(spot.model, spot.x, spot.y) for spot in made.spots] == [
        ("wide", 0.6, 0.5),
        ("deep", 0.62, 0.5),
        ("wide_deep", 0.64, 0.5),
        ("deepfm", 0.66, 0.5),
    ]
    assert decode(query_of(at)) == (state, None)


def query_of(at: AppTest) -> dict[str, str]:
    """What stands in the address."""
    pairs = at.query_params.items()
    return {name: value if isinstance(value, str) else value[0] for name, value in pairs}


@pytest.mark.parametrize("key", LESSONS)
def test_every_step_is_done_by_doing_what_it_says(
    key: str, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Next leads to the next step's room, and at the end every step has its tick."""
    monkeypatch.setattr(moves, "SAMPLE", PLAIN.data)
    lesson = built_in(key).lesson
    here = lesson.steps[0].room
    at = open_page(here, PLAIN.model_copy(update={"led": key}))
    revealed: list[tuple[Step, State]] = []
    for step in lesson.steps:
        if opened:
            page = opened.pop()
            here = "start" if page == "app.py" else page.removeprefix("pages/").removesuffix(".py")
            at.switch_page(page).run()
        assert here == step.room
        do(at, step)
        revealed.append((step, at.session_state["lab.state"]))
        assert f"{key}.{step.key}" in ticked(at) or step.kind in ("look", "explain", "reveal")
        at.button(key="lesson.next").click().run()
    assert opened == ["pages/lessons.py"]
    assert ticked(at) >= {f"{key}.{step.key}" for step in lesson.steps}
    assert at.session_state["lab.state"].led == ""
    for step, state in revealed:
        is_nowhere_before_its_answer(key, step, state)


def is_nowhere_before_its_answer(key: str, step: Step, state: State) -> None:
    """Whoever opens the step where everything is trained finds neither the reveal nor a number of
    what is withheld."""
    if not step.withholds:
        return
    made = tuple(one for one in state.predictions if one.step != step.key)
    before = state.model_copy(update={"led": f"{key}.{step.key}", "predictions": made, "ticks": ()})
    hidden, shown = withheld_numbers(before)
    for room in dict.fromkeys((step.room, "compare", "train")):
        page = everything(opened_anew(room, before))
        assert "lesson_reveal" not in page
        if is_room_withheld(before, room):
            assert [number for number in hidden | shown if number in page] == [], (step.key, room)
        assert [number for number in hidden - shown if number in page] == [], (step.key, room)


def withheld_numbers(state: State) -> tuple[set[str], set[str]]:
    """How the AUC of models that are withheld begins on the rows of the map, and of the others."""
    names = withheld_names(state)
    hidden, shown = set[str](), set[str]()
    for one in models.trainings(state):
        if one.job and one.job.result:
            slices = one.job.result["test"]["slices"]
            numbers = {
                f"{slices[row]['auc']:.7f}"[:7]
                for row in MAP_ROWS
                if slices.get(row, {}).get("auc")
            }
            is_hidden = "results" in names or f"model.{one.model}" in names
            (hidden if is_hidden else shown).update(numbers)
    return hidden, shown


TRAIN = (
    "start.train",
    "train.play",
    "compare.train",
    "recommend.train",
    "crosses.go",
    "crosses.learned",
)


def do(at: AppTest, step: Step) -> None:
    """What the step's text says: answer, set up, train; the reveal is there at once."""
    text_of(at)
    assert step.done is None or not outcome_of(at), step.key
    if step.question is not None:
        at.button(key="lesson.unknown").click().run()
    if step.setup is not None:
        at.button(key="lesson.setup").click().run()
    if step.done is not None:
        here = [button for button in at.button if button.key in TRAIN and not button.disabled]
        for button in here[:1]:
            button.click().run()
    if step.reveal is not None:
        assert outcome_of(at), step.key


def outcome_of(at: AppTest) -> bool:
    """Whether the page shows what came out, on a chart."""
    shown = everything(at)
    return "lesson_reveal" in shown and "lesson.reveal" in shown


def ticked(at: AppTest) -> set[str]:
    """The steps that are done."""
    state: State = at.session_state["lab.state"]
    return {*state.ticks, *at.session_state.get("lesson.ticked", ())}


@pytest.fixture
def nobody_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A lab of its own, whose jobs wait for ever."""
    lab_at(tmp_path, monkeypatch, Hand())
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.mark.parametrize("step", ["a.train", "a.no_exceptions"])
@pytest.mark.usefixtures("nobody_works")
def test_while_a_step_trains_the_card_says_what_to_look_at(step: str) -> None:
    quiet = SampleSpec(world=WORLD.model_copy(update={"exceptions": 0}))
    state = PLAIN.model_copy(update={"led": step, "predictions": skipped("a"), "data": quiet})
    at = open_page("start", state)
    look, training = A.texts("en").text("meanwhile.start"), "Training Wide, Deep"
    assert look not in text_of(at).replace("\\", "")
    at.button(key="start.train").click().run()
    told = text_of(at).replace("\\", "")
    assert look in told
    assert training in told
    assert A.texts("en").text("card.needs_runs", models="Wide, Deep") not in told


def skipped(key: str) -> tuple[Prediction, ...]:
    """ "I don't know" to every question of a lesson."""
    asked = built_in(key).lesson.questions
    return tuple(Prediction(lesson=key, step=step.key, option="unknown") for step in asked)


def test_a_reveal_about_several_seeds_waits_for_them() -> None:
    """One training each would give an answer that the step is there to doubt."""
    choices = {
        "led": "d.other_seed",
        "predictions": skipped("d"),
        "models": ("wide_deep", "deepfm"),
    }
    at = open_page("compare", PLAIN.model_copy(update=choices))
    told = text_of(at).replace("\\", "")
    names = "Wide & Deep, DeepFM"
    assert messages("en").text("card.needs_seeds", models=names, seeds=3) in told
    assert not outcome_of(at)


def test_undo_and_reset_take_no_answer_back() -> None:
    at = open_page("train", led("penguin", "dots", "all_rows", "gap"))
    at.number_input(key="train.seed").set_value(5).run()
    at.button(key="frame.undo").click().run()
    state: State = at.session_state["lab.state"]
    assert (state.seed, len(state.predictions), state.led) == (0, 3, "a.penguin")
    at.button(key="frame.reset").click().run()
    state = at.session_state["lab.state"]
    assert (len(state.predictions), state.led) == (3, "a.penguin")


def test_back_and_forward_go_through_a_lesson_and_are_no_step_to_undo(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at = open_page("start", led("train", "dots"))
    links = [query_of(at)]
    for _ in range(2):
        at.button(key="lesson.next").click().run()
        links.append(query_of(at))
    steps = ("train", "landed", "one_number")
    monkeypatch.setattr(session, "is_history_navigation", lambda: True)
    reloaded = open_page("start", decode(links[2])[0])
    for tab in (at, reloaded):
        for place in (1, 0, 1, 2, 0, 2):
            tab.query_params.clear()
            for name, value in links[place].items():
                tab.query_params[name] = value
            tab.run()
            state: State = tab.session_state["lab.state"]
            assert state.led == f"a.{steps[place]}"
            assert len(state.predictions) == 1
            assert set(state.ticks) >= {"a.landed"}
            assert tab.button(key="frame.undo").disabled
            assert decode(query_of(tab))[0] == state  # what a reload would find


def test_a_link_that_leads_to_what_there_is_not_leads_nowhere() -> None:
    assert decode({"led": "nowhere"})[0].led == "nowhere"
    assert "led" not in encode(decode({"led": "../../etc"})[0])
    for link in ("nowhere", "a.nowhere", "a"):
        at = open_page("start", PLAIN.model_copy(update={"led": link}))
        assert not at.exception
    assert withheld_names(State(led="nowhere")) == frozenset()


def test_the_page_of_lessons_begins_one_and_says_how_far_one_is(opened: list[str]) -> None:
    at = open_page("lessons", PLAIN)
    at.button(key="lessons.begin.a").click().run()
    assert opened == ["app.py"]
    state: State = at.session_state["lab.state"]
    assert state.led == "a.dots"
    ticked = PLAIN.model_copy(update={"ticks": ("a.dots", "a.all_rows")})
    assert "2 of 10 steps done" in text_of(open_page("lessons", ticked))


def test_the_quiz_says_what_is_right_when_it_is_handed_in() -> None:
    at = open_page("lessons", PLAIN)
    first = quiz().questions[0]
    at.radio(key=f"{first.base('first')}.answer").set_value(first.right)
    at.button(key="FormSubmitter:quiz.first-See what is right").click().run()
    told = text_of(at)
    assert "1 of 10 are right" in told
    assert told.count(" Right\\.") + told.count(" Right.") == 1
    assert told.count("The right answer is") == 9  # it is not said that the answer is not right
    assert at.session_state["lab.state"] == PLAIN  # nothing of it travels


@pytest.mark.parametrize("key", LESSONS)
def test_a_step_points_at_a_control_of_its_room(key: str) -> None:
    """Once everything is answered; what a step sets up, or places by clicks, is there then."""
    lesson = built_in(key).lesson
    made = skipped(key)
    for step in lesson.steps:
        if step.points_at and step.setup is None and step.points_at != ("lesson_map",):
            led_to = {"led": f"{key}.{step.key}", "predictions": made}
            shown = everything(open_page(step.room, PLAIN.model_copy(update=led_to)))
            assert [name for name in step.points_at if name not in shown] == [], step.key


OWN = """
base = "b"
leave_out = ["silent"]
[texts]
title = "Crosses *for* ![us](http://example.org/x.png)"
[texts.helps.options]
nothing = "![nowhere](http://example.org/y.png)"
"""


def give(at: AppTest, text: str) -> AppTest:
    """A teacher's file on the page of lessons."""
    return at.file_uploader[0].set_value([("own.toml", text.encode(), "text/plain")]).run()


def test_a_teachers_file_is_checked_and_begun(
    opened: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RECSYS_DEMO_HOME", str(tmp_path))
    wrong = give(open_page("lessons", PLAIN), OWN.replace('"silent"', '"silence"'))
    assert "no such step" in wrong.error[0].value
    assert not [button for button in wrong.button if button.key == "lessons.own.begin"]
    at = give(open_page("lessons", PLAIN), OWN)
    assert "9 steps" in text_of(at)
    at.button(key="lessons.own.begin").click().run()
    assert opened.pop() == "pages/crosses.py"
    state: State = at.session_state["lab.state"]
    assert is_given(state.lesson_key)
    # Whoever has the link is led by it, is asked, and answers under its key.
    asked = open_page("train", state.model_copy(update={"led": f"{state.lesson_key}.helps"}))
    shown = everything(asked)
    assert A.texts("en").text("b.helps.title") in shown
    assert "![" not in sent(asked, [])
    asked.button(key="lesson.unknown").click().run()
    (made,) = asked.session_state["lab.state"].predictions
    assert (made.lesson, made.step) == (state.lesson_key, "helps")
    assert decode(query_of(asked))[0].led == f"{state.lesson_key}.helps"


def test_a_link_to_a_lesson_that_this_server_was_not_given_says_so() -> None:
    missing = PLAIN.model_copy(update={"led": f"own_{'0' * 24}.ask"})
    at = open_page("start", missing)
    assert messages("en").text("own.not_here") in text_of(at)
    assert "Highest AUC" in text_of(at)
