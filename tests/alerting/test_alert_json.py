"""The alert object is a contract: its fields, their order and their forms are frozen here."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from alerts.alert_json import alert_to_json
from alerts.incident import Alert, Incident, Match, MatchedCompany, PairInterval, Party, Reason, Said, Watch
from alerts.list_source import ListSource

T0_US = 1527975417_123456
GOLDEN = """{
  "id": "rv-1",
  "revision": 3,
  "revision_reason": "severity raised from warning to critical",
  "state": "updated",
  "phase": "ongoing",
  "kind": "rendezvous",
  "severity": "critical",
  "score": 105,
  "start": "2018-06-02T21:36:57Z",
  "end": null,
  "lat": 33.0084,
  "lon": -117.78534,
  "zones": ["Southern California lightering"],
  "parties": [
    {"track": "311000013", "mmsi": 311000013, "imo": 9583720, "name": "HYDRA VOYAGER", "callsign": "C6AB8",
     "flag": "BHS", "ship_type": 80, "length_m": 333, "shared_mmsi": false,
     "draught_before_m": 18.5, "draught_after_m": 14.9,
     "role": "party", "last_port": null, "next_port": null,
     "also_sent": [{"imo": 9074729, "name": "OLD STAR", "callsign": null, "ship_type": 80, "length_m": null}]},
    {"track": "367017440", "mmsi": 367017440, "imo": null, "name": null, "callsign": null,
     "flag": null, "ship_type": null, "length_m": null, "shared_mmsi": false,
     "draught_before_m": null, "draught_after_m": null,
     "role": "attending", "last_port": null, "next_port": null, "also_sent": []}
  ],
  "matches": [
    {"party": "311000013", "list": "ofac", "entry": "12345", "tier": "exact", "when": "unknown",
     "matched": {"imo": ["9583720", "9583720"]}, "listed_name": "OLD COMET", "programs": ["DPRK3"],
     "companies": [{"role": "owner", "name": "INVENTED CO", "imo": 5434358}],
     "source": {"title": "A List", "publisher": "An Office", "licence": "CC BY-NC 4.0", "url": "", "legal": false,
                "non_commercial": true, "note": "a compilation"},
     "watch": {"reason": "seen loading", "owner": "desk 2", "expires": null}, "text": "text"}
  ],
  "observed_s": 2820,
  "inferred_s": 11820,
  "dark_s": 0,
  "min_distance_m": 24,
  "median_distance_m": 184,
  "hull_gap_m": 8,
  "heading_difference_deg": 2,
  "median_speed_kn": 1.35,
  "relative_speed_kn": 0.21,
  "alongside": true,
  "intervals": [
    {"pair": ["311000013", "367017440"], "start": "2018-06-02T21:36:57Z", "end": "2018-06-02T22:36:57Z",
     "kind": "observed"}
  ],
  "reasons": [{"feature": "alongside", "value": "8 m", "weight": 25, "text": "The hulls lay side by side."}],
  "sensitivity": "It would vanish below 24 m.",
  "lists": [{"list": "ofac", "snapshot": "ofac-1"}],
  "rules_digest": "sha256:00",
  "facts": {}, "region": [], "in_port": false
}"""


HIT = Match(
    "311000013", "ofac", "12345", "exact", "unknown", {"imo": ("9583720", "9583720")}, "text", "OLD COMET", ("DPRK3",),
    (MatchedCompany("owner", "INVENTED CO", 5434358),),
    ListSource("ofac", "A List", "An Office", "CC BY-NC 4.0", legal_designation=False, non_commercial=True,
               note="a compilation"),
    Watch("seen loading", "desk 2"),
)  # fmt: skip


def alert() -> Alert:
    hydra = Party("311000013", 311000013, 9583720, "HYDRA VOYAGER", "C6AB8", "BHS", 80, 333, 60, 18.5, 14.9)
    hydra = replace(hydra, also_sent=(Said(9074729, "OLD STAR", None, 80),))
    incident = Incident(
        id="rv-1", kind="rendezvous", phase="ongoing", published_us=T0_US + 10**10, start_us=T0_US, end_us=None,
        lat=33.008400004, lon=-117.785341, zones=("Southern California lightering",),
        parties=(hydra, Party("367017440", 367017440, role="attending")),
        intervals=(PairInterval(("311000013", "367017440"), T0_US, T0_US + 3600 * 10**6, "observed"),),
        observed_s=2820, inferred_s=11820, dark_s=0, min_distance_m=24, median_distance_m=184, hull_gap_m=8,
        heading_difference_deg=2, median_speed_kn=1.3499, relative_speed_kn=0.2071, alongside=True, settled=True,
    )  # fmt: skip
    return Alert(
        incident, 3, "severity raised from warning to critical", "updated", "critical", 105,
        (HIT,),
        (Reason("alongside", "8 m", 25, "The hulls lay side by side."),), "It would vanish below 24 m.",
        (("ofac", "ofac-1"),), "sha256:00",
    )  # fmt: skip


def test_the_object_is_the_published_one_to_the_byte() -> None:
    """Fields, order, forms and rounding are those of the contract; a change here breaks scripts of others."""
    assert json.dumps(alert_to_json(alert())) == json.dumps(json.loads(GOLDEN))


def test_it_survives_json() -> None:
    """What is written is plain JSON: reading it back gives the same object."""
    made = alert_to_json(alert())
    assert json.loads(json.dumps(made, allow_nan=False)) == made


def test_an_end_is_told_to_the_second() -> None:
    """A closed event has its end, cut to the second."""
    ended = replace(alert().incident, end_us=T0_US + 999_999, phase="ended")
    assert alert_to_json(replace(alert(), incident=ended))["end"] == "2018-06-02T21:36:58Z"


@given(
    name=st.text(max_size=20),
    lat=st.floats(-90, 90),
    lon=st.floats(-180, 180),
    speed=st.none() | st.floats(allow_infinity=False),
)
def test_hostile_text_and_odd_numbers(name: str, lat: float, lon: float, speed: float | None) -> None:
    """Any name and number gives strict JSON without control or direction characters and without negative zero."""
    incident = replace(alert().incident, lat=lat, lon=lon, median_speed_kn=speed, parties=(Party("1", 1, name=name),))
    made = alert_to_json(replace(alert(), incident=incident))
    text = json.dumps(made, ensure_ascii=False, allow_nan=False)
    assert not re.search("[\x00-\x1f\u202a-\u202e\u2066-\u2069\u200e\u200f]", text)
    assert "-0.0," not in text
    assert abs(made["lat"] - lat) <= 0.5001e-5
    assert abs(made["lon"] - lon) <= 0.5001e-5
