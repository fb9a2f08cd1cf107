"""Possible meetings that nobody saw: two ships that can have lain together while one or both were silent.

That two ships can have met says nothing by itself: in dense water it is always so. One is told where a draught changed
at sea across the silence, or, without that, where the silence is one that reception does not explain, both can be
merchant ships, and only few could have been the other. Each is judged when the silence ends, when a draught is said,
and once more an hour later, when others that were silent too have been heard again; then it may be withdrawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from shipwatch.engine.dark_evidence import LATE_DRAUGHT_US, Evidence, explains, opposite, way_of, went_on
from shipwatch.engine.dark_lead import lone_lead, pair_lead
from shipwatch.engine.dark_partners import Partner, silent_partners, slow_partners
from shipwatch.engine.dark_score import fit, placed
from shipwatch.engine.dark_told import as_good_as, draught_in, rank, rests_on, same_change, silences_of
from shipwatch.engine.dark_views import MARGIN, Choice, View, chosen, merged
from shipwatch.engine.detections import Lead
from shipwatch.engine.draughts import DraughtChange
from shipwatch.engine.motion import US, ceil_minute
from shipwatch.engine.seen_meetings import Met, Rows, no_meetings

AGAIN_US, STEADY_AGAIN_US = 3600 * US, 7200 * US
"""So long after a silence it is judged again where something was told, and where the ship had been heard steadily."""
MET_LONGER_US = 6 * 3600 * US
"""Meetings seen may be kept so much longer than anything asks for them."""
CLEAR_FIT = 0.6
"""Where one draught changed and the other is not known to have, a partner is named only if it fits as well as this."""
OPPOSITE_FIT = 0.3
"""Where both changed against one another; two ships that fit worse have each had a partner of their own."""
REPLACES = 0.15
"""What was told stays unless another pair fits better by so much."""


@dataclass(frozen=True, slots=True)
class Dark:
    """Possible meetings told not long ago, by id; when to judge again (time, track, start of its silence)."""

    told: Mapping[str, Lead] = field(default_factory=dict)
    again: tuple[tuple[int, int, int], ...] = ()
    met: Rows = field(default_factory=no_meetings)


class DarkRoom:
    """One step's work on possible meetings; ``leads`` is what it tells."""

    def __init__(self, dark: Dark, evidence: Evidence) -> None:
        self.told, self.again, self.evidence = dict(dark.told), list(dark.again), evidence
        self.leads: list[Lead] = []
        self._of_ship: dict[int, dict[str, int]] = {}
        self._place_of: dict[str, int] = {}
        for lead in self.told.values():
            self._file(lead)

    def seen_together(self, met: Met) -> None:
        """A meeting was told: what was supposed of the two for its time is withdrawn, or judged again."""
        for lead in self._standing(met.mmsi_a, met.mmsi_b):
            if explains(met, lead.mmsis, lead.start_us, lead.end_us or lead.start_us):
                self._withdraw(lead, met.published_us, "the ships were seen together at that time")
            elif draught_in(lead):
                self._judge_again(lead, met.published_us)

    def silence_ended(self, row: int, now_us: int) -> None:
        """Judge a silence (row of the index) by what is known now."""
        evidence, rows, rules = self.evidence, self.evidence.rows, self.evidence.rules
        off_us, on_us, mmsi = int(rows.t0_us[row]), int(rows.t1_us[row]), int(rows.mmsi[row])
        if on_us - off_us < rules.dark_dwell_s * US or off_us < now_us - round(rules.reception_s * US):
            return
        merchant = evidence.ship(mmsi, now_us).merchant()
        if merchant is False or (merchant is None and rows.class_b[row]):
            return
        if evidence.port_to_port(row):
            return
        if (
            now_us <= ceil_minute(int(rows.known_us[row]))
            and evidence.steady_before(row)
            and not went_on(evidence, row)
        ):
            self.again.append((now_us + STEADY_AGAIN_US, int(rows.track[row]), off_us))
        change = evidence.change_across(mmsi, off_us, on_us, now_us)
        mine = [lead for lead in self._standing(mmsi) if (mmsi, off_us // US) in silences_of(lead)]
        choice, contested = self._partner(row, now_us, change)
        if choice is None or choice.unclear:
            words = f"what is known now no longer suggests a meeting: {evidence.basis(row, now_us).text()}"
            if choice is not None or contested:
                words = "another ship fits about as well"
            for lead in {item.id: item for item in (*mine, *contested)}.values():
                self._withdraw(lead, now_us, words)
                self._left(lead, (mmsi,), now_us)
            if change is not None:
                self._alone(change, now_us, (choice.partner.mmsi, *choice.near) if choice else ())
            if choice is not None and choice.theirs is not None:
                rest = {other for lead in contested for other in lead.mmsis} - {choice.partner.mmsi}
                self._alone(choice.theirs, now_us, (mmsi, *sorted(rest)))
            return
        lead = pair_lead(evidence, row, choice.partner, choice.fits, len(choice.near), change, now_us)
        said = tuple(item for item in (change, choice.theirs) if item is not None)
        others = (*mine, *self.competing(lead.mmsis, lead.start_us, lead.end_us or 0, said))
        for other in {item.id: item for item in others}.values():
            if other.id != lead.id:
                self._withdraw(other, now_us, f"another pair fits better: {' and '.join(lead.tracks)}")
                self._left(other, lead.mmsis, now_us)
        self._tell(lead)
        for other in self._standing(*lead.mmsis):
            if len(other.mmsis) == 1 and same_change(other, lead):
                self._withdraw(other, now_us, f"a partner is proposed now: {' and '.join(lead.tracks)}")
        if now_us <= ceil_minute(int(rows.known_us[row])):
            self.again.append((now_us + AGAIN_US, int(rows.track[row]), off_us))

    def draught_said(self, change: DraughtChange, now_us: int) -> None:
        """A ship has said another draught: the silences that it may be a consequence of are judged again."""
        rows, rules = self.evidence.rows, self.evidence.rules
        mine = self.evidence.index.ships.of(change.mmsi)
        t0_us, t1_us = rows.t0_us[mine], rows.t1_us[mine]
        recent = mine[
            (rows.known_us[mine] <= now_us) & (t0_us < change.time_us)
            & (t1_us > change.time_us - LATE_DRAUGHT_US) & (t1_us - t0_us >= rules.dark_dwell_s * US)
        ]  # fmt: skip
        before = len(self.leads)
        for row in recent.tolist():
            self.silence_ended(row, now_us)
        if len(self.leads) == before:
            self._alone(change, now_us)
        for lead in self._standing(change.mmsi):  # the partner of a lead may be the one that spoke
            if len(lead.mmsis) == 2:
                self._judge_again(lead, now_us)

    def _standing(self, *mmsis: int) -> list[Lead]:
        """What is told of any of these ships and not withdrawn, in the order in which it was first told."""
        names: dict[str, int] = {}
        for mmsi in mmsis:
            names |= self._of_ship.get(mmsi, {})
        found = (self.told[name] for name in sorted(names, key=names.__getitem__))
        return [lead for lead in found if lead.withdrawn_reason is None]

    def _file(self, lead: Lead) -> None:
        """Let a lead be found by its ships, with its place in the order."""
        place = self._place_of.setdefault(lead.id, len(self._place_of))
        for mmsi in lead.mmsis:
            self._of_ship.setdefault(mmsi, {})[lead.id] = place

    def _judge_again(self, lead: Lead, now_us: int) -> None:
        """Judge the silences that a lead rests on once more, unless that was done in this minute."""
        rows = self.evidence.rows
        for mmsi, off_s in sorted(silences_of(lead)):
            mine = self.evidence.index.ships.of(mmsi)
            for row in mine[(rows.t0_us[mine] // US == off_s) & (rows.known_us[mine] <= now_us)]:
                if self.told[lead.id].published_us < now_us:
                    self.silence_ended(int(row), now_us)

    def _partner(
        self, row: int, now_us: int, change: DraughtChange | None
    ) -> tuple[Choice | None, tuple[Lead, ...]]:  # fmt: skip
        """The likeliest partner, None where none fits; and what is told of one that is no likelier to be another's."""
        evidence = self.evidence
        if went_on(evidence, row):
            return None, ()
        drifts = way_of(evidence, row).lost_s is None
        if change is None and drifts and not (evidence.improbable(row, now_us) or evidence.stands_out(row, now_us)):
            return None, ()
        fitting, taken, faint, found = self._views(row, now_us, change)
        choice = chosen(fitting, [view for view, _ in taken], change)
        if choice is not None:
            mine = (*fitting, *(view for view, _ in taken), *faint) if change is not None else ()
            choice = self._unless_others(choice, row, mine, now_us)
        if choice is not None and choice.unclear:
            doubtful = (
                rival for view, rivals in taken if view.partner.mmsi == choice.partner.mmsi for rival in rivals
            )  # fmt: skip
            return choice, tuple(
                rival for rival in doubtful if draught_in(rival) and not rival.fact("draughts_opposite")
            )
        if choice is not None:
            reach = merged(evidence, row, choice.partner, found, now_us)
            choice = replace(choice, partner=replace(choice.partner, reach=reach))
        return choice, ()

    def _unless_others(self, choice: Choice, row: int, mine: Sequence[View], now_us: int) -> Choice:
        """The same, unclear where the silent partner, whose draught changed, fits about as well with another silent
        ship, or the ship itself (``mine``): it is the same pair from whichever side, and that no new draught was heard
        of the other says little."""
        if choice.partner.row is None or choice.theirs is None:
            return choice
        fitting, taken, faint, _ = self._views(choice.partner.row, now_us, choice.theirs)
        hers = (*fitting, *(view for view, _ in taken), *faint)
        mmsis = {int(self.evidence.rows.mmsi[row]), choice.partner.mmsi}
        near = {
            view.partner.mmsi
            for view in (*mine, *hers)
            if view.partner.row is not None and view.fits >= choice.fits - MARGIN
        } - mmsis
        return replace(choice, near=tuple(sorted({*choice.near, *near})), unclear=True) if near else choice

    def _views(
        self, row: int, now_us: int, change: DraughtChange | None
    ) -> tuple[list[View], list[tuple[View, list[Lead]]], list[View], list[Partner]]:  # fmt: skip
        """Ships that fit and are free, those told of with somebody else whom they fit no better, free ones that hardly
        fit, and all in reach."""
        evidence, rows = self.evidence, self.evidence.rows
        mmsi = int(rows.mmsi[row])

        def worth(other: int) -> bool:
            if evidence.ship(int(rows.mmsi[other]), now_us).merchant() is False or went_on(evidence, other):
                return False
            span = int(rows.t0_us[other]), int(rows.t1_us[other])
            return opposite(change, evidence.change_across(int(rows.mmsi[other]), *span, now_us)) is not False

        found = silent_partners(evidence.index, row, evidence.top_kn, now_us, evidence.rules, worth, evidence.reaches)
        found += slow_partners(evidence.reception, rows, row, evidence.top_kn, now_us, evidence.rules)
        fitting: list[View] = []
        taken: list[tuple[View, list[Lead]]] = []
        faint: list[View] = []
        ports = evidence.in_ports([(partner.reach.lat, partner.reach.lon) for partner in found])
        for partner, port in zip(found, ports, strict=True):
            start_us, end_us = round(partner.reach.start_us), round(partner.reach.end_us)
            if evidence.ship(partner.mmsi, now_us).merchant() is False:
                continue
            if port:
                continue
            if evidence.seen_together((mmsi, partner.mmsi), start_us, end_us):
                continue
            span = (start_us, end_us)
            if partner.row is not None:
                span = int(rows.t0_us[partner.row]), int(rows.t1_us[partner.row])
            theirs = evidence.change_across(partner.mmsi, *span, now_us)
            if opposite(change, theirs) is not False:
                where = placed(evidence, row, partner)
                fits = round(fit(evidence, row, where, change, theirs, now_us), 2)
                view = View(fits, where, theirs, bool(opposite(change, theirs)))
                clear = CLEAR_FIT if (change is None) != (theirs is None) else OPPOSITE_FIT if view.opposite else 0.0
                rivals = self._rivals((mmsi, where.mmsi), view, change)
                if fits >= clear and not rivals:
                    fitting.append(view)
                elif fits >= clear and max(map(rank, rivals)) <= view.rank + REPLACES:
                    taken.append((view, rivals))
                elif fits >= 0.0 and not rivals:
                    faint.append(view)
        return fitting, taken, faint, found

    def _rivals(self, mmsis: tuple[int, int], view: View, change: DraughtChange | None) -> list[Lead]:
        """Possible meetings told of one of the two with somebody else at that time that fit as well or better."""
        said = tuple(item for item in (change, view.theirs) if item is not None)
        reach = view.partner.reach
        return [
            lead
            for lead in self.competing(mmsis, reach.start_us, reach.end_us, said)
            if rank(lead) > view.rank - REPLACES
        ]

    def competing(
        self, mmsis: tuple[int, ...], start_us: float, end_us: float, said: tuple[DraughtChange, ...]
    ) -> list[Lead]:  # fmt: skip
        """Possible meetings told of one of these ships with somebody else in that time, or by the same draughts."""
        return [
            lead
            for lead in self._standing(*mmsis)
            if len(lead.mmsis) == 2 and set(lead.mmsis) != set(mmsis)
            and (
                (lead.start_us < end_us and start_us < (lead.end_us or lead.start_us))
                or any(rests_on(lead, change) for change in said)
            )
        ]  # fmt: skip

    def _left(self, lead: Lead, settled: tuple[int, ...], now_us: int) -> None:
        """Judge what is left of a pair that no longer stands: silences a minute later, a draught that changed now."""
        evidence, rows = self.evidence, self.evidence.rows
        for mmsi, off_s in sorted(silences_of(lead)):
            mine = evidence.index.ships.of(mmsi)
            for row in mine[(rows.t0_us[mine] // US == off_s) & (rows.known_us[mine] <= now_us)].tolist():
                if mmsi not in settled:
                    self.again.append((now_us + 60 * US, int(rows.track[row]), int(rows.t0_us[row])))
        for letter, mmsi in zip("ab", lead.mmsis, strict=False):
            if mmsi in settled or lead.fact(f"draught_after_m_{letter}") is None:
                continue
            change = evidence.change_across(mmsi, lead.start_us, lead.end_us or lead.start_us, now_us)
            if change is not None:
                self._alone(change, now_us)

    def _alone(self, change: DraughtChange, now_us: int, partners: tuple[int, ...] = ()) -> None:
        """A change of draught at sea whose partner is not known: the ship alone is the lead."""
        evidence = self.evidence
        if evidence.ship(change.mmsi, now_us).merchant() is False or evidence.told_by_a_meeting(change):
            return
        for lead in self._standing(change.mmsi):
            near = lead.start_us < change.time_us and change.time_us - LATE_DRAUGHT_US < (lead.end_us or 0)
            if len(lead.mmsis) == 2 and near:
                return
        since_us = max(change.said_us, change.time_us - LATE_DRAUGHT_US)
        stop = evidence.stop_before(change, since_us, now_us)
        if stop is not None and evidence.at_sea(change.mmsi, since_us, change.time_us, now_us, and_before=True):
            self._tell(lone_lead(change, stop, partners, now_us))

    def _tell(self, lead: Lead) -> None:
        before = self.told.get(lead.id)
        if before is not None and as_good_as(before, lead):
            return
        self.told[lead.id] = lead
        self._file(lead)
        self.leads = [told for told in self.leads if (told.id, told.published_us) != (lead.id, lead.published_us)]
        self.leads.append(lead)

    def _withdraw(self, lead: Lead, now_us: int, reason: str) -> None:
        self._tell(replace(lead, published_us=now_us, withdrawn_reason=reason))


def forget(dark: Dark, before_us: int) -> Dark:
    """Without what no later minute asks for; meetings, which may be many, are gone through now and then."""
    met = dark.met
    if met.shape[1] and met[3, 0] <= before_us - MET_LONGER_US:
        met = met[:, met[3] > before_us]
    return Dark(
        {name: lead for name, lead in dark.told.items() if lead.published_us > before_us}, dark.again, met
    )  # fmt: skip
