"""Charts are built once for everybody who sees the same: building one costs the server many times
what sending it again does."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import plotly.graph_objects as go
from plotly.basedatatypes import BaseFigure

from recsys_demo.ui.content_cache import by_key

KEPT = 64  # of some ten kilobytes each


class SentFigure(BaseFigure):  # type: ignore[misc]  # plotly has no types
    """A finished chart, to be sent as often as needed. A figure that can be changed takes ten times
    the memory, and its content is copied whenever it is sent."""

    def __init__(self, figure: go.Figure) -> None:
        # Not the base class's: it would build what this one does without.
        self._content: dict[str, Any] = figure.to_dict()
        layout = self._content["layout"]
        if "template" in layout:
            layout["template"] = _template(json.dumps(layout["template"]))

    def to_dict(self) -> dict[str, Any]:
        """What is sent; nobody may change it."""
        return self._content


@lru_cache(maxsize=8)
def _template(text: str) -> dict[str, Any]:
    """Most of a small chart is the theme's template: one copy for all."""
    template: dict[str, Any] = json.loads(text)
    return template


def cached_figure(key: object, build: Callable[[], go.Figure]) -> SentFigure:
    """The figure that `build` makes. `key` names the chart and all that goes into it by its `repr`,
    so it may not hold arrays or tables."""
    return _figure(key, build)


@by_key(KEPT)
def _figure(build: Callable[[], go.Figure]) -> SentFigure:
    return SentFigure(build())
