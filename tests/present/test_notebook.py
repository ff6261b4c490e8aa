"""Results show themselves: each has one line, and a part of a page that reaches nothing around it."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import is_dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args, get_type_hints
from xml.etree import ElementTree

import numpy as np
import pytest

import detente
from detente.display import LONGEST, Displayed, Several
from detente.errors import QuestionError
from detente.model.fields import spelled
from detente.model.load import loads
from detente.model.schema import Model
from detente.present.notebook.embedding import style
from detente.present.report.report import report
from detente.present.wording.numbers import percent
from detente.study.registry import declared, find
from detente.study.study import Study
from tests.docs.test_reference import CASE
from tests.present.shown import Seen, model, other, solved, whole
from tests.study.elicited import answers

ROOMS = ("detente.analyse.", "detente.study.")
INNER = ("Again", "Ready", "Part", "Played", "How")  # what a Study is made of, and no result
WITHOUT = {"seed", "set", "draws"}
ASKED: dict[str, Callable[[Study, Model], Any]] = {
    "run": lambda study, model: study,  # noqa: ARG005
    "claims": lambda study, model: detente.claims(study),  # noqa: ARG005
    "sweep": lambda study, model: detente.sweep(model, draws=40),  # noqa: ARG005
    "tree": lambda study, model: detente.tree(study),  # noqa: ARG005
    "variants": lambda study, model: detente.variants(study, precisions=[2.0]),  # noqa: ARG005
    "why": lambda study, model: detente.why(study),  # noqa: ARG005
    "breaking": lambda study, model: detente.breaking(study),  # noqa: ARG005
    "map": lambda study, model: detente.tip_map(model, "x", "y", points=5),  # noqa: ARG005
    "tip": lambda study, model: detente.tip(model, "x", draws=20, points=5),  # noqa: ARG005
    "ablate": lambda study, model: detente.ablate(model, draws=20),  # noqa: ARG005
    "compare": lambda study, model: detente.compare(model, other(), draws=20),  # noqa: ARG005
    "redteam": lambda study, model: detente.redteam(model, draws=20),  # noqa: ARG005
    "statics": lambda study, model: detente.statics(model, draws=20),  # noqa: ARG005
    "what-if": lambda study, model: detente.what_if(model, ["shift x=+0.3"], draws=20),  # noqa: ARG005
    "why-change": lambda study, model: detente.why_change(model, changes=["shift x=+0.3"], draws=20),  # noqa: ARG005
    "design": lambda study, model: detente.design(model, draws=200),  # noqa: ARG005
    "discover": lambda study, model: detente.discover(study, "x < 0.6"),  # noqa: ARG005
    "gradients": lambda study, model: detente.gradients(study),  # noqa: ARG005
    "sense": lambda study, model: detente.sense(study),  # noqa: ARG005
    "suppose": lambda study, model: detente.suppose(study, ["x=0.6"]),  # noqa: ARG005
    "learn": lambda study, model: detente.learn(study),  # noqa: ARG005
    "worth": lambda study, model: detente.worth(study, "A", public_draws=20),  # noqa: ARG005
    "perceptions": lambda study, model: detente.perceptions(study, "A", sweep=16, steps=3),  # noqa: ARG005
    "score": lambda study, model: detente.score(study),  # noqa: ARG005
    "update": lambda study, model: detente.update(model, draws=40),  # noqa: ARG005
    "elicit": lambda study, model: detente.elicit(model, expert="Anna"),  # noqa: ARG005
    "pool": lambda study, model: pooled(model),  # noqa: ARG005
}
"""Every question, asked of a small case."""


def pooled(model: Model) -> Any:
    with TemporaryDirectory() as folder:
        files = [
            answers(Path(folder), name, {"x": x}, case=model.name) for name, x in (("a", "0.3 to 1"), ("b", "1 to 2"))
        ]
        return detente.pool(model, files, draws=20)


@cache
def answer(name: str) -> Any:
    return ASKED[name](solved(), model())


def results(kind: Any, found: dict[type, None] | None = None) -> dict[type, None]:
    """The classes that an answer of some type is made of, in the rooms of results."""
    found = {} if found is None else found
    for part in get_args(kind):
        results(part, found)
    mine = isinstance(kind, type) and is_dataclass(kind) and kind.__module__.startswith(ROOMS)
    if mine and kind not in found and kind.__name__ not in INNER:
        found[kind] = None
        with suppress(NameError):  # of a class whose fields are named for checkers of types alone
            for inner in get_type_hints(kind).values():
                results(inner, found)
    return found


def functions() -> Iterator[Any]:
    """What the functions of the package return."""
    for name in ("base_rates", "record", "dossier", "solve_game", "equilibria", "fetch_table"):
        yield get_type_hints(getattr(detente, name))["return"]
    yield from (type(detente.check(model())), Model)


def test_every_result_of_the_public_functions_shows_itself() -> None:
    found: dict[type, None] = {}
    for kind in (*(find(name).answer for name in declared()), *functions()):
        results(kind, found)
    assert len(found) > 90
    assert [kind for kind in found if not issubclass(kind, Displayed)] == []
    assert issubclass(Model, Displayed)
    said = [kind for kind in found if vars(kind)["__repr__"] is not Displayed.__repr__]
    assert said == [], "a dataclass that writes all its fields says more than a line"


def test_every_question_is_asked_here() -> None:
    assert ASKED.keys() == declared().keys()


@pytest.mark.parametrize("name", ASKED)
def test_an_answer_is_one_line_and_a_part_of_a_page(name: str) -> None:
    from detente.present.view import Shown, view_of

    found, question = answer(name), find(name)
    said = repr(found)
    assert "\n" not in said
    assert len(said) <= LONGEST
    assert said.startswith("<")
    assert type(found).__name__ in said or isinstance(found, Several)
    assert " of threat" in said, "the case that it was asked of"
    context = found.context
    if name != "run":
        assert (context.question, context.model.name) == (name, "threat")
        assert (context.study is solved()) == question.of_study
    seen = whole(found._repr_html_())
    shown = view_of(question).page(found, Shown(question, model(), solved(), context.arguments))
    for sentence in shown.said:
        text = Seen(f"<p>{sentence}</p>").said if "<" in str(sentence) else str(sentence)
        if "`" not in text:
            assert text.partition(" (")[0][:40] in seen.said
    assert next(a["class"] for tag, a in seen.tags if tag == "div") == "detente"
    wanted = [p.key for p in shown.pictures]
    assert len([1 for tag, a in seen.tags if tag == "svg" and a.get("role") == "img"]) >= len(wanted)
    bundle = found._repr_mimebundle_(include=None, exclude=None)
    assert bundle == {"text/plain": said, "text/html": found._repr_html_()}
    for drawn in found.plots:
        assert ElementTree.fromstring(found.plot(drawn).svg).tag == "{http://www.w3.org/2000/svg}svg"
    if name != "run":
        assert list(found.plots) == list(dict.fromkeys(wanted))


def test_a_study_says_what_its_report_says() -> None:
    study = solved()
    seen, page = whole(study._repr_html_()), report(study)
    assert "A threat" in seen.said
    for name, f in study.outcomes.items():
        told = percent(f.value, f.error)
        assert told in seen.said, name
        assert told in page, name
    for name, verdict in study.claims.items():
        assert name in seen.said
        assert percent(verdict.share.value, verdict.share.error) in seen.said
    assert seen.said.count("240 draws") >= 2
    assert repr(study) == f"<Study of threat: 240 draws, most likely {max(study.outcomes, key=_p(study))} " + (
        f"{max(f.value for f in study.outcomes.values()):.1%}>"
    )


def _p(study: Study) -> Callable[[str], float]:
    return lambda name: study.outcomes[name].value


def test_a_number_and_a_verdict_say_what_they_are() -> None:
    f, v = solved().outcomes["war"], solved().claims["seldom"]
    assert repr(f) == f"<Finding: war {f.value:.4g}, {f.low:.4g} to {f.high:.4g} in 90% of draws, 240 draws>"
    shown = f._repr_html_()
    whole(shown)
    assert f'<b><data value="{f.value:.12g}">' in shown
    assert [f'<data value="{end:.12g}">' in shown for end in (f.low, f.high)] == [True, True]
    assert repr(v) == f"<Verdict: seldom {v.words}, true in {v.share.value:.1%} of 240 draws>"
    seen = whole(v._repr_html_())
    assert v.words in seen.said
    assert f"true in {percent(v.share.value, v.share.error)} of 240 draws" in seen.said
    none = replace(f, draws=0, value=np.nan)
    assert "Not defined in any draw." in whole(none._repr_html_()).said


def test_parts_and_other_results_show_themselves() -> None:
    line, game = answer("tip"), detente.export_efg(model(), draw=1)[1]
    parts = [*line.tips, *solved().drivers("war"), *solved().plays(2), answer("what-if").whole]
    others = [detente.check(model()), model(), detente.dossier(solved(), ["sense"]), detente.equilibria(game)]
    for result in (*parts, *others, *detente.solve_game(game, [1.0])):
        assert "\n" not in repr(result)
        assert len(repr(result)) <= LONGEST
        assert whole(result._repr_html_()).said.strip()
    first = line.tips[0]
    assert words_of(first.what) in whole(first._repr_html_()).said
    point = detente.solve_game(game, [1.0])
    move = float(point[0].solution.behaviour[0, 0])
    assert f"{move:.3f}" in whole(point[0]._repr_html_()).said
    assert f"{move:.3f}" in whole(point._repr_html_()).said, "as one of a list"


def words_of(name: str) -> str:
    return name.replace("_", " ")


def test_one_item_of_a_list_shows_itself_alone() -> None:
    found = detente.why(solved())
    assert isinstance(found, list)
    assert repr(found) == f"<{len(found)} Why of threat>"
    one = whole(found[0]._repr_html_())
    assert len([1 for tag, _ in one.tags if tag == "figure"]) == 1
    assert len([1 for tag, _ in whole(found._repr_html_()).tags if tag == "figure"]) == len(found) > 1


def test_markup_in_a_model_stays_text() -> None:
    text = CASE.replace("title: A threat", "title: A <script>alert(1)</script> threat").replace(
        "A: threatens", "A: threatens <img src=x onerror=alert(1)>"
    )
    study = detente.run(loads(text, "marked.yaml"), draws=20)
    for result in (study, study.model, detente.claims(study)):
        assert "<script>alert(1)</script>" in whole(result._repr_html_()).said


def test_the_style_reaches_nothing_around_it() -> None:
    written = re.sub(r"/\*.*?\*/", "", style(), flags=re.DOTALL)
    while "@media" in written:
        written = re.sub(r"@media[^{]*\{((?:[^{}]*\{[^{}]*\})*)[^{}]*\}", r"\1", written, count=1)
    rules = re.findall(r"([^{}]+)\{[^{}]*\}", written)
    assert len(rules) > 100
    for rule in rules:
        for selector in re.sub(r"\([^()]*\)", "()", rule).split(","):
            assert ".detente" in selector, selector
    assert ":root" not in style()
    assert "@import" not in style()
    assert "url(" not in style()


def test_a_result_that_is_kept_elsewhere_leaves_its_case_behind() -> None:
    found = answer("what-if")
    again = pickle.loads(pickle.dumps(found))
    assert again == found
    assert again.context is None
    assert repr(again).startswith("<WhatIf: ")
    assert whole(again._repr_html_()).said.strip(), "by its fields"
    assert found.context is not None


def test_no_digest_is_made_of_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """What says less than all there is must be the address of nothing that is kept."""
    changed = loads(CASE.replace("y: 0.5 to 1.5", "y: 0.5 to 1.6"), "threat.yaml")
    assert repr(changed) == repr(model())
    assert spelled(changed) != spelled(model())

    def never(result: object) -> str:
        raise AssertionError(f"a {type(result).__name__} is told in one line, and something is made of it")

    kinds = [Model, *(kind for name in declared() for kind in results(find(name).answer))]
    for kind in kinds:
        monkeypatch.setattr(kind, "__repr__", never)
    store = detente.Store()
    for of in (model(), changed):
        study = detente.run(of, draws=40, store=store)
        again = detente.run(of, draws=40, store=store)
        assert again.outcomes == detente.run(of, draws=40).outcomes, "each its own"
        assert detente.claims(again).claims["seldom"].share == detente.claims(study).claims["seldom"].share
        detente.tip(of, "x", draws=20, points=3, store=store)
        detente.what_if(of, ["shift x=+0.3"], draws=20, store=store)
        detente.update(of, draws=20, store=store)
        detente.run(of, draws=20, as_of="2022-01-20", store=store)
        detente.suppose(study, ["x=0.6"])
        detente.breaking(study)
        detente.tip_map(of, "x", "y", points=3, store=store)


def test_long_arrays_come_labelled() -> None:
    line, days, seen = answer("tip"), answer("update"), answer("map")
    data = detente.dataset(line)
    assert data["outcome_probability"].dims == ("outcome", "x", "statistic")
    for name, curve in line.outcomes.items():
        for f, x in zip(curve, line.grid, strict=True):
            here = data["outcome_probability"].sel(outcome=name, x=x)
            assert here.values.tolist() == [f.value, f.low, f.high, f.error]
    over = detente.dataset(seen)
    assert over.sizes == {"y": 5, "x": 5}
    one = seen.maps[0]
    told = over[one.what.replace(" ", "_")]
    assert told.sel(x=seen.grids[0][3], y=seen.grids[1][1]).item() == one.legend[one.labels[1, 3]]
    daily = detente.dataset(days)
    assert [str(d)[:10] for d in daily["date"].values] == [d.date.isoformat() for d in days.dates]
    last = daily["outcome_probability"].isel(date=-1).sel(outcome="war", statistic="mean").item()
    assert last == days.dates[-1].outcomes["war"].mean
    with pytest.raises(QuestionError, match="a Claims holds no long arrays"):
        detente.dataset(answer("claims"))
