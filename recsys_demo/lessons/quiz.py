"""Ten closed-book questions, one for each idea, in two wordings. Nothing of it is stored outside of
a class."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from pydantic import Field

from recsys_demo.lessons.messages import CONTENT, Messages
from recsys_demo.lessons.progress import Key
from recsys_demo.values import Frozen, validated

Form = Literal["first", "second"]


class QuizQuestion(Frozen):
    """`right` is the right option of the first wording, `again` that of the second; the step of
    the lesson explains it."""

    key: Key
    right: Key
    again: Key
    lesson: Key
    step: Key

    def answer(self, form: Form) -> str:
        """The right option of a wording."""
        return self.right if form == "first" else self.again

    def base(self, form: Form) -> str:
        """Where the texts of a wording stand."""
        return f"quiz.{self.key}.{form}"

    def options(self, form: Form, texts: Messages) -> list[str]:
        """The options of a wording, in the order of the English file."""
        before = f"{self.base(form)}.options."
        known = texts.otherwise or texts.texts
        return [key.removeprefix(before) for key in known if key.startswith(before)]


class Quiz(Frozen):
    """All questions."""

    questions: tuple[QuizQuestion, ...] = Field(min_length=1, max_length=40)


@cache
def quiz() -> Quiz:
    """The lab's quiz."""
    content = tomllib.loads((CONTENT / "quiz.toml").read_text(encoding="utf-8"))
    return validated(Quiz, content, "quiz.toml")


@dataclass(frozen=True)
class QuizResult:
    """A question, the option chosen (empty for none), and whether it is right."""

    question: QuizQuestion
    chosen: str
    is_right: bool


def scored(answers: Mapping[str, str | None], form: Form) -> list[QuizResult]:
    """Each question with its answer by its key."""
    return [
        QuizResult(one, answers.get(one.key) or "", answers.get(one.key) == one.answer(form))
        for one in quiz().questions
    ]


def records(results: list[QuizResult], form: Form, texts: Messages) -> list[dict[str, str]]:
    """A row for each idea, as a person takes it home."""
    return [
        {
            "idea": texts.text(f"quiz.{one.question.key}.idea"),
            "question": texts.text(f"{one.question.base(form)}.question"),
            "answer": _option(one.question, one.chosen, form, texts),
            "right answer": _option(one.question, one.question.answer(form), form, texts),
            "right": "yes" if one.is_right else "no",
        }
        for one in results
    ]


def _option(question: QuizQuestion, option: str, form: Form, texts: Messages) -> str:
    return texts.text(f"{question.base(form)}.options.{option}") if option else ""
