"""A claim looked into: which assumptions it depends on, with their sources, and what turns it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from detente.analyse.sensitivity.main_effects import Driver
from detente.draws.sources import SEEN_BY
from detente.errors import QuestionError
from detente.model.blocks import weight_of
from detente.model.fields import Citation
from detente.model.schema import Model
from detente.present.html.markup import Content, Html, join, link, say, tag
from detente.present.html.numbers import chance
from detente.present.view import Shown, view_of
from detente.present.web.screens.argument import claim_of
from detente.present.web.screens.registry import screen
from detente.present.web.state import About, Reply, State
from detente.present.web.workspace import Work
from detente.present.wording.claims import means
from detente.present.wording.names import amount, assumed
from detente.present.wording.numbers import percent, sentence, span, words
from detente.study.questions.breaking import breaking
from detente.study.registry import find
from detente.study.study import Study

MOST = 5  # assumptions that are told


@screen("claim")
def claim(work: Work, state: State, options: Mapping[str, Any]) -> Iterator[Reply]:
    """What a claim depends on; then the smallest change of assumptions that turns it. `claim`: its name.

    Of the case with what is held to be known: best guesses that were moved and mechanisms that are off are not in it.
    """
    name = claim_of(work.space.model(state.case), options)
    plain = state.model_copy(update={"suppose": {}, "changes": ()})
    study = work.study(plain)
    work.alive()
    converged = float(study.converged.mean())
    about = About(draws=study.n, asked=state.draws, how="read", converged=converged, seed=state.seed)
    html: dict[str, str] = {"judged": _judged(study, name)}
    html["drivers"] = _drivers(study.model, study.drivers(name)[:MOST])
    yield Reply(html={**html, "breaking": ""}, about=about, final=False)
    try:
        found = breaking(study, [name], progress=work.progress("points of the search"))
        asked = find("breaking")
        shown = Shown(asked, study.model, study, {"names": [name]})
        html["breaking"] = view_of(asked).page(found, shown).content
    except QuestionError as error:
        html["breaking"] = tag("p", sentence(str(error)), class_="small")
    yield Reply(html=html, about=about)


def _judged(study: Study, name: str) -> Html:
    """In what share of draws it holds, and what the means of its sides say."""
    v = study.claims[name]
    if not v.share.draws:
        return tag("p", "It cannot be judged in any draw.")
    told = say(
        "It {verdict}: true in {share} of draws (95% interval of that share: {interval}).",
        verdict=tag("b", v.words if v.words != "contested" else "is contested"), share=chance(v.share),
        interval=span(v.share),
    )  # fmt: skip
    lines: list[Content] = [tag("li", sentence(said)) for said, _ in means(v)]
    return join([tag("p", told), tag("ul", lines, class_="small") if lines else ""])


def _drivers(model: Model, drivers: list[Driver]) -> Html:
    """The assumptions that move it most, each with where it comes from."""
    if not drivers:
        return tag("p", "None of the assumptions moves it by more than noise would.", class_="small")
    return tag("ul", [_driver(model, d) for d in drivers], class_="cards assumptions")


def _driver(model: Model, d: Driver) -> Html:
    quantity, _, actor = d.quantity.partition(SEEN_BY)
    whole = model.quantities[quantity]
    about = whole.seen_by[actor] if actor else whole
    structure = weight_of(quantity) in model.quantities
    written = model.quantities[weight_of(quantity)].value if structure else about.value
    low, high = (amount(model, d.quantity, x) for x in d.bounds)
    if d.ends[0] or d.ends[1] or structure:
        low, high = (", ".join(amount(model, d.quantity, x) for x in side) for side in d.ends)
        where = (
            ("where it is absent", "where it is present")
            if structure
            else (f"where it is {low}", f"where it is {high}")
        )
    else:
        where = (f"below {low}", f"above {high}")
    told = say(
        "The claim is true in {a} of draws {below}, in {b} {above}; by itself it explains {index} of the uncertainty "
        "about the claim.",
        a=chance(d.low), b=chance(d.high), below=where[0], above=where[1], index=percent(d.index.value, d.index.error),
    )  # fmt: skip
    said = about.means or whole.means
    cited: list[Content] = [_source(model, citation) for citation in about.source]
    return tag(
        "li", tag("h3", assumed(d.quantity)), tag("p", sentence(said)) if said else "", tag("p", told),
        tag("p", "As written: ", tag("code", str(written)), class_="small"),
        tag("p", sentence(about.because), class_="small") if about.because else "",
        tag("p", "Source: ", join(cited, "; "), class_="small") if cited else "",
        class_="tile",
    )  # fmt: skip


def _source(model: Model, citation: Citation) -> Html:
    """A source by its title, with its address."""
    source = model.sources.get(citation.source)
    place = f", {'paragraph ' if citation.numbers else ''}{citation.paragraph}" if citation.paragraph else ""
    title = f"{(source.title if source else '') or words(citation.source)}{place}"
    return link(source.url, title) if source and source.url else join([title])
