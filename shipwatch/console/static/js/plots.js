// Distance (logarithmic) and speed over UTC time as SVG; intervals as bands, and one cursor for both.
import { make, svg } from "./elements.js";
import { duration, metres, utc } from "./words.js";

const WIDE = 340;
const LEFT = 44;
const RIGHT = 8;
const TOP = 8;
const BOTTOM = 20;
const KINDS = { observed: "observed", inferred: "inferred from sparse reports", dark: "silent and in reach" };

export class Plots {
  constructor(onMoment) {
    this.onMoment = onMoment;
    this.cursors = [];
    this.element = make("div", { class: "plots" });
  }

  draw(encounter) {
    this.encounter = encounter;
    this.cursors = [];
    const { distance, ships } = encounter;
    const speeds = ships.slice(0, 2);
    if (!distance.time.length && !speeds.some((ship) => ship.time.length)) {
      this.element.replaceChildren(make("p", { class: "small" },
        "No fixes of these ships are in the archive around this event, so there is nothing to plot. The archive is filled by replay --store and by watch."));
      return;
    }
    this.element.replaceChildren(
      this.plot("Distance between antennas, m (log)", 132, logScale(distance.metres, encounter.near_m), (x, y) => [
        this.threshold(y, encounter.near_m),
        ...lines(distance.time, distance.metres, distance.sparse, x, y, "distance"),
      ], distanceWords(encounter)),
      this.plot("Speed over ground, kn", 104, speedScale(speeds), (x, y) => speeds.flatMap((ship) => {
        const sparse = ship.time.map((t) => ship.gaps.some((gap) => gap.start === t));
        return gapped(ship.time, ship.sog_kn, sparse, x, y, `ship-${ship.side.toLowerCase()}`);
      }), speedWords(speeds)),
      bandLegend(encounter.intervals));
  }

  plot(title, high, scale, content, words) {
    const { from, to } = this.encounter;
    const x = (t) => LEFT + ((t - from) / Math.max(1, to - from)) * (WIDE - LEFT - RIGHT);
    const y = (v) => TOP + (1 - scale.part(v)) * (high - TOP - BOTTOM);
    const cursor = svg("line", { class: "cursor", y1: TOP, y2: high - BOTTOM, x1: -9, x2: -9 });
    this.cursors.push({ cursor, x });
    const picture = svg("svg", { viewBox: `0 0 ${WIDE} ${high}`, role: "img", "aria-label": `${title}. ${words}`, class: "plot" },
      patterns(),
      this.bands(x, high),
      scale.ticks.map((v) => svg("g", {},
        svg("line", { class: "grid", x1: LEFT, x2: WIDE - RIGHT, y1: y(v), y2: y(v) }),
        svg("text", { x: LEFT - 5, y: y(v) + 3.5, "text-anchor": "end" }, scale.label(v)))),
      timeTicks(from, to).map((t) => svg("g", {},
        svg("line", { class: "grid", x1: x(t), x2: x(t), y1: TOP, y2: high - BOTTOM }),
        svg("text", { x: x(t), y: high - 6, "text-anchor": "middle" }, tickText(t, from, to)))),
      content(x, y), cursor);
    picture.addEventListener("pointermove", (event) => {
      const box = picture.getBoundingClientRect();
      const at = ((event.clientX - box.left) / box.width) * WIDE;
      const t = from + ((at - LEFT) / (WIDE - LEFT - RIGHT)) * (to - from);
      if (t >= from && t <= to) this.onMoment(Math.round(t));
    });
    return make("figure", {}, make("figcaption", {}, title), picture);
  }

  bands(x, high) {
    return this.encounter.intervals.map((item) =>
      svg("rect", { class: `band ${item.kind}`, x: x(item.start), width: Math.max(0.8, x(item.end) - x(item.start)), y: TOP, height: high - TOP - BOTTOM },
        svg("title", {}, `${KINDS[item.kind] || item.kind}: ${utc(item.start)} to ${utc(item.end)}, ${duration(item.end - item.start)}`)));
  }

  threshold(y, near) {
    return svg("g", {}, svg("line", { class: "near", x1: LEFT, x2: WIDE - RIGHT, y1: y(near), y2: y(near) }));
  }

  moment(second) {
    for (const { cursor, x } of this.cursors) {
      cursor.setAttribute("x1", x(second));
      cursor.setAttribute("x2", x(second));
    }
  }
}

export function distanceAt(encounter, second) {
  const { time, metres: values, sparse } = encounter.distance;
  if (!time.length || second < time[0] || second > time[time.length - 1]) return null;
  let at = time.findIndex((t) => t >= second);
  if (at > 0 && second - time[at - 1] < time[at] - second) at -= 1;
  return values[at] === null ? null : { metres: values[at], sparse: sparse[at] };
}

