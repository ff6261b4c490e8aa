"""A case from a form: who decides, what happens in order, how it may end, and what that is worth to each, as a file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from detente.language.characters import steering
from detente.model.check.grammar import ASKED, RESERVED
from detente.model.periods import days
from detente.present.web.editing.writing import key, quoted

Line = Annotated[str, Field(max_length=300)]
Finite = Annotated[float | None, Field(allow_inf_nan=False)]


class Range(BaseModel):
    """What a number is believed to be: its 5th and 95th percentiles, alike where it is known."""

    model_config = ConfigDict(extra="forbid")

    low: Finite = None
    high: Finite = None


class FormActor(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Line = ""
    means: Line = ""


class FormMove(BaseModel):
    """What can be done, or happen, at a step. `ends`: the number of the outcome it leads to, -1 if it goes on; `p`:
    of a result of chance, how likely it is."""

    model_config = ConfigDict(extra="forbid")

    name: Line = ""
    means: Line = ""
    ends: int = -1
    p: Range = Range()


class FormStep(BaseModel):
    """Who decides (the number of an actor, -1 for chance), from what; `after`: the number of the step and of the move
    without which it does not come to this."""

    model_config = ConfigDict(extra="forbid")

    name: Line = ""
    actor: int = -1
    moves: Annotated[list[FormMove], Field(max_length=12)] = []
    after: tuple[int, int] | None = None


class FormEnding(BaseModel):
    """How it may end, and what that is worth to each actor, by their number."""

    model_config = ConfigDict(extra="forbid")

    name: Line = ""
    means: Line = ""
    worth: Annotated[list[Range], Field(max_length=8)] = []


class Form(BaseModel):
    """What is filled in. `rest`: the number of the outcome that it is when the time is over, -1 for none."""

    model_config = ConfigDict(extra="forbid")

    title: Line = ""
    question: Line = ""
    stake: Line = ""
    actors: Annotated[list[FormActor], Field(max_length=8)] = []
    steps: Annotated[list[FormStep], Field(max_length=12)] = []
    endings: Annotated[list[FormEnding], Field(max_length=16)] = []
    rest: int = -1
    count: int = Field(1, ge=1, le=12)
    unit: Line = "month"


@dataclass(frozen=True)
class Made:
    """The text of a case and what it is called; `wrong`: what is missing, by the field of the form."""

    text: str
    name: str
    wrong: dict[str, str]


def as_text(form: Form) -> Made:
    """The case that a form describes. What is missing is told, and never made up."""
    made = _Case(form)
    text = "" if made.wrong else "\n".join(made.lines()) + "\n"
    return Made(text, made.slug, made.wrong)


@dataclass(eq=False)
class _Case:
    form: Form
    wrong: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        form = self.form
        self.title = self.said("title", form.title, "say in a line what the crisis is")
        self.slug = _slug(form.title).lower().replace("_", "-") or "new-case"
        self.actors = [self.name(f"actors.{k}.name", a.name, "who is this?") for k, a in enumerate(form.actors)]
        self.steps = [self.name(f"steps.{k}.name", s.name, "what is decided here?") for k, s in enumerate(form.steps)]
        self.moves = [
            self.labels(f"steps.{k}.moves", [move.name for move in step.moves]) for k, step in enumerate(form.steps)
        ]
        self.endings = [self.name(f"endings.{k}.name", e.name, "how does it end?") for k, e in enumerate(form.endings)]
        if not form.actors:
            self.wrong["actors"] = "somebody has to decide something: name an actor"
        if not any(step.actor >= 0 for step in form.steps):
            self.wrong["steps"] = "add a step at which an actor chooses"
        if not form.endings:
            self.wrong["endings"] = "say how it may end"
        self.quantities: list[tuple[str, str, str, str]] = []  # name, value, unit, means
        self.chances = [self.chance(k, step) for k, step in enumerate(form.steps)]
        self.conditions = [self.condition(k) for k in range(len(form.endings))]
        self.after = [self.happened(k, step) for k, step in enumerate(form.steps)]
        self.worth = [self.payoffs(k) for k in range(len(form.actors))]

    # ------------------------------------------------------------------ names

    def said(self, at: str, text: str, hint: str) -> str:
        clean = " ".join(text.split())
        if not clean or steering(clean):
            self.wrong[at] = hint if not clean else "this holds a character that cannot be shown"
        return clean

    def name(self, at: str, text: str, hint: str) -> str:
        """A name of the language for what somebody wrote; of two alike the second has a number."""
        self.said(at, text, hint)
        stem = _slug(text) or "it"
        stem = f"{stem}_" if stem in RESERVED or stem in ASKED else stem
        name, k = stem, 2
        while name.casefold() in self.used:
            name, k = f"{stem}_{k}", k + 1
        self.used.add(name.casefold())
        return name

    def labels(self, at: str, texts: list[str]) -> list[str]:
        found: list[str] = []
        for k, text in enumerate(texts):
            self.said(f"{at}.{k}.name", text, "what can be done here?")
            stem = _slug(text) or "it"
            stem = f"{stem}_" if stem in RESERVED or stem in ASKED else stem
            if stem in found:
                self.wrong[f"{at}.{k}.name"] = f"{stem!r} is there already"
            found.append(stem)
        if len(texts) < 2:
            self.wrong[at] = "a step has at least two moves or results"
        return found

    # ------------------------------------------------------------------ numbers

    def number(self, at: str, given: Range, name: str, unit: str, means: str, flat: bool = False) -> str:
        """A number as an expression: itself where it is known exactly, else a quantity made for it."""
        low, high = given.low, given.high
        if low is None or high is None:
            self.wrong[at] = "write two numbers: it lies between them nine times in ten; twice the same if it is known"
            return ""
        if low > high:
            self.wrong[at] = "the smaller number comes first"
        if unit == "probability" and not (low >= 0 and high <= 1):
            self.wrong[at] = "a probability lies between 0 and 1"
        if low == high:
            return f"{low:g}"
        open_ = low > 0 and high < 1 if unit == "probability" else 0 not in (low, high)
        value = f"{low:g} to {high:g}" if open_ and not flat else f"uniform({low:g}, {high:g})"
        name = self.name(at, name, "")
        self.quantities.append((name, value, unit, means))
        return name

    def chance(self, k: int, step: FormStep) -> list[str]:
        """The probabilities of a step of chance; the last result is what the others leave."""
        if step.actor >= 0 or not step.moves:
            return []
        several, found = len(step.moves) > 2, []
        for j, move in enumerate(step.moves[:-1]):
            means = f"how likely it is that {_lower(step.name)}: {_lower(move.name)}"
            name = f"{self.steps[k]}_{self.moves[k][j]}"
            found.append(self.number(f"steps.{k}.moves.{j}.p", move.p, name, "probability", means, several))
        if sum(move.p.high or 0 for move in step.moves[:-1]) > 1:
            self.wrong[f"steps.{k}.moves"] = "together the results can be more likely than certain; lower a probability"
        return [*found, "otherwise"]

    def condition(self, k: int) -> str:
        """What leads to an outcome."""
        found = [
            f"{self.steps[s]} is {self.moves[s][m]}"
            for s, step in enumerate(self.form.steps) for m, move in enumerate(step.moves) if move.ends == k
        ]  # fmt: skip
        if not found and k != self.form.rest:
            self.wrong[f"endings.{k}.name"] = "nothing leads to this: let a move end so, or the time being over"
        return " or ".join(found)

    def happened(self, k: int, step: FormStep) -> str:
        """What has to have happened for a step to be played."""
        if step.after is None:
            return ""
        s, m = step.after
        if not (0 <= s < k and 0 <= m < len(self.moves[s])):
            self.wrong[f"steps.{k}.after"] = "a step comes after an earlier one"
            return ""
        return f"{self.steps[s]} is {self.moves[s][m]}"

    def payoffs(self, actor: int) -> list[tuple[str, str]]:
        """The terms of an actor: what each outcome is worth to it."""
        found: list[tuple[str, str]] = []
        for k, ending in enumerate(self.form.endings):
            at = f"endings.{k}.worth.{actor}"
            given = ending.worth[actor] if actor < len(ending.worth) else Range()
            means = f"what it is worth to {self.actors[actor]} that it ends so: {_lower(ending.means or ending.name)}"
            name = f"{self.actors[actor]}_{self.endings[k]}"
            if worth := self.number(at, given, name, "stake", means):
                found.append((self.endings[k], f"{worth} * (outcome is {self.endings[k]})"))
        return found

    # ------------------------------------------------------------------ the file

    def lines(self) -> Iterator[str]:
        form = self.form
        yield "# A first version, made from a form. The whole language: docs/language.md."
        yield "detente: 1"
        yield f"title: {quoted(self.title)}"
        if form.question.strip():
            yield f"question: {quoted(form.question)}"
        yield f"stake: {quoted(form.stake or 'the worth of the best outcome to whoever gains most by it')}"
        if form.count > 1:
            yield f"periods: {{count: {form.count}, unit: {quoted(form.unit)}}}"
        yield from ("", "actors:")
        for name, told in zip(self.actors, form.actors, strict=True):
            yield f"  {name}: {quoted(told.means or told.name)}"
        yield from ("", "quantities:")
        yield "  # 5th and 95th percentiles of what is believed; say where each comes from: `source:`, `because:`"
        for name, value, unit, means in self.quantities:
            yield from (f"  {name}:", f"    value: {value}", f"    unit: {unit}", f"    means: {quoted(means)}")
        yield "  precision:"
        yield from ("    value: 2 to 12", "    unit: 1/stake", "    role: precision")
        yield "    means: how reliably everybody makes the better choice"
        yield from ("", "stages:  # in order; each is seen by everybody")
        for k, step in enumerate(form.steps):
            yield from self.stage(k, step)
        yield from ("", "outcomes:  # the first whose condition holds ends the game")
        for k, ending in enumerate(form.endings):
            yield f"  {self.endings[k]}:"
            yield f"    when: {self.conditions[k]}" if self.conditions[k] else "    otherwise: true"
            yield f"    means: {quoted(ending.means or ending.name)}"
        yield from self.left()
        yield from ("", "payoffs:")
        for actor, terms in zip(self.actors, self.worth, strict=True):
            yield f"  {actor}:"
            yield from (f"    {name}: {value}" for name, value in terms)

    def left(self) -> Iterator[str]:
        """The rest, where it is an outcome that a move leads to as well: by itself, for it has no other condition."""
        rest = self.form.rest
        if 0 <= rest < len(self.endings) and self.conditions[rest]:
            yield from ("  unresolved:", "    otherwise: true", "    means: nothing of this by the time it is over")

    def stage(self, k: int, step: FormStep) -> Iterator[str]:
        yield f"  {self.steps[k]}:"
        yield f"    means: {quoted(step.name)}"
        if step.actor >= 0:
            yield f"    actor: {self.actors[min(step.actor, len(self.actors) - 1)]}"
            yield "    moves:"
            yield from (
                f"      {key(label)}: {quoted(move.means or move.name)}"
                for label, move in zip(self.moves[k], step.moves, strict=True)
            )
        else:
            yield "    chance:"
            yield from (f"      {key(label)}: {p}" for label, p in zip(self.moves[k], self.chances[k], strict=True))
            if self.form.count > 1 and days(self.form.unit):
                yield f"    per: {quoted(self.form.unit)}"
        if self.after[k]:
            yield f"    when: {self.after[k]}"


def _slug(text: str) -> str:
    """A name of letters, digits and underscores for what somebody wrote."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_").lstrip("0123456789_")[:40].rstrip("_")


def _lower(text: str) -> str:
    clean = " ".join(text.split())
    return clean[:1].lower() + clean[1:] if clean[1:2].islower() else clean
