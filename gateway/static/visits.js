// Visits per month: a bar for each month, and the same as a table.

import { draw } from "./charts.js";
import { api } from "./session.js";
import { element, money, notice } from "./words.js";

export async function showVisits(holder, { from, to, branchId }) {
  const query = new URLSearchParams({ from, to, group_by: "month", ...(branchId ? { branch_id: branchId } : {}) });
  const { rows } = await api(`/analytics/visits?${query}`);
  rows.sort((one, other) => one.month.localeCompare(other.month));
  if (rows.length === 0) {
    holder.replaceChildren(notice(
      "No completed visits in this period.",
      "Choose an earlier one, or complete an appointment: it appears here within seconds.",
    ));
    return;
  }
  const picture = element("div", {
    class: "picture",
    role: "img",
    "aria-label": `Visits in each of ${rows.length} months; the table below has the figures.`,
  });
  holder.replaceChildren(picture, element("details", {}, element("summary", {}, "As a table"), table(rows)));
  draw(picture, {
    grid: { left: 10, right: 10, top: 20, bottom: 10, containLabel: true },
    tooltip: {
      trigger: "axis",
      formatter: ([bar]) => {
        const row = rows[bar.dataIndex];
        return `${row.month}\n${row.visits} visits\n${row.new_clients} new clients\n${money(row.revenue)}`;
      },
    },
    xAxis: { type: "category", data: rows.map((row) => row.month) },
    yAxis: { type: "value", minInterval: 1 },
    series: [{ type: "bar", name: "Visits", data: rows.map((row) => row.visits), itemStyle: { color: "#a8557f" } }],
  });
}

function table(rows) {
  const cells = (name, texts) => element("tr", {}, ...texts.map((text) => element(name, {}, String(text))));
  return element(
    "table", {},
    element("thead", {}, cells("th", ["Month", "Visits", "New clients", "Revenue"])),
    element("tbody", {}, ...rows.map((row) => cells("td", [row.month, row.visits, row.new_clients, money(row.revenue)]))),
  );
}
