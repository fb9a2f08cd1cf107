// Numbers and times as an analyst reads them: UTC, knots, metres and nautical miles; "not sent" where nothing was sent.
const two = (n) => String(n).padStart(2, "0");

export function utc(seconds, withDate = true) {
  const t = new Date(seconds * 1000);
  const clock = `${two(t.getUTCHours())}:${two(t.getUTCMinutes())}Z`;
  return withDate ? `${t.getUTCFullYear()}-${two(t.getUTCMonth() + 1)}-${two(t.getUTCDate())} ${clock}` : clock;
}

export function utcSeconds(seconds) {
  const t = new Date(seconds * 1000);
  return `${utc(seconds).slice(0, -1)}:${two(t.getUTCSeconds())} UTC`;
}

export const seconds = (iso) => Math.round(Date.parse(iso) / 1000);

export function duration(s) {
  const minutes = Math.floor(Math.max(0, s) / 60);
  if (minutes >= 2880) return `${Math.floor(minutes / 1440)} d ${Math.floor((minutes % 1440) / 60)} h`;
  return minutes >= 60 ? `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min` : `${minutes} min`;
}

export function metres(m) {
  if (m === null || m === undefined) return "not known";
  return m < 2000 ? `${Math.round(m)} m` : `${(m / 1852).toFixed(1)} nm`;
}

export const knots = (kn) => (kn === null || kn === undefined ? "not sent" : `${kn.toFixed(1)} kn`);

export function partyName(party) {
  return party.name && party.name.trim() ? party.name : `MMSI ${party.mmsi}`;
}

export const TRIAGE = {
  new: "new", under_review: "under review", confirmed: "confirmed", likely: "likely", unlikely: "unlikely",
  dismissed: "dismissed", shared: "shared", closed: "closed", undo: "undo",
};

export const OPEN = new Set(["new", "under_review", "confirmed", "likely", "shared"]);

export function minutesText(lat, lon) {
  const angle = (value, plus, minus) => {
    const hundredths = Math.round(Math.abs(value) * 6000);
    const minutes = Math.floor(hundredths / 100);
    return `${Math.floor(minutes / 60)}°${two(minutes % 60)}.${two(hundredths % 100)}'${value < 0 && hundredths ? minus : plus}`;
  };
  return `${angle(lat, "N", "S")} ${angle(lon, "E", "W")}`;
}
