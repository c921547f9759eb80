// Where clients come from: channels, those who came by them, and those whom they brought, with money.

import { draw } from "./charts.js";
import { api } from "./session.js";
import { element, money, notice } from "./words.js";

const RINGS = 4; // of the picture; the tree below it goes all the way down
const OUTER = [["48%", "66%"], ["66%", "82%"], ["82%", "96%"]].map(([r0, r]) => ({ r0, r, label: { show: false } }));

export async function showSources(holder, { from, to, branchId }) {
  const query = new URLSearchParams({ from, to, ...(branchId ? { branch_id: branchId } : {}) });
  const root = await api(`/analytics/sources?${query}`);
  if (root.children.length === 0) {
    holder.replaceChildren(notice(
      "Nobody with a completed visit in this period.",
      "Register clients with the channel that they came by, or with the client who brought them.",
    ));
    return;
  }
  const picture = element("div", {
    class: "picture",
    role: "img",
    "aria-label": `Revenue of ${root.clients} clients by channel and referrer; the tree below has the figures.`,
  });
  holder.replaceChildren(
    picture,
    element("p", {}, `All together: ${figures(root)}`),
    element("ul", { class: "tree" }, ...byRevenue(root).map(branch)),
  );
  draw(picture, {
    tooltip: { formatter: ({ data }) => (data.figures ? `${data.name}\n${data.figures}` : "") },
    series: [{
      type: "sunburst",
      sort: "desc",
      label: { minAngle: 14, rotate: "tangential", width: 90, overflow: "truncate" },
      // Channels wide enough to read, the people whom they brought as rings around them.
      levels: [{}, { r0: "14%", r: "48%" }, ...OUTER],
      data: byRevenue(root).map((node) => ring(node, 1)),
    }],
  });
}

function nameOf(node) {
  if (node.name) return node.name;
  if (node.kind === "client") return `client ${node.client_id.slice(-6)}`;
  return node.kind === "channel" ? "unknown" : "all";
}

function figures(node) {
  return `${node.clients} ${node.clients === 1 ? "client" : "clients"}, `
    + `${node.visits} ${node.visits === 1 ? "visit" : "visits"}, ${money(node.revenue)}`;
}

function byRevenue(node) {
  return [...node.children].sort((one, other) => other.revenue.amount - one.revenue.amount);
}

function ring(node, depth) {
  const value = Math.max(0, node.revenue.amount); // a refund below zero has no angle
  const children = depth < RINGS ? byRevenue(node).map((child) => ring(child, depth + 1)) : [];
  return { name: nameOf(node), value, figures: figures(node), children };
}

/** One node of the tree; its children are made when it is opened, for there may be thousands. */
function branch(node) {
  const label = [element("span", {}, nameOf(node)), element("span", { class: "figures" }, figures(node))];
  if (node.children.length === 0) return element("li", { class: "leaf" }, ...label);
  const own = element("li", { class: "leaf quiet" }, `own: ${money(node.own.revenue)}, ${node.own.visits} visits`);
  const inside = element("ul");
  const details = element("details", {}, element("summary", {}, ...label), inside);
  details.addEventListener("toggle", () => {
    if (!details.open || inside.childElementCount) return;
    if (node.own.visits) inside.append(own);
    inside.append(...byRevenue(node).map(branch));
  });
  return element("li", {}, details);
}
