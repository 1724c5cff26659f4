"""Pages run inside the test's own process, their jobs too, at the moment they are submitted."""

from __future__ import annotations

from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from recsys_demo.jobs.settings import Quota
from recsys_demo.jobs.store import JobStore
from recsys_demo.jobs.workers import Workers
from recsys_demo.ui import jobs, room_choices
from recsys_demo.ui.ablate.choices import CONTROL, AblateChoices
from recsys_demo.ui.chosen_files import CHOSEN
from recsys_demo.ui.state import State, encode
from tests.making.inline import Here

ROOT = Path(__file__).parents[2]
SECONDS = 120


def lab_at(
    home: Path, monkeypatch: pytest.MonkeyPatch, executor: Executor | None = None
) -> Workers:
    """A lab that has just been started on this folder; what it knew before is on the disk only."""
    st.cache_resource.clear()
    st.cache_data.clear()
    workers = Workers(JobStore(home / "jobs"), [executor or Here()], Quota(queue=200))
    monkeypatch.setattr(jobs, "local_workers", lambda _settings, _people: workers)
    return workers


def open_page(page: str, state: State) -> AppTest:
    """The page in this state, at rest, as a link opens it: no other page is drawn before."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS)
    for key, value in encode(state).items():
        at.query_params[key] = value
    at.session_state[CHOSEN] = frozenset(state.data.paths().values())  # by this person
    if page != "start":
        at.switch_page(f"pages/{page}.py")
    return at.run()


def text_of(at: AppTest) -> str:
    """All that can be read on the page."""
    assert not at.exception, at.exception
    return "\n".join(
        str(element.value)
        for kind in ("markdown", "caption", "info", "warning")
        for element in at.get(kind)
    )


def with_ablation(state: State, **choices: Any) -> State:
    """The state with these choices in the Ablate room."""
    now = room_choices.chosen(state, CONTROL, AblateChoices)
    return state.with_control(CONTROL, now.updated(state, **choices))
