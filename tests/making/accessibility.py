"""What axe-core finds on a page."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe

from tests.making.driving import Tab

# Streamlit's own markup, which no page can change.
NOT_OURS = {
    "svg-img-alt",  # the sparkline of a metric
    "scrollable-region-focusable",  # a formula wider than its place
    "landmark-one-main",
    "region",
    "page-has-heading-one",
    "landmark-unique",
}
# Those that a scheme of colours can break.
COLOR_RULES = ("color-contrast", "link-in-text-block")


def violations(tab: Tab, *rules: str) -> list[tuple[str, list[str]]]:
    """What axe finds by these rules, else by all, without what Streamlit itself makes."""
    # All that it has looked at and found right would be a large text.
    options: dict[str, Any] = {"resultTypes": ["violations"], "selectors": False}
    if rules:
        options["runOnly"] = {"type": "rule", "values": rules}
    found = Axe().run(tab.page, options=options).response["violations"]
    ours = [v for v in found if v["id"] not in NOT_OURS]
    return [(v["id"], [node["html"][:200] for node in v["nodes"]]) for v in ours]
