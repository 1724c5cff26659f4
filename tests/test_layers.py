"""Imports go downwards only, and the tools of a layer stay in it."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from recsys_demo.configuration import TrainingConfig
from recsys_demo.data.specs import SampleSpec
from recsys_demo.data.world_config import WorldConfig
from recsys_demo.ui.rooms import PAGES as ROOMS
from recsys_demo.ui.state import State
from tests.apptesting import lab_at, open_page

ROOT = Path(__file__).parents[1]
# Modules and packages of recsys_demo, lowest layer first (the README's map says what each is). A
# module may import from its own layer and from those before it.
LAYERS = (
    ("errors", "limits", "csv_export", "machine", "metrics", "proportions", "kernels"),
    ("data",),
    ("configuration", "experiment_config", "presets", "reproduce", "published"),
    ("encoding", "crosses"),
    ("components", "parameters", "optimizers", "model_size", "ranker"),
    ("slices", "intervals", "delong", "uncertainty", "conditions", "statistics"),
    ("lists", "list_metrics", "curves"),
    ("evaluation", "verdicts", "online", "interpretation"),
    ("training", "run_files", "runs", "overcross"),
    ("preparation", "finishing", "experiment", "streaming"),
    ("recommendation", "jobs", "sweep", "projection", "ablation"),
    ("comparison",),
    ("charts", "cli", "__main__"),
    ("ui",),
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
LAB = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((ROOT / "recsys_demo").glob("**/*.py"))
}
PAGES = [ROOT / "app.py", *sorted((ROOT / "pages").glob("*.py"))]
# May be imported by what lies above this layer's name only.
TOOLS = {"streamlit": ("ui",), "plotly": ("charts", "ui")}


def imports(path: Path) -> Iterator[str]:
    """Every module a file imports, at its top or inside a function; names from packages too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports here are absolute"
            whole = [f"{node.module}.{alias.name}" for alias in node.names]
            modules = [name for name in whole if name in LAB]
            yield from modules or [str(node.module)]


def unit(module: str) -> str:
    """`recsys_demo.data.schema` belongs to `data`."""
    return module.split(".")[1]


@pytest.mark.parametrize("module", [name for name in LAB if "." in name])
def test_imports_go_downwards(module: str) -> None:
    assert unit(module) in LEVEL, f"give {unit(module)} its layer in {Path(__file__).name}"
    above = [
        name
        for name in imports(LAB[module])
        if name.startswith("recsys_demo.") and LEVEL[unit(name)] > LEVEL[unit(module)]
    ]
    assert not above


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {name: {other for other in imports(path) if other in LAB} for name, path in LAB.items()}
    list(TopologicalSorter(graph).static_order())  # CycleError names the circle


@pytest.mark.parametrize("module", [name for name in LAB if "." in name])
def test_pages_tools_stay_with_the_pages(module: str) -> None:
    used = {name.split(".")[0] for name in imports(LAB[module])}
    assert {tool for tool in used & TOOLS.keys() if unit(module) not in TOOLS[tool]} == set()


def test_pages_are_thin() -> None:
    assert PAGES
    for path in PAGES:
        assert len(path.read_text(encoding="utf-8").splitlines()) < 100, path


def test_rooms_open_without_the_slow_libraries() -> None:
    """torch and umap cost seconds."""
    rooms = ["frame", "start.view", "data.room", "crosses.room", "train.room", "ablate.room"]
    rooms += ["compare.room", "recommend.room", "embeddings.room"]
    code = "; ".join(f"import recsys_demo.ui.{room}" for room in rooms) + (
        "; import sys; print({'torch', 'umap', 'openTSNE'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


OPEN_ALL = """
import json, sys
from pathlib import Path
import pytest
from recsys_demo.ui.rooms import PAGES
from recsys_demo.ui.state import State
from tests.apptesting import lab_at, open_page, text_of
lab_at(Path(sys.argv[1]), pytest.MonkeyPatch())
state = State.model_validate_json(sys.argv[2])
for page in PAGES:
    at = open_page(page.key, state)
    told = text_of(at)
    charts = len(at.get("plotly_chart"))
    print(json.dumps([page.key, page.heading in told, "Nothing is trained" in told, charts,
        sorted({"torch", "umap", "openTSNE"} & set(sys.modules))]))
"""


@pytest.mark.slow
def test_rooms_with_trained_models_open_without_the_slow_libraries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trained by this process; opened by another one, as a server would whose workers train."""
    world = WorldConfig(users=200, apps=50, impressions=5_000, exceptions=30)
    state = State(data=SampleSpec(world=world), training=TrainingConfig(epochs=2))
    lab_at(tmp_path, monkeypatch)
    open_page("start", state).button(key="start.train").click().run()
    done = subprocess.run(
        [sys.executable, "-c", OPEN_ALL, str(tmp_path), state.model_dump_json()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    opened = {key: told for key, *told in map(json.loads, done.stdout.splitlines())}
    assert opened.keys() == {page.key for page in ROOMS}
    assert {key: slow for key, (*_, slow) in opened.items() if slow} == {}
    assert all(heading and not empty for heading, empty, *_ in opened.values())
    assert all(opened[key][2] for key in ("start", "train", "compare", "embeddings", "recommend"))
