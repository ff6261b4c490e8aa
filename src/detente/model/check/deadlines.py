"""Whether the day that an answer names in words is the one on which play is over."""

from __future__ import annotations

import datetime as dt
import re

from detente.language.expressions import Name
from detente.model.check.grammar import Grammar
from detente.model.periods import PERIOD

UNEVEN = 3  # days by which months of the calendar, counted from any day, are off their mean
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_MONTH = "|".join(f"{month}|{month[:3]}" for month in _MONTHS)
_DEADLINE = re.compile(
    r"\b(?P<until>by|until|till|before)\s+(?:"
    r"(?P<iso>\d{4}-\d{2}-\d{2})"
    rf"|(?:the\s+)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{_MONTH})\b(?:,?\s+(?P<year>\d{{4}})\b)?"
    rf"|(?P<month_first>{_MONTH})\s+(?P<day_last>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<year_last>\d{{4}})\b)?"
    rf"|(?:the\s+)?end\s+of\s+(?P<whole>{_MONTH})\b(?:,?\s+(?P<year_whole>\d{{4}})\b)?"
    r")",
    re.IGNORECASE,
)


def horizon(grammar: Grammar) -> None:
    """Warn of an answer that says `by 31 March` where the last period ends on another day, or on the day before."""
    model = grammar.model
    periods, answer = model.periods, model.answer
    if answer is None or periods.from_ is None or periods.last is None or periods.days is None:
        return
    ends = [periods.last]
    if any(isinstance(e, Name) and e.name == PERIOD for e in answer.asks.expression.walk()):  # it may end sooner
        ends += [periods.from_ + dt.timedelta(days=round(k * periods.days) - 1) for k in range(periods.count)]
    slack = 0 if periods.days == int(periods.days) else UNEVEN
    for found in _DEADLINE.finditer(answer.says):
        day = _day(found, periods.from_)
        late = 1 if found["until"].lower() == "before" else 0
        if day is None or any(-slack <= (day - end).days <= slack + late + 1 for end in ends):
            continue
        end, begun = periods.last, periods.from_ + (day - periods.last)
        told = f"the answer says `{found[0]}`, and {periods.lasting} from {periods.from_} end on {end}"
        last = f"{end.day} {_MONTHS[end.month - 1]}"
        hint = f"write `by {last}`, or let them begin so that they end on it, `from: {begun}`"
        grammar.tell(("answer", "says"), told, hint, warning=True)


def _day(found: re.Match[str], begun: dt.date) -> dt.date | None:
    """The day that is named; without its year, the first such day after the game has begun. None if there is none."""
    if found["iso"]:
        return _date(*(int(part) for part in found["iso"].split("-")))
    month = 1 + next(
        k for k, name in enumerate(_MONTHS)
        if name[:3].lower() == (found["month"] or found["month_first"] or found["whole"])[:3].lower()
    )  # fmt: skip
    written = found["year"] or found["year_last"] or found["year_whole"]
    years = [int(written)] if written else [begun.year, begun.year + 1]
    last = {year: (dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)).day for year in years}
    named = found["day"] or found["day_last"]
    days = [_date(year, month, int(named) if named else last[year]) for year in years]
    return next((day for day in days if day is not None and (written or day >= begun)), None)


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
