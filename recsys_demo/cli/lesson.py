"""`lesson check FILE`: is this a lesson? `lesson pack A --out DIR`: what a teacher prints of it."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from recsys_demo.cli.outputs import check_outputs
from recsys_demo.config.model import TrainingConfig
from recsys_demo.data.specs import SampleSpec
from recsys_demo.lessons.files import LESSONS, LessonFile, built_in, read
from recsys_demo.lessons.messages import DEFAULT, LANGUAGES
from recsys_demo.lessons.pack import Pack
from recsys_demo.lessons.rehearsal import Rehearsal

SAMPLE, TRAINING = SampleSpec(), TrainingConfig()

FORMAT = """
A lesson is a TOML file: key, minutes, one [[steps]] table for each step (key, kind, room, and what
it asks, withholds, reveals, sets up and waits for), and its texts in [texts] and [texts.STEP]. A
file with base = "a" is one of the lab's lessons with changes. docs/lessons.md describes every key,
with examples; the lab's own lessons stand in recsys_demo/lessons/content/.
"""


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of this command."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = FORMAT
    what = parser.add_subparsers(dest="what", required=True)
    checked = what.add_parser(
        "check",
        help="say what is wrong with a lesson file, all at once",
        epilog=FORMAT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    checked.add_argument("file", metavar="FILE", help="a lesson file, or a, b, c, d")
    checked.add_argument("--json", action="store_true", help="one JSON object on the last line")
    checked.set_defaults(run=check)
    packed = what.add_parser("pack", help="plan, worksheet and key, printable, with fresh numbers")
    packed.add_argument("file", metavar="LESSON", help="a, b, c, d, or a lesson file")
    packed.add_argument("--out", type=Path, required=True, help="a new or empty folder")
    packed.add_argument("--language", choices=LANGUAGES, default=DEFAULT)
    packed.add_argument("--json", action="store_true", help="one JSON object on the last line")
    packed.set_defaults(run=pack)


def lesson_named(text: str) -> LessonFile:
    """A built-in lesson by its key, else the file of this path. Raises InputError."""
    return built_in(text.lower()) if text.lower() in LESSONS else read(Path(text))


def check(arguments: argparse.Namespace) -> dict[str, Any]:
    """Print that the file is a lesson; the value is what `--json` prints. Raises InputError."""
    file = lesson_named(arguments.file)
    lesson = file.lesson
    asked = len(lesson.questions)
    sys.stdout.write(
        f"{arguments.file}: a lesson of {len(lesson.steps)} steps that asks {asked} questions.\n"
    )
    return {"lesson": lesson.key, "steps": [step.key for step in lesson.steps], "questions": asked}


def pack(arguments: argparse.Namespace) -> dict[str, Any]:
    """Train what the lesson needs on the sample set, and write its pages. Raises InputError."""
    file = lesson_named(arguments.file)
    check_outputs(arguments.out, None, {})
    with tempfile.TemporaryDirectory() as folder:
        rehearsal = Rehearsal(Path(folder), SAMPLE, TRAINING, _tell)
        outcomes = rehearsal.outcomes(file.lesson)
    arguments.out.mkdir(parents=True, exist_ok=True)
    pages = Pack(file, outcomes, arguments.language).pages()
    for name, text in pages.items():
        (arguments.out / name).write_text(text, encoding="utf-8")
    sys.stdout.write(f"{arguments.out}: {', '.join(pages)}\n")
    return {"lesson": file.lesson.key, "out": str(arguments.out), "files": list(pages)}


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
