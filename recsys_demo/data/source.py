"""What a source of logs is: a value that can stand in a link, and all that is done with it.

A new source is a subclass in a file of its own, entered in `specs.SOURCES`. It says what it is
called, which files belong to it and how they are read; what comes of that for links, allowed
folders, caches, workers on other machines, the page and the command line is said here, once.
"""

from __future__ import annotations

import hashlib
import shlex
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import (
    Annotated,
    Any,
    ClassVar,
    Literal,
    NamedTuple,
    Self,
    TypeVar,
    final,
    get_args,
    get_origin,
)

from pydantic import BaseModel, Field

from recsys_demo.data.allowed_folders import reachable
from recsys_demo.data.files import file_digest
from recsys_demo.data.interactions import Interactions, ReadReport
from recsys_demo.data.planted.sample import World
from recsys_demo.data.schema import Schema
from recsys_demo.data.splits import Split, SplitConfig
from recsys_demo.data.uploads import display_name, upload_of
from recsys_demo.errors import InputError, Problem
from recsys_demo.values import Frozen

K = TypeVar("K")
A = TypeVar("A")
B = TypeVar("B")

# What is the same for every source, and checks folders.
_FINAL = {"read", "files", "checked_paths", "fingerprint", "_checked", "at"}
FORM = 1  # counts the changes of what is made of the same files, so that old runs are not mistaken


@dataclass(frozen=True)
class _Meaning:
    """What a text of a source is: `file` for one that names files."""

    name: Literal["file", "words"]


_FILE, _WORDS = _Meaning("file"), _Meaning("words")
# A file or folder; what reads it is given its checked path.
PathText = Annotated[str, Field(min_length=1, max_length=4_096), _FILE]
# Text that never names a file.
FreeText = Annotated[str, _WORDS]
Seed = Annotated[int, Field(ge=0, lt=2**32)]


@dataclass(frozen=True, eq=False)
class WholeLog:
    """A log as it was read, negatives included.

    `parts` are its parts where its files come cut. `world` knows the truth of a sample set.
    """

    log: Interactions
    report: ReadReport
    parts: Split | None = None
    world: World | None = None


class Command(NamedTuple):
    """Words of a shell that choose a log: commands to give before, the arguments of `train`, and
    what `--set data.NAME=VALUE` has to say where it is not the default."""

    before: str
    arguments: list[str]
    settings: dict[str, Any]


