"""Which of the ships that fit is proposed as the partner, and in what time altogether the two can have been together.

One partner can be seen in several ways: silent while the other was silent, and slow in sight before or after. Each is a
view; the likeliest view of the likeliest ship is told, with the time of all. Where one draught changed and two ships
fit it about equally well, saying one name would be a guess: then no partner is proposed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from shipwatch.engine.dark_evidence import Evidence
from shipwatch.engine.dark_partners import BRIDGE_S, Partner, silent_partners, slow_partners
from shipwatch.engine.dark_reach import Reach
from shipwatch.engine.draughts import DraughtChange
from shipwatch.engine.motion import US

MARGIN = 0.1
"""Others fit nearly as well as the likeliest partner within this."""
NEXT = 0.15
"""Where the likeliest is told of with somebody else, one that fits less by so much at most is proposed instead."""
FAINT_FIT = 0.4
"""Two silent ships whose draughts changed against one another, and that fit less than this, are each told alone: one in
five such pairs was wrong, and then both had a partner of their own."""
PART = 0.5
"""Time that joins the likeliest view is taken in if it is this share of it."""


@dataclass(frozen=True, slots=True)
class View:
    """One way to see a partner: how well it fits, her change of draught, whether the two went opposite ways."""

    fits: float
    partner: Partner
    theirs: DraughtChange | None
    opposite: bool

    @property
    def rank(self) -> float:
        """Opposite draughts come before all else."""
        return self.fits + (1.0 if self.opposite else 0.0)


@dataclass(frozen=True, slots=True)
class Choice:
    """The likeliest partner; ``near`` are others (MMSI) that fit nearly as well; ``unclear``: too near to name one."""

    fits: float
    partner: Partner
    theirs: DraughtChange | None
    near: tuple[int, ...]
    unclear: bool


def chosen(free: Sequence[View], taken: Sequence[View], change: DraughtChange | None) -> Choice | None:
    """The likeliest of the free ones; ``taken`` are told of with somebody else, no better than they would fit here."""
    views = sorted(
        [(view, True) for view in free] + [(view, False) for view in taken],
        key=lambda item: (item[0].rank, round(item[0].partner.reach.dwell_s), -item[0].partner.track),
    )
    if not views:
        return None
    (likeliest, untaken), best = views[-1], views[-1][0]
    if not untaken and (change is None) == (likeliest.theirs is None):
        # Who fits best may be another's: who fits nearly as well is proposed then, who fits far less would be a guess.
        rest = [view for view, untold in views if untold and view.rank >= likeliest.rank - NEXT]
        if not rest:
            return None
        best = rest[-1]
    near = {view.partner.mmsi for view, _ in views if view.rank >= best.rank - MARGIN} - {best.partner.mmsi}
    one_said = (change is None) != (best.theirs is None)
    faint = best.opposite and best.partner.row is not None and best.fits < FAINT_FIT
    unclear = (one_said and (not untaken or bool(near))) or (best.opposite and bool(near)) or faint
    return Choice(best.fits, best.partner, best.theirs, tuple(sorted(near)), unclear)


def merged(evidence: Evidence, row: int, partner: Partner, found: Sequence[Partner], now_us: int) -> Reach:
    """The partner's reach with what joins it of her time in sight and silent, seen from either ship's silence.

    What is much shorter stays out: an hour more is the slack that top speeds leave, not another part of the stay.
    """
    rows = evidence.rows
    top_kn, rules, mine = evidence.top_kn, evidence.rules, int(rows.mmsi[row])

    def own(other: int) -> bool:
        return int(rows.mmsi[other]) == mine and other != row

    views = [view for view in found if view.mmsi == partner.mmsi]
    for view in list(views):
        if view.row is not None:
            back = slow_partners(evidence.reception, rows, view.row, top_kn, now_us, rules)
            views += [other for other in back if other.mmsi == mine]
            views += silent_partners(evidence.index, view.row, top_kn, now_us, rules, own, evidence.reaches)
    views = [view for view in views if view.row is None or view.row != partner.row]
    start_us, end_us, dwell_s = partner.reach.start_us, partner.reach.end_us, partner.reach.dwell_s
    spans = sorted((view.reach.start_us, view.reach.end_us, view.reach.dwell_s) for view in views)
    for _ in spans:  # one may join only after another has
        for since_us, until_us, more_s in spans:
            inside = since_us >= start_us and until_us <= end_us
            if (
                inside
                or more_s < PART * partner.reach.dwell_s
                or since_us > end_us + BRIDGE_S * US
                or until_us < start_us - BRIDGE_S * US
            ):
                continue
            both_us = min(end_us, until_us) - max(start_us, since_us)
            start_us, end_us = min(start_us, since_us), max(end_us, until_us)
            dwell_s += max(more_s - max(both_us, 0.0) / US, 0.0)
    return replace(partner.reach, dwell_s=dwell_s, start_us=start_us, end_us=end_us)
