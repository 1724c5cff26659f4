"""What every reveal of the lessons says, over five seeds and in a changed world.

The shipped sample set and defaults, each lesson rehearsed from five seeds on (a step that asks for
several seeds takes as many from there). A question has an answer that the lesson teaches, or leaves
it open; counted is how often that answer came out. The changed world is the sample set without
exceptions, with nearly no taste and with apps spread around it: there a reveal has to say what came
out instead.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.tables import table
from recsys_demo.config.model import TrainingConfig
from recsys_demo.data.specs import SampleSpec
from recsys_demo.lessons.files import LESSONS, built_in
from recsys_demo.lessons.format import Lesson, Step
from recsys_demo.lessons.messages import messages
from recsys_demo.lessons.rehearsal import Rehearsal
from recsys_demo.lessons.reveals.outcomes import Outcome

SEEDS = 5
FOLDER = Path(tempfile.gettempdir()) / "recsys-lesson-runs"  # kept: a stopped run goes on
OTHER_WORLD = {"exceptions": 0, "affinity": 0.2}


def measure() -> dict[str, Any]:
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


def _asked(name: str) -> tuple[Lesson, Step]:
    """The lesson, and the step whose question this one reveals."""
    lesson = built_in(name.partition(".")[0]).lesson
    step = lesson.step(name.partition(".")[2])
    return lesson, lesson.step(step.of or step.key)


def render(figures: dict[str, Any]) -> str:
    """The section of RESULTS.md."""
    rows = []
    for name, one in figures.items():
        asked = _asked(name)[1]
        counted = Counter(one["came_out"])
        told = (
            ", ".join(f"{o or '-'} {n}" for o, n in counted.most_common()) if any(counted) else "-"
        )
        rows.append([name, asked.teaches or "-", told, one["elsewhere"] or "-", one["sentence"]])
    taught = [
        (one["came_out"].count(asked.teaches), len(one["came_out"]))
        for name, one in figures.items()
        if (asked := _asked(name)[1]).teaches
    ]
    right, every = (sum(column) for column in zip(*taught, strict=True))
    head = ["step", "taught", "came out, of five seeds", "changed world", "sentence, first seed"]
    return f"""## What the lessons reveal

{__doc__.split(chr(10), 2)[2].strip()}

The answer that is taught came out in {right} of {every} rehearsals.

{table(head, rows)}"""
