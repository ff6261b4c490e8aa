"""How two rival arguments are shown side by side."""

from __future__ import annotations

from collections.abc import Sequence

from rich.markup import escape

from detente.analyse.counterfactual import coalitions, whatif
from detente.analyse.counterfactual.rivals import Part, Rivals
from detente.model.departures import STRUCTURES, Departure
from detente.model.schema import Model
from detente.present.figures.counterfactual.shifts import FEWEST, moved, ranked, shift_picture, waterfall_picture
from detente.present.html.markup import Content, Html, join, say, table, tag
from detente.present.html.numbers import data, listed
from detente.present.terminal.console import console
from detente.present.terminal.tables import plain_table
from detente.present.view import Answer, Shown, view
from detente.present.wording.answer import groups_told
from detente.present.wording.names import certified
from detente.present.wording.numbers import beside_effect, counted, percent, points, prose, words
from detente.present.wording.rivals import (
    SHORT,
    asked_otherwise,
    cited,
    decides,
    differs,
    entry,
    how_shared,
    interval,
    level,
    named_by,
    of_what,
    part_name,
    shift,
    thread_name,
)

TOLD = 3
PARTS = 4  # told by themselves, the rest together
EACH = 2  # things that differ told of one part
SOURCES = 4  # told of one part
CLAIMS, ENDINGS = 4, 4
STARS = ("*", "**", "***")


def text(found: Rivals, shown: Shown) -> None:
    """What `detente compare` prints: no more than a screen. All else stands on the page."""
    console.print(f"\n[bold]{escape(words(' against '.join(found.sides)))}[/bold]\n", soft_wrap=True)
    _answers(found, shown.model)
    _parts(found)
    _claims(found)
    _endings(found)
    shared = f"{how_shared(found)} " if found.parts else ""
    console.print(
        f"\n[dim]{escape(shared)}{counted(found.draws, 'paired draw')}; {percent(found.converged)} of all draws "
        "converged. All that differs, and every claim: --report FILE.html.[/dim]"
    )


def _answers(found: Rivals, model: Model) -> None:
    """What answers the question of each, and the gap."""
    gap = found.gap
    if asked_otherwise(found):
        for side, says, asks, f in zip(found.sides, found.says, found.asks, (gap.before, gap.after), strict=True):
            console.print(f"{escape(side)}: [bold]{escape(says or asks)}[/bold]: {level(found, f)}", soft_wrap=True)
        told = f"the gap: {_gap(found)}"
    else:
        sides = " → ".join(level(found, f) for f in (gap.before, gap.after))
        told = f"[bold]{escape(of_what(found))}[/bold]: {sides}, {_gap(found)}"
    groups = []
    for name in groups_told(model, found.whole.groups):
        d = found.whole.groups[name]
        both = " → ".join(beside_effect(f.value, d.effect.error / 4) for f in (d.before, d.after))
        groups.append(f"{escape(words(name))} {both}")
    console.print(told + (f"[dim]; {', '.join(groups)}[/dim]" if groups else ""), soft_wrap=True)
    if gap.unjudged:
        console.print(f"[dim]{counted(gap.unjudged, 'draw')} in which it is undefined are left out[/dim]")


def _gap(found: Rivals) -> str:
    f = found.gap.effect
    if not f.draws:
        return "not defined in any draw"
    return f"{shift(found, f.value, f.error)} (95%: {interval(found, f.low, f.high, f.error)})"


def _parts(found: Rivals) -> None:
    """The blocks that do most, each with what it rests on and what it says; the rest as one; and which decides."""
    if not found.parts:
        console.print("\nThe two are the same game.")
        return
    console.print("\n[bold]Where they differ[/bold]")
    first = found.parts if len(found.parts) <= PARTS + 1 else found.parts[:PARTS]
    for part in first:
        rests = ", ".join(words(source) for source in part.sources[:SOURCES])
        rests += f" and {len(part.sources) - SOURCES} more" if len(part.sources) > SOURCES else ""
        also = "; ".join(filter(None, (rests, f"95%: {interval(found, part.low, part.high, part.error)}")))
        console.print(
            f"{shift(found, part.effect, part.error):>9}  [bold]{escape(thread_name(found, part))}[/bold] "
            f"[dim]({escape(also)})[/dim]",
            soft_wrap=True,
        )
        for told in _told_of(found, part):
            console.print(f"{'':11}[dim]{escape(told)}[/dim]", soft_wrap=True)
    if rest := found.parts[len(first) :]:
        names = ", ".join(thread_name(found, part) for part in rest)
        console.print(f"{_summed(found, rest):>9}  all else: {escape(names)}", soft_wrap=True)
    if len(found.parts) > 1:
        console.print(f"[bold]What decides:[/bold] {escape(decides(found))}", soft_wrap=True)


