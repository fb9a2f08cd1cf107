"""What the words of a summary mean, and what they do not."""

from __future__ import annotations

from alerts.wording import WHAT_IT_DOES_NOT_MEAN
from shipwatch.reports.content import Definition

DEFINITIONS = (
    Definition("What a rendezvous does not mean", WHAT_IT_DOES_NOT_MEAN),
    Definition(
        "Suspected transfer",
        "A meeting of level warning or critical: distance, speed, time and kind of ship are consistent with a "
        "ship-to-ship transfer. It is a reason to look, not a finding of fact or of law.",
    ),
    Definition(
        "Levels",
        "▲ critical: outside ports, both cargo ship or tanker, hulls alongside, observed long enough; or a "
        "listed hull. ■ warning: the same with less observed, or hulls not known but near and settled. ● notice: a "
        "meeting worth noting. The score orders incidents within a level; each contribution is printed.",
    ),
    Definition(
        "Observed, inferred, silent",
        "Observed: both ships were heard at most 15 minutes apart. Inferred: worked out between sparser reports of "
        "slow ships. Silent (dark): a ship was not heard and could have stayed; it never counts towards a level.",
    ),
    Definition(
        "List match",
        "Exact: the valid IMO number of a listed ship. Strong, possible: other identifiers agree. Class: the list "
        "names all ships of a flag or owner. A name alone is never shown as a match. A list names hulls; it is not "
        "proof of what a ship did.",
    ),
    Definition(
        "Distance, position, time",
        "Distances are between AIS antennas unless hulls are named. Positions are WGS 84, from AIS and not verified by "
        "sight. Times are UTC (Z). Names are as sent; the PDF romanises other scripts (□ where it cannot), the other "
        "files do not.",
    ),
)
