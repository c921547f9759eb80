// What every page does by itself: forms with their token, dialogs, what is told after something was done.

const find = (selector, inside = document) => inside.querySelector(selector);
const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];

// --- forms: the token goes along, what is wrong is marked, and what was typed stays ---

document.addEventListener("htmx:configRequest", ({ detail }) => {
  detail.headers["X-Csrf"] ??= find("meta[name=csrf]").content;
});

document.addEventListener("htmx:afterSwap", ({ target }) => {
  for (const dialog of all("dialog[data-opens]", target)) open(dialog);
  for (const told of all("[data-fields]", target)) mark(told);
  for (const field of all("[autofocus]", target)) field.focus();
});

document.addEventListener("htmx:beforeRequest", ({ target }) => {
  if (!target.matches("form")) return;
  for (const field of all("[aria-invalid]", target)) field.removeAttribute("aria-invalid");
  for (const said of all(".wrong", target)) said.remove();
  find(".trouble-place", target)?.replaceChildren();
});

// Who was chosen stands in the box; the list has done its work.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const choosing = detail.requestConfig.elt.closest("[data-chooses]");
  if (!choosing || detail.xhr.status !== 200) return;
  find("#q").value = choosing.dataset.chooses;
  find("#who-found").replaceChildren();
});

for (const lost of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(lost, () => tell(document.body.dataset.lost ?? "…", "danger"));
}

function mark(told) {
  const form = told.closest("form");
  const names = told.dataset.fields.split(" ").filter(Boolean);
  const wrong = names.flatMap((name) => named(name, form ?? document));
  for (const field of wrong) {
    field.setAttribute("aria-invalid", "true");
    for (let inside = field.closest("details"); inside; inside = inside.parentElement.closest("details")) inside.open = true;
  }
  for (const said of all("[data-field]", told)) beside(said, named(said.dataset.field, form ?? document)[0]);
  wrong[0]?.focus();
}

/** The fields of that name: of the whole name first, for long forms say where in the document they stand. */
function named(name, inside) {
  const whole = all(`[name="${CSS.escape(name)}"]`, inside);
  return whole.length ? whole : all(`[name="${CSS.escape(last(name))}"]`, inside);
}

/** What is wrong with a field of a long form stands below it, not far from it at the end. */
function beside(said, field) {
  if (!field?.name.includes(".") || field.type === "hidden") return;
  said.id = `wrong-${field.name}`;
  said.classList.add("wrong");
  field.setAttribute("aria-describedby", said.id);
  field.after(said);
}

/** `segments.0.service_id` of the API is the field `service_id` of a form. */
function last(name) {
  return name.split(".").filter((part) => !/^\d+$/.test(part)).at(-1) ?? name;
}

// --- files: another kind or size is refused as soon as it is chosen, before anything is sent ---

const text = (bytes, from, to) => String.fromCharCode(...bytes.slice(from, to));
const BEGINS = {
  png: (bytes) => text(bytes, 1, 4) === "PNG",
  jpg: (bytes) => bytes[0] === 0xff && bytes[1] === 0xd8,
  jpeg: (bytes) => bytes[0] === 0xff && bytes[1] === 0xd8,
  webp: (bytes) => text(bytes, 0, 4) === "RIFF" && text(bytes, 8, 12) === "WEBP",
  pdf: (bytes) => text(bytes, 0, 5) === "%PDF-",
  xlsx: (bytes) => text(bytes, 0, 2) === "PK",
  csv: (bytes) => !bytes.includes(0),
};

async function whyNot(input, file) {
  const kind = file.name.split(".").at(-1).toLowerCase();
  if (!input.accept.split(",").includes(`.${kind}`)) return input.dataset.wrong;
  if (file.size > Number(input.dataset.largest)) return input.dataset.tooLarge;
  const bytes = new Uint8Array(await file.slice(0, 16).arrayBuffer());
  return BEGINS[kind]?.(bytes) === false ? input.dataset.wrong : "";
}