def _summed(found: Rivals, parts: Sequence[Part]) -> str:
    return shift(found, sum(part.effect for part in parts), max(part.error for part in parts))


def _told_of(found: Rivals, part: Part) -> list[str]:
    """What a part says: the numbers where both have one, else what its thread argues, or what differs."""
    values = all(d.ours and d.theirs for d in part.differs)
    if part.says and not values:
        return [prose(part.says)]
    if all(d.kind == STRUCTURES for d in part.differs):
        sides = {d.ours or d.theirs: found.sides[0 if d.ours else 1] for d in part.differs}
        return [prose(f"only in {side}: {told}") for told, side in sides.items()][:1] if len(part.differs) == 1 else []
    bare = named_by(part) and thread_name(found, part) == part_name(part)
    told = [differs(d, found.sides, SHORT, bare, sources=False) for d in part.differs]
    return ["; ".join(told)] if values else told[:EACH]


def _claims(found: Rivals) -> None:
    """Claims side by side, those that differ most: in what share of draws each holds."""
    whole, rests = found.whole.claims, {d.what.partition(".")[2]: d for d in found.claims}
    if not rests:
        return
    names = [n for n in ranked(whole) if not abs(whole[n].effect.value) < FEWEST or _marked(found, rests[n])][:CLAIMS]
    marks = sorted({mark for n in names if (mark := _marked(found, rests[n]))})
    console.print()
    table = plain_table("", *found.sides, "difference", title="claims, in percent of draws", fold=True)
    for name in names:
        d, mark = whole[name], _marked(found, rests[name])
        ends = [percent(f.value, f.error) if f.draws else "not judged" for f in (d.before, d.after)]
        sign = f" [dim]{STARS[marks.index(mark)]}[/dim]" if mark else ""
        table.add_row(f"[bold]{escape(words(name))}[/bold]{sign}", *ends, moved(d) if d.effect.draws else "")
    if names:
        console.print(table)
    elif whole:
        console.print(f"[dim]no claim differs ({counted(len(whole), 'claim')} of both)[/dim]")
    notes = [f"{star} {mark}" for star, mark in zip(STARS, marks, strict=False)]
    if names and (left := len(whole) - len(names)):
        notes.append(f"{counted(left, 'claim')} that differ{'s' if left == 1 else ''} less")
    if unjudged := [n for n in rests if n not in whole]:
        notes.append(f"{counted(len(unjudged), 'claim')} that only one of the two can judge")
    if notes:
        console.print(f"[dim]{escape('; '.join(notes))}[/dim]", soft_wrap=True)


def _marked(found: Rivals, claim: Departure) -> str:
    """What is to be known of a claim that is not the same in both."""
    if _of_one(claim.ours, claim.theirs):
        return f"claimed by {found.sides[0] if claim.ours else found.sides[1]} alone"
    return "" if claim.ours == claim.theirs else "each states it in its own way"


def _of_one(ours: str, theirs: str) -> bool:
    return not (ours and theirs)


def _endings(found: Rivals) -> None:
    """Outcomes side by side, those that differ most, and the most likely of those that stand beside none."""
    whole, left = found.whole.outcomes, found.left
    if not whole and not any(left):
        return
    alone = sorted(((name, f, k) for k, some in enumerate(left) for name, f in some.items()), key=lambda a: -a[1].value)
    alone = alone[: max(ENDINGS - 2, ENDINGS - len(whole))]
    console.print()
    heads = ("", *found.sides, "difference", "95% of the mean")
    table = plain_table(*heads, title="outcomes, in percent", fold=True)
    shown = ranked(whole)[: ENDINGS - len(alone)]
    for name in shown:
        d = whole[name]
        ends = [beside_effect(f.value, d.effect.error / 4) for f in (d.before, d.after)]
        span = f"{points(d.effect.low, d.effect.error / 4)} to {points(d.effect.high, d.effect.error / 4)}"
        table.add_row(f"[bold]{escape(words(name))}[/bold]", *ends, moved(d), span)
    for name, f, k in alone:
        ends = [percent(f.value, f.error) if side == k else "–" for side in range(2)]
        table.add_row(f"[bold]{escape(words(name))}[/bold]", *ends, "", "")
    console.print(table)
    notes = ["– no such outcome; match outcomes with --map THEIRS=OURS"] if all(left) else []
    if less := len(whole) + sum(map(len, left)) - len(shown) - len(alone):
        notes.append(f"{counted(less, 'outcome')} that differ{'s' if less == 1 else ''} less")
    if notes:
        console.print(f"[dim]{escape('; '.join(notes))}[/dim]", soft_wrap=True)


# ---------------------------------------------------------------------- a page


