"""Compiles functions over arrays to machine code, and keeps the result so that it is done once a machine.

Everything compiled goes through :func:`compiled`. numba's own cache looks at the file of a function only: when a helper
or a constant in *another* file changes it goes on with the old code. Each function therefore has a folder named by a
digest of all that its machine code depends on: its file, the files of the compiled helpers that it calls, the constants
that it uses, and the versions of Python, NumPy, numba and llvmlite.

``python -m decoders.kernel_cache [MODULE ...]`` compiles ahead (as ``make setup`` does): a module of compiled functions
has a function ``warm()`` that calls each of them once.
"""

from __future__ import annotations

import atexit
import hashlib
import importlib
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from time import perf_counter
from types import CodeType, ModuleType
from typing import Any, TypeVar, cast

import llvmlite
import numba
import numpy as np
from numba.core import config, event

Function = TypeVar("Function", bound=Callable[..., Any])

OPTIONS = {"nogil": True, "boundscheck": False, "error_model": "numpy"}
KERNELS = (
    "decoders.nmea",
    "decoders.tables",
    "decoders.ship_order",
    "decoders.folding",
)  # of this wing; whoever has others names them
KEPT_FORMS = 3  # of one function: two checkouts, or two environments, in turn do not throw out each other's
_VERSIONS = (platform.python_version(), np.__version__, numba.__version__, llvmlite.__version__)
_njit = cast(Any, numba.njit)
_ours: set[int] = set()


def compiled(function: Function) -> Function:
    """Compile ``function`` at its first call for each signature, and keep the machine code for later processes.

    numba's ``njit``: no Python objects, no bounds checks, the GIL released, division by zero as in NumPy. Says so on
    the terminal (standard error) where it must compile, and is silent where the kept code is used.
    """
    settings = cast(Any, config)
    before = settings.CACHE_DIR
    settings.CACHE_DIR = str(_function_folder(function))
    try:
        made = _njit(cache=True, **OPTIONS)(function)
    finally:
        settings.CACHE_DIR = before
    _ours.add(id(made))
    return cast(Function, made)


def inlined(function: Function) -> Function:
    """A small helper of compiled functions, compiled into each of its callers; numbers in, numbers out.

    (Helpers that take many arrays make their caller several times slower.)
    """
    return cast(Function, _njit(**OPTIONS)(function))


def always_inlined(function: Function) -> Function:
    """As :func:`inlined`, where the compiler would rather call than copy: for the few that every row goes through."""
    return cast(Function, _njit(forceinline=True, **OPTIONS)(function))


def compile_now(modules: tuple[str, ...] = KERNELS) -> float:
    """Compile, or load, all compiled functions of these modules; seconds that it took."""
    started = perf_counter()
    for name in modules:
        importlib.import_module(name).warm()
    return perf_counter() - started


