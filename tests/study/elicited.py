"""Small cases whose pooled answers are known by hand, and the files of their experts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

CHANCE = """
title: A crisis left to chance
question: Will there be war?
answer: {{asks: P(outcome is war), says: there is war}}
actors: {{A: the one}}
quantities:
  a: {{value: 0.1 to 0.3, unit: probability, means: how likely a clash is}}
  b: {{value: 0.2 to 0.4, unit: probability, means: how likely it is that a clash spreads}}
  c: {{value: 1 to 2, unit: stake, means: what nobody asks about}}
stages:
  luck: {{chance: {{war: "{war}", none: otherwise}}}}
  rest: {{actor: A, moves: [go, stay], when: luck is none}}
outcomes: {{war: {{when: luck is war}}, peace: otherwise}}
payoffs: {{A: {{war: -c * (outcome is war)}}}}
"""
PRODUCT, SUM = CHANCE.format(war="a * b"), CHANCE.format(war="a + b")


def case(folder: Path, text: str = PRODUCT, name: str = "luck") -> str:
    """A case in a file."""
    file = folder / f"{name}.yaml"
    file.write_text(text, "utf-8")
    return str(file)


def answers(
    folder: Path, expert: str, quantities: Mapping[str, str], calibration: Mapping[str, str] | None = None,
    case: str = "luck",
) -> str:  # fmt: skip
    """A file of answers, each as it is written after its name."""
    lines = ["elicitation: 1", f"case: {case}", f"expert: {expert}", "quantities:"]
    lines += [f"  {name}: {value}" for name, value in quantities.items()]
    lines += ["calibration:", *(f"  {name}: {value}" for name, value in calibration.items())] if calibration else []
    file = folder / f"{expert}.yaml"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return str(file)


def questions(folder: Path, text: str) -> str:
    """A file of calibration questions."""
    file = folder / "known.yaml"
    file.write_text(text, "utf-8")
    return str(file)
