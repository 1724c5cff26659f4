"""What a teacher prints for a lesson: plan, worksheet and key, each one page of HTML without a
script, with the numbers of a rehearsal."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from recsys_demo.lessons.files import LessonFile
from recsys_demo.lessons.format import (
    MapQuestion,
    NumberQuestion,
    OptionQuestion,
    Step,
    StepKind,
)
from recsys_demo.lessons.messages import Language, Messages
from recsys_demo.lessons.progress import UNKNOWN
from recsys_demo.lessons.reveals.outcomes import Mark, Outcome, Place, name_of

_ICON = (Path(__file__).parents[1] / "icon.svg").read_text(encoding="utf-8").strip()
PLANS = (45, 90)
# How the minutes of a class are shared out between the kinds of steps.
WEIGHTS: Mapping[StepKind, int] = {
    "look": 3,
    "predict": 6,
    "do": 4,
    "reveal": 5,
    "explain": 4,
    "transfer": 8,
}
STYLE = """
body {font: 15px/1.45 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; color: #1b1f24}
h1 {font-size: 1.5rem; display: flex; gap: .6rem; align-items: center}
h1 svg {flex: none; width: 2rem; height: 2rem}
h2 {font-size: 1.1rem; margin: 1.4rem 0 .3rem} p {margin: .3rem 0}
table {border-collapse: collapse; margin: .5rem 0; width: 100%}
td, th {border: 1px solid #8a919c; padding: .25rem .5rem; text-align: left; vertical-align: top}
section {break-inside: avoid} .line {border-bottom: 1px solid #8a919c; height: 1.9rem}
@page {size: A4; margin: 16mm} @media print {body {margin: 0}}
"""


@dataclass(frozen=True)
class Pack:
    """A lesson with what came out in a rehearsal, in one language."""

    file: LessonFile
    outcomes: Mapping[str, Outcome]
    language: Language

    @property
    def texts(self) -> Messages:
        """The texts it is printed in."""
        return self.file.texts(self.language)

    def pages(self) -> dict[str, str]:
        """Every page by its file name."""
        found = {f"plan-{minutes}.html": self.plan(minutes) for minutes in PLANS}
        return {**found, "worksheet.html": self.worksheet(), "key.html": self.key()}

    def plan(self, minutes: int) -> str:
        """Who does what, and when, in so many minutes."""
        steps = self.file.lesson.steps
        shares, rows, begin = shared_out([WEIGHTS[step.kind] for step in steps], minutes), [], 0
        for step, share in zip(steps, shares, strict=True):
            at = f"{begin}–{begin + share}"
            does = self.texts.text(f"pack.does.{step.kind}")
            rows.append((at, self._text(step, "title"), step.room, does))
            begin += share
        head = [self.texts.text(f"pack.{name}") for name in ("minutes", "step", "room", "class")]
        body = f"<p>{_e(self.texts.text('pack.before'))}</p>{_table(head, rows)}"
        return self._page(self.texts.text("pack.plan", minutes=minutes), body)

    def worksheet(self) -> str:
        """Every question, to be answered before anything is shown."""
        asked = "".join(self._asked(step) for step in self.file.lesson.questions)
        return self._page(self.texts.text("pack.worksheet"), asked)

    def key(self) -> str:
        """What came out, with the reason of every answer."""
        told = "".join(self._answered(step) for step in self.file.lesson.steps)
        body = f"<p>{_e(self.texts.text('pack.computed'))}</p>{told}"
        return self._page(self.texts.text("pack.key"), body)

    def _asked(self, step: Step) -> str:
        question = step.question
        parts = [f"<p>{_e(self._text(step, 'text'))}</p>"]
        parts.append(f"<p><b>{_e(self._text(step, 'question'))}</b></p>")
        if isinstance(question, OptionQuestion):
            options = [*question.options, UNKNOWN]
            parts += [f"<p>☐ {_e(self._option(step, option))}</p>" for option in options]
        elif isinstance(question, NumberQuestion):
            parts.append(f"<p>{question.low:g} … {question.high:g} {_e(question.unit)}</p>")
        elif isinstance(question, MapQuestion):
            head = ["", self.texts.text("slices.never"), self.texts.text("slices.memory")]
            parts.append(_table(head, [(name_of(model), "", "") for model in question.models]))
        parts.append('<div class="line"></div>')
        return self._section(step, parts)

    def _answered(self, step: Step) -> str:
        found = self.outcomes.get(step.key)
        parts = [f"<p>{_e(self._text(step, 'text'))}</p>"]
        if found is not None:
            parts += [f"<p>{_e(told.text(self.texts))}</p>" for told in found.told]
            parts += self._figure(found)
        if isinstance(step.question, OptionQuestion):
            parts.append(self._reasons(step, step.question, found))
        return self._section(step, parts)

    def _figure(self, found: Outcome) -> Iterator[str]:
        if found.places:
            head = ["", self.texts.text("slices.never"), self.texts.text("slices.memory")]
            yield _table(head, [_place_row(place) for place in found.places])
        elif found.marks:
            head = ["", found.axis_title(self.texts)]
            yield _table(head, [self._mark_row(m, found) for m in found.marks])

    def _mark_row(self, mark: Mark, found: Outcome) -> tuple[str, str]:
        interval = mark.outcome
        ends = f" ({interval.low:.3g} … {interval.high:.3g})" if interval.is_known else ""
        return found.row_name(mark, self.texts), f"{interval.value:.3g}{ends}"

    def _reasons(self, step: Step, question: OptionQuestion, found: Outcome | None) -> str:
        came_out = "" if found is None else found.came_out
        rows = [
            (
                ("✓ " if option == came_out else "") + self._option(step, option),
                self._text(step, f"reasons.{option}"),
            )
            for option in question.options
        ]
        return _table([self.texts.text("pack.answer"), self.texts.text("pack.reason")], rows)

    def _option(self, step: Step, option: str) -> str:
        unknown = option == UNKNOWN
        return self.texts.text("card.unknown") if unknown else self._text(step, f"options.{option}")

    def _text(self, step: Step, name: str) -> str:
        return self.texts.text(f"{self.file.lesson.key}.{step.key}.{name}")

    def _section(self, step: Step, parts: Sequence[str]) -> str:
        number = self.file.lesson.place(step.key) + 1
        title = f"{number}. {self._text(step, 'title')}"
        return f"<section><h2>{_e(title)}</h2>{''.join(parts)}</section>"

    def _page(self, kind: str, body: str) -> str:
        title = f"{self.texts.text(f'{self.file.lesson.key}.title')}: {kind}"
        return (
            f'<!doctype html><html lang="{self.language}"><head><meta charset="utf-8">'
            f"<title>{_e(title)}</title><style>{STYLE}</style></head>"
            f"<body><h1>{_ICON}{_e(title)}</h1>{body}</body></html>\n"
        )


def shared_out(weights: Sequence[int], minutes: int) -> list[int]:
    """Whole minutes in proportion to the weights that add up to `minutes`."""
    ends, total, done = [], sum(weights), 0
    for weight in weights:
        done += weight
        ends.append(round(minutes * done / total))
    return [end - begin for begin, end in zip([0, *ends], ends, strict=False)]


def _place_row(place: Place) -> tuple[str, str, str]:
    return name_of(place.model), _number(place.x.value), _number(place.y.value)


def _number(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else "–"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    top = "".join(f"<th>{_e(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{_e(c)}</td>" for c in row) + "</tr>" for row in rows)
    return f"<table><tr>{top}</tr>{body}</table>"


def _e(text: str) -> str:
    return html.escape(text)
