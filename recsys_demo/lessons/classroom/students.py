"""Students: a seat for a browser, under an alias, however often it comes back."""

from __future__ import annotations

from dataclasses import dataclass

from recsys_demo.errors import InputError, excerpt
from recsys_demo.lessons.classroom.codes import free_aliases, is_alias, tidy_code
from recsys_demo.lessons.classroom.store import ClassStore, Rows

MOST_STUDENTS = 300
OFFERED_ALIASES = 8


@dataclass(frozen=True)
class Student:
    """A seat in one class, and the right to what belongs to it. Made here only, of a code or a
    browser that has joined."""

    id: int
    class_id: int
    alias: str


def join(store: ClassStore, code: str, browser: str) -> Student | None:
    """The browser's seat in the class of this code: the one it had, else a new one. None for a code
    that opens nothing. A browser that sat in another class leaves it; its answers stay there.
    Raises InputError where the class is full."""
    if not store.is_there:
        return None
    own = store.digest(browser)
    with store.writing() as rows:
        found = rows.execute("SELECT id FROM classes WHERE code = ?", (tidy_code(code),)).fetchone()
        if found is None:
            return None
        class_id = int(found[0])
        rows.execute("UPDATE students SET here = 0 WHERE browser = ?", (own,))
        before = rows.execute(
            "UPDATE students SET here = 1 WHERE class = ? AND browser = ? RETURNING id, alias",
            (class_id, own),
        ).fetchone()
        if before is not None:
            return Student(int(before[0]), class_id, str(before[1]))
        return _seated(rows, class_id, own)


def student_at(store: ClassStore, browser: str) -> Student | None:
    """The seat of this browser in the class it has joined last and not left."""
    own = store.digest(browser)
    with store.reading() as rows:
        found = rows.execute(
            "SELECT id, class, alias FROM students WHERE browser = ? AND here = 1", (own,)
        ).fetchone()
    return Student(int(found[0]), int(found[1]), str(found[2])) if found else None


def leave(store: ClassStore, student: Student) -> None:
    """Go. What was answered stays counted, and the same browser finds its seat again."""
    with store.writing() as rows:
        rows.execute("UPDATE students SET here = 0 WHERE id = ?", (student.id,))


def offered_aliases(store: ClassStore, student: Student) -> list[str]:
    """Names that the student may have instead."""
    with store.reading() as rows:
        return free_aliases(_taken(rows, student.class_id), OFFERED_ALIASES)


def rename(store: ClassStore, student: Student, alias: str) -> Student:
    """Take another alias of the lab's. Raises InputError for any other text and for a name that
    somebody has."""
    with store.writing() as rows:
        if not is_alias(alias) or alias in _taken(rows, student.class_id) - {student.alias}:
            raise InputError.of(
                what="this name is not free",
                where="alias",
                got=excerpt(alias),
                expected="one of the names that are offered",
                remedy="Choose another one.",
            )
        rows.execute("UPDATE students SET alias = ? WHERE id = ?", (alias, student.id))
    return Student(student.id, student.class_id, alias)


def _seated(rows: Rows, class_id: int, browser: bytes) -> Student:
    taken = _taken(rows, class_id)
    if len(taken) >= MOST_STUDENTS:
        raise InputError.of(
            what="this class is full",
            where="room code",
            got=f"{len(taken) + 1} students",
            expected=f"at most {MOST_STUDENTS}",
            remedy="Ask your teacher to open a second class.",
        )
    (alias,) = free_aliases(taken, 1)
    made = rows.execute(
        "INSERT INTO students (class, browser, alias) VALUES (?, ?, ?)", (class_id, browser, alias)
    )
    return Student(int(made.lastrowid or 0), class_id, alias)


def _taken(rows: Rows, class_id: int) -> set[str]:
    found = rows.execute("SELECT alias FROM students WHERE class = ?", (class_id,))
    return {str(alias) for (alias,) in found}