class Source(Frozen, ABC):
    """A log to be read: where it lies and how it is made into rows.

    Subclasses give `kind` and `title`, fields with bounds and descriptions (the page and the
    command line offer them), and `_read`. A field that names a file is a `PathText`; `_read` and
    `_files` find checked paths in their place, whoever made the link, and there is no other way to
    them: a field that could hold a path unseen is refused when the class is made.
    """

    kind: str
    # What people call it where they choose a log.
    title: ClassVar[str]
    # Endings of files that can be uploaded in place of the (first) path.
    upload_types: ClassVar[tuple[str, ...]] = ()

    @property
    def name(self) -> str:
        """What this log is called beside others."""
        return self.title

    @property
    def is_cut(self) -> bool:
        """Whether training, validation and test rows come in files of their own."""
        return False

    @property
    def expected_bytes(self) -> int:
        """Bytes the log takes in memory, as far as its settings say; 0 where they do not."""
        return 0

    def known_schema(self) -> Schema | None:
        """What the columns mean, where that is known without reading any. Raises InputError."""
        return None

    @classmethod
    def recognizes(cls, names: Sequence[str]) -> bool:
        """Whether files of these names are what this source reads, so that it can be offered to
        people who bring them as a file of their own."""
        del names
        return False

    @abstractmethod
    def _read(self) -> WholeLog:
        """The whole log. Raises InputError."""

    def _files(self, path: Path) -> list[Path]:
        """The files that are read of a path the source names. Raises InputError."""
        return [path]

    @final
    def read(self) -> WholeLog:
        """The whole log, read anew (`sources.read_log` keeps it). Raises InputError."""
        return self._checked()._read()

    @final
    def checked_paths(self) -> dict[str, Path]:
        """Where the files and folders lie that the source names, by field. Raises InputError with
        the problems of all, before anything is looked at, where one must not be read."""
        found, problems = _each(self.paths(), reachable)
        if problems:
            raise InputError(problems)
        return found

    @final
    def files(self) -> dict[str, list[Path]]:
        """The files that are read, by the field that names them. Raises InputError with the
        problems of all."""
        paths = self.checked_paths()
        if not paths:  # what is asked of a log hundreds of times a click
            return {}
        found, problems = _each(paths, self._checked()._files)
        if problems:
            raise InputError(problems)
        return found

    @final
    def fingerprint(self, split: SplitConfig | None = None) -> str:
        """32 hexadecimal digits that stand for the rows and how they are cut (None: not at all),
        wherever the files lie. Raises InputError."""
        cut = "whole" if split is None else split.model_dump_json()
        settings = self.model_dump_json(exclude=set(path_fields(type(self))))
        text = f"{FORM}|{settings}|{'files' if self.is_cut else cut}"
        digest = hashlib.blake2b(text.encode())
        files = [file for files in self.files().values() for file in files]
        found, problems = _each(dict(enumerate(files)), file_digest)
        if problems:
            raise InputError(problems)
        for mark in found.values():
            digest.update(mark.encode())
        return digest.hexdigest()[:32]

    @final
    def content(self, split: SplitConfig) -> dict[str, str]:
        """What a job about this log must say beside the source, to be another job once the files
        are others: the fingerprint, or nothing where no place is named. Raises InputError."""
        texts = self.paths().values()
        return {} if all(map(upload_of, texts)) else {"content": self.fingerprint(split)}

    @final
    def paths(self) -> dict[str, str]:
        """What the source says of files, by field: paths, or names of uploads."""
        given = {name: getattr(self, name) for name in path_fields(type(self))}
        return {name: text for name, text in given.items() if text is not None}

    @final
    def at(self, paths: Mapping[str, str]) -> Self:
        """The same log with its files in other places."""
        return self.model_copy(update=paths)

    @final
    def without_uploads(self) -> Self:
        """The source as somebody else would write it: an upload is a file of its name."""
        texts = {n: display_name(text) for n, text in self.paths().items() if upload_of(text)}
        return self.at(texts)

    def command(self) -> Command:
        """How the command line is told of this log."""
        first = next(iter(path_fields(type(self))), None)
        data = [] if first is None else [f"--data {shlex.quote(getattr(self, first))}"]
        settings = self.model_dump(mode="json", exclude={"kind", first or ""})
        return Command("", [f"--source {self.kind}", *data], settings)

    def _checked(self) -> Self:
        """The source with checked paths. Raises InputError with the problems of all."""
        return self.at({field: str(path) for field, path in self.checked_paths().items()})

    @classmethod
    def __pydantic_init_subclass__(cls, **more: Any) -> None:
        super().__pydantic_init_subclass__(**more)
        for name in _FINAL & vars(cls).keys():
            raise TypeError(f"{cls.__name__}.{name}: sources say their own in _read and _files")
        for name, field in cls.model_fields.items():
            if name != "kind" and _could_be_a_path(field.annotation, field.metadata):
                raise TypeError(
                    f"{cls.__name__}.{name}: a text of a source is PathText (a file, checked "
                    "before it is read) or FreeText (never a file)"
                )


def _each(given: Mapping[K, A], found: Callable[[A], B]) -> tuple[dict[K, B], tuple[Problem, ...]]:
    """What is found for each, and the problems of those where it cannot be."""
    results: dict[K, B] = {}
    problems: dict[Problem, None] = {}
    for key, value in given.items():
        try:
            results[key] = found(value)
        except InputError as error:
            problems |= dict.fromkeys(error.problems)
    return results, tuple(problems)


@cache
def path_fields(kind: type[Source]) -> tuple[str, ...]:
    """The fields of a source that name files. A page asks thousands of times."""
    fields = kind.model_fields.items()
    return tuple(name for name, field in fields if _marked(field.annotation, field.metadata, _FILE))


def _marked(annotation: Any, marks: Sequence[Any], mark: _Meaning) -> bool:
    return mark in marks or any(_marked(a, m, mark) for a, m in _inside(annotation))


def _could_be_a_path(annotation: Any, marks: Sequence[Any]) -> bool:
    if _FILE in marks or _WORDS in marks or get_origin(annotation) is Literal:
        return False
    inside = list(_inside(annotation))
    if inside:
        return any(_could_be_a_path(kind, more) for kind, more in inside)
    if isinstance(annotation, type) and issubclass(annotation, (int, float, bool, type(None))):
        return False
    return not (isinstance(annotation, type) and issubclass(annotation, BaseModel))


def _inside(annotation: Any) -> Iterator[tuple[Any, Sequence[Any]]]:
    """The types a type is made of, and what is noted on each."""
    if get_origin(annotation) is Annotated:
        yield annotation.__origin__, annotation.__metadata__
    elif get_origin(annotation) is not Literal:
        for part in get_args(annotation):
            yield part, ()
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            for field in annotation.model_fields.values():
                yield field.annotation, field.metadata
