"""States that students hand in, so that the teacher can show one without saying whose it is."""

from __future__ import annotations

from dataclasses import dataclass

from recsys_demo.errors import InputError
from recsys_demo.lessons.classroom.classes import Teacher
from recsys_demo.lessons.classroom.store import ClassStore
from recsys_demo.lessons.classroom.students import Student

LONGEST_LINK = 20_000


@dataclass(frozen=True)
class HandedIn:
    """A room and the parameters of the link that opens it as the student saw it."""

    room: str
    link: str


def hand_in(store: ClassStore, student: Student, work: HandedIn) -> None:
    """Give it to the teacher, in place of what the student handed in before. Raises InputError."""
    if len(work.link) > LONGEST_LINK:
        raise InputError.of(
            what="this state is too long to be handed in",
            where="state",
            got=f"{len(work.link):,} characters",
            expected=f"at most {LONGEST_LINK:,}",
            remedy="Take out what is not needed, such as a long lesson text.",
        )
    with store.writing() as rows:
        rows.execute(
            "INSERT OR REPLACE INTO states VALUES (?, ?, ?)",
            (student.id, work.room, work.link),
        )


def handed_in(store: ClassStore, teacher: Teacher) -> list[HandedIn]:
    """What was handed in, in an order that says nothing of who came first."""
    with store.reading() as rows:
        found = rows.execute(
            "SELECT room, link FROM states JOIN students ON students.id = student "
            "WHERE class = ? ORDER BY room, link",
            (teacher.class_id,),
        ).fetchall()
    return [HandedIn(room, link) for room, link in found]