document.addEventListener("change", async ({ target }) => {
  if (!target.matches("input[type=file][data-largest]")) return;
  const place = find(".trouble-place", target.form) ?? target.parentElement;
  target.removeAttribute("aria-invalid");
  place.replaceChildren();
  for (const file of target.files) {
    const why = await whyNot(target, file);
    if (!why) continue;
    const told = document.createElement("p");
    told.className = "alert alert-danger mt-2";
    told.textContent = why;
    place.replaceChildren(told);
    target.value = "";
    target.setAttribute("aria-invalid", "true");
    target.focus();
    return;
  }
});

// --- dialogs ---

let opener = null; // what the focus goes back to, however many dialogs came one after another

function open(dialog) {
  dialog.removeAttribute("data-opens");
  const focused = document.activeElement;
  if (focused !== document.body && !find("#dialog").contains(focused)) opener = focused;
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (document.activeElement === document.body && !find("dialog[open]")) opener?.focus();
    document.dispatchEvent(new CustomEvent("dialog-closed"));
  });
  dialog.addEventListener("cancel", (event) => {
    if (event.target === dialog && !mayLeave(dialog)) event.preventDefault();
  });
  dialog.showModal();
  const first = "input:not([type=hidden]), select, textarea, button, a";
  (find("[autofocus]", dialog) ?? find(`.card-body :is(${first})`, dialog) ?? find(first, dialog))?.focus();
}

// Browsers close a dialog by a second Escape without asking anybody: the key itself is taken.
document.addEventListener("keydown", (event) => {
  const dialog = event.key === "Escape" && event.target.closest?.("dialog[open]");
  if (!dialog || event.isComposing) return;
  event.preventDefault();
  const field = event.target;
  if (field.type === "search" && field.value !== field.defaultValue) fill(field, "", "input");
  else if (mayLeave(dialog)) dialog.close();
});

// --- nothing that was typed is lost: leaving asks first ---

/** Whether somebody has put something else into the field than the server did. */
function isChanged(field) {
  if (field.type === "hidden" || field.disabled || field.closest("[data-unguarded]")) return false;
  if (field.matches("[data-typed]")) return true;
  if (field.matches("input[type=checkbox], input[type=radio]")) return field.checked !== field.defaultChecked;
  if (field.type === "file") return field.files.length > 0;
  if (!field.matches("select")) return field.value !== field.defaultValue;
  const set = [...field.options].some((option) => option.defaultSelected);
  if (!set && !field.multiple) return field.selectedIndex > 0;
  return [...field.options].some((option) => option.selected !== option.defaultSelected);
}

const FIELDS = "input, select, textarea";
const unsaved = (inside) => all("form[hx-post]", inside).flatMap((form) => [...form.elements])
  .some((field) => field.matches(FIELDS) && isChanged(field));
const mayLeave = (dialog) => !unsaved(dialog) || confirm(document.body.dataset.unsaved);

/** What is in the form now is what is saved. */
function saved(form) {
  for (const field of form.elements) {
    if (!field.matches(FIELDS)) continue;
    field.removeAttribute("data-typed");
    if (field.matches("select")) for (const option of field.options) option.defaultSelected = option.selected;
    else if (field.matches("input[type=checkbox], input[type=radio]")) field.defaultChecked = field.checked;
    else if (field.type === "file") field.value = "";
    else field.defaultValue = field.value;
  }
}

document.addEventListener("htmx:beforeOnLoad", ({ target, detail }) => {
  const form = target.closest?.("form[hx-post]");
  if (form && detail.xhr.status === 204) saved(form); // previews answer with something to show, and save nothing
});

addEventListener("beforeunload", (event) => {
  if (unsaved(document)) event.preventDefault();
});

// --- what was done ---

