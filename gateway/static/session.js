// Who is signed in: the access token lives in this module only, the refresh token in a cookie that no script reads.

const OWN_PAGE = { "X-Lokon-Page": "1" };

let token = null;
let refreshing = null;

export class Refused extends Error {
  constructor(problem, status) {
    super(sentence(problem, status));
    this.status = status;
    this.code = problem.code;
  }
}

function sentence(problem, status) {
  if (status === 403) return "Your role does not include this.";
  if (status === 429) return "Too many tries. Please wait a moment and try again.";
  if (status >= 500) return "Lokon cannot answer this just now. Please try again in a moment.";
  const text = problem.detail || "This did not work.";
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
}

async function answerOf(sent) {
  let response;
  try {
    response = await sent;
  } catch {
    throw new Refused({ detail: "Lokon cannot be reached; is the network there?" }, 0);
  }
  if (response.status === 204) return null;
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(body, response.status);
  return body;
}

function kept(session) {
  token = session.access_token;
  return session.user;
}

export async function signIn(login, password) {
  const sent = fetch("/session", {
    method: "POST",
    headers: { "Content-Type": "application/json", ...OWN_PAGE },
    body: JSON.stringify({ login, password }),
  });
  return kept(await answerOf(sent));
}

/** The user of the session that the cookie keeps. Calls at the same time share one refresh: its token works once. */
export function resume() {
  refreshing ??= answerOf(fetch("/session/refresh", { method: "POST", headers: OWN_PAGE }))
    .then(kept)
    .finally(() => { refreshing = null; });
  return refreshing;
}

export async function signOut() {
  await fetch("/session", { method: "DELETE", headers: { Authorization: `Bearer ${token}`, ...OWN_PAGE } });
  token = null;
  location.assign("/sign-in");
}

/** The answer of the API at `path`; an expired token is renewed once, without a session the sign-in page follows. */
export async function api(path, body) {
  const send = () => fetch(`/api/v1${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { Authorization: `Bearer ${token}`, ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  try {
    return await answerOf(send());
  } catch (refused) {
    if (refused.status !== 401) throw refused;
  }
  try {
    await resume();
  } catch (refused) {
    if (refused.status === 401) location.assign("/sign-in");
    throw refused;
  }
  return answerOf(send());
}

/** Every item of a list, page by page. */
export async function all(path, query = {}) {
  const items = [];
  let cursor = null;
  do {
    const words = new URLSearchParams({ ...query, limit: "200", ...(cursor ? { cursor } : {}) });
    const page = await api(`${path}?${words}`);
    items.push(...page.items);
    cursor = page.next;
  } while (cursor);
  return items;
}
