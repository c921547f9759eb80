// Plots as the server says them, as options of echarts: columns along an axis, ranked bars, grids, timetables, rings.

import { brief, money } from "./words.js";

// Okabe & Ito 2008, told apart by people who see fewer colours; as the pictures that are taken away.
const COLOURS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#7A5195", "#B8A800"];
const HEAT = ["#00204d", "#414d6b", "#7c7b78", "#bcaf6f", "#ffea46"]; // cividis, as bright to everybody
const BRIGHT = new Set(["#E69F00", "#56B4E9", "#CC79A7", "#B8A800"]); // dark letters are read on these
const REST = "#9aa1ad";
const LONGEST = 28;
const LETTER = 6.5; // pixels, of a text beside a bar
const ZOOMED = 60; // columns from which on a part may be looked at

const language = document.documentElement.lang;
const numbers = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
const compact = new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 });

function said(value, { unit, currency }) {
  if (value === null || value === undefined) return "–";
  if (unit === "money") return money({ amount: value, currency });
  if (unit === "percent") return `${numbers.format(value)} %`;
  return numbers.format(value);
}

function onAxis(plot) {
  if (plot.unit === "money") return (value) => brief({ amount: value, currency: plot.currency });
  if (plot.unit === "percent") return (value) => `${numbers.format(value)} %`;
  return (value) => compact.format(value);
}

const cut = (text) => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);
const colour = (series, at) => (series.role === "rest" ? REST : COLOURS[at % COLOURS.length]);

/** How high a plot is, in pixels: what has rows is as high as they need. */
export function height(plot, small, width) {
  const rows = (plot.labels ?? plot.rows ?? []).length;
  switch (plot.kind_of_plot) {
    case "ranked": return 70 + rows * (plot.stacked || plot.series.length === 1 ? 30 : 16 * plot.series.length + 6);
    case "grid": return 120 + rows * 28;
    case "timetable": return 80 + rows * 26;
    case "icicle": return Math.min(width, small ? 340 : 520);
    default: return small ? 260 : 320;
  }
}

export function option(plot, narrow) {
  return { columns, ranked, grid, timetable, icicle }[plot.kind_of_plot](plot, narrow);
}

function legend(plot) {
  return plot.series.length > 1 ? { type: "scroll", top: 0, left: 0, data: plot.series.map(({ name }) => name) } : undefined;
}

function columns(plot) {
  const lines = plot.kind === "lines" && plot.labels.length > 1; // a single point is no line
  const series = plot.series.flatMap((each, at) => [...band(each, at), lines ? line(each, at) : bar(each, at, plot), ...whiskers(each, plot)]);
  if (plot.reference !== null) {
    series[0].markLine = { symbol: "none", silent: true, label: { show: false }, lineStyle: { type: "dashed", color: "#7d8590" }, data: [{ yAxis: plot.reference }] };
  }
  const tall = { left: 8, right: 12, top: plot.series.length > 1 ? 34 : 12, bottom: plot.labels.length > ZOOMED ? 48 : 8, containLabel: true };
  return {
    grid: tall,
    legend: legend(plot),
    tooltip: {
      trigger: "axis",
      formatter: (found) => [plot.labels[found[0].dataIndex], ...plot.series.map((each) => {
        const at = found[0].dataIndex;
        const within = each.low?.length && each.low[at] !== null && each.low[at] !== each.high[at] ? ` (${said(each.low[at], plot)} – ${said(each.high[at], plot)})` : "";
        return each.values[at] === null ? null : `${each.name}: ${said(each.values[at], plot)}${within}`;
      }).filter(Boolean)].join("\n"),
    },
    xAxis: { type: "category", data: plot.labels, name: "", axisLabel: { hideOverlap: true } },
    yAxis: { type: "value", scale: plot.unit === "index", axisLabel: { formatter: onAxis(plot) } },
    dataZoom: plot.labels.length > ZOOMED ? [{ type: "slider", height: 20, bottom: 8, showDetail: false }] : undefined,
    series,
  };
}

