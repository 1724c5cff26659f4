"""What cannot be read in the charts of a page, and numbers that are written in another way than
everywhere else."""

from __future__ import annotations

from contextlib import suppress

from playwright.sync_api import Page, TimeoutError

REDRAWN_MS = 20_000
# Letters of charts: the typeface, and the contrast on what lies behind (WCAG 2.2). What floats over
# a chart while the mouse is there has a ground of its own; a pale letter is blended first.
LETTERS = r"""() => {
  const parts = text => (text.match(/[\d.]+/g) ?? []).map(Number);
  const blend = (over, alpha, ground) => ground.map((g, i) => over[i] * alpha + g * (1 - alpha));
  const ground = element => {
    for (let e = element; e; e = e.parentElement) {
      const [r, g, b, a = 1] = parts(getComputedStyle(e).backgroundColor);
      if (a > 0) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const light = rgb => rgb.map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const found = new Set();
  for (const text of document.querySelectorAll('[data-testid=stPlotlyChart] svg text')) {
    const look = getComputedStyle(text), box = text.getBoundingClientRect();
    if (!text.textContent.trim() || box.width < 1) continue;
    if (text.closest('.hoverlayer, .modebar')) continue;
    const told = text.textContent.slice(0, 40);
    if (!look.fontFamily.startsWith('"Source Sans"')) found.add(`${told}: ${look.fontFamily}`);
    let alpha = parts(look.fill)[3] ?? 1;
    alpha *= parseFloat(look.fillOpacity);
    for (let e = text; e.tagName !== 'DIV'; e = e.parentElement)
      alpha *= parseFloat(getComputedStyle(e).opacity);
    const behind = ground(text), ink = blend(parts(look.fill), alpha, behind);
    const [a, b] = [light(ink), light(behind)];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) found.add(`${told}: contrast ${contrast.toFixed(1)}, ${look.fill}`);
  }
  return [...found];
}"""
# Numbers of the page's own text; what a person or a file has written is left out.
NUMBERS = r"""() => {
  const WRONG = [
    ['hyphen for a minus', /(^|[\s(±])-\d/],
    ['no thousands separators', /(^|[^\d.,:/\w-])\d{5,}\b/],
    ['AUC without three decimals', /\bAUC\b[^\d.]{0,16}\b0\.(\d{1,2}|\d{4,})(?!\d)/],
  ];
  const SKIPPED = 'svg, script, style, code, input, textarea, .katex, [data-testid=stDataFrame]';
  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent, element = walker.currentNode.parentElement;
    if (element.closest(SKIPPED)
        || !element.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
    for (const [what, pattern] of WRONG)
      if (pattern.test(text)) found.add(`${what}: ${text.trim().slice(0, 60)}`);
  }
  return [...found];
}"""


def unreadable(page: Page) -> list[str]:
    """Letters of charts with too little contrast or in another typeface, as lines for a person; a
    chart that is being drawn in other colours is waited for."""
    with suppress(TimeoutError):
        page.wait_for_function(f"() => !({LETTERS})().length", timeout=REDRAWN_MS)
    found: list[str] = page.evaluate(LETTERS)
    return found


def odd_numbers(page: Page) -> list[str]:
    """Numbers that are not written as the lab writes them, as lines for a person."""
    found: list[str] = page.evaluate(NUMBERS)
    return found
