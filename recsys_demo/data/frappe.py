"""The Frappe log of app usage (Baltrunas et al. 2015, arXiv 1505.03014), in both its forms."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field as Setting

from recsys_demo.data.allowed_folders import place
from recsys_demo.data.files import is_file
from recsys_demo.data.interactions import Interactions, ReadReport, build_interactions
from recsys_demo.data.negatives import with_negatives
from recsys_demo.data.reading import RawTable, read_table
from recsys_demo.data.schema import Field, Schema
from recsys_demo.data.source import PathText, Seed, Source, WholeLog
from recsys_demo.errors import InputError
from recsys_demo.limits import Limits

LOG = "frappe.csv"
ITEM_FILES = ("apps.csv", "meta.csv")
# `cost` stands in the original download only; `cnt`, how often an app was used, says what happened.
CONTEXTS = (
    "daytime",
    "weekday",
    "isweekend",
    "homework",
    "cost",
    "weather",
    "country",
    "city",
)
NEGATIVES = 2
ATTRIBUTES = ("category", "downloads", "developer", "language", "price", "rating", "name")
DESCRIPTION_CHARACTERS = 1_000_000  # of the original's descriptions, which are not kept


class FrappeSpec(Source):
    """The Frappe log in a folder of this machine, with sampled negatives."""

    kind: Literal["frappe"] = "frappe"
    title: ClassVar[str] = "Frappe"
    folder: PathText = Setting(
        description="Folder with frappe.csv on the machine that runs the lab"
    )
    negatives: int = Setting(NEGATIVES, ge=1, le=20, description="Sampled rows per used row")
    negatives_seed: Seed = Setting(0, description="Seed of the sampled rows")

    def _files(self, path: Path) -> list[Path]:
        return frappe_files(path)

    def _read(self) -> WholeLog:
        log, report = read_frappe(Path(self.folder), self.negatives)
        return WholeLog(with_negatives(log, self.negatives_seed), report)


def frappe_files(folder: Path) -> list[Path]:
    """The files of a Frappe folder that are read. Raises InputError if the log is not there."""
    if not is_file(folder / LOG):
        raise InputError.of(
            what="this is not a folder with the Frappe log",
            where=place(folder),
            got=f"no file {LOG}",
            expected=f"{LOG}, and apps.csv or meta.csv beside it",
            remedy="Give the folder into which you unpacked the Frappe download.",
        )
    described = [folder / name for name in ITEM_FILES if is_file(folder / name)]
    return [folder / LOG, *described[:1]]


def read_frappe(
    folder: Path, negatives: int = NEGATIVES, limits: Limits | None = None
) -> tuple[Interactions, ReadReport]:
    """The positives of the log by the published schema: user, item and the contexts.

    What is known of the apps stays in the catalogue and is no field. Raises InputError.
    """
    files = frappe_files(folder)
    log = read_table(files[0], limits)
    items = _apps(files[1], limits) if files[1:] else None
    return build_interactions(log, _schema(log, items, negatives), items)


def _apps(path: Path, limits: Limits | None) -> RawTable:
    limits = limits or Limits.from_environment()
    raw = read_table(path, limits.model_copy(update={"cell_characters": DESCRIPTION_CHARACTERS}))
    known = [name for name in ("item", *ATTRIBUTES) if name in raw.frame.columns]
    return RawTable(raw.frame[known], raw.name, first_line=raw.first_line)


def _schema(log: RawTable, items: RawTable | None, negatives: int) -> Schema:
    contexts = [name for name in CONTEXTS if name in log.frame.columns or name != "cost"]
    fields = {"user": Field(side="user"), "item": Field(side="item")}
    return Schema(
        negatives_per_positive=negatives,
        user="user",
        item="item",
        item_name="name" if items is not None and "name" in items.frame.columns else None,
        fields=fields | {name: Field() for name in contexts},
    )
