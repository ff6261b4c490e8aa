"""The entry of the `detente` command: what is set up before anything else is imported, and how it ends.

Ctrl-C, a reader that has gone away, a full disk behind standard output and a terminal that cannot show every character
are no reason for a traceback.
"""

from __future__ import annotations

import codecs
import io
import os
import signal
import sys
import unicodedata
import warnings
from contextlib import suppress
from importlib import import_module
from typing import Any, TextIO

from detente.errors import DetenteWarning
from detente.language.characters import plain
from detente.present.cli import interrupts

WRONG = 2
_PLAIN = {"\u2013": "-", "\u2014": "-", "\u2212": "-", "\u00d7": "x", "\u2018": "'", "\u2019": "'", "\u201c": '"',
          "\u201d": '"', "\u2026": "...", "\u00b7": "-", "\u2192": "->", "\u2264": "<=", "\u2265": ">=",
          "\u2500": "-", "\u2501": "-", "\u2502": "|", "\u2588": "#"}  # fmt: skip


def main() -> None:
    """Run the command line and end with its exit code."""
    sys.exit(run())


def run() -> int:
    """Run the command line; its exit code."""
    if not _opened():
        return WRONG
    interrupts.watch()
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # end quietly, as others do, when nobody reads any more
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_PLAINLY)
    warnings.showwarning = _show_warning
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # or all that is installed is searched for them
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")  # draws are spread over threads already; small products are slower on several
    code = _flushed(_answered())
    interrupts.done()
    return code


def _opened() -> bool:
    """Have the three streams of every process, whatever it was started with; False, and told, where standard output is
    closed. What is closed reads nothing and writes nowhere: no file that is opened later must come to its number."""
    output = sys.stdout is not None
    while (nowhere := os.open(os.devnull, os.O_RDWR)) <= 2:
        continue
    os.close(nowhere)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 (open as long as the process)
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 (open as long as the process)
    if not output:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 (open as long as the process)
        print("standard output is closed, so nothing can be printed", file=sys.stderr)
    return output


def _answered() -> int:
    try:
        import_module("detente.present.cli.app").app()  # from here on it is heavy
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except OSError as error:
        return _unwritten(error)
    return 0


def _flushed(code: int) -> int:
    """The exit code, once all is written."""
    with suppress(OSError, ValueError, AttributeError):
        sys.stderr.flush()
    try:
        if sys.stdout:
            sys.stdout.flush()
    except OSError as error:
        return _unwritten(error)
    return code


def _unwritten(error: OSError) -> int:
    """Say what could not be read or written; what is left to write goes nowhere."""
    what = error.filename or "the output"
    with suppress(OSError, ValueError):
        told = f"{what} cannot be {'used' if error.filename else 'written'}: {error.strerror or error}"
        print(plain(told), file=sys.stderr)
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):
                stream.flush()
            os.dup2(nowhere, stream.fileno())
    return WRONG


def _plainly(error: UnicodeError) -> tuple[str | bytes, int]:
    """What stands for characters that an encoding has not: what is nearest in it, or a question mark."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    found = ""
    for character in error.object[error.start : error.end]:
        near = _PLAIN.get(character) or unicodedata.normalize("NFKD", character)[0]
        try:
            near.encode(error.encoding)
            found += near
        except UnicodeEncodeError:
            found += "?"
    return found, error.end


_PLAINLY = "detente.plainly"
codecs.register_error(_PLAINLY, _plainly)
_others = warnings.showwarning


def _show_warning(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, file: TextIO | None = None,
    line: Any = None,
) -> None:  # fmt: skip
    """A warning of ours is a sentence for the user; those of libraries are for whoever asks for them (`python -W`)."""
    if issubclass(category, DetenteWarning):
        with suppress(OSError, ValueError):
            print(plain(str(message)), file=sys.stderr)
    elif sys.warnoptions:
        _others(message, category, filename, lineno, file, line)
