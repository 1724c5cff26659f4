"""A question of a lesson as the poll of a class: on the card of a student, and of the teacher."""

from __future__ import annotations

from functools import partial

import streamlit as st

from recsys_demo.lessons.classroom import polls
from recsys_demo.lessons.classroom.polls import Move, Place, Poll, may_move
from recsys_demo.lessons.classroom.results import answered
from recsys_demo.lessons.classroom.tables import answer_text
from recsys_demo.lessons.classroom.targets import as_text, targets_of
from recsys_demo.lessons.format import Question
from recsys_demo.lessons.messages import Messages
from recsys_demo.lessons.progress import Prediction
from recsys_demo.lessons.reveals.outcomes import Outcome
from recsys_demo.ui.classroom.membership import class_store
from recsys_demo.ui.classroom.seat import seat
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.messages import fragment
from recsys_demo.ui.widgets import button

COUNT_SECONDS = 1.0
ICONS: dict[Move, str] = {
    "open": "how_to_vote",
    "close": "block",
    "reveal": "bar_chart",
    "mark": "check_circle",
    "revote": "forum",
}


def takes(question: Question, said: Prediction) -> bool:
    """Whether the answer is one for the class: then it is counted there, and what came out is shown
    when the teacher marks it. Raises InputError for one that comes too early or too late."""
    found = seat()
    poll = found.polls.get((said.lesson, said.step)) if found is not None else None
    if found is None or (poll is not None and poll.phase == "marked"):
        return False
    if found.student is not None:
        polls.vote(class_store(), found.student, question, said)
    return True


def asks(place: Place) -> bool:
    """Whether this browser may answer the question now; alone it always may."""
    found = seat()
    if found is None:
        return True
    poll = found.polls.get(place)
    if found.student is None:
        return False
    if poll is not None and poll.phase == "marked":
        return True  # for oneself, too late for the class
    if found.view.paused:
        return False
    return found.view.ahead if poll is None else poll.phase in ("open", "ahead")


def placed(place: Place) -> dict[str, tuple[float, float]]:
    """The dots that this student has given the class, by their model; none for others."""
    found = seat()
    vote = found.vote_now(place) if found is not None and found.student is not None else None
    return {spot.model: (spot.x, spot.y) for spot in vote.spots} if vote is not None else {}


def commit_help(texts: Messages) -> str:
    """What the button that answers says of it."""
    return texts.text("card.commit_help" if seat() is None else "class.commit_help")


def leads() -> bool:
    """Whether this browser leads a class."""
    found = seat()
    return found is not None and found.teacher is not None


def poll_part(place: Place, texts: Messages) -> None:
    """Above a question that has no answer of one's own yet: where the class is with it."""
    found = seat()
    if found is None:
        return
    if found.teacher is not None:
        poll_controls(place, texts, "lesson.poll")
    else:
        st.caption(plain(standing(place, texts)))


def standing(place: Place, texts: Messages) -> str:
    """Where the class is with a question, as a student is told; empty for everybody else."""
    found = seat()
    if found is None or found.student is None:
        return ""
    return _standing(place, found.polls.get(place), texts)


def _standing(place: Place, poll: Poll | None, texts: Messages) -> str:
    """What a student is told of a question."""
    found = seat()
    assert found is not None  # only members are told
    if found.view.paused:
        return texts.text("class.paused")
    if poll is None or poll.phase == "ahead":
        return texts.text("class.ahead" if found.view.ahead else "class.wait")
    if poll.phase == "marked":
        return texts.text("class.alone")
    vote = found.vote_now(place)
    own = texts.text("class.none")
    if vote is not None:
        own = texts.text("card.your_answer", answer=answer_text(place, vote, texts))
    if poll.phase == "open":
        told = texts.text("class.open" if vote is None else "class.voted")
        again = f"{texts.text('class.second')} " if poll.round == polls.SECOND else ""
        return again + (told if vote is None else f"{own}. {told}")
    return f"{texts.text('class.closed')} {own}"


def poll_controls(place: Place, texts: Messages, key: str) -> None:
    """What the teacher does with a question: how many have answered, and the next moves."""
    found = seat()
    if found is None or found.teacher is None:
        return
    poll = found.polls.get(place)
    moves = [move for move in polls.MOVES if may_move(poll, move)]
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if poll is not None:
            seconds = COUNT_SECONDS if poll.phase in ("open", "ahead") else None
            with st.container(width="content"):
                fragment(partial(_counted, place, texts), f"{key}.count", seconds)()
        for at, move in enumerate(moves):
            button(
                texts.text(f"class.move.{move}"),
                f"{key}.{move}",
                move_poll,
                place,
                move,
                type="primary" if at == 0 else "secondary",
                icon=f":material/{ICONS[move]}:",
            )
    if not moves:
        st.caption(texts.text("class.marked"))


def _counted(place: Place, texts: Messages) -> None:
    """Looked at again and again while answers come in."""
    found = seat()
    if found is None or found.teacher is None:
        return
    given, here = answered(class_store(), found.teacher, place)
    st.markdown(f"**{texts.text('class.answered', answered=given, here=here)}**")


def move_poll(place: Place, move: Move) -> None:
    """Take a question on. Raises InputError."""
    found = seat()
    if found is not None and found.teacher is not None:
        polls.move_poll(class_store(), found.teacher, place, move)


def note_solution(place: Place, question: Question | None, came_out: Outcome) -> None:
    """Keep for the class what came out before the teacher's eyes."""
    found = seat()
    poll = found.polls.get(place) if found is not None else None
    if found is None or found.teacher is None or poll is None or question is None:
        return
    if poll.phase == "marked":
        targets = as_text(targets_of(question, came_out))
        if polls.solve(class_store(), found.teacher, place, came_out.came_out, targets):
            st.rerun()
