"""How the pooled numbers of experts are shown, and where the experts disagree."""

from __future__ import annotations

from collections.abc import Iterable

from rich.markup import escape

from detente.analyse.evidence.disagreement import Gap, Share
from detente.analyse.evidence.experts import CLASSICAL, INTERVAL, Record
from detente.analyse.finding import Finding
from detente.language.pools import REFERENCES
from detente.model.schema import Model
from detente.present.figures.forecast.bars import OVER, Bar, bars
from detente.present.html.markup import Content, Html, join, say, table, tag
from detente.present.html.numbers import chance, data, interval
from detente.present.html.palette import colour
from detente.present.terminal.console import console
from detente.present.terminal.tables import glossary, notes, plain_table
from detente.present.view import Answer, Shown, view
from detente.present.wording.answer import in_words, is_probability
from detente.present.wording.names import amount, assumed, certified
from detente.present.wording.numbers import counted, number, percent, points, signed, span, words
from detente.study.questions.pool import THE_ANSWER, Pool, Pooled, Side

SHOWN = 8  # numbers of one expert
SURE = 95


def asked(model: Model, found: Pool) -> str:
    """What the gaps are about, in words."""
    return in_words(model) if found.asks == THE_ANSWER else words(found.asks)


def in_points(found: Pool) -> bool:
    """Whether gaps are differences of probabilities."""
    return found.asks != THE_ANSWER or (found.pool.answer is not None and is_probability(found.pool.answer.name))


def told(found: Pool, side: Side) -> Finding:
    """What is asked about, as one side has it."""
    return side.answer if found.asks == THE_ANSWER and side.answer else side.outcomes[found.asks]


def level(found: Pool, f: Finding) -> str:
    return percent(f.value, f.error) if in_points(found) else number(f.value, f.error)


def ends(found: Pool, f: Finding) -> str:
    return span(f) if in_points(found) else f"{number(f.low)} to {number(f.high)}"


def shift(found: Pool, x: float, error: float) -> str:
    """A difference, in points of a hundred where it is one of probabilities."""
    return f"{points(x, error / 4)} pt" if in_points(found) else signed(x, error / 4)


def between(found: Pool, f: Finding) -> str:
    low, high = (shift(found, x, f.error) for x in (f.low, f.high))
    return f"{low.removesuffix(' pt')} to {high}"


def leading(found: Pool) -> str:
    """Whose number drives the gap, in a sentence."""
    if (one := found.driver) is None:
        return "No expert's number moves this away from the pool."
    moved = f"{shift(found, one.effect.value, one.effect.error)} ({SURE}%: {between(found, one.effect)})"
    unsure = "" if one.effect.low > 0 or one.effect.high < 0 else "; that could be chance: take more draws"
    return f"What moves it most is {one.expert}’s {assumed(one.quantity)}, by {moved}{unsure}."


def text(found: Pool, shown: Shown) -> None:
    """What `detente pool` prints."""
    model = shown.model
    console.print(f"\n[bold]{escape(asked(model, found))}[/bold] [dim]({escape(found.rule)})[/dim]\n", soft_wrap=True)
    sides = plain_table("", "weight", "probability" if in_points(found) else "value", "90% of draws", "gap to the pool",
                        "95% of the mean")  # fmt: skip
    for side in (found.case, found.pool, *found.experts):
        f, gap = told(found, side), _gap(found, side)
        moved = [shift(found, gap.effect.value, gap.effect.error), between(found, gap.effect)] if gap else ["", ""]
        sides.add_row(f"[bold]{escape(side.who)}[/bold]", _weight(found, side), level(found, f), ends(found, f), *moved)
    console.print(sides)
    console.print(f"\n{escape(leading(found))}", soft_wrap=True)
    for gap in found.gaps:
        _parts(found, gap)
    _quantities(model, found.quantities)
    _records(found.records)
    glossary(model, [p.quantity for p in found.quantities])
    notes(found.notes)
    console.print(
        f"\n[dim]{found.method[0].upper()}{found.method[1:]}: {counted(found.solved, 'model')}, "
        f"{counted(found.draws, 'paired draw')} each; {percent(found.converged)} of all draws converged.[/dim]"
    )


def _gap(found: Pool, side: Side) -> Gap | None:
    return next((gap for gap in found.gaps if gap.expert == side.who), None)


def _weight(found: Pool, side: Side) -> str:
    return f"{found.weights[side.who]:.2f}" if side.who in found.weights and side in found.experts else ""


def _parts(found: Pool, gap: Gap) -> None:
    if not gap.parts:
        return
    console.print(f"\n{escape(gap.expert)}, number by number:")
    rows = plain_table("", "adds", f"{SURE}% of the mean")
    for share in gap.parts[:SHOWN]:
        rows.add_row(escape(assumed(share.quantity)), *_cells(found, share))
    console.print(rows)
    if hidden := gap.parts[SHOWN:]:
        console.print(f"[dim]{counted(len(hidden), 'number')} more, each of less; JSON has all[/dim]")


def _cells(found: Pool, share: Share) -> tuple[str, str]:
    return shift(found, share.effect.value, share.effect.error), between(found, share.effect)


