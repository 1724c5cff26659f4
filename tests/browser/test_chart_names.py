"""What Plotly makes of names that look like numbers, in the browser that draws them."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Browser, Page
from plotly.offline import get_plotlyjs

from tests.charting import Named, named_charts

pytestmark = pytest.mark.browser
DRAW = """async ([figure, axis]) => {
  const place = document.getElementById('chart');
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
    """An empty page that knows Plotly."""
    page = browser.new_page(viewport={"width": 1366, "height": 900})
    page.set_content('<div id="chart"></div>')
    page.add_script_tag(content=get_plotlyjs())
    return page


@pytest.mark.parametrize(
    "named", list(named_charts()), ids=lambda named: f"{named.chart}-{named.axis}"
)
def test_every_name_is_written_as_given_and_in_order(named: Named, sheet: Page) -> None:
    figure = json.loads(named.figure.to_json())
    kind, written = sheet.evaluate(DRAW, [figure, named.axis])
    assert kind == ("category" if named.figure.layout[named.axis].ticktext is None else "linear")
    assert written == list(named.shown if named.direction != "up" else named.shown[::-1])
