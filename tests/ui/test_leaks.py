"""What gives the label away is set aside in the wizard, and can be had back."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.making.apptesting import text_of


def page() -> None:
    """The wizard alone."""
    from recsys_demo.data.specs import SampleSpec
    from recsys_demo.ui.data.wizard import wizard

    wizard(SampleSpec(), lambda spec: None)


def test_a_price_of_the_item_is_moved_and_can_be_moved_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSYS_DEMO_HOME", str(tmp_path))
    draw = random.Random(0)
    rows = [
        f"u{draw.randrange(50)},p{item},{item * 7 % 40 + draw.random() / 5:.2f},{draw.choice('ab')}"
        for item in (draw.randrange(30) for _ in range(600))
    ]
    content = "\n".join(["user,item,price,channel", *rows, ""]).encode()
    at = AppTest.from_function(page, default_timeout=120).run()
    at = at.file_uploader[0].set_value([("shop.csv", content, "text/csv")]).run()
    assert "moved to the item" in text_of(at)
    side = next(group for group in at.button_group if "side.price" in str(group.key))
    assert side.value == "item"
    side.set_value("context").run()
    button = next(b for b in at.button if b.key == "data.leaks")
    assert "price" in button.label
    button.click().run()
    side = next(group for group in at.button_group if "side.price" in str(group.key))
    assert side.value == "item"
    assert not at.exception
