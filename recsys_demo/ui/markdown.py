"""Text that others wrote, as Markdown may show it."""

from __future__ import annotations

import re

WORD_JOINER = "\u2060"
# What follows ]( or ]: or < in Markdown and is no address of the web or of this lab: `data:` and
# `javascript:`, also where letters of it are escaped.
_OTHER_LINK = re.compile(r"(?<=\])([(:])(?!\s*+<?(?:https?://|[/?#.]|[\w%-]*+[/?#)>\s]|$))")
_OTHER_ADDRESS = re.compile(r"<(?!https?:)(?=[a-z][a-z0-9+.-]*+:)", re.IGNORECASE)
_ADDRESS = re.compile(r"https?(?=:)|www(?=\.)|(?<=[\w.+-])@", re.IGNORECASE)


def plain(text: str) -> str:
    """Text from data so that Markdown shows it as it is, lines kept. Addresses become no links: an
    invisible character stands in them, because escapes are undone before addresses are looked for.
    """
    text = _ADDRESS.sub(lambda found: found.group() + WORD_JOINER, text)
    for mark in "\\`*_{}[]()<>#+-.!|~$:":
        text = text.replace(mark, "\\" + mark)
    return text.replace("\n", "  \n")


def harmless(text: str) -> str:
    """Markdown of a link's author that fetches nothing and leads nowhere but to the web or this
    lab: an image, and a link that carries its own content, become their source text. Streamlit
    escapes HTML itself."""
    text = _OTHER_LINK.sub(r"\\\1", text.replace("![", "!\\["))
    return _OTHER_ADDRESS.sub(r"\\<", text)
