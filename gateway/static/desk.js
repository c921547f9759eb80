// The desk: the calendar, what is dragged in it, and what others do there at the same time.

import { tell } from "/static/pages.js";

const find = (id) => document.getElementById(id);
const holder = find("calendar");
const { mayBook, mayMove, language, live, ahead, clock: clockKind } = holder.dataset;
const VIEWS = { day: "resourceTimeGridDay", week: "resourceTimelineWeek" };
const AGAIN_MS = 5000;
const SHORT_MS = 45 * 60_000; // so short an appointment has no line for the time alone
const LONG_MS = 90 * 60_000; // so long a one has room for a name in two lines
const TWELVE = { hour: "numeric", minute: "2-digit", hour12: true };
const BENEATH = new Set(["open", "free"]);

let week = holder.dataset.week === "yes";
let shown = null; // "2026-11-23": any day of what is shown
let reading = 0;
let masters = new Map(); // names by id
let dropped = null; // a move that is not final yet
let booked = []; // what the calendar shows, but for the free times beneath it
const branch = () => find("branch").value;

const two = (number) => String(number).padStart(2, "0");
const iso = (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
const wall = (date) => `${iso(date)}T${two(date.getHours())}:${two(date.getMinutes())}`;
/** Now on the wall clock of the branch, wherever this browser is. */
const there = () => new Date(Date.now() + (Number(ahead) + new Date().getTimezoneOffset()) * 60_000);
const dateOf = (text) => new Date(`${text}T00:00:00`);

function shifted(day, days) {
  const date = dateOf(day);
  date.setDate(date.getDate() + days);
  return iso(date);
}

/** The first and the last day that are shown; weeks begin on Monday. */
function period() {
  if (!week) return [shown, shown];
  const monday = shifted(shown, -((dateOf(shown).getDay() + 6) % 7));
  return [monday, shifted(monday, 6)];
}

const calendar = EventCalendar.create(holder, {
  view: VIEWS[week ? "week" : "day"],
  date: find("day").value,
  locale: language,
  firstDay: 1,
  headerToolbar: { start: "", center: "", end: "" },
  height: "100%",
  allDaySlot: false,
  nowIndicator: -new Date().getTimezoneOffset() === Number(ahead), // it goes by the clock of this browser
  slotDuration: "00:30",
  slotHeight: 30, // a quarter of an hour has room for a line
  columnWidth: "minmax(6.5rem, 1fr)", // many masters scroll sideways instead of becoming unreadable
  views: { resourceTimelineWeek: { slotDuration: "01:00", slotWidth: 40 } },
  snapDuration: "00:05",
  dayHeaderFormat: { weekday: "short", day: "numeric", month: "short" },
  slotLabelFormat: (date) => (week ? hour(date) : clock(date)),
  resourceLabelContent: ({ resource }) => ({ domNodes: [text("span", resource.title)] }),
  eventContent,
  eventClassNames: ({ event }) => [
    event.extendedProps.kind ?? "visit",
    event.extendedProps.status ?? "",
    week ? "" : isBrief(event) ? "brief" : isLong(event) ? "long" : "",
    ...(event.extendedProps.visit ? [`at-${event.id}`, `of-${event.extendedProps.visit}`] : []),
  ].filter(Boolean),
  eventStartEditable: mayMove === "yes",
  eventDurationEditable: mayMove === "yes",
  eventClick: ({ event }) => event.extendedProps.visit && choose(event.extendedProps.visit),
  dragConstraint: mayDrop,
  eventDrop: ask,
  eventResize: ask,
  dateClick: ({ date, resource }) => mayBook === "yes" && openNew(wall(quarter(date)), resource?.id),
  events: [],
  resources: [],
});

/** A click means the quarter of an hour that it hits; a drag is exact to five minutes. */
function quarter(date) {
  const begun = new Date(date);
  begun.setMinutes(date.getMinutes() - (date.getMinutes() % 15));
  return begun;
}

/** As people of the language write it, and as this visitor has chosen. */
function clock(date) {
  if (clockKind === "12") return date.toLocaleTimeString(language, TWELVE);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

function hour(date) {
  return clockKind === "12" ? date.toLocaleTimeString(language, { hour: "numeric", hour12: true }) : String(date.getHours());
}

function dayName(date) {
  return date.toLocaleDateString(language, { weekday: "short" });
}

function text(name, words, kind = "") {
  const made = document.createElement(name);
  made.textContent = words;
  if (kind) made.className = kind;
  return made;
}

/**
 * What stands in a box, the most important first: time, client, service, status. A line that has no room is left out
 * whole, one that is too long ends in dots; all of it is told by the pointer and by the voice.
 */
function eventContent({ event }) {
  const timeText = `${clock(event.start)}–${clock(event.end)}`;
  const { kind, service, said, warned } = event.extendedProps;
  if (BENEATH.has(kind)) return "";
  if (kind === "taken") {
    const lines = isBrief(event) ? [text("span", `${timeText} ${event.title}`, "line")]
      : [text("span", timeText, "line"), text("span", event.title, "line")];
    return { domNodes: [boxOf(lines, `${timeText} ${event.title}`)] };
  }
  const name = `${warned ? "⚠ " : ""}${event.title}`;
  const master = masters.get(event.resourceIds[0]) ?? "";
  const whole = text("span", `${master}, ${timeText}, ${event.title}${warned ? " ⚠" : ""}, ${service}, ${said}`, "visually-hidden");
  const lines = isBrief(event) ? [text("b", `${clock(event.start)} ${name}`, "line name")]
    : [text("b", timeText, "line"), text("b", name, "line name")];
  const room = (event.end - event.start) / 60_000 / (isBrief(event) ? 14 : 16); // lines: a minute is a pixel high
  if (lines.length + 2 <= room) lines.push(text("span", service, "line"), text("span", said, "line said"));
  else lines.push(text("span", `${service} · ${said}`, "line"));
  if (week) lines.splice(0, lines.length, text("b", name, "line name")); // where it stands says when
  const box = boxOf(lines, `${timeText} ${name}\n${service}\n${master}\n${said}`);
  box.ariaHidden = "true";
  return { domNodes: [whole, box] };
}

function boxOf(lines, title) {
  const box = document.createElement("div");
  box.className = "box";
  box.title = title;
  box.append(...lines);
  return box;
}

function isLong(event) {
  return event.end - event.start >= LONG_MS;
}

function isBrief(event) {
  return event.end - event.start <= SHORT_MS;
}

// The calendar calls itself a table, whose rows have no cells; what is in it are buttons in a region with a name.
const TABLE = ["table", "rowgroup", "row", "columnheader", "rowheader", "cell", "gridcell"].map((role) => `[role="${role}"]`).join();
const PLACES = ["aria-colindex", "aria-rowindex", "aria-colcount", "aria-rowcount", "aria-colspan"];
new MutationObserver(() => {
  for (const part of holder.querySelectorAll(TABLE)) part.removeAttribute("role");
  for (const name of PLACES) for (const part of holder.querySelectorAll(`[${name}]`)) part.removeAttribute(name);
}).observe(holder, { childList: true, subtree: true });

// --- reading ---

async function read() {
  const mine = ++reading;
  const [from, to] = period();
  const query = new URLSearchParams({ branch_id: branch(), from, to });
  let days;
  try {
    const answer = await fetch(`/desk/days.json?${query}`, { headers: { Accept: "application/json" } });
    if (answer.status === 401 && !document.querySelector("dialog[open]")) return location.reload(); // nothing is typed
    if (!answer.ok) throw new Error(String(answer.status));
    days = await answer.json();
  } catch {
    if (mine !== reading) return undefined;
    notice(holder.dataset.away);
    setTimeout(() => mine === reading && read(), AGAIN_MS);
    return undefined;
  }
  if (mine === reading) show(days);
  return undefined;
}

function show({ masters: shownMasters, events, opens, closes, missed }) {
  const held = holder.contains(document.activeElement) && document.activeElement.className.match(/\bat-\S+/)?.[0];
  masters = new Map(shownMasters.map((one) => [one.id, one.title]));
  notice(shownMasters.length ? "" : holder.dataset.empty);
  calendar.setOption("slotMinTime", opens);
  calendar.setOption("slotMaxTime", closes);
  calendar.setOption("resources", shownMasters);
  booked = events.map(({ id, start, end, title, resourceId, fixed, ...more }, number) => ({
    id: id ?? `open-${number}`,
    start,
    end,
    title: title ?? "",
    resourceIds: [resourceId],
    display: BENEATH.has(more.kind) ? "background" : "auto",
    startEditable: mayMove === "yes" && !more.kind && !fixed,
    durationEditable: mayMove === "yes" && !more.kind && !fixed,
    extendedProps: more,
  }));
  calendar.setOption("events", booked);
  showFree();
  find("missed").hidden = missed.length === 0;
  find("missed").querySelector("span").textContent = missed.length;
  find("missed").querySelector("ul").replaceChildren(...missed.map((one) => {
    const item = document.createElement("li");
    const button = text("button", `${one.text} · ${one.status}`, "btn btn-link p-0");
    button.type = "button";
    button.addEventListener("click", () => choose(one.id));
    item.append(button);
    return item;
  }));
  if (held) setTimeout(() => lost() && holder.querySelector(`.${held}`)?.focus()); // what had the focus is drawn anew
  const first = holder.dataset.shown !== period()[0];
  holder.dataset.shown = period()[0];
  if (week && first) toChosenDay();
  requestAnimationFrame(() => performance.mark("day-shown")); // drawn, and it answers: what is measured
}

const lost = () => !document.activeElement || document.activeElement === document.body;

/** A week is wider than the screen: it begins with the day that was chosen. */
function toChosenDay() {
  const grid = holder.querySelector(".ec-main");
  const day = (dateOf(shown).getDay() + 6) % 7;
  const side = grid?.querySelector(".ec-sidebar")?.offsetWidth ?? 0;
  setTimeout(() => grid?.scrollTo({ left: ((grid.scrollWidth - side) * day) / 7 }), 50); // when its hours are drawn
}

/** Where the chosen service could begin: beneath what is booked, and as a list for whoever has no pointer. */
async function showFree() {
  const service = find("free")?.value;
  if (find("free-list") && !service) find("free-list").hidden = true;
  if (!service) return calendar.setOption("events", booked);
  const mine = reading;
  const [from, to] = period();
  const query = new URLSearchParams({ branch_id: branch(), from, to, service_id: service });
  const answer = await fetch(`/desk/free.json?${query}`, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok || mine !== reading || find("free").value !== service) return undefined;
  const stretches = await answer.json();
  listFree(stretches);
  const free = stretches.map(({ start, end, resourceId, kind }, number) => (
    { id: `free-${number}`, start, end, resourceIds: [resourceId], display: "background", extendedProps: { kind } }
  ));
  return calendar.setOption("events", [...booked, ...free]);
}

function listFree(stretches) {
  const places = stretches.map(({ start, end, resourceId }) => ({ start: new Date(start), end: new Date(end), resourceId }));
  places.sort((one, other) => one.start - other.start);
  const held = find("free-list").contains(document.activeElement) && document.activeElement.textContent;
  find("free-list").hidden = false;
  find("free-list").querySelector("span").textContent = places.length;
  find("free-list").querySelector("div").replaceChildren(...places.map(({ start, end, resourceId }) => {
    const when = `${week ? `${dayName(start)} ` : ""}${clock(start)}–${clock(end)}`;
    const button = text("button", `${when} ${masters.get(resourceId) ?? ""}`, "btn btn-sm");
    button.type = "button";
    button.addEventListener("click", () => openNew(wall(start), resourceId));
    return button;
  }));
  if (lost()) [...find("free-list").querySelectorAll("button")].find((one) => one.textContent === held)?.focus();
}

find("free")?.addEventListener("change", showFree);

function notice(words) {
  find("notice").hidden = !words;
  find("notice").textContent = words;
}

// --- going elsewhere ---

function go(day, wanted = week) {
  if (!day) return;
  const other = wanted !== week;
  [shown, week] = [day, wanted];
  find("day").value = day;
  find("weekday").textContent = week ? "" : dayName(dateOf(day));
  const query = new URLSearchParams({ branch_id: branch(), date: day, ...(week ? { view: "week" } : {}) });
  history.replaceState(null, "", `/desk?${query}`);
  find("print").href = `/desk/print?${new URLSearchParams({ branch_id: branch(), date: day })}`;
  find("view-day").setAttribute("aria-pressed", String(!week));
  find("view-week").setAttribute("aria-pressed", String(week));
  if (other) calendar.setOption("view", VIEWS[week ? "week" : "day"]);
  calendar.setOption("date", day);
  read();
}

const step = () => (week ? 7 : 1);
find("before").addEventListener("click", () => go(shifted(shown, -step())));
find("after").addEventListener("click", () => go(shifted(shown, step())));
find("today").addEventListener("click", (event) => go(event.target.dataset.day));
find("day").addEventListener("change", (event) => go(event.target.value));
find("view-day").addEventListener("click", () => go(shown, false));
find("view-week").addEventListener("click", () => go(shown, true));
find("choice").addEventListener("submit", (event) => event.preventDefault());
if (find("branch").matches("select")) {
  find("branch").addEventListener("change", () => {
    location.assign(`/desk?${new URLSearchParams({ branch_id: branch(), date: shown })}`);
  });
}

// --- what is opened ---

/** Each place asks for itself: requests of one source wait for each other, and only the last of those that wait goes. */
function fetchInto(place, address) {
  htmx.ajax("GET", address, { source: place, target: place, swap: "innerHTML" });
}

/** By somebody's hand: who has no pointer goes on in the card, and back to the calendar by Escape. */
function choose(id) {
  openVisit(id);
  find("beside").focus({ preventScroll: true });
}

find("beside").addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.target.matches("input, select, textarea")) return;
  holder.querySelector(`.of-${find("beside").dataset.visit}`)?.focus();
});

