"""What pydantic finds, in the lab's words."""

from __future__ import annotations

import json

import pytest

from recsys_demo.cli.settings import with_settings
from recsys_demo.config.presets import PRESETS
from recsys_demo.config.run import RunConfig
from recsys_demo.data.specs import SampleSpec
from recsys_demo.errors import InputError

DEEP = RunConfig(data=SampleSpec(), model=PRESETS["deep"].model)


@pytest.mark.parametrize(
    ("setting", "where", "expected"),
    [
        ("deep.dropout=7", "deep.dropout", "less than 1.0"),
        ("deep.hidden=x", "deep.hidden.0", "the value described above"),
        ("training.epochs=0", "training.epochs", "at least 1"),
        ('data.world={"apps": 1}', "data.world.apps", "at least 10"),
    ],
)
def test_a_wrong_setting_is_told_once_and_where_it_stands(
    setting: str, where: str, expected: str
) -> None:
    with pytest.raises(InputError) as caught:
        with_settings(DEEP, [setting])
    (problem,) = caught.value.problems
    assert problem.where.endswith(where)
    assert problem.expected == expected


def test_one_value_of_a_list_need_not_be_a_list() -> None:
    hidden = {"kind": "deep", "hidden": [16]}
    changed = with_settings(DEEP, ["deep.hidden=16"]).model_dump(mode="json")
    assert hidden.items() <= changed["model"]["components"][0].items(), json.dumps(changed)
