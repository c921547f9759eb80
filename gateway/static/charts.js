// Pictures by echarts, in the colours of the page.

import * as echarts from "./vendor/echarts.js";

const dark = matchMedia("(prefers-color-scheme: dark)");
const drawn = new Map();

/** Draw `option` into `holder`, and again when the window or the colour scheme changes. */
export function draw(holder, option) {
  const old = drawn.get(holder);
  old?.chart.dispose();
  const chart = echarts.init(holder, dark.matches ? "dark" : null, { renderer: "canvas" });
  // Tooltips drawn on the canvas: those of HTML carry style attributes, which the page's policy forbids.
  const tooltip = { renderMode: "richText", confine: true, ...option.tooltip };
  chart.setOption({ backgroundColor: "transparent", animation: false, ...option, tooltip });
  drawn.set(holder, { chart, option });
}

export function forget(holder) {
  drawn.get(holder)?.chart.dispose();
  drawn.delete(holder);
}

addEventListener("resize", () => drawn.forEach(({ chart }) => chart.resize()));
dark.addEventListener("change", () => drawn.forEach(({ option }, holder) => draw(holder, option)));
