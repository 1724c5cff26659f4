"""A text in pieces is the text read whole."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pytest

from recsys_demo.data.reading import read_table
from recsys_demo.data.text_pieces import read_text_pieces
from recsys_demo.errors import InputError
from recsys_demo.limits import Limits

ROWS = [f"u{i},\u00e4 {i % 7},{i / 4}" for i in range(400)]
QUOTED = [f'u{i},"two\nlines, {i}",{i}' for i in range(400)]
TEXTS = {
    "plain": ["user,app,price", *ROWS],
    "excel": ["sep=;", "user;app;price", *(row.replace(",", ";") for row in ROWS)],
    "blank lines above": ["", "", "user,app,price", *ROWS],
    "quoted commas": ["user,app,price", *(f'u{i},"a, {i}",{i}' for i in range(400))],
    "quoted lines": ["user,app,price", *QUOTED],
    "quoted lines late": ["user,app,price", *ROWS, *QUOTED],
}


def pieces(path: Path, header: tuple[str, ...] = ()) -> list[pd.DataFrame]:
    found = read_text_pieces(path, Limits(), header, piece_bytes=2_000)
    return [table.frame.astype("object") for table in found]


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_pieces_are_the_whole(name: str, end: str, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(end.join([*TEXTS[name], ""]).encode())
    found = pieces(path)
    assert len(found) > 2 or name == "quoted lines"
    whole = read_table(path).frame.astype("object")
    pd.testing.assert_frame_equal(pd.concat(found, ignore_index=True), whole)


@pytest.mark.parametrize("name", ["log.csv.gz", "old.csv", "rows.csv"])
def test_what_cannot_be_cut_is_read_whole_and_a_row_is_a_row(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    header: tuple[str, ...] = ()
    text = "\n".join(["user,app,price", *ROWS, ""])
    if name == "log.csv.gz":
        path.write_bytes(gzip.compress(text.encode()))
    elif name == "old.csv":
        path.write_bytes(text.replace("\n", "\r").encode())
    else:
        path.write_bytes("\n".join([*ROWS, ""]).encode())
        header = ("user", "app", "price")
    found = pd.concat(pieces(path, header), ignore_index=True)
    assert found["user"].tolist() == [f"u{i}" for i in range(400)]
    assert list(found) == ["user", "app", "price"]


def test_a_bad_row_is_found_in_its_piece(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("\n".join(["user,app,price", *ROWS, "u1,x", ""]), encoding="utf-8")
    with pytest.raises(InputError, match=r"log.csv from row \d+ on, row \d+"):
        pieces(path)
