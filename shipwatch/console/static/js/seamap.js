/* global L */
// The map: coast tiles of our own, watched zones, one mark an alert, and the tracks of the alert that is read.
import { foreign, make } from "./elements.js";
import { knots, minutesText, partyName, utc } from "./words.js";

const TILES = "/tiles/{theme}/{z}/{x}/{y}.png";
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export class SeaMap {
  constructor(element, { onSelect }) {
    this.map = L.map(element, {
      preferCanvas: true, zoomSnap: 1, worldCopyJump: true, keyboard: false, attributionControl: false,
      minZoom: 2, maxZoom: 17, zoomAnimation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    }).setView([20, 40], 2);
    L.control.scale({ imperial: false, maxWidth: 140 }).addTo(this.map);
    L.control.attribution({ prefix: false }).addAttribution("Coast: GSHHG \u00b7 not for navigation").addTo(this.map);
    const pointer = L.control({ position: "bottomright" });
    pointer.onAdd = () => (this.pointer = make("div", { class: "pointer", "aria-hidden": "true" }));
    pointer.addTo(this.map);
    this.map.on("mousemove", (event) => {
      const at = event.latlng.wrap();
      this.pointer.textContent = minutesText(at.lat, at.lng);
    });
    this.map.on("mouseout", () => { this.pointer.textContent = ""; });
    this.zoneLayer = L.layerGroup().addTo(this.map);
    this.marks = L.layerGroup().addTo(this.map);
    this.tracks = L.layerGroup().addTo(this.map);
    this.cursor = L.layerGroup().addTo(this.map);
    this.onSelect = onSelect;
    this.zones = null;
    this.alerts = [];
    this.encounter = null;
    this.selected = null;
    this.theme();
    new ResizeObserver(() => this.map.invalidateSize({ pan: false })).observe(element);
  }

  theme() {
    const theme = document.documentElement.dataset.theme;
    if (this.tiles) this.tiles.remove();
    this.tiles = L.tileLayer(TILES, { theme, maxZoom: 17, keepBuffer: 3 }).addTo(this.map);
    this.tiles.setZIndex(0);
    this.drawZones(this.zones);
    this.drawAlerts(this.alerts, this.selected);
    this.drawTracks(this.encounter);
  }

  drawZones(zones) {
    this.zones = zones;
    this.zoneLayer.clearLayers();
    if (!zones) return;
    L.geoJSON(zones, {
      interactive: false,
      style: { color: css("--zone"), weight: 1, opacity: 0.8, fillColor: css("--zone"), fillOpacity: 0.07 },
    }).addTo(this.zoneLayer);
  }

  drawAlerts(rows, selected) {
    this.alerts = rows;
    this.selected = selected;
    this.marks.clearLayers();
    const radius = { critical: 7, warning: 6, notice: 5 };
    for (const row of [...rows].reverse()) {
      const colour = css(`--${row.severity}`);
      const mark = L.circleMarker([row.lat, row.lon], {
        radius: radius[row.severity] + (row.id === selected ? 3 : 0), color: row.id === selected ? css("--text") : colour,
        weight: row.id === selected ? 2 : 1.5, fillColor: colour, fillOpacity: row.id === selected ? 0.15 : 0.35,
      });
      mark.bindTooltip(() => make("span", {}, `${row.severity} ${row.score}: `, ...row.parties.slice(0, 2).flatMap(
        (party, at) => [at ? " \u21c4 " : "", foreign(partyName(party))])), { className: "tip" });
      mark.on("click", () => this.onSelect(row.id));
      mark.addTo(this.marks);
    }
  }

  // Fixes are one solid line a stretch; legs without reports are dashed, finer dashes where the silence was long.
  drawTracks(encounter) {
    this.encounter = encounter;
    this.tracks.clearLayers();
    this.cursor.clearLayers();
    if (!encounter) return;
    this.outline = [];
    for (const ship of [...encounter.ships].reverse()) {
      const colour = sideColour(ship.side);
      const points = straight(ship);
      this.outline.push(...points);
      const starts = new Set(ship.gaps.map((gap) => gap.start));
      const silent = new Set(ship.gaps.filter((gap) => gap.kind === "silent").map((gap) => gap.start));
      let run = [];
      const flush = () => {
        if (run.length > 1) L.polyline(run, { color: colour, weight: 2.5, opacity: 0.95, interactive: false }).addTo(this.tracks);
        else if (run.length) L.circleMarker(run[0], { radius: 2, color: colour, interactive: false }).addTo(this.tracks);
        run = [];
      };
      points.forEach((point, at) => {
        run.push(point);
        if (starts.has(ship.time[at]) && at + 1 < points.length) {
          flush();
          L.polyline([point, points[at + 1]], {
            color: colour, weight: 1.8, opacity: 0.9, dashArray: silent.has(ship.time[at]) ? "2 7" : "7 6", interactive: false,
          }).addTo(this.tracks);
        }
      });
      flush();
      if (ship.fixes <= 1500) {
        for (const point of points) L.circleMarker(point, { radius: 1.4, weight: 0, fillColor: colour, fillOpacity: 0.9, interactive: false }).addTo(this.tracks);
      }
    }
  }

  fit() {
    const points = this.outline && this.outline.length ? this.outline : null;
    if (points) this.map.fitBounds(L.latLngBounds(points).pad(0.12), { maxZoom: 14, animate: false });
  }

  fitAlerts(rows) {
    if (rows.length) this.map.fitBounds(L.latLngBounds(rows.map((row) => [row.lat, row.lon])).pad(0.2), { maxZoom: 8, animate: false });
  }

  // Where every ship was at one moment: on a fix or between two; a ring where it had not reported for a while.
  showMoment(second) {
    this.cursor.clearLayers();
    if (!this.encounter) return;
    for (const ship of this.encounter.ships) {
      const at = placeAt(ship, second);
      if (!at) continue;
      const colour = sideColour(ship.side);
      const mark = L.circleMarker(at.point, {
        radius: at.sure ? 6 : 8, color: colour, weight: 2, fillColor: colour, fillOpacity: at.sure ? 0.9 : 0, dashArray: at.sure ? null : "3 3",
      });
      const text = make("span", {}, make("b", {}, `${ship.side} `), foreign(partyName(ship)), ` ${at.sure ? knots(at.sog) : `last report ${utc(at.since, false)}`}`);
      mark.bindTooltip(text, {
        permanent: ship.side < "C", direction: ship.side === "A" ? "left" : "right", offset: ship.side === "A" ? [-8, 0] : [8, 0], className: "tip",
      });
      mark.addTo(this.cursor);
    }
  }
}

