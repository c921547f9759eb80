// The schedule of one day at one branch: a column for each master, a block for each segment of an appointment.

import { all, api } from "./session.js";
import { STATUSES, clock, element, minutesOf, notice } from "./words.js";

const CELL = 5; // minutes
const OFF_THE_GRID = new Set(["cancelled", "no_show"]);
const NAMES_AT_ONCE = 2000;

export async function showSchedule(holder, branch, day) {
  const [appointments, masters, services] = await Promise.all([
    all("/appointments", { branch_id: branch.id, from: day, to: day }),
    all("/masters"), // of other branches too: somebody may have helped out here
    all("/services"),
  ]);
  const names = await namesOf(appointments);
  const words = {
    master: byId(masters),
    service: byId(services),
    client: (appointment) => (appointment.client_id ? names.get(appointment.client_id) ?? "a client" : "without a card"),
  };
  const taking = appointments.filter((appointment) => !OFF_THE_GRID.has(appointment.status));
  const missed = appointments.filter((appointment) => OFF_THE_GRID.has(appointment.status));
  if (appointments.length === 0) {
    holder.replaceChildren(notice(
      `Nothing is booked at ${branch.name} on this day.`,
      masters.length ? "Choose another day, or book an appointment." : "There is no master yet: add one, and give them shifts.",
    ));
    return;
  }
  holder.replaceChildren(grid(taking, branch, day, words), ...aside(missed, words));
}

function byId(items) {
  const names = new Map(items.map((item) => [item.id, item.name]));
  return (id) => names.get(id) ?? "—";
}

/** Names by id for those who may see clients; the schedule is useful without them. */
async function namesOf(appointments) {
  const ids = [...new Set(appointments.map((appointment) => appointment.client_id).filter(Boolean))];
  if (ids.length === 0) return new Map();
  try {
    const { items } = await api("/clients/names", { ids: ids.slice(0, NAMES_AT_ONCE) });
    return new Map(items.map((item) => [item.id, item.name]));
  } catch (refused) {
    if (refused.status === 403 || refused.status === 404) return new Map();
    throw refused;
  }
}

function grid(appointments, branch, day, words) {
  const blocks = appointments.flatMap((appointment) => (
    appointment.segments.map((segment) => ({ appointment, segment }))
  ));
  const [opens, closes] = hours(branch, day, blocks);
  const masters = [...new Set(blocks.map(({ segment }) => segment.master_id))]
    .sort((one, other) => words.master(one).localeCompare(words.master(other)));
  const columns = masters.map((master) => column(
    words.master(master),
    blocks.filter(({ segment }) => segment.master_id === master).map((block) => visit(block, opens, words)),
    (closes - opens) / CELL,
  ));
  return element("div", { class: "schedule" }, ruler(opens, closes), ...columns);
}

/** From when to when the grid goes, whole hours: the opening hours, widened by what lies outside of them. */
function hours(branch, day, blocks) {
  const weekday = (new Date(`${day}T12:00:00Z`).getUTCDay() + 6) % 7; // 0 is Monday
  const open = branch.opening_hours.filter((one) => one.weekday === weekday);
  const starts = [...open.map((one) => minutesOf(`${day}T${one.opens}`)), ...blocks.map((one) => minutesOf(one.segment.starts))];
  const ends = [...open.map((one) => minutesOf(`${day}T${one.closes}`)), ...blocks.map(endOf)];
  if (starts.length === 0) return [9 * 60, 18 * 60];
  return [Math.floor(Math.min(...starts) / 60) * 60, Math.ceil(Math.max(...ends) / 60) * 60];
}

function endOf({ segment }) {
  const end = minutesOf(segment.ends);
  return segment.ends.slice(0, 10) > segment.starts.slice(0, 10) ? end + 24 * 60 : end;
}

function ruler(opens, closes) {
  const marks = [];
  for (let minutes = opens; minutes < closes; minutes += 60) {
    const mark = element("li", {}, clock(minutes));
    mark.style.gridRow = `${(minutes - opens) / CELL + 1} / span ${60 / CELL}`;
    marks.push(mark);
  }
  return element("div", { class: "hours", "aria-hidden": "true" }, element("h3", {}, "·"), element("ol", { class: "cells" }, ...marks));
}

function column(name, items, cells) {
  const list = element("ol", { class: "cells" }, ...items);
  list.style.gridTemplateRows = `repeat(${cells}, 6px)`;
  return element("section", { class: "column", "aria-label": name }, element("h3", {}, name), list);
}

function visit(block, opens, words) {
  const { appointment, segment } = block;
  const starts = minutesOf(segment.starts);
  const ends = endOf(block);
  const made = element(
    "li", { class: `visit ${appointment.status}`, tabindex: "0" },
    element("b", {}, `${clock(starts)}–${clock(ends % (24 * 60))} ${words.client(appointment)}`),
    element("span", {}, words.service(segment.service_id)),
    element("span", { class: "state" }, STATUSES[appointment.status]),
  );
  const cells = Math.max(3, Math.ceil((ends - starts) / CELL));
  made.style.gridRow = `${Math.floor((starts - opens) / CELL) + 1} / span ${cells}`;
  return made;
}

function aside(appointments, words) {
  if (appointments.length === 0) return [];
  const line = (appointment) => element(
    "li", {},
    `${clock(minutesOf(appointment.starts))} ${words.client(appointment)}: ${STATUSES[appointment.status]}`,
  );
  const title = `Cancelled or missed: ${appointments.length}`;
  return [element("details", {}, element("summary", {}, title), element("ul", {}, ...appointments.map(line)))];
}
