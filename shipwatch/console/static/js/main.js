// The page: the feed, the map and the evidence, held together; everything comes from this machine.
import * as api from "./api.js";
import { byId, make } from "./elements.js";
import { Evidence } from "./evidence.js";
import { Feed } from "./feed.js";
import { Keys } from "./keys.js";
import { Plots, distanceAt } from "./plots.js";
import { SeaMap } from "./seamap.js";
import { duration, metres, partyName, utc, utcSeconds } from "./words.js";

const SEVERITIES = ["critical", "warning", "notice"];
const MOST_MARKS = 3000;

const toast = byId("toast");
let toastTimer = 0;
function say(text, undo = null) {
  toast.replaceChildren(make("span", {}, text), undo ? make("button", { type: "button", onclick: undo }, "Undo") : "");
  toast.classList.add("shown");
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => toast.classList.remove("shown"), 6000);
}

let session = null;
let following = null; // cursor of the next older page
let loading = false;
let offset = 0; // the console's clock against ours, s
let health = null;
let current = null; // what the evidence shows
let asking = null;
let encounter = null;
const decided = []; // ids decided on this page, for undo

const now = () => Math.round(Date.now() / 1000 + offset);
const feed = new Feed({ onSelect: (id, before) => open(id, before), onMore: () => loadMore() });
const plots = new Plots((second) => moment(second));
const seamap = new SeaMap(byId("map"), { onSelect: (id) => feed.select(id) });
const evidence = new Evidence({
  plots, onDecide: (id, action) => decide(id, action), onDismiss: (id) => askDismiss(id), onShare: (id) => askShare(id),
  onUndo: (id) => undo(id), onToast: say,
});

function redrawMarks() {
  seamap.drawAlerts(feed.order.slice(0, MOST_MARKS).map((id) => feed.rows.get(id)), feed.selected);
}

async function open(id, before = null) {
  location.replace(`#${encodeURIComponent(id)}`);
  if (asking) asking.abort();
  asking = new AbortController();
  redrawMarks();
  const moved = id !== before;
  if (moved) evidence.busy(true); // what stands there is another alert's: nobody shall act on it by mistake
  try {
    const [found, track] = await Promise.all([api.oneAlert(id, asking.signal), api.trackOf(id, asking.signal)]);
    if (feed.selected !== id) return;
    current = found;
    encounter = track;
    evidence.draw(found, new Map(track.ships.map((ship) => [ship.track, ship.side])));
    plots.draw(track);
    seamap.drawTracks(track.ships.some((ship) => ship.time.length) ? track : null);
    if (moved) {
      if (seamap.encounter) seamap.fit();
      else seamap.map.setView([found.alert.lat, found.alert.lon], 8, { animate: false });
    }
    byId("legend-others").hidden = track.ships.length < 3;
    setSlider(moved);
  } catch (problem) {
    if (problem.name === "AbortError" || asking.signal.aborted) return;
    current = null;
    evidence.problem(problem.message);
  } finally {
    if (feed.selected === id) evidence.busy(false);
  }
}

function setSlider(moved) {
  const slider = byId("moment");
  const there = encounter && encounter.ships.some((ship) => ship.time.length);
  slider.disabled = !there;
  if (!there) {
    byId("moment-text").textContent = "no track";
    return;
  }
  slider.min = encounter.from;
  slider.max = encounter.to;
  slider.step = Math.max(1, Math.round((encounter.to - encounter.from) / 1000));
  moment(moved ? middle(encounter) : Number(slider.value));
}

function middle(track) {
  const end = track.end || track.intervals.reduce((a, item) => Math.max(a, item.end), track.start);
  return Math.round((track.start + end) / 2);
}

function moment(second) {
  if (!encounter) return;
  const slider = byId("moment");
  slider.value = second;
  seamap.showMoment(second);
  plots.moment(second);
  const apart = distanceAt(encounter, second);
  const words = apart === null ? "" : ` \u00b7 ${apart.sparse ? "about " : ""}${metres(apart.metres)} apart`;
  const text = `${utcSeconds(second)}${words}`;
  byId("moment-text").textContent = text;
  slider.setAttribute("aria-valuetext", text);
}

async function decide(id, action, note = "") {
  try {
    const seen = current && current.alert.id === id ? current.triage.log.reduce((a, entry) => Math.max(a, entry.sequence), 0) : null;
    const after = await api.decide(id, action, note, seen);
    if (action !== "undo") decided.push(id);
    feed.setTriage(id, after.state);
    if (current && current.alert.id === id) {
      current.triage = after;
      evidence.drawTriage(id, after);
    }
    const words = action === "undo" ? `Taken back: now ${after.state.replace("_", " ")}` : `Noted: ${after.state.replace("_", " ")}`;
    say(words, action === "undo" ? null : () => undo(id));
    redrawMarks();
    return true;
  } catch (problem) {
    say(`Not noted: ${problem.message}`);
    if (problem.status === 409 && id === feed.selected) open(id, id);
    return false;
  }
}

