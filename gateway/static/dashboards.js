// Arranging a dashboard by mouse, finger and keyboard; each step is saved at once, the last one wins.

const holder = document.getElementById("widgets");
const layout = document.getElementById("layout");
const WIDTHS = [3, 4, 6, 8, 9, 12];

const widgets = () => [...holder.querySelectorAll(":scope > .widget")];
const widthOf = (widget) => Number(widget.dataset.width);

function save() {
  const now = widgets().map((widget) => ({ ...JSON.parse(widget.dataset.widget), width: widthOf(widget) }));
  layout.elements.widgets.value = JSON.stringify(now);
  layout.requestSubmit();
}

// What is saved has another version than what was shown; every form on the page goes on from it.
document.addEventListener("done", ({ detail }) => {
  if (!detail.version) return;
  for (const field of document.querySelectorAll("input[name=version]")) field.value = detail.version;
});

function widen(widget, width) {
  if (width === widthOf(widget)) return;
  widget.dataset.width = width;
  dispatchEvent(new Event("resize")); // pictures take the room that they have now
}

function nearest(width) {
  return WIDTHS.reduce((best, each) => (Math.abs(each - width) < Math.abs(best - width) ? each : best));
}

holder.addEventListener("click", ({ target }) => {
  const button = target.closest(".widget-tools button");
  if (!button) return;
  const widget = button.closest(".widget");
  const { moves, widens } = button.dataset;
  if (moves) {
    const other = moves === "1" ? widget.nextElementSibling : widget.previousElementSibling;
    if (!other) return;
    if (moves === "1") other.after(widget);
    else other.before(widget);
  } else if (widens) {
    const at = WIDTHS.indexOf(nearest(widthOf(widget))) + Number(widens);
    if (!WIDTHS[at]) return;
    widen(widget, WIDTHS[at]);
  } else {
    if (widgets().length === 1) return;
    const next = widget.nextElementSibling ?? widget.previousElementSibling;
    widget.remove();
    next.querySelector(".widget-tools button").focus();
  }
  if (widget.isConnected) button.focus();
  save();
});

// --- dragging by the title ---

let dragged = null;

holder.addEventListener("dragstart", (event) => {
  dragged = event.target.closest(".widget");
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", "");
  dragged.classList.add("dragged");
});
holder.addEventListener("dragover", (event) => {
  const over = event.target.closest(".widget");
  if (!dragged) return;
  event.preventDefault();
  if (!over || over === dragged) return;
  const all = widgets();
  if (all.indexOf(over) > all.indexOf(dragged)) over.after(dragged);
  else over.before(dragged);
});
holder.addEventListener("dragend", () => {
  dragged?.classList.remove("dragged");
  if (dragged) save();
  dragged = null;
});

// --- pulling the right edge ---

holder.addEventListener("pointerdown", (event) => {
  const edge = event.target.closest(".widget-edge");
  if (!edge) return;
  event.preventDefault();
  edge.setPointerCapture(event.pointerId);
  const widget = edge.closest(".widget");
  const column = holder.clientWidth / 12;
  const left = widget.getBoundingClientRect().left;
  const before = widthOf(widget);
  const pull = ({ clientX }) => widen(widget, nearest((clientX - left) / column));
  edge.addEventListener("pointermove", pull);
  edge.addEventListener("lostpointercapture", () => {
    edge.removeEventListener("pointermove", pull);
    if (widthOf(widget) !== before) save();
  }, { once: true });
});