export function sideColour(side) {
  return css(side === "A" ? "--ship-a" : side === "B" ? "--ship-b" : "--ship-c");
}

// Longitudes without a jump at 180 degrees.
function straight(ship) {
  let turn = 0;
  return ship.lat.map((lat, at) => {
    if (at) {
      const step = ship.lon[at] - ship.lon[at - 1];
      if (step > 180) turn -= 360;
      if (step < -180) turn += 360;
    }
    return [lat, ship.lon[at] + turn];
  });
}

export function placeAt(ship, second) {
  const { time } = ship;
  if (!time.length || second < time[0] || second > time[time.length - 1]) return null;
  let low = 0;
  let high = time.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (time[middle] <= second) low = middle;
    else high = middle - 1;
  }
  const points = straight(ship);
  if (low === time.length - 1 || time[low] === second) return { point: points[low], sog: ship.sog_kn[low], since: time[low], sure: true };
  const part = (second - time[low]) / (time[low + 1] - time[low]);
  const [from, to] = [points[low], points[low + 1]];
  const silent = ship.gaps.some((gap) => gap.start <= second && second < gap.end);
  return { point: [from[0] + part * (to[0] - from[0]), from[1] + part * (to[1] - from[1])], sog: ship.sog_kn[low], since: time[low], sure: !silent };
}

