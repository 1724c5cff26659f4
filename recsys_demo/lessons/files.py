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

from recsys_demo.errors import InputError, Problem, did_you_mean, excerpt, nearest
from recsys_demo.lessons.format import Lesson, OptionQuestion, Step
from recsys_demo.lessons.messages import CONTENT, DEFAULT, Language, Messages, flat, messages
from recsys_demo.lessons.progress import UNKNOWN
from recsys_demo.lessons.references import reference_problems
from recsys_demo.values import validation_problems

LESSONS = ("a", "b", "c", "d")
MOST_BYTES = 100_000
MOST_WORDS = 60
LONGEST = 600  # characters of one text
MOST_DOTS = 40  # on one line


@dataclass(frozen=True)
class LessonFile:
    """A lesson with its texts: those of its own by step ("dots.text"), over those of the lab's
    lesson that it changes, if it does."""

    lesson: Lesson
    own_texts: tuple[tuple[str, str], ...] = ()
    base: str = ""

    def texts(self, language: Language) -> Messages:
        """Its texts in a language; a file's own have one language."""
        return self.over(messages(language))

    def over(self, known: Messages) -> Messages:
        """Its own texts over those of the lab."""
        key = self.lesson.key
        if self.base and self.base != key:
            known = known.over(known.within(self.base, key))
        return known.over({f"{key}.{name}": text for name, text in self.own_texts})

    def called(self, key: str) -> LessonFile:
        """The same under another key."""
        return replace(self, lesson=self.lesson.model_copy(update={"key": key}))


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
        if (size := path.stat().st_size) > MOST_BYTES:
            raise InputError(_too_large(path.name, size))
        content = path.read_bytes()
    except OSError as error:
        got = error.strerror or str(error)
        raise InputError(
            _problem(str(path), "the file could not be read", got, "a lesson file")
        ) from None
    return of_content(content, path.name)


def of_content(content: bytes, name: str) -> LessonFile:
    """The lesson in a file's content, called `name` in messages. Raises InputError."""
    if len(content) > MOST_BYTES:
        raise InputError(_too_large(name, len(content)))
    try:
        return lesson_file(content.decode("utf-8-sig"), name)
    except UnicodeDecodeError:
        raise InputError(
            _problem(name, "this is not text", "bytes that are no UTF-8", "TOML in UTF-8")
        ) from None


def _too_large(name: str, size: int) -> Problem:
    return _problem(
        name, "the file is larger than a lesson", f"{size:,} bytes", f"at most {MOST_BYTES:,} bytes"
    )


def lesson_file(text: str, name: str) -> LessonFile:
    """The lesson of a file's text, called `name` in messages. Raises InputError."""
    content = _parsed(text, name)
    own = content.pop("texts", {})
    problems: list[Problem] = []
    if not isinstance(own, dict):
        problems.append(
            _problem(f"{name}, texts", "texts stand in a table", excerpt(own), "[texts]")
        )
        own = {}
    base = ""
    if "base" in content:
        content, base = _changed(content, name)
    try:
        lesson = Lesson.model_validate(content)
    except ValidationError as error:
        raise InputError(
            [*problems, *_by_step(validation_problems(error, name), content, name)]
        ) from None
    file = LessonFile(lesson, tuple(flat(own).items()), base)
    problems += reference_problems(lesson, name)
    problems += _unread_texts(file, name)
    texts = file.texts(DEFAULT)
    problems += [
        found for step in lesson.steps for found in _text_problems(file, step, texts, name)
    ]
    if problems:
        raise InputError(problems)
    return file


def _changed(content: dict[str, Any], name: str) -> tuple[dict[str, Any], str]:
    """The lab's lesson that a file names as its `base`, without the steps it leaves out and with
    its own in their place; and which lesson that is. Raises InputError."""
    base, left_out, own = (content.pop(k, []) for k in ("base", "leave_out", "steps"))
    if base not in LESSONS:
        raise InputError(
            _problem(f"{name}, base", "no such lesson", excerpt(base), ", ".join(LESSONS))
        )
    if not isinstance(left_out, list) or not isinstance(own, list):
        raise InputError(_problem(name, "this is no list", "leave_out or steps", "lists"))
    whole = tomllib.loads((CONTENT / f"{base}.toml").read_text(encoding="utf-8"))
    keys = [step["key"] for step in whole["steps"]]
    if unknown := [one for one in left_out if one not in keys]:
        raise InputError(
            _problem(
                f"{name}, leave_out",
                "no such step",
                excerpt(unknown[0]),
                f"one of {', '.join(keys)}",
            )
        )
    instead = {str(step.get("key")): step for step in own if isinstance(step, dict)}
    kept = [instead.get(s["key"], s) for s in whole["steps"] if s["key"] not in left_out]
    added = [step for step in own if not isinstance(step, dict) or step.get("key") not in keys]
    return {**whole, **content, "steps": [*kept, *added]}, base


def _parsed(text: str, name: str) -> dict[str, Any]:
    """The tables of a TOML text. Its parser takes time that grows with the square of the parts of
    one key, which stand on one line."""
    dots, at = max((line.count("."), -number) for number, line in enumerate(text.split("\n"), 1))
    if dots > MOST_DOTS:
        raise InputError(
            _problem(
                f"{name}, line {-at}",
                "this line is no line of a lesson",
                f"{dots:,} full stops",
                f"at most {MOST_DOTS}",
            )
        )
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(
            _problem(name, "this is not TOML", str(error), "key = value lines and [tables]")
        ) from None


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


def _unread_texts(file: LessonFile, name: str) -> Iterator[Problem]:
    """Texts of steps that there are not, and of options that no step offers."""
    lesson = file.lesson
    read = {
        key.removeprefix(f"{lesson.key}.") for s in lesson.steps for key in needed_texts(lesson, s)
    }
    for key, _ in file.own_texts:
        if key not in read and key != "summary":
            yield Problem(
                "no step reads this text",
                f"{name}, texts",
                excerpt(key),
                "a step and one of its texts, as in [texts.STEP] title",
                did_you_mean(nearest(key, read), "Correct the name, or leave it out."),
            )


def _text_problems(file: LessonFile, step: Step, texts: Messages, name: str) -> Iterator[Problem]:
    """What the texts of a step lack."""
    lesson = file.lesson
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
        elif len(text) > LONGEST or word_count(text) > MOST_WORDS:
            yield _problem(
                where,
                f"the text {key} is too long",
                f"{word_count(text)} words",
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


def word_count(text: str) -> int:
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