async function undo(id = null) {
  const which = id || decided[decided.length - 1] || feed.selected;
  if (!which) return;
  if (await decide(which, "undo")) {
    const at = decided.lastIndexOf(which);
    if (at >= 0) decided.splice(at, 1);
    if (feed.selected !== which) feed.select(which);
  }
}

function askDismiss(id) {
  if (!id) return;
  const dialog = byId("dismiss");
  byId("dismiss-note").value = "";
  const choose = (number) => {
    const reason = session.dismiss_reasons[number];
    if (!reason) return;
    const more = byId("dismiss-note").value.trim();
    dialog.close();
    decide(id, "dismissed", more ? `${reason}; ${more}` : reason);
  };
  byId("dismiss-reasons").replaceChildren(...session.dismiss_reasons.map((reason, at) =>
    make("li", {}, make("button", { type: "button", onclick: () => choose(at) }, make("kbd", {}, at + 1), ` ${reason}`))));
  dialog.onkeydown = (event) => {
    if (event.target.id !== "dismiss-note" && /^[1-9]$/.test(event.key)) {
      event.preventDefault();
      choose(Number(event.key) - 1);
    }
  };
  dialog.showModal();
  byId("dismiss-reasons").querySelector("button").focus();
}

function askShare(id) {
  const dialog = byId("share");
  byId("share-whom").value = "";
  byId("share-tlp").replaceChildren(...session.tlp.map((colour) => make("option", { selected: colour === "TLP:AMBER" }, colour)));
  dialog.returnValue = "cancel";
  dialog.onclose = () => {
    const whom = byId("share-whom").value.trim();
    if (dialog.returnValue !== "share") return;
    if (whom) decide(id, "shared", `${byId("share-tlp").value} with ${whom}`);
    else say("Not noted: say with whom.");
  };
  dialog.showModal();
  byId("share-whom").focus();
}

async function loadMore() {
  if (loading || !following) return;
  loading = true;
  try {
    const page = await api.alertsPage({ severities: severities(), after: following, limit: 200 });
    following = page.next;
    feed.more = Boolean(following);
    feed.put(page.alerts);
    redrawMarks();
  } catch (problem) {
    say(`Older alerts cannot be read: ${problem.message}`);
  } finally {
    loading = false;
  }
  fillUp();
}

// A filter that leaves the list shorter than its pane would never scroll: go on until it is full or nothing is left.
function fillUp() {
  if (feed.more && feed.box.scrollHeight <= feed.box.clientHeight + 400) loadMore();
}

const severities = () => {
  const wanted = SEVERITIES.filter((word) => feed.filter.severities.has(word));
  return wanted.length === SEVERITIES.length ? [] : wanted;
};

async function restart() {
  const page = await api.alertsPage({ severities: severities(), limit: 200 });
  following = page.next;
  feed.more = Boolean(following);
  feed.put(page.alerts);
  redrawMarks();
  fillUp();
  return page;
}

let waiting = [];
let drawTimer = 0;
function arrive(row) {
  waiting.push(row);
  if (!drawTimer) drawTimer = setTimeout(takeIn, 60); // many at once after a pause: one drawing
}

function takeIn() {
  drawTimer = 0;
  const rows = waiting;
  waiting = [];
  const unknown = new Set(feed.put(rows, true));
  redrawMarks();
  const newest = [...rows].reverse().find((row) => unknown.has(row.id));
  if (newest) {
    byId("announce").textContent = `New alert: ${newest.severity}, ${newest.parties.slice(0, 2).map(partyName).join(" and ")}`;
  }
  title();
  if (rows.some((row) => row.id === feed.selected)) open(feed.selected, feed.selected);
}

// A decision of another window, or our own as it comes back.
function decidedElsewhere({ id, state }) {
  const row = feed.rows.get(id);
  if (row && row.triage !== state) {
    feed.setTriage(id, state);
    redrawMarks();
    title();
  }
  if (current && current.alert.id === id && current.triage.state !== state) open(id, id);
}

function title() {
  const unread = [...feed.rows.values()].filter((row) => row.triage === "new" && row.severity !== "notice" && row.state !== "withdrawn").length;
  document.title = unread ? `(${unread}) shipwatch` : "shipwatch";
}

