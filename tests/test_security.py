"""Nothing near a stranger's data runs code, and the server keeps to itself."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_demo.cli import serve
from recsys_demo.data.allowed_folders import FOLDERS
from recsys_demo.data.uploads import keep_upload, safe_name, upload_path
from recsys_demo.errors import InputError
from recsys_demo.jobs.store import JobStore
from recsys_demo.limits import PREFIX
from recsys_demo.ui import chart_panel, frame
from recsys_demo.ui.markdown import WORD_JOINER, plain

ROOT = Path(__file__).parents[1]
SOURCES = [ROOT / "app.py", *(ROOT / "pages").glob("*.py"), *(ROOT / "recsys_demo").rglob("*.py")]
# Names that run what they are given, or rebuild objects from bytes, wherever they are called.
RUN_CODE = {"eval", "exec", "compile", "__import__", "execfile", "breakpoint"}
RUN_METHODS = {"system", "popen", "read_pickle", "to_pickle", "unpickle", "load_module", "eval"}
MODULES = {"pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve", "pty", "code"}
# Few places start processes: a fixed command without a shell, with nothing of a person's in it.
# The workers, the helper with bounds, and what a damaged Parquet file may end.
STARTS_PROCESSES = {
    "recsys_demo/jobs/executor.py",
    "recsys_demo/jobs/forks.py",
    "recsys_demo/jobs/worker_process.py",
    "recsys_demo/data/parquet_values.py",
}
# A call and its answer between a process and its own child, over a pair of sockets nobody else has;
# and a value's size, for which nothing is read back.
PICKLES = {
    "recsys_demo/jobs/bounded_calls.py",
    "recsys_demo/jobs/helper.py",
    "recsys_demo/data/cache.py",
}


@cache
def nodes() -> list[tuple[str, ast.AST]]:
    """What matters here of every file."""
    return [
        (path.relative_to(ROOT).as_posix(), node)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom | ast.Call)
    ]


def called(node: ast.AST) -> str:
    """The last part of the name of what is called."""
    if not isinstance(node, ast.Call):
        return ""
    function = node.func
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def test_nothing_runs_what_it_is_given() -> None:
    found = [
        f"{file}:{node.lineno} {called(node)}"
        for file, node in nodes()
        if isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Name) and node.func.id in RUN_CODE)
            or (isinstance(node.func, ast.Attribute) and node.func.attr in RUN_METHODS)
        )
    ]
    assert found == []


def test_nothing_is_unpickled() -> None:
    for file, node in nodes():
        if isinstance(node, ast.Import):
            names = {alias.name.split(".")[0] for alias in node.names}
            assert not names & MODULES or (file in PICKLES and names == {"pickle"}), file
        if isinstance(node, ast.ImportFrom):
            assert str(node.module).split(".")[0] not in MODULES, file
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("np.load", "numpy.load"):
            told = {k.arg: ast.unparse(k.value) for k in node.keywords}
            assert told.get("allow_pickle") == "False", file
        if isinstance(node, ast.Call):
            assert ast.unparse(node.func) not in ("torch.load", "torch.save"), file


def test_processes_are_started_in_few_places_and_without_a_shell() -> None:
    for file, node in nodes():
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [str(node.module)]
        if "subprocess" in names:
            assert file in STARTS_PROCESSES
        if isinstance(node, ast.Call):
            assert "shell" not in {k.arg for k in node.keywords}, file


# The lab's own scripts, a file of the package and the scrolling to a lesson's step, whose keys hold
# letters, digits, dots and dashes only: no other may run.
OWN_SCRIPTS = {
    f"st.html(f'<script>{{{name}}}</script>', unsafe_allow_javascript=True)"
    for name in ("SCRIPT", "scroll(step, is_revealed)")
}


def test_no_html_of_ours_holds_data() -> None:
    """Streamlit escapes what it is given, unless it is told not to."""
    assert (ROOT / "recsys_demo/ui/browser.js").read_text(encoding="utf-8") == frame.SCRIPT
    for file, node in nodes():
        if isinstance(node, ast.Call) and ast.unparse(node) not in OWN_SCRIPTS:
            told = {k.arg: ast.unparse(k.value) for k in node.keywords}
            for name in ("unsafe_allow_html", "unsafe_allow_javascript"):
                own = name == "unsafe_allow_javascript" and not OWN_SCRIPTS.isdisjoint(
                    map(ast.unparse, node.args)
                )
                assert own or told.get(name, "False") == "False", f"{file}:{node.lineno}"
            assert ast.unparse(node.func) not in ("components.html", "st.iframe"), file


def test_a_chart_taken_away_as_a_page_is_inert() -> None:
    """Names stand in the page's own script: none may end it, none may become an element."""
    attacks = ["</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<!--"]
    figure = go.Figure(go.Scatter(x=[1, 2, 3], y=[1, 2, 3], text=attacks), {"title": attacks[0]})
    told = chart_panel.page(figure).decode()
    assert all(attack not in told for attack in attacks)


