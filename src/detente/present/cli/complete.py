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
    from detente.solve.registry import METHODS

    if kind == "cases":
        return library()
    if kind == "methods":
        return METHODS
    if case == "-":  # standard input is the shell's
        return []
    model = load(case)
    deciding = [name for name, stage in model.stages.items() if stage.actor]
    claims = list(model.claims)
    names = [*model.quantities, *(f"{n} seen by {a}" for n, q in model.quantities.items() for a in q.seen_by)]
    answers = ["outcome", *["answer"] * bool(model.answer), *model.outcomes, *claims]
    return {
        "actors": list(model.actors),
        "answers": answers,
        "beliefs": [f"{name}=" for name in names],
        "claims": claims,
        "deciders": [*model.actors, *deciding],
        "events": [*claims, *(f"not {claim}" for claim in claims), *(f"likeliest is {o}" for o in model.outcomes)],
        "mechanisms": list(model.mechanisms),
        "moves": list(dict.fromkeys(move for name in deciding for move in model.stages[name].results)),
        "quantities": names,
        "slopes": [*answers, "claims"],
        "statics": list(model.statics),
    }[kind]  # fmt: skip
