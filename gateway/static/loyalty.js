// The programme's form: lines come and go, and what was not finished is kept in this browser.

const form = document.querySelector("#programme");
const fields = document.querySelector("#fields");
const OUTSIDE = ["csrf", "key"];

document.addEventListener("click", ({ target }) => {
  const removing = target.closest?.("[data-removes]");
  if (!removing) return;
  const gone = removing.closest(removing.dataset.removes);
  const next = gone.parentElement.parentElement?.querySelector("button[hx-get], summary");
  gone.remove();
  next?.focus();
  keep();
});

// What was added takes the focus, and the list of kinds of rules has done its work.
document.addEventListener("htmx:load", ({ detail }) => {
  if (!detail.elt.matches?.("[data-added]")) return;
  detail.elt.removeAttribute("data-added");
  document.querySelector("#adding")?.removeAttribute("open");
  detail.elt.scrollIntoView({ block: "nearest" });
  detail.elt.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  keep();
});

function said() {
  const told = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (!OUTSIDE.includes(name)) told.append(name, value);
  return told;
}

function keep() {
  if (form && fields) localStorage.setItem(fields.dataset.kept, said().toString());
}

if (form && fields) {
  const kept = localStorage.getItem(fields.dataset.kept);
  const notice = document.querySelector("#kept");
  notice.hidden = !kept;
  form.addEventListener("input", keep);
  form.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.xhr.status < 300 && detail.elt === form) localStorage.removeItem(fields.dataset.kept);
  });
  document.querySelector("#continuing").addEventListener("htmx:configRequest", ({ detail }) => {
    for (const name of new Set(new URLSearchParams(kept).keys())) detail.parameters[name] = new URLSearchParams(kept).getAll(name);
  });
  document.querySelector("#continuing").addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.xhr.status < 300) notice.hidden = true;
  });
  document.querySelector("#forget").addEventListener("click", () => {
    localStorage.removeItem(fields.dataset.kept);
    notice.hidden = true;
    form.querySelector("input:not([type=hidden])")?.focus();
  });
}
