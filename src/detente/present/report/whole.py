"""The sections that the whole report has beside those of a plain one: everything that was asked of the study."""

from __future__ import annotations

from collections.abc import Sequence

from detente.present import answers
from detente.present.answers import Answer
from detente.present.figures.counterfactual.statics import statics_picture
from detente.present.html.markup import Content, Html, join, tag, verbatim
from detente.present.report.frame import Section
from detente.study.dossier import Dossier
from detente.study.run import DRAWS

KNOWS = {
    "breaking": "What would turn the conclusion", "claims": "How near each claim is to turning",
    "tip": "Tipping points", "map": "The map of regimes", "what-if": "What if", "statics": "Comparative statics",
    "sense": "Sensitivity", "local": "Local sensitivity", "discover": "Scenario discovery", "learn": "What to find out",
    "worth": "What knowledge is worth", "perceptions": "Perceptions", "ablate": "Mechanism knock-out",
    "compare": "Comparison",
}  # fmt: skip
OF_THE_DRAWS = ("claims", "breaking", "sense", "local", "discover", "learn", "worth", "perceptions")


def flips(found: Dossier, options: str) -> list[Section]:
    """What would flip the answer: tipping points, the map, changes one after another, and every claim."""
    model = found.study.model
    parts = [(a, "tip") for a in (answers.tipping(model, t) for t in found.tips)]
    if found.map is not None:
        parts.append((answers.regimes(model, found.map), "map"))
    sections = [_several("flips", "Where the answer turns", parts, found, options)] if parts else []
    if found.what_if is not None:
        title = "The way to the turn, step by step"
        sections.append(_one("what-if", title, answers.what_if(model, found.what_if), "what-if", found, options))
    if found.all_claims:
        a = answers.breaking(model, found.all_claims)
        near = Answer(a.key, a.title, a.said[:1], a.pictures[:1], (), a.references)
        sections.append(_one("distances", "How near each claim is to turning", near, "claims", found, options))
    return sections


def unknowns(found: Dossier, options: str) -> list[Section]:
    """What is not known: what moves the answer, where the conclusion fails, and what to find out."""
    study = found.study
    parts: list[tuple[Answer, str]] = [(answers.sense(study.model, s), "sense") for s in found.senses]
    if found.local is not None:
        parts.append((answers.local(study.model, found.local), "local"))
    if found.discovery is not None:
        parts.append((answers.discovery(study, found.discovery), "discover"))
    sections = [_several("unknown", "What is not known, and what it moves", parts, found, options)] if parts else []
    learned: list[tuple[Answer, str]] = []
    if found.learning is not None:
        learned.append((answers.learning(study, found.learning), "learn"))
    learned += [(answers.worths(study, w), "worth") for w in found.worths]
    if learned:
        sections.append(_several("learn", "What to find out", learned, found, options))
    return sections


def threads(found: Dossier, options: str) -> list[Section]:
    """Which mechanism does the work."""
    if found.ablations is None:
        return []
    a = answers.ablations(found.study.model, found.ablations)
    return [_one("ablate", a.title, a, "ablate", found, options)]


def views(found: Dossier, options: str) -> list[Section]:
    """What actors believe; and another model beside this one."""
    sections = []
    if found.perceptions is not None:
        a = answers.seen(found.perceptions)
        sections.append(_one("perceptions", a.title, a, "perceptions", found, options))
    if found.comparison is not None:
        sides = (found.study.model.name or "this model", found.against)
        b = answers.what_if(found.study.model, found.comparison, sides)
        sections.append(_one("compare", f"Beside {found.against}", b, "compare", found, options))
    return sections


def tried(found: Dossier, options: str) -> Html:
    """The picture of the comparative statics, which are told mechanism by mechanism below it."""
    if not found.statics:
        return Html("")
    return join([statics_picture(found.study.model, found.statics).figure(), _alone(found, "statics", options)])


def references(found: Dossier) -> list[str]:
    """The methods behind what was asked."""
    study, model = found.study, found.study.model
    made: list[Answer] = [answers.tipping(model, t) for t in found.tips[:1]]
    made += [answers.regimes(model, found.map)] if found.map else []
    made += [answers.what_if(model, found.what_if)] if found.what_if else []
    made += [answers.breaking(model, found.breaking)] if found.breaking else []
    made += [answers.sense(model, s) for s in found.senses]
    made += [answers.local(model, found.local)] if found.local else []
    made += [answers.discovery(study, found.discovery)] if found.discovery else []
    made += [answers.learning(study, found.learning)] if found.learning else []
    made += [answers.worths(study, w) for w in found.worths[:1]]
    made += [answers.seen(found.perceptions)] if found.perceptions else []
    made += [answers.ablations(model, found.ablations)] if found.ablations else []
    return list(dict.fromkeys(r for a in made for r in a.references))


def missing(found: Dossier) -> Html:
    """What was not asked, or could not be, and why."""
    if not found.left_out:
        return Html("")
    told = [tag("li", tag("b", KNOWS.get(part, part)), f": {why}") for part, why in found.left_out.items()]
    return join([tag("h3", "What this page does not answer"), tag("ul", told, class_="small")])


def command(found: Dossier, part: str, options: str = "") -> str:
    """The command that asks a part alone; empty where there is none that gives the same numbers."""
    asked, name = found.asked.get(part, ""), found.study.model.name
    if not asked or not name or (part == "what-if" and "--set" in options):
        return ""
    verb, _, rest = asked.partition(" ")
    draws = f"--draws {found.study.n}" if part in OF_THE_DRAWS and found.study.n != DRAWS else ""
    seed = f"--seed {found.study.draws.seed}" if found.study.draws.seed != 1 and part != "map" else ""
    return " ".join(filter(None, ["detente", verb, name, rest, draws, seed, options]))


def _alone(found: Dossier, part: str, options: str) -> Content:
    asked = command(found, part, options)
    return tag("p", "This alone: ", tag("code", verbatim(asked)), class_="small") if asked else ""


def _one(key: str, title: str, a: Answer, part: str, found: Dossier, options: str) -> Section:
    return Section(key, title, [a.content, _alone(found, part, options)])


def _several(key: str, title: str, parts: Sequence[tuple[Answer, str]], found: Dossier, options: str) -> Section:
    made: list[Content] = []
    for k, (a, part) in enumerate(parts):
        last = k + 1 == len(parts) or parts[k + 1][1] != part
        made += [tag("h3", a.title, id=f"answer-{a.key}"), a.content, _alone(found, part, options) if last else ""]
    return Section(key, title, made)
