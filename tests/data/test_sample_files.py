"""The sample set as files, and that a seed gives every value again."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recsys_demo.data.interactions import Interactions
from recsys_demo.data.planted.files import read_sample, write_sample
from recsys_demo.data.planted.readme import readme
from recsys_demo.data.planted.sample import World, WorldConfig, make_world
from recsys_demo.errors import InputError
from recsys_demo.folders import SAMPLE_SET

SMALL = WorldConfig(users=200, apps=60, impressions=8_000, exceptions=80, seed=3)


@pytest.fixture(scope="module")
def small() -> World:
    return make_world(SMALL)


def same_values(left: Interactions, right: Interactions) -> None:
    assert set(left.frame) == set(right.frame)
    for name in left.frame:
        if isinstance(left.frame[name].dtype, pd.CategoricalDtype):
            np.testing.assert_array_equal(
                left.frame[name].astype("str"), right.frame[name].astype("str"), name
            )
        else:
            np.testing.assert_array_equal(left.frame[name], right.frame[name], name)
    np.testing.assert_array_equal(left.labels, right.labels)
    pd.testing.assert_frame_equal(
        left.items.astype({"category": "str", "price": "str"}),
        right.items.astype({"category": "str", "price": "str"}),
        check_index_type=False,
    )


def test_the_shipped_files_are_reproduced_value_for_value() -> None:
    world = make_world()
    shipped, shipped_world = read_sample(SAMPLE_SET)
    assert shipped_world.config == WorldConfig()
    assert shipped.schema == world.schema
    same_values(shipped, world.interactions())
    assert (SAMPLE_SET / "README.md").read_text(encoding="utf-8") == readme(world)


def test_the_shipped_files_are_small() -> None:
    assert sum(file.stat().st_size for file in SAMPLE_SET.iterdir()) < 4_000_000


def test_written_and_read_again(tmp_path: Path, small: World) -> None:
    write_sample(tmp_path / "new" / "folder", SMALL)
    again, world = read_sample(tmp_path / "new" / "folder")
    assert world.config == SMALL
    same_values(again, small.interactions())


def test_files_that_cannot_be_used_are_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write_sample(tmp_path / "file" / "below", SMALL)
    with pytest.raises(InputError, match="settings of the sample set"):
        read_sample(tmp_path)
    (tmp_path / "world.json").write_text('{"users": 1, "seed": "x", "other": 1}')
    with pytest.raises(InputError) as caught:
        read_sample(tmp_path)
    assert len(caught.value.problems) == 3


PROGRAM = """
import hashlib, sys
import pandas as pd
from recsys_demo.data.planted.sample import WorldConfig, make_world
world = make_world(WorldConfig.model_validate_json(sys.argv[1]))
frame = world.interactions().frame.astype("str").assign(label=world.log.label)
print(hashlib.sha256(frame.to_csv().encode()).hexdigest())
assert not {"torch", "streamlit", "plotly"} & set(sys.modules)
"""


def digest(world: World) -> str:
    frame = world.interactions().frame.astype("str").assign(label=world.log.label)
    return hashlib.sha256(frame.to_csv().encode()).hexdigest()


@pytest.mark.parametrize("threads", ["1", "3"])
def test_a_fresh_process_with_other_threads_draws_the_same(threads: str, small: World) -> None:
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    environment = os.environ | dict.fromkeys(names, threads) | {"PYTHONHASHSEED": threads}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, SMALL.model_dump_json()],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout.strip() == digest(small)


def test_another_seed_is_another_world(small: World) -> None:
    assert digest(make_world(SMALL.model_copy(update={"seed": 4}))) != digest(small)
