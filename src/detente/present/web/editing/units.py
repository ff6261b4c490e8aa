"""Places in a text as a browser counts them: it takes what lies outside of the basic plane for two characters."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property

_WIDE = re.compile("[\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Units:
    """A text, and the way from our places in it to a browser's and back."""

    text: str

    @cached_property
    def _wide(self) -> list[int]:
        return [] if self.text.isascii() else [found.start() for found in _WIDE.finditer(self.text)]

    def theirs(self, place: int) -> int:
        """A place as the browser counts it."""
        return place + bisect_left(self._wide, place) if self._wide else place

    def ours(self, place: int) -> int:
        """A place as we count it, from one of the browser's; within the text."""
        if self._wide:
            low, high = 0, min(place, len(self.text))
            while low < high:
                middle = (low + high + 1) // 2
                low, high = (middle, high) if self.theirs(middle) <= place else (low, middle - 1)
            return low
        return max(0, min(place, len(self.text)))
