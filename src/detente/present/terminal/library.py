"""The library and what is wrong with a model, on the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.markup import escape

from detente.language.characters import plain
from detente.present.terminal.console import console
from detente.present.terminal.tables import Plain
from detente.present.wording.coverage import confirming, taken_up
from detente.present.wording.evidence import items
from detente.present.wording.glossary import Entry, said
from detente.present.wording.numbers import counted
from detente.present.wording.preferences import preferred

if TYPE_CHECKING:
    from detente.study.checking import Checked
    from detente.study.standards import Inspection


SIZES = {
    "nodes": ("node",), "information_sets": ("information set",), "plays": ("history", "histories"),
    "quantities": ("quantity", "quantities"), "structures": ("combination of structures", "combinations of structures"),
}  # fmt: skip


def show_check(case: str, checked: Checked) -> None:
    """What `detente check` prints: what is wrong, what there is to know, and last whether the model is valid."""
    for problem in checked.problems:
        colour = "yellow" if problem.warning else "red"
        console.print(
            f"[{colour}]{'warning' if problem.warning else 'error'}[/{colour}] {escape(plain(str(problem)))}",
            soft_wrap=True,
        )
    wrong = sum(not p.warning for p in checked.problems)
    if wrong:
        console.print(f"\n{escape(plain(case))}: {counted(wrong, 'error')}")
    else:
        for p in checked.preferences:
            if not p.weak:
                console.print(f"[dim]{escape(preferred(p))}[/dim]", soft_wrap=True)
        if listed := items(*checked.evidence):
            console.print(f"[dim]evidence: {listed}; `detente update` takes them in[/dim]", soft_wrap=True)
        for one in checked.coverage:
            if one.unit == "sentence":
                console.print(f"[dim]{escape(taken_up(one))}[/dim]", soft_wrap=True)
        if checked.to_confirm:
            console.print(f"[dim]{escape(confirming(checked.to_confirm))}[/dim]", soft_wrap=True)
        parts = ", ".join(counted(value, *SIZES[key]) for key, value in checked.size.items())
        console.print(f"{escape(plain(case))}: valid ({parts})")


def show_inspection(found: Inspection) -> None:
    """How a case stands with the standards of the library."""
    missed = sum(s.met is False for s in found.standards)
    stands = found.mistake or (f"{counted(missed, 'standard')} missed" if missed else "meets every standard")
    console.print(f"\n[bold]{escape(plain(found.case))}[/bold]: {escape(plain(stands))}")
    for s in found.standards:
        mark = {True: "[dim]met    [/dim]", False: "[red]missed [/red]", None: "[yellow]note   [/yellow]"}[s.met]
        mark = mark if s.clear else "[yellow]unclear[/yellow]"
        console.print(f"  {mark}  {s.name}: {escape(plain(s.said))}", soft_wrap=True)


def show_cases(found: Sequence[Mapping[str, str]]) -> None:
    """What `detente cases` prints."""
    table = Plain()
    for column in ("case", "what it is", "as of"):
        table.add_column(column, no_wrap=column != "what it is")
    for item in found:
        table.add_row(f"[bold]{item['case']}[/bold]", escape(item["title"]), item["as_of"])
    console.print(table)


def show_glossary(entries: Sequence[Entry]) -> None:
    """What `detente glossary` prints."""
    for entry in entries:
        console.print(f"[bold]{escape(entry.term)}[/bold]  {escape(said(entry))}")
