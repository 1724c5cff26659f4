"""A class in the rooms: a teacher and students, each a browser, on one server."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from recsys_demo.config.model import TrainingConfig
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.specs import SampleSpec
from recsys_demo.lessons.classroom import classes, pace, students
from recsys_demo.lessons.classroom.attempts import OF_BROWSER
from recsys_demo.lessons.classroom.guesses import GUESS
from recsys_demo.lessons.classroom.polls import Move, move_poll, vote
from recsys_demo.lessons.classroom.seats import Seat, seat_at
from recsys_demo.lessons.files import LESSONS, built_in
from recsys_demo.lessons.messages import messages
from recsys_demo.lessons.progress import Prediction
from recsys_demo.lessons.reveals.registry import models_of
from recsys_demo.ui import visitors
from recsys_demo.ui.classroom import membership
from recsys_demo.ui.classroom.readiness import pack_states
from recsys_demo.ui.lessons import moves
from recsys_demo.ui.state import State
from tests.making.apptesting import ROOT, lab_at, open_page, text_of

WORLD = WorldConfig(users=300, apps=80, impressions=12_000, exceptions=60)
PLAIN = State(data=SampleSpec(world=WORLD), training=TrainingConfig(epochs=2))
TEXTS = messages("en")
PENGUIN = ("a", "penguin")


class Browsers:
    """Whose turn it is: AppTest has one browser only."""

    now = "teacher"


@pytest.fixture(scope="module", autouse=True)
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A lab in which somebody has trained the four models before the class comes."""
    with pytest.MonkeyPatch.context() as patch:
        lab_at(tmp_path_factory.mktemp("lab"), patch)
        patch.setattr(visitors, "visitor", lambda: Browsers.now)
        patch.setattr(moves.st, "switch_page", lambda page, **_: None)
        open_page("start", PLAIN).button(key="start.train").click().run()
        yield


@pytest.fixture
def code() -> str:
    """A class led from the teacher's browser."""
    store = membership.class_store()
    if (found := seat_at(store, "teacher")) is not None and found.teacher is not None:
        classes.delete_class(store, found.teacher)
    return classes.open_class(store, "teacher", 3_600).code


def act_as(browser: str, page: str, state: State = PLAIN) -> AppTest:
    Browsers.now = browser
    return open_page(page, state)


def chosen(**choices: str) -> State:
    return PLAIN.with_control("classroom", choices)


def seat_of(browser: str) -> Seat:
    found = seat_at(membership.class_store(), browser)
    assert found is not None
    return found


def join(browser: str, code: str) -> str:
    """Take a seat; the alias."""
    student = students.join(membership.class_store(), code, browser)
    assert student is not None
    return student.alias


def at_step(browser: str, step: str, page: str, *made: Prediction) -> AppTest:
    state = PLAIN.model_copy(update={"led": f"a.{step}", "predictions": made})
    return act_as(browser, page, state)


def lead(*done: Move, step: str = "penguin") -> None:
    """What the teacher does with the question."""
    teacher = seat_of("teacher").teacher
    assert teacher is not None
    for one in done:
        move_poll(membership.class_store(), teacher, ("a", step), one)


def says(
    browser: str, option: str = "", *, step: str = "penguin", number: float | None = None
) -> None:
    """Answer without a page."""
    student, question = seat_of(browser).student, built_in("a").lesson.step(step).question
    assert student is not None
    assert question is not None
    said = Prediction(lesson="a", step=step, option=option, number=number)
    vote(membership.class_store(), student, question, said)


def answer(browser: str, option: str) -> AppTest:
    at = at_step(browser, "penguin", "recommend")
    at.radio(key="lesson.answer.a.penguin").set_value(option).run()
    return at.button(key="lesson.commit").click().run()


def test_a_class_is_opened_and_joined_with_three_words_and_an_alias_is_given(code: str) -> None:
    at = act_as("a new teacher", "classroom")
    at.button(key="classroom.open").click().run()
    code = seat_of("a new teacher").view.code
    assert code in "".join(html.value for html in at.get("html"))
    at = act_as("new", "classroom")
    at.text_input(key="classroom.code").set_value(code.upper().replace("-", " ")).run()
    at.button(key="classroom.join").click().run()
    seat = seat_of("new")
    assert seat.student is not None
    assert seat.student.alias in text_of(at)
    names = at.selectbox(key="classroom.alias")
    other = next(name for name in names.options if name != seat.student.alias)
    names.set_value(other).run()
    renamed = seat_of("new").student
    assert renamed is not None
    assert (renamed.id, renamed.alias) == (seat.student.id, other)


