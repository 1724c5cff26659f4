"""Classes themselves: opened, found by their secret, deleted at once or by themselves."""

from __future__ import annotations

import time
from dataclasses import dataclass

from recsys_demo.errors import InputError
from recsys_demo.lessons.classroom.codes import new_code, new_secret, secret_digest
from recsys_demo.lessons.classroom.store import ClassStore, Rows

MOST_CLASSES = 1_000
TRIES = 20


@dataclass(frozen=True)
class Teacher:
    """The right to lead one class. Made here only, of its secret or a browser that had it."""

    class_id: int


@dataclass(frozen=True)
class Opened:
    """A new class. The secret is told once; a digest of it is kept."""

    teacher: Teacher
    code: str
    secret: str


@dataclass(frozen=True)
class ClassView:
    """What everybody in a class may know. `held` is the step at which all are held
    ("a.penguin"), empty for none, and `holds` says how often that was done."""

    code: str
    ends: float
    turn: int
    ahead: bool
    held: str
    holds: int
    paused: bool
    challenge: str


def open_class(store: ClassStore, browser: str, seconds: float, now: float | None = None) -> Opened:
    """A class that deletes itself after so many seconds, led from this browser. Raises InputError
    where there are too many."""
    now = time.time() if now is None else now
    own = store.digest(browser)
    secret = new_secret()
    with store.writing() as rows:
        (there,) = rows.execute("SELECT COUNT(*) FROM classes").fetchone()
        if there >= MOST_CLASSES:
            raise _too_many(there, MOST_CLASSES)
        code = _free_code(rows)
        row = (code, secret_digest(secret), now, now + seconds)
        made = rows.execute(
            "INSERT INTO classes (code, secret, opened, ends) VALUES (?, ?, ?, ?)", row
        )
        teacher = Teacher(int(made.lastrowid or 0))
        _lead(rows, teacher, own)
    return Opened(teacher, code, secret)


def teacher_of(store: ClassStore, secret: str, browser: str) -> Teacher | None:
    """Whoever knows the secret leads the class, from now on from this browser; None for a secret
    that opens nothing."""
    if not store.is_there:
        return None
    own = store.digest(browser)
    with store.writing() as rows:
        found = rows.execute(
            "SELECT id FROM classes WHERE secret = ?", (secret_digest(secret),)
        ).fetchone()
        if found is None:
            return None
        teacher = Teacher(int(found[0]))
        _lead(rows, teacher, own)
    return teacher


def teacher_at(store: ClassStore, browser: str) -> Teacher | None:
    """The class that is led from this browser."""
    own = store.digest(browser)
    with store.reading() as rows:
        found = rows.execute("SELECT class FROM teachers WHERE browser = ?", (own,)).fetchone()
    return Teacher(int(found[0])) if found else None


def stop_leading(store: ClassStore, browser: str) -> None:
    """This browser is no teacher's any more; the class goes on, and its link still opens it."""
    own = store.digest(browser)
    with store.writing() as rows:
        rows.execute("DELETE FROM teachers WHERE browser = ?", (own,))


def renewed_secret(store: ClassStore, teacher: Teacher) -> str:
    """A new secret for the teacher's link, in place of the one before."""
    secret = new_secret()
    with store.writing() as rows:
        rows.execute(
            "UPDATE classes SET secret = ? WHERE id = ?", (secret_digest(secret), teacher.class_id)
        )
    return secret


def delete_class(store: ClassStore, teacher: Teacher) -> None:
    """Everything of the class is gone, at once."""
    with store.writing() as rows:
        rows.execute("DELETE FROM classes WHERE id = ?", (teacher.class_id,))
    store.wipe()


def delete_ended(store: ClassStore, now: float | None = None) -> int:
    """Delete the classes whose time is over; how many."""
    now = time.time() if now is None else now
    with store.writing() as rows:
        gone = rows.execute("DELETE FROM classes WHERE ends <= ?", (now,)).rowcount
    if gone:
        store.wipe()
    return int(gone)


def class_view(rows: Rows, class_id: int) -> ClassView | None:
    """The class as it stands; None once it is deleted."""
    found = rows.execute(
        "SELECT code, ends, turn, ahead, held, holds, paused, challenge FROM classes WHERE id = ?",
        (class_id,),
    ).fetchone()
    if found is None:
        return None
    code, ends, turn, ahead, held, holds, paused, challenge = found
    return ClassView(code, ends, turn, bool(ahead), held, holds, bool(paused), challenge)


def turned(rows: Rows, class_id: int) -> None:
    """The teacher has done something: pages look again. Raises InputError for a class that is
    gone."""
    done = rows.execute("UPDATE classes SET turn = turn + 1 WHERE id = ?", (class_id,))
    if done.rowcount == 0:
        raise InputError.of(
            what="this class was deleted",
            where="class",
            got="a class that is no more",
            expected="one that is open",
            remedy="Open another one.",
        )


def _lead(rows: Rows, teacher: Teacher, browser: bytes) -> None:
    rows.execute("INSERT OR REPLACE INTO teachers VALUES (?, ?)", (teacher.class_id, browser))


def _free_code(rows: Rows) -> str:
    for _ in range(TRIES):
        code = new_code()
        if rows.execute("SELECT 1 FROM classes WHERE code = ?", (code,)).fetchone() is None:
            return code
    raise _too_many(TRIES, 0)  # a thousand of nineteen million codes are taken at most


def _too_many(there: int, most: int) -> InputError:
    return InputError.of(
        what="there are too many classes",
        where="class",
        got=f"{there:,} of them",
        expected=f"fewer than {most:,}",
        remedy="Delete one that is over.",
    )
