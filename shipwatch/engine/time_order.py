"""Event time for compiled kernels: when a report was sent, whether it comes too late, and sorting by time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from decoders.kernel_cache import compiled
from shipwatch.engine.motion import MINUTE_US, US
from shipwatch.engine.records import NEVER_US

LATEST_LAG_S = 55
"""A ship's second that seems 55 to 60 s old is rather a receiver clock some seconds behind: left uncorrected."""
LATE, AHEAD = 1, 2
MOST_BINS_A_ROW = 4


def plain(column: NDArray[Any]) -> NDArray[Any]:
    """Contiguous and writable, as kernels are compiled for."""
    column = np.ascontiguousarray(column)
    return column if column.flags.writeable else column.copy()


@compiled
def admit_rows(time_us: Any, second: Any, newest_us: int, lateness_us: int, limit_us: int) -> Any:
    """When each row was sent, what is wrong with it (0, late, ahead), the newest time, and how many of each.

    A row beyond ``limit_us`` (``NEVER_US``: no limit) is ahead of the receiver's clock; one at or before the whole
    minute that the rows before it had let pass is late.
    """
    sent, state = np.empty(len(time_us), np.int64), np.zeros(len(time_us), np.uint8)
    late, ahead = 0, 0
    for row in range(len(time_us)):
        time = time_us[row]
        sent[row] = time
        if second[row] >= 0:
            lag = (time - second[row] * US) % MINUTE_US
            if lag <= LATEST_LAG_S * US:
                sent[row] = time - lag
        if limit_us != NEVER_US and time > limit_us:
            state[row] = AHEAD
            ahead += 1
            continue
        if sent[row] <= (newest_us - lateness_us) // MINUTE_US * MINUTE_US:
            state[row] = LATE
            late += 1
        newest_us = max(newest_us, sent[row])
    return sent, state, newest_us, late, ahead


@compiled
def in_time_order(time_us: Any, first_key: Any, second_key: Any) -> Any:
    """The order of rows by (time, first key, second key), as int64 row numbers; equal rows keep their order.

    Rows go to bins of a second (wider where there would be many more bins than rows) and are sorted by insertion within
    each, which is quick because bins are small or already in order; a bin that is neither is sorted by merging.
    """
    n = len(time_us)
    order = np.arange(n)
    ordered = True
    low, high = time_us[0] if n else 0, time_us[0] if n else 0
    for row in range(1, n):
        here, before = time_us[row], time_us[row - 1]
        if here < before or (
            here == before
            and (
                first_key[row] < first_key[row - 1]
                or (first_key[row] == first_key[row - 1] and second_key[row] < second_key[row - 1])
            )
        ):
            ordered = False
        low, high = min(low, here), max(high, here)
    if ordered:
        return order
    width = US
    while (high - low) // width > MOST_BINS_A_ROW * n + 1024:
        width *= 2
    bins = np.zeros((high - low) // width + 2, np.int64)
    for row in range(n):
        bins[(time_us[row] - low) // width + 1] += 1
    for number in range(1, len(bins)):
        bins[number] += bins[number - 1]
    place = bins.copy()
    for row in range(n):
        number = (time_us[row] - low) // width
        order[place[number]] = row
        place[number] += 1
    spare = np.empty(0, np.int64)
    for number in range(len(bins) - 1):
        begin, end = bins[number], bins[number + 1]
        moves, most = 0, 24 * (end - begin) + 64
        for at in range(begin + 1, end):
            row = order[at]
            time, one, two = time_us[row], first_key[row], second_key[row]
            down = at
            while down > begin:
                other = order[down - 1]
                if time_us[other] < time or (
                    time_us[other] == time
                    and (first_key[other] < one or (first_key[other] == one and second_key[other] <= two))
                ):
                    break
                order[down] = other
                down -= 1
            order[down] = row
            moves += at - down
            if moves > most:
                break
        if moves > most:  # by merging, runs of one, two, four, ... rows
            if len(spare) < end - begin:
                spare = np.empty(2 * (end - begin), np.int64)
            run = 1
            while run < end - begin:
                for left in range(begin, end, 2 * run):
                    middle, right = min(left + run, end), min(left + 2 * run, end)
                    i, j = left, middle
                    for put in range(left, right):
                        take_right = i == middle
                        if i < middle and j < right:
                            a, b = order[i], order[j]
                            take_right = time_us[b] < time_us[a] or (
                                time_us[b] == time_us[a]
                                and (
                                    first_key[b] < first_key[a]
                                    or (first_key[b] == first_key[a] and second_key[b] < second_key[a])
                                )
                            )
                        if take_right:
                            spare[put - begin] = order[j]
                            j += 1
                        else:
                            spare[put - begin] = order[i]
                            i += 1
                for at in range(begin, end):
                    order[at] = spare[at - begin]
                run *= 2
    return order


def warm() -> None:
    """Compile (or load) the kernel of this file."""
    whole = np.zeros(1, np.int64)
    admit_rows(whole, np.zeros(1, np.int8), 0, 0, 0)
    in_time_order(whole, whole, whole)
