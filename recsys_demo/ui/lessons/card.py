"""The card of a lesson: pinned below the room, with one step and the ways on and back."""

from __future__ import annotations

import html
import json
from functools import partial
from typing import Any

import streamlit as st

from recsys_demo.charts.theme import label
from recsys_demo.lessons.files import LessonFile
from recsys_demo.lessons.format import MapQuestion, NumberQuestion, OptionQuestion, Step
from recsys_demo.lessons.messages import Messages
from recsys_demo.lessons.progress import Confidence, Prediction, prediction
from recsys_demo.ui import session
from recsys_demo.ui.classroom import poll
from recsys_demo.ui.lessons import findings, moves
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.rooms import page_of
from recsys_demo.ui.state import State
from recsys_demo.ui.widgets import button

CARD = "lesson_card"
_HEAD = "lesson_head"
_SURE: tuple[Confidence, ...] = ("guess", "think", "know")


def card(state: State, here: str, file: LessonFile, texts: Messages) -> None:
    """Draw it, below everything else."""
    step = file.lesson.step(state.step_key)
    with st.bottom, st.container(key=CARD, border=True, gap="small"):
        _head(state, here, file, step, texts)
        if moves.is_folded():
            return
        base = f"{file.lesson.key}.{step.key}"
        guess = prediction(state.predictions, file.lesson.key, step.key)
        left, right = st.columns([3, 2], gap="medium")
        left.markdown(plain(texts.text(f"{base}.text")))
        if step.question is None or guess is not None:
            with left:
                _meanwhile(state, here, step, texts)
        with right:
            if step.question is not None:
                _question(file, step, guess, texts)
            _ways(here, step, guess, texts)


def _head(state: State, here: str, file: LessonFile, step: Step, texts: Messages) -> None:
    at, steps = file.lesson.place(step.key), file.lesson.steps
    done = moves.tick_name(file.lesson.key, step) in moves.ticks(state)
    with st.container(key=_HEAD, horizontal=True, vertical_alignment="center", gap="small"):
        mark = ":material/check_circle:" if done else ":material/school:"
        title = texts.text(f"{file.lesson.key}.{step.key}.title")
        st.markdown(f"{mark} **{plain(title)}**", width="stretch")
        counted = texts.text("card.step", at=at + 1, of=len(steps))
        with st.popover(counted, type="tertiary", key="lesson.steps", width="content"):
            _all_steps(state, here, file, texts)
        _move(file, steps[at - 1] if at else None, here, "card.back", "lesson.back", texts)
        following = steps[at + 1] if at + 1 < len(steps) else None
        _move(file, following, here, "card.next", "lesson.next", texts, step)
        folded = moves.is_folded()
        button(
            "",
            "lesson.fold",
            moves.fold,
            type="tertiary",
            icon=":material/expand_less:" if folded else ":material/expand_more:",
            help=texts.text("card.unfold" if folded else "card.fold"),
        )
        button(
            "",
            "lesson.leave",
            moves.leave,
            type="tertiary",
            icon=":material/close:",
            help=f"{texts.text('card.leave')}: {texts.text('card.leave_help')}",
        )


def _move(
    file: LessonFile,
    step: Step | None,
    here: str,
    text: str,
    key: str,
    texts: Messages,
    left: Step | None = None,
) -> None:
    """Back or Next; a lesson ends on its page."""
    look: dict[str, Any] = {"type": "primary"} if left is not None else {}
    if step is None:
        if left is None:
            button(texts.text(text), key, moves.leave, disabled=True)
        else:
            button(texts.text("card.end"), key, moves.end, file, left, **look)
        return
    button(texts.text(text), key, partial(moves.go, file, step, here, ticked=left), **look)


def _all_steps(state: State, here: str, file: LessonFile, texts: Messages) -> None:
    done, key = moves.ticks(state), file.lesson.key
    with st.container(gap=None):
        for at, step in enumerate(file.lesson.steps):
            mark = "check_circle" if moves.tick_name(key, step) in done else "circle"
            button(
                f"{at + 1}. {plain(texts.text(f'{key}.{step.key}.title'))}",
                f"lesson.step.{at}",
                moves.go,
                file,
                step,
                here,
                type="tertiary",
                icon=f":material/{mark}:",
            )


def _question(file: LessonFile, step: Step, guess: Prediction | None, texts: Messages) -> None:
    base = f"{file.lesson.key}.{step.key}"
    asked = texts.text(f"{base}.question")
    place = (file.lesson.key, step.key)
    if guess is not None and not poll.leads():
        st.markdown(f"**{plain(asked)}**  \n{plain(answer_text(base, step, guess, texts))}")
        return
    poll.poll_part(place, texts)
    if isinstance(step.question, MapQuestion) or not poll.asks(place):
        st.markdown(f"**{plain(asked)}**")
        return
    with st.container(key="lesson_question", gap="small"):
        if isinstance(step.question, OptionQuestion):
            _options(file, step, step.question, asked, texts)
        elif isinstance(step.question, NumberQuestion):
            _number(file, step, step.question, asked, texts)


def _options(
    file: LessonFile, step: Step, question: OptionQuestion, asked: str, texts: Messages
) -> None:
    base = f"{file.lesson.key}.{step.key}"
    key = f"lesson.answer.{base}"
    chosen = st.radio(
        plain(asked),
        question.options,
        index=None,
        format_func=lambda option: plain(texts.text(f"{base}.options.{option}")),
        key=key,
    )
    answer = {} if chosen is None else {"option": chosen}
    _commit(file, step, answer, texts, ready=chosen is not None)


