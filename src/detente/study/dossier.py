"""Everything that can be asked of a solved crisis, one question after another: what the whole report is made from.

`dossier` calls the questions with the settings of their commands, so that each number can be had again by itself. It
chooses what to ask by what was found before: the conclusion is the first claim, and what turns it first is looked at
along tipping points, on a map, and as changes made one after another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from detente.analyse.counterfactual.knockout import Ablations
from detente.analyse.counterfactual.statics import StaticResult
from detente.analyse.counterfactual.whatif import WhatIf
from detente.analyse.information.evppi import Worths
from detente.analyse.information.forecast_value import Learning
from detente.analyse.sensitivity.discovery import Discovery
from detente.analyse.sensitivity.local import Local
from detente.analyse.sensitivity.variance import Sensitivity
from detente.analyse.thresholds.breaking import Breaking
from detente.analyse.thresholds.regimes import Regimes
from detente.analyse.thresholds.tipping import Tipping
from detente.draws.variants import Change
from detente.errors import DetenteError, QuestionError, nearest
from detente.model.load import load
from detente.model.schema import Model
from detente.study.questions.ablate import ablate
from detente.study.questions.breaking import breaking
from detente.study.questions.compare import compare
from detente.study.questions.discover import discover
from detente.study.questions.gradients import local
from detente.study.questions.learn import learn
from detente.study.questions.perceptions import Perceptions, perceptions
from detente.study.questions.sense import sense
from detente.study.questions.statics import statics
from detente.study.questions.tip import tip
from detente.study.questions.tip_map import tip_map
from detente.study.questions.what_if import what_if
from detente.study.questions.worth import worth
from detente.study.study import Study

PARTS = (
    "breaking", "tip", "map", "what-if", "statics", "sense", "local", "discover", "learn", "worth", "perceptions",
    "ablate", "compare", "claims",
)  # fmt: skip
"""In the order in which they are asked: what carries the conclusion first, then by what they cost."""
TIPS, STEPS = 2, 4
Progress = Callable[[str, int, int], None]
"""Told the part that is asked, and how many hundredths of how many are done."""
Inner = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Dossier:
    """The answers found so far. `left_out` says of each part that is missing why it is."""

    study: Study
    breaking: tuple[Breaking, ...] = ()  # of the first claim; of all where they were asked for
    tips: tuple[Tipping, ...] = ()
    map: Regimes | None = None
    what_if: WhatIf | None = None
    statics: tuple[StaticResult, ...] = ()
    senses: tuple[Sensitivity, ...] = ()
    local: Local | None = None
    discovery: Discovery | None = None
    learning: Learning | None = None
    worths: tuple[Worths, ...] = ()
    perceptions: Perceptions | None = None
    ablations: Ablations | None = None
    comparison: WhatIf | None = None
    against: str = ""
    all_claims: tuple[Breaking, ...] = ()
    asked: Mapping[str, str] = field(default_factory=dict)  # part -> the arguments of the command that asks it alone
    left_out: Mapping[str, str] = field(default_factory=dict)
    interrupted: bool = False


def dossier(
    study: Study,
    parts: Sequence[str] = (),
    *,
    against: str | Path | Model | None = None,
    progress: Progress | None = None,
    keep: Callable[[Dossier], None] | None = None,
) -> Dossier:
    """Ask a solved crisis everything, or some `parts` of it (default: all but the turning points of every claim).

    `against`: another case or model to compare with. `keep` is called with what is found after each part. Interrupted
    (Ctrl-C), it returns what is done. A part that cannot be asked of this model is left out, with the reason. Raises
    QuestionError for an unknown part.
    """
    for name in parts:
        if name not in PARTS:
            raise QuestionError(f"there is no part {name!r}; {nearest(name, PARTS)}")
    wanted = [name for name in PARTS if (name in parts if parts else name not in ("claims", "compare"))]
    if against is not None and "compare" not in wanted:
        wanted.append("compare")
    found = Dossier(study)
    for k, part in enumerate(wanted):

        def inner(done: int, total: int, part: str = part, k: int = k) -> None:
            if progress:
                progress(part, 100 * k + 100 * done // max(total, 1), 100 * len(wanted))

        inner(0, 1)
        try:
            for step in _ASK[part](found, against, inner) if part == "compare" else _ASK[part](found, inner):
                found = replace(found, **step)
        except DetenteError as error:
            found = replace(found, left_out={**found.left_out, part: str(error)})
        except KeyboardInterrupt:
            missing = dict.fromkeys(wanted[k:], "not asked: interrupted")
            found = replace(found, interrupted=True, left_out={**found.left_out, **missing})
        if keep:
            keep(found)
        if found.interrupted:
            break
    return found


# ---------------------------------------------------------------------- what is asked, and about what


def conclusion(study: Study) -> str:
    """The first claim, if there is any."""
    return next(iter(study.model.claims), "")


def carrying(found: Dossier, count: int) -> list[str]:
    """The assumptions to look along: those moved most at the breaking point of the conclusion, then its drivers, then
    those of the likeliest ending."""
    study = found.study
    names = [change.name.partition("#")[0] for b in found.breaking for change in b.changes]
    best = max(study.outcomes, key=lambda name: study.outcomes[name].value)
    for of in filter(None, [conclusion(study), best]):
        names += [driver.quantity for driver in study.drivers(of)]
    return list(dict.fromkeys(names))[:count]


def _how(study: Study) -> dict[str, Any]:
    engine = study.engine
    return {
        "seed": study.draws.seed, "perception": engine.perception, "method": engine.method, "workers": engine.workers,
        "store": engine.store,
    }  # fmt: skip


def _told(found: Dossier, part: str, arguments: str) -> dict[str, Any]:
    return {"asked": {**found.asked, part: arguments}}


def _breaking(found: Dossier, progress: Inner) -> Iterator[dict[str, Any]]:
    first = conclusion(found.study)
    turned = breaking(found.study, [first] if first else [], progress)
    yield {"breaking": tuple(turned), **_told(found, "breaking", f"claims {first} --breaking")}


def _claims(found: Dossier, progress: Inner) -> Iterator[dict[str, Any]]:
    turned = breaking(found.study, (), progress)
    yield {"all_claims": tuple(turned), **_told(found, "claims", "claims --breaking")}


def _tips(found: Dossier, progress: Inner) -> Iterator[dict[str, Any]]:
    names, made = carrying(found, TIPS), list(found.tips)
    if not names:
        raise QuestionError("no assumption of this model moves the answer")
    for k, name in enumerate(names):
        along = lambda done, total, k=k: progress(k * total + done, len(names) * total)  # noqa: E731
        made.append(tip(found.study.model, name, progress=along, **_how(found.study)))
        yield {"tips": tuple(made), **_told(found, "tip", f"tip '{names[0]}'")}


def _map(found: Dossier, progress: Inner) -> Iterator[dict[str, Any]]:
    names, how = carrying(found, 2), _how(found.study)
    if len(names) < 2:
        raise QuestionError("a map needs two assumptions that move the answer")
    del how["seed"]
    regimes = tip_map(found.study.model, (names[0], names[1]), progress=progress, **how)
    yield {"map": regimes, **_told(found, "map", f"tip '{names[0]}' '{names[1]}'")}


def _what_if(found: Dossier, progress: Inner) -> Iterator[dict[str, Any]]:
    """The breaking point of the conclusion, assumption after assumption, each moved in every draw by as much."""
    moved = [c for b in found.breaking for c in b.changes if c.value != c.median][:STEPS]
    if not moved:
        raise QuestionError("no change of assumptions turns the conclusion, so that there is none to make step by step")
    changes = [Change("shift", c.name.partition("#")[0], f"{c.value - c.median:+.3g}") for c in moved]
    done = what_if(found.study.model, changes, progress=progress, **_how(found.study))
    options = " ".join(f"--shift '{c.what}={c.value}'" for c in changes)
    yield {"what_if": done, **_told(found, "what-if", f"what-if {options}")}


def _statics(found: Dossier, progress: Inner) -> Iterator[dict[str, Any]]:
    study = found.study
    if not study.model.statics:
        raise QuestionError("this model carries no comparative statics")
    tried = statics(study.model, progress=progress, **_how(study))
    yield {"statics": tuple(tried), **_told(found, "statics", "statics")}


def _senses(found: Dossier, progress: Inner) -> Iterator[dict[str, Any]]:
    made: list[Sensitivity] = []
    asked = ["outcome", *filter(None, [conclusion(found.study)])]
    for k, of in enumerate(asked):
        try:
            made.append(sense(found.study, of))
        except QuestionError:
            if k == 0:
                raise
        progress(k + 1, len(asked))
        yield {"senses": tuple(made), **_told(found, "sense", "sense")}


def _local(found: Dossier, progress: Inner) -> Iterator[dict[str, Any]]:
    yield {"local": local(found.study, progress=progress), **_told(found, "local", "sense --local")}


def _discover(found: Dossier, progress: Inner) -> Iterator[dict[str, Any]]:
    first = conclusion(found.study)
    if not first:
        raise QuestionError("this model makes no claims, so that there is no conclusion to see fail")
    event = f"not {first}" if found.study.claims[first].holds else first
    box = discover(found.study, event, progress=progress)
    yield {"discovery": box, **_told(found, "discover", f"sense --discover '{event}'")}


def _learn(found: Dossier, progress: Inner) -> Iterator[dict[str, Any]]:
    yield {"learning": learn(found.study), **_told(found, "learn", "learn")}
    progress(1, 1)


def _worth(found: Dossier, progress: Inner) -> Iterator[dict[str, Any]]:
    made: list[Worths] = []
    deciding = [a for a in found.study.model.actors if any(s.actor == a for s in found.study.model.stages.values())]
    for k, actor in enumerate(deciding):
        try:
            made.append(worth(found.study, actor))
        except QuestionError:
            if len(deciding) == 1:
                raise
        progress(k + 1, len(deciding))
        yield {"worths": tuple(made), **_told(found, "worth", f"learn --actor {actor}")}


def _perceptions(found: Dossier, progress: Inner) -> Iterator[dict[str, Any]]:
    study, how = found.study, _how(found.study)
    seed = how.pop("seed")
    look = perceptions(study.model, None, study.n, seed, progress=progress, **how)
    if look.study.interrupted:
        raise KeyboardInterrupt
    yield {"perceptions": look, **_told(found, "perceptions", "perceptions")}


def _ablate(found: Dossier, progress: Inner) -> Iterator[dict[str, Any]]:
    done = ablate(found.study.model, progress=progress, **_how(found.study))
    yield {"ablations": done, **_told(found, "ablate", "ablate")}


def _compare(found: Dossier, against: str | Path | Model | None, progress: Inner) -> Iterator[dict[str, Any]]:
    if against is None:
        raise QuestionError("name a case to compare with")
    model = against if isinstance(against, Model) else load(against)
    done = compare(found.study.model, model, progress=progress, **_how(found.study))
    name = model.name or "the other"
    yield {"comparison": done, "against": name, **_told(found, "compare", f"compare {name}")}


_ASK: Mapping[str, Callable[..., Iterator[dict[str, Any]]]] = {
    "breaking": _breaking, "tip": _tips, "map": _map, "what-if": _what_if, "statics": _statics, "sense": _senses,
    "local": _local, "discover": _discover, "learn": _learn, "worth": _worth, "perceptions": _perceptions,
    "ablate": _ablate, "compare": _compare, "claims": _claims,
}  # fmt: skip
