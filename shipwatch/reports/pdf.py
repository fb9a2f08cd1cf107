"""The summary as an A4 PDF, set by typst with the fonts in this package alone: the same bytes on every machine."""

from __future__ import annotations

import json
from datetime import datetime
from importlib import resources
from typing import Any

from shipwatch.reports.content import Summary
from shipwatch.reports.errors import ReportError
from shipwatch.reports.printable import for_font, said


def pdf(summary: Summary) -> bytes:
    """The PDF (PDF/A-2u: fonts embedded, every glyph has its character); its date is the end of the period.

    Texts go to the typesetter as data, never as markup. Raises ``ReportError`` with the typesetter's words.
    """
    import typst  # noqa: PLC0415 - 80 MB of typesetter: only whoever wants a PDF loads it

    folder = resources.files("shipwatch.reports")
    with (
        resources.as_file(folder.joinpath("fonts")) as fonts,
        resources.as_file(folder.joinpath("templates/summary.typ")) as template,
    ):
        try:
            made: bytes = typst.compile(
                str(template),
                font_paths=[str(fonts)],
                ignore_system_fonts=True,
                sys_inputs={"summary": json.dumps(_for_print(summary), ensure_ascii=False)},
                timestamp=int(datetime.fromisoformat(summary.end).timestamp()),
                pdf_standards=["a-2u"],
            )
        except (typst.TypstError, RuntimeError) as problem:
            raise ReportError(f"{summary.number}: the PDF cannot be set ({str(problem)[:300]})") from problem
    return made


def _for_print(summary: Summary) -> dict[str, Any]:
    """The content as the template reads it: all text in letters of the font, the drawings beside it."""
    shown: dict[str, Any] = _lettered(summary.to_json())
    shown |= {"map_svg": summary.map_svg, "hours_svg": summary.hours_svg, "end_date": summary.end[:10]}
    for made, data in zip(summary.incidents, shown["incidents"], strict=True):
        data |= {"shape": made.shape, "track_svg": made.track_svg, "plot_svg": made.plot_svg}
        data["in_short"] = for_font(made.in_short)
        for why, why_data in zip(made.why, data["why"], strict=True):
            why_data["text"] = for_font(why.short)
        for ship, ship_data in zip(made.ships, data["ships"], strict=True):
            ship_data |= {"short": for_font(said(ship.name, 32)) or "name not sent", "draught": ship.draught}
    return shown


def _lettered(value: Any) -> Any:
    if isinstance(value, str):
        return for_font(value)
    if isinstance(value, dict):
        return {key: _lettered(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_lettered(item) for item in value]
    return value
