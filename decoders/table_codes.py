"""The numbers by which a plan and the kernel that it drives understand each other."""

from __future__ import annotations

DONE, AT_HEADER, AT_WORD, AT_NUMBER, SPANS_FULL, AT_QUOTE, AT_RETURN = range(7)
BLANK, COMMENT, WRONG_COUNT, UNKNOWN_RECORD, BAD_TIME, BAD_VALUE = 0, 1, 2, 3, 4, 5
CLASSES = 6  # behind the counts of the classes stands where the first line of each is
# What an operation does with its field.
# Those before CODED read a number.
NUMBER, WHOLE, TYPE, CLASS_NUMBER, MILLISECONDS, CODED, CLASS_CODED, NOTHING, CONSTANT, TEXT, PIECE, NO_TEXT = range(12)
OPERATION = 8  # numbers of which an operation consists
# Where the numbers of a row go.
MMSI, LAT, LON, SOG, COG, HEADING, STATUS, SECOND, MESSAGE, POSITION_TYPE = range(10)
SLOTS = 10
# Parts of a written time; LITERAL stands for itself, EPOCH is a count of units since 1970.
YEAR, MONTH, DAY, HOUR, MINUTE, SECONDS, FRACTION, LITERAL, EPOCH = range(9)
# Places in the array of whole numbers that describes a plan.
(
    DELIMITER,
    QUOTE,
    HAS_HEADER,
    RECORDS,
    FORMS,
    TIME_FIELD,
    FILE_HOUR,
    HAS_FILE_HOUR,
    SIEVED,
    HEAD_BYTES,
    MISSING_WORDS,
) = range(11)
NUMERIC_MISSING, ROW_SPANS, CODED_COLUMNS = 11, 12, 13
SETTINGS = 14

MOST_FIELDS = 4096
SHORT = 15  # digits, sign and point of a number that is read at once
TILE = 16384
MOST_KEPT = 1 << 16
TEXT_BYTES = 20
SIEVE_SLOTS = 1 << 16
NEWLINE, RETURN, SPACE, TAB, HASH = 10, 13, 32, 9, 35
HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