function bar(each, at, plot) {
  return { type: "bar", name: each.name, data: each.values, stack: plot.kind === "stacked" ? "all" : undefined, itemStyle: { color: colour(each, at) }, barMaxWidth: 48 };
}

function line(each, at) {
  const few = each.values.length <= 42;
  return {
    type: "line", name: each.name, data: each.values, showSymbol: few, symbolSize: 5,
    lineStyle: { type: each.role === "forecast" ? "dashed" : "solid", width: 2 }, itemStyle: { color: colour(each, at) },
  };
}

/** The interval of a forecast: an unseen line at its foot, and on it as much as it is wide. */
function band(each, at) {
  if (!each.low?.length || each.role !== "forecast") return [];
  const shared = { type: "line", stack: `band-${at}`, symbol: "none", silent: true, lineStyle: { opacity: 0 }, tooltip: { show: false } };
  const wide = each.low.map((low, place) => (low === null ? null : each.high[place] - low));
  return [
    { ...shared, data: each.low },
    { ...shared, data: wide, areaStyle: { color: colour(each, at), opacity: 0.2 } },
  ];
}

/** Where a bar might end as well. */
function whiskers(each, plot) {
  if (!each.low?.length || each.role === "forecast") return [];
  return [{
    type: "custom", name: `${each.name} ↕`, silent: true, z: 5,
    data: each.values.map((value, at) => [at, each.low[at], each.high[at]]).filter(([, low]) => low !== null),
    encode: { x: 0, y: [1, 2] },
    renderItem: (_, api) => {
      const [x, top] = api.coord([api.value(0), api.value(2)]);
      const [, foot] = api.coord([api.value(0), api.value(1)]);
      const style = { stroke: "#7d8590", lineWidth: 1.5 };
      const stroke = (x1, y1, x2, y2) => ({ type: "line", shape: { x1, y1, x2, y2 }, style });
      return { type: "group", children: [stroke(x, foot, x, top), stroke(x - 4, top, x + 4, top), stroke(x - 4, foot, x + 4, foot)] };
    },
  }];
}

function ranked(plot, narrow) {
  const texts = (plot.beside ?? []).map((text) => (narrow ? text.split(" · ")[0] : text));
  const last = plot.series.length - 1;
  return {
    grid: { left: 8, right: 24 + LETTER * Math.max(0, ...texts.map((text) => text.length)), top: plot.series.length > 1 ? 34 : 8, bottom: 8, containLabel: true },
    legend: legend(plot),
    tooltip: {
      trigger: "axis", axisPointer: { type: "shadow" },
      formatter: ([{ dataIndex: at }]) => [plot.labels[at], ...plot.series.map((each) => `${each.name}: ${said(each.values[at], plot)}`), plot.beside?.[at]].filter(Boolean).join("\n"),
    },
    xAxis: { type: "value", axisLabel: { formatter: onAxis(plot), hideOverlap: true }, splitNumber: narrow ? 2 : 5 },
    yAxis: { type: "category", inverse: true, data: plot.labels.map(cut), axisTick: { show: false }, axisLabel: { width: narrow ? 110 : 220, overflow: "truncate", interval: 0 } },
    series: [
      ...plot.series.map((each, at) => ({
        type: "bar", name: each.name, stack: plot.stacked ? "all" : undefined, barMaxWidth: 24, data: each.values, itemStyle: { color: colour(each, at) },
        label: at === last && texts.length ? { show: true, position: "right", formatter: ({ dataIndex }) => texts[dataIndex] ?? "" } : undefined,
      })),
    ],
  };
}

