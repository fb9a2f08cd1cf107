"""The summary as one HTML page: nothing in it is fetched, nothing runs, every text is escaped."""

from __future__ import annotations

from functools import cache
from importlib import resources

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from shipwatch.reports.content import Summary


def page(summary: Summary) -> bytes:
    """The page; the drawings stand in it as SVG that this package made, all else is escaped by the template."""
    drawings = {made.number: (Markup(made.track_svg), Markup(made.plot_svg)) for made in summary.incidents}
    text = _template().render(
        summary=summary, drawings=drawings, map=Markup(summary.map_svg), hours=Markup(summary.hours_svg)
    )  # fmt: skip
    return text.encode("utf-8", "replace")


@cache
def _template() -> Template:
    source = resources.files("shipwatch.reports").joinpath("templates/summary.html.jinja").read_text("utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(source)
