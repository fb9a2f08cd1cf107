// What is known of one alert, in the order in which an analyst asks: what, where, decide, plots, why, who, lists, how sure.
import { byId, foreign, make } from "./elements.js";
import { TRIAGE, duration, metres, partyName, seconds, utc } from "./words.js";

const WHEN = {
  designated_at_event: "listed when they met", designated_after: "listed only after they met",
  delisted_before: "taken off the list before they met", unknown: "when it was listed is not known",
  watched: "this station's own watchlist, no designation",
};
const TIERS = {
  exact: "exact", strong: "strong", possible: "possible", class: "class of vessels", conflict: "conflict: a lead, not a hit", weak: "weak",
};
const FIELDS = { imo: "IMO", mmsi: "MMSI", callsign: "call sign", name: "name", flag: "flag", ship_type: "type", size: "size", callsign_flag: "series of the call sign" };
const KINDS = { observed: "observed", inferred: "inferred", dark: "silent, in reach" };
const MOST_INTERVALS = 12;

export class Evidence {
  constructor({ plots, onDecide, onShare, onDismiss, onUndo, onToast }) {
    this.body = byId("evidence-body");
    this.pane = byId("evidence");
    Object.assign(this, { plots, onDecide, onShare, onDismiss, onUndo, onToast });
    this.triageBox = make("div", { class: "triage-box" });
    this.logBox = make("div");
  }

  busy(is) {
    this.body.inert = is;
    this.pane.setAttribute("aria-busy", String(is));
  }

  nothing(text) {
    this.body.replaceChildren(make("div", { class: "nothing" }, make("strong", {}, "Nothing selected"), make("span", {}, text)));
  }

  problem(text) {
    this.body.replaceChildren(make("div", { class: "nothing" }, make("strong", {}, "This alert cannot be shown"), make("span", {}, text)));
  }

  draw(found, sides) {
    const { alert, told, triage, revisions } = found;
    this.sides = sides;
    this.body.replaceChildren(
      make("p", { class: "crumb" }, make("code", {}, alert.id), ` \u00b7 revision ${alert.revision} \u00b7 ${alert.state}`),
      make("h2", { class: "title" },
        make("span", { class: `mark ${alert.severity}`, "aria-hidden": "true" }),
        make("span", {}, foreign(told.title))),
      make("p", { class: "verdict" }, make("span", { class: `pill ${alert.severity}` }, alert.severity), ` score ${alert.score} \u00b7 ${alert.phase}`),
      make("p", { class: "finding" }, foreign(told.finding)),
      told.reading ? make("p", { class: "reading" }, told.reading) : null,
      this.position(told.position),
      this.triageBox,
      section("Distance and speed (UTC)", this.plots.element),
      section("Why this score", reasons(alert)),
      section("Vessels", vessels(alert, told, sides)),
      section("List matches", matches(alert, sides)),
      section("Intervals", intervals(alert, sides)),
      section("How sure", make("p", {}, alert.sensitivity || "No threshold is near."), make("p", { class: "small" }, told.not_meant || "")),
      section("History", history(revisions), this.logBox),
      section("What it stands on", basis(alert)));
    this.drawTriage(alert.id, triage);
    this.pane.scrollTop = 0;
  }

  position(place) {
    const copy = (text) => make("button", {
      type: "button", class: "copy", title: "Copy",
      onclick: async () => {
        try {
          await navigator.clipboard.writeText(text);
          this.onToast(`Copied: ${text}`);
        } catch (refused) {
          this.onToast("The browser does not let this page copy.");
        }
      },
    }, text);
    return make("div", { class: "place" }, make("div", {}, copy(place.minutes), " ", copy(place.decimal)),
      make("p", { class: "small" }, place.named, " \u00b7 ", place.shore));
  }

