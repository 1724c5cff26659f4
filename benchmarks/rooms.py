"""What a click costs in the Data and Crosses rooms on the sample set, server side.

Streamlit's own test harness runs the pages without a browser; a click is one run of the page's
script. Every click asks for something not asked for before.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from benchmarks.tables import table

ROOT = Path(__file__).parents[1]
PAIRS = (("gender", "country"), ("installed", "category"), ("age", "app"), ("hour", "category"))
DIALS = (300, 900, 1200)
LIMITS = {
    "Crosses: a click in the builder": 0.5,
    "Data: a dial draws another world": 2.0,
}


def measure() -> dict[str, Any]:
    """Seconds of every click."""
    builder, dial = LIMITS
    return {builder: _timed(_builder_clicks()), dial: _timed(_dial_turns())}


def _timed(clicks: list[Callable[[], object]]) -> list[float]:
    seconds = []
    for click in clicks:
        begin = time.perf_counter()
        click()
        seconds.append(time.perf_counter() - begin)
    return seconds


def _opened(page: str) -> AppTest:
    test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    test.switch_page(f"pages/{page}.py").run()
    assert not test.exception
    return test


def _builder_clicks() -> list[Callable[[], object]]:
    test = _opened("crosses")
    return [
        lambda pair=pair: test.button_group(key="crosses.fields").set_value(list(pair)).run()
        for pair in PAIRS
    ]


def _dial_turns() -> list[Callable[[], object]]:
    test = _opened("data")
    return [
        lambda count=count: test.slider(key="dial.exceptions").set_value(count).run()
        for count in DIALS
    ]


def render(figures: Mapping[str, Any]) -> str:
    """The section of RESULTS.md."""
    rows = [
        (
            name,
            f"**{statistics.median(seconds):.2f} s**",
            f"{max(seconds):.2f} s",
            f"{LIMITS[name]:.1f} s",
        )
        for name, seconds in figures.items()
    ]
    return (
        "## Clicks in the Data and Crosses rooms\n\nSample set at its defaults, one run of the "
        "page's script per click, server side.\n\n"
        + table(("click", "median", "slowest", "must be under"), rows)
    )
