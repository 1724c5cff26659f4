"""Who is at the lab now: what the queue asks of the pages."""

from __future__ import annotations

from typing import Protocol


class People(Protocol):
    """The open tabs of all browsers."""

    def is_here(self, visitor: str) -> bool:
        """Whether a tab of this visitor's browser is open."""

    def has_open(self, name: str) -> bool:
        """Whether an open tab shows the job or the upload of this name."""


class Anybody:
    """Nothing is known of people: all of them may be here."""

    def is_here(self, visitor: str) -> bool:
        """Perhaps."""
        del visitor
        return True

    def has_open(self, name: str) -> bool:
        """Nothing is kept for them."""
        del name
        return False
