// Shows the booking page of a salon on the salon's own site: <script src="https://…/widget.js" data-branch="…" async></script>
// See docs/widget.md. Nothing but this script is needed, and it touches nothing but what it puts beside itself.

(() => {
  const script = document.currentScript;
  if (!script) return;
  const salon = new URL(script.src);
  const said = script.dataset;
  const address = new URL(said.branch ? `/book/${encodeURIComponent(said.branch)}` : "/book", salon.origin);
  address.searchParams.set("host", location.origin);
  const wanted = { lang: said.lang, theme: said.theme, utm_source: said.source, from: said.from };
  for (const [name, value] of Object.entries(wanted)) if (value) address.searchParams.set(name, value);
  // Who was sent to the site by a campaign or a friend was sent here by them, too.
  const here = new URLSearchParams(location.search);
  for (const name of ["utm_source", "from"]) {
    if (here.get(name) && !wanted[name]) address.searchParams.set(name, here.get(name));
  }

  const title = said.title ?? { ru: "Онлайн-запись" }[(said.lang || document.documentElement.lang).slice(0, 2)] ?? "Book a visit";
  const frame = document.createElement("iframe");
  frame.title = title;
  frame.loading = "lazy";
  Object.assign(frame.style, { width: "100%", height: "40rem", border: "0", display: "block", colorScheme: "normal" });

  let first = true;
  let close = () => {};
  addEventListener("message", (event) => {
    if (event.origin !== salon.origin || event.source !== frame.contentWindow) return;
    const { lokon, height } = event.data ?? {};
    if (lokon === "height" && Number.isFinite(height) && height > 0) frame.style.height = `${Math.min(Math.ceil(height), 20_000)}px`;
    if (lokon === "page") {
      if (!first && frame.getBoundingClientRect().top < 0) frame.scrollIntoView();
      first = false;
    }
    if (lokon === "close") close();
  });

  const place = document.createElement("div");
  place.className = "lokon-booking";
  script.after(place);
  if (said.button === undefined) {
    frame.src = address;
    place.append(frame);
    return;
  }

  const button = document.createElement("button");
  button.type = "button";
  button.textContent = said.button || title;
  place.append(button);
  frame.loading = "eager";

  /** What was typed stays in the frame while nobody sees it. */
  function show(wanted) {
    button.setAttribute("aria-expanded", wanted);
    frame.style.display = wanted ? "block" : "none";
    if (!wanted) return button.focus();
    if (!frame.src) {
      frame.src = address;
      place.append(frame);
    }
    frame.focus();
  }
  const isOpen = () => button.getAttribute("aria-expanded") === "true";
  close = () => isOpen() && show(false);
  button.setAttribute("aria-expanded", "false");
  button.addEventListener("click", () => show(!isOpen()));
})();
