"""Where a log comes from, as a value that can stand in a link."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from recsys_demo.data.frappe import NEGATIVES
from recsys_demo.data.interactions import BadRows
from recsys_demo.data.movielens import THRESHOLD
from recsys_demo.data.planted.sample import WorldConfig
from recsys_demo.values import Frozen

PARTS = ("train", "valid", "test")
Seed = Annotated[int, Field(ge=0, lt=2**32)]
PathText = Annotated[str, Field(min_length=1, max_length=4_096)]


class SampleSpec(Frozen):
    """The planted world of a configuration; the shipped files hold that of the defaults."""

    kind: Literal["sample"] = "sample"
    world: WorldConfig = WorldConfig()


class FrappeSpec(Frozen):
    """The Frappe log in a folder of this machine, with sampled negatives."""

    kind: Literal["frappe"] = "frappe"
    folder: PathText = Field(description="folder with frappe.csv")
    negatives: int = Field(NEGATIVES, ge=1, le=20, description="sampled negatives per row")
    negatives_seed: Seed = Field(0, description="decides which negatives are drawn")


class MovieLensSpec(Frozen):
    """MovieLens as it is downloaded, ratings made labels."""

    kind: Literal["movielens"] = "movielens"
    path: PathText = Field(description="folder or zip of ml-latest-small")
    threshold: float = Field(
        THRESHOLD, gt=0.5, le=5.0, description="the lowest rating that counts as taken"
    )


class FileSpec(Frozen):
    """A person's own file or zip, or one file per part, and the schema that explains it."""

    kind: Literal["file"] = "file"
    data: PathText | None = Field(None, description="CSV, TSV, Parquet or zip, to be split here")
    train: PathText | None = Field(None, description="rows to train on")
    valid: PathText | None = Field(None, description="rows to stop early by")
    test: PathText | None = Field(None, description="rows to measure on")
    items: PathText | None = Field(None, description="file with one row per item")
    schema_toml: str = Field(max_length=100_000, description="the schema as TOML")
    bad_rows: BadRows = Field("refuse", description="what to do about rows that cannot be used")
    negatives_seed: Seed = Field(0, description="decides which negatives are drawn")

    @model_validator(mode="after")
    def _one_file_or_three(self) -> Self:
        given = [name for name in PARTS if getattr(self, name) is not None]
        if (self.data is None) == (not given) or (given and len(given) < 3):
            raise ValueError("give either data, or all of train, valid and test")
        return self


DataSpec = Annotated[
    SampleSpec | FrappeSpec | MovieLensSpec | FileSpec, Field(discriminator="kind")
]
