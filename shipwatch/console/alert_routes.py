"""`/api/v1/alerts`: a page of alerts, one alert with all its revisions, the tracks around it; and the watched zones."""

from __future__ import annotations

from typing import Annotated, Any

import shapely
from fastapi import APIRouter, HTTPException, Query

from shipwatch.console import questions
from shipwatch.console.encounter import encounter
from shipwatch.console.evidence import brief, told
from shipwatch.console.parts import ConsoleParts
from shipwatch.console.triage_words import shown_log

PAGE = 100
PAD_H = 3.0
SHOWN_ZONE_DEG = 0.002
"""Zones are drawn, not measured: their edges may be this coarse."""

Words = Annotated[list[str], Query(max_length=10)]


def alert_routes(parts: ConsoleParts) -> APIRouter:
    """Routes that only read."""
    routes = APIRouter(prefix="/api/v1")

    @routes.get("/alerts")
    def alerts(
        severity: Words = [],  # noqa: B006 - a default that FastAPI copies
        state: Words = [],  # noqa: B006
        triage: Words = [],  # noqa: B006
        bbox: str | None = None,
        since: str | None = None,
        until: str | None = None,
        after: str | None = None,
        limit: Annotated[int, Query(ge=1, le=questions.MOST_ROWS)] = PAGE,
        short: bool = False,
    ) -> dict[str, Any]:
        """Newest revision of each alert, newest start first; `next` begins the next page, `sequence` and
        `log` the stream.
        """
        log = parts.ledger.log_head()[0]
        sequence = parts.ledger.last_sequence()  # before the page: what comes meanwhile is in both, never in neither
        found, following = parts.ledger.alerts_page(
            after=questions.cursor(after), limit=limit, severities=questions.severities(severity), states=state,
            triage=triage, area_bbox=questions.bbox(bbox), since_us=questions.moment_us("since", since),
            until_us=questions.moment_us("until", until),
        )  # fmt: skip
        states = parts.ledger.triage_states([item["id"] for item in found])
        return {
            "alerts": [{**(brief(item) if short else item), "triage": states.get(item["id"], "new")} for item in found],
            "next": questions.cursor_text(following),
            "sequence": sequence,
            "log": log,
        }

    @routes.get("/alerts/{alert_id}")
    def alert(alert_id: str) -> dict[str, Any]:
        """The newest revision, all revisions, its triage, and the sentences about it."""
        revisions = _revisions(parts, alert_id)
        return {
            "alert": revisions[-1],
            "revisions": revisions,
            "triage": {
                "state": parts.ledger.triage_states([alert_id]).get(alert_id, "new"),
                "log": shown_log(parts.ledger.triage_of(alert_id)),
            },
            "told": told(revisions[-1]),
        }

    @routes.get("/alerts/{alert_id}/track")
    def track(alert_id: str, pad_h: Annotated[float, Query(ge=0, le=48)] = PAD_H) -> dict[str, Any]:
        """Both ships' fixes around the event as columns, gaps marked; distance of the pair; intervals as reported."""
        return encounter(_revisions(parts, alert_id)[-1], parts.archive, round(pad_h * 3600))

    @routes.get("/zones")
    def zones() -> dict[str, Any]:
        """The watched zones as GeoJSON, their edges simplified for drawing."""
        return {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {"name": zone.name, "kind": zone.kind, "purpose": zone.purpose},
                    "geometry": shapely.geometry.mapping(shapely.simplify(zone.geometry, SHOWN_ZONE_DEG)),
                }
                for zone in parts.zones
            ],
        }

    return routes


def _revisions(parts: ConsoleParts, alert_id: str) -> list[dict[str, Any]]:
    revisions = parts.ledger.revisions(questions.alert_name(alert_id))
    if not revisions:
        raise HTTPException(404, "no such alert")
    return revisions
