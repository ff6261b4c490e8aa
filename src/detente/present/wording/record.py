"""The record in words: what so few cases can tell, and what not."""

from __future__ import annotations

from detente.analyse.evidence.calibration import FEWEST, SMALL, Area, Bin, Difference
from detente.analyse.evidence.track_record import Dated, Lead, Summary, TrackRecord, Variant
from detente.present.wording.numbers import counted, day, fixed, percent

NAMES = {"base_rate": "base rates", "uninformed": "the uninformed model", "others": "forecasters of the day",
         "coin": "a coin"}  # fmt: skip
HAPPENED = {True: "yes", False: "no", None: "open"}
UNINFORMED = (
    "Uninformed: the same model with the same ranges and evidence, in which nobody prefers one move to another "
    "(precision 0). Others: the mean of what was said of the same event and deadline, the last of each by that day."
)


def score(x: float | None) -> str:
    """A score with three decimals."""
    return "" if x is None else fixed(x, 3) if x != float("inf") else "∞"


def chance(x: float | None) -> str:
    return "" if x is None else percent(x, 0.005)


def bounds(row: Dated | Variant) -> str:
    """90% of the draws."""
    return f"{percent(row.low, 0.005)} to {percent(row.high, 0.005)}"


def others(row: Dated) -> float | None:
    """The mean of what others said."""
    return sum(s.p for s in row.others) / len(row.others) if row.others else None


def before(row: Dated) -> str:
    """How long before the end it is, and whether anything was seen by then."""
    lead = "" if row.lead_days is None else f"{counted(row.lead_days, 'day')} before"
    marks = ["own day"] * (row.fixed is None) + ["before any evidence"] * (not row.evidence)
    return ", ".join(filter(None, [lead, *marks, *["built later"] * row.built_later]))


def headline(found: TrackRecord) -> str:
    """How many cases, and the score on them."""
    s, open_ = found.summary, len(found.registered)
    registered = f" {counted(open_, 'question')} registered, without a score." if open_ else ""
    if not s.n:
        return f"No case is decided.{registered}"
    return (
        f"{_better(s)}{counted(s.n, 'case')} with a known outcome; the event happened in {s.happened}. Mean Brier "
        f"score as of each case's own day {score(s.brier)}, log score {score(s.log)}.{registered}"
    )


def _better(s: Summary) -> str:
    """Whether it has been shown to be better than base rates, said before anything else where it has not."""
    rates = s.against.get("base_rate")
    if rates is None:
        return ""
    beside = f"{score(rates.ours)} against {score(rates.theirs)} in {counted(rates.n, 'case')}"
    if rates.mean >= 0:
        return f"No better than base rates: {beside}. "
    if rates.high is None:
        return f"Not shown to be better than base rates: {beside}, and one case shows nothing. "
    if rates.high >= 0:
        return f"Not shown to be better than base rates: {beside}, which chance alone could produce. "
    return f"Better than base rates: {beside}. "


def told_apart(s: Summary) -> str:
    """Which differences so many cases can tell."""
    if not s.n:
        return ""
    read = "read off these cases" if s.n >= FEWEST else "that of forecasts 20 points apart"
    how = (
        "2.8 sd / √n, at 5% and with a power of 80%; the standard deviation of paired differences is "
        f"{score(s.spread)}, {read}"
    )
    takes = f"one of {SMALL:g} takes {counted(s.needed, 'case')}"
    if s.told_apart is None:
        return f"One case tells no difference of scores from chance: {takes} ({how})."
    if s.told_apart > SMALL:
        takes = f"{takes}, and cannot be told"
    return (
        f"{counted(s.n, 'case')} tell a difference of mean Brier scores of {score(s.told_apart)} or more from none; "
        f"{takes} ({how})."
    )


def compared(name: str, d: Difference) -> str:
    """This model beside a reference, in the same cases."""
    range_ = "one case, no interval" if d.low is None or d.high is None else (
        f"95%: {fixed(d.low, 3, sign=True)} to {fixed(d.high, 3, sign=True)}"
    )  # fmt: skip
    return (
        f"against {NAMES[name]} ({counted(d.n, 'case')}): {score(d.ours)} and {score(d.theirs)}, difference "
        f"{fixed(d.mean, 3, sign=True)} ({range_})"
    )


def binned(b: Bin) -> tuple[str, str, str, str]:
    """A bin: its ends, the mean forecast, how often, the interval."""
    ends = f"{b.low:.0%} to {b.high:.0%}"
    return ends, percent(b.mean, 0.005), f"{b.k} of {b.n}", f"{b.share_low:.0%} to {b.share_high:.0%}"


def area(found: Area | None) -> str:
    """Whether forecasts were higher where the event happened."""
    if found is None:
        return "Discrimination cannot be measured: that takes cases in which it happened and cases in which it did not."
    return (
        f"Discrimination: of a case in which the event happened and one in which it did not, the first had the "
        f"higher forecast in {percent(found.value, 0.005)} of {found.came * found.did_not:,} pairs (95%: "
        f"{percent(found.low, 0.005)} to {percent(found.high, 0.005)})."
    )


def remarks(found: TrackRecord) -> list[str]:
    """What is to be known of the numbers."""
    s, told = found.summary, []
    if s.n:
        told += [told_apart(s), area(s.discrimination)]
        told += [f"{compared(name, d)[0].upper()}{compared(name, d)[1:]}." for name, d in s.against.items()]
    if len(s.without) > 1:
        low, high = min(s.without, key=lambda w: w.brier), max(s.without, key=lambda w: w.brier)
        told.append(
            f"Without one case the mean Brier score lies between {score(low.brier)} (without {low.case}) and "
            f"{score(high.brier)} (without {high.case})."
        )
    if found.precision:
        listed = ", ".join(f"{p.times:g} times: {score(p.brier)}" for p in found.precision)
        told.append(f"Mean Brier score with everybody's precision at its median times so much: {listed}.")
    if any(row.built_later for row in found.cases):
        told.append("Built later: the ranges and the structure of the case are of a later day; evidence is not.")
    told.append(UNINFORMED)
    told += [f"Left out: {case}, since {why}." for case, why in found.left_out.items()]
    return [one for one in told if one]


HEADS = ("case", "as of", "before", "forecast", "90% of draws", "happened", "Brier", "log", "base rate", "uninformed",
         "others")  # fmt: skip


def row(r: Dated) -> tuple[str, ...]:
    """A line of the table of cases."""
    return (
        r.case, day(r.as_of), before(r), chance(r.p), bounds(r), HAPPENED[r.happened], score(r.brier), score(r.log),
        chance(r.base_rate), chance(r.uninformed), chance(others(r)),
    )  # fmt: skip


LEAD_HEADS = ("days before", "cases", "Brier", "uninformed", "base rates")
VARIANT_HEADS = ("variant", "of", "as of", "forecast", "90% of draws", "Brier")


def lead(found: Lead) -> tuple[str, ...]:
    rated = f"{score(found.base_rate_brier)} ({counted(found.base_rates, 'case')})" if found.base_rates else ""
    return str(found.days), str(found.n), score(found.brier), score(found.uninformed_brier), rated


def variant(found: Variant) -> tuple[str, ...]:
    told = score(found.brier) if found.same else "of another question"
    return found.case, found.of, day(found.as_of), chance(found.p), bounds(found), told
