"""What one browser needs to know of its class, read at once for the drawing of a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from recsys_demo.lessons.classroom.classes import ClassView, Teacher, class_view, teacher_at
from recsys_demo.lessons.classroom.polls import Place, Poll, own_votes, polls_of
from recsys_demo.lessons.classroom.store import ClassStore
from recsys_demo.lessons.classroom.students import Student, student_at
from recsys_demo.lessons.progress import Prediction


@dataclass(frozen=True)
class Seat:
    """The class of a browser, as a teacher or as a student, its polls and the browser's own
    answers; nobody else's."""

    who: Teacher | Student
    view: ClassView
    polls: Mapping[Place, Poll]
    votes: Mapping[Place, Mapping[int, Prediction]] = field(default_factory=dict)

    @property
    def teacher(self) -> Teacher | None:
        """Who leads the class, if this browser does."""
        return self.who if isinstance(self.who, Teacher) else None

    @property
    def student(self) -> Student | None:
        """Who sits in the class, if this browser does."""
        return self.who if isinstance(self.who, Student) else None

    def vote_now(self, place: Place) -> Prediction | None:
        """The browser's answer in the round that is on."""
        poll = self.polls.get(place)
        return self.votes.get(place, {}).get(poll.round) if poll is not None else None

    def last_vote(self, place: Place) -> Prediction | None:
        """The browser's answer that counts: that of the last round it took part in."""
        own = self.votes.get(place, {})
        return own[max(own)] if own else None


def seat_at(store: ClassStore, browser: str) -> Seat | None:
    """Where this browser sits; None where it is in no class. A browser that leads one is its
    teacher's, whatever else it has joined."""
    if not store.is_there:
        return None
    who = teacher_at(store, browser) or student_at(store, browser)
    if who is None:
        return None
    with store.reading() as rows:
        view = class_view(rows, who.class_id)
        if view is None:
            return None
        votes = own_votes(rows, who) if isinstance(who, Student) else {}
        return Seat(who, view, polls_of(rows, who.class_id), votes)


def turn_of(store: ClassStore, class_id: int) -> int:
    """Grows with whatever the teacher does; -1 once the class is deleted."""
    with store.reading() as rows:
        found = rows.execute("SELECT turn FROM classes WHERE id = ?", (class_id,)).fetchone()
    return int(found[0]) if found else -1
