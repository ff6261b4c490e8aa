"""What a parameter of a question can be given, by what its values are names of."""

from __future__ import annotations

from collections.abc import Sequence

from detente.model.schema import Model


def choices(model: Model, kind: str) -> Sequence[str]:
    """The names of a kind that a model has; KeyError for a kind that does not exist."""
    deciding = [name for name, stage in model.stages.items() if stage.actor]
    claims = list(model.claims)
    quantities = [*model.quantities, *(f"{n} seen by {a}" for n, q in model.quantities.items() for a in q.seen_by)]
    answers = ["outcome", *["answer"] * bool(model.answer), *model.outcomes, *claims]
    return {
        "actors": list(model.actors),
        "answers": answers,
        "beliefs": [f"{name}=" for name in quantities],
        "claims": claims,
        "deciders": [*model.actors, *deciding],
        "events": [*claims, *(f"not {claim}" for claim in claims), *(f"likeliest is {o}" for o in model.outcomes)],
        "mechanisms": list(model.mechanisms),
        "moves": list(dict.fromkeys(move for name in deciding for move in model.stages[name].results)),
        "quantities": quantities,
        "slopes": [*answers, "claims"],
        "statics": list(model.statics),
    }[kind]  # fmt: skip