  drawTriage(id, triage) {
    const button = (text, key, act, extra = {}) => make("button", { type: "button", onclick: act, ...(key ? { "data-key": key } : {}), ...extra },
      text, key ? make("kbd", { class: "hint" }, key) : null);
    const last = [...triage.log].reverse().find((entry) => entry.action !== "undo" && !entry.undone);
    this.triageBox.replaceChildren(
      make("p", { class: "state-line" }, "Triage: ", make("strong", { id: "triage-state" }, TRIAGE[triage.state] || triage.state),
        last ? make("span", { class: "small" }, " by ", foreign(last.by), ` ${utc(last.at)}`, last.note ? ": " : "", last.note ? foreign(last.note) : null) : null),
      make("div", { class: "actions", role: "group", "aria-label": "Decide" },
        button("Acknowledge", "a", () => this.onDecide(id, "under_review")),
        button("Dismiss\u2026", "d", () => this.onDismiss(id)),
        button("Undo", "u", () => this.onUndo(id), last ? {} : { disabled: true })),
      make("div", { class: "actions", role: "group", "aria-label": "Conclude" },
        ["confirmed", "likely", "unlikely"].map((state) => button(TRIAGE[state][0].toUpperCase() + TRIAGE[state].slice(1), null, () => this.onDecide(id, state))),
        button("Shared\u2026", null, () => this.onShare(id)),
        button("Close", null, () => this.onDecide(id, "closed"))));
    this.logBox.replaceChildren(make("h4", {}, "Decisions"), triage.log.length
      ? make("ol", { class: "log" }, triage.log.map((entry) => make("li", { class: entry.undone ? "undone" : "" },
        make("time", {}, utc(entry.at)), " ", make("b", {}, TRIAGE[entry.action] || entry.action), " by ", foreign(entry.by),
        entry.note ? [": ", foreign(entry.note)] : null, entry.undone ? " (taken back)" : null)))
      : make("p", { class: "small" }, "None yet."));
  }
}

function section(title, ...content) {
  return make("section", { class: "part" }, make("h3", {}, title), content);
}

function reasons(alert) {
  if (!alert.reasons.length) return make("p", { class: "small" }, "No reasons are recorded.");
  const most = Math.max(...alert.reasons.map((r) => Math.abs(r.weight)), 1);
  return make("ul", { class: "reasons" }, alert.reasons.map((reason) => make("li", {},
    make("span", { class: "reason-text" }, foreign(reason.text)),
    make("span", { class: "bar", "aria-hidden": "true" }, make("i", { class: `w${Math.max(1, Math.round((Math.abs(reason.weight) / most) * 10))}${reason.weight < 0 ? " less" : ""}` })),
    make("span", { class: "weight" }, reason.weight > 0 ? `+${reason.weight}` : reason.weight === 0 ? "0" : `\u2212${-reason.weight}`))));
}

const notSent = () => make("em", { class: "not-sent" }, "not sent");
const known = (value, unit = "") => (value === null || value === undefined || value === "" ? notSent() : foreign(`${value}${unit}`));

function vessels(alert, told, sides) {
  const shown = [...alert.parties].sort((a, b) => (sides.get(a.track) || "Z").localeCompare(sides.get(b.track) || "Z"));
  const says = new Map((told.parties || []).map((party) => [party.track, party]));
  const draught = (p) => (p.draught_before_m === null && p.draught_after_m === null ? notSent()
    : [known(p.draught_before_m, " m"), " \u2192 ", known(p.draught_after_m, " m")]);
  const facts = [
    ["Name", (p) => known(p.name)], ["MMSI", (p) => known(p.mmsi)], ["IMO", (p) => known(p.imo)], ["Call sign", (p) => known(p.callsign)],
    ["Flag", (p) => known(says.get(p.track)?.flag || p.flag)], ["Type", (p) => (p.ship_type ? known(says.get(p.track)?.type || p.ship_type) : notSent())],
    ["Length", (p) => known(p.length_m, " m")], ["Draught", draught], ["Part", (p) => (p.role === "party" ? "party" : "attending")],
  ];
  const tables = [];
  for (let at = 0; at < shown.length; at += 2) {
    const some = shown.slice(at, at + 2);
    tables.push(make("table", { class: "vessels" },
      make("thead", {}, make("tr", {}, make("td"), some.map((p) => make("th", { scope: "col" },
        make("i", { class: `square side-${sides.get(p.track) || "x"}`, "aria-hidden": "true" }), ` ${sides.get(p.track) || "\u2013"}`)))),
      make("tbody", {}, facts.map(([label, value]) => make("tr", {}, make("th", { scope: "row" }, label), some.map((p) => make("td", {}, value(p))))))));
  }
  return tables;
}

function matches(alert, sides) {
  if (!alert.matches.length) {
    const asked = alert.lists.map((item) => item.list);
    return make("p", { class: "small" }, asked.length ? `None. Lists asked: ${asked.join(", ")}.` : "No list was asked: none is imported.");
  }
  const named = new Map(alert.parties.map((p) => [p.track, p]));
  return make("ul", { class: "matches" }, alert.matches.map((match) => make("li", {},
    make("p", {}, make("b", {}, `${sides.get(match.party) || ""} `, foreign(named.has(match.party) ? partyName(named.get(match.party)) : match.party)),
      make("span", { class: `tag ${match.tier === "conflict" ? "" : "listed"}` }, TIERS[match.tier] || match.tier)),
    make("p", { class: "small" }, "list ", foreign(match.list), ", entry ", foreign(match.entry), "; ", WHEN[match.when] || match.when),
    ...asides(match),
    make("table", { class: "met" }, make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "Field"), make("th", { scope: "col" }, "Sent"), make("th", { scope: "col" }, "Listed"))),
      make("tbody", {}, Object.entries(match.matched).map(([field, [seen, listed]]) => make("tr", {},
        make("th", { scope: "row" }, FIELDS[field] || field), make("td", {}, known(seen)), make("td", {}, known(listed)))))))));
}

