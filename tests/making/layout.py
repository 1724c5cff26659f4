"""What is blank, cut or on top of something else on a page, as a browser lays it out."""

from __future__ import annotations

from playwright.sync_api import Page

# Each finding is a line: kind, text, where. Charts and tables scroll or draw by themselves; what
# floats above the page, or is there for screen readers only, is left out.
AUDIT = r"""() => {
  const SKIPPED = 'svg, canvas, script, style, noscript, .katex, [data-testid=stDataFrame],'
    + ' [data-testid=stPlotlyChart], [data-testid=stToolbar], [data-testid=stElementToolbar],'
    + ' [data-testid=stStatusWidget], [data-testid=stHeader], [role=tooltip],'
    + ' [data-baseweb=popover], [data-testid=stVegaLiteChart], [data-testid=stIconMaterial]';
  const CHOICES = '[data-testid=stButtonGroup], [data-testid=stMultiSelect]';  // seen whole
  const PARTS = '[data-testid=stMain], [data-testid=stSidebar]';
  const found = new Set();
  const note = (kind, text, more) => found.add(`${kind}: ${text.trim().slice(0, 50)} ${more}`);
  const shown = element => element.checkVisibility(
    {opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true});
  const forReaders = element => {
    for (let e = element; e; e = e.parentElement) {
      const look = getComputedStyle(e);
      if (look.clip === 'rect(0px, 0px, 0px, 0px)' || look.clipPath === 'inset(50%)'
          || (look.position === 'absolute' && e.clientWidth <= 1 && e.clientHeight <= 1))
        return true;
      if (e.matches(PARTS)) return false;
    }
    return true;
  };
  const place = element => {
    const e = element.closest('[data-testid]');
    return e ? e.dataset.testid : element.tagName;
  };
  // Text, with the part of its boxes that can be seen.
  const texts = [];
  for (const part of document.querySelectorAll(PARTS)) {
    if (part.getBoundingClientRect().right < 20) continue;  // the folded sidebar
    if (part.scrollWidth > part.clientWidth + 1 && part.matches('[data-testid=stMain]'))
      note('scrolls sideways', part.dataset.testid, `${part.scrollWidth} > ${part.clientWidth}`);
    const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode, element = node.parentElement;
      if (!node.textContent.trim() || element.closest(SKIPPED)) continue;
      if (!shown(element) || forReaders(element)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const boxes = [...range.getClientRects()].filter(b => b.width > 0 && b.height > 0);
      if (!boxes.length) { note('blank', node.textContent, place(element)); continue; }
      for (const box of boxes) {
        let left = box.left, right = box.right, top = box.top, bottom = box.bottom;
        let short = false, scrolls = false;
        for (let e = element; e && e !== part; e = e.parentElement) {
          const look = getComputedStyle(e), edge = e.getBoundingClientRect();
          if (look.textOverflow === 'ellipsis') short = true;
          if (/auto|scroll/.test(look.overflowX) && !e.closest(CHOICES)) { scrolls = true; break; }
          if (look.overflowX !== 'visible') {
            left = Math.max(left, edge.left); right = Math.min(right, edge.right);
          }
          if (look.overflowY === 'hidden' || look.overflowY === 'clip') {
            top = Math.max(top, edge.top); bottom = Math.min(bottom, edge.bottom);
          }
        }
        if (scrolls) continue;
        const seen = right - left, told = `${Math.round(seen)} of ${Math.round(box.width)} px`;
        if (bottom - top < box.height / 2) continue;  // folded away, or scrolled
        if (seen < Math.min(box.width - 2, short ? 44 : box.width - 2))
          note('cut', node.textContent, `${told} ${place(element)}`);
        if (left > part.getBoundingClientRect().right - 2)
          note('outside', node.textContent, place(element));
        texts.push({element, left, right, top, bottom, text: node.textContent});
      }
    }
  }
  texts.sort((a, b) => a.top - b.top);
  for (let i = 0; i < texts.length; i++)
    for (let j = i + 1; j < texts.length && texts[j].top < texts[i].bottom - 3; j++) {
      const a = texts[i], b = texts[j];
      if (a.element.contains(b.element) || b.element.contains(a.element)) continue;
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - b.top;
      if (across > 3 && down > 3) note('overlap', a.text, `| ${b.text.trim().slice(0, 40)}`);
    }
  const clipped = element => {
    let {left, right, top, bottom} = element.getBoundingClientRect();
    for (let e = element.parentElement; e && !e.matches(PARTS); e = e.parentElement) {
      if (getComputedStyle(e).overflowX === 'visible') continue;
      const edge = e.getBoundingClientRect();
      left = Math.max(left, edge.left); right = Math.min(right, edge.right);
    }
    return {left, right, top, bottom, width: right - left, height: bottom - top};
  };
  const controls = [...document.querySelectorAll(
    ':is([data-testid=stMain], [data-testid=stSidebar]) :is(button, a[href], input, select)')]
    .filter(e => shown(e) && !e.closest(SKIPPED) && !forReaders(e))
    .map(e => [e, clipped(e)]).filter(([, b]) => b.width > 1 && b.height > 1)
    .filter(([, b]) => b.right > 20)
    .sort(([, a], [, b]) => a.top - b.top);
  for (let i = 0; i < controls.length; i++)
    for (let j = i + 1; j < controls.length; j++) {
      const [e, a] = controls[i], [f, b] = controls[j];
      if (b.top > a.bottom - 3) break;
      const label = e.closest('label');
      if (e.contains(f) || f.contains(e) || (label && label === f.closest('label'))) continue;
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - b.top;
      if (across > 3 && down > 3)
        note('controls overlap', e.innerText || e.ariaLabel || e.tagName,
          `| ${f.innerText || f.ariaLabel || f.tagName} ${place(e)} ${place(f)}`);
    }
  return [...found];
}"""


