"""Compiled code is kept by a digest of all it depends on, somewhere that can be written, and compiling is said."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULE = """
from decoders.kernel_cache import compiled, inlined
from kernel_parts import FACTOR, shifted

@compiled
def answer(number):
    return shifted(number) * FACTOR

def warm():
    answer(1)
"""
PARTS = """
from decoders.kernel_cache import inlined
FACTOR = 2

@inlined
def shifted(number):
    return number + 1
"""
RUN = "import kernel_under_test as k; print(k.answer(20), sum(k.answer.stats.cache_hits.values()))"


@pytest.fixture
def kernel(tmp_path):
    """A folder with a small kernel in two files, and a runner of it with an environment of its own."""
    (tmp_path / "kernel_under_test.py").write_text(MODULE)
    (tmp_path / "kernel_parts.py").write_text(PARTS)

    def run(*command: str, **more: str) -> subprocess.CompletedProcess[str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        # Python's own cache goes by size and second of a file: two changes within one second would look the same.
        kept |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": f"{ROOT}:{tmp_path}"}
        environment = kept | {"XDG_CACHE_HOME": str(tmp_path / "cache")} | more
        return subprocess.run(
            [sys.executable, *(command or ("-c", RUN))], env=environment, capture_output=True, text=True, check=True
        )

    run.folder = tmp_path  # type: ignore[attr-defined]
    return run


@pytest.mark.slow
def test_code_is_kept_until_something_it_depends_on_changes(kernel):
    """The second process loads it; a changed helper or constant in another file is compiled anew, and says so."""
    assert kernel().stdout == "42 0\n"
    assert kernel().stdout == "42 1\n"
    parts = kernel.folder / "kernel_parts.py"
    parts.write_text(PARTS.replace("number + 1", "number + 2"))
    assert kernel().stdout == "44 0\n"
    parts.write_text(PARTS.replace("number + 1", "number + 2").replace("FACTOR = 2", "FACTOR = 3"))
    assert kernel().stdout == "66 0\n"
    for addend in range(5, 10):
        parts.write_text(PARTS.replace("number + 1", f"number + {addend}"))
        assert kernel().stdout == f"{(20 + addend) * 2} 0\n"
    assert len(list((kernel.folder / "cache" / "shipwatch" / "kernels").iterdir())) == 3


@pytest.mark.slow
def test_a_cache_that_cannot_be_written_is_no_error(kernel):
    """The next place is taken: the station's home, then a folder of this user's among the temporary ones."""
    (kernel.folder / "file").write_text("")
    nowhere, home = str(kernel.folder / "file" / "below"), kernel.folder / "home"
    assert kernel(XDG_CACHE_HOME=nowhere, SHIPWATCH_HOME=str(home)).stdout == "42 0\n"
    assert kernel(XDG_CACHE_HOME=nowhere, SHIPWATCH_HOME=str(home)).stdout == "42 1\n"
    assert list((home / "kernels").iterdir())
    temporary = kernel.folder / "temporary"
    temporary.mkdir()
    assert kernel(XDG_CACHE_HOME=nowhere, TMPDIR=str(temporary)).stdout == "42 0\n"
    (made,) = temporary.iterdir()
    made.chmod(0o777)  # others could have put code there: it is not trusted
    assert kernel(XDG_CACHE_HOME=nowhere, TMPDIR=str(temporary)).stdout == "42 0\n"


@pytest.mark.slow
def test_compiling_is_said_on_a_terminal_only(kernel):
    """Once, on standard error; silent where the code is kept, and where nobody watches."""
    assert kernel().stderr == ""

    def on_a_terminal() -> bytes:
        ours, theirs = pty.openpty()
        command = [sys.executable, "-c", RUN]
        environment = {
            **os.environ,
            "PYTHONPATH": f"{ROOT}:{kernel.folder}",
            "XDG_CACHE_HOME": str(kernel.folder / "other"),
        }
        subprocess.run(command, env=environment, stderr=theirs, stdout=subprocess.DEVNULL, check=True)
        os.close(theirs)
        try:
            return os.read(ours, 4096)
        except OSError:
            return b""
        finally:
            os.close(ours)

    assert on_a_terminal().startswith(b"compiling answer, once on this machine")
    assert on_a_terminal() == b""


@pytest.mark.slow
def test_kernels_are_compiled_ahead(kernel):
    """``python -m decoders.kernel_cache`` does it for the modules named, and says where the code is kept."""
    said = kernel("-m", "decoders.kernel_cache", "kernel_under_test").stdout
    assert said.startswith("kernels ready in ") and str(kernel.folder / "cache") in said
    assert kernel().stdout == "42 1\n"


def test_the_package_is_imported_without_the_compiler():
    """``import shipwatch`` and its commands' help stay without numba."""
    code = "import sys, shipwatch, shipwatch.cli; print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
