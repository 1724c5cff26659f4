"""Numbers as people and programs write them."""

from __future__ import annotations

import re
from decimal import Context, Decimal, InvalidOperation
from functools import lru_cache

import numpy as np

from recsys_demo.data.column_formats import ColumnFormat

MISSING_NUMBERS = frozenset({"", "na", "n/a", "nan", "null", "none", "?", "-", "\\n"})
# Signs that spreadsheets put into numbers: three blanks, an apostrophe, a minus.
SIGNS = str.maketrans({"\u00a0": " ", "\u2009": " ", "\u202f": " ", "\u2019": "'", "\u2212": "-"})
CODES = "EUR|USD|GBP|CHF|JPY|SEK|NOK|DKK|PLN|CZK|CAD|AUD|INR|CNY|kr|Fr\\."
SYMBOLS = "$\u00a2\u00a3\u00a5\u20a4\u20a9\u20aa\u20ac\u20b9\u20ba\u20bd\u20bf%"
CURRENCY = re.compile(rf"([{SYMBOLS}]|(?:{CODES})(?![A-Za-z]))")
LONGEST = 400  # characters of a number: no float needs more
EXACT = Context(prec=LONGEST, Emax=10_000, Emin=-10_000)
PLAIN_DIGITS = 40  # larger and smaller numbers are written with an exponent


def plain_signs(text: str) -> str:
    """The text without blanks around it, its signs being those of a keyboard."""
    return text.translate(SIGNS).strip()


def without_currency(text: str) -> tuple[str, str]:
    """The text without the sign of a currency before or after it, and that sign."""
    found = CURRENCY.search(text)
    if found is None:
        return text, ""
    before, after = text[: found.start()].strip(), text[found.end() :].strip()
    if before in ("", "-", "+"):
        return before + after, found[0]
    return (before, found[0]) if not after else (text, "")


def machine_form(text: str, form: ColumnFormat) -> str | None:
    """A number as programs write it, None for a text that is no finite number in this form."""
    text = plain_signs(text)
    if len(text) > LONGEST:
        return None
    text, _ = without_currency(text)
    if not _pattern(form.decimal, form.thousands).fullmatch(text):
        return None
    if form.thousands:
        text = text.replace(form.thousands, "")
    return text.replace(form.decimal, ".")


def number(text: str, form: ColumnFormat) -> float:
    """The number a cell holds: NaN for words that mean missing, inf for anything else."""
    if text.strip().lower() in MISSING_NUMBERS:
        return np.nan
    plain = machine_form(text, form)
    return np.inf if plain is None else float(plain)


def number_text(text: str, form: ColumnFormat) -> str:
    """One text for every writing of a number (1, 1.0 and +1e0 are 1), exact however long it is.

    Words that mean missing become the empty text, anything else stays as it is.
    """
    if text.strip().lower() in MISSING_NUMBERS:
        return ""
    plain = machine_form(text, form)
    if plain is None:
        return text
    try:
        value = EXACT.create_decimal(plain).normalize(EXACT)
    except InvalidOperation:
        return text
    if not value:
        return "0"
    return _written(value)


def _written(value: Decimal) -> str:
    if abs(value.adjusted()) < PLAIN_DIGITS:
        return f"{value:f}"
    return str(value).lower()


@lru_cache(maxsize=16)
def _pattern(decimal: str, thousands: str) -> re.Pattern[str]:
    whole = r"\d+"
    if thousands:
        whole = rf"(?:\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+|\d+)"
    point = re.escape(decimal)
    return re.compile(rf"[+-]?(?:{whole}(?:{point}\d*)?|{point}\d+)(?:[eE][+-]?\d+)?")
