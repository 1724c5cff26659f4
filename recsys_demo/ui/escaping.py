"""Names from data in Markdown: shown as they are, never obeyed."""

from __future__ import annotations

import re

_ACTIVE = re.compile(r"([\\`*_{}\[\]()#+\-.!|$~:<>&^=])")


def plain(text: str) -> str:
    """Text as Markdown that shows just this text."""
    return _ACTIVE.sub(r"\\\1", " ".join(text.split()))
