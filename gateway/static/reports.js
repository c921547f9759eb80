// Reports: bars of what is shown, and conditions that come and go.

import { draw } from "./charts.js";
import { brief, money } from "./words.js";

function show(inside) {
  for (const holder of inside.querySelectorAll("[data-bars]")) {
    const told = JSON.parse(holder.dataset.bars);
    holder.removeAttribute("data-bars");
    const said = (value) => (told.currency ? money({ amount: value, currency: told.currency }) : String(value));
    const short = (value) => (told.currency ? brief({ amount: value, currency: told.currency }) : value.toLocaleString(document.documentElement.lang));
    draw(holder, {
      grid: { left: 10, right: 20, top: 30, bottom: 10, containLabel: true },
      legend: { type: "scroll", top: 0 },
      tooltip: { trigger: "axis", formatter: (bars) => [told.bars[bars[0].dataIndex], ...bars.map((bar) => `${bar.seriesName}: ${said(bar.value)}`)].join("\n") },
      xAxis: { type: "category", data: told.bars },
      yAxis: { type: "value", axisLabel: { formatter: short } },
      series: told.series.map(({ name, values }) => ({ type: "bar", name, data: values, barMaxWidth: 40, stack: told.series.length > 1 ? "all" : undefined })),
      color: ["#a8557f", "#3f7cac", "#6a9f58", "#c98a2b", "#8a6bb1", "#4fa3a5", "#b5533c", "#7d8597", "#d27fb0", "#86b049", "#5b6dcd", "#9c7a4d"],
    });
  }
}

document.addEventListener("htmx:load", ({ detail }) => {
  show(detail.elt.parentElement ?? detail.elt);
  if (!detail.elt.matches?.("[data-added]")) return;
  detail.elt.removeAttribute("data-added");
  detail.elt.querySelector("select")?.focus();
});

document.addEventListener("click", ({ target }) => {
  const removing = target.closest?.("[data-removes]");
  if (!removing) return;
  const gone = removing.closest(removing.dataset.removes);
  const next = gone.parentElement.parentElement?.querySelector(".btn-list button");
  gone.remove();
  next?.focus();
});

// What was asked for is brought into sight, below a form that is longer than a phone.
document.addEventListener("htmx:afterSwap", ({ target }) => {
  if (target.id === "preview") target.scrollIntoView({ block: "nearest" });
});

// Of one value or of several: what was typed or chosen stays.
document.addEventListener("change", ({ target }) => {
  if (!target.matches("[data-compares]")) return;
  const value = target.closest(".test").querySelector("select[name$='.value']");
  if (!value) return;
  value.multiple = target.value === "in";
  value.size = value.multiple ? 4 : 0;
});

show(document);
