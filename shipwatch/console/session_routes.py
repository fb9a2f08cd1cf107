"""`/healthz`, the login by token, and what the page must know to begin."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

from shipwatch.console.access import SESSION_COOKIE, SESSION_S, Access
from shipwatch.console.parts import ConsoleParts
from shipwatch.console.stream import health_of
from shipwatch.console.triage_words import ACTIONS, DISMISS_REASONS, TLP_COLOURS

WRONG_LOGINS = 5
WAIT_S = 60


class Login(BaseModel):
    """What the login page sends."""

    token: str = Field(max_length=500)


class WrongLogins:
    """Counts wrong tokens: after five within a minute all logins wait."""

    def __init__(self) -> None:
        self._at_s: list[int] = []

    def must_wait(self, now_s: int) -> bool:
        """Whether there were too many of late."""
        self._at_s = [at for at in self._at_s if 0 <= now_s - at < WAIT_S]
        return len(self._at_s) >= WRONG_LOGINS

    def note(self, now_s: int) -> None:
        """One more."""
        self._at_s.append(now_s)


def session_routes(parts: ConsoleParts, access: Access) -> APIRouter:
    """Health, login, session."""
    routes = APIRouter()
    wrong = WrongLogins()

    @routes.get("/healthz")
    def healthz() -> dict[str, Any]:
        """Answers when console and store do: nothing in it is about ships."""
        health = health_of(parts)
        return {"ok": True, "now": health["now"], "newest": health["newest"]}

    @routes.post("/api/v1/login")
    def login(given: Login) -> JSONResponse:
        """The token for a cookie; 401 where it is wrong, 429 where it was wrong too often."""
        now_s = parts.clock() // 1_000_000
        if wrong.must_wait(now_s):
            raise HTTPException(429, "too many wrong tokens; wait a minute", {"retry-after": str(WAIT_S)})
        if not access.token_is_right(given.token):
            wrong.note(now_s)
            raise HTTPException(401, "this is not the token")
        answer = JSONResponse({"ok": True})
        answer.set_cookie(
            SESSION_COOKIE, access.new_session(now_s), max_age=SESSION_S, httponly=True, samesite="strict", path="/"
        )
        return answer

    @routes.get("/api/v1/session")
    def session() -> dict[str, Any]:
        """The form token, who acts, the words of triage, and the time by the console's clock."""
        return {
            "csrf": access.csrf_token(),
            "analyst": parts.analyst,
            "version": parts.version,
            "actions": list(ACTIONS),
            "dismiss_reasons": list(DISMISS_REASONS),
            "tlp": list(TLP_COLOURS),
            **health_of(parts),
        }

    return routes
