"""Lesson files: TOML with the steps, and for a teacher's own lesson also its texts."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from recsys_demo.errors import InputError, Problem, excerpt
from recsys_demo.lessons.format import Lesson, OptionQuestion, Step
from recsys_demo.lessons.messages import CONTENT, DEFAULT, Language, Messages, flat, messages
from recsys_demo.lessons.progress import UNKNOWN
from recsys_demo.values import validation_problems

LESSONS = ("a", "b", "c", "d")
MOST_BYTES = 100_000
MOST_WORDS = 60
LONGEST = 600  # characters of one text


@dataclass(frozen=True)
class LessonFile:
    """A lesson with its texts."""

    lesson: Lesson
    own_texts: tuple[tuple[str, str], ...] = ()

    def texts(self, language: Language) -> Messages:
        """Its texts in a language; a file's own have one language."""
        return messages(language).over(dict(self.own_texts))


@cache
def built_in(key: str) -> LessonFile:
    """One of the lab's own lessons. Raises InputError for a key that is none."""
    if key not in LESSONS:
        raise InputError.of(
            what="there is no such lesson",
            where="lesson",
            got=excerpt(key),
            expected=", ".join(LESSONS),
            remedy="Choose one of these, or give a file.",
        )
    path = CONTENT / f"{key}.toml"
    return lesson_file(path.read_text(encoding="utf-8"), path.name)


def read(path: Path) -> LessonFile:
    """The lesson in this file. Raises InputError with everything that is wrong with it."""
    try:
        content = path.read_bytes()
        if len(content) > MOST_BYTES:
            raise InputError(
                _problem(
                    path.name,
                    "the file is larger than a lesson",
                    f"{len(content):,} bytes",
                    f"at most {MOST_BYTES:,} bytes",
                )
            )
        text = content.decode("utf-8-sig")
    except OSError as error:
        got = error.strerror or str(error)
        raise InputError(
            _problem(str(path), "the file could not be read", got, "a lesson file")
        ) from None
    except UnicodeDecodeError:
        raise InputError(
            _problem(path.name, "this is not text", "bytes that are no UTF-8", "TOML in UTF-8")
        ) from None
    return lesson_file(text, path.name)


def lesson_file(text: str, name: str) -> LessonFile:
    """The lesson of a file's text, called `name` in messages. Raises InputError."""
    try:
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(
            _problem(name, "this is not TOML", str(error), "key = value lines and [tables]")
        ) from None
    own = content.pop("texts", {})
    problems: list[Problem] = []
    if not isinstance(own, dict):
        problems.append(
            _problem(f"{name}, texts", "texts stand in a table", excerpt(own), "[texts]")
        )
        own = {}
    lesson = None
    try:
        lesson = Lesson.model_validate(content)
    except ValidationError as error:
        problems += _by_step(validation_problems(error, name), content, name)
    if lesson is not None:
        texts = flat(own, f"{lesson.key}.")
        known = messages(DEFAULT).over(texts)
        problems += [p for step in lesson.steps for p in _text_problems(lesson, step, known, name)]
        if not problems:
            return LessonFile(lesson, tuple(texts.items()))
    raise InputError(problems)


def _by_step(found: Iterable[Problem], content: Mapping[str, Any], name: str) -> Iterator[Problem]:
    """Places such as `steps.3.question` with the step as its author calls it."""
    for problem in found:
        place = problem.where.removeprefix(f"{name}, ").split(".")
        if place[0] == "steps" and len(place) > 1 and place[1].isdigit():
            inside = f", {'.'.join(place[2:])}" if len(place) > 2 else ""
            yield replace(problem, where=f"{name}, {_called(content, int(place[1]))}{inside}")
        else:
            yield problem


def _called(content: Mapping[str, Any], at: int) -> str:
    """A step of a file that may be wrong in any way."""
    steps = content.get("steps")
    step = steps[at] if isinstance(steps, list) and at < len(steps) else None
    key = step.get("key") if isinstance(step, dict) else None
    return f"step {at + 1}" + (f" ({excerpt(str(key))})" if key else "")


def _text_problems(lesson: Lesson, step: Step, texts: Messages, name: str) -> Iterator[Problem]:
    """What the texts of a step lack."""
    where = f"{name}, step {lesson.place(step.key) + 1} ({step.key})"
    for key in needed_texts(lesson, step):
        text = texts.text(key)
        if not text:
            yield _problem(
                where,
                "a text is missing",
                f"no {key}",
                f"[texts] with {key.removeprefix(lesson.key + '.')}",
            )
        elif len(text) > LONGEST or _words(text) > MOST_WORDS:
            yield _problem(
                where,
                f"the text {key} is too long",
                f"{_words(text)} words",
                f"at most {MOST_WORDS} words",
            )
        elif not _is_plain(text):
            yield _problem(
                where, f"the text {key} holds braces", excerpt(text), "text without { and }"
            )


def needed_texts(lesson: Lesson, step: Step) -> list[str]:
    """The keys of all texts that a step needs."""
    base = f"{lesson.key}.{step.key}"
    keys = [f"{lesson.key}.title", f"{base}.title", f"{base}.text"]
    if step.question is not None:
        keys.append(f"{base}.question")
    if isinstance(step.question, OptionQuestion):
        for option in step.question.options:
            keys += [f"{base}.options.{option}", f"{base}.reasons.{option}"]
    if step.question is not None:
        keys.append(f"{base}.reasons.{UNKNOWN}")
    return keys


def _words(text: str) -> int:
    """Words as people count them; of a script without blanks two signs are about one word."""
    wide = sum("\u2e80" <= sign <= "\uffef" for sign in text)
    return len(text.split()) + wide // 2


def _is_plain(text: str) -> bool:
    """Whether nothing is to be filled in: only reveals have parameters."""
    try:
        return all(name is None for _, name, _, _ in string.Formatter().parse(text))
    except ValueError:
        return False


def _problem(where: str, what: str, got: str, expected: str) -> Problem:
    return Problem(what, where, got, expected, "Correct the lesson file.")
