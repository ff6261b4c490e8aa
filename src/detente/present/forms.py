"""The JSON forms of answers: a contract, documented in docs/commands.md."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from detente.analyse.counterfactual.statics import StaticResult
from detente.analyse.forecast.why import Why
from detente.analyse.sensitivity.main_effects import Driver
from detente.study.study import Study


def claims(study: Study, wanted: Sequence[str]) -> dict[str, Any]:
    """`detente claims --json`."""
    found = {}
    for name in wanted:
        verdict = study.claims[name]
        found[name] = {
            "says": verdict.says,
            "holds": verdict.holds,
            "share": verdict.share.value,
            "low": verdict.share.low,
            "high": verdict.share.high,
            "verdict": verdict.words,
            "unjudged_draws": verdict.unjudged,
            "drivers": [driver(d) for d in study.drivers(name)[:5]],
        }
    return {"case": study.model.name, "draws": study.n, "seed": study.draws.seed, "claims": found}


def driver(d: Driver) -> dict[str, Any]:
    return {
        "quantity": d.quantity,
        "index": d.index.value,
        "low": d.index.low,
        "high": d.index.high,
        "floor": d.floor,
        "where_low": d.low.value,
        "where_high": d.high.value,
        "lowest_fifth_below": d.bounds[0],
        "highest_fifth_above": d.bounds[1],
    }


def statics(results: Sequence[StaticResult]) -> dict[str, Any]:
    """`detente statics --json`."""
    return {
        "statics": [
            {
                "name": r.name, "mechanism": r.mechanism, "holds": r.holds,
                "effect": r.effect.value, "low": r.effect.low, "high": r.effect.high,
                "expected": r.expected, "before": r.before.value, "after": r.after.value,
                "share_of_draws": r.share, "draws": r.effect.draws, "says": r.says, "change": r.change,
            }
            for r in results
        ]
    }  # fmt: skip


def why(study: Study, reasons: Sequence[Why]) -> dict[str, Any]:
    """`detente why --json`."""
    return {
        "case": study.model.name, "draws": study.n, "seed": study.draws.seed,
        "why": [
            {
                "actor": r.actor, "stage": r.stage, "period": r.period or None, "where": r.where,
                "rank": r.rank, "situations": r.situations, "move": r.move, "against": r.against,
                "probability": r.probability.as_dict(), "reached": r.reached.as_dict(), "gap": r.gap.as_dict(),
                "terms": {name: term.as_dict() for name, term in r.terms.items()},
            }
            for r in reasons
        ],
    }  # fmt: skip


def tree(study: Study) -> dict[str, Any]:
    """`detente tree --json`."""
    structure = study.blueprint.tree
    behaviour = np.concatenate([part.behaviour for part in study.parts], axis=1).mean(axis=1)
    coming = sum((part.coming for part in study.parts), np.zeros(structure.n_infosets)) / study.n
    sets = []
    for h, info in enumerate(structure.infosets):
        first = int(structure.action_start[h])
        sets.append({
            "actor": structure.players[info.player],
            "name": info.name,
            "members": int(structure.member_start[h + 1] - structure.member_start[h]),
            "reached": float(coming[h]),
            "moves": {move: float(behaviour[first + k]) for k, move in enumerate(info.actions)},
            "place": str(info.place),
        })  # fmt: skip
    return {
        "case": study.model.name,
        "nodes": structure.n_nodes,
        "plays": len(structure.terminals),
        "perfect_information": structure.perfect_information,
        "information_sets": sets,
    }