@cache
def cache_folder() -> Path:
    """Where machine code is kept: the user's cache, else ``$SHIPWATCH_HOME``, else a folder of this user in ``/tmp``.

    The first that can be written: ``$XDG_CACHE_HOME/shipwatch/kernels`` (``~/.cache/...`` without that variable),
    ``$SHIPWATCH_HOME/kernels``, ``<temporary folder>/shipwatch-kernels-<user>``.
    """
    for folder in _candidates():
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError:
            continue
        # What lies there is loaded and run: nobody else may have put it there.
        if not hasattr(os, "getuid") or (folder.stat().st_uid == os.getuid() and not folder.stat().st_mode & 0o022):
            return folder
    folder = Path(tempfile.mkdtemp(prefix="shipwatch-kernels-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def digest(function: Callable[..., Any]) -> str:
    """What the machine code of ``function`` depends on, as 16 hexadecimal digits."""
    seen: set[str] = set()
    said = hashlib.sha256(repr((_VERSIONS, sorted(OPTIONS.items()))).encode())
    for part in _dependencies(function, seen):
        said.update(len(part).to_bytes(8, "little") + part)
    return said.hexdigest()[:16]


def _candidates() -> Iterator[Path]:
    if xdg := os.environ.get("XDG_CACHE_HOME"):
        yield Path(xdg) / "shipwatch" / "kernels"
    else:
        with suppress(RuntimeError):  # a service without a home
            yield Path.home() / ".cache" / "shipwatch" / "kernels"
    if home := os.environ.get("SHIPWATCH_HOME"):
        yield Path(home).absolute() / "kernels"
    yield Path(tempfile.gettempdir()) / f"shipwatch-kernels-{os.getuid() if hasattr(os, 'getuid') else 'user'}"


def _function_folder(function: Callable[..., Any]) -> Path:
    name = f"{function.__module__}.{function.__qualname__}-"
    folder = cache_folder() / f"{name}{digest(function)}"
    try:
        others = [other for other in cache_folder().glob(f"{name}*") if other != folder]
        if not folder.exists():
            for old in sorted(others, key=lambda other: other.stat().st_mtime)[: max(0, len(others) + 1 - KEPT_FORMS)]:
                shutil.rmtree(old, ignore_errors=True)
    except OSError:
        pass  # another process tidies up at the same time
    return folder


def _dependencies(function: Callable[..., Any], seen: set[str]) -> Iterator[bytes]:
    """The file of a function, and of what it names: files of helpers and modules, values of constants."""
    known = function.__globals__
    yield from _source(known.get("__file__") or function.__module__, seen)
    for name in sorted(_names(function.__code__)):
        value = known.get(name)
        if isinstance(value, numba.core.dispatcher.Dispatcher):
            helper = f"{value.py_func.__module__}.{value.py_func.__qualname__}"
            if helper not in seen:  # an attribute may bear the name of the function itself
                seen.add(helper)
                yield from _dependencies(value.py_func, seen)
        elif isinstance(value, ModuleType):
            if value.__name__.partition(".")[0] not in ("numpy", "numba", "math"):
                yield from _source(value.__file__ or value.__name__, seen)
        elif isinstance(value, np.ndarray):
            yield f"{name}={value.dtype}{value.shape}".encode() + value.tobytes()
        elif isinstance(value, (bool, int, float, str, bytes, tuple, np.generic)):
            yield f"{name}={value!r}".encode()
        elif callable(own := getattr(value, "_defn", None)):  # numba's intrinsics
            yield from _source(own.__globals__.get("__file__") or own.__module__, seen)


def _source(place: str, seen: set[str]) -> Iterator[bytes]:
    if place in seen:
        return
    seen.add(place)
    path = Path(place)
    yield path.read_bytes() if path.is_file() else place.encode()


def _names(code: CodeType) -> set[str]:
    inner = (_names(constant) for constant in code.co_consts if isinstance(constant, CodeType))
    return set(code.co_names).union(*inner)


class _Announcer(event.Listener):
    """Says on the terminal that one of our functions is being compiled, and when that is done."""

    _started = 0.0
    _depth = 0

    def on_start(self, event: Any) -> None:
        self._depth += 1
        if self._depth == 1 and id(event.data["dispatcher"]) in _ours and sys.stderr.isatty():
            self._started = perf_counter()
            name = event.data["dispatcher"].py_func.__name__
            print(f"compiling {name}, once on this machine (about 10 s) ...", end="", file=sys.stderr, flush=True)

    def on_end(self, event: Any) -> None:
        self._depth -= 1
        if self._depth == 0 and self._started:
            print(f" done in {perf_counter() - self._started:.0f} s", file=sys.stderr, flush=True)
            self._started = 0.0


cast(Any, event).register("numba:compile", _Announcer())


if __name__ == "__main__":
    sys.modules["decoders.kernel_cache"] = sys.modules["__main__"]  # the name under which the kernels import this
    _seconds = compile_now(tuple(sys.argv[1:]) or KERNELS)
    print(f"kernels ready in {_seconds:.1f} s, kept in {cache_folder()}")