const WAYS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

/** Arrows go from an appointment to the nearest one on that side. */
holder.addEventListener("keydown", (event) => {
  const from = event.target.closest(".ec-event.visit");
  if (!from || !WAYS[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  nearest(from, ...WAYS[event.key])?.focus();
});

function nearest(from, dx, dy) {
  const middle = (it) => {
    const { x, y, width, height } = it.getBoundingClientRect();
    return [x + width / 2, y + height / 2];
  };
  const [x, y] = middle(from);
  const others = [...holder.querySelectorAll(".ec-event.visit")].map((it) => {
    const [itsX, itsY] = middle(it);
    const ahead = (itsX - x) * dx + (itsY - y) * dy;
    return { it, ahead, far: ahead + 3 * Math.abs((itsX - x) * dy + (itsY - y) * dx) }; // rather straight on
  });
  return others.filter(({ ahead }) => ahead > 1).sort((one, other) => one.far - other.far)[0]?.it;
}

function openVisit(id) {
  find("beside").dataset.visit = id;
  find("beside").replaceChildren(text("p", "…")); // else one could cancel the visit that was shown before
  fetchInto("#beside", `/desk/appointments/${id}`);
  if (matchMedia("(max-width: 62rem)").matches) find("beside").scrollIntoView({ block: "nearest" });
}

function openNew(starts, masterId, clientId) {
  const query = new URLSearchParams({ branch_id: branch(), starts });
  if (masterId) query.set("master_id", masterId);
  if (clientId) query.set("client_id", clientId);
  if (find("free")?.value) query.set("service_id", find("free").value);
  fetchInto("#dialog", `/desk/new?${query}`);
}

/** The next quarter of an hour today, noon on any other day. */
function suggested() {
  const soon = quarter(new Date(there().getTime() + 15 * 60_000));
  return shown === iso(soon) ? wall(soon) : `${shown}T12:00`;
}

find("new")?.addEventListener("click", () => openNew(suggested()));
find("waiting")?.addEventListener("click", () => {
  fetchInto("#dialog", `/desk/waiting?${new URLSearchParams({ branch_id: branch() })}`);
});

// --- moving: the drop is final only when it was confirmed ---

/** What its mover may not hand over stays in its column: over another one it lies where it was. */
function mayDrop({ event, oldEvent }) {
  const may = !event.extendedProps.keeps || event.resourceIds[0] === oldEvent.resourceIds[0];
  holder.classList.toggle("refuses", !may);
  return may;
}

function ask({ event, revert }) {
  if (holder.classList.contains("refuses")) {
    holder.classList.remove("refuses");
    revert();
    return tell(holder.dataset.keeps, "warning");
  }
  dropped = { revert };
  const query = new URLSearchParams({
    segment_id: event.id,
    starts: wall(event.start),
    ends: wall(event.end),
    master_id: event.resourceIds[0],
  });
  return fetchInto("#dialog", `/desk/appointments/${event.extendedProps.visit}/moving?${query}`);
}

document.addEventListener("dialog-closed", () => {
  if (!dropped) return;
  dropped.revert();
  dropped = null;
  read(); // what others did meanwhile was not shown
});

document.addEventListener("htmx:responseError", () => {
  if (dropped && !document.querySelector("#dialog dialog")) {
    dropped.revert();
    dropped = null;
  }
});

document.addEventListener("done", ({ detail }) => {
  if (detail.refresh !== "days") return;
  dropped = null;
  read();
  if (detail.visit) openVisit(detail.visit);
  find("beside").focus({ preventScroll: true }); // what had the focus is drawn anew
}, true);

// --- what others do ---

let stream = null;
let soon = null;

function listen() {
  stream?.close();
  stream = new EventSource(`${live}/live?${new URLSearchParams({ branch_id: branch() })}`, { withCredentials: true });
  stream.addEventListener("changed", ({ data }) => {
    clearTimeout(soon);
    soon = setTimeout(() => heard(JSON.parse(data)), 150); // a series changes many at once
  });
  stream.addEventListener("open", () => { holder.dataset.alive = "yes"; });
  stream.addEventListener("error", () => {
    holder.dataset.alive = "";
    // Refused or ended: reading the day renews the session, and shows what was missed meanwhile.
    if (stream.readyState !== EventSource.CLOSED) return;
    notice(holder.dataset.stale);
    setTimeout(() => read().then(listen), AGAIN_MS);
  });
  stream.addEventListener("hello", ({ data }) => {
    if (JSON.parse(data).missed) read();
  });
}

function heard({ id }) {
  if (dropped) return; // what is being dragged stays under the hand; its answer reads the day anyway
  read();
  const beside = find("beside");
  if (id && beside.dataset.visit === id && !document.querySelector("dialog[open]")) openVisit(id);
}

shown = find("day").value;
go(shown);
listen();
if (holder.dataset.client) openNew(suggested(), null, holder.dataset.client); // from their card
