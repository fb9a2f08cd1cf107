"""Incidents and their grades on three real days off Southern California."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from alerts.assess import assess
from alerts.incident import Alert
from alerts.rules import load_rules
from decoders.reading import read_file
from decoders.reports import Batch, PositionReports, StaticReports
from geofences.zones import ZoneSet
from shipwatch.engine.rules import EngineRules
from shipwatch.engine.state import EngineState
from shipwatch.engine.step import finish, step
from shipwatch.identities import Identities, learn
from shipwatch.incidents import Incidents, update
from shipwatch.places import WatchedPlaces

RULES = load_rules()


@pytest.mark.real_data
def test_real_transfers_are_critical_with_their_draughts(shared_data: Path) -> None:
    """Real lightering off California (three days): both transfers critical, draughts swapped, company a notice."""
    reports = [batch for file in sorted((shared_data / "ais/socal-2018").glob("*.gz")) for batch in read_file(file)]
    positions = PositionReports.concat(batch.positions for batch in reports)
    said = StaticReports.concat(batch.statics for batch in reports)
    positions = positions.take(np.argsort(positions.time_us, kind="stable"))
    said = said.take(np.argsort(said.time_us, kind="stable"))
    zones = ZoneSet.shipped().everywhere()
    places = WatchedPlaces(zones)
    engine, found = step(EngineState(), Batch(positions=positions, statics=said), EngineRules(), zones)
    _, rest = finish(engine, EngineRules(), zones)
    identities = learn(Identities(), said)
    state, told = update(Incidents(), found, identities, places, RULES)
    told += update(state, rest, identities, places, RULES, final=True)[1]
    alerts: dict[str, Alert] = {}
    for incident in told:
        alert = assess(incident, None, RULES, alerts.get(incident.id))
        if alert is not None:
            alerts[alert.id] = alert
    by_names = {frozenset(p.name for p in a.incident.parties if p.role == "party"): a for a in alerts.values()}
    graver = {names for names, alert in by_names.items() if alert.severity == "critical"}
    lighterings = {frozenset({"SUEZ RAJAN", "LEICESTER"}), frozenset({"HYDRA VOYAGER", "POLARIS VOYAGER"})}
    assert graver == lighterings
    steps = {
        party.name: (party.draught_before_m, party.draught_after_m)
        for names in lighterings
        for party in by_names[names].incident.parties
        if party.role == "party"
    }
    assert steps == {
        "SUEZ RAJAN": (9.3, 11.1),
        "LEICESTER": (14.8, 12.5),
        "HYDRA VOYAGER": (18.5, 14.9),
        "POLARIS VOYAGER": (9.7, 13.4),
    }
    for names, alert in by_names.items():
        if names & {"MONTE CARLO", "WESTERN PRIDE"}:
            assert alert.severity == "notice"
        if names & {"GENER8 SPARTIATE", "ENERGY COMMANDER"}:
            assert alert.severity != "critical"
