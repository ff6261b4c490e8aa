"""The JSON forms of the answers about what is not known: a contract, documented in docs/uncertainty.md."""

from __future__ import annotations

from typing import Any

from detente.analyse.finding import Finding
from detente.analyse.information.evppi import Worth, Worths
from detente.analyse.information.forecast_value import Learned, Learning
from detente.analyse.sensitivity.discovery import Box, Discovery
from detente.analyse.sensitivity.local import Local
from detente.analyse.sensitivity.variance import Effect, Sensitivity


def _value(finding: Finding | None) -> dict[str, float] | None:
    if finding is None:
        return None
    return {"value": finding.value, "low": finding.low, "high": finding.high}


def _effect(effect: Effect) -> dict[str, Any]:
    return {
        "name": effect.name,
        "members": list(effect.members),
        "first": _value(effect.first),
        "total": _value(effect.total),
        "where_low": effect.low.value if effect.low else None,
        "where_high": effect.high.value if effect.high else None,
        "lowest_fifth_below": effect.bounds[0] if effect.bounds else None,
        "highest_fifth_above": effect.bounds[1] if effect.bounds else None,
    }


def sense(found: Sensitivity) -> dict[str, Any]:
    """`detente sense CASE --json`."""
    return {
        "of": found.of,
        "kind": found.kind,
        "design": found.design,
        "where": found.where or None,
        "draws": found.draws,
        "solved": found.solved,
        "left_out": found.left_out,
        "mean": found.mean.value,
        "spread": found.spread,
        "explained": found.explained,
        "effects": [_effect(e) for e in found.effects],
        "joint": [_effect(e) for e in found.joint],
        "notes": list(found.notes),
        "references": list(found.references),
    }


def local(found: Local) -> dict[str, Any]:
    """`detente sense CASE --local --json`."""
    return {
        "of": found.of,
        "draws": found.draws,
        "unsettled": found.unsettled,
        "singular": found.singular,
        "kinked": found.kinked,
        "answers": [
            {
                "name": answer.name,
                "kind": answer.kind,
                "centre": answer.centre,
                "mean": answer.value.value,
                "without_derivative": answer.without,
                "slopes": [
                    {
                        "name": p.name, "unit": p.unit, "median": p.median, "sd": p.spread, "slope": p.slope,
                        "per_sd": p.per_sd, "elasticity": p.elasticity, "mean": _value(p.mean), "error": p.mean.error,
                    }
                    for p in answer.pulls
                ],
            }
            for answer in found.answers
        ],
        "notes": list(found.notes),
        "references": list(found.references),
    }  # fmt: skip


def _box(box: Box) -> dict[str, Any]:
    return {
        "coverage": _value(box.coverage),
        "density": _value(box.density),
        "mass": box.mass,
        "density_left_out": box.left_out.value,
        "limits": [
            {
                "quantity": limit.quantity, "unit": limit.unit, "low": limit.low, "high": limit.high,
                "quasi_p": limit.quasi_p, "frequency": limit.frequency,
            }
            for limit in box.limits
        ],
        "point": box.chosen,
        "trajectory": [
            {
                "point": p.step, "coverage": p.coverage, "density": p.density, "mass": p.mass,
                "limited": p.limited, "moved": p.moved,
            }
            for p in box.trajectory
        ],
    }  # fmt: skip


def discover(found: Discovery) -> dict[str, Any]:
    """`detente sense CASE --discover EVENT --json`."""
    return {
        "event": found.event,
        "where": found.where or None,
        "draws": found.draws,
        "share": _value(found.share),
        "boxes": [_box(box) for box in found.boxes],
        "notes": list(found.notes),
        "references": list(found.references),
    }


def _learned(thing: Learned) -> dict[str, Any]:
    return {
        "name": thing.name,
        "kind": thing.kind,
        "brier": _value(thing.brier),
        "entropy": _value(thing.entropy),
    }


def learn(found: Learning) -> dict[str, Any]:
    """`detente learn CASE --json`."""
    return {
        "of": found.of,
        "kind": found.kind,
        "draws": found.draws,
        "left_out": found.left_out,
        "brier_now": found.brier.value,
        "entropy_now": found.entropy.value,
        "things": [_learned(thing) for thing in found.things],
        "everything": _learned(found.everything),
        "notes": list(found.notes),
        "references": list(found.references),
    }


def _worth(worth: Worth) -> dict[str, Any]:
    return {"name": worth.name, "kind": worth.kind, **(_value(worth.value) or {}), "interval": worth.value.interval}


def worths(found: Worths) -> dict[str, Any]:
    """`detente learn CASE --actor NAME --json`."""
    return {
        "actor": found.actor,
        "draws": found.draws,
        "public_draws": found.public_draws,
        "best_plan": _value(found.best),
        "blind_plan": _value(found.blind),
        "everything": _worth(found.everything) if found.everything else None,
        "private": [_worth(w) for w in found.private],
        "public": [_worth(w) for w in found.public],
        "notes": list(found.notes),
        "references": list(found.references),
    }