def test_the_link_of_the_qr_code_joins_and_leaves_the_address_bar(code: str) -> None:
    Browsers.now = "scanned"
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    at.query_params["join"] = code
    at.switch_page("pages/classroom.py").run()
    assert not at.exception
    assert "join" not in at.query_params
    assert seat_of("scanned").view.code == code


def test_a_wrong_code_is_refused_where_it_was_typed_and_guesses_are_few(code: str) -> None:
    at = act_as("guesser", "classroom")
    at.text_input(key="classroom.code").set_value("no such code").run()
    at.button(key="classroom.join").click().run()
    assert "no class has this code" in at.error[0].value
    for _ in range(OF_BROWSER):
        membership._attempts().note("guesser", "somewhere")
    at.button(key="classroom.join").click().run()
    assert "too many wrong codes" in at.error[0].value


def test_who_waits_for_the_question_about_the_map_sees_the_map(code: str) -> None:
    join("one", code)
    for who in ("one", "teacher"):
        at = at_step(who, "dots", "start")
        assert [chart.key for chart in at.get("plotly_chart")] == ["lesson.placed"]


def test_a_question_is_answered_while_it_is_open_and_shown_when_it_is_marked(code: str) -> None:
    join("one", code)
    question = "lesson.answer.a.penguin"
    # A link that brings an answer along opens nothing.
    brought = Prediction(lesson="a", step="penguin", option="wide")
    at = at_step("one", "penguin", "recommend", brought)
    assert TEXTS.text("class.wait") in text_of(at).replace("\\", "")
    assert is_withheld(at)
    assert question not in [radio.key for radio in at.radio]
    lead("open")
    at = answer("one", "deep")
    assert is_withheld(at)
    says("one", "wide")
    assert vote_of("one") == "wide"
    at = at_step("teacher", "penguin", "recommend")
    at.button(key="lesson.poll.close").click().run()
    at = at_step("one", "penguin", "recommend")
    assert question not in [radio.key for radio in at.radio]
    assert [chart for chart in at.get("plotly_chart") if "bars" in chart.key] == []
    lead("reveal")
    at = at_step("one", "penguin", "recommend")
    assert [c.key for c in at.get("plotly_chart") if "lesson_bars" in c.key]
    assert is_withheld(at)
    assert "✓" not in bars(at)
    lead("mark")
    at = at_step("one", "penguin", "recommend")
    assert not is_withheld(at)
    assert not at.error
    assert at.session_state["lab.state"].predictions[0].option == "wide"


def is_withheld(at: AppTest) -> bool:
    """Whether the Recommend room shows nothing yet."""
    return "recommend.penguin" not in [button.key for button in at.button]


def bars(at: AppTest) -> str:
    drawn = [chart for chart in at.get("plotly_chart") if "bars" in chart.key]
    return str([json.loads(chart.proto.spec) for chart in drawn] or "")


def vote_of(browser: str) -> str:
    vote = seat_of(browser).vote_now(PENGUIN)
    return "" if vote is None else vote.option


def test_an_answer_of_a_page_that_was_drawn_before_the_end_is_refused(code: str) -> None:
    join("one", code)
    lead("open")
    slow = at_step("one", "penguin", "recommend")
    slow.radio(key="lesson.answer.a.penguin").set_value("deep").run()
    lead("close")
    Browsers.now = "one"
    slow.button(key="lesson.commit").click().run()
    assert any("too late" in error.value for error in slow.error)
    assert vote_of("one") == ""


def test_the_teacher_sees_how_many_and_not_what(code: str) -> None:
    join("one", code)
    join("two", code)
    lead("open")
    says("one", "nobody")
    at = at_step("teacher", "penguin", "recommend")
    assert TEXTS.text("class.answered", answered=1, here=2) in text_of(at)
    assert bars(at) == ""


@pytest.mark.parametrize("page", ["recommend", "classroom"])
def test_the_solution_is_computed_before_the_teachers_eyes(code: str, page: str) -> None:
    join("one", code)
    lead("open")
    says("one", "nobody")
    lead("close", "mark")
    state = chosen(question="a.penguin").model_copy(update={"led": "a.penguin"})
    at = act_as("teacher", page, state)
    solution = seat_of("teacher").polls[PENGUIN].solution
    if solution:  # else none of the answers has come out of these small models
        assert "✓" in bars(at)
    assert not at.error


