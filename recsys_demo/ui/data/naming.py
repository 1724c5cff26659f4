"""The names of a file's columns: those of its first line, or as a person gives them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from recsys_demo.data.tables import RawTable

Header = tuple[str, ...]


def column_names(plain: RawTable, header: Header, mark: str) -> Header:
    """Ask how the columns are called; empty where the first line says it. `plain` is the file as it
    is read without being told, `header` what is said so far."""
    if plain.names == "stored":
        return ()
    first = _first_row(plain)
    if plain.names != "known" and st.checkbox(
        "The first line holds the names of the columns",
        not header or header == first,
        key=f"data.{mark}.names_in_file",
        help="Without a line of names the first line is a row like all others.",
    ):
        return () if plain.names == "given" else first
    numbered = [f"column_{number}" for number in range(1, len(plain.frame.columns) + 1)]
    text = st.text_input(
        "Names of the columns, in their order",
        written(header if header and header != first else numbered),
        key=f"data.{mark}.names",
        help="One for every column, commas between them.",
    )
    st.caption(
        "The first line is a row. The names are proposed by what stands in the columns: put the "
        "right ones in their place."
    )
    return names_in(text)


def written(names: Sequence[str]) -> str:
    """Names with commas between them, those with a comma or a quote in quotes."""

    def quoted(name: str) -> str:
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow([name])
        return line.getvalue()

    return ", ".join(map(quoted, names))


def names_in(text: str) -> Header:
    """The names written so."""
    rows = csv.reader(io.StringIO(text), skipinitialspace=True)
    return tuple(name.strip() for name in next(rows, []))


def _first_row(plain: RawTable) -> Header:
    if plain.names == "given":
        return ()
    return tuple("" if pd.isna(cell) else str(cell) for cell in plain.frame.iloc[0])