document.addEventListener("done", ({ target, detail }) => {
  if (detail.csrf) renew(detail.csrf);
  target.closest("dialog")?.close();
  if (detail.text) tell(detail.text, "success", detail.undo);
});

/** After signing in again over the page, its forms belong to the new session. */
function renew(csrf) {
  find("meta[name=csrf]").content = csrf;
  for (const field of all("input[name=csrf]")) field.value = csrf;
}

/** With `undo` a button beside the text takes back what was done; Ctrl+Z is the same. */
export function tell(text, kind = "success", undo = null) {
  const told = document.createElement("p");
  told.className = `alert alert-${kind} told`;
  told.textContent = text;
  if (undo) told.append(undoing(undo, told));
  find("#told").append(told);
  setTimeout(() => told.remove(), undo ? 20_000 : 6000);
}

function undoing(undo, told) {
  for (const old of all("[data-undoes]")) old.remove(); // only the last thing can be taken back
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-sm ms-3";
  button.textContent = undo.text;
  button.dataset.undoes = "";
  button.addEventListener("click", () => {
    told.remove();
    htmx.ajax("POST", undo.address, { values: undo.fields, source: document.body, swap: "none" });
  });
  return button;
}

// --- small things that markup asks for ---

document.addEventListener("click", ({ target }) => {
  const within = (selector) => target.closest?.(selector);
  const closing = within("[data-closes]")?.closest("dialog");
  if (closing && (!within(".btn-close") || mayLeave(closing))) closing.close(); // who says in words what they leave is not asked
  if (within("[data-prints]")) print();
  const folding = within("[data-folds]");
  if (folding) folding.setAttribute("aria-expanded", String(find(folding.dataset.folds).classList.toggle("open")));
  const filling = within("[data-fills]");
  if (filling) fill(find(filling.dataset.fills), filling.dataset.value ?? filling.textContent.trim());
  if (!within(".who")) find(".who[open]")?.removeAttribute("open");
  if (!within(".search")) find("#found")?.replaceChildren();
});

function fill(field, value, kind = "change") {
  if (!field) return;
  field.value = value;
  field.dispatchEvent(new Event(kind, { bubbles: true }));
  field.focus();
}

document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-sends]")) target.form.requestSubmit();
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input, select, textarea");
  if (!typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const wanted = find(`[data-shortcut="${CSS.escape(event.key)}"]`);
    if (wanted && !find("dialog[open]")) {
      event.preventDefault();
      wanted.focus();
    }
  }
  if (!typing && event.key === "z" && (event.ctrlKey || event.metaKey)) find("[data-undoes]")?.click();
  if (event.key === "Enter" && event.target.matches("[data-takes-first]")) {
    event.preventDefault();
    takeFirst(event.target);
  }
  if (event.key === "Escape") {
    find("#found")?.replaceChildren();
    find(".who[open]")?.removeAttribute("open");
  }
});

/** Take the first of what was found for what stands in the field now; until that has come, remember that it is wanted. */
function takeFirst(field) {
  const list = find(`${field.dataset.takesFirst} [data-answers]`);
  const answered = list?.dataset.answers === field.value.trim();
  field.toggleAttribute("data-wanted", !answered);
  if (answered) find("button", list)?.click();
}

document.addEventListener("input", ({ target }) => target.removeAttribute("data-wanted"));
document.addEventListener("htmx:afterSettle", () => { // only now its buttons answer
  const field = find("[data-wanted]");
  if (field) takeFirst(field);
});

// --- what was found, by arrow keys ---

document.addEventListener("keydown", (event) => {
  const box = event.target.closest?.(".search");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!box || !step) return;
  const stops = [find("input", box), ...all("#found a", box)];
  const at = stops.indexOf(event.target);
  if (at < 0) return;
  event.preventDefault();
  stops[(at + step + stops.length) % stops.length].focus();
});

// --- which section of the settings is open: its tab may lie beside a narrow screen ---

find(".sections [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
