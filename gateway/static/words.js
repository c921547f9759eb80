// Elements, money and dates as the pages write them.

/** `element("p", {class: "quiet"}, "text", child)`; text is never read as markup. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export function notice(...sentences) {
  return element("p", { class: "notice" }, sentences.join(" "));
}

const formats = new Map();

/** Minor units as people write them: `{amount: 250000, currency: "RUB"}` is 2,500 roubles. */
export function money({ amount, currency }) {
  if (!formats.has(currency)) {
    formats.set(currency, new Intl.NumberFormat(undefined, { style: "currency", currency }));
  }
  const format = formats.get(currency);
  return format.format(amount / 10 ** format.resolvedOptions().maximumFractionDigits);
}

/** A date as the API writes it, in the zone of whoever looks. */
export function isoDate(date) {
  const two = (number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Today's date where clocks are set to `zone`: whoever looks may sit elsewhere. */
export function todayIn(zone) {
  const parts = new Intl.DateTimeFormat("en", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" })
    .formatToParts(new Date());
  const part = (type) => parts.find((each) => each.type === type).value;
  return `${part("year")}-${part("month")}-${part("day")}`;
}

export function shifted(day, days) {
  const [year, month, date] = day.split("-").map(Number);
  return isoDate(new Date(year, month - 1, date + days));
}

/** The branch's wall clock of an instant, in minutes since midnight: instants come with the branch's offset. */
export function minutesOf(instant) {
  return Number(instant.slice(11, 13)) * 60 + Number(instant.slice(14, 16));
}

export function clock(minutes) {
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}

export const STATUSES = {
  booked: "booked",
  confirmed: "confirmed",
  arrived: "is here",
  completed: "completed",
  cancelled: "cancelled",
  no_show: "did not come",
};