// Why it is watched, owners and measures, and what has to be said wherever the list is quoted; absent from older alerts.
function asides(match) {
  const { watch, source } = match;
  const lines = [];
  if (watch) lines.push(["Watched: ", foreign(watch.reason), watch.owner ? " (asked for by " : "", foreign(watch.owner), watch.owner ? ")" : "", watch.expires ? `, until ${watch.expires}` : ""]);
  for (const company of match.companies || []) lines.push([`${company.role}: `, foreign(company.name || "not named"), company.imo ? ` (company IMO ${company.imo})` : ""]);
  if ((match.programs || []).length) lines.push(["Measures: ", foreign(match.programs.slice(0, 6).join(", "))]);
  if (source && !watch) {
    const cautions = [source.legal ? "" : "not a legal designation", source.non_commercial ? "non-commercial use only" : "", source.note].filter(Boolean);
    lines.push([foreign([source.title, source.publisher, source.licence].filter(Boolean).join("; ")), cautions.length ? make("b", {}, ` (${cautions.join("; ")})`) : ""]);
  }
  return lines.map((line) => make("p", { class: "small" }, ...line));
}

function intervals(alert, sides) {
  const sums = [["observed", alert.observed_s], ["inferred from sparse reports", alert.inferred_s], ["silent and in reach", alert.dark_s]];
  const facts = [
    ["Closest", metres(alert.min_distance_m)], ["Median", metres(alert.median_distance_m)], ["Water between hulls", metres(alert.hull_gap_m)],
    ["Heading difference", alert.heading_difference_deg === null ? "not known" : `${alert.heading_difference_deg}\u00b0`],
    ["Median speed", alert.median_speed_kn === null ? "not known" : `${alert.median_speed_kn} kn`],
    ["Alongside", alert.alongside === null ? "not known" : alert.alongside ? "yes" : "no"],
  ];
  const pairs = new Set(alert.intervals.map((item) => [...item.pair].sort().join(" "))).size;
  const pair = (item) => item.pair.map((track) => sides.get(track) || "\u2013").sort().join("\u2013");
  const rows = alert.intervals.map((item) => make("tr", {}, pairs > 1 ? make("td", {}, pair(item)) : null, make("td", {}, make("i", { class: `swatch ${item.kind}`, "aria-hidden": "true" }), ` ${KINDS[item.kind] || item.kind}`),
    make("td", {}, utc(seconds(item.start)).slice(5)), make("td", {}, utc(seconds(item.end)).slice(5)), make("td", {}, duration(seconds(item.end) - seconds(item.start)))));
  const table = make("table", { class: "intervals" },
    make("thead", {}, make("tr", {}, [...(pairs > 1 ? ["Pair"] : []), "Known as", "From", "To", "For"].map((word) => make("th", { scope: "col" }, word)))), make("tbody", {}, rows));
  return [
    make("p", {}, sums.filter(([, s]) => s).map(([word, s], at) => [at ? ", " : "", make("b", {}, duration(s)), ` ${word}`])),
    make("dl", { class: "figures" }, facts.map(([word, value]) => make("div", {}, make("dt", {}, word), make("dd", {}, value)))),
    rows.length > MOST_INTERVALS ? make("details", {}, make("summary", {}, `All ${rows.length} intervals`), table) : table,
  ];
}

function history(revisions) {
  return make("ol", { class: "log" }, [...revisions].reverse().map((item) => make("li", {},
    make("b", {}, `${item.revision}`), ` ${item.state}, ${item.severity} ${item.score}: `, foreign(item.revision_reason))));
}

function basis(alert) {
  const lists = alert.lists.length ? alert.lists.map((item) => item.snapshot).join(", ") : "none";
  return make("dl", { class: "basis" }, [["Rules", alert.rules_digest], ["Lists", lists], ["Zones", alert.zones.join(", ") || "none"]]
    .map(([word, value]) => make("div", {}, make("dt", {}, word), make("dd", {}, make("code", {}, value)))));
}
