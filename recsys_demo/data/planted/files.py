"""The sample set as files anyone can read: the log, the catalogue, the schema, the dials."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from recsys_demo.data.interactions import Interactions, build_interactions
from recsys_demo.data.planted.readme import readme
from recsys_demo.data.planted.sample import SCHEMA, World, make_world
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.reading import read_table
from recsys_demo.data.schema import Schema
from recsys_demo.errors import InputError
from recsys_demo.folders import SAMPLE_SET
from recsys_demo.values import validated

LOG, ITEMS, SCHEMA_FILE, DIALS = "impressions.parquet", "apps.csv", "schema.toml", "world.json"
README = "README.md"
SAMPLE_FILES = (LOG, ITEMS, SCHEMA_FILE, DIALS, README)


def write_sample(folder: Path, config: WorldConfig | None = None) -> World:
    """Write the log of a world and all that goes with it. Raises InputError if it cannot."""
    world = make_world(config)
    table = world.interactions()
    frame = table.frame.assign(
        label=table.labels,
        exception=table.frame["exception"].astype("int8"),
        held_out=table.frame["held_out"].astype("int8"),
    )
    order = ["user", *SCHEMA.fields, "label", "split", "probability", "exception", "held_out"]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        content = pa.Table.from_pandas(frame[order], preserve_index=False)
        pq.write_table(content.replace_schema_metadata(None), folder / LOG, compression="zstd")
        world.items.astype({"app_installs": "int64"}).to_csv(
            folder / ITEMS, lineterminator="\n", encoding="utf-8"
        )
        dials = json.dumps(world.config.model_dump(), indent=2) + "\n"
        for name, text in (
            (SCHEMA_FILE, SCHEMA.to_toml()),
            (DIALS, dials),
            (README, readme(world)),
        ):
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise InputError.of(
            what="the sample set cannot be written",
            where=str(folder),
            got=error.strerror or str(error),
            expected="a folder that can be written to",
            remedy="Choose another folder.",
        ) from None
    return world


def read_sample(folder: Path = SAMPLE_SET) -> tuple[Interactions, World]:
    """A written sample set and the world that knows its truth.

    Raises InputError with every problem of the first file that has one.
    """
    world = make_world(read_dials(folder / DIALS))
    schema = Schema.from_toml(folder / SCHEMA_FILE)
    log = read_table(folder / LOG)
    in_catalogue = [name for name in schema.of_side("item") if name != schema.item]
    fields_of_log = [name for name in log.frame if name not in in_catalogue]
    log = replace(log, frame=log.frame[fields_of_log])
    interactions, _ = build_interactions(log, schema, read_table(folder / ITEMS))
    return interactions, world


def read_dials(path: Path) -> WorldConfig:
    """The configuration a sample set was generated with."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError.of(
            what="the settings of the sample set cannot be read",
            where=str(path),
            got=str(error)[:200],
            expected="the world.json that was written with the sample set",
            remedy="Write the sample set again.",
        ) from None
    return validated(WorldConfig, content, str(path))
