"""The training played again on the map, to be scrubbed and taken away as a page of its own."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from recsys_demo.charts.dots import Dot
from recsys_demo.charts.films import training_film
from recsys_demo.charts.paths import Place
from recsys_demo.charts.tradeoff import describe_map
from recsys_demo.ui import words
from recsys_demo.ui.chart_cache import cached_figure
from recsys_demo.ui.chart_panel import chart


def film(
    dots: Sequence[Dot], title: str, ceiling: Place | None, popularity: Place | None, key: str
) -> None:
    """Draw the film of these dots; `title` is that of the y axis."""
    figure = cached_figure(
        ("film", dots, title, ceiling, popularity),
        lambda: training_film(dots, words.X_TITLE, title, ceiling, popularity),
    )
    told = describe_map(dots, ceiling, popularity)
    chart(figure, f"{key}.again", f"Film. {told}", film_frame(dots))


def film_frame(dots: Sequence[Dot]) -> pd.DataFrame:
    """One row per model and epoch, and one for the test rows."""
    return pd.DataFrame(
        [
            {
                "model": dot.title,
                "rows": "test" if epoch > len(dot.path) else "validation",
                "epoch": None if epoch > len(dot.path) else epoch,
                "AUC, never seen": x,
                "AUC, to be memorized": y,
            }
            for dot in dots
            for epoch, (x, y) in enumerate([*dot.path, (dot.x, dot.y)], start=1)
        ]
    )
