"""Links and runs made with version 0.1 before its modules moved still open and say the same.

`links.json` holds links and the choices they stood for, `run` a saved run, `list.json` what it
recommended to "user 01" at night.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recsys_demo.cli import main
from recsys_demo.training.runs import load_run
from recsys_demo.ui.state import State, decode, encode

HERE = Path(__file__).parent
LINKS = json.loads((HERE / "links.json").read_text(encoding="utf-8"))

THE_SAMPLE_SET_OF_THEN = LINKS["seed and models"]["state"]["data"]


@pytest.mark.parametrize("name", LINKS)
def test_a_link_of_before_still_says_what_it_said(name: str) -> None:
    state, message = decode(LINKS[name]["parameters"])
    assert message is None
    said = dict(LINKS[name]["state"])
    if said["data"] == THE_SAMPLE_SET_OF_THEN:
        del said["data"]  # the link names no log: it means the sample set there is
    assert state == State.model_validate(said)
    assert decode(encode(state)) == (state, None)


def test_the_choices_of_a_link_of_before_are_those_of_its_page() -> None:
    state, _ = decode(LINKS["crosses"]["parameters"])
    assert [cross.text for cross in state.crosses or () if cross.on] == [
        "installed x app",
        "country x age & app=Rover Lane",
    ]
    state, _ = decode(LINKS["another world"]["parameters"])
    assert (state.data.kind, state.training.epochs) == ("sample", 4)
    assert (state.data.world.apps, state.data.world.version) == (400, 1)
    state, _ = decode(LINKS["person"]["parameters"])
    assert dict(state.query.values) == {"hour": "night", "installed": "Penguin Post|First Flight"}


def test_a_run_of_before_scores_as_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    kept = pd.read_parquet(HERE / "run" / "predictions.parquet")
    run = load_run(HERE / "run")
    np.testing.assert_array_equal(run.predictions["probability"], kept["probability"])
    query = '{"user": "user 01", "hour": "night"}'
    assert main(["recommend", str(HERE / "run"), "--query", query, "-k", "5", "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])["items"]
    expected = json.loads((HERE / "list.json").read_text(encoding="utf-8"))
    assert [item["item"] for item in found] == [item for item, _ in expected]
    np.testing.assert_allclose(
        [item["logit"] for item in found], [x for _, x in expected], atol=1e-6
    )