def test_what_came_out_is_of_the_world_that_was_asked_about(code: str) -> None:
    """Nothing is said of a world without exceptions from models that were trained on another."""
    join("one", code)
    lead("open", "close", "mark", step="no_exceptions")
    at = act_as("teacher", "classroom", chosen(question="a.no_exceptions"))
    assert at.button(key="class.reveal.train")
    at = at_step("teacher", "no_exceptions", "start")
    assert TEXTS.text("card.needs_setup") in text_of(at).replace("\\", "")
    assert seat_of("teacher").polls["a", "no_exceptions"].solution == ""


def test_the_best_guess_is_scored_from_the_answers_and_the_runs(code: str) -> None:
    near, far = join("one", code), join("two", code)
    lead("open", step="all_rows")
    says("one", number=0.0, step="all_rows")
    says("two", number=-0.3, step="all_rows")
    lead("close", "mark", step="all_rows")
    teacher = seat_of("teacher").teacher
    assert teacher is not None
    pace.choose_challenge(membership.class_store(), teacher, GUESS)
    told = text_of(act_as("one", "classroom")).replace("\\", "")
    assert TEXTS.text("class.challenge.no_guess") in told
    act_as("teacher", "classroom", chosen(question="a.all_rows"))  # what came out is looked at
    told = text_of(act_as("two", "classroom")).replace("\\", "")
    assert told.index(f"1. **{near}**") < told.index(f"2. **{far}** (you)")


def test_a_students_side_is_read_in_another_language(code: str) -> None:
    texts, state = messages("zh-CN"), PLAIN.model_copy(update={"language": "zh-CN"})
    at = act_as("reader", "classroom", state)
    assert at.button(key="classroom.join").label == texts.text("class.way.enter")
    join("reader", code)
    lead("open")
    at = act_as("reader", "classroom", state)
    assert texts.text("a.penguin.title") in [button.label for button in at.button]
    assert at.button(key="classroom.leave").label == texts.text("class.student.leave")
    assert at.selectbox(key="classroom.alias").label == texts.text("class.student.name")


def test_all_are_called_to_a_step_and_held_there(code: str) -> None:
    join("one", code)
    at = act_as("teacher", "classroom", chosen(question="a.penguin"))
    at.button(key="class.hold").click().run()
    at = act_as("one", "start")
    assert at.session_state["lab.state"].led == "a.penguin"
    at.button(key="lesson.next").click().run()
    assert any("holds the class" in error.value.replace("\\", "") for error in at.error)
    at.button(key="lesson.leave").click().run()
    assert at.session_state["lab.state"].led == ""


def test_a_page_is_handed_in_and_opened_by_the_teacher_without_a_name(code: str) -> None:
    alias = join("one", code)
    at = act_as("one", "compare").button(key="class.hand_in").click().run()
    assert TEXTS.text("class.student.handed_in") in text_of(at).replace("\\", "")
    at = act_as("teacher", "classroom", chosen(tab="Handed in"))
    (link,) = [one for one in at.get("page_link") if "State 1" in one.proto.label]
    assert "Compare" in link.proto.label
    assert alias not in str(link.proto)


@pytest.mark.parametrize("tab", ["Challenge", "On the day"])
def test_a_tab_of_the_teacher_opens(code: str, tab: str) -> None:
    at = act_as("teacher", "classroom", chosen(tab=tab))
    assert not at.exception
    assert not at.error


def test_the_pack_holds_every_model_that_a_reveal_needs() -> None:
    needed = {
        name
        for key in LESSONS
        for step in built_in(key).lesson.steps
        for name in models_of(built_in(key).lesson, step)
    }
    packed = {model.name for state in pack_states() for model in state.model_configs(())}
    assert needed <= packed


def test_what_goes_home_is_there_and_deletion_leaves_nothing(code: str) -> None:
    join("one", code)
    lead("open")
    says("one", "nobody")
    at = act_as("teacher", "classroom", chosen(tab="Take home"))
    assert len(at.get("download_button")) == 4
    at = act_as("teacher", "classroom", chosen(tab="This class"))
    at.button(key="classroom.delete").click().run()
    assert seat_at(membership.class_store(), "teacher") is None
    assert seat_at(membership.class_store(), "one") is None