function logScale(values, near) {
  const known = values.filter((v) => v !== null);
  const low = Math.floor(Math.log10(Math.max(1, Math.min(near, ...(known.length ? known : [near])))));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(near * 2, known.reduce((a, b) => Math.max(a, b), 1)))));
  const ticks = [];
  for (let p = low; p <= high; p += 1) ticks.push(10 ** p);
  return {
    ticks, part: (v) => (Math.log10(Math.max(10 ** low, v)) - low) / (high - low),
    label: (v) => (v >= 1e6 ? `${v / 1e6} Mm` : v >= 1000 ? `${v / 1000} km` : `${v} m`),
  };
}

function speedScale(ships) {
  const fastest = ships.flatMap((ship) => ship.sog_kn).reduce((a, b) => Math.max(a, b || 0), 4);
  const step = [1, 2, 5, 10, 20].find((s) => fastest / s <= 4) || 50;
  const most = Math.ceil(fastest / step) * step;
  const ticks = [];
  for (let v = 0; v <= most; v += step) ticks.push(v);
  return { ticks, part: (v) => v / most, label: (v) => `${v} kn` };
}

// One path a stretch; where a value is missing the line is broken, where reports were sparse it is dashed.
function lines(time, values, sparse, x, y, kind) {
  const made = [];
  let run = [];
  let dashed = null;
  const flush = () => {
    if (run.length > 1) made.push(svg("polyline", { class: `curve ${kind}${dashed ? " sparse" : ""}`, points: run.join(" ") }));
    run = [];
  };
  time.forEach((t, at) => {
    if (values[at] === null) { flush(); dashed = null; return; }
    const point = `${x(t).toFixed(1)},${y(values[at]).toFixed(1)}`;
    const is = Boolean(sparse[at]);
    if (run.length && is !== dashed) { run.push(point); flush(); }
    dashed = is;
    run.push(point);
  });
  flush();
  return made;
}

// As above for values on fixes: `gap[at]` says that nothing was heard after fix `at` for long.
function gapped(time, values, gap, x, y, kind) {
  const made = [];
  let run = [];
  const flush = () => {
    if (run.length > 1) made.push(svg("polyline", { class: `curve ${kind}`, points: run.join(" ") }));
    else if (run.length) { const [cx, cy] = run[0].split(","); made.push(svg("circle", { class: `dot ${kind}`, cx, cy, r: 1.5 })); }
    run = [];
  };
  time.forEach((t, at) => {
    if (values[at] !== null) run.push(`${x(t).toFixed(1)},${y(values[at]).toFixed(1)}`);
    if (values[at] === null || gap[at]) flush();
  });
  flush();
  return made;
}

function timeTicks(from, to) {
  const step = [600, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800].find((s) => (to - from) / s <= 5) || 345600;
  const ticks = [];
  for (let t = Math.ceil(from / step) * step; t <= to; t += step) ticks.push(t);
  return ticks;
}

function tickText(t, from, to) {
  const text = utc(t);
  return to - from > 4 * 86400 ? text.slice(5, 10) : t % 86400 === 0 ? text.slice(5, 10) : text.slice(11);
}

function patterns() {
  const hatch = (id, gap, thick) => svg("pattern", { id, width: gap, height: gap, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    svg("rect", { width: gap, height: gap, class: "hatch-ground" }), svg("line", { x1: 0, x2: 0, y1: 0, y2: gap, class: "hatch-line", "stroke-width": thick }));
  return svg("defs", {}, hatch("hatch-inferred", 6, 2), hatch("hatch-dark", 4, 4));
}

function bandLegend(intervals) {
  const there = ["observed", "inferred", "dark"].filter((kind) => intervals.some((item) => item.kind === kind));
  return make("p", { class: "band-legend" },
    make("span", {}, make("i", { class: "line a" }), "A"), make("span", {}, make("i", { class: "line b" }), "B"),
    there.map((kind) => make("span", {}, make("i", { class: `swatch ${kind}` }), KINDS[kind])),
    make("span", {}, make("i", { class: "line near" }), "500 m"));
}

function distanceWords(encounter) {
  const known = encounter.distance.metres.filter((v) => v !== null);
  if (!known.length) return "No distance is known.";
  return `From ${metres(known.reduce((a, b) => Math.min(a, b), Infinity))} to ${metres(known.reduce((a, b) => Math.max(a, b), 0))} between ${utc(encounter.from)} and ${utc(encounter.to)}.`;
}

function speedWords(ships) {
  return ships.map((ship) => {
    const known = ship.sog_kn.filter((v) => v !== null);
    return `${ship.side}: ${known.length ? `up to ${known.reduce((a, b) => Math.max(a, b), 0)} kn` : "no speed sent"}`;
  }).join("; ");
}
