// The planner: painting hours over days by mouse and by keyboard; only what was changed is sent.

import { tell } from "/static/pages.js";

const cells = () => [...document.querySelectorAll("#planner .cell")];
const changed = () => cells().filter((cell) => cell.value.trim() !== cell.dataset.was);
let painting = false;

/** What a click does: null means that hours are typed. */
function brush() {
  const chosen = document.querySelector("[name=brush]:checked");
  return !chosen || "types" in chosen.dataset ? null : chosen.value;
}

function note(cell) {
  cell.classList.toggle("changed", cell.value.trim() !== cell.dataset.was);
  const place = document.querySelector("#changed");
  const number = changed().length;
  place.textContent = number ? `${place.dataset.text} ${number}` : "";
  const row = cell.closest("tr");
  row.querySelector(".days").textContent = [...row.querySelectorAll(".cell")].filter((one) => one.value.trim()).length;
}

function paint(cell) {
  cell.value = brush();
  note(cell);
}

document.addEventListener("input", ({ target }) => {
  if (target.matches(".cell")) note(target);
});

document.addEventListener("change", ({ target }) => {
  if (target.name === "brush") for (const cell of cells()) cell.readOnly = brush() !== null;
});

document.addEventListener("pointerdown", (event) => {
  if (!event.target.matches?.(".cell") || brush() === null || event.button) return;
  painting = event.pointerType === "mouse";
  if (painting) paint(event.target);
});
document.addEventListener("pointerover", ({ target }) => {
  if (painting && target.matches?.(".cell")) paint(target);
});
document.addEventListener("pointerup", () => { painting = false; });
document.addEventListener("click", (event) => {
  // A touch paints when it was no scrolling.
  if (event.target.matches?.(".cell") && brush() !== null && event.pointerType !== "mouse") paint(event.target);
});

document.addEventListener("keydown", (event) => {
  const cell = event.target;
  if (!cell.matches?.(".cell") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (brush() !== null && event.key === " ") {
    event.preventDefault();
    paint(cell);
    return;
  }
  const to = neighbour(cell, event.key);
  if (to === undefined) return;
  event.preventDefault();
  to?.focus();
  to?.select();
});

/** The cell that a key leads to; undefined where the key belongs to the text. */
function neighbour(cell, key) {
  const atStart = cell.readOnly || cell.selectionEnd === 0 || isWhole(cell);
  const atEnd = cell.readOnly || cell.selectionStart === cell.value.length || isWhole(cell);
  const column = [...cell.closest("tr").children].indexOf(cell.closest("td"));
  const beside = (row) => row?.children[column]?.querySelector(".cell") ?? null;
  const next = (td) => td?.querySelector(".cell") ?? null;
  if (key === "ArrowUp") return beside(cell.closest("tr").previousElementSibling);
  if (key === "ArrowDown" || key === "Enter") return beside(cell.closest("tr").nextElementSibling);
  if (key === "ArrowLeft" && atStart) return next(cell.closest("td").previousElementSibling);
  if (key === "ArrowRight" && atEnd) return next(cell.closest("td").nextElementSibling);
  return undefined;
}

const isWhole = (cell) => cell.selectionStart === 0 && cell.selectionEnd === cell.value.length;

document.addEventListener("htmx:configRequest", ({ target, detail }) => {
  if (target.id !== "planner") return;
  for (const cell of changed()) detail.formData.append("painted", `${cell.dataset.cell}|${cell.value.trim()}`);
});

// --- the week before ---

document.addEventListener("click", async ({ target }) => {
  const button = target.closest?.("#copy-week");
  if (!button) return;
  const answer = await fetch(button.dataset.from, { headers: { "HX-Request": "true" } });
  if (!answer.ok) return tell(document.body.dataset.lost, "danger");
  const weeks = await answer.json();
  let copied = 0;
  for (const row of document.querySelectorAll("#planner tbody tr")) {
    const there = [...row.querySelectorAll(".cell")];
    const week = weeks[there[0]?.dataset.cell.split("|")[0]];
    if (!week?.some(Boolean)) continue;
    copied += 1;
    there.forEach((cell, day) => { cell.value = week[day]; note(cell); });
  }
  tell(copied ? button.dataset.told : button.dataset.nothing);
  return undefined;
});

// --- nothing that was painted is lost ---

addEventListener("beforeunload", (event) => {
  if (changed().length) event.preventDefault();
});
// Whoever is away from now on is marked in the plan, unless something in it is not saved yet.
document.body.addEventListener("refresh-days", () => {
  if (!changed().length) document.body.dispatchEvent(new CustomEvent("refresh-shifts"));
});
