"""The sample set as a source: a planted world, drawn from its dials."""

from __future__ import annotations

from typing import ClassVar, Literal

from recsys_demo.data.interactions import ReadReport
from recsys_demo.data.planted.files import read_sample
from recsys_demo.data.planted.sample import SCHEMA, WorldConfig, make_world
from recsys_demo.data.schema import Schema
from recsys_demo.data.source import Source, WholeLog
from recsys_demo.folders import SAMPLE_SET

# Of a row and of a person: in the parts, in the world, and again in what rooms work out of them.
# Measured from 200,000 rows to 3,000,000.
ROW_BYTES, USER_BYTES = 250, 1_200


class SampleSpec(Source):
    """The planted world of a configuration; the shipped files hold that of the defaults."""

    kind: Literal["sample"] = "sample"
    title: ClassVar[str] = "Sample set (planted)"
    world: WorldConfig = WorldConfig()

    @property
    def expected_bytes(self) -> int:
        return self.world.impressions * ROW_BYTES + self.world.users * USER_BYTES

    def known_schema(self) -> Schema:
        return SCHEMA

    def _read(self) -> WholeLog:
        # The shipped files and a world drawn anew hold the same values: a test says so.
        if self.world == WorldConfig() and SAMPLE_SET.is_dir():
            log, world = read_sample(SAMPLE_SET)
        else:
            world = make_world(self.world)
            log = world.interactions()
        return WholeLog(log, ReadReport(len(log), len(log), ()), world=world)
