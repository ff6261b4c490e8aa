"""The argument: the paragraphs of its sources beside the mechanisms and claims that take them up, each to be switched
off or looked into."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from detente.analyse.forecast.claims import verdict
from detente.draws.variants import Variant
from detente.engine.store.compiled import blueprint_of
from detente.errors import ModelError, QuestionError, nearest
from detente.model.blocks import each, names_of
from detente.model.coverage import coverage
from detente.model.schema import Model
from detente.present.figures.counterfactual.shifts import moved
from detente.present.html.palette import VERDICTS
from detente.present.web.citing import Cite, address, cites
from detente.present.web.live import Step, steps
from detente.present.web.screens.answer import unjudged
from detente.present.web.screens.registry import screen
from detente.present.web.state import Reply, State
from detente.present.web.workspace import Work
from detente.present.wording.numbers import day, percent, points, readable, sentence, words
from detente.study.evaluate.variant import without


@dataclass(frozen=True)
class Thread:
    """A mechanism. `stuck`: why it cannot be switched off, `kept`:
    what of it stays where it is switched off; null until that is known."""

    name: str
    label: str
    says: str
    cites: tuple[Cite, ...]
    stuck: str | None = None
    kept: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Assertion:
    """A claim as it is written."""

    name: str
    label: str
    says: str
    holds: str
    mechanism: str
    cites: tuple[Cite, ...]


@dataclass(frozen=True)
class Passage:
    """A paragraph of a source, by its number: the mechanisms and claims that take it up, and how many other parts of
    the case cite it."""

    number: int
    mechanisms: tuple[str, ...]
    claims: tuple[str, ...]
    others: int


@dataclass(frozen=True)
class Text:
    """A source that is cited by paragraph. `complete`: the case says how many paragraphs it has."""

    source: str
    title: str
    about: str
    url: str
    note: str
    complete: bool
    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class Structure:
    """A rival structure. Its slider, with how likely it is, is among the `controls`."""

    name: str
    label: str
    means: str
    because: str
    cites: tuple[Cite, ...]


@dataclass(frozen=True)
class Argument:
    """What the case argues. `apart`: the mechanisms and claims that cite no paragraph of a text."""

    texts: tuple[Text, ...]
    mechanisms: tuple[Thread, ...]
    claims: tuple[Assertion, ...]
    structures: tuple[Structure, ...]
    apart: Passage


@dataclass(frozen=True)
class Judgement:
    """A verdict as the page has changed the case; `was`: as it is written, `by`: the difference with its 95% interval
    (empty where nothing is changed). `chip` is the class of its badge."""

    name: str
    verdict: str
    chip: str
    share: str
    value: float | None
    was: str
    by: str


@screen("argument", data=Argument)
def argument(work: Work, state: State, _: Mapping[str, Any]) -> Iterator[Reply]:
    """What is argued, and where; then which mechanisms can be switched off."""
    model = work.space.model(state.case)
    found = read(model)
    yield Reply(data=found, final=not model.mechanisms)
    if model.mechanisms:
        key = ("switches", work.space.mark(state.case))
        threads = work.space.once(key, lambda: tuple(_switches(work, model, found.mechanisms)))
        yield Reply(data=replace(found, mechanisms=threads))


@screen("verdicts", data=list[Judgement])
def verdicts(work: Work, state: State, _: Mapping[str, Any]) -> Iterator[Reply]:
    """The verdict on each claim, as the page has changed the case, beside what it is as written."""
    changed = bool(state.changes or state.suppose or (state.set and state.as_of is None))
    for step in steps(work, state):
        yield Reply(data=list(_judged(step, changed)), about=step.about, stale=step.stale, final=step.final)


def read(model: Model) -> Argument:
    """What a case argues, as it is written."""
    texts, placed = [], set[str]()
    for one in coverage(model):
        passages = tuple(Passage(p.number, p.mechanisms, p.claims, p.others) for p in one.paragraphs)
        placed |= {name for p in passages for name in (*p.mechanisms, *p.claims)}
        source = model.sources.get(one.source)
        about = ", ".join(part for part in (source.author, day(source.published)) if part) if source else ""
        texts.append(Text(
            one.source, (source.title if source else "") or words(one.source), about,
            address(source.url) if source else "", readable(source.note) if source else "", one.complete, passages,
        ))  # fmt: skip
    threads = tuple(
        Thread(name, words(name), sentence(readable(m.says)) if m.says else "", cites(model, m.source))
        for name, m in model.mechanisms.items()
    )
    claims = tuple(
        Assertion(name, words(name), c.says or c.holds.text, c.holds.text, c.mechanism, cites(model, c.source))
        for name, c in model.claims.items()
    )
    rivals = tuple(
        Structure(name, words(name), s.means, s.because, cites(model, s.source))
        for name, s, _ in each(model.structures) if name in names_of(model)
    )  # fmt: skip
    apart = Passage(
        0, tuple(n for n in model.mechanisms if n not in placed), tuple(n for n in model.claims if n not in placed), 0
    )
    return Argument(tuple(texts), threads, claims, rivals, apart)


def _switches(work: Work, model: Model, threads: Iterable[Thread]) -> Iterator[Thread]:
    """Each mechanism with what would be left of it, or why it cannot be switched off."""
    store = work.space.store
    blueprint, plain = blueprint_of(model, store), Variant.of(model)
    told = work.progress("mechanisms")
    for k, thread in enumerate(threads, 1):
        try:
            knocked, _, _ = without(blueprint, plain, thread.name)
            stuck = "" if knocked.off else "; ".join(knocked.kept) or "nothing that counts is tagged with it"
            kept = knocked.kept
        except ModelError as error:
            stuck, kept = f"the model has no meaning without it: {error.problems[0].message}", ()
        yield replace(thread, stuck=readable(words(stuck)), kept=tuple(readable(words(part)) for part in kept))
        told(k, len(model.mechanisms))


def _judged(step: Step, changed: bool) -> Iterator[Judgement]:
    for name, v in step.found.verdicts.items():
        d = step.found.whole.claims[name]
        if not v.share.draws:
            verdict_, why = unjudged(step.final)
            yield Judgement(name, verdict_, "k3", why, None, "", "")
            continue
        was = verdict(d.before.value) if changed and d.before.draws else ""
        by = ""
        if was and d.effect.draws and abs(d.effect.value) > 1e-9:
            fine = d.effect.error / 4
            by = f"{moved(d)} (95%: {points(d.effect.low, fine)} to {points(d.effect.high, fine)})"
        share = f"{percent(v.share.value, v.share.error)} of draws"
        yield Judgement(name, v.words, VERDICTS.get(v.words, "k3"), share, v.share.value, was, by)


def claim_of(model: Model, options: Mapping[str, Any]) -> str:
    """The claim that a page asks about. Raises QuestionError."""
    name = str(options.get("claim", ""))
    if name not in model.claims:
        raise QuestionError(f"there is no claim {name!r}; {nearest(name, model.claims)}")
    return name
