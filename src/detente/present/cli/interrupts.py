"""Ctrl-C at any moment of any command: exit code 130, and a line that says what was kept, within two seconds.

Python raises KeyboardInterrupt wherever it happens to be, which may be in the import of a library, or in code that is
called from compiled code and swallows it. It is raised here only where somebody is prepared for it (`answerable`):
whoever solves then returns what is solved. Elsewhere, and where the answer takes too long or Ctrl-C is pressed again,
the process ends at once. Nothing is lost by that: files are written whole or not at all.

This module is imported before all others and imports nothing heavy.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

INTERRUPTED = 130
PATIENCE = 1.5  # seconds in which what is solved can be shown
_kept: list[Callable[[], str]] = []
_answerable = 0
_pressed = False
_expected = _waits = False
_leaving = threading.Lock()


def watch() -> None:
    """Take Ctrl-C over, unless it is ignored in this process, as in the background of a script."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        return
    signal.signal(signal.SIGINT, _press)
    if os.name == "posix":
        read, write = os.pipe()
        os.set_blocking(write, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        threading.Thread(target=_guard, args=(read,), daemon=True).start()


def done() -> None:
    """All is written: what is pressed now changes nothing any more."""
    if signal.getsignal(signal.SIGINT) is _press:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with suppress(ValueError):
            signal.set_wakeup_fd(-1)


def _press(_: int, __: FrameType | None) -> None:
    global _pressed, _waits
    if _pressed or not (_answerable or _expected):
        leave()
    _pressed, _waits = True, _expected
    if not _waits:
        raise KeyboardInterrupt


def _guard(read: int) -> None:
    """End the process where its main thread does not, being in the middle of compiled code."""
    while os.read(read, 1)[0] != signal.SIGINT:
        continue
    time.sleep(PATIENCE)
    leave()


@contextmanager
def answerable() -> Iterator[None]:
    """Here a KeyboardInterrupt is answered with what is done. One that waits (`expect`) is raised at the beginning."""
    global _answerable, _expected, _waits
    _answerable += 1
    waits, _expected, _waits = _waits, False, False
    try:
        if waits:
            raise KeyboardInterrupt
        yield
    finally:
        _answerable -= 1


def expect() -> None:
    """From here on Ctrl-C waits for the next place that is `answerable`, since something is there to be shown."""
    global _expected
    _expected = True


def keeps(what: Callable[[], str]) -> None:
    """Have the line of an interrupted command say what was kept, in words; nothing if there are none."""
    _kept.append(what)


def line() -> str:
    """What is said of what was kept."""
    from detente.language.characters import plain  # here, because this module comes before all others

    kept = [words for what in _kept if (words := what())]
    return plain(f"interrupted; {' and '.join(kept) or 'nothing was kept'}")


def tidy() -> None:
    """Leave no half-written file behind, as a process does that ends without Python's own way out."""
    with suppress(Exception):
        if (output := sys.modules.get("detente.output")) is not None:
            for path in list(output.unfinished):
                path.unlink(missing_ok=True)


def leave() -> None:
    """End the process at once, with a line, without half-written files left behind."""
    if not _leaving.acquire(blocking=False):
        time.sleep(PATIENCE)  # another thread is at it
    tidy()
    with suppress(Exception):
        restored = "\r\x1b[2K\x1b[?25h" if os.isatty(2) else ""  # a bar may stand there, and hide the cursor
        os.write(2, f"{restored}{line()}\n".encode("utf-8", "replace"))
    os._exit(INTERRUPTED)
