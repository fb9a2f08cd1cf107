"""Fair sentences about a meeting: what was seen, what that is consistent with, and what it does not mean."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

from alerts.incident import Alert, Incident, Party
from alerts.ship_types import ship_class

WHAT_IT_DOES_NOT_MEAN = (
    "A rendezvous is two or more ships staying close to one another at low relative speed. It does not show that "
    "anything was transferred, nor that a transfer would be unlawful: ships also meet for bunkers, stores, crew, "
    "repairs, lightering under contract, salvage and help. Who a ship is rests on what it sent about itself."
)
_KINDS = {
    "rendezvous": "rendezvous",
    "dark_meeting": "possible meeting while silent",
    "sighting": "sighting",
    "identity": "identity lead",
    "spoofing": "position lead",
    "gap": "gap in transmission",
    "loitering": "loitering",
}

_LEAD_FINDINGS = {
    "dark_meeting": "can have been in one place while one or both were silent",
    "sighting": "was heard",
    "identity": "sent what does not fit together about itself",
    "spoofing": "sent positions that a ship cannot have had",
    "gap": "was not heard",
    "loitering": "stayed at low speed away from ports",
}
_LEAD_READINGS = {
    "dark_meeting": "Nobody saw them meet: what is known only leaves room for it. Reception, or an ordinary wait, can "
    "explain it as well.",
    "sighting": "That a listed or watched ship was heard says where it was, and nothing of what it did.",
    "identity": "This is consistent with manipulated identity, and as well with typing errors, a sold ship, or two "
    "ships set up alike.",
    "spoofing": "This is consistent with false positions, and as well with a faulty receiver, interference, or two "
    "ships on one number.",
    "gap": "This is consistent with a transmitter switched off, and as well with a fault or lost reception.",
    "loitering": "Ships also wait for orders, weather or a berth.",
}


def plain_text(text: str) -> str:
    """Text as sent without control, direction and other invisible characters; nothing else is changed.

    >>> plain_text("SEA\\u202eSTAR\\x1b[2J")
    'SEASTAR[2J'
    """
    return "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def utc_text(time_us: int) -> str:
    """Microseconds since 1970 as a UTC minute, cut and not rounded.

    >>> utc_text(1527975417_000_000)
    '2018-06-02 21:36Z'
    """
    return datetime.fromtimestamp(time_us // 1_000_000, tz=UTC).strftime("%Y-%m-%d %H:%MZ")


def position_text(lat_deg: float, lon_deg: float) -> str:
    """Degrees and decimal minutes, as on a chart.

    >>> position_text(33.0084, -117.7853), position_text(-0.9999999, 180.0)
    ("33°00.50'N 117°47.12'W", "1°00.00'S 180°00.00'E")
    """
    return f"{_angle(lat_deg, 'N', 'S')} {_angle(lon_deg, 'E', 'W')}"


def _angle(value_deg: float, positive: str, negative: str) -> str:
    hundredths = round(abs(value_deg) * 6000)
    minutes, rest = divmod(hundredths, 100)
    side = negative if value_deg < 0 and hundredths else positive
    return f"{minutes // 60}°{minutes % 60:02d}.{rest:02d}'{side}"


def duration_text(duration_s: int) -> str:
    """Seconds as hours and minutes, cut and not rounded.

    >>> duration_text(14709), duration_text(1800), duration_text(59)
    ('4 h 05 min', '30 min', 'less than 1 min')
    """
    hours, minutes = divmod(max(0, duration_s) // 60, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min" if minutes else "less than 1 min" if duration_s > 0 else "0 min"


def distance_text(distance_m: float) -> str:
    """Metres below two kilometres, then kilometres.

    >>> distance_text(184), distance_text(42300)
    ('184 m', '42 km')
    """
    return f"{distance_m:.0f} m" if distance_m < 2000 else f"{distance_m / 1000:.0f} km"


def party_name(party: Party) -> str:
    """The name a ship sent, or its MMSI where it sent none.

    >>> party_name(Party("t1", 311000013)), party_name(Party("t1", 311000013, name="HYDRA VOYAGER"))
    ('MMSI 311000013', 'HYDRA VOYAGER')
    """
    return (plain_text(party.name).strip() if party.name else "") or f"MMSI {party.mmsi}"


def party_text(party: Party) -> str:
    """Name, class, length, flag and number of a ship, each as it sent it.

    >>> party_text(Party("t1", 311000013, imo=9583720, name="HYDRA VOYAGER", flag="BHS", ship_type=80, length_m=333))
    'HYDRA VOYAGER (tanker, 333 m, flag BHS, IMO 9583720)'
    """
    facts = [ship_class(party.ship_type)]
    if party.length_m:
        facts.append(f"{party.length_m} m")
    if party.flag:
        facts.append(f"flag {party.flag}")
    facts.append(f"IMO {party.imo}" if party.imo else "no IMO number sent")
    return f"{party_name(party)} ({', '.join(facts)})"


def names_text(names: list[str]) -> str:
    """Names in a row, the last after "and"; more than six are counted.

    >>> names_text(["A", "B", "C"])
    'A, B and C'
    """
    if len(names) > 6:
        return f"{', '.join(names[:4])} and {len(names) - 4} more"
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part) if names else "nobody"


def title(alert: Alert) -> str:
    """The heading of an alert: "suspected" from a warning up, plainly a meeting below."""
    incident = alert.incident
    who = names_text([party_name(p) for p in incident.parties if p.role == "party"])
    if incident.withdrawn_reason is not None:
        what = "meeting" if incident.kind == "rendezvous" else _KINDS.get(incident.kind, incident.kind)
        return f"Withdrawn: {what} of {who}"
    if incident.kind != "rendezvous":
        return f"{_KINDS.get(incident.kind, incident.kind).capitalize()}: {who}"
    if alert.severity == "notice":
        return f"Meeting of {who}"
    return f"Suspected ship-to-ship transfer: {who}"


def finding(incident: Incident) -> str:
    """One sentence: who, when, where, how it is known, how close."""
    if incident.kind != "rendezvous":
        return _lead_finding(incident)
    who = names_text([party_text(p) for p in incident.parties if p.role == "party"])
    attending = [party_name(p) for p in incident.parties if p.role != "party"]
    if incident.end_us is None:
        when = f"have been close to one another since {utc_text(incident.start_us)}"
    else:
        when = f"were close to one another from {utc_text(incident.start_us)} to {utc_text(incident.end_us)}"
    where = f"near {position_text(incident.lat, incident.lon)}"
    if incident.zones:
        where += f" ({', '.join(plain_text(zone) for zone in incident.zones)})"
    if incident.shore_distance_m is not None:
        where += f", {distance_text(incident.shore_distance_m)} from shore"
    parts = [f"{who} {when} {where}", known_text(incident)]
    if incident.min_distance_m is not None:
        parts.append(f"{incident.min_distance_m} m between antennas at the closest")
    if attending:
        parts.append(f"attended by {names_text(attending)}")
    return "; ".join(parts) + "."


def _lead_finding(incident: Incident) -> str:
    who = names_text([party_text(p) for p in incident.parties])
    what = _LEAD_FINDINGS.get(incident.kind, incident.kind)
    if len(incident.parties) == 1 and incident.kind == "dark_meeting":
        what = "was silent, and may have met another ship meanwhile"
    until = f"to {utc_text(incident.end_us)}" if incident.end_us is not None else "on"
    where = f"near {position_text(incident.lat, incident.lon)}"
    if incident.zones:
        where += f" ({', '.join(plain_text(zone) for zone in incident.zones)})"
    if incident.shore_distance_m is not None:
        where += f", {distance_text(incident.shore_distance_m)} from shore"
    return f"{who} {what}, from {utc_text(incident.start_us)} {until}, {where}."


def known_text(incident: Incident) -> str:
    """How much of the meeting is observed, inferred and dark, never as one figure.

    A raft's figures are those of its principal pair.
    """
    parts = [f"{duration_text(incident.observed_s)} observed"]
    if incident.inferred_s:
        parts.append(f"{duration_text(incident.inferred_s)} inferred from sparse reports")
    if incident.dark_s:
        parts.append(f"{duration_text(incident.dark_s)} while silent and in reach")
    return ", ".join(parts)


def reading(alert: Alert) -> str:
    """What the finding is consistent with, and nothing more."""
    if alert.incident.withdrawn_reason is not None:
        return f"This report is withdrawn: {alert.incident.withdrawn_reason}."
    if alert.incident.kind != "rendezvous":
        return _LEAD_READINGS.get(alert.incident.kind, "")
    if alert.incident.lowered_by:
        return f"This is consistent with ordinary company ({', '.join(alert.incident.lowered_by)})."
    if alert.severity == "notice":
        return "This is a meeting at sea; what is known does not set it apart from ordinary company."
    observed = "was seen" if alert.incident.observed_s else "is inferred"
    return f"What {observed} is consistent with a ship-to-ship transfer; it does not prove one."
