"""How much the lab takes in before it says no; each limit can be set in the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from recsys_demo.errors import InputError, Problem

PREFIX = "RECSYS_DEMO_"
# What pages may take of a server that others share; who has a machine alone has the defaults.
SHARED: Mapping[str, int] = MappingProxyType(
    {
        "page_bytes": 70_000_000,
        "kept_bytes": 280_000_000,
        "page_work_bytes": 1_500_000_000,
        "page_seconds": 120,
    }
)


class Limits(BaseModel):
    """Bounds that are checked before memory is spent. `RECSYS_DEMO_ROWS=100000` sets `rows`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file_bytes: int = Field(1_000_000_000, ge=1_000, description="size of a file read from disk")
    upload_bytes: int = Field(200_000_000, ge=1_000, description="size of an upload in the browser")
    browser_upload_bytes: int = Field(
        250_000_000, ge=1_000, description="uploads that one browser's open tabs keep in memory"
    )
    unpacked_bytes: int = Field(2_000_000_000, ge=1_000, description="size of an unpacked archive")
    page_bytes: int = Field(
        2_000_000_000, ge=1_000_000, description="one log, or other data, that a page shows"
    )
    kept_bytes: int = Field(
        6_000_000_000, ge=1_000_000, description="all data together that pages keep in memory"
    )
    page_work_bytes: int = Field(
        8_000_000_000, ge=10_000_000, description="memory that preparing data for a page may take"
    )
    page_seconds: int = Field(
        600, ge=1, le=86_400, description="time that preparing data for a page may take"
    )
    rows: int = Field(10_000_000, ge=10, description="rows of a file")
    columns: int = Field(500, ge=2, description="columns of a file")
    cell_characters: int = Field(2_000, ge=10, description="characters of one cell")
    cardinality: int = Field(5_000_000, ge=10, description="distinct values of one field")
    multi_values: int = Field(1_000, ge=1, description="values of one multi-valued cell")
    crosses: int = Field(32, ge=1, description="crosses of one model")
    cross_order: int = Field(5, ge=2, description="parts of one cross")
    cross_combinations_per_row: int = Field(
        512, ge=1, description="combinations one cross may have in one row"
    )
    cross_combinations: int = Field(
        20_000_000, ge=1_000, description="combinations of one cross in all rows that a page counts"
    )
    parameters: int = Field(200_000_000, ge=1_000, description="parameters of one model")
    run_bytes: int = Field(2_000_000_000, ge=10_000, description="size of one run folder")

    @classmethod
    def from_environment(cls) -> Limits:
        """The defaults, overridden by `RECSYS_DEMO_<NAME>` where that is set."""
        given = {
            name: os.environ[PREFIX + name.upper()]
            for name in cls.model_fields
            if PREFIX + name.upper() in os.environ
        }
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            raise InputError(
                Problem(
                    what=f"not a usable limit: {detail['msg']}",
                    where=f"environment variable {PREFIX}{str(detail['loc'][0]).upper()}",
                    got=repr(detail["input"]),
                    expected="a whole number within the bounds of this limit",
                    remedy="Correct or unset the variable.",
                )
                for detail in error.errors()
            ) from None


def too_large(name: str, what: str, size: int, limit: int) -> Problem:
    """A file, archive or table above its limit in bytes."""
    return Problem(
        what=f"the {what} is larger than this lab allows",
        where=name,
        got=f"{size:,} bytes",
        expected=f"at most {limit:,} bytes",
        remedy="Take a sample of the rows, or raise the limit (docs/settings.md).",
    )


def too_many_rows(name: str, rows: int, limit: int) -> Problem:
    """A table above the limit of rows."""
    return Problem(
        what="the table has more rows than this lab allows",
        where=name,
        got=f"{rows:,} rows",
        expected=f"at most {limit:,}",
        remedy="Take a sample of the rows, or raise the limit (docs/settings.md).",
    )


def too_many_columns(name: str, columns: int, limit: int) -> Problem:
    """A table above the limit of columns."""
    return Problem(
        what="the table has more columns than this lab allows",
        where=name,
        got=f"{columns:,} columns",
        expected=f"at most {limit:,}",
        remedy="Keep the columns you want to use as fields.",
    )


def share_pages() -> None:
    """From now on pages take no more than `SHARED`, so that no visitor's link takes the server
    from the others; what the environment says stays."""
    for name, limit in SHARED.items():
        os.environ.setdefault(PREFIX + name.upper(), str(limit))