def _quantities(model: Model, quantities: Iterable[Pooled]) -> None:
    console.print()
    rows = plain_table("quantity", "whose", "weight", "5%", "50%", "95%", words=(0, 1))
    for p in quantities:
        for k, (who, weight, *numbers) in enumerate(_held(p)):
            told = [amount(model, p.quantity, x, 3) for x in numbers]
            rows.add_row(f"[bold]{escape(assumed(p.quantity))}[/bold]" if not k else "", escape(who), weight, *told)
    console.print(rows)


def _held(p: Pooled) -> list[tuple[str, str, float, float, float]]:
    """The pool and each expert: whose, with which weight, and the three percentiles."""
    experts = [(h.expert, f"{h.weight:.2f}", h.low, h.middle, h.high) for h in p.held]
    return [("pool", "", p.low, p.middle, p.high), *experts]


def _records(records: Iterable[Record]) -> None:
    scored = [r for r in records if r.questions]
    if not scored:
        return
    console.print("\n[bold]Calibration questions[/bold]")
    rows = plain_table("", *HEADS)
    for r in scored:
        rows.add_row(f"[bold]{escape(r.expert)}[/bold]", *_record(r))
    console.print(rows)


HEADS = ("in the 90% range", "95% interval", "interval score", "calibration", "information", "by performance")


def _record(r: Record) -> list[str]:
    hits = f"{r.hits} of {r.questions}"
    share = "" if r.low is None or r.high is None else f"{percent(r.low)} to {percent(r.high)}"
    rest = (number(x) if x is not None else "" for x in (r.score, r.calibration, r.information))
    return [hits, share, *rest, "" if r.weight is None else f"{r.weight:.2f}"]


# ------------------------------------------------------------------------------------------------------------- the page


def page(found: Pool, shown: Shown) -> Answer:
    """What is forecast under everybody's numbers, what drives the gaps, and how good the experts' ranges are."""
    model = shown.model
    pooled, plain = told(found, found.pool), told(found, found.case)
    said = [
        say(
            "{what}: {pool} under the pool of {many}, {case} by the case as it is written. {leading}",
            what=tag("b", asked(model, found)), pool=level(found, pooled), case=level(found, plain),
            many=counted(len(found.experts), "expert"), leading=leading(found),
        )
    ]  # fmt: skip
    pictures = []
    if in_points(found):
        hue = "k2" if found.asks == THE_ANSWER else colour(model, found.asks)
        rows = [Bar(side.who, "", told(found, side), hue) for side in (found.case, found.pool, *found.experts)]
        reading = (
            "Probability in percent under the numbers of each: bar, the mean of "
            f"{counted(found.draws, 'paired draw')}; line, the {OVER}. {certified(found.converged)}"
        )
        pictures = [bars("experts", "What each expert’s numbers say", reading, rows, _sides_table(model, found))]
    after = [] if in_points(found) else [_sides_table(model, found)]
    after += [_gaps_table(found), _quantities_table(model, found)]
    after += [_records_table(found)] if any(r.questions for r in found.records) else []
    return Answer(
        "pool", "Experts pooled, and where they disagree", said, pictures, [words(n) for n in found.notes],
        (*REFERENCES, CLASSICAL, INTERVAL), join(after),
    )  # fmt: skip


def _sides_table(model: Model, found: Pool) -> Html:
    names = list(found.pool.outcomes)
    rows: list[list[Content]] = [
        [tag("b", side.who), level(found, told(found, side)), ends(found, told(found, side)),
         *(join([chance(side.outcomes[o]), " (", interval(side.outcomes[o]), ")"]) for o in names)]
        for side in (found.case, found.pool, *found.experts)
    ]  # fmt: skip
    heads = ["under the numbers of", asked(model, found), "90% of draws", *map(words, names)]
    return table(f"What is forecast under each expert’s numbers ({found.rule}).", heads, rows, range(1, len(heads)))


def _gaps_table(found: Pool) -> Html:
    rows: list[list[Content]] = []
    for gap in found.gaps:
        effect = gap.effect
        rows.append([tag("b", gap.expert), "all numbers",
                     data(effect.value, shift(found, effect.value, effect.error)), between(found, effect)])  # fmt: skip
        for share in gap.parts:
            moved, sure = _cells(found, share)
            rows.append([gap.expert, assumed(share.quantity), data(share.effect.value, moved), sure])
    caption = f"How far each expert is from the pool, and what each number adds to that. {found.method}."
    return table(caption, ["expert", "number", "adds", f"{SURE}% of the mean"], rows, (2, 3))


def _quantities_table(model: Model, found: Pool) -> Html:
    rows: list[list[Content]] = []
    for p in found.quantities:
        for who, weight, *numbers in _held(p):
            percentiles = [data(x, amount(model, p.quantity, x, 3)) for x in numbers]
            because = next((h.because for h in p.held if h.expert == who), "")
            rows.append([assumed(p.quantity), who, weight, *percentiles, because])
    heads = ["quantity", "whose", "weight", "5%", "50%", "95%", "because"]
    return table("The numbers: of the pool, and of each expert.", heads, rows, (2, 3, 4, 5))


def _records_table(found: Pool) -> Html:
    rows: list[list[Content]] = [[tag("b", r.expert), *_record(r)] for r in found.records if r.questions]
    caption = (
        "How the experts did with the calibration questions. Calibration and information are Cooke’s; the interval "
        "score is better the lower it is."
    )
    return table(caption, ["expert", *HEADS], rows, range(1, len(HEADS) + 1))


view(Pool, text=text, page=page, converged=lambda found: found.converged)