def _number(
    file: LessonFile, step: Step, question: NumberQuestion, asked: str, texts: Messages
) -> None:
    key = f"lesson.answer.{file.lesson.key}.{step.key}"
    given = st.slider(
        plain(asked),
        question.low,
        question.high,
        question.start,
        question.step,
        format=f"%.{question.decimals}f {question.unit.replace('%', '%%')}".strip(),
        key=key,
    )
    _commit(file, step, {"number": float(given)}, texts, ready=True)


def _commit(
    file: LessonFile, step: Step, answer: dict[str, Any], texts: Messages, ready: bool
) -> None:
    """How sure, and the two ways to answer."""
    key = f"lesson.sure.{file.lesson.key}.{step.key}"
    sure = st.segmented_control(
        texts.text("card.sure"),
        _SURE,
        default="think",
        format_func=lambda level: texts.text(f"card.{level}"),
        label_visibility="collapsed",
        key=key,
    )
    with st.container(horizontal=True):
        button(
            texts.text("card.commit"),
            "lesson.commit",
            partial(moves.commit, file.lesson.key, step, sure=sure or "think", **answer),
            type="primary",
            disabled=not ready,
            help=poll.commit_help(texts),
        )
        button(texts.text("card.unknown"), "lesson.unknown", moves.skip, file.lesson.key, step)


def answer_text(base: str, step: Step, guess: Prediction, texts: Messages) -> str:
    """What was answered, in words."""
    if guess.is_unknown:
        return texts.text("card.you_skipped")
    if guess.number is not None:
        unit = step.question.unit if isinstance(step.question, NumberQuestion) else ""
        return texts.text("card.your_number", number=f"{guess.number:g} {unit}".strip())
    if guess.spots:
        told = "; ".join(f"{label(s.model)} {s.x:.2f}, {s.y:.2f}" for s in guess.spots)
        return texts.text("card.your_answer", answer=told)
    return texts.text("card.your_answer", answer=texts.text(f"{base}.options.{guess.option}"))


def _meanwhile(state: State, here: str, step: Step, texts: Messages) -> None:
    """While what the step asks for is at work: what that is, and what to look at."""
    if step.done is None or step.room != here:
        return
    busy = findings.at_work(step.done.trained, state)
    names = ", ".join(label(model) for model in busy)
    told = texts.text("card.at_work", models=names) if busy else ""
    if step.done.overcross and findings.is_overcrossing(state):
        told = texts.text("card.running")
    if told:
        look = texts.text(f"meanwhile.{here}") or texts.text("meanwhile.other")
        st.caption(plain(f"{told} {look} {texts.text('card.ticks')}"))


def _ways(here: str, step: Step, guess: Prediction | None, texts: Messages) -> None:
    """To the step's room, and to the choices it needs."""
    is_answered = step.question is None or guess is not None
    with st.container(horizontal=True):
        if step.room != here:
            page = page_of(step.room)
            assert page is not None  # a lesson's rooms are there
            session.room_link(step.room, texts.text("card.go", room=page.label))
        if step.setup is not None and is_answered:
            button(
                texts.text("card.setup"),
                "lesson.setup",
                moves.set_up,
                step.setup,
                help=texts.text("card.setup_help"),
                icon=":material/tune:",
            )


def scroll(step: Step, is_revealed: bool) -> str:
    """To the top of the room when the step is another one, and on to what it points at, or to its
    beginning where it is longer than the screen; to the top again when what came out is there to be
    read. `scrollIntoView` would move the whole page."""
    pointed = bool(step.points_at) and not is_revealed
    first = f".st-key-{step.points_at[0].replace('.', '-')}" if pointed else ""
    return f"""(() => {{
const step = {json.dumps([step.key, is_revealed])}.join(), first = {json.dumps(first)};
if (window.recsysStep === step) return;
window.recsysStep = step;
setTimeout(() => {{
  const main = document.querySelector('[data-testid=stMain]');
  main?.scrollTo(0, 0);
  const {{top, bottom}} = document.querySelector(first || "none")?.getBoundingClientRect() ?? {{}};
  const card = document.querySelector('.st-key-{CARD}')?.getBoundingClientRect().top;
  const head = document.querySelector('[data-testid=stHeader]')?.getBoundingClientRect().bottom;
  const [end, begin] = [bottom - card + 16, top - head - 8];
  if (end > 0) main?.scrollTo(0, Math.min(end, begin));
}}, 400);
}})()"""


def style(step: Step, is_projected: bool) -> str:
    """The card's measures, larger for the letters of a projector, and the outline of what the step
    points at."""
    share = 50 if is_projected else 40  # of the screen's height, in percent
    keys = [f".st-key-{html.escape(key.replace('.', '-'))}" for key in step.points_at]
    outlined = ", ".join(keys)
    pointed = (
        f"""
:is({outlined}) {{outline: 2px dashed currentColor; outline-offset: 4px; border-radius: 6px}}"""
        if keys
        else ""
    )
    return f"""
.st-key-{CARD} {{max-height: {share}vh; overflow-y: auto}}
[data-testid=stMain] {{scroll-padding-bottom: {share + 2}vh}}
[data-testid=stBottomBlockContainer] {{padding-top: .4rem; padding-bottom: .8rem}}
.st-key-lesson_question [role=radiogroup] {{gap: 0}}
@media (max-width: 768px) {{
.st-key-{CARD} {{max-height: 33vh}}
.st-key-{_HEAD} {{row-gap: 0; column-gap: .5rem}}
}}
@media (max-width: 500px) {{
.st-key-{_HEAD} > :first-child {{flex: 1 0 100%}}
}}
@media (max-height: 480px) {{ /* a page made twice as large: a third would be a line of text */
.st-key-{CARD} {{max-height: 55vh; padding-block: .4rem}}
[data-testid=stMain] {{scroll-padding-bottom: 57vh}}
}}
{pointed}"""
