"""`POST /api/v1/alerts/{id}/triage`: what an analyst decides, appended to the log; nothing is ever overwritten."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from alerts.wording import plain_text
from shipwatch.console.parts import ConsoleParts
from shipwatch.console.questions import alert_name
from shipwatch.console.triage_words import MOST_NOTE, problem_with, shown_log
from shipwatch.triage_log import TriageConflictError


class Decision(BaseModel):
    """What the page sends."""

    model_config = ConfigDict(extra="forbid")

    action: str = Field(max_length=40)
    note: str = Field("", max_length=MOST_NOTE)
    seen: int | None = None
    """Number of the newest entry that the sender has seen (0: none); a newer one is a conflict."""


def triage_routes(parts: ConsoleParts) -> APIRouter:
    """The one route that changes something."""
    routes = APIRouter(prefix="/api/v1")

    @routes.post("/alerts/{alert_id}/triage", status_code=201)
    def decide(alert_id: str, decision: Decision) -> dict[str, Any]:
        """Appends the action under the analyst's name and the console's clock; answers the new state and the log."""
        if not parts.ledger.revisions(alert_name(alert_id)):
            raise HTTPException(404, "no such alert")
        note = plain_text(decision.note).strip()
        wrong = problem_with(decision.action, note)
        if wrong:
            raise HTTPException(422, wrong)
        try:
            parts.ledger.append_triage(
                alert_id, decision.action, parts.analyst, parts.clock(), note, seen=decision.seen
            )
        except TriageConflictError as problem:
            raise HTTPException(409, str(problem)) from problem
        return {
            "state": parts.ledger.triage_states([alert_id]).get(alert_id, "new"),
            "log": shown_log(parts.ledger.triage_of(alert_id)),
        }

    return routes
