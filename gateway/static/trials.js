// What was given beside what would be, as bars; each is drawn when it comes into the page.

import { draw } from "./charts.js";
import { brief, money } from "./words.js";

function show(inside) {
  for (const holder of inside.querySelectorAll("[data-compared]")) {
    const told = JSON.parse(holder.dataset.compared);
    holder.removeAttribute("data-compared");
    const amount = (value) => money({ amount: value, currency: told.currency });
    holder.style.height = `${Math.max(8, told.names.length * 3 + 5)}rem`;
    draw(holder, {
      grid: { left: 10, right: 20, top: 30, bottom: 10, containLabel: true },
      legend: { top: 0 },
      tooltip: { trigger: "axis", formatter: (bars) => [told.names[bars[0].dataIndex], ...bars.map((bar) => `${bar.seriesName}: ${amount(bar.value)}`)].join("\n") },
      xAxis: { type: "value", axisLabel: { formatter: (value) => brief({ amount: value, currency: told.currency }), hideOverlap: true } },
      yAxis: { type: "category", inverse: true, data: told.names, axisLabel: { width: 140, overflow: "truncate" } },
      series: [
        { type: "bar", barMaxWidth: 22, name: told.was, data: told.granted, itemStyle: { color: "#8a93a3" } },
        { type: "bar", barMaxWidth: 22, name: told.would, data: told.proposed, itemStyle: { color: "#a8557f" } },
      ],
    });
  }
}

document.addEventListener("htmx:load", ({ detail }) => show(detail.elt));
show(document);
