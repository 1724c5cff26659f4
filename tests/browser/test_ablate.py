"""The Ablate room in a real browser: one click to a sentence, a restart in between, the dials."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from recsys_demo.config.model import TrainingConfig
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.specs import SampleSpec
from recsys_demo.ui.state import State, encode
from tests.browser.conftest import OpenTab
from tests.making.apptesting import with_ablation
from tests.making.driving import PHONE, new_tab
from tests.making.servers import start_server, stop_server

pytestmark = pytest.mark.browser
WORLD = WorldConfig(users=200, apps=60, impressions=4_000, exceptions=60)
SMALL = State(data=SampleSpec(world=WORLD), training=TrainingConfig(epochs=2, batch_size=256))
ANSWER = re.compile("Crosses are worth .* 3 seeds")


def test_an_answer_outlives_the_server_that_found_it(tmp_path: Path, browser: Browser) -> None:
    link = encode(with_ablation(SMALL, seeds=3))
    first = start_server(tmp_path)
    try:
        tab = new_tab(browser, first.address)
        tab.open("ablate", **link)
        tab.press("Train and see")
        tab.sees(ANSWER)
        tab.sees("2 models, 3 seeds: 6 runs, all done.")
        said = tab.page.get_by_text(ANSWER).inner_text()
        tab.tests_out_well()
    finally:
        stop_server(first)
    second = start_server(tmp_path)
    try:
        tab = new_tab(browser, second.address)
        tab.open("ablate", **link)
        tab.sees(ANSWER)
        assert tab.page.get_by_text(ANSWER).inner_text() == said
        tab.sees(re.compile("0 of|workers free"))
        tab.tests_out_well()
    finally:
        stop_server(second)


def test_a_part_switched_off_moves_slices_and_list(open_tab: OpenTab) -> None:
    tab = open_tab(PHONE, "dark")
    tab.open("ablate", **encode(with_ablation(SMALL, experiment="off")))
    tab.press("Train Wide & Deep")
    tab.sees("Each part switched off alone")
    # The room opens on what the crosses were good for.
    tab.sees(re.compile("^Without crosses, "))
    tab.press("Reset the dials")
    assert tab.button("Reset the dials").is_disabled()
    tab.press("Off: crosses")
    tab.sees("of the first 10 left the list")
    assert not tab.button("Reset the dials").is_disabled()
    assert not tab.overflows()
