"""The one way through the house, live and replay alike: reports in, what is to be told out. No I/O and no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from alerts.assess import assess, screened
from alerts.designations import DesignationSet
from alerts.incident import Alert, Match, Party
from alerts.rules import Rules
from decoders.reports import Batch, StaticReports
from shipwatch.engine.detections import Detections, Gap, Lead, Rendezvous
from shipwatch.engine.legs import Scope
from shipwatch.engine.motion import US
from shipwatch.engine.rules import EngineRules
from shipwatch.engine.state import EngineState
from shipwatch.engine.step import finish, step
from shipwatch.identities import AROUND_US, Identities, forget, learn
from shipwatch.incidents import HOUR_US, KEPT_US, SILENCES_KEPT_US, Incidents, Places, update
from shipwatch.leads import OpenLeads, follow
from shipwatch.port_calls import Calls, called
from shipwatch.sightings import Sightings, sight

FORGET_EVERY_US = 6 * HOUR_US
"""So often, in event time, what ships said long ago is gone through and dropped."""


@dataclass(frozen=True, slots=True)
class PipelineState:
    """All that is remembered between two batches; plain data, never changed in place."""

    engine: EngineState = field(default_factory=EngineState)
    identities: Identities = field(default_factory=Identities)
    incidents: Incidents = field(default_factory=Incidents)
    alerts: Mapping[str, Alert] = field(default_factory=dict)
    """Newest revision of each alert whose incident may still be revised."""
    leads: OpenLeads = field(default_factory=OpenLeads)
    sightings: Sightings = field(default_factory=Sightings)
    calls: Calls = field(default_factory=dict)
    """Visits to ports by MMSI."""
    gaps: Mapping[str, tuple[Gap, ...]] = field(default_factory=dict)
    """Recent silences by track."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one batch gave: new alert revisions and detections in the order of event time, refused rows by reason."""

    alerts: tuple[Alert, ...] = ()
    rendezvous: Sequence[Rendezvous] = ()
    gaps: tuple[Gap, ...] = ()
    leads: tuple[Lead, ...] = ()
    refused: Mapping[str, int] = field(default_factory=dict)
    processed_us: int | None = None


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Rules, zones, lists and places, wired; holds no state of its own.

    Every call returns a new state and leaves the old one usable, so that a step can be tried again after a failure.
    """

    engine_rules: EngineRules
    zones: Scope
    designations: DesignationSet
    alert_rules: Rules
    places: Places

    def start(self) -> PipelineState:
        """The state before any input."""
        return PipelineState()

    def asking(self, state: PipelineState, designations: DesignationSet) -> tuple[Pipeline, PipelineState]:
        """The same with other lists from here on; ships in watched water are held against them when next heard."""
        sightings = replace(state.sightings, screened={})
        return replace(self, designations=designations), replace(state, sightings=sightings)

    def advance(self, state: PipelineState, batch: Batch) -> tuple[PipelineState, Outcome]:
        """Take in one batch of any size."""
        engine, found = step(state.engine, batch, self.engine_rules, self.zones)
        return self._tell(state, engine, batch.statics, found, final=False)

    def finish(self, state: PipelineState) -> tuple[PipelineState, Outcome]:
        """Decide all that still waits: the input has ended."""
        engine, found = finish(state.engine, self.engine_rules, self.zones)
        return self._tell(state, engine, StaticReports.empty(), found, final=True)

    def _tell(
        self, state: PipelineState, engine: EngineState, statics: StaticReports, found: Detections, *, final: bool
    ) -> tuple[PipelineState, Outcome]:
        # Static reports wait in the engine's clock with the positions of their minute; identities may learn them at
        # once, because whoever asks names the instant as of which the answer is wanted.
        identities = learn(state.identities, statics)
        gaps = _remember(state.gaps, found)
        calls = called(state.calls, found.whereabouts, found.processed_us)
        incidents, revisions = update(
            state.incidents, found, identities, self.places, self.alert_rules, gaps=gaps,
            shared_mmsi=engine.tracks.shared_since_us, calls=calls, final=final,
        )  # fmt: skip
        sightings, sighted = sight(
            state.sightings, found.whereabouts, identities, calls, self.places, self._screen, found.processed_us,
            engine.tracks.shared_since_us,
        )  # fmt: skip
        leads, followed = follow(
            state.leads, found.leads, identities, self.places, found.processed_us,
            shared_mmsi=engine.tracks.shared_since_us, final=final,
        )  # fmt: skip
        alerts = dict(state.alerts)
        told: list[Alert] = []
        for incident in sorted((*revisions, *followed, *sighted), key=lambda item: (item.published_us, item.id)):
            alert = assess(incident, self.designations, self.alert_rules, alerts.get(incident.id))
            if alert is not None:
                alerts[alert.id] = alert
                told.append(alert)
        standing = leads.told.keys() | {held.told.id for held in sightings.open.values()}
        after = replace(
            state,
            engine=engine,
            identities=self._remembered(identities, state.engine, engine, incidents),
            incidents=incidents,
            # An event that stands no more, merged or long ended, is never revised again: its id does not come back.
            alerts={name: alert for name, alert in alerts.items() if name in incidents.groups or name in standing},
            leads=leads,
            calls=calls,
            sightings=sightings,
            gaps=_forget(gaps, found.processed_us),
        )
        return after, Outcome(tuple(told), found.rendezvous, found.gaps, found.leads, found.refused, found.processed_us)

    def _screen(self, parties: Sequence[Party], at_us: int) -> tuple[Match, ...]:
        return screened(parties, self.designations, at_us)

    def _remembered(
        self, identities: Identities, before: EngineState, after: EngineState, incidents: Incidents
    ) -> Identities:
        """Without what only questions about meetings long ended could ask for, gone through now and then."""
        was_us, now_us = before.clock.processed_us, after.clock.processed_us
        if now_us is None or was_us is None or now_us // FORGET_EVERY_US == was_us // FORGET_EVERY_US:
            return identities
        starts = after.contacts.open_meetings()["start_us"].tolist()
        starts += [meeting.start_us for meeting in (*incidents.meetings.values(), *incidents.waiting)]
        reach_us = max(KEPT_US, int(self.engine_rules.inferred_s * US))
        # Starts are told in whole seconds: a second earlier is before any of them.
        return forget(identities, min([now_us - reach_us, *(start_us - US for start_us in starts)]) - AROUND_US)


def _remember(gaps: Mapping[str, tuple[Gap, ...]], found: Detections) -> dict[str, tuple[Gap, ...]]:
    """Recent silences with the new revisions, in the order of their publication."""
    kept = dict(gaps)
    for gap in found.gaps:
        kept[gap.track] = (*kept.get(gap.track, ()), gap)
    return kept


def _forget(gaps: Mapping[str, tuple[Gap, ...]], processed_us: int | None) -> Mapping[str, tuple[Gap, ...]]:
    """Without the silences that no later minute will ask for."""
    if processed_us is None:
        return gaps
    oldest_us = processed_us - SILENCES_KEPT_US
    recent = {
        track: tuple(gap for gap in silences if gap.published_us >= oldest_us) for track, silences in gaps.items()
    }
    return {track: silences for track, silences in recent.items() if silences}
