"""Joining, leading and leaving a class, and what that means for the lesson a tab is in."""

from __future__ import annotations

import streamlit as st

from recsys_demo.errors import InputError, LabError, excerpt
from recsys_demo.lessons.classroom import classes, students
from recsys_demo.lessons.classroom.attempts import Attempts
from recsys_demo.lessons.classroom.polls import Place
from recsys_demo.lessons.classroom.seats import Seat, seat_at
from recsys_demo.lessons.classroom.settings import ClassSettings
from recsys_demo.lessons.classroom.store import ClassStore
from recsys_demo.lessons.library import lesson_of
from recsys_demo.lessons.progress import UNKNOWN, Prediction, prediction
from recsys_demo.ui import jobs, session, visitors
from recsys_demo.ui.attempts import network
from recsys_demo.ui.classroom.seat import keep, seat
from recsys_demo.ui.messages import show_error
from recsys_demo.ui.state import State
from recsys_demo.ui.withheld import LINK

JOIN, LEAD = "join", "lead"  # parameters of links that lead into a class
_FOLLOWED, _SECRET = "class.followed", "class.secret"


@st.cache_resource(show_spinner=False)
def class_store() -> ClassStore:
    """The classes of this server, beside its jobs."""
    return ClassStore(jobs.lab_jobs().workers.store.folder.parent)


@st.cache_resource(show_spinner=False)
def _attempts() -> Attempts:
    return Attempts()


def arrive() -> None:
    """Look where the browser sits, before anything of a page is drawn. A file that cannot be read
    closes the classes, not the lab."""
    try:
        keep(seat_at(class_store(), visitors.visitor()))
    except LabError as error:
        keep(None)
        show_error(error)
    if (found := seat()) is not None:
        _follow_polls(found)


def open_class() -> None:
    """Open one, led from this browser. Raises InputError."""
    seconds = ClassSettings.from_environment().seconds
    opened = classes.open_class(class_store(), visitors.visitor(), seconds)
    st.session_state[_SECRET] = opened.secret


def join(code: str) -> None:
    """Take a seat. Raises InputError for a code that opens nothing, for too many of them, and in
    the browser that leads a class: a teacher is no student."""
    if (found := seat()) is not None and found.teacher is not None:
        raise InputError.of(
            what="this browser leads a class",
            where="room code",
            got="the teacher's browser",
            expected="a student's",
            remedy="Join from another device, or in a private window.",
        )
    _check_attempts()
    if not _noted(students.join(class_store(), code, visitors.visitor()) is not None):
        raise InputError.of(
            what="no class has this code",
            where="room code",
            got=excerpt(code),
            expected="the three words that your teacher shows",
            remedy="Type them again, with blanks or hyphens between them.",
        )


def lead(secret: str) -> None:
    """Take the teacher's side, by the secret of its link. Raises InputError."""
    _check_attempts()
    if not _noted(classes.teacher_of(class_store(), secret, visitors.visitor()) is not None):
        raise InputError.of(
            what="this link leads no class",
            where="teacher's link",
            got="a secret that is not known",
            expected="the link of a class that is open",
            remedy="Use the newest link; making one ends the one before.",
        )
    st.session_state[_SECRET] = secret


def leave() -> None:
    """Leave the class, or stop leading it from this browser."""
    found = seat()
    if found is not None and found.student is not None:
        students.leave(class_store(), found.student)
    else:
        classes.stop_leading(class_store(), visitors.visitor())
    st.session_state.pop(_SECRET, None)


def delete_class() -> None:
    """Everything of the class that is led from here is gone."""
    found = seat()
    if found is not None and found.teacher is not None:
        classes.delete_class(class_store(), found.teacher)
        st.session_state.pop(_SECRET, None)


def secret() -> str:
    """The secret of the teacher's link as far as this tab knows it; empty if it does not."""
    return str(st.session_state.get(_SECRET, ""))


def renew_secret() -> None:
    """A new link for the teacher; the one before opens nothing any more."""
    found = seat()
    if found is not None and found.teacher is not None:
        st.session_state[_SECRET] = classes.renewed_secret(class_store(), found.teacher)


def step_to_follow() -> str:
    """The step to which the teacher has called ("a.penguin"), told once for each call; empty for
    none."""
    found = seat()
    if found is None or found.student is None or not found.view.held:
        return ""
    if st.session_state.get(_FOLLOWED) == (found.view.code, found.view.holds):
        return ""
    st.session_state[_FOLLOWED] = (found.view.code, found.view.holds)
    return found.view.held


def _who() -> tuple[str, str]:
    """The browser, and the network it comes from: kept in memory for a minute, if at all."""
    return visitors.visitor(), network(st.context.ip_address or "")


def _check_attempts() -> None:
    _attempts().check(*_who())


def _noted(is_right: bool) -> bool:
    """The same; a wrong one is counted."""
    if not is_right:
        _attempts().note(*_who())
    return is_right


def _follow_polls(found: Seat) -> None:
    """In a class the answers of lessons are those of its polls, whatever the link brings."""
    state = session.current()
    made = class_predictions(state, found)
    if made != state.predictions:
        session.look(state.model_copy(update={"predictions": made}))


def class_predictions(state: State, found: Seat) -> tuple[Prediction, ...]:
    """The answers that are given for good: of marked questions the vote that counts, or what was
    said afterwards; of those answered ahead, the vote. All other questions are unanswered, so that
    what they ask about is withheld."""
    kept = [one for one in state.predictions if one.lesson == LINK or _is_over(found, one)]
    voted = [vote for place in found.polls if (vote := _final(found, place)) is not None]
    voted += [
        Prediction(lesson=lesson, step=step, option=UNKNOWN) for lesson, step in passed_by(found)
    ]
    new = [vote for vote in voted if prediction(kept, vote.lesson, vote.step) is None]
    return (*kept, *new)


def passed_by(found: Seat) -> list[Place]:
    """Questions that the teacher has left out: a later one of the lesson is over. They withhold
    nothing any more."""
    left_out = []
    for key in dict.fromkeys(lesson for lesson, _ in found.polls):
        file = lesson_of(key)
        places = [(key, step.key) for step in file.lesson.questions] if file else []
        marked = [at for at, place in enumerate(places) if _phase(found, place) == "marked"]
        left_out += [
            place for place in places[: max(marked, default=0)] if place not in found.polls
        ]
    return left_out


def _phase(found: Seat, place: Place) -> str:
    poll = found.polls.get(place)
    return poll.phase if poll is not None else ""


def _is_over(found: Seat, made: Prediction) -> bool:
    place = (made.lesson, made.step)
    poll = found.polls.get(place)
    if poll is None:
        return place in passed_by(found)
    return poll.phase == "marked" or (poll.phase == "ahead" and place in found.votes)


def _final(found: Seat, place: Place) -> Prediction | None:
    poll = found.polls[place]
    if poll.phase == "marked" and found.teacher is not None:
        return Prediction(lesson=place[0], step=place[1], option=UNKNOWN)
    return found.last_vote(place) if poll.phase in ("marked", "ahead") else None


def delete_ended() -> None:
    """Delete the classes whose time is over. Raises InputError."""
    if class_store().is_there:
        classes.delete_ended(class_store())
