"""How commands end: 0 done, 1 failed or an input unreadable, 2 wrong usage, 130 interrupted; no traceback unasked."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import NoReturn, ParamSpec

import typer

P = ParamSpec("P")

DONE, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130


def guarded(command: Callable[P, None]) -> Callable[P, None]:
    """The command, with every error that we know turned into one line on stderr and the exit code that belongs to it.

    `SHIPWATCH_DEBUG=1` lets the traceback through.
    """

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except KeyboardInterrupt:
            typer.echo("shipwatch: interrupted", err=True)
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:  # the reader of our output has gone: nothing to say, and nobody to say it to
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            raise typer.Exit(DONE) from None
        except Exception as problem:
            if os.environ.get("SHIPWATCH_DEBUG") or not _is_ours(problem):
                raise
            from shipwatch.config import ConfigError

            code = WRONG_USAGE if isinstance(problem, ConfigError) else FAILED
            typer.echo(f"shipwatch: {problem}", err=True)
            raise typer.Exit(code) from None

    return run


def fail(message: str, code: int = FAILED) -> NoReturn:
    """Say why on stderr and end with the code."""
    typer.echo(f"shipwatch: {message}", err=True)
    raise typer.Exit(code)


def _is_ours(problem: Exception) -> bool:
    """Whether it is an error of one of our trees, or the system's refusal of a file: explained by its own message."""
    if isinstance(problem, OSError):
        return True
    from alerts.errors import AlertError
    from decoders.errors import DecodeError
    from geofences.errors import ZoneError
    from shipwatch.config import ConfigError

    if isinstance(problem, (AlertError, DecodeError, ZoneError, ConfigError)):
        return True
    return type(problem).__module__.startswith("shipwatch.") and type(problem).__name__.endswith("Error")
