// What the public pages do by themselves: a form goes once, a secret link opens, a frame is as high as its page.

const find = (selector, inside = document) => inside.querySelector(selector);

// --- forms are sent here, so that a refused one stays as it was, and none stands in the history to be sent again ---

document.addEventListener("submit", (event) => {
  const form = event.target;
  const needed = event.submitter?.dataset.needs;
  if (needed && !find(`[name="${needed}"]:checked`, form)) {
    event.preventDefault();
    find("#none-chosen").hidden = false;
    return;
  }
  const showing = form.matches("[data-part]") ? showPart : form.matches("[data-once]") ? showPage : null;
  if (!showing) return;
  event.preventDefault();
  send(form, event.submitter, showing);
});

/** Once: the second click of two does nothing. */
async function send(form, submitter, showing) {
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  find("#lost").hidden = true;
  try {
    const body = new URLSearchParams(new FormData(form, submitter));
    const action = submitter?.getAttribute("formaction") ?? form.action;
    const answer = await fetch(action, { method: "POST", body, headers: { "X-By-Script": "1" } });
    const onwards = answer.headers.get("X-Onwards");
    if (onwards) {
      location.assign(onwards);
      return; // and stays busy until the next page is there
    }
    const text = await answer.text();
    const away = answer.status === 429 || answer.status >= 500;
    if (away) tell(find(".trouble[role=alert]", new DOMParser().parseFromString(text, "text/html"))?.textContent);
    else showing(text);
  } catch {
    tell();
  }
  form.ariaBusy = "false";
}

/** What went wrong without the form being at fault: it stays as it is, and can be sent again. */
function tell(text) {
  const place = find("#lost");
  place.textContent = text || place.dataset.lost;
  place.hidden = false;
  place.scrollIntoView();
}

// Whoever comes back to a page that the browser has kept may send its form again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[aria-busy]")) form.ariaBusy = "false";
});

// What the server sends is escaped there, and the policy runs nothing in it.
function showPage(text) {
  const main = find("main");
  main.replaceChildren(...find("main", new DOMParser().parseFromString(text, "text/html")).childNodes);
  remember();
  seen(main);
}

function showPart(text) {
  const place = find("#visit");
  place.innerHTML = text;
  seen(place);
}

/** To what is wrong, else to what is new; the keyboard goes on from there. */
function seen(place) {
  const wrong = find(".field [aria-invalid=true]", place);
  const first = wrong ?? find("[autofocus], .done[role], h2", place);
  if (first?.matches(":not(input, textarea, button, a)")) first.tabIndex = -1;
  scrollTo({ top: 0 });
  first?.focus({ preventScroll: true });
  wrong?.closest(".field").scrollIntoView({ block: "nearest" });
}

// --- what was typed is still there after going back for another time, in this tab, until it is booked ---

const TYPED = "lokon-typed";

document.addEventListener("input", ({ target }) => {
  if (find("#none-chosen")) find("#none-chosen").hidden = true;
  const form = target.form;
  if (form?.id !== "details" || target.name === "code") return;
  const fields = [...form.querySelectorAll("input:not([type=hidden]), textarea")].filter((field) => field.name !== "code");
  const ticked = (field) => field.type !== "checkbox" || field.checked;
  const typed = fields.filter(ticked).map((field) => [field.name, field.value]);
  tab((storage) => storage.setItem(TYPED, JSON.stringify(typed)));
});

if (find("#details")) {
  const typed = tab((storage) => JSON.parse(storage.getItem(TYPED))) ?? [];
  for (const [name, value] of typed) {
    const box = find(`#details [type=checkbox][name="${CSS.escape(name)}"][value="${CSS.escape(value)}"]`);
    if (box) box.checked = true;
    const field = find(`#details [name="${CSS.escape(name)}"]`);
    if (!field || field.value || !value) continue;
    field.value = value;
    field.closest("details")?.setAttribute("open", "");
  }
}

// --- and so is the code that was sent: phones load a page anew after the message was looked at, with nothing of the form ---

const SENT = "lokon-sent";
const CARRIED = ["visit_key", "code_id", "code_phone", "confirmation", "confirmed_phone"];

function remember() {
  const carried = CARRIED.map((name) => [name, find(`#details [name=${name}]`)?.value ?? ""]);
  if (find("#details [name=code_id]")) tab((storage) => storage.setItem(SENT, JSON.stringify(carried)));
}

if (find("#details")) {
  const sent = Object.fromEntries(tab((storage) => JSON.parse(storage.getItem(SENT))) ?? []);
  if (sent.code_id && sent.code_phone === find("#field-phone").value) {
    const form = find("#details");
    for (const [name, value] of [...Object.entries(sent), ["returned", "1"]]) {
      const field = find(`[name=${name}]`, form) ?? form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name }));
      field.value = value;
    }
    send(form, null, showPage);
  }
}
if (find("#opening")) tab((storage) => [TYPED, SENT].forEach((name) => storage.removeItem(name)));

/** In a frame of another site a browser may keep nothing. */
function tab(use) {
  try {
    return use(sessionStorage);
  } catch {
    return undefined;
  }
}

// --- the visit of a secret link: the key stands behind the #, and goes along in bodies only ---

const opening = find("#opening");
if (opening) {
  find("#by-script").remove();
  open();
  addEventListener("hashchange", open);
}

function open() {
  const key = location.hash.slice(1);
  find("#no-key").hidden = Boolean(key);
  if (!key) return;
  find("[name=visit_key]", opening).value = key;
  send(opening, null, showPart);
}

// --- in a frame: its host is told how high the page is and that Escape was pressed, and nobody else ---

const host = document.documentElement.dataset.host;
if (host && parent !== window) {
  const grow = () => parent.postMessage({ lokon: "height", height: document.documentElement.offsetHeight }, host);
  new ResizeObserver(grow).observe(document.documentElement);
  parent.postMessage({ lokon: "page" }, host);
  grow();
  addEventListener("keydown", ({ key }) => {
    if (key === "Escape") parent.postMessage({ lokon: "close" }, host); // for those who have opened it by a button
  });
}
