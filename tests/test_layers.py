"""Imports go downwards only, and the tools of a layer stay in it."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from recsys_demo.config.model import TrainingConfig
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.specs import SampleSpec
from recsys_demo.ui.rooms import PAGES as ROOMS
from recsys_demo.ui.state import State
from tests.making.apptesting import lab_at, open_page

ROOT = Path(__file__).parents[1]
# What every module may import, and the only modules beside the packages.
TOP = ("errors", "limits", "values", "folders", "machine", "csv_export", "__main__")
# Lowest first: what each package may import besides the modules at the top. `a.b` allows one module
# of a package, `*` all packages before it, less those after a minus.
MAY_IMPORT: Mapping[str, str] = {
    "data": "",
    "config": "data",
    "evaluation": "data",
    "features": "config data",
    "models": "config features",
    "training": "models features evaluation config data",
    "recommendation": "training.runs models.size models.trees features config data",
    "jobs": "training config data",
    "sweep": "jobs training models evaluation config data",
    "studies": "*",
    "estimator": "studies.crosses.first_crosses studies.log.sizes recommendation training features "
    "config data",
    "lessons": "*",
    "charts": "lessons studies training.run_files evaluation features config",
    "cli": "*",
    "ui": "*",
}
LAB = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((ROOT / "recsys_demo").glob("**/*.py"))
}
TESTS = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): path
    for folder in ("tests", "benchmarks")
    for path in sorted((ROOT / folder).glob("**/*.py"))
    if ".peers" not in path.parts  # other libraries' environments
}
PACKAGED = [name for name in LAB if name.count(".") and name.split(".")[1] in MAY_IMPORT]
LOOSE = [name for name in LAB if name.count(".") and name.split(".")[1] in TOP]
PAGES = [ROOT / "app.py", *sorted((ROOT / "pages").glob("*.py"))]
# May be imported by what lies above this layer's name only.
TOOLS = {"streamlit": ("ui",), "plotly": ("charts", "ui")}


@cache
def nodes(path: Path) -> list[ast.AST]:
    """Everything in a file that matters here."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [n for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom | ast.Call)]


def imports(path: Path) -> Iterator[str]:
    """Every module a file imports, at its top or inside a function; names from packages too."""
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports here are absolute"
            whole = [f"{node.module}.{alias.name}" for alias in node.names]
            modules = [name for name in whole if name in LAB or name in TESTS]
            yield from modules or [str(node.module)]


def unit(module: str) -> str:
    """`recsys_demo.data.schema` belongs to `data`."""
    return module.split(".")[1]


def allowed(package: str, module: str) -> bool:
    """Whether this package may import that module of the lab."""
    if unit(module) in TOP or unit(module) == package:
        return True
    words = MAY_IMPORT[package].split()
    above = list(MAY_IMPORT)[: list(MAY_IMPORT).index(package)]
    if "*" in words:
        return unit(module) in above and f"-{unit(module)}" not in words
    names = [f"recsys_demo.{word}" for word in words]
    return any(module == name or module.startswith(f"{name}.") for name in names)


def test_the_top_holds_packages_of_the_table_and_seven_modules() -> None:
    found = {unit(name) for name in LAB if "." in name}
    assert found == {*MAY_IMPORT, *TOP}


def test_packages_import_what_the_table_allows() -> None:
    arrows = [(module, name) for module in PACKAGED for name in imports(LAB[module])]
    ours = [(module, name) for module, name in arrows if name.startswith("recsys_demo.")]
    assert [(module, name) for module, name in ours if not allowed(unit(module), name)] == []


def test_modules_at_the_top_import_each_other_only() -> None:
    arrows = [(module, name) for module in LOOSE for name in imports(LAB[module])]
    ours = {(module, unit(name)) for module, name in arrows if name.startswith("recsys_demo.")}
    assert {(module, name) for module, name in ours if name not in TOP} == {
        ("recsys_demo.__main__", "cli")
    }


def test_tests_import_no_benchmarks_and_benchmarks_only_what_tests_make() -> None:
    """So that neither breaks when the other's files are renamed."""

    def imported(folder: str) -> set[str]:
        paths = [path for name, path in TESTS.items() if name.startswith(f"{folder}.")]
        return {name for path in paths for name in imports(path)}

    of_tests, of_benchmarks = imported("tests"), imported("benchmarks")
    assert {name for name in of_tests if name.startswith("benchmarks")} == set()
    made = {name for name in of_benchmarks if name.startswith("tests")}
    assert {name for name in made if not name.startswith("tests.making")} == set()


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {name: {other for other in imports(path) if other in LAB} for name, path in LAB.items()}
    list(TopologicalSorter(graph).static_order())  # CycleError names the circle


def test_pages_tools_stay_with_the_pages() -> None:
    modules = [*PACKAGED, *LOOSE]
    used = [(module, name.split(".")[0]) for module in modules for name in imports(LAB[module])]
    tools = {(module, tool) for module, tool in used if tool in TOOLS}
    assert {(module, tool) for module, tool in tools if unit(module) not in TOOLS[tool]} == set()


def test_what_pages_have_done_by_the_helper_needs_none_of_them() -> None:
    """Each of its children would import Streamlit anew."""
    done = [
        (name, call.args[0].id)
        for name in PACKAGED
        for call in nodes(LAB[name])
        if isinstance(call, ast.Call)
        and ast.unparse(call.func) == "call_bounded"
        and isinstance(call.args[0], ast.Name)
    ]
    assert done
    below = {(name, other) for name, _ in done for other in imported_names(name)}
    assert [(name, function) for name, function in done if (name, function) not in below] == []


def imported_names(module: str) -> Iterator[str]:
    """What a module has from the packages below the pages."""
    for node in nodes(LAB[module]):
        if isinstance(node, ast.ImportFrom):
            ours, _, below = str(node.module).partition(".")
            if ours == "recsys_demo" and below.split(".")[0] != "ui":
                yield from (alias.name for alias in node.names)


def test_no_tests_import_other_tests() -> None:
    """What several of them need is made in `tests/making`."""
    arrows = {(name, other) for name, path in TESTS.items() for other in imports(path)}
    tests = {name for name in TESTS if name.rpartition(".")[2].startswith("test_")}
    assert {(name, other) for name, other in arrows if other in tests and other != name} == set()


def test_pages_are_thin() -> None:
    assert PAGES
    for path in PAGES:
        assert len(path.read_text(encoding="utf-8").splitlines()) < 100, path


def test_the_package_alone_costs_nothing() -> None:
    """What it offers is loaded when it is asked for, and torch only to train."""
    code = (
        "import sys, recsys_demo; assert len([m for m in sys.modules if 'recsys_demo' in m]) == 1\n"
        "from recsys_demo import *; print({'torch', 'numba', 'streamlit'} & set(sys.modules))"
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
from tests.making.apptesting import lab_at, open_page, text_of
from tests.making.manifests import scan_once
scan_once()
lab_at(Path(sys.argv[1]), pytest.MonkeyPatch())
state = State.model_validate_json(sys.argv[2])
for page in PAGES:
    at = open_page(page.key, state)
    told = text_of(at)
    charts = len(at.get("plotly_chart"))
    print(json.dumps([page.key, page.heading in told, "Nothing is trained" in told, charts,
        sorted({"torch", "numba", "umap", "openTSNE"} & set(sys.modules))]))
"""


@pytest.mark.slow
def test_rooms_with_trained_models_open_without_the_slow_libraries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """torch and umap cost seconds. Trained by this process; opened by another one, as a server
    would whose workers train."""
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
