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
}