SETTLED = """() => new Promise(done =>
  requestAnimationFrame(() => setTimeout(() => requestAnimationFrame(done), 100)))"""
# Common windows, and half a laptop's: what a zoom of 200 % leaves.
LOW = (1024, 600)
SIZES = ((1366, 768), (1100, 768), LOW, (800, 600), (683, 384), (390, 844))
PROJECTOR = (1280, 720)
HEAD, PROJECTOR_HEAD = 180, 210  # pixels of heading and finding; a projector's letters are larger
# Streamlit folds the sidebar of a narrow window a moment after the window has become narrow.
FOLDED = """() => innerWidth > 768 ||
  document.querySelector('[data-testid=stSidebar]').getBoundingClientRect().right < 20"""


# A room's finding, and the picture it speaks of: the first chart.
FIRST_SCREEN = r"""() => {
  const main = document.querySelector('[data-testid=stMain]');
  const said = main.querySelector('[class*=st-key-finding]');
  const seen = [...main.querySelectorAll('[data-testid=stPlotlyChart]')]
    .map(chart => chart.getBoundingClientRect()).find(box => box.height > 100);
  return [said, seen && {getBoundingClientRect: () => seen}]
    .map(e => e && e.getBoundingClientRect().bottom);
}"""


def first_screen(page: Page, head: int = HEAD) -> list[str]:
    """What of a room's finding and its picture is not on the first screen, the finding first; as
    lines for a person."""
    said, seen = page.evaluate(FIRST_SCREEN)
    found = [] if said and said < head else [f"the finding ends at {said}"]
    height = (page.viewport_size or {"height": 0})["height"]
    return found if seen and seen <= height else [*found, f"the picture ends at {seen}"]


def flaws(page: Page, size: tuple[int, int]) -> list[str]:
    """Everything blank, cut, overlapping or too wide in a window of this size, as lines for a
    person."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.wait_for_function(FOLDED)
    page.evaluate(SETTLED)
    found: list[str] = page.evaluate(AUDIT)
    return found