function showHealth() {
  byId("clock").textContent = utcSeconds(now());
  const age = byId("age");
  if (!health) return;
  if (health.newest === null) age.textContent = "no data yet";
  else {
    const old = Math.max(0, now() - health.newest);
    age.textContent = old < 60 ? "data up to now" : `data until ${utc(health.newest)}, ${duration(old)} old`;
    age.dataset.old = old > 3600 ? "yes" : "no";
  }
  const watch = health.feeds;
  byId("feeds").hidden = !watch;
  if (!watch) return;
  const there = watch.feeds || [];
  const isUp = (item) => item.state === "connected" || item.state === "listening";
  const up = there.filter(isUp).length;
  const dropped = there.reduce((sum, item) => sum + (item.dropped || 0), 0);
  byId("feeds").textContent = [
    `${up} of ${there.length} feed${there.length === 1 ? "" : "s"} connected`,
    watch.lag_s === null || watch.lag_s === undefined ? null : `lag ${Math.round(watch.lag_s)} s`,
    dropped ? `${dropped} lines dropped` : null, watch.problem || null,
  ].filter(Boolean).join(", ");
  byId("feeds").title = there.filter((item) => !isUp(item) && item.last_error)
    .map((item) => `${item.name}: ${item.last_error}`).join("\n");
  byId("feeds").dataset.old = up < there.length || dropped || watch.problem ? "yes" : "no";
}

function linkState(state) {
  const link = byId("link");
  link.dataset.state = state;
  link.textContent = { live: "connected", connecting: "connecting", reconnecting: "reconnecting; what comes meanwhile is not lost", lost: "connection lost; reload the page" }[state];
}

function wire() {
  byId("theme").addEventListener("click", switchTheme);
  byId("help-open").addEventListener("click", () => byId("help").showModal());
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("moment").addEventListener("input", (event) => moment(Number(event.target.value)));
  let searchTimer = 0;
  byId("search").addEventListener("input", (event) => {
    clearTimeout(searchTimer);
    searchTimer = setTimeout(() => {
      feed.filter.search = event.target.value.trim().toLowerCase();
      refilter();
    }, 120);
  });
  byId("search").addEventListener("keydown", (event) => {
    if (event.key === "Escape") { event.target.value = ""; feed.filter.search = ""; refilter(); feed.box.focus(); }
  });
  byId("triage-filter").addEventListener("change", (event) => { feed.filter.triage = event.target.value; refilter(); });
  for (const chip of document.querySelectorAll(".chip[data-severity]")) {
    chip.addEventListener("click", () => {
      const on = chip.getAttribute("aria-pressed") !== "true";
      chip.setAttribute("aria-pressed", String(on));
      if (on) feed.filter.severities.add(chip.dataset.severity);
      else feed.filter.severities.delete(chip.dataset.severity);
      refilter();
    });
  }
  addEventListener("hashchange", () => {
    const id = decodeURIComponent(location.hash.slice(1));
    if (id && id !== feed.selected) feed.select(id);
  });
  new Keys({
    j: () => feed.step(1), k: () => feed.step(-1), a: () => feed.selected && decide(feed.selected, "under_review"),
    d: () => askDismiss(feed.selected), u: () => undo(), f: () => seamap.fit(), t: switchTheme, "?": () => byId("help").showModal(),
    "/": () => byId("search").focus(),
  });
}

function refilter() {
  feed.show();
  redrawMarks();
  fillUp();
}

function switchTheme() {
  const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = theme;
  try { localStorage.setItem("shipwatch-theme", theme); } catch (refused) { /* for this page only, then */ }
  seamap.theme();
  if (encounter) moment(Number(byId("moment").value));
}

async function begin() {
  wire();
  setInterval(showHealth, 1000);
  session = await api.openSession();
  offset = session.now - Date.now() / 1000;
  health = session;
  byId("about").textContent = `shipwatch ${session.version}; decisions are noted under the name ${session.analyst}.`;
  showHealth();
  evidence.nothing("Choose an alert with j and k, in the list or on the map.");
  const begun = await restart();
  api.follow(begun, {
    onAlert: (row) => arrive(row),
    onTriage: (found) => decidedElsewhere(found),
    onHealth: (found) => { health = found; offset = found.now - Date.now() / 1000; showHealth(); },
    onTrouble: (found) => say(found.error),
    onState: linkState,
  });
  title();
  const asked = decodeURIComponent(location.hash.slice(1));
  if (asked) feed.select(asked);
  else if (feed.order.length) feed.select(feed.order[0]);
  else seamap.map.setView([25, 70], 3, { animate: false });
  document.documentElement.dataset.ready = "yes";
  seamap.drawZones(await api.zones());
}

begin().catch((problem) => {
  linkState("lost");
  evidence.problem(problem.message);
});
