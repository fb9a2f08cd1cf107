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
MOST_BY_INSERTION = 24


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


@compiled
def by_time_and_mmsi(time_us: Any, mmsi: Any, order: Any) -> int:
    """Fill ``order`` with row numbers by (time, MMSI), equal rows as they stand; 0 as they were, 1 moved, 2 some equal.

    -1, and nothing filled in, where the rows are so few for the time they span that another way is quicker. Times and
    MMSIs go into one number relative to a bin of time, so that what is compared lies side by side.
    """
    n = len(time_us)
    low, high, ordered, equal = time_us[0], time_us[0], True, False
    for row in range(1, n):
        here, before = time_us[row], time_us[row - 1]
        ordered = ordered and (here > before or (here == before and mmsi[row] >= mmsi[row - 1]))
        equal = equal or (here == before and mmsi[row] == mmsi[row - 1])
        low, high = min(low, here), max(high, here)
    if ordered:
        for row in range(n):
            order[row] = row
        return 2 if equal else 0
    width = US
    while (high - low) // width > MOST_BINS_A_ROW * n + 1024:
        width *= 2
    if width >= US << 12:
        return -1
    ends = np.zeros((high - low) // width + 2, np.int64)
    bins, keys, rows = np.empty(n, np.int32), np.empty(n, np.uint64), np.empty(n, np.int32)
    for row in range(n):
        number = (time_us[row] - low) // width
        bins[row] = number
        ends[number + 1] += 1
    for number in range(1, len(ends)):
        ends[number] += ends[number - 1]
    for row in range(n):
        at = ends[bins[row]]
        ends[bins[row]] += 1
        keys[at] = np.uint64(time_us[row] - low - bins[row] * width) << np.uint64(32) | np.uint64(mmsi[row] + (1 << 31))
        rows[at] = row
    spare_keys, spare_rows, parts = np.empty(0, np.uint64), np.empty(0, np.int32), np.empty(0, np.int32)
    begin, equal = 0, False
    for number in range(len(ends) - 1):
        end = ends[number]
        if end - begin > MOST_BY_INSERTION:  # first roughly, by where each number lies between the least and the most
            if len(spare_keys) < end - begin:
                spare_keys, spare_rows = np.empty(2 * (end - begin), np.uint64), np.empty(2 * (end - begin), np.int32)
                parts = np.empty(2 * (end - begin) + 2, np.int32)
            least, most = keys[begin], keys[begin]
            for at in range(begin, end):
                spare_keys[at - begin], spare_rows[at - begin] = keys[at], rows[at]
                least, most = min(least, keys[at]), max(most, keys[at])
            share = (end - begin - 1) / (float(most - least) + 1.0)
            for part in range(end - begin + 1):
                parts[part] = 0
            for at in range(end - begin):
                parts[int(float(spare_keys[at] - least) * share) + 1] += 1
            for part in range(1, end - begin + 1):
                parts[part] += parts[part - 1]
            for at in range(end - begin):
                part = int(float(spare_keys[at] - least) * share)
                to = begin + parts[part]
                parts[part] += 1
                keys[to], rows[to] = spare_keys[at], spare_rows[at]
        moves, most_moves = 0, 24 * (end - begin) + 64
        for at in range(begin + 1, end):
            key, row, down = keys[at], rows[at], at
            while down > begin and keys[down - 1] > key:
                keys[down], rows[down] = keys[down - 1], rows[down - 1]
                down -= 1
            keys[down], rows[down] = key, row
            moves += at - down
            if moves > most_moves:
                break
        if moves > most_moves:  # MMSIs that lie close together and far apart: by merging
            run = 1
            while run < end - begin:
                for left in range(begin, end, 2 * run):
                    middle, right = min(left + run, end), min(left + 2 * run, end)
                    i, j = left, middle
                    for put in range(left - begin, right - begin):
                        if i == middle or (j < right and keys[j] < keys[i]):
                            spare_keys[put], spare_rows[put] = keys[j], rows[j]
                            j += 1
                        else:
                            spare_keys[put], spare_rows[put] = keys[i], rows[i]
                            i += 1
                for at in range(begin, end):
                    keys[at], rows[at] = spare_keys[at - begin], spare_rows[at - begin]
                run *= 2
        for at in range(begin, end):
            order[at] = rows[at]
            equal = equal or (at > begin and keys[at] == keys[at - 1])
        begin = end
    return 2 if equal else 1


def warm() -> None:
    """Compile (or load) the kernel of this file."""
    whole = np.zeros(1, np.int64)
    admit_rows(whole, np.zeros(1, np.int8), 0, 0, 0)
    in_time_order(whole, whole, whole)
    by_time_and_mmsi(whole, np.zeros(1, np.int32), whole)
