// Draws every picture of a page where it stands, and those of parts that come later.

import { draw, forget } from "./charts.js";
import { height, option } from "./plots.js";

const NARROW = 480; // pixels, below which a picture says less

/** At the rim of the rings there is more to ask for. */
function opened({ data }) {
  if (data?.address && data.children.length === 0) location.assign(data.address);
}

function drawIn(root) {
  for (const holder of root.querySelectorAll("[data-plots]")) {
    const plots = JSON.parse(holder.dataset.plots);
    const small = holder.classList.contains("small");
    delete holder.dataset.plots;
    plots.forEach((plot) => {
      if (plot.axis) holder.append(Object.assign(document.createElement("p"), { className: "plot-title", textContent: plot.axis }));
      const picture = document.createElement("div");
      picture.className = "plot";
      picture.setAttribute("role", "img");
      picture.setAttribute("aria-label", [plot.axis, holder.dataset.label].filter(Boolean).join(", "));
      picture.style.height = `${height(plot, small, holder.clientWidth)}px`;
      holder.append(picture);
      draw(picture, option(plot, holder.clientWidth < NARROW), opened);
    });
  }
}

document.addEventListener("htmx:afterSwap", ({ target }) => drawIn(target.isConnected ? target : document));
document.addEventListener("htmx:beforeCleanupElement", ({ target }) => {
  for (const picture of target.querySelectorAll?.(".plot") ?? []) forget(picture);
});

// A period by its name takes the place of own dates.
document.addEventListener("change", ({ target }) => {
  if (!target.dataset.clears || !target.value) return;
  for (const name of target.dataset.clears.split(" ")) target.form.elements[name].value = "";
}, true);

// All figures stand beside the page where there is room.
const menu = document.querySelector(".figures-menu");
const wide = matchMedia("(min-width: 62rem)");
const unfold = () => menu?.toggleAttribute("open", wide.matches);
wide.addEventListener("change", unfold);
unfold();

drawIn(document);
