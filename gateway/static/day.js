// The page after signing in: choosers on top, then the day's schedule, then the figures as pictures.

import { showSchedule } from "./schedule.js";
import { all, resume, signOut } from "./session.js";
import { showSources } from "./sources.js";
import { showVisits } from "./visits.js";
import { element, isoDate, notice, shifted, todayIn } from "./words.js";

const find = (id) => document.getElementById(id);
let branches = [];

/** Show something in `holder`; what goes wrong is told there, and a later answer never overwrites a newer question. */
function show(holder, what) {
  const mine = Symbol("question");
  holder.question = mine;
  const side = element("div");
  what(side).then(
    () => { if (holder.question === mine) holder.replaceChildren(side); },
    (refused) => { if (holder.question === mine) holder.replaceChildren(notice(refused.message)); },
  );
}

function schedule() {
  const branch = branches.find((one) => one.id === find("branch").value);
  const day = find("day").value;
  if (!branch || !day) return;
  show(find("schedule"), (holder) => showSchedule(holder, branch, day));
}

function figures() {
  const [from, to] = [find("from").value, find("to").value];
  if (!from || !to) return;
  const branchId = find("everywhere").checked ? null : find("branch").value;
  if (from > to) {
    for (const id of ["visits", "sources"]) find(id).replaceChildren(notice("The period ends before it begins."));
    return;
  }
  pictured(find("visits"), (holder) => showVisits(holder, { from, to, branchId }));
  pictured(find("sources"), (holder) => showSources(holder, { from, to, branchId }));
}

/** Pictures need their place on the page before they are drawn, so these fill the holder itself. */
function pictured(holder, what) {
  what(holder).catch((refused) => holder.replaceChildren(notice(refused.message)));
}

async function start() {
  let user;
  try {
    user = await resume();
  } catch (refused) {
    if (refused.status === 401) location.replace("/sign-in");
    else find("schedule").replaceChildren(notice(refused.message));
    return;
  }
  find("who").textContent = user.name;
  try {
    branches = await all("/branches");
  } catch (refused) {
    begin(isoDate(new Date()));
    find("schedule").replaceChildren(notice(refused.message));
    return;
  }
  begin(branches.length ? todayIn(branches[0].time_zone) : isoDate(new Date()));
  find("branch").replaceChildren(...branches.map((one) => element("option", { value: one.id }, one.name)));
  if (branches.length === 0) {
    find("schedule").replaceChildren(notice(
      "There is no branch that you may see yet.",
      "An owner makes one (POST /api/v1/branches) or adds you to an existing one.",
    ));
    return;
  }
  schedule();
}

/** Show today, and the figures of the last year. */
function begin(today) {
  find("day").value = today;
  find("from").value = `${Number(today.slice(0, 4)) - 1}-${today.slice(5, 7)}-01`;
  find("to").value = today;
  figures();
}

find("branch").addEventListener("change", () => { schedule(); if (!find("everywhere").checked) figures(); });
find("day").addEventListener("change", schedule);
find("before").addEventListener("click", () => move(-1));
find("after").addEventListener("click", () => move(1));
find("period").addEventListener("change", figures);
find("sign-out").addEventListener("click", signOut);
for (const form of ["choice", "period"]) find(form).addEventListener("submit", (event) => event.preventDefault());

function move(days) {
  if (!find("day").value) return;
  find("day").value = shifted(find("day").value, days);
  schedule();
}

start();