def test_strangers_are_not_told_where_on_the_server_the_lab_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{PREFIX}HOME", str(tmp_path))
    told = f"No space left: '{tmp_path}/jobs/0f/status.json', {ROOT}/recsys_demo/x.py"
    monkeypatch.delenv(FOLDERS, raising=False)
    assert plain(str(tmp_path)) in plain(told)  # one's own machine: where to look
    monkeypatch.setenv(FOLDERS, "")
    assert plain(told) == plain("No space left: 'jobs/0f/status.json', recsys_demo/x.py")


def test_names_of_tasks_are_looked_up_never_imported_as_given() -> None:
    from recsys_demo.jobs.tasks import TASKS
    from recsys_demo.jobs.worker import _task

    assert all(module.startswith("recsys_demo.") for module in TASKS.values())
    with pytest.raises(KeyError):
        _task("os:system")


def test_streamlit_is_told_to_keep_to_itself() -> None:
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert config["server"]["address"] == "127.0.0.1"
    assert config["browser"]["gatherUsageStats"] is False
    client = config["client"]
    assert (client["showErrorDetails"], client["showErrorLinks"]) == ("none", False)
    assert client["toolbarMode"] == "viewer"
    assert client["disableDataExport"] is True
    for name in ("enableCORS", "enableXsrfProtection"):
        assert config["server"].get(name, True) is True


def test_the_server_listens_on_this_machine_only_unless_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    del capsys
    import argparse

    parser = argparse.ArgumentParser()
    serve.add(parser)
    assert parser.parse_args([]).address == "127.0.0.1"


HOSTILE = [
    "../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "/etc/passwd",
    "C:\\x.csv",
    "a/../../b",
    "...",
    "",
    "\x00",
    "con\x00.csv",
    "x" * 300 + ".csv",
    "<script>.csv",
    "\u202egpj.exe",
    "name\nwith\nlines.csv",
    "~root/.ssh/id_rsa",
    "$(reboot).csv",
    "`id`",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_an_upload_stays_in_its_folder_whatever_its_name(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSYS_DEMO_HOME", str(tmp_path))
    path = upload_path(keep_upload(b"a,b\n1,2\n", name))
    assert path is not None
    assert path.resolve().is_relative_to((tmp_path / "uploads").resolve())
    assert path.read_bytes() == b"a,b\n1,2\n"
    assert path.parent.parent == tmp_path / "uploads"
    assert len(path.name) <= 80
    assert not path.name.startswith(".")


@given(st.text())
def test_any_name_becomes_a_plain_one(name: str) -> None:
    safe = safe_name(name)
    assert safe
    assert set(safe) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
    assert Path(safe).name == safe
    assert not safe.startswith(".")


@pytest.mark.parametrize(
    "name", [*HOSTILE, "g" * 20, "0" * 19, "0" * 21, "A" * 20, "0" * 20 + "\n"]
)
def test_a_job_cannot_be_named_out_of_its_folder(name: str, tmp_path: Path) -> None:
    store = JobStore(tmp_path)
    for use in (store.path, store.status, store.forget, store.events, store.wanted):
        with pytest.raises(InputError, match="this is no job"):
            use(name)


@pytest.mark.parametrize(
    "text", ["see http://a.invalid/x", "HTTPS://a.invalid", "www.a.invalid", "who@a.invalid"]
)
def test_addresses_in_data_become_no_links(text: str) -> None:
    """What Markdown looks for once escapes are undone (GitHub's extended autolinks)."""
    undone = re.sub(r"\\(.)", r"\1", plain(text))
    assert not re.search(r"(?i)https?://[-.\w]|www\.[-.\w]", undone)
    assert not re.search(r"[-.\w+]+@[-\w]+(\.[-\w]+)+", undone, re.ASCII)
    assert undone.replace(WORD_JOINER, "") == text
