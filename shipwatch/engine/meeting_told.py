"""When a meeting is told, and what is kept of it then, for compiled kernels."""

from __future__ import annotations

from typing import Any

from decoders.kernel_cache import inlined
from shipwatch.engine.meeting_figures import figure_out, forms
from shipwatch.engine.meeting_store import copy_samples
from shipwatch.engine.records import Records


@inlined
def tell(
    told: Records, told_meets: Records, figures: Records, told_pieces: Records, count: Any, meeting: Any,
    pieces: Records, samples: Records, blocks: Any, published_us: int, ended_by: int, sizes: Records, said_us: Any,
    row: Records, values: Any, ships: Any, sights: Any, rule: Any,
) -> None:  # fmt: skip
    """Keep a copy of the meeting as it stands, with its figures and pieces, to be told."""
    told_meets[count[0]] = meeting
    copy_samples(meeting, samples, blocks, row)
    figure_out(figures[count[0]], meeting, published_us, row, sizes, said_us, values, ships, sights, rule)
    this = told[count[0]]
    this.published_us = published_us
    this.ended_by = ended_by
    this.piece = count[1]
    this.pieces = meeting.pieces
    each = meeting.first_piece
    while each != -1:
        told_pieces[count[1]] = pieces[each]
        count[1] += 1
        each = pieces[each].next
    count[0] += 1


@inlined
def is_due(
    meeting: Any, mark: int, samples: Records, blocks: Any, row: Records, values: Any, rule: Any
) -> bool:  # fmt: skip
    """Whether the meeting is to be told (again) in this minute: once it has formed, and after as much again."""
    if meeting.confirmed == 0 or meeting.parked:
        return False
    enough = meeting.seconds_us[0] >= rule.least_us
    if not meeting.formed:
        if not forms(meeting, samples, blocks, row, values, rule):
            return False
        meeting.formed = 1
    elif mark < meeting.next_told_us and (meeting.told_observed or not enough):
        return False
    meeting.told_observed = meeting.told_observed or enough
    meeting.next_told_us = mark + max(int(rule.report_every_us), meeting.end_us - meeting.start_us)
    return True
