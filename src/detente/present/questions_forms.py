"""The JSON forms of the answers that solve again: a contract, documented in docs/questions.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from detente.analyse.counterfactual.knockout import Ablation, Ablations
from detente.analyse.counterfactual.whatif import Difference, Step, WhatIf
from detente.analyse.finding import Finding
from detente.analyse.thresholds.breaking import Breaking
from detente.analyse.thresholds.breaking import Moved as Change
from detente.analyse.thresholds.regimes import Regimes
from detente.analyse.thresholds.tipping import Tipping


def _curve(findings: Sequence[Finding]) -> dict[str, Any]:
    return {"mean": [f.value for f in findings], "low": [f.low for f in findings], "high": [f.high for f in findings]}


def tipping(found: Tipping) -> dict[str, Any]:
    """`detente tip CASE Q --json`."""
    return {
        "quantity": found.quantity,
        "draws": found.draws,
        "converged": found.converged,
        "median": found.centre,
        "grid": [float(v) for v in found.grid],
        "outcomes": {name: _curve(curve) for name, curve in found.outcomes.items()},
        "moves": {where: {m: _curve(c) for m, c in moves.items()} for where, moves in found.moves.items()},
        "claims": {name: [f.value for f in curve] for name, curve in found.claims.items()},
        "likeliest_at_centre": list(found.likeliest),
        "tips": [
            {
                "kind": t.kind, "what": t.what, "before": t.before, "after": t.after, "at": t.at.value,
                "how": t.how, "step": t.step, "score": t.score,
                "low": t.at.low, "high": t.at.high, "draws_that_turn": t.at.draws, "width": 2 * t.at.error,
            }
            for t in found.tips
        ],
    }  # fmt: skip


def regimes(found: Regimes) -> dict[str, Any]:
    """`detente tip CASE Q Q2 --json`."""
    maps = []
    for one in found.maps:
        way = one.way
        maps.append({
            "what": one.what,
            "legend": list(one.legend),
            "labels": one.labels.tolist(),
            "boundary": [{"x": b.x, "y": b.y, "before": b.before, "after": b.after} for b in one.border],
            "way_across": {
                "here": way.here, "across": way.across, "at": list(way.at), "scores": list(way.scores),
                "distance": way.distance.value, "searched": way.distance.interval,
            },
        })  # fmt: skip
    return {
        "quantities": list(found.quantities),
        "grid": [[float(v) for v in grid] for grid in found.grids],
        "here": list(found.here),
        "maps": maps,
        "points_solved": found.solved,
        "converged": found.converged,
    }


def _difference(d: Difference) -> dict[str, Any]:
    return {
        "before": d.before.value, "after": d.after.value, "effect": d.effect.value,
        "low": d.effect.low, "high": d.effect.high,
        "draws_low": d.spread.low, "draws_high": d.spread.high, "unjudged_draws": d.unjudged,
    }  # fmt: skip


def _step(step: Step) -> dict[str, Any]:
    def each(parts: Mapping[str, Difference]) -> dict[str, Any]:
        return {name: _difference(d) for name, d in parts.items()}

    return {"change": step.change, "outcomes": each(step.outcomes), "claims": each(step.claims)}


def what_if(found: WhatIf) -> dict[str, Any]:
    """`detente what-if --json` and `detente compare --json`."""
    return {
        "draws": found.draws,
        "converged": found.converged,
        "steps": [_step(step) for step in found.steps],
        "whole": _step(found.whole),
        "notes": list(found.notes),
    }


def ablations(found: Ablations) -> dict[str, Any]:
    """`detente ablate --json`."""

    def one(a: Ablation) -> dict[str, Any]:
        effect = _step(a.effect) if a.effect else {"outcomes": None, "claims": None}
        return {
            "mechanism": a.mechanism, "says": a.says, "source": a.source, "switched_off": list(a.off),
            "kept": list(a.kept), "shift": a.shift, "claims_turned": list(a.turned),
            "claims_unjudged": list(a.lost), "outcomes": effect["outcomes"], "claims": effect["claims"],
        }  # fmt: skip

    return {
        "draws": found.draws, "converged": found.converged, "mechanisms": [one(a) for a in found.mechanisms],
    }  # fmt: skip


def breaking(found: Sequence[Breaking]) -> dict[str, Any]:
    """The `breaking` part of `detente claims --breaking --json`, by claim."""

    def change(c: Change) -> dict[str, Any]:
        return {"assumption": c.name, "value": c.value, "median": c.median, "score": c.score}

    return {
        b.claim: {
            "holds_at_centre": b.holds,
            "distance": b.distance.value,
            "changes": [{**change(c), "share": c.share} for c in b.changes],
            "alone": [{**change(s.change), "distance": s.distance.value} for s in b.singles],
            "draws_on_the_other_side": b.among,
            "searched": b.searched,
        }
        for b in found
    }
