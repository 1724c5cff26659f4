// What only the browser can see to, once per tab.
if (!window.recsysLab) {
  window.recsysLab = true;
  const WRITTEN_IN = "textarea, [contenteditable=true], input:not([type=checkbox], [type=radio], [type=range])";
  const dialog = () => document.querySelector("[data-testid=stDialog]");
  const ends = (event) => event.key === "Escape" && dialog();
  const undoes = (event) => (event.ctrlKey || event.metaKey) && "zy".includes(event.key.toLowerCase());

  window.addEventListener("keydown", (event) => {
    const text = event.target.closest?.(WRITTEN_IN);
    // In a text Ctrl+Z is the text's own; a dialog lies on the button it would press.
    if (undoes(event) && (text || dialog())) event.stopPropagation();
    // A text is handed over when it is left: before the dialog goes.
    if (ends(event) && text) text.blur();
  }, true);

  // A tap is a click. Plotly takes the touch for a first click, and the click that browsers send
  // after it for the second of a double one: where nothing can be dragged, touches are kept from it.
  // Where something can, it is the touch that clicks, and what lies under it is looked up first: a
  // finger comes without the moving mouse that tells Plotly so.
  window.addEventListener("touchstart", (event) => {
    const {xaxis, yaxis} = event.target.closest?.(".js-plotly-plot")?._fullLayout ?? {};
    if (!xaxis || !yaxis || event.touches.length > 1) return;
    if (xaxis.fixedrange && yaxis.fixedrange) {
      event.stopPropagation();
      return;
    }
    const {clientX, clientY} = event.touches[0];
    event.target.dispatchEvent(new MouseEvent("mousemove", {clientX, clientY, bubbles: true}));
  }, {capture: true, passive: true});

  // An answer is no step of its own: Back after it leads to the step before. The parameter is named
  // by recsys_demo/ui/state.py. And a way into another room is one step, not two: Streamlit writes
  // its choices into the address of the old room first.
  const place = (url) => {
    const at = new URL(url, location.href);
    at.searchParams.delete("progress");
    return at.pathname + at.searchParams.toString();
  };
  const choices = (url) => new URL(url, location.href).search;
  let written = false; // since a person last did something
  for (const deed of ["click", "keydown"]) window.addEventListener(deed, () => { written = false; }, true);
  const push = history.pushState.bind(history);
  history.pushState = (data, title, url) => {
    const goesOn = written && choices(url) === choices(location.href);
    if (goesOn || place(url) === place(location.href)) return history.replaceState(data, title, url);
    written = true;
    return push(data, title, url);
  };

  // Dots travel. Plotly draws a map anew: each dot is led to its place from where it stood. The
  // traces are named by recsys_demo/charts/dots.py (one dot each) and embedding_overview.py.
  const MOVE_MS = 250;
  const stood = new WeakMap();
  const reduced = matchMedia("(prefers-reduced-motion: reduce)");
  const lead = (point) => {
    const trace = point.closest(".trace");
    const name = trace?.__data__?.[0]?.trace?.meta; // where D3 keeps what it drew
    const map = point.closest("[class*=st-key-]");
    const at = /translate\(([-\d.]+),([-\d.]+)\)/.exec(point.getAttribute("transform") ?? "");
    if (!/^(travels|moves)\d+$/.test(name) || !map || !at) return;
    const places = stood.get(map) ?? {};
    stood.set(map, places);
    const key = name.startsWith("moves") ? `${name}.${[...trace.querySelectorAll(".point")].indexOf(point)}` : name;
    const [was, is] = [places[key], [Number(at[1]), Number(at[2])]];
    if (was && was[0] === is[0] && was[1] === is[1]) return;
    places[key] = is;
    if (!was || reduced.matches) return;
    const look = {duration: MOVE_MS, easing: "ease-out"};
    if (key !== name) {
      const from = was.map((px) => `${px}px`), to = is.map((px) => `${px}px`);
      point.animate([{transform: `translate(${from})`}, {transform: `translate(${to})`}], look);
      return;
    }
    const from = `translate(${was[0] - is[0]}px, ${was[1] - is[1]}px)`;
    trace.animate([{transform: from}, {transform: "none"}], look);
  };
  new MutationObserver((changes) => changes.forEach(({target}) => target.matches(".point") && lead(target)))
    .observe(document.body, {subtree: true, attributes: true, attributeFilter: ["transform"]});
}
