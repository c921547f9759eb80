// Elements and money as the pages write them, and what the server tells them.

/** `element("p", {class: "quiet"}, "text", child)`; text is never read as markup. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export function notice(...sentences) {
  return element("p", { class: "empty-subtitle text-secondary" }, sentences.join(" "));
}

const formats = new Map();

function formatOf(currency, options = {}) {
  const name = `${currency} ${options.notation}`;
  if (!formats.has(name)) {
    formats.set(name, new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency, ...options }));
  }
  return formats.get(name);
}

/** How many minor units make one. */
function minor(currency) {
  return 10 ** formatOf(currency).resolvedOptions().maximumFractionDigits;
}

/** Minor units as people write them: `{amount: 250000, currency: "RUB"}` is 2,500 roubles. */
export function money({ amount, currency }) {
  return formatOf(currency).format(amount / minor(currency));
}

/** The same in few letters, for axes, as figures write it: ₽1.2M. */
export function brief({ amount, currency }) {
  return formatOf(currency, { notation: "compact", maximumFractionDigits: 1, currencyDisplay: "narrowSymbol" }).format(amount / minor(currency));
}

/** What the server answers a page of ours; without a session the page is loaded again, and shows the door. */
export async function told(address) {
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (answer.status === 401) location.reload();
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}
