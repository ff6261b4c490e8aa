"""Memory that solving has used and freed goes back to the system: a server lives longer than a command.

The allocator of glibc keeps what each thread has freed; of the flagship, solved once, that is two of three gigabytes.
"""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress
from functools import cache
from typing import Any


def give_back() -> None:
    """Return free memory to the system, where the C library can."""
    gc.collect()
    if (trim := _trim()) is not None:
        trim(0)


@cache
def _trim() -> Any:
    with suppress(OSError, AttributeError, TypeError):
        return ctypes.CDLL(None).malloc_trim
    return None
