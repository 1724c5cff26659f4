"""What teachers and students may do, when answers count, and what is gone once it is deleted."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from recsys_demo.data.uploads import keep_upload
from recsys_demo.errors import InputError
from recsys_demo.lessons.classroom import pace, polls, students
from recsys_demo.lessons.classroom.attempts import OF_BROWSER, OF_NETWORK, WINDOW, Attempts
from recsys_demo.lessons.classroom.classes import (
    Opened,
    class_view,
    delete_class,
    delete_ended,
    open_class,
    renewed_secret,
    teacher_at,
    teacher_of,
)
from recsys_demo.lessons.classroom.polls import Move, move_poll, vote
from recsys_demo.lessons.classroom.results import results, shown_results
from recsys_demo.lessons.classroom.schema import MIGRATIONS
from recsys_demo.lessons.classroom.seats import seat_at, turn_of
from recsys_demo.lessons.classroom.settings import ClassSettings
from recsys_demo.lessons.classroom.states import HandedIn, hand_in, handed_in
from recsys_demo.lessons.classroom.store import ClassStore
from recsys_demo.lessons.classroom.students import Student, join
from recsys_demo.lessons.classroom.tables import answer_records, state_records
from recsys_demo.lessons.classroom.targets import targets_in
from recsys_demo.lessons.files import built_in
from recsys_demo.lessons.format import MapQuestion, NumberQuestion, OptionQuestion
from recsys_demo.lessons.library import FILE, as_file, given_key, lesson_of
from recsys_demo.lessons.messages import messages
from recsys_demo.lessons.progress import Prediction, Spot
from recsys_demo.limits import Limits
from tests.making.classes import seated

PENGUIN = ("a", "penguin")
BROWSER = "0123456789abcdef" * 2
QUESTION = built_in("a").lesson.step("penguin").question
TEXTS = messages("en")


@pytest.fixture
def otter(store: ClassStore, opened: Opened) -> Student:
    return seated(store, opened, "otter")


def says(option: str) -> Prediction:
    return Prediction(lesson="a", step="penguin", option=option)


def answer(store: ClassStore, student: Student, option: str) -> None:
    assert QUESTION is not None
    vote(store, student, QUESTION, says(option))


def move(store: ClassStore, opened: Opened, *moves: Move) -> None:
    for one in moves:
        move_poll(store, opened.teacher, PENGUIN, one)


def counts(store: ClassStore, opened: Opened) -> list[dict[str, int]]:
    found = results(store, opened.teacher, PENGUIN)
    return [dict(found.first.counts()), dict(found.second.counts())]


def test_an_answer_counts_once_and_can_be_changed_while_the_question_is_open(
    store: ClassStore, opened: Opened, otter: Student
) -> None:
    move(store, opened, "open")
    for option in ("wide", "deep", "deep"):
        answer(store, otter, option)
    again = seated(store, opened, "otter")  # a second tab, a reload
    answer(store, again, "both")
    assert again == otter
    assert counts(store, opened) == [{"both": 1}, {}]


@pytest.mark.parametrize(
    ("moves", "told"),
    [
        ((), "not open yet"),
        (("open", "close"), "too late"),
        (("open", "close", "reveal"), "too late"),
        (("open", "close", "revote", "close"), "too late"),
        (("open", "close", "mark"), "too late"),
    ],
)
def test_an_answer_before_or_after_is_refused_with_a_word(
    store: ClassStore, opened: Opened, otter: Student, moves: tuple[Move, ...], told: str
) -> None:
    move(store, opened, *moves)
    with pytest.raises(InputError, match=told):
        answer(store, otter, "deep")
    assert counts(store, opened) == [{}, {}]


def test_both_rounds_are_kept_and_shown_as_a_flow(store: ClassStore, opened: Opened) -> None:
    people = [seated(store, opened, name) for name in ("one", "two", "three")]
    move(store, opened, "open")
    for student, option in zip(people, ("wide", "wide", "deep"), strict=True):
        answer(store, student, option)
    move(store, opened, "close", "reveal", "revote")
    for student in people[:2]:
        answer(store, student, "deep")
    found = results(store, opened.teacher, PENGUIN)
    assert counts(store, opened) == [{"wide": 2, "deep": 1}, {"deep": 2}]
    assert found.flow() == {("wide", "deep"): 2}
    assert found.last is found.second


def test_there_is_one_second_round_and_none_after_the_solution(
    store: ClassStore, opened: Opened
) -> None:
    move(store, opened, "open", "close", "revote", "close")
    with pytest.raises(InputError, match="revote"):
        move(store, opened, "revote")
    move(store, opened, "mark")
    for late in ("revote", "open", "close", "reveal"):
        with pytest.raises(InputError, match="cannot be taken"):
            move_poll(store, opened.teacher, PENGUIN, late)


@pytest.mark.parametrize("twice", polls.MOVES)
def test_a_second_click_does_what_the_first_has_done(
    store: ClassStore, opened: Opened, twice: Move
) -> None:
    before: dict[Move, tuple[Move, ...]] = {
        "open": (),
        "close": ("open",),
        "reveal": ("open", "close"),
        "mark": ("open", "close"),
        "revote": ("open", "close"),
    }
    move(store, opened, *before[twice], twice, twice)


@pytest.mark.parametrize("browser", ["otter", "a stranger"])
def test_nobody_but_the_teacher_sees_answers_before_they_are_shown(
    store: ClassStore, opened: Opened, browser: str
) -> None:
    answering = seated(store, opened, "fox")
    watching = seated(store, opened, browser)
    move(store, opened, "open")
    answer(store, answering, "wide")
    seat = seat_at(store, browser)
    assert seat is not None
    assert seat.votes == {}
    assert seat.teacher is None
    with pytest.raises(InputError, match="not shown yet"):
        shown_results(store, watching, PENGUIN)
    move(store, opened, "close")
    with pytest.raises(InputError, match="not shown yet"):
        shown_results(store, watching, PENGUIN)
    move(store, opened, "reveal")
    assert shown_results(store, watching, PENGUIN).first.counts() == {"wide": 1}


def test_a_student_of_another_class_reads_and_changes_nothing_here(
    store: ClassStore, opened: Opened, otter: Student
) -> None:
    other = open_class(store, "another teacher", 3_600)
    stranger = seated(store, other, "stranger")
    move(store, opened, "open")
    answer(store, otter, "wide")
    with pytest.raises(InputError, match="not open yet"):
        answer(store, stranger, "deep")
    with pytest.raises(InputError, match="cannot be taken"):
        move_poll(store, other.teacher, PENGUIN, "close")
    assert results(store, other.teacher, PENGUIN).first.answered == 0
    assert counts(store, opened) == [{"wide": 1}, {}]


def test_joining_gives_no_right_to_lead_and_the_secret_does(
    store: ClassStore, opened: Opened, otter: Student
) -> None:
    assert teacher_at(store, "otter") is None
    assert teacher_of(store, opened.code, "otter") is None
    assert teacher_of(store, opened.secret + "x", "otter") is None
    assert teacher_of(store, opened.secret, "at home") == opened.teacher
    assert teacher_at(store, "at home") == opened.teacher
    fresh = renewed_secret(store, opened.teacher)
    assert teacher_of(store, opened.secret, "finder of the old link") is None
    assert teacher_of(store, fresh, "laptop") == opened.teacher


def test_secrets_and_browsers_are_not_in_the_file(store: ClassStore, opened: Opened) -> None:
    seated(store, opened, BROWSER)
    store.close()
    content = b"".join(path.read_bytes() for path in store.path.parent.iterdir())
    assert opened.code.encode() in content
    assert opened.secret.encode() not in content
    assert BROWSER.encode() not in content


@pytest.mark.parametrize("written", ["{0}", " {0} ", "{1}", "{2}"])
def test_a_code_is_known_however_it_is_written(
    store: ClassStore, opened: Opened, written: str
) -> None:
    code = opened.code
    text = written.format(code, code.upper(), code.replace("-", "  "))
    assert join(store, text, "somebody") is not None


@pytest.mark.parametrize("text", ["", "no-such-code", "x" * 5_000, "' OR 1=1 --", "\x00"])
def test_another_code_opens_nothing(store: ClassStore, opened: Opened, text: str) -> None:
    assert join(store, text, "somebody") is None


@pytest.mark.parametrize(
    ("most", "browsers", "network"),
    [(OF_BROWSER, ["b"], "n{}"), (OF_NETWORK, ["b{}"], "n")],
    ids=["one browser", "one network"],
)
def test_guesses_of_codes_are_few(most: int, browsers: list[str], network: str) -> None:
    attempts = Attempts()
    for number in range(most):
        who = browsers[0].format(number), network.format(number)
        attempts.check(*who, now=0.0)
        attempts.note(*who, now=0.0)
    last = browsers[0].format("last"), network.format("last")
    with pytest.raises(InputError, match="too many wrong codes"):
        attempts.check(*last, now=WINDOW - 1)
    attempts.check(*last, now=WINDOW + 1)
    attempts.check("somebody else", "elsewhere", now=0.0)


def test_an_alias_is_one_of_the_labs_and_nobody_elses(
    store: ClassStore, opened: Opened, otter: Student
) -> None:
    fox = seated(store, opened, "fox")
    offered = students.offered_aliases(store, otter)
    assert not {otter.alias, fox.alias} & set(offered)
    assert students.rename(store, otter, offered[0]).alias == offered[0]
    for wrong in (fox.alias, "Bob Smith", "Brave", "", "Brave Otter Brave", "<b>Otter</b>"):
        with pytest.raises(InputError, match="not free"):
            students.rename(store, otter, wrong)


def test_whoever_leaves_keeps_the_seat_and_the_answer(
    store: ClassStore, opened: Opened, otter: Student
) -> None:
    move(store, opened, "open")
    answer(store, otter, "wide")
    students.leave(store, otter)
    assert seat_at(store, "otter") is None
    with pytest.raises(InputError, match="left the class"):
        answer(store, otter, "deep")
    assert counts(store, opened) == [{"wide": 1}, {}]
    assert seated(store, opened, "otter") == otter


def test_a_pause_takes_no_answers(store: ClassStore, opened: Opened, otter: Student) -> None:
    move(store, opened, "open")
    pace.pause(store, opened.teacher, True)
    with pytest.raises(InputError, match="paused"):
        answer(store, otter, "wide")
    pace.pause(store, opened.teacher, False)
    answer(store, otter, "wide")


def test_who_works_ahead_answers_once_because_the_answer_is_shown(
    store: ClassStore, opened: Opened, otter: Student
) -> None:
    pace.let_work_ahead(store, opened.teacher, True)
    answer(store, otter, "wide")
    answer(store, otter, "deep")
    assert counts(store, opened) == [{"wide": 1}, {}]
    move(store, opened, "close")
    with pytest.raises(InputError, match="too late"):
        answer(store, seated(store, opened, "fox"), "wide")


def test_pages_are_told_of_what_the_teacher_does_and_not_of_votes(
    store: ClassStore, opened: Opened, otter: Student
) -> None:
    def turn() -> int:
        return turn_of(store, otter.class_id)

    before = turn()
    move(store, opened, "open")
    assert turn() > before
    before = turn()
    answer(store, otter, "wide")
    assert turn() == before
    for act in (pace.let_go, lambda *who: pace.hold(*who, "a.penguin")):
        act(store, opened.teacher)
        assert turn() > before
        before = turn()
    delete_class(store, opened.teacher)
    assert turn() == -1


def test_hands_are_counted_once_however_often_they_are_written(
    store: ClassStore, opened: Opened, otter: Student
) -> None:
    assert QUESTION is not None
    move(store, opened, "open")
    answer(store, otter, "wide")
    for counted in ({"wide": 3}, {"wide": 2, "unknown": 1, "deep": 0}):
        polls.count_hands(store, opened.teacher, PENGUIN, QUESTION, counted)
    assert counts(store, opened) == [{"wide": 3, "unknown": 1}, {}]
    with pytest.raises(InputError, match="no answer"):
        polls.count_hands(store, opened.teacher, PENGUIN, QUESTION, {"made up": 1})
    move(store, opened, "close", "reveal")
    with pytest.raises(InputError, match="before the bars"):
        polls.count_hands(store, opened.teacher, PENGUIN, QUESTION, {"wide": 9})
    assert counts(store, opened) == [{"wide": 3, "unknown": 1}, {}]


@pytest.mark.parametrize(
    ("question", "given"),
    [
        (OptionQuestion(options=("x", "y")), {"option": "z"}),
        (OptionQuestion(options=("x", "y")), {"number": 1.0}),
        (NumberQuestion(low=0, high=1, step=0.1, start=0), {"number": 2.0}),
        (NumberQuestion(low=0, high=1, step=0.1, start=0), {"option": "x"}),
        (MapQuestion(models=("wide", "deep")), {"spots": (Spot(model="wide", x=0, y=0),)}),
        (
            MapQuestion(models=("wide", "deep")),
            {"spots": (Spot(model="wide", x=0, y=0), Spot(model="wide", x=0, y=0))},
        ),
    ],
)
def test_what_a_question_does_not_offer_is_no_answer(
    store: ClassStore, opened: Opened, otter: Student, question: object, given: dict[str, object]
) -> None:
    move(store, opened, "open")
    made = Prediction.model_validate({"lesson": "a", "step": "penguin", **given})
    with pytest.raises(InputError, match="no answer"):
        vote(store, otter, question, made)  # type: ignore[arg-type] # the union's members


def test_the_class_goes_home_as_tables(store: ClassStore, opened: Opened, otter: Student) -> None:
    assert QUESTION is not None
    fox = seated(store, opened, "fox")
    move(store, opened, "open")
    answer(store, otter, "deep")
    answer(store, fox, "wide")
    polls.count_hands(store, opened.teacher, PENGUIN, QUESTION, {"deep": 2, "unknown": 1})
    move(store, opened, "close", "revote")
    answer(store, otter, "wide")
    answer(store, fox, "nobody")
    move(store, opened, "close", "mark")
    polls.solve(store, opened.teacher, PENGUIN, "wide")
    records = answer_records(store, opened.teacher, TEXTS)
    assert {(r["student"], r["round"], r["count"]) for r in records} == {
        (otter.alias, 1, 1),
        (fox.alias, 1, 1),
        ("(counted by hand)", 1, 2),
        ("(counted by hand)", 1, 1),
        (otter.alias, 2, 1),
        (fox.alias, 2, 1),
    }
    assert {r["came out"] for r in records} == {TEXTS.text("a.penguin.options.wide")}


def test_a_lesson_of_ones_own_goes_home_too(
    store: ClassStore, opened: Opened, otter: Student, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSYS_DEMO_HOME", str(store.path.parent))
    text = as_file("a", "en").replace(TEXTS.text("a.penguin.question"), "Who says no?")
    key = given_key(keep_upload(text.encode(), FILE, Limits()))
    file = lesson_of(key)
    assert file is not None
    question = file.lesson.step("penguin").question
    assert question is not None
    move_poll(store, opened.teacher, (key, "penguin"), "open")
    vote(store, otter, question, Prediction(lesson=key, step="penguin", option="wide"))
    (record,) = answer_records(store, opened.teacher, TEXTS)
    assert record["question"] == "Who says no?"
    assert record["answer"] == TEXTS.text("a.penguin.options.wide")


def test_work_is_handed_in_once_and_shown_without_a_name(
    store: ClassStore, opened: Opened, otter: Student
) -> None:
    for seed in (1, 2):
        hand_in(store, otter, HandedIn("compare", f"seed={seed}"))
    assert handed_in(store, opened.teacher) == [HandedIn("compare", "seed=2")]
    assert state_records(store, opened.teacher) == [
        {"student": otter.alias, "room": "compare", "link": "seed=2"}
    ]
    with pytest.raises(InputError, match="too long"):
        hand_in(store, otter, HandedIn("compare", "x" * 30_000))


@pytest.mark.parametrize("how", ["button", "time"])
def test_a_deleted_class_leaves_nothing_on_the_disk(
    store: ClassStore, opened: Opened, otter: Student, how: str
) -> None:
    move(store, opened, "open")
    answer(store, otter, "wide")
    hand_in(store, otter, HandedIn("compare", "a-word-that-stands-nowhere-else"))
    if how == "button":
        delete_class(store, opened.teacher)
    else:
        with store.reading() as rows:
            view = class_view(rows, otter.class_id)
        assert view is not None
        assert delete_ended(store, now=view.ends - 1) == 0
        assert delete_ended(store, now=view.ends) == 1
    assert seat_at(store, "otter") is None
    with pytest.raises(InputError, match="deleted"):
        move(store, opened, "close")
    content = b"".join(path.read_bytes() for path in store.path.parent.iterdir())
    for word in (opened.code, otter.alias, "penguin", "a-word-that-stands-nowhere-else"):
        assert word.encode() not in content


def test_two_servers_on_one_folder_see_the_same_class(
    store: ClassStore, opened: Opened, otter: Student
) -> None:
    other = ClassStore(store.path.parent)
    move(store, opened, "open")
    answer(other, otter, "wide")
    assert counts(store, opened) == [{"wide": 1}, {}]
    move_poll(other, opened.teacher, PENGUIN, "close")
    with pytest.raises(InputError, match="too late"):
        answer(store, otter, "deep")


def test_a_file_of_a_newer_lab_is_left_alone(tmp_path: Path) -> None:
    store = ClassStore(tmp_path)
    open_class(store, "teacher", 60)
    store.close()
    with sqlite3.connect(store.path) as rows:
        rows.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(InputError, match="newer lab"):
        seat_at(ClassStore(tmp_path), "teacher")


def test_a_file_of_an_earlier_lab_is_brought_up_to_date(store: ClassStore) -> None:
    with closing(sqlite3.connect(store.path)) as rows, rows:
        for statement in MIGRATIONS[0]:
            rows.execute(statement)
        rows.execute("PRAGMA user_version = 1")
        rows.execute("INSERT INTO classes (code, secret, opened, ends) VALUES ('a-b-c', x'', 0, 9)")
    assert join(store, "a-b-c", "otter") is not None
    with store.reading() as rows:
        assert targets_in(rows, 1) == {}


def test_a_damaged_file_is_told_without_a_traceback(tmp_path: Path) -> None:
    store = ClassStore(tmp_path)
    store.path.write_bytes(b"no database" * 1_000)
    with pytest.raises(InputError, match="cannot be read or written"):
        seat_at(store, "teacher")


def test_a_lab_without_a_class_makes_no_file(store: ClassStore) -> None:
    assert seat_at(store, "anybody") is None
    assert not store.path.exists()


def test_how_long_classes_are_kept_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_DEMO_CLASS_DAYS", "2")
    assert ClassSettings.from_environment().seconds == 2 * 86_400
    monkeypatch.setenv("RECSYS_DEMO_CLASS_DAYS", "0")
    with pytest.raises(InputError, match="class_days"):
        ClassSettings.from_environment()
