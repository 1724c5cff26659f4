"""What every reveal of the lessons says, over five seeds and in a changed world.

The shipped sample set and defaults, each lesson rehearsed from five seeds on (a step that asks for
several seeds takes as many from there). A question has an answer that the lesson teaches, or leaves
it open; counted is how often that answer came out. The changed world is the sample set without
exceptions, with nearly no taste and with apps spread around it: there a reveal has to say what came
out instead.

Minutes of a lesson: everything that one person reads, by words at 200 a minute (of Chinese, two
signs are a word), 20 seconds to think about each question, 10 to find each control, and what
training and reveals take on one core, in CPU seconds, none of it shared with another lesson.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.tables import table
from recsys_demo.config.model import TrainingConfig
from recsys_demo.data.specs import SampleSpec
from recsys_demo.lessons.files import LESSONS, LessonFile, built_in, needed_texts, word_count
from recsys_demo.lessons.format import Lesson, OptionQuestion, Step
from recsys_demo.lessons.messages import LANGUAGES, Messages, messages
from recsys_demo.lessons.progress import UNKNOWN
from recsys_demo.lessons.rehearsal import Rehearsal
from recsys_demo.lessons.reveals.outcomes import Outcome

SEEDS = 5
FOLDER = Path(tempfile.gettempdir()) / "recsys-lesson-runs"  # kept: a stopped run goes on
OTHER_WORLD = {"exceptions": 0, "affinity": 0.2}
WORDS_PER_MINUTE, QUESTION_SECONDS, CONTROL_SECONDS = 200, 20, 10
MOST_MINUTES = 10


def measure() -> dict[str, Any]:
    """The reveals, and how long each lesson takes."""
    return {"reveals": _reveals(), "minutes": {key: _minutes(key) for key in LESSONS}}


def _reveals() -> dict[str, Any]:
    """Every reveal by its lesson and step: what came out, and the first sentence."""
    own = [_told(SampleSpec(), seed) for seed in range(SEEDS)]
    world = SampleSpec().world.model_copy(update=OTHER_WORLD)
    other = _told(SampleSpec(world=world), 0)
    return {
        name: {
            "came_out": [told[name]["came_out"] for told in own],
            "sentence": own[0][name]["sentence"],
            "elsewhere": other[name]["came_out"],
            "sentence_elsewhere": other[name]["sentence"],
        }
        for name in own[0]
    }


def _told(data: SampleSpec, seed: int) -> dict[str, dict[str, str]]:
    rehearsal = Rehearsal(FOLDER, data, TrainingConfig(), lambda _: None, seed)
    found = {}
    for key in LESSONS:
        for step, outcome in rehearsal.outcomes(built_in(key).lesson).items():
            found[f"{key}.{step}"] = _record(outcome)
        sys.stderr.write(f"lesson {key}, seed {seed}\n")
    return found


def _record(outcome: Outcome) -> dict[str, str]:
    return {"came_out": outcome.came_out, "sentence": outcome.told[0].text(messages("en"))}


def _minutes(key: str) -> dict[str, float]:
    """Minutes to read, to think and click, and to wait, by what of it is meant."""
    file = built_in(key)
    with tempfile.TemporaryDirectory() as folder:
        begin = time.process_time()
        rehearsal = Rehearsal(Path(folder), SampleSpec(), TrainingConfig(), lambda _: None)
        outcomes = rehearsal.outcomes(file.lesson)
        waited = (time.process_time() - begin) / 60
    read = {language: reading(file, file.texts(language), outcomes) for language in LANGUAGES}
    return {**read, "act": acting(file.lesson), "wait": waited}


def reading(file: LessonFile, texts: Messages, outcomes: Mapping[str, Outcome]) -> float:
    """Minutes to read all steps; of a question's reasons the longest, for only one is shown."""
    words = sum(_words(file, step, texts, outcomes.get(step.key)) for step in file.lesson.steps)
    return words / WORDS_PER_MINUTE


def _words(file: LessonFile, step: Step, texts: Messages, outcome: Outcome | None) -> int:
    base = f"{file.lesson.key}.{step.key}"
    keys = [key for key in needed_texts(file.lesson, step) if ".reasons." not in key]
    told = [texts.text(key) for key in keys if not key.endswith(f"{file.lesson.key}.title")]
    told += [] if outcome is None else [sentence.text(texts) for sentence in outcome.told]
    options = step.question.options if isinstance(step.question, OptionQuestion) else ()
    reasons = [word_count(texts.text(f"{base}.reasons.{name}")) for name in (*options, UNKNOWN)]
    return sum(map(word_count, told)) + max(reasons)


def acting(lesson: Lesson) -> float:
    """Minutes to think about every question and to find every control."""
    controls = sum((step.done is not None) + (step.setup is not None) for step in lesson.steps)
    return (len(lesson.questions) * QUESTION_SECONDS + controls * CONTROL_SECONDS) / 60


def _asked(name: str) -> tuple[Lesson, Step]:
    """The lesson, and the step whose question this one reveals."""
    lesson = built_in(name.partition(".")[0]).lesson
    step = lesson.step(name.partition(".")[2])
    return lesson, lesson.step(step.of or step.key)


def render(figures: dict[str, Any]) -> str:
    """The section of RESULTS.md."""
    rows = []
    reveals = figures["reveals"]
    for name, one in reveals.items():
        asked = _asked(name)[1]
        counted = Counter(one["came_out"])
        told = (
            ", ".join(f"{o or '-'} {n}" for o, n in counted.most_common()) if any(counted) else "-"
        )
        rows.append([name, asked.teaches or "-", told, one["elsewhere"] or "-", one["sentence"]])
    taught = [
        (one["came_out"].count(asked.teaches), len(one["came_out"]))
        for name, one in reveals.items()
        if (asked := _asked(name)[1]).teaches
    ]
    right, every = (sum(column) for column in zip(*taught, strict=True))
    head = ["step", "taught", "came out, of five seeds", "changed world", "sentence, first seed"]
    return f"""## What the lessons reveal

{__doc__.split(chr(10), 2)[2].strip()}

The answer that is taught came out in {right} of {every} rehearsals.

{table(head, rows)}

{_minutes_table(figures["minutes"])}"""


def _minutes_table(minutes: Mapping[str, Mapping[str, float]]) -> str:
    head = [
        "lesson",
        *(f"read ({name})" for name in LANGUAGES),
        "think and click",
        "wait",
        "in all",
    ]
    rows = [
        [key, *(f"{part:.1f}" for part in one.values()), f"{longest(one):.1f}"]
        for key, one in minutes.items()
    ]
    return f"Minutes of each lesson:\n\n{table(head, rows)}"


def longest(one: Mapping[str, float]) -> float:
    """Minutes of a lesson in the language that takes longer."""
    return max(one[language] for language in LANGUAGES) + one["act"] + one["wait"]
