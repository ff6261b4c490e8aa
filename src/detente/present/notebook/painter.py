"""What a result looks like in a notebook, and the pictures it has: `detente.display` asks here.

The answer to a question is the part of the report that its view makes; a Study is its answer, outcomes and claims, with
more of the report folded under it; what has no view of its own is shown by its fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, get_args

from detente.display import Displayed
from detente.errors import QuestionError, nearest
from detente.present.figures.api import DRAWN, named
from detente.present.figures.drawing.svg import Picture
from detente.present.html.markup import Content, Html, join, tag
from detente.present.notebook.embedding import embedded
from detente.present.notebook.fields import by_fields
from detente.present.notebook.parts import part_of
from detente.present.notebook.plot import Plot
from detente.present.report.whole import answers
from detente.present.view import Answer, Shown, view_of
from detente.present.wording.numbers import counted
from detente.study.dossier import Dossier
from detente.study.registry import find
from detente.study.study import Study

if TYPE_CHECKING:
    from detente.present.notebook.widget import Explorer

GET = "pip install 'detente[notebook]'"


def html(result: Displayed) -> str:
    """A result as a part of a page, with its style. Equal results give equal text."""
    if isinstance(result, Study):
        return embedded(_study(result))
    if (found := answer_of(result)) is not None:
        return embedded(_named(_of(result), found.title, found.content))
    made = part_of(result) or _listed(result) or by_fields(result)
    return embedded(_named(_of(result), made.title, made.content))


def plots(result: Displayed) -> list[str]:
    """The names of its pictures."""
    return named(result) if isinstance(result, Study) else list(_pictures(result))


def plot(result: Displayed, name: str = "", **options: Any) -> Plot:
    """One of its pictures, the first where none is named. Raises QuestionError."""
    if isinstance(result, Study):
        names = named(result) if not name or name not in DRAWN else list(DRAWN)
        found = name or names[0]
        if found not in names:
            raise QuestionError(f"there is no picture {name!r}; {nearest(name, names)}")
        return Plot(found, _drawn(result, found, options))
    made = _pictures(result)
    if not made:
        raise QuestionError(f"a {type(result).__name__} has no picture; a Study has, and most answers to questions")
    if options:
        raise QuestionError(f"the pictures of a {type(result).__name__} take no {' and no '.join(options)}")
    if name and name not in made:
        raise QuestionError(f"there is no picture {name!r}; {nearest(name, list(made))}")
    return Plot(name or next(iter(made)), made[name or next(iter(made))])


def explore(study: Study) -> Explorer:
    """A Study that can be moved. Raises QuestionError where anywidget is missing, or the Study cannot be explored."""
    try:
        from detente.present.notebook.widget import Explorer
    except ModuleNotFoundError as error:
        if error.name not in ("anywidget", "ipywidgets", "traitlets"):
            raise
        raise QuestionError(f"this needs {error.name}, which is not installed: {GET}") from error
    return Explorer(study)


OPTIONS = {"drivers": "of", "why": "who"}
"""What the pictures of a Study can be told."""


def _drawn(study: Study, name: str, options: Mapping[str, Any]) -> Picture:
    if extra := sorted(options.keys() - {OPTIONS.get(name)}):
        takes = f"it takes `{OPTIONS[name]}`" if name in OPTIONS else "it takes nothing"
        raise QuestionError(f"the picture {name!r} takes no {' and no '.join(extra)}; {takes}")
    draw, has = DRAWN[name]
    if not options and not has(study):
        raise QuestionError(f"there is no picture {name!r} of this case; {nearest(name, named(study))}")
    return draw(study, **options)


def _pictures(result: Displayed) -> dict[str, Picture]:
    if isinstance(result, Dossier):
        return {picture.key: picture for _, a in answers(result, {}) for picture in a.pictures}
    found = answer_of(result) or part_of(result)
    return {picture.key: picture for picture in found.pictures} if found else {}


def answer_of(result: Displayed) -> Answer | None:
    """The part of a report that shows a result; None where it is not the answer to a question, or one item of it."""
    context = result.context
    if context is None or context.model is None:
        return None
    question, kind = find(context.question), type(result)
    if isinstance(result, list) or question.answer is kind:
        whole: object = result
    elif get_args(question.answer) == (kind,):
        whole = [result]
    else:
        return None
    shown = Shown(question, context.model, context.study, context.arguments)
    return view_of(question).page(whole, shown)


def _listed(result: Displayed) -> Answer | None:
    """Several results of a kind that has a part of its own, one after another."""
    parts = [part_of(one) for one in result] if isinstance(result, list) else []
    if not parts or None in parts:
        return None
    shown = [[tag("h3", part.title), part.content] for part in parts if part]
    return Answer("several", counted(len(shown), "result"), (), (), after=join(shown))


def _study(study: Study) -> Html:
    """The answer, and folded under it the course of events, what it depends on, and why actors do what they do."""
    question = find("run")
    shown = view_of(question).page(study, Shown(question, study.model, study))
    more = [_folded(DRAWN[name][0](study)) for name in named(study) if name not in ("outcomes", "claims")]
    good = int(study.converged.sum())
    says = f"{counted(study.n, 'draw')}, seed {study.draws.seed}; {_share(good, study.n)} converged; {study.method}."
    if study.interrupted:
        says = f"Interrupted: {study.n:,} of {study.asked:,} draws are done. {says}"
    asked = tag("p", study.model.question, class_="question") if study.model.question else ""
    return _named("Study", study.model.title, [asked, shown.content, *more, tag("p", says, class_="small")])


def _share(good: int, n: int) -> str:
    return "all" if good == n else f"{good:,} of {n:,}"


def _folded(picture: Picture) -> Html:
    return tag("details", tag("summary", picture.title), picture.figure(picture.title))


def _of(result: Displayed) -> str:
    """What stands above the title: what it is, and of which case."""
    context = result.context
    if context is None or context.model is None:
        return ""
    return " · ".join(filter(None, [context.question, context.model.title.replace(" - ", " – ")]))


def _named(above: str, title: str, content: Content) -> Html:
    head = tag("p", above, class_="eyebrow") if above and above != title else ""
    return join([head, tag("p", title[:1].upper() + title[1:].replace(" - ", " – "), class_="title"), content])
