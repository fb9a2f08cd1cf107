// The list of alerts: a listbox whose options hold no controls, filtered and kept in order of start, newest first.
import { byId, foreign, make } from "./elements.js";
import { OPEN, TRIAGE, duration, metres, partyName, seconds, utc } from "./words.js";

export class Feed {
  constructor({ onSelect, onMore }) {
    this.box = byId("feed");
    this.rows = new Map(); // id -> brief alert
    this.options = new Map(); // id -> element
    this.order = []; // ids shown, newest first
    this.selected = null;
    this.more = false;
    this.onSelect = onSelect;
    this.filter = { severities: new Set(["critical", "warning", "notice"]), triage: "open", search: "" };
    this.box.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.select(option.dataset.id);
    });
    this.box.addEventListener("keydown", (event) => {
      const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8, Home: -1e9, End: 1e9 };
      if (event.key in steps && !event.altKey && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        this.step(steps[event.key]);
      }
    });
    this.box.addEventListener("scroll", () => {
      if (this.more && this.box.scrollTop + this.box.clientHeight > this.box.scrollHeight - 600) onMore();
    }, { passive: true });
  }

  // Puts rows in (an older revision never replaces a newer one); returns the ids that were not known before.
  put(rows, fresh = false) {
    const unknown = [];
    for (const row of rows) {
      const known = this.rows.get(row.id);
      if (known && known.revision > row.revision) continue;
      if (!known) unknown.push(row.id);
      this.rows.set(row.id, { ...row, fresh: fresh || (known ? known.fresh : false) });
      this.options.delete(row.id);
    }
    this.show();
    return unknown;
  }

  setTriage(id, state) {
    const row = this.rows.get(id);
    if (!row) return;
    row.triage = state;
    this.options.delete(id);
    this.show();
  }

  matches(row) {
    const { severities, triage, search } = this.filter;
    if (row.id === this.selected) return true; // what is being read does not vanish under the reader
    if (!severities.has(row.severity)) return false;
    if (triage === "open" ? !OPEN.has(row.triage) || row.state === "withdrawn" : triage !== "all" && triage !== row.triage) return false;
    if (!search) return true;
    const text = [row.id, ...row.zones, ...row.lists, ...(row.watched || []), ...row.parties.flatMap((p) => [p.name, p.mmsi, p.imo, p.flag])];
    return text.join(" ").toLowerCase().includes(search);
  }

  show() {
    const shown = [...this.rows.values()].filter((row) => this.matches(row));
    shown.sort((a, b) => (a.start < b.start ? 1 : a.start > b.start ? -1 : a.id < b.id ? 1 : -1));
    this.order = shown.map((row) => row.id);
    const wanted = shown.map((row) => this.option(row));
    if (!wanted.length) wanted.push(this.nothing());
    const there = this.box.children;
    if (there.length !== wanted.length || wanted.some((element, at) => element !== there[at])) {
      const top = this.box.scrollTop;
      this.box.replaceChildren(...wanted);
      this.box.scrollTop = top;
    }
    byId("count").textContent = this.rows.size
      ? `${shown.length}${shown.length === this.rows.size ? "" : ` of ${this.rows.size}`}${this.more ? "+" : ""}`
      : "";
    byId("feed-end").textContent = this.more ? "Older alerts load as you scroll." : "";
    this.mark();
  }

  nothing() {
    const empty = this.rows.size === 0 && !this.more;
    return make("div", { class: "nothing", role: "option", "aria-disabled": "true", "aria-selected": "false" },
      make("strong", {}, empty ? "No alerts yet" : "No alert passes the filter"),
      make("span", {}, empty
        ? "New ones appear here by themselves. To fill the store: shipwatch replay FILES --store STORE, or shipwatch watch."
        : "Widen the filter above, or choose \u201call alerts\u201d."));
  }

  option(row) {
    const made = this.options.get(row.id);
    if (made) return made;
    const parties = row.parties.filter((p) => p.role === "party");
    const others = row.parties.length - Math.min(2, parties.length);
    const [a, b] = parties;
    const ended = row.end ? seconds(row.end) : null;
    const known = row.observed_s + row.inferred_s + row.dark_s;
    const tags = [];
    const quoted = (list) => ((row.no_legal_designation || []).includes(list) ? `${list} (not a legal designation)` : list);
    if (row.lists.length) tags.push(["listed", `listed: ${row.lists.map(quoted).join(", ")}`]);
    if ((row.watched || []).length) tags.push(["listed", `watched: ${row.watched.map((list) => list.replace("watchlist:", "")).join(", ")}`]);
    if (row.state === "withdrawn") tags.push(["", "withdrawn"]);
    else if (row.phase !== "ended") tags.push(["ongoing", "ongoing"]);
    if (row.alongside) tags.push(["", "alongside"]);
    if (row.dark_s) tags.push(["", "silent part"]);
    if (others > 0) tags.push(["", `+${others} more`]);
    const element = make("div", {
      class: `row ${row.severity}${row.triage === "new" ? " unread" : ""}${row.fresh ? " fresh" : ""}${row.state === "withdrawn" ? " withdrawn" : ""}`,
      role: "option", id: `row-${row.id}`, "data-id": row.id, "aria-selected": "false",
    },
      make("span", { class: "grade" },
        make("span", { class: `mark ${row.severity}`, "aria-hidden": "true" }),
        make("span", { class: "score" }, row.score),
        make("span", { class: "word" }, row.severity)),
      make("span", { class: "who" },
        a ? this.ship(a) : null, b ? make("span", { class: "with" }, " \u21c4 ") : null, b ? this.ship(b) : null),
      make("span", { class: "triage" }, TRIAGE[row.triage] || row.triage),
      make("span", { class: "facts" },
        `${utc(seconds(row.start)).slice(5)} \u00b7 ${duration(ended === null ? known : ended - seconds(row.start))} \u00b7 ${metres(row.median_distance_m)}`),
      make("span", { class: "tags" }, tags.map(([kind, text]) => make("span", { class: `tag ${kind}` }, foreign(text)))));
    this.options.set(row.id, element);
    return element;
  }

  ship(party) {
    return make("span", {}, make("b", {}, foreign(partyName(party))), party.flag ? make("small", {}, ` ${party.flag}`) : null);
  }

  mark() {
    for (const [id, element] of this.options) {
      const is = id === this.selected;
      if ((element.getAttribute("aria-selected") === "true") !== is) element.setAttribute("aria-selected", String(is));
    }
    if (this.selected && this.options.has(this.selected)) this.box.setAttribute("aria-activedescendant", `row-${this.selected}`);
    else this.box.removeAttribute("aria-activedescendant");
  }

  select(id, { quiet = false } = {}) {
    if (!id) return;
    const before = this.selected;
    this.selected = id;
    const row = this.rows.get(id);
    if (row && row.fresh) {
      row.fresh = false;
      this.options.delete(id);
    }
    if (before !== id) this.show();
    const element = this.options.get(id);
    if (element) element.scrollIntoView({ block: "nearest" });
    if (!quiet) this.onSelect(id, before);
  }

  step(by) {
    if (!this.order.length) return;
    const at = this.order.indexOf(this.selected);
    const next = at < 0 ? (by > 0 ? 0 : this.order.length - 1) : Math.min(this.order.length - 1, Math.max(0, at + by));
    this.select(this.order[next]);
  }
}
