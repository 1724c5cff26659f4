"""Which tests share a process under pytest-xdist, and what no test leaves in it."""

from __future__ import annotations

import sys

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from recsys_demo.machine import share_cores

# A test process a core: second threads of each would only wait for the others at full speed.
share_cores()

# They begin with the four models of the Start page trained, by the server of their process.
FOUR_TRAINED = ("test_rooms.py", "test_compare.py", "test_recommend.py")


class FourTrainedTogether(LoadScopeScheduling):
    """One test at a time to whoever is free, but those that need the four models to one process.
    By file: marked groups (`xdist_group`) are lost between pytest-xdist 3.8 and pytest 9.2."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "four trained" if file.endswith(FOUR_TRAINED) else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FourTrainedTogether | None:
    """With `--dist loadscope`, which `make test` says."""
    if config.getvalue("dist") != "loadscope":
        return None
    return FourTrainedTogether(config, log)


MAIN = sys.modules["__main__"]


@pytest.fixture(autouse=True)
def _main_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest makes a page's script the main module, which processes started later would run; it
    may have done so for a fixture that several tests share."""
    sys.modules["__main__"] = MAIN
    monkeypatch.setitem(sys.modules, "__main__", MAIN)
