"""A student's answers as one page of HTML without a script."""

from __future__ import annotations

import html
import io
import zipfile
from collections.abc import Mapping

from recsys_demo.lessons.classroom.classes import Teacher
from recsys_demo.lessons.classroom.polls import Place, Poll, own_votes, polls_of
from recsys_demo.lessons.classroom.store import ClassStore
from recsys_demo.lessons.classroom.students import Student
from recsys_demo.lessons.classroom.tables import answer_text, step_at, texts_at
from recsys_demo.lessons.messages import Messages
from recsys_demo.lessons.pack import STYLE
from recsys_demo.lessons.progress import Prediction

Votes = Mapping[Place, Mapping[int, Prediction]]


def own_sheet(store: ClassStore, student: Student, texts: Messages) -> bytes:
    """The sheet of this student."""
    with store.reading() as rows:
        votes = own_votes(rows, student)
        polls = polls_of(rows, student.class_id)
    return _sheet(student.alias, votes, polls, texts).encode()


def sheets_archive(store: ClassStore, teacher: Teacher, texts: Messages) -> bytes:
    """The sheets of all students of a class, a file each."""
    with store.reading() as rows:
        found = rows.execute(
            "SELECT id, class, alias FROM students WHERE class = ? ORDER BY alias",
            (teacher.class_id,),
        ).fetchall()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for student in (Student(*row) for row in found):
            name = student.alias.lower().replace(" ", "-")
            archive.writestr(f"{name}.html", own_sheet(store, student, texts))
    return packed.getvalue()


def _sheet(alias: str, votes: Votes, polls: Mapping[Place, Poll], texts: Messages) -> str:
    parts = [_question(place, own, polls[place], texts) for place, own in sorted(votes.items())]
    return (
        '<!doctype html><html><head><meta charset="utf-8">'
        f"<title>{html.escape(alias)}</title><style>{STYLE}</style></head>"
        f"<body><h1>{html.escape(alias)}</h1>{''.join(parts)}</body></html>\n"
    )


def _question(place: Place, own: Mapping[int, Prediction], poll: Poll, texts: Messages) -> str:
    """A question, the answers of both rounds, and what came out once it is marked."""
    if step_at(place) is None:
        return ""
    base, texts = f"{place[0]}.{place[1]}", texts_at(place, texts)
    lines = [
        f"{texts.text(f'class.round.{number}')}: {answer_text(place, vote, texts)}"
        for number, vote in sorted(own.items())
    ]
    if poll.solution:
        answer = texts.text(f"{base}.options.{poll.solution}")
        lines.append(texts.text("card.came_out", answer=answer))
        last = own[max(own)].option
        lines.append(texts.text(f"{base}.reasons.{last}") if last else "")
    told = "".join(f"<p>{html.escape(line)}</p>" for line in lines if line)
    asked = html.escape(texts.text(f"{base}.question"))
    return f"<section><h2>{asked}</h2>{told}</section>"
