"""Tables people take away as CSV, with nothing in them that a spreadsheet would run.

A cell that begins like a formula is one for a spreadsheet, and names come from strangers' files.
"""

from __future__ import annotations

import pandas as pd

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def to_csv(frame: pd.DataFrame) -> bytes:
    """The frame without its index as CSV in UTF-8. Text that begins like a formula gets an
    apostrophe before it, which spreadsheets take as: this is text. Numbers stay as they are."""
    safe = frame.rename(columns=harmless)
    for place in range(safe.shape[1]):
        column = safe.iloc[:, place]
        if not pd.api.types.is_numeric_dtype(column.dtype):
            safe.isetitem(place, column.astype(object).map(harmless).array)
    # This line end (RFC 4180) also makes a lone carriage return inside a cell be quoted.
    return str(safe.to_csv(index=False, lineterminator="\r\n")).encode()


def harmless(cell: object) -> object:
    """The cell itself, with an apostrophe before it if it is text that begins like a formula."""
    if isinstance(cell, str) and cell.lstrip(" ").startswith(FORMULA_STARTS) and not _number(cell):
        return "'" + cell
    return cell


def _number(text: str) -> bool:
    """Whether this is a plain number such as -3: no formula, and an id that must stay the same."""
    try:
        float(text)
    except ValueError:
        return False
    return text.strip() == text