def page(found: Rivals, shown: Shown) -> Answer:
    """Two arguments side by side: the gap, where it comes from, what each says."""
    model, judged = shown.model, " " + certified(found.converged)
    one, other = (f"{side} ({named})" if named else side for side, named in zip(found.sides, found.titles, strict=True))
    ends = [level(found, f) for f in (found.gap.before, found.gap.after)]
    asked: list[Content] = [tag("b", prose(of_what(found)))]
    if asked_otherwise(found):
        asked = [tag("b", prose(says or asks)) for says, asks in zip(found.says, found.asks, strict=True)]
    said: list[Content] = [
        say(
            "{other} beside {one}: {what}, {before} against {after}, {gap}.",
            other=other, one=one, what=join(asked, " / "), before=ends[1], after=ends[0], gap=_gap(found),
        )
    ]  # fmt: skip
    if found.parts:
        first = [_part_said(found, k) for k in range(min(TOLD, len(found.parts)))]
        said.append(say("Most of it comes from {parts}. {how}", parts=listed(first), how=how_shared(found)))
        if len(found.parts) > 1:
            said.append(say("What decides: {which}", which=decides(found)))
    else:
        said.append("The two are the same game.")
    pictures = [shift_picture(model, found.whole, found.draws, found.sides, judged)]
    if found.parts:
        how = "the largest difference first, each averaged over the orders in which they can be taken"
        pictures = [waterfall_picture(model, found, judged, found.sides, how), *pictures]
    references = (whatif.REFERENCE, *(coalitions.REFERENCES[: 1 if ": " not in found.method else 2]))
    after = join([_departures(found), _claims_table(found), _left(found), _sources(found)])
    remarks = [words(n) for n in found.notes]
    return Answer("compare", "Two arguments side by side", said, pictures, remarks, references, after)


def _part_said(found: Rivals, k: int) -> Html:
    part = found.parts[k]
    return say(
        "{what}{cited} ({effect})", what=tag("b", thread_name(found, part)), cited=cited(part.sources),
        effect=shift(found, part.effect, part.error),
    )  # fmt: skip


def _departures(found: Rivals) -> Html:
    """Where the two differ: each thing that differs, with the part that its block has in the gap."""
    if not found.parts:
        return Html("")
    rows: list[list[Content]] = []
    for part in found.parts:
        for k, d in enumerate(part.differs):
            effect: list[Content] = ["", "", ""]
            if k == 0:
                turned = ", ".join(map(words, part.turns))
                span = interval(found, part.low, part.high, part.error)
                effect = [data(part.effect, shift(found, part.effect, part.error)), span, turned]
            both = [prose(said) or "–" for said in (d.ours, d.theirs)]
            rows.append([tag("b", entry(d)), *both, ", ".join(map(words, d.sources)), *effect])
        rows += [[f"together: {prose(why)}", "", "", "", "", "", ""] for why in part.because]
    head = ["where they differ", *found.sides, "rests on", "its part of the gap", "95%", "claims flipped"]
    return table("What differs, and what it does to the answer.", head, rows, (4, 5))


def _claims_table(found: Rivals) -> Html:
    """The claims of either, as each words them, with the share of draws in which they hold."""
    rows: list[list[Content]] = []
    for d in found.claims:
        name = d.what.partition(".")[2]
        judged = found.whole.claims.get(name)
        ends: list[Content] = ["", ""]
        if judged is not None:
            ends = [data(f.value, percent(f.value, f.error)) if f.draws else "–" for f in (judged.before, judged.after)]
        alike = d.ours == d.theirs
        worded = [prose(d.ours) or "–", "the same" if alike else prose(d.theirs) or "–"]
        rows.append([tag("b", words(name)), *ends, *worded, ", ".join(map(words, d.sources))])
    if not rows:
        return Html("")
    head = ["claim", *(f"holds in {side}" for side in found.sides), *found.sides, "rests on"]
    return table("The claims of both, judged in either where it can be.", head, rows, (1, 2))


def _left(found: Rivals) -> Html:
    """The outcomes of either that stand beside none of the other."""
    rows: list[list[Content]] = []
    for k, some in enumerate(found.left):
        for name, f in some.items():
            ends: list[Content] = ["–", "–"]
            ends[k] = data(f.value, percent(f.value, f.error))
            rows.append([tag("b", words(name)), *ends])
    head = ["outcome", *found.sides]
    return table("Outcomes that only one of the two has.", head, rows, (1, 2)) if rows else Html("")


def _sources(found: Rivals) -> Html:
    """The sources that are cited."""
    if not found.cited:
        return Html("")
    named = [tag("li", tag("b", words(name)), f": {title}") for name, title in found.cited.items()]
    return join([tag("p", "Sources cited:"), tag("ul", named, class_="small")])


view(Rivals, text=text, page=page, converged=lambda found: found.converged)
