"""Time in a model: what a period is, how long it lasts, when it is, and into how many slices it is cut."""

from __future__ import annotations

import datetime as dt
import re

from pydantic import Field

from detente.model.fields import Text, Written

LARGEST_PERIODS = 100
LARGEST_SLICES = 100
PERIOD = "period"
DAYS = {"day": 1.0, "week": 7.0, "fortnight": 14.0, "month": 365.25 / 12, "quarter": 365.25 / 4, "year": 365.25}
"""The units of time that have a length, in days."""
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_MANY = re.compile(r"(?:(?P<digits>\d{1,4}(?:\.\d{1,4})?)|(?P<word>[a-z]+))\s+(?P<unit>[a-z]+?)s?\Z", re.ASCII)
_RATE = re.compile(r"(?P<value>.*?)(?:^|\s+)per\s+(?P<unit>[A-Za-z0-9][\w. ]*?)\s*\Z", re.DOTALL)
_OVER = re.compile(r"1\s*/\s*(?P<unit>\S.*?)\s*\Z", re.DOTALL)


def days(unit: str) -> float | None:
    """How many days a unit of time lasts: `week`, `two weeks`, `10 days`; None for what has no length."""
    word = unit.strip().lower()
    if word in DAYS:
        return DAYS[word]
    if not (many := _MANY.match(word)) or many["unit"] not in DAYS:
        return None
    if many["digits"]:
        return float(many["digits"]) * DAYS[many["unit"]] or None
    if many["word"] in ("a", "an"):
        return DAYS[many["unit"]]
    return (_NUMBERS.index(many["word"]) + 1) * DAYS[many["unit"]] if many["word"] in _NUMBERS else None


def rate(text: str) -> tuple[str, str]:
    """How often, and for which unit of time: `0.5 to 2` and `month` in `0.5 to 2 per month`."""
    found = _RATE.match(text)
    return (found["value"], found["unit"]) if found else (text, "")


def per(unit: str) -> str:
    """The unit of time for which something counted in a unit is: of `per month` and `1/month` `month`; else nothing."""
    found = _OVER.match(unit)
    return found["unit"] if found else rate(unit)[1]


def date(step: int, slices: int) -> str:
    """A slice of a game by its number, from 1: `2`, or `2, slice 1 of 2` where periods are cut."""
    if slices == 1:
        return str(step)
    return f"{(step - 1) // slices + 1}, slice {(step - 1) % slices + 1} of {slices}"


class Periods(Written):
    count: int = Field(1, ge=1, le=LARGEST_PERIODS, description="how many times the stages are run through")
    unit: Text = Field(PERIOD, description="what a period is: month, two weeks, round, ...")
    from_: dt.date | None = Field(None, alias="from", description="the day on which the first period begins")
    slices: int = Field(
        1, ge=1, le=LARGEST_SLICES, description="into how many slices a period is cut; the stages are asked in each"
    )

    @property
    def steps(self) -> int:
        """How many slices there are in all: so often are the stages run through."""
        return self.count * self.slices

    @property
    def days(self) -> float | None:
        """How long a period lasts; None where its unit has no length."""
        return days(self.unit)

    def length(self, unit: str) -> float | None:
        """How long a slice lasts in a unit of time (`period`: in periods); None where one of them has no length."""
        if unit in ("", PERIOD, self.unit):
            return 1.0 / self.slices
        mine, other = self.days, days(unit)
        return None if mine is None or other is None else mine / other / self.slices

    @property
    def until(self) -> dt.date | None:
        """The day on which the last period is over; None without `from`, or where a period has no length."""
        return None if self.from_ is None or self.days is None else self.begins(self.count)

    @property
    def last(self) -> dt.date | None:
        """The last day of the last period: what is told as the day by which play is over. None where `until` is."""
        return None if self.until is None else self.until - dt.timedelta(days=1)

    def begins(self, period: int) -> dt.date:
        """The day on which a period begins, by its number from 0. Months, quarters and years are those of the calendar.

        Raises ValueError without `from`, or where a period has no length.
        """
        if self.from_ is None or (length := self.days) is None:
            raise ValueError("these periods have no dates")
        if (months := length / DAYS["month"]) != round(months):
            return self.from_ + dt.timedelta(days=round(period * length))
        year, month = divmod(self.from_.year * 12 + self.from_.month - 1 + period * round(months), 12)
        last = (dt.date(year + month // 11, (month + 1) % 12 + 1, 1) - dt.timedelta(days=1)).day
        return dt.date(year, month + 1, min(self.from_.day, last))

    def moment(self, day: dt.date) -> tuple[int, float]:
        """The slice that a day falls in, by its number from 0, and how much of it is over at the end of that day.

        Before the first period: (0, 0.0); after the last: (`steps`, 0.0). Raises ValueError as `begins` does.
        """
        if day < self.begins(0):
            return 0, 0.0
        for period in range(self.count):
            start, end = self.begins(period), self.begins(period + 1)
            if day < end:
                at = (day - start).days * self.slices / (end - start).days
                step = int(at)
                over = ((day - start).days + 1) * self.slices / (end - start).days - step
                return period * self.slices + step, min(over, 1.0)
        return self.steps, 0.0

    @property
    def word(self) -> str:
        """What a period is called beside its number: `month`, or `period` where the unit has more than one word."""
        return PERIOD if " " in self.unit else self.unit

    def named(self, step: int) -> str:
        """What a slice is called, by its number from 1: `month 2`, or `month 2, slice 1 of 2` where periods are cut."""
        return f"{self.word} {date(step, self.slices)}"

    @property
    def lasting(self) -> str:
        """How long a game lasts at most: `3 periods of one month`, `3 periods of four days`, `3 periods`."""
        one = "" if self.unit == PERIOD else f" of {self.unit}" if " " in self.unit else f" of one {self.unit}"
        return f"{self.count} period{'s' * (self.count != 1)}{one}"

    @property
    def said(self) -> str:
        """The same, and how periods are cut, if they are."""
        return self.lasting + (f", each cut in {self.slices}" if self.slices > 1 else "")
