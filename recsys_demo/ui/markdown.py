"""Text that others wrote, as Markdown may show it."""

from __future__ import annotations

import os
import re
import sys
from functools import cache
from pathlib import Path
from tempfile import gettempdir

from recsys_demo.data.allowed_folders import is_confined
from recsys_demo.folders import ROOT
from recsys_demo.limits import PREFIX

HOME = f"{PREFIX}HOME"
WORD_JOINER = "\u2060"
# What follows ]( or ]: or < in Markdown and is no address of the web or of this lab: `data:` and
# `javascript:`, also where letters of it are escaped.
_OTHER_LINK = re.compile(r"(?<=\])([(:])(?!\s*+<?(?:https?://|[/?#.]|[\w%-]*+[/?#)>\s]|$))")
_OTHER_ADDRESS = re.compile(r"<(?!https?:)(?=[a-z][a-z0-9+.-]*+:)", re.IGNORECASE)
_ADDRESS = re.compile(r"https?(?=:)|www(?=\.)|(?<=[\w.+-])@", re.IGNORECASE)


def plain(text: str) -> str:
    """Text from data so that Markdown shows it as it is, lines kept. Addresses become no links: an
    invisible character stands in them, because escapes are undone before addresses are looked for.
    Where strangers are let in, they are not told where on the server the lab lies.
    """
    if is_confined():
        text = _without_folders(text)
    text = _ADDRESS.sub(lambda found: found.group() + WORD_JOINER, text)
    for mark in "\\`*_{}[]()<>#+-.!|~$:":
        text = text.replace(mark, "\\" + mark)
    return text.replace("\n", "  \n")


def _without_folders(text: str) -> str:
    """Paths below the lab's own folders from there on only."""
    for folder in _lab_folders(os.environ.get(HOME, "")):
        text = text.replace(folder, "")
    return text


@cache
def _lab_folders(home: str) -> tuple[str, ...]:
    """Deepest first, so that a folder in another is cut off whole."""
    known = {Path(home or ".").absolute(), ROOT, Path(gettempdir()), Path.home(), Path(sys.prefix)}
    parts = (str(folder) for folder in known if len(folder.parts) > 1)
    return tuple(f"{part}{os.sep}" for part in sorted(parts, key=len, reverse=True))


def harmless(text: str) -> str:
    """Markdown of a link's author that fetches nothing and leads nowhere but to the web or this
    lab: an image, and a link that carries its own content, become their source text. Streamlit
    escapes HTML itself."""
    text = _OTHER_LINK.sub(r"\\\1", text.replace("![", "!\\["))
    return _OTHER_ADDRESS.sub(r"\\<", text)
