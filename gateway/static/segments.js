// Conditions of a segment: adds and removes lines and groups, and says to the form how they stand in each other.

const form = document.getElementById("segment");
const made = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);
const own = (group, selector) => group.querySelector(`:scope > ${selector}`);

function read(part) {
  if (part.matches("[data-condition]")) {
    const said = (name) => part.querySelector(`[name=${name}]`)?.value ?? "";
    return { field: said("field"), operator: said("operator"), value: said("value"), within_days: said("within_days") };
  }
  return { word: own(part, "div").querySelector("[name=word]").value, parts: [...own(part, "[data-parts]").children].map(read) };
}

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.verb !== "post" || !form.contains(detail.elt)) return;
  const tree = JSON.stringify(read(form.querySelector("[data-group]")));
  if (detail.formData) detail.formData.set("tree", tree);
  else detail.parameters.tree = tree;
});

form.addEventListener("click", ({ target }) => {
  const adding = target.closest("[data-adds]");
  if (adding) {
    const parts = own(adding.closest("[data-group]"), "[data-parts]");
    const part = made(adding.dataset.adds);
    if (adding.dataset.adds === "group") own(part, "[data-parts]").append(made("line"));
    parts.append(part);
    htmx.process(part);
    part.querySelector("select").focus();
  }
  const dropping = target.closest("[data-drops]");
  if (dropping) {
    const part = dropping.closest("[data-condition], [data-group]");
    const group = part.parentElement.closest("[data-group]");
    part.remove();
    [...group.querySelectorAll("[data-adds]")].at(-2).focus();
  }
});
