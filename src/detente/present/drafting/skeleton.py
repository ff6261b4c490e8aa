"""A case before anything is in it: every sentence of a text is in a table, and what has to be said has its place.

`detente check` reads it as a list of what is left to do, and says so until all is done.
"""

from __future__ import annotations

from detente.language.characters import plain
from detente.model.check.drafts import TO_FILL_IN
from detente.present.web.editing.writing import quoted

SHOWN = 60  # characters of a sentence beside its number
STEPS = (
    ("the question", "what would show by which day whether the text is right: `question`, `answer`, `periods`"),
    ("actors", "who decides, and in a few words what each wants"),
    ("moves", "what each can do, in which order, seen by whom, and what goes on if nobody does anything: `stages`"),
    ("outcomes", "how it may end; the first condition that holds ends the game"),
    ("mechanisms", "each reason that the text gives, in a sentence, with its number"),
    ("quantities", "each number, with a range that the author would not object to, and `because`; also perceptions"),
    ("payoffs", "what each outcome and each move is worth to each actor, as named terms"),
    (
        "claims",
        "what the text concludes, as tests. A conclusion is never put into a number",
    ),
    ("statics", "what must follow if a reason is one: a larger cost makes the move rarer"),
    ("coverage", "every sentence is cited by what takes it up, or set aside under `uncovered` with the reason"),
)
"""From a text to a case, in this order."""


def skeleton(name: str, title: str, found: tuple[str, ...], own: str = "judgement") -> str:
    """The text of a case to be filled in. `own`: under which name judgements stand that are in no sentence."""
    name, title = (" ".join(plain(part).split()) for part in (name, title))
    table = "\n".join(f"      {k}: {TO_FILL_IN}  # {_shown(sentence)}" for k, sentence in enumerate(found, 1))
    steps = "\n".join(f"#   {k}. {what}: {says}" for k, (what, says) in enumerate(STEPS, 1))
    return f"""\
# {name}: a draft in the language of Detente (docs/language.md). `detente check {name}.yaml` says what is left to do.
#
{steps}

detente: 1
title: {TO_FILL_IN}
question: {TO_FILL_IN}
# answer: {{asks: P(stage is move), says: ..., deadline: 2031-05-31, groups: {{war: [...], peace: otherwise}}}}
# as_of: 2031-03-04
stake: {TO_FILL_IN}                 # what a payoff of 1 means
# periods: {{count: 3, unit: month, from: 2031-03-01}}

sources:
  article:
    title: {quoted(title)}
    kind: opinion
    sentences: {len(found)}
    uncovered:                        # delete a line once something cites the sentence, or say why nothing does
{table}
  {own}: {{title: Judgements that are in no sentence, kind: judgement, unconfirmed: true}}

mechanisms:                           # NAME: {{says: ..., source: article 4}}

actors:                               # Name: what it wants

quantities:                           # NAME: {{value: a to b, unit: stake, means: ..., source: article 6}}

stages:                           # NAME: {{actor: Name, moves: [one, other]}}, or {{chance: {{war: p}}}}

outcomes:                             # NAME: {{when: stage is move, means: ...}}; the last may be `otherwise`

payoffs:                              # Name: {{term: -cost * (outcome is war)}}

claims:                               # NAME: {{says: ..., source: article 1, holds: P(stage is move) < 0.5}}
"""


def titled(found: tuple[str, ...]) -> str:
    """The title of a text: its first sentence where that is one line of a heading, else what is to be filled in."""
    return found[0].rstrip(".") if len(found[0]) <= 100 else TO_FILL_IN


def _shown(sentence: str) -> str:
    return sentence if len(sentence) <= SHOWN else f"{sentence[: SHOWN - 1].rsplit(' ', 1)[0]}…"
