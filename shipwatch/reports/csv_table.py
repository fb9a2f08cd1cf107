"""The incidents as a CSV for spreadsheets: one row each, and no cell that a spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io

from shipwatch.reports.content import Summary
from shipwatch.reports.records import incident_record

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")


def csv_table(summary: Summary) -> bytes:
    """UTF-8 with a byte order mark (spreadsheets ask for it), CRLF, one header; a day without incidents has only that.

    Text that begins like a formula gets an apostrophe before it; numbers are left alone.

    >>> safe_cell("=1+2"), safe_cell(" @SUM"), safe_cell(-3.5), safe_cell("SEA STAR"), safe_cell(None)
    ("'=1+2", "' @SUM", -3.5, 'SEA STAR', '')
    """
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    names = list(incident_record(None, summary))
    writer.writerow(names)
    for made in summary.incidents:
        writer.writerow([safe_cell(value) for value in incident_record(made, summary).values()])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8", "replace")


def safe_cell(value: object) -> object:
    """The value, text neutralised where a spreadsheet would run it; None is empty, lists are joined."""
    if value is None:
        return ""
    if isinstance(value, str):
        return "'" + value if value.lstrip(" \u00a0").startswith(_STARTS_FORMULA) else value
    return value
