"""Sources of logs for tests: what every kind of the registry can name, and a toy of one's own."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field, ValidationError

from recsys_demo.data import schema
from recsys_demo.data.interactions import build_interactions
from recsys_demo.data.reading import read_table
from recsys_demo.data.source import FreeText, PathText, Source, WholeLog, path_fields


def sources_at(kind: type[Source], path: str) -> list[Source]:
    """Every source of a kind that names this path, in each set of fields that may name one."""
    fields = path_fields(kind)
    words = {n: "" for n, f in kind.model_fields.items() if f.is_required() and n not in fields}
    found = []
    for count in range(1, len(fields) + 1):
        for chosen in combinations(fields, count):
            try:
                found.append(kind.model_validate({**words, **dict.fromkeys(chosen, path)}))
            except ValidationError:
                continue
    return found


class TillSpec(Source):
    """A bakery's till: one folder with till.csv, one line per loaf offered."""

    kind: Literal["till"] = "till"
    title: ClassVar[str] = "Bakery till"
    upload_types: ClassVar[tuple[str, ...]] = ("csv",)
    folder: PathText = Field(description="folder with till.csv")
    most: int = Field(1_000, ge=10, le=100_000, description="loaves read")
    note: FreeText = Field("", max_length=100, description="what to remember")

    @classmethod
    def recognizes(cls, names: list[str]) -> bool:
        return "till.csv" in names

    def _files(self, path: Path) -> list[Path]:
        return [path if path.is_file() else path / "till.csv"]

    def _read(self) -> WholeLog:
        [file] = self._files(Path(self.folder))
        fields = {"who": schema.Field(side="user"), "loaf": schema.Field(side="item")}
        meaning = schema.Schema(label="sold", user="who", item="loaf", fields=fields)
        log, report = build_interactions(read_table(file), meaning)
        return WholeLog(log.take(log.rows < self.most), report)


def till_content(rows: int = 90) -> bytes:
    """A file such a till writes."""
    lines = [f"person {i % 7},loaf {i % 5},{int((i % 7 + i % 5) % 3 == 0)}" for i in range(rows)]
    return "\n".join(["who,loaf,sold", *lines, ""]).encode()
