"""The names that a text being edited knows: what each is, and what can be said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from detente.model.schema import Model
from detente.present.web.editing.outline import names

ACTOR, QUANTITY, TYPE, STATE, STAGE, OUTCOME = "actor", "quantity", "private type", "state", "stage", "outcome"
SOURCE, MECHANISM, STRUCTURE, CLAIM = "source", "mechanism", "structure", "claim"
SECTIONS = {
    "actors": ACTOR, "quantities": QUANTITY, "private": TYPE, "state": STATE, "stages": STAGE, "outcomes": OUTCOME,
    "sources": SOURCE, "mechanisms": MECHANISM, "structures": STRUCTURE, "claims": CLAIM,
}  # fmt: skip


@dataclass(frozen=True)
class Known:
    """What a text knows. `kinds`: the names of each kind with what they mean; `labels`: what may happen at a stage, of
    which type an actor is, how the game ends, with what that means."""

    kinds: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def of(self, *kinds: str) -> dict[str, tuple[str, str]]:
        """The names of some kinds, each with its kind and what it means."""
        return {name: (kind, means) for kind in kinds for name, means in self.kinds.get(kind, {}).items()}


def known(text: str, model: Model | None) -> Known:
    """The names in a text, and in the model that was last read of it (or of what it extends)."""
    kinds: dict[str, dict[str, str]] = {kind: {} for kind in SECTIONS.values()}
    labels: dict[str, dict[str, str]] = {}
    for one in filter(None, (model, model._elsewhere if model else None)):
        for kind, found in _of(one).items():
            kinds[kind] = {**found, **kinds[kind]}
        labels = {**_labels(one), **labels}
    for section, there in names(text).items():
        for name in there if section in SECTIONS else ():
            kinds[SECTIONS[section]].setdefault(name, "")
    labels["outcome"] = {**kinds[OUTCOME], **labels.get("outcome", {})}
    return Known(kinds, labels)


def _of(model: Model) -> dict[str, dict[str, str]]:
    return {
        ACTOR: {name: actor.means for name, actor in model.actors.items()},
        QUANTITY: {name: quantity.means for name, quantity in model.quantities.items()},
        TYPE: {name: kind.means for name, kind in model.private.items()},
        STATE: {name: part.means for name, part in model.state.items()},
        STAGE: {name: stage.means for name, stage in model.stages.items()},
        OUTCOME: {name: outcome.means for name, outcome in model.outcomes.items()},
        SOURCE: {name: source.title for name, source in model.sources.items()},
        MECHANISM: {name: mechanism.says for name, mechanism in model.mechanisms.items()},
        STRUCTURE: {rival: block.means for rival, block in model.structures.items()},
        CLAIM: {name: claim.says for name, claim in model.claims.items()},
    }


def _labels(model: Model) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name, stage in model.stages.items():
        told = {label: move.means for label, move in stage.moves.items()}
        told |= {label: result.means for label, result in stage.chance.items()}
        found[name] = told or dict.fromkeys(stage.offer, "")
        if stage.seen_as:
            found[f"{name}.seen"] = {signal: "" for seen in stage.seen_as.values() for signal in seen}
    for name, kind in model.private.items():
        found[name] = dict.fromkeys(kind.prior, "")
        if kind.seen_as:
            found[f"{name}.seen"] = {signal: "" for seen in kind.seen_as.values() for signal in seen}
    return found
