"""Parts to a web application: nothing is read, bound or scheduled before it is asked."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from shipwatch.console.access import Access
from shipwatch.console.alert_routes import alert_routes
from shipwatch.console.guard import Guard
from shipwatch.console.pages import add_pages
from shipwatch.console.parts import ConsoleParts
from shipwatch.console.session_routes import session_routes
from shipwatch.console.stream import stream_routes
from shipwatch.console.tile_routes import tile_routes
from shipwatch.console.triage_routes import triage_routes
from shipwatch.ledger import LedgerError


def make_app(parts: ConsoleParts) -> FastAPI:
    """The console as an ASGI application.

    The interactive documentation of FastAPI stays off: it would load scripts from the network.
    """
    app = FastAPI(title="shipwatch console", version=parts.version, docs_url=None, redoc_url=None, openapi_url=None)
    access = Access(parts.secret, parts.token, parts.hosts)
    app.include_router(session_routes(parts, access))
    app.include_router(stream_routes(parts))  # before alerts/{id}, which would take "stream" for an id
    app.include_router(alert_routes(parts))
    app.include_router(triage_routes(parts))
    app.include_router(tile_routes())
    add_pages(app)
    app.add_middleware(Guard, access=access, now_s=lambda: parts.clock() // 1_000_000)
    app.add_exception_handler(HTTPException, _http_problem)
    app.add_exception_handler(RequestValidationError, _wrong_question)
    app.add_exception_handler(LedgerError, _store_away)
    return app


async def _http_problem(request: Request, problem: Exception) -> JSONResponse:
    if not isinstance(problem, HTTPException):
        return JSONResponse({"error": "failed"}, 500)
    return JSONResponse({"error": problem.detail}, problem.status_code, problem.headers)


async def _wrong_question(request: Request, problem: Exception) -> JSONResponse:
    found = problem.errors() if isinstance(problem, RequestValidationError) else []
    said = [f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in found]
    return JSONResponse({"error": "; ".join(said)}, 422)


async def _store_away(request: Request, problem: Exception) -> JSONResponse:
    return JSONResponse({"error": f"the store cannot be read: {problem}"}, 503)
