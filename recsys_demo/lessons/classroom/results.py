"""What a class has answered: counted in each round, and how answers moved between the rounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from recsys_demo.errors import InputError
from recsys_demo.lessons.classroom.classes import Teacher
from recsys_demo.lessons.classroom.polls import FIRST, SECOND, Place, polls_of
from recsys_demo.lessons.classroom.store import ClassStore, Rows
from recsys_demo.lessons.classroom.students import Student
from recsys_demo.lessons.progress import Prediction


@dataclass(frozen=True)
class Round:
    """The answers of one round, by student, and hands that the teacher counted, by option."""

    votes: Mapping[int, Prediction]
    hands: Mapping[str, int]

    @property
    def answered(self) -> int:
        """Students that have answered."""
        return len(self.votes) + sum(self.hands.values())

    def counts(self) -> Counter[str]:
        """How many chose each option; empty for what is answered otherwise."""
        options = Counter(vote.option for vote in self.votes.values() if vote.option)
        return options + Counter(self.hands)


@dataclass(frozen=True)
class Results:
    """Both rounds of a question."""

    first: Round
    second: Round

    @property
    def has_second(self) -> bool:
        """Whether anybody has answered twice."""
        return self.second.answered > 0

    @property
    def last(self) -> Round:
        """The round that counts."""
        return self.second if self.has_second else self.first

    def flow(self) -> Counter[tuple[str, str]]:
        """How many went from one option to another, of those who answered with options in both
        rounds."""
        both = self.first.votes.keys() & self.second.votes.keys()
        moves = ((self.first.votes[one].option, self.second.votes[one].option) for one in both)
        return Counter(move for move in moves if all(move))


def results(store: ClassStore, teacher: Teacher, place: Place) -> Results:
    """What the class has answered so far, for its teacher."""
    with store.reading() as rows:
        return _results(rows, teacher.class_id, place)


def shown_results(store: ClassStore, student: Student, place: Place) -> Results:
    """The same for a student, once the teacher has shown the bars. Raises InputError before."""
    with store.reading() as rows:
        poll = polls_of(rows, student.class_id).get(place)
        if poll is None or poll.phase not in ("revealed", "marked"):
            raise InputError.of(
                what="the answers of the class are not shown yet",
                where=f"{place[0]}.{place[1]}",
                got="a question" if poll is None else f"a question that is {poll.phase}",
                expected="one that the teacher has revealed",
                remedy="Wait for your teacher.",
            )
        return _results(rows, student.class_id, place)


def answered(store: ClassStore, teacher: Teacher, place: Place) -> tuple[int, int]:
    """How many have answered in the round that is on, and how many students are here."""
    with store.reading() as rows:
        poll = polls_of(rows, teacher.class_id).get(place)
        found = _results(rows, teacher.class_id, place)
    on = found.second if poll is not None and poll.round == SECOND else found.first
    return on.answered, students_here(store, teacher)


def students_here(store: ClassStore, teacher: Teacher) -> int:
    """How many have joined and not left."""
    with store.reading() as rows:
        (here,) = rows.execute(
            "SELECT COUNT(*) FROM students WHERE class = ? AND here = 1", (teacher.class_id,)
        ).fetchone()
    return int(here)


def _results(rows: Rows, class_id: int, place: Place) -> Results:
    votes: dict[int, dict[int, Prediction]] = {FIRST: {}, SECOND: {}}
    hands: dict[int, dict[str, int]] = {FIRST: {}, SECOND: {}}
    of_place = "FROM {} JOIN polls ON polls.id = poll WHERE class = ? AND lesson = ? AND step = ?"
    for number, student, answer in rows.execute(
        f"SELECT votes.round, student, answer {of_place.format('votes')}", (class_id, *place)
    ):
        votes[number][student] = Prediction.model_validate_json(answer)
    for number, option, count in rows.execute(
        f"SELECT hands.round, option, count {of_place.format('hands')}", (class_id, *place)
    ):
        hands[number][option] = count
    return Results(*(Round(votes[number], hands[number]) for number in (FIRST, SECOND)))
