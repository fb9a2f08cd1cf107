// All questions to the console's own API; nothing else is ever asked.
let session = null;

export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, { credentials: "same-origin", ...options });
  } catch (away) {
    throw new Refused(0, "the console does not answer");
  }
  if (answer.status === 401) {
    location.assign("/login");
    throw new Refused(401, "a token is needed");
  }
  let content = {};
  try { content = await answer.json(); } catch (noJson) { content = {}; }
  if (!answer.ok) throw new Refused(answer.status, content.error || `refused (${answer.status})`);
  return content;
}

export async function openSession() {
  session = await ask("/api/v1/session");
  return session;
}

export function alertsPage({ severities, after, limit = 100 }) {
  const query = new URLSearchParams({ short: "true", limit: String(limit) });
  for (const severity of severities || []) query.append("severity", severity);
  if (after) query.set("after", after);
  return ask(`/api/v1/alerts?${query}`);
}

const named = (id) => `/api/v1/alerts/${encodeURIComponent(id)}`;
export const oneAlert = (id, signal) => ask(named(id), { signal });
export const trackOf = (id, signal) => ask(`${named(id)}/track`, { signal });
export const zones = () => ask("/api/v1/zones");

export async function decide(id, action, note = "", seen = null) {
  const send = () =>
    ask(`${named(id)}/triage`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-shipwatch-csrf": session.csrf },
      body: JSON.stringify({ action, note, seen }),
    });
  try {
    return await send();
  } catch (problem) {
    if (!(problem instanceof Refused) || problem.status !== 403) throw problem;
    await openSession(); // the console was started anew since: its form token is another one
    return send();
  }
}

// The stream from where the first page stands. The browser itself reconnects with Last-Event-ID.
export function follow({ sequence, log }, { onAlert, onTriage, onHealth, onTrouble, onState }) {
  const source = new EventSource(`/api/v1/alerts/stream?after=${sequence}&log=${log}`);
  source.addEventListener("open", () => onState("live"));
  source.addEventListener("error", () => onState(source.readyState === EventSource.CLOSED ? "lost" : "reconnecting"));
  source.addEventListener("alert", (event) => onAlert(JSON.parse(event.data), Number(event.lastEventId)));
  source.addEventListener("triage", (event) => onTriage(JSON.parse(event.data)));
  source.addEventListener("health", (event) => onHealth(JSON.parse(event.data)));
  source.addEventListener("trouble", (event) => onTrouble(JSON.parse(event.data)));
  return source;
}
