"""What people write first, before they have read how it is written: told with what to write.

Only looked at where a text is no expression, so that nothing that means something is ever in question here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple


class Meant(NamedTuple):
    """What is wrong with a text, at which character, and what to write."""

    at: int
    message: str
    hint: str


_N = r"([-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))\s*(%?)"
_ABOUT = r"(?:about|around|roughly|approximately|approx\.?|circa|ca\.?|some|~|≈)"
_PERCENT = "a percentage is written with its sign, close to the number"
_SHARE = 0.2  # how far about a number an interval goes that is offered for it


def _shown(value: float, unit: str) -> str:
    return f"{value:.4g}{unit}"


def _interval(low: float, high: float, unit: str) -> str:
    return f"write an interval, `{_shown(low, unit)} to {_shown(high, unit)}`: it lies in it with a probability of 90%"


def _about(found: re.Match[str]) -> str:
    value, unit = float(found[1]), found[2]
    spread = abs(value) * _SHARE or _SHARE
    return _interval(value - spread, value + spread, unit)


def _around(found: re.Match[str]) -> str:
    value, spread, unit = float(found[1]), abs(float(found[3])), found[4] or found[2]
    return _interval(value - spread, value + spread, unit)


def _between(found: re.Match[str]) -> str:
    unit = found[4] or found[2]
    low, high = sorted((float(found[1]), float(found[3])))
    return _interval(low, high, unit)


_QUANTITIES: tuple[tuple[re.Pattern[str], str, Callable[[re.Match[str]], str]], ...] = tuple(
    (re.compile(rf"\s*{pattern}\s*\Z", re.IGNORECASE), message, hint)
    for pattern, message, hint in (
        (rf"{_ABOUT}\s*{_N}", "this does not say how sure the number is", _about),
        (rf"{_ABOUT}\s*{_N}\s*(?:to|-|–)\s*{_N}", "an interval says already that it is about so much", _between),
        (rf"{_N}\s*(?:\+/-|\+-|±)\s*{_N}", "this sign has no meaning here", _around),
        (rf"(?:between|from)\s+{_N}\s*(?:and|to|-|–)\s*{_N}", "an interval is written with `to` alone", _between),
        (rf"{_N}\s*(?:\.\.+|…|–|—)\s*{_N}", "an interval is written with `to`", _between),
        (r"([0-9]+(?:\.[0-9]*)?)\s*(?:percent|per\s?cent|pct\.?|\s%)", _PERCENT,
         lambda found: f"write `{found[1]}%`"),
        (r"([0-9]{1,3}(?:,[0-9]{3})+)", "thousands are written without commas",
         lambda found: f"write `{found[1].replace(',', '')}`"),
        (r"([0-9]+,[0-9]+(?:\s*%?\s+to\s+[0-9]+,[0-9]+\s*%?)?)", "a number has a decimal point",
         lambda found: f"write `{found[1].replace(',', '.')}`"),
        (r"(?:N|Normal|gauss|gaussian)\s*(\(.*\))", "there is no distribution of this name",
         lambda found: f"write `normal{found[1]}`: the mean, and the standard deviation"),
    )
)  # fmt: skip
_ANYWHERE: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(pattern), message, hint)
    for pattern, message, hint in (
        (r"(?<![\w.])(?:prob|Prob|Pr|probability|chance)\s*\(", "a probability is asked for with P(...)",
         "write P(event)"),
        (r"(?<![\w.])(?:median|mean|average|quantile)\s*\(",
         "a claim is judged in every draw, and has no median or mean over them",
         "write what holds in a draw, `P(event) > 0.1`: the report says in how many it does"),
        (r"(?<![\w.])likeliest\s*\(", "`likeliest` is not a word of expressions",
         "compare probabilities: P(event) > P(other event)"),
        (r"(?<![\w.])(?:prefers|prefer)(?!\w)", "a preference is a comparison of what an actor expects",
         "write U(actor given event) > U(actor given other event)"),
        (r"(?<=[\w)])\s+between\s", "comparisons do not chain", "write `x > 0.1 and x < 0.2`"),
        (r"(?<=[\w)])\s+is\s+(?:un)?likely(?!\w)", "how likely is a number", "write `P(event) > 0.5`"),
        (r"[0-9]\s+%", _PERCENT, "write `50%`"),
    )
)  # fmt: skip
WORDS_OF_NUMBERS: Mapping[str, str] = {
    "low": "0.05 to 0.2", "small": "0.05 to 0.2", "unlikely": "0.05 to 0.2", "medium": "0.3 to 0.7",
    "moderate": "0.3 to 0.7", "even": "0.4 to 0.6", "likely": "0.6 to 0.9", "high": "0.7 to 0.95",
    "large": "0.7 to 0.95", "unknown": "0.05 to 0.95",
}  # fmt: skip
"""Words that stand where a number should, and what somebody may mean by them who speaks of a probability."""


def meant(text: str) -> Meant | None:
    """What was probably meant by a text that is no expression."""
    for pattern, message, hint_of in _QUANTITIES:
        if found := pattern.match(text):
            return Meant(len(text) - len(text.lstrip()), message, hint_of(found))
    for pattern, message, hint in _ANYWHERE:
        if found := pattern.search(text):
            return Meant(found.start() + len(found[0]) - len(found[0].lstrip()), message, hint)
    return None
