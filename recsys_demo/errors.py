"""Errors people can act on: what is wrong, where, what was found, what was expected, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

SHOWN_PROBLEMS = 20
SHOWN_CHARACTERS = 60
COMPARED_CHARACTERS = 60
COMPARED_WORDS = 5_000


def excerpt(value: object) -> str:
    """A value as it may stand in a message: one line, no control characters, not too long."""
    text = value if isinstance(value, str) else repr(value)
    text = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
    if len(text) > SHOWN_CHARACTERS:
        text = text[:SHOWN_CHARACTERS] + f"... ({len(text):,} characters)"
    return f'"{text}"' if isinstance(value, str) else text


def nearest(word: str, known: Iterable[str], count: int = 3) -> list[str]:
    """The known words most like this one, best first: first those that differ in capitals and
    blanks only. Of long words the beginnings are compared, of many words the first: who writes a
    text must not decide how long this takes."""
    words = list(known)
    plain = _plain(word)
    same = [other for other in words if _plain(other) == plain]
    by_start = {other[:COMPARED_CHARACTERS]: other for other in islice(words, COMPARED_WORDS)}
    near = difflib.get_close_matches(word[:COMPARED_CHARACTERS], by_start, count)
    return list(dict.fromkeys([*same, *(by_start[start] for start in near)]))[:count]


def did_you_mean(near: Sequence[str], otherwise: str) -> str:
    """A remedy that proposes the first of these words, if there is one."""
    return f"Did you mean {excerpt(near[0])}?" if near else otherwise


def _plain(word: str) -> str:
    return "".join(word.split()).casefold()


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with something a person supplied.

    `where` names the place as that person knows it: file, row (counted as a text editor does,
    the header being line 1), column, field, argument.
    """

    what: str
    where: str
    got: str
    expected: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}. Got {self.got}; expected {self.expected}. {self.remedy}"


class LabError(Exception):
    """Base of every error whose text is meant for the person in front of the lab."""


class InputError(LabError):
    """Everything that is wrong with one input, reported at once."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (
            (problems,) if isinstance(problems, Problem) else tuple(problems)
        )
        super().__init__(describe(self.problems))

    @classmethod
    def of(cls, what: str, where: str, got: str, expected: str, remedy: str) -> InputError:
        """An error with one problem."""
        return cls(Problem(what, where, got, expected, remedy))

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[Problem, ...]]]:
        # The default would rebuild from the message and lose the problems between processes.
        return (type(self), (self.problems,))


class DivergedError(LabError):
    """Training left the finite numbers."""


def describe(problems: Sequence[Problem]) -> str:
    """One line per problem, the first `SHOWN_PROBLEMS` of them."""
    lines = [str(problem) for problem in problems[:SHOWN_PROBLEMS]]
    hidden = len(problems) - len(lines)
    if hidden:
        lines.append(f"... and {hidden:,} more problems.")
    return "\n".join(lines)
