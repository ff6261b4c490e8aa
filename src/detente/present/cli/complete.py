"""Names of a case, for the shell to complete."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import typer


def names_of(kind: str) -> Callable[[typer.Context, str], list[str]]:
    """What completes a parameter whose values are names of some kind; nothing for a case that cannot be read."""

    def complete(context: typer.Context, incomplete: str) -> list[str]:
        from detente.errors import DetenteError

        try:
            found = list(_names(kind, str(context.params.get("case") or "")))
        except (DetenteError, OSError):
            return []
        return [name for name in found if name.startswith(incomplete)]

    return complete


def _names(kind: str, case: str) -> Iterable[str]:
    from detente.model.catalogue import library
    from detente.model.load import load
    from detente.present.choices import choices
    from detente.solve.registry import METHODS

    if kind == "cases":
        return library()
    if kind == "methods":
        return METHODS
    if case == "-":  # standard input is the shell's
        return []
    return choices(load(case), kind)
