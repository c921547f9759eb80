// Pictures by echarts, in the colours of the page.

import * as echarts from "./vendor/echarts.js";

const isDark = () => document.documentElement.dataset.bsTheme === "dark";
const drawn = new Map();

/** Draw `option` into `holder`, and again when the window or the colour scheme changes; `clicked` gets what was. */
export function draw(holder, option, clicked = null) {
  const old = drawn.get(holder);
  old?.chart.dispose();
  const chart = echarts.init(holder, isDark() ? "dark" : null, { renderer: "canvas" });
  // Tooltips drawn on the canvas: those of HTML carry style attributes, which the page's policy forbids.
  const tooltip = { renderMode: "richText", confine: true, ...option.tooltip };
  chart.setOption({ backgroundColor: "transparent", animation: false, ...option, tooltip });
  if (clicked) chart.on("click", clicked);
  drawn.set(holder, { chart, option, clicked });
}

export function forget(holder) {
  drawn.get(holder)?.chart.dispose();
  drawn.delete(holder);
}

addEventListener("resize", () => drawn.forEach(({ chart }) => chart.resize()));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawn.forEach(({ option, clicked }, holder) => draw(holder, option, clicked)));
