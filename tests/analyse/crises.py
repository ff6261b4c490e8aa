"""Small crises with answers on paper, for the analyses that solve again."""

from __future__ import annotations

from typing import Any

from detente import Model, define

PRECISION = 4.0
LOSS = "-0.5 * (outcome is deal) - 1.0 * (outcome in [won, accident]) - anger * (outcome is stalemate)"


def decision(value: Any = "uniform(-1, 2)", **more: Any) -> Model:
    """One decision: `go` is worth x, `stay` 0.3, at precision 4: P(go) = 1 / (1 + exp(-4 (x - 0.3)))."""
    quantities = {"lam": {"value": PRECISION, "role": "precision"}, "x": value, **more.pop("quantities", {})}
    parts: dict[str, Any] = {
        "title": "One decision",
        "actors": {"A": "decides"},
        "quantities": quantities,
        "stages": {"move": {"actor": "A", "moves": ["go", "stay"]}},
        "outcomes": {"gone": "move is go", "still": "move is stay"},
        "payoffs": {"A": {"gain": "x * (move is go)", "rest": "0.3 * (move is stay)"}},
        "claims": {"often": "P(outcome is gone) > 0.7"},
    }
    return define("decision", **{**parts, **more})


def deterrence(**more: Any) -> Model:
    """A may attack for a war worth w; B resists (worth -0.2 to it) or concedes (-0.5): Signorino's game."""
    parts: dict[str, Any] = {
        "title": "Deterrence",
        "actors": {"A": "attacks", "B": "resists"},
        "quantities": {"lam": {"value": PRECISION, "role": "precision"}, "w": "-4 to -0.2", "cost": "0.1 to 0.4"},
        "stages": {
            "attack": {"actor": "A", "moves": ["attack", "wait"]},
            "reply": {"actor": "B", "moves": ["resist", "concede"], "when": "attack is attack"},
        },
        "outcomes": {"quiet": "attack is wait", "war": "reply is resist", "gain": "reply is concede"},
        "payoffs": {
            "A": {"spoils": "1.0 * (outcome is gain)", "war": "w * (outcome is war)"},
            "B": {"loss": "-0.2 * (outcome is war) - 0.5 * (outcome is gain)"},
        },
        "claims": {"peace": "P(outcome is quiet) > 0.5"},
    }
    return define("deterrence", **{**parts, **more})


def argument(**more: Any) -> Model:
    """A crisis with mechanisms of every kind: a term, a stage, a move, a result, a state, a type and quantities."""
    parts: dict[str, Any] = {
        "title": "An argument",
        "periods": 2,
        "actors": {"A": "presses", "B": "yields"},
        "mechanisms": {name: {} for name in ("prize", "trigger", "lottery", "talk", "rage", "fog", "resolve", "spin")},
        "quantities": {
            "lam": {"value": PRECISION, "role": "precision", "mechanism": "fog"},
            "prize": {"value": "0.5 to 1.5", "mechanism": "prize"},
            "hazard": {"value": "0.05 to 0.2", "unit": "probability", "mechanism": "trigger"},
            "odds": {"value": "0.4 to 0.8", "unit": "probability", "mechanism": "lottery"},
            "factor": {"value": "1.5 to 3", "mechanism": "resolve"},
            "heat": {"value": "0.1 to 0.4", "mechanism": "rage"},
            "blow": {"value": "0.2 to 0.6"},
        },
        "private": {"A.kind": {"prior": {"hard": 0.4, "soft": "otherwise"}, "mechanism": "fog"}},
        "state": {"anger": {"start": 0.1, "next": "anger + heat * (press is push)", "mechanism": "rage"}},
        "stages": {
            "press": {"actor": "A", "moves": {"push": {}, "wait": {}, "strike": {}}, "mechanism": ""},
            "luck": {
                "chance": {"falls": "odds", "holds": "otherwise"},
                "when": "press is strike",
                "mechanism": "lottery",
            },
            "spark": {
                "chance": {"war": "hazard", "calm": "0.3", "slip": {"p": "otherwise", "mechanism": "spin"}},
                "when": "press is push",
                "mechanism": "trigger",
            },
            "offer": {"actor": "B", "moves": {"yield": {"mechanism": "talk"}, "resist": {}}, "when": "press is push"},
        },
        "outcomes": {
            "won": "luck is falls", "lost": "luck is holds", "accident": "spark is war", "deal": "offer is yield",
            "stalemate": "otherwise",
        },
        "payoffs": {
            "A": {
                "prize": {"value": "prize * (outcome in [won, deal])", "mechanism": "prize"},
                "war": "-blow * (factor if A.kind is soft else 1) * (outcome in [won, lost, accident])",
            },
            "B": {"loss": LOSS},
        },
        "claims": {
            "no_war": "P(outcome in [won, lost, accident]) < 0.3",
            "luck_needed": "P(outcome is won given luck is falls) > 0.5",
        },
    }  # fmt: skip
    return define("argument", **{**parts, **more})


CHOICE = """
title: A choice
actors: {Moscow: goes or stays}
quantities:
  prize: 0.7
  cost: {value: 0.5 to 2.0, unit: stake, seen_by: {Moscow: cost * 0.4}}
  rationality: {value: 2 to 12, role: precision}
stages:
  posture: {actor: Moscow, moves: [go, stay]}
outcomes:
  gone: {when: posture is go}
  stayed: otherwise
payoffs:
  Moscow: {all: (prize - cost) * (outcome is gone)}
claims:
  goes: {holds: P(outcome is gone) > 0.5}
"""
