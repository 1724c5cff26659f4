"""Polls: a question of a lesson, asked of the whole class. What is allowed when is decided here,
on the server, in the transaction that writes.

A poll goes from open to closed, revealed (the bars are shown) and marked (the solution too). After
the first round it may be opened a second time. Where students may work ahead, a question without a
poll takes each student's first answer and shows each what came out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from recsys_demo.errors import InputError, excerpt
from recsys_demo.lessons.classroom.classes import Teacher, turned
from recsys_demo.lessons.classroom.store import ClassStore, Rows
from recsys_demo.lessons.classroom.students import Student
from recsys_demo.lessons.format import MapQuestion, NumberQuestion, OptionQuestion, Question
from recsys_demo.lessons.progress import Prediction

Phase = Literal["ahead", "open", "closed", "revealed", "marked"]
Move = Literal["open", "close", "reveal", "mark", "revote"]
FIRST, SECOND = 1, 2
# From which phases a move leads to which.
MOVES: Mapping[Move, tuple[tuple[Phase, ...], Phase]] = {
    "open": (("ahead",), "open"),
    "close": (("ahead", "open"), "closed"),
    "reveal": (("closed",), "revealed"),
    "mark": (("closed", "revealed"), "marked"),
    "revote": (("closed", "revealed"), "open"),
}
Place = tuple[str, str]  # lesson and step


@dataclass(frozen=True)
class Poll:
    """How far the question of a step is."""

    id: int
    phase: Phase
    round: int
    solution: str = ""

    def may(self, move: Move) -> bool:
        """Whether this can be done with it now."""
        return self.phase in MOVES[move][0] and (move != "revote" or self.round == FIRST)


def may_move(poll: Poll | None, move: Move) -> bool:
    """Whether this can be done with a question, asked or not."""
    return move == "open" if poll is None else poll.may(move)


def polls_of(rows: Rows, class_id: int) -> dict[Place, Poll]:
    """All questions that were asked in a class, in that order."""
    found = rows.execute(
        "SELECT lesson, step, id, phase, round, solution FROM polls WHERE class = ? ORDER BY id",
        (class_id,),
    )
    return {(lesson, step): Poll(*rest) for lesson, step, *rest in found}


def move_poll(store: ClassStore, teacher: Teacher, place: Place, move: Move) -> None:
    """Open, close, reveal, mark or ask again. Asking for what is so already changes nothing.
    Raises InputError for what cannot be done now."""
    with store.writing() as rows:
        turned(rows, teacher.class_id)
        poll = _poll(rows, teacher.class_id, place)
        if poll is None and move == "open":
            _asked(rows, teacher.class_id, place, "open")
        elif poll is not None and poll.may(move):
            again = SECOND if move == "revote" else poll.round
            rows.execute(
                "UPDATE polls SET phase = ?, round = ? WHERE id = ?",
                (MOVES[move][1], again, poll.id),
            )
        elif poll is None or not _is_so(poll, move):
            raise _no_move(place, move, poll)


def solve(
    store: ClassStore, teacher: Teacher, place: Place, solution: str, targets: str = ""
) -> bool:
    """Note what came out of a question that is marked: the option, or what estimates are measured
    against (`targets.as_text`). Empty: nothing is said of it. Whether anything is new. Pages are
    told of what was not known before: two of the teacher's that see different runs would otherwise
    wake each other for ever."""
    with store.reading() as rows:
        before = rows.execute(
            "SELECT solution, targets FROM polls WHERE class = ? AND lesson = ? AND step = ? "
            "AND phase = 'marked'",
            (teacher.class_id, *place),
        ).fetchone()
    after = before and (solution or before[0], targets or before[1])
    if after == before:
        return False
    with store.writing() as rows:
        rows.execute(
            "UPDATE polls SET solution = ?, targets = ? WHERE class = ? AND lesson = ? "
            "AND step = ? AND phase = 'marked'",
            (*after, teacher.class_id, *place),
        )
        if any(new and not old for old, new in zip(before, after, strict=True)):
            turned(rows, teacher.class_id)
    return True


def vote(store: ClassStore, student: Student, question: Question, answer: Prediction) -> None:
    """Answer a question, or change the answer while it is open. Raises InputError for what is no
    answer to it, and for an answer that comes too early or too late: it is not counted."""
    place = (answer.lesson, answer.step)
    _check_answer(question, answer)
    with store.writing() as rows:
        poll = _poll(rows, student.class_id, place)
        paused, ahead, here = _standing(rows, student)
        if poll is None and ahead:
            poll = _asked(rows, student.class_id, place, "ahead")
        if not here or paused or poll is None or poll.phase not in ("open", "ahead"):
            raise _refused(place, poll, bool(paused), bool(here))
        row = (poll.id, poll.round, student.id, answer.model_dump_json())
        if poll.phase == "ahead":  # who has seen what came out does not answer again
            rows.execute("INSERT OR IGNORE INTO votes VALUES (?, ?, ?, ?)", row)
        else:
            rows.execute("INSERT OR REPLACE INTO votes VALUES (?, ?, ?, ?)", row)


def own_votes(rows: Rows, student: Student) -> dict[Place, dict[int, Prediction]]:
    """What a student has answered, by question and round."""
    found = rows.execute(
        "SELECT lesson, step, votes.round, answer FROM votes JOIN polls ON polls.id = poll "
        "WHERE student = ?",
        (student.id,),
    )
    votes: dict[Place, dict[int, Prediction]] = {}
    for lesson, step, number, answer in found:
        own = votes.setdefault((lesson, step), {})
        own[int(number)] = Prediction.model_validate_json(answer)
    return votes


def count_hands(
    store: ClassStore, teacher: Teacher, place: Place, question: Question, counts: Mapping[str, int]
) -> None:
    """How many students without a device chose each option, in the round that is on. Raises
    InputError where nothing is to be counted any more."""
    with store.writing() as rows:
        poll = _poll(rows, teacher.class_id, place)
        if poll is None or poll.phase not in ("open", "closed"):
            raise _no_count(place, poll)
        rows.execute("DELETE FROM hands WHERE poll = ? AND round = ?", (poll.id, poll.round))
        for option, count in counts.items():
            _check_answer(question, Prediction(lesson=place[0], step=place[1], option=option))
            if count:
                row = (poll.id, poll.round, option, count)
                rows.execute("INSERT INTO hands VALUES (?, ?, ?, ?)", row)
        turned(rows, teacher.class_id)


def _standing(rows: Rows, student: Student) -> tuple[int, int, int]:
    """Whether the class pauses, whether it may work ahead, whether the student sits in it."""
    found = rows.execute(
        "SELECT paused, ahead, here FROM classes JOIN students ON class = classes.id "
        "WHERE students.id = ?",
        (student.id,),
    ).fetchone()
    return found or (0, 0, 0)


def _poll(rows: Rows, class_id: int, place: Place) -> Poll | None:
    found = rows.execute(
        "SELECT id, phase, round, solution FROM polls WHERE class = ? AND lesson = ? AND step = ?",
        (class_id, *place),
    ).fetchone()
    return Poll(*found) if found else None


def _asked(rows: Rows, class_id: int, place: Place, phase: Phase) -> Poll:
    made = rows.execute(
        "INSERT INTO polls (class, lesson, step, phase, round) VALUES (?, ?, ?, ?, ?)",
        (class_id, *place, phase, FIRST),
    )
    return Poll(int(made.lastrowid or 0), phase, FIRST)


def _is_so(poll: Poll, move: Move) -> bool:
    """Whether a second click asks for what the first has done."""
    if move == "revote":
        return poll.phase == "open" and poll.round == SECOND
    return poll.phase == MOVES[move][1] and (move != "open" or poll.round == FIRST)


def _check_answer(question: Question, answer: Prediction) -> None:
    """Raises InputError for what the question does not offer."""
    if answer.is_unknown:
        return
    fits = False
    if isinstance(question, OptionQuestion):
        fits = answer.option in question.options
    elif isinstance(question, NumberQuestion):
        number = answer.number
        fits = number is not None and question.low <= number <= question.high
    elif isinstance(question, MapQuestion):
        fits = sorted(spot.model for spot in answer.spots) == sorted(question.models)
    if not fits:
        raise InputError.of(
            what="this is no answer to the question",
            where=f"{answer.lesson}.{answer.step}",
            got=excerpt(answer.option or str(answer.number)),
            expected="one of the answers that are offered",
            remedy="Choose one on the card.",
        )


def _refused(place: Place, poll: Poll | None, paused: bool, here: bool) -> InputError:
    why = "the question is not open yet"
    if not here:
        why = "you have left the class"
    elif paused:
        why = "your teacher has paused the class"
    elif poll is not None:
        why = "the question is closed: your answer came too late and is not counted"
    return InputError.of(
        what=why,
        where=f"{place[0]}.{place[1]}",
        got="an answer",
        expected="answers while the question is open",
        remedy="Look at the projector, and wait for your teacher.",
    )


def _no_move(place: Place, move: Move, poll: Poll | None) -> InputError:
    return InputError.of(
        what=f"this question cannot be taken to: {move}",
        where=f"{place[0]}.{place[1]}",
        got="a question that was not asked" if poll is None else f"{poll.phase}, {poll.round}",
        expected="open, close, reveal, mark; one revote before it is marked",
        remedy="Look where the question stands.",
    )


def _no_count(place: Place, poll: Poll | None) -> InputError:
    return InputError.of(
        what="hands are counted before the bars are shown",
        where=f"{place[0]}.{place[1]}",
        got="a question that was not asked" if poll is None else poll.phase,
        expected="open or closed",
        remedy="Ask once more, and count then.",
    )
