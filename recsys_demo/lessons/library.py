"""Lessons by their key: the lab's own, and files that were given to this server.

A given file is kept among the uploads under the hash of its content, which is also its key: a link
to it holds no path, and says the same on every server that was given the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from recsys_demo.data.uploads import Upload, upload_path
from recsys_demo.errors import InputError
from recsys_demo.lessons.files import LESSONS, LessonFile, built_in, needed_texts, read
from recsys_demo.lessons.messages import CONTENT, Language

FILE = "lesson.toml"  # how every given lesson is called among the uploads
_GIVEN = re.compile(r"own_([0-9a-f]{24})")


def given_key(upload: Upload) -> str:
    """The key of the lesson in an uploaded file."""
    return f"own_{upload.digest}"


def is_given(key: str) -> bool:
    """Whether this is the key of a file that somebody gave, here or elsewhere."""
    return _GIVEN.fullmatch(key) is not None


def lesson_of(key: str) -> LessonFile | None:
    """The lesson of this key; None if the lab has none, or was not given its file."""
    if key in LESSONS:
        return built_in(key)
    if (match := _GIVEN.fullmatch(key)) is None:
        return None
    path = upload_path(Upload(match[1], FILE))
    try:
        return None if path is None else _read(path, key)
    except InputError:  # written for another version of the lab
        return None


@lru_cache(64)
def _read(path: Path, key: str) -> LessonFile:
    return read(path).called(key)


def as_file(key: str, language: Language) -> str:
    """One of the lab's lessons as a file with its texts, to be changed."""
    file = built_in(key)
    texts = file.texts(language)
    names = dict.fromkeys(name for s in file.lesson.steps for name in needed_texts(file.lesson, s))
    tables: dict[str, dict[str, str]] = {}
    for name in names:
        table, _, last = name.removeprefix(f"{key}.").rpartition(".")
        tables.setdefault(table, {})[last] = texts.text(name)
    steps = (CONTENT / f"{key}.toml").read_text(encoding="utf-8")
    return "\n".join([steps, *(_table(table, inside) for table, inside in sorted(tables.items()))])


def _table(name: str, texts: Mapping[str, str]) -> str:
    head = f"[texts.{name}]" if name else "[texts]"
    lines = (f"{key} = {json.dumps(text, ensure_ascii=False)}" for key, text in texts.items())
    return "\n".join([head, *lines, ""])
