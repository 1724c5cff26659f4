"""CSV files to take away: nothing that a spreadsheet would run, and else the same values."""

from __future__ import annotations

import ast
import io
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_demo.csv_export import harmless, to_csv

PACKAGE = Path(__file__).parents[1] / "recsys_demo"
ATTACKS = [
    '=HYPERLINK("http://example.org","click")',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "\uff1d1+1",
]
HARMLESS = ["u17", "-3", "-0.5", "+4", "1e-3", "a=b", "", "\u05d0", "'=quoted", "<b>", "1-2"]


@pytest.mark.parametrize("cell", ATTACKS)
def test_formulas_become_text(cell: str) -> None:
    assert harmless(cell) == "'" + cell


@pytest.mark.parametrize("cell", [*HARMLESS, 1, -2.5, None, True])
def test_everything_else_stays(cell: object) -> None:
    assert harmless(cell) == cell


@pytest.mark.parametrize("kind", ["str", "object", "category"])
def test_cells_and_column_names_of_every_kind(kind: str) -> None:
    frame = pd.DataFrame({"=name": pd.Series(ATTACKS, dtype=kind), "x": range(len(ATTACKS))})
    read = pd.read_csv(io.BytesIO(to_csv(frame)), keep_default_na=False)
    assert list(read.columns) == ["'=name", "x"]
    assert list(read["'=name"]) == ["'" + cell for cell in ATTACKS]
    assert list(frame.columns) == ["=name", "x"]  # the frame itself is left alone


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])), min_size=1, max_size=5))
def test_no_cell_begins_like_a_formula_and_none_is_lost(cells: list[str]) -> None:
    read = pd.read_csv(
        io.BytesIO(to_csv(pd.DataFrame({"a": cells}))),
        dtype=str,
        na_filter=False,
        skip_blank_lines=False,
    )
    assert len(read) == len(cells)
    for before, after in zip(cells, read["a"], strict=True):
        assert after in (before, "'" + before)
        if after.lstrip(" ")[:1] in ("=", "+", "-", "@"):
            float(after)


# What is written for the lab itself, or from the lab's own invented names.
ALLOWED = {"csv_export.py", "training/runs.py", "data/planted/files.py"}


def test_nothing_else_writes_csv() -> None:
    calls = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "to_csv"
    }
    assert calls <= ALLOWED