function grid(plot, narrow) {
  const cells = plot.values.flatMap((row, y) => row.map((value, x) => [x, y, value]).filter(([, , value]) => value !== null));
  const top = plot.top ?? Math.max(...cells.map(([, , value]) => value), 0);
  return {
    grid: { left: 8, right: 8, top: 8, bottom: 64, containLabel: true },
    tooltip: { formatter: ({ value: [x, y, value] }) => `${plot.rows[y]} · ${plot.columns[x]}\n${plot.axis}: ${plot.written?.[y]?.[x] || said(value, plot)}` },
    xAxis: { type: "category", data: plot.columns, name: "", position: "top", splitArea: { show: true } },
    yAxis: { type: "category", inverse: true, data: plot.rows.map(cut), axisLabel: { interval: 0 } },
    visualMap: { min: 0, max: top || 1, calculable: true, orient: "horizontal", left: "center", bottom: 0, itemHeight: narrow ? 120 : 240, inRange: { color: HEAT }, formatter: (value) => said(value, plot) },
    series: [{
      type: "heatmap", data: cells.map((cell) => ({ value: cell, label: { color: cell[2] > top * 0.6 ? "#000" : "#fff" } })),
      label: { show: !narrow && plot.columns.length <= 16, formatter: ({ value: [x, y] }) => plot.written?.[y]?.[x] ?? "" },
    }],
  };
}

function timetable(plot) {
  const hour = (text) => new Date(text.slice(0, 19)).getHours() + new Date(text.slice(0, 19)).getMinutes() / 60;
  const spans = plot.spans.map(({ row, starts, ends }) => {
    const from = hour(starts);
    const to = starts.slice(0, 10) === ends.slice(0, 10) ? hour(ends) : 24;
    return [from, to, row, `${starts.slice(11, 16)}–${ends.slice(11, 16)}`];
  });
  return {
    grid: { left: 8, right: 16, top: 8, bottom: 24, containLabel: true },
    tooltip: { formatter: ({ value }) => `${plot.rows[value[2]]}\n${value[3]}` },
    xAxis: { type: "value", min: Math.floor(Math.min(...spans.map(([from]) => from))), max: Math.ceil(Math.max(...spans.map(([, to]) => to))), interval: 2, axisLabel: { formatter: (value) => `${value}:00` } },
    yAxis: { type: "category", inverse: true, data: plot.rows, axisLabel: { interval: 0, width: 180, overflow: "truncate" } },
    series: [{
      type: "custom", data: spans, encode: { x: [0, 1], y: 2 },
      renderItem: (_, api) => {
        const [x, y] = api.coord([api.value(0), api.value(2)]);
        const [right] = api.coord([api.value(1), api.value(2)]);
        const high = api.size([0, 1])[1] * 0.6;
        return { type: "rect", shape: { x, y: y - high / 2, width: Math.max(2, right - x), height: high, r: 3 }, style: { fill: COLOURS[0] } };
      },
    }],
  };
}

function ring(box) {
  const fill = COLOURS[box.group % COLOURS.length];
  return {
    name: box.texts[0], value: box.size, texts: box.texts, address: box.address, children: box.children.map(ring),
    itemStyle: { color: fill, opacity: box.rest ? 0.35 : 1 },
    label: box.rest ? { show: false } : { color: BRIGHT.has(fill) ? "#111" : "#fff" },
  };
}

/** Rings from the inside to the outside; a click looks at a part, one in the middle goes back. */
export function icicle(plot) {
  return {
    tooltip: { formatter: ({ data }) => data?.texts?.join("\n") ?? "" },
    series: [{
      type: "sunburst", sort: null, nodeClick: "rootToNode",
      levels: [{}, { r0: "12%", r: "46%" }, { r0: "46%", r: "70%" }, { r0: "70%", r: "86%" }, { r0: "86%", r: "97%" }],
      itemStyle: { borderWidth: 1, borderColor: "rgba(255,255,255,.6)" },
      label: { minAngle: 9, width: 76, overflow: "truncate", fontSize: 11, textBorderWidth: 0 },
      data: plot.root.children.map(ring),
    }],
  };
}
