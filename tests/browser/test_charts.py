"""What Plotly makes of our charts, in the browser that draws them."""

from __future__ import annotations

import json
import re
from typing import Literal

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, Page
from plotly.io import to_json
from plotly.offline import get_plotlyjs

from recsys_demo.charts.dots import Dot
from recsys_demo.charts.embedding_film import film_figure
from recsys_demo.charts.embeddings import MapView
from recsys_demo.charts.tradeoff import tradeoff_map
from recsys_demo.studies.embeddings.snapshots import Film
from recsys_demo.studies.embeddings.vectors import FieldVectors
from recsys_demo.ui.frame import SCRIPT
from tests.making.charting import Named, named_charts

pytestmark = pytest.mark.browser
DRAW = """async ([figure, axis]) => {
  document.body.innerHTML = '<div></div>';
  const place = document.body.firstChild;
  await Plotly.newPlot(place, figure.data, figure.layout, {staticPlot: true});
  const [tick, across] = axis === 'xaxis' ? ['.xtick', 'x'] : ['.ytick', 'y'];
  const names = [...place.querySelectorAll(`.cartesianlayer ${tick} text`)].map(text => ({
    name: [...text.querySelectorAll('tspan.line')].map(line => line.textContent).join(' ')
      || text.textContent,
    at: text.getBoundingClientRect()[across],
  }));
  return [place._fullLayout[axis].type, names.sort((a, b) => a.at - b.at).map(n => n.name)];
}"""


@pytest.fixture(scope="module")
def sheet(browser: Browser) -> Page:
    """An empty page that knows Plotly and what our pages add to it."""
    page = browser.new_page(viewport={"width": 1366, "height": 900})
    page.set_content("<p></p>")
    page.add_script_tag(content=get_plotlyjs())
    page.add_script_tag(content=SCRIPT)
    return page


@pytest.mark.parametrize("named", named_charts(), ids=lambda named: f"{named.chart}-{named.axis}")
def test_every_name_is_written_as_given_and_in_order(named: Named, sheet: Page) -> None:
    figure = json.loads(named.figure.to_json())
    kind, written = sheet.evaluate(DRAW, [figure, named.axis])
    assert kind == ("category" if named.figure.layout[named.axis].ticktext is None else "linear")
    assert written == list(named.shown if named.direction != "up" else named.shown[::-1])


BOXES = """async ([figure, width]) => {
  document.body.innerHTML = '<div></div>';
  const place = document.body.firstChild;
  await Plotly.newPlot(place, figure.data, {...figure.layout, width}, {displaylogo: false});
  return ['.modebar-group', '.legend .bg', '.nsewdrag'].map(kind =>
    [...place.querySelectorAll(kind)].map(found => {
      const box = found.getBoundingClientRect();
      return [box.left, box.top, box.right, box.bottom];
    }));
}"""


@pytest.mark.parametrize("width", [330, 640, 1000])
def test_the_tools_of_a_film_cover_neither_legend_nor_points(width: int, sheet: Page) -> None:
    n = 60
    names = tuple(f"app {i}" for i in range(n))
    places = np.random.default_rng(0).normal(size=(n, 2))
    vectors = FieldVectors("app", names, names, places, pd.DataFrame({"support": [9] * n}))
    kinds = pd.Series([f"kind {i % 14}" for i in range(n)], name="kind")
    film = film_figure(MapView(vectors, places, kinds), Film((0, 1), (places / 9, places)))
    tools, *shown = sheet.evaluate(BOXES, [json.loads(film.to_json()), width])
    assert tools
    assert all(shown)
    for left, top, right, bottom in tools:
        for a, b, c, d in [box for boxes in shown for box in boxes]:
            assert right <= a or left >= c or bottom <= b or top >= d


# Where each dot is led from, in pixels, when the second map is drawn in the place of the first.
LED = """async (maps) => {
  document.body.innerHTML = '<div class="st-key-map"><div></div></div>';
  const place = document.body.firstChild.firstChild;
  const led = [];
  const animate = Element.prototype.animate;
  Element.prototype.animate = function (frames) { led.push(frames[0].transform); };
  for (const map of maps) {
    await Plotly.react(place, map.data, map.layout);
    await new Promise(requestAnimationFrame);
  }
  Element.prototype.animate = animate;
  return led;
}"""


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_dots_travel_from_where_they_stood_unless_motion_is_unwanted(
    motion: Literal["no-preference", "reduce"], sheet: Page
) -> None:
    sheet.emulate_media(reduced_motion=motion)
    before = [Dot("wide", 0.6, 0.7), Dot("deep", 0.7, 0.5)]
    after = [Dot("wide", 0.65, 0.8, path=((0.6, 0.7),)), Dot("deep", 0.7, 0.5)]
    # Streamlit sends a chart as this does: without what plotly takes out on the way.
    figures = [tradeoff_map(dots, "x", "y", zoom=False) for dots in (before, after)]
    led = sheet.evaluate(LED, [json.loads(to_json(figure)) for figure in figures])
    moved = [[float(way) for way in re.findall(r"-?[\d.]+", one)] for one in led]
    far = [(left, down) for left, down in moved if abs(left) + abs(down) > 5]
    assert len(far) == (1 if motion == "no-preference" else 0)  # one dot moves, one stays
    assert all(left < 0 < down for left, down in far)
