"""Numbers as people write them."""

from __future__ import annotations


def true_minus(text: str) -> str:
    """A number's text with a minus instead of a hyphen."""
    return text.replace("-", "\N{MINUS SIGN}")


def signed_number(value: float, digits: int = 3) -> str:
    """A difference: always with its sign."""
    return true_minus(f"{value:+.{digits}f}")
