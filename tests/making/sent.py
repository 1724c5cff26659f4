"""All that a page gives a browser: texts, charts, tables, and the files that its buttons save. For
tests that look for what must not be there."""

from __future__ import annotations

import base64
import io
import json
import re
import zipfile
from functools import cached_property
from typing import Any

import numpy as np
import pytest
from streamlit.elements.widgets.button import ButtonMixin
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Dataframe, Table

# How Plotly sends arrays, and where a chart that is a page of its own begins.
_ARRAY = re.compile(r'"dtype":\s*"(f[48])",\s*"bdata":\s*"([^"]+)"')
_PLOT = "Plotly.newPlot"


class File:
    """What a download button of a page as it was drawn would save."""

    def __init__(self, data: Any) -> None:
        self._data = data

    @cached_property
    def text(self) -> str:
        """All of it, numbers with all their digits."""
        told = _file(self._data)
        return told + _numbers(told)


def note_files(patch: pytest.MonkeyPatch) -> list[File]:
    """From now on, what each download button would save: whatever page draws one is in this list,
    which grows with every run."""
    offered: list[File] = []
    draw = ButtonMixin._download_button

    def note(self: Any, label: str, data: Any, *rest: Any, **named: Any) -> bool:
        offered.append(File(data))
        return draw(self, label, data, *rest, **named)

    patch.setattr(ButtonMixin, "_download_button", note)
    return offered


def sent(at: AppTest, offered: list[File]) -> str:
    """All of it as text, numbers of charts and tables with all their digits."""
    assert not at.exception, at.exception
    charts = [str(getattr(getattr(node, "proto", None), "spec", "")) for node in at._tree]
    texts = [_content(node) for node in at._tree]
    files = [file.text for file in offered]
    return "\n".join([*texts, *files, *charts, *map(_numbers, charts)])


def _content(node: Any) -> str:
    if isinstance(node, Dataframe | Table):
        return str(node.value.to_csv())
    return str(getattr(node, "proto", ""))


def _file(data: Any) -> str:
    content = data() if callable(data) else data
    if not isinstance(content, bytes):
        return str(content)
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return "\n".join(_file(packed.read(name)) for name in packed.namelist())
    return content.decode(errors="replace").rpartition(_PLOT)[2]


def _numbers(text: str) -> str:
    """The arrays of charts, written out."""
    found = (
        np.frombuffer(base64.b64decode(json.loads(f'"{bits}"')), kind)
        for kind, bits in _ARRAY.findall(text)
    )
    return " ".join(str(number) for array in found for number in array.tolist())
