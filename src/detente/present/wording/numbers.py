"""Numbers with no more digits than they deserve: the standard error over the draws decides."""

from __future__ import annotations

import datetime as dt
import math
import re
from functools import lru_cache

from detente.analyse.finding import Finding

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
MINUS = "\N{MINUS SIGN}"
NOISE = 1e-12  # of any number: rounding
_MARKED = re.compile("`([^`]+)`")
_DATE = re.compile(r"(?<![\w/.-])\d{4}-\d{2}-\d{2}(?![\w/-])")
_RATE = re.compile(r"\b([A-Za-z]\w*)\.reconsidered\b")
_OWN = re.compile(r"\b([A-Z]\w*|[a-z]\w+)\.([a-z]\w+)\b(?<!yaml)(?<!yml)(?<!efg)(?<!nfg)(?<!html)")
FINEST, UNSURE = 3, 2  # decimals of a probability in percent: at most, and where no error is known
UNNOTICED = 5e-7  # of a difference in stakes or of probabilities
UNNOTICED_POINTS = 1e-6  # of one told in points of a hundred: a ten-thousandth of a point


def places(error: float) -> int:
    """How many decimals a standard error supports: the last of them is at least half the error."""
    if not math.isfinite(error) or error <= 0:
        return 9
    return max(0, math.floor(-math.log10(error / 2)))


def percent(p: float, error: float = 0.0) -> str:
    """A probability. Never a false 0% or 100%."""
    if math.isnan(p):
        return "not defined"
    if p in (0.0, 1.0):
        return f"{p:.0%}"
    if p > 1 - 1e-12:
        return "100%"
    rest = min(p, 1 - p)
    digits = max(0, min(places(error) - 2, 0 if rest >= 0.1 else 1 if rest >= 0.001 else 2))
    step = 10.0 ** -(digits + 2)
    if p < 0.51 * step:
        return f"<{step:.{digits}%}"
    if p > 1 - 0.51 * step:
        return f">{1 - step:.{digits}%}"
    return f"{p:.{digits}%}"


def beside_effect(p: float, error: float) -> str:
    """A probability beside a paired effect on it, with the decimals that the effect is told with: what
    differs does not look alike, and both sides have the same decimals. Never a false 0% or 100%."""
    fine = places(error) - 2 if math.isfinite(error) and error > 0 else UNSURE
    digits = min(max(fine, 0), FINEST)
    written = f"{p:.{digits}%}"
    return percent(p, error) if math.isnan(p) or written in (f"{0:.{digits}%}", f"{1:.{digits}%}") else written


def number(x: float, error: float = 0.0, digits: int = 3) -> str:
    """A number with `digits` significant digits at most, fewer where the error does not support them; what is left of
    rounding is 0."""
    if math.isnan(x):
        return "not defined"
    if math.isinf(x):
        return "∞" if x > 0 else f"{MINUS}∞"
    if abs(x) <= NOISE:
        return "0"
    first = math.floor(math.log10(abs(x)))
    keep = max(-first + digits - 1, 0)
    keep = min(keep, places(error)) if error else keep
    if abs(x) < 1e-4 or abs(x) >= 1e7:
        mantissa, _, power = f"{x:.1e}".partition("e")
        return f"{mantissa}e{int(power)}".replace("-", MINUS)
    written = f"{x:,.{keep}f}"
    if not float(written.replace(",", "")):
        return "0"
    if "." in written and not error:
        written = written.rstrip("0").rstrip(".")
    return written.replace("-", MINUS)


def signed(x: float, error: float = 0.0, digits: int = 3) -> str:
    """A number with its sign; a difference in stakes or of probabilities that nobody would ever notice is 0."""
    if abs(x) < UNNOTICED:
        return "0"
    written = number(x, error, digits)
    return f"+{written}" if x > 0 and written != "0" else written


def fixed(x: float, digits: int, sign: bool = False) -> str:
    """A number with so many decimals, with its sign if that is asked for; what rounds to nothing has none."""
    if math.isnan(x):
        return "not defined"
    written = f"{x:{'+' if sign else ''}.{digits}f}"
    return (written if float(written) else f"{0:.{digits}f}").replace("-", MINUS)


def hundredths(x: float) -> str:
    """A sensitivity index."""
    return "<0.01" if 0 < x < 0.005 else f"{x:.2f}"


def points(x: float, error: float = 0.0) -> str:
    """A difference of probabilities in points of a hundred; one that nobody would ever notice is 0."""
    return "0" if abs(x) < UNNOTICED_POINTS else signed(100 * x, 100 * error)


def span(f: Finding, short: bool = False) -> str:
    """The interval of a probability, no finer than its value: `5% to 88%`, or `5–88%`."""
    low, high = (end(p, f) for p in (f.low, f.high))
    if low == high:
        return low
    if short:
        return f"{low.removesuffix('%')}–{high}"
    return f"{low} to {high}"


def end(p: float, f: Finding) -> str:
    """An end of the interval of a probability. A quantile is known less well than the mean."""
    return percent(p, max(f.error if math.isfinite(f.error) else 0.0, 0.0005))


def day(value: dt.date | str | None) -> str:
    """A date as people write it."""
    if isinstance(value, dt.date):
        return f"{value.day} {MONTHS[value.month - 1]} {value.year}"
    return str(value or "")


def names_day(text: str, value: dt.date) -> bool:
    """Whether a text names a day, with its year or with none: `by 25 March`."""
    said = rf"\b{value.day} {MONTHS[value.month - 1]}\b(?!,? (?!{value.year})\d{{4}})"
    return bool(re.search(said, text))


@lru_cache(4096)
def words(name: str) -> str:
    """A name of the model as words: what an actor alone knows is its own, `Defender.resolve` the Defender’s resolve."""
    return _OWN.sub("\\1’s \\2", _RATE.sub("how often \\1 is reconsidered", name).strip("_").replace("_", " "))


@lru_cache(4096)
def prose(said: str) -> str:
    """A sentence about a model with its names as words; what is marked `so` stays as it is to be typed."""
    parts = said.split("`")
    told = "`".join(words(part) if k % 2 == 0 else part for k, part in enumerate(parts))
    return re.sub(r"(?<=\s)-(?=[\d.])", MINUS, re.sub(r"\s*\n\s*", "; ", told))


def readable(said: str) -> str:
    """What an author wrote, for a reader who sees no code: what is marked `so` in quotation marks, with names in it as
    words, and dates such as 2022-02-16 as people write them."""
    marked = _MARKED.sub(lambda found: f"“{words(found[1])}”", said)
    return _DATE.sub(_dated, marked)


def _dated(found: re.Match[str]) -> str:
    try:
        return day(dt.date.fromisoformat(found[0]))
    except ValueError:
        return found[0]


def sentence(said: str) -> str:
    """Words as a sentence."""
    return f"{said[:1].upper()}{said[1:].rstrip('.')}."


def counted(n: float, one: str, many: str = "") -> str:
    """A number of things: `1 period`, `2 periods`; `many` where the plural is not made by an s."""
    return f"{n:,} {one if n == 1 else many or f'{one}s'}"
