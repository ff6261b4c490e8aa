"""The model as a text, without a page: what is wrong with it, what may be written, what words mean, new cases."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from detente.language.remembered import Memory, remembering
from detente.model import yaml
from detente.model.catalogue import library
from detente.model.load import loads
from detente.model.quick import quick
from detente.model.written import in_parts
from detente.present.cli.scaffold import scaffold
from detente.present.web.answering import Job, answered
from detente.present.web.editing.completing import completed
from detente.present.web.editing.diff import diff
from detente.present.web.editing.hovering import hovered
from detente.present.web.editing.new_case import Form, FormActor, FormEnding, FormMove, FormStep, Range, as_text
from detente.present.web.editing.outline import context
from detente.present.web.editing.units import Units
from detente.present.web.screens.model import Checked
from detente.present.web.state import Asked, Reply, State
from detente.present.web.workspace import MOST_NODES, Workspace
from detente.study.checking import check

TEXT = scaffold("demand")
MODEL = loads(TEXT)
MISTAKES = Path(__file__).parents[1] / "model" / "mistakes"


def checked(replies: Callable[..., list[Reply]], text: str, name: str = "demand") -> list[Checked]:
    found = [reply.data for reply in replies("check", options={"text": text, "name": name})]
    assert all(isinstance(one, Checked) for one in found)
    return found


# ----------------------------------------------------------------------------------------------------------- checking


def test_a_mistake_has_its_line_and_a_fix_that_mends_it(replies: Callable[..., list[Reply]]) -> None:
    wrong = TEXT.replace("{chance: {war: hazard", "{chance: {war: hazzard")
    (found,) = checked(replies, wrong)
    (mark,) = (mark for mark in found.marks if not mark.warning)
    assert mark.line == 1 + wrong[: wrong.index("hazzard")].count("\n")
    assert wrong[mark.start : mark.stop] == "hazzard"
    (fix,) = mark.fixes
    assert wrong[: fix.start] + fix.text + wrong[fix.stop :] == TEXT


def test_a_source_that_is_not_declared_is_declared_by_a_click(replies: Callable[..., list[Reply]]) -> None:
    wrong = TEXT.replace("source: essay 2", "source: newspaper 7")
    (mark,) = (mark for mark in checked(replies, wrong)[0].marks if not mark.warning)
    (fix,) = mark.fixes
    mended = wrong[: fix.start] + fix.text + wrong[fix.stop :]
    assert loads(mended).sources["newspaper"].title == "to be filled in"


def test_what_takes_long_comes_later(replies: Callable[..., list[Reply]]) -> None:
    first, estimate, whole = checked(replies, TEXT)
    assert (first.whole, estimate.whole, whole.whole) == (False, False, True)
    assert estimate.size
    assert not estimate.size.exact
    told = check(MODEL).size
    assert whole.size
    assert (whole.size.nodes, whole.size.information_sets) == (told["nodes"], told["information_sets"])
    assert estimate.size.nodes == pytest.approx(whole.size.nodes, rel=0.5)


def test_places_are_those_of_a_browser(replies: Callable[..., list[Reply]]) -> None:
    """Who counts in UTF-16 takes a flag for four characters."""
    wrong = TEXT.replace("title: A demand", "title: 🇺🇳 A demand").replace("actor: Defender", "actor: Defendr")
    (mark,) = (mark for mark in checked(replies, wrong)[0].marks if not mark.warning)
    units = wrong.encode("utf-16-le")
    assert units[2 * mark.start : 2 * mark.stop].decode("utf-16-le") == "Defendr"
    assert Units(wrong).ours(mark.start) == wrong.index("Defendr")


def test_what_is_too_large_is_refused_before_it_is_grown(replies: Callable[..., list[Reply]]) -> None:
    large = TEXT.replace("periods: {count: 2,", "periods: {count: 40,").replace("moves: [hold, yield], continues: hold",
                         "moves: [hold, wait, stall, yield], continues: hold")  # fmt: skip
    found = checked(replies, large)[-1]
    assert found.size is None
    assert any(f"none of more than {MOST_NODES:,}" in mark.message for mark in found.marks)
    space = Workspace({}, None)
    key = space.put(large, "demand")
    for screen in ("answer", "share"):
        asked = Asked(id=1, screen=screen, key="k", state=State(case=key))
        (reply,) = answered(space, Job(asked), lambda _: None)
        assert "is grown here" in reply.mistakes[0].message, screen


def test_a_text_beyond_all_measure_is_refused(replies: Callable[..., list[Reply]]) -> None:
    (reply,) = replies("check", options={"text": "#" * 1_000_001, "name": "x"})
    assert "at most 1,000,000" in reply.mistakes[0].message


@pytest.mark.parametrize("other", ["/etc/passwd", "../../../../etc/passwd"])
def test_nothing_is_read_outside_of_the_case_folder(replies: Callable[..., list[Reply]], other: str) -> None:
    (found,) = checked(replies, f"extends: {other}\n", "../../etc/passwd")
    assert "may not be read here" in found.marks[0].message
    assert found.marks[0].line == 1


def test_at_first_sight_as_in_the_end() -> None:
    """What `quick` finds wrong is what `load` finds, for every mistake there is a sample of."""
    files = sorted(MISTAKES.glob("*.yaml"))
    assert len(files) > 50
    memory = Memory()
    for file in files:
        text = file.read_text("utf-8")
        found = {p.message for p in quick(text, "x.yaml", within=[], memory=memory).problems if not p.warning}
        whole: set[str] = set()
        try:
            loads(text, "x.yaml", within=[])
        except Exception as error:
            whole = {p.message for p in error.problems}  # type: ignore[attr-defined]
        assert found <= whole | {"this may not be read here"} or "structures" in text, file.name
        if "structures" not in text:
            assert found == whole, file.name


def test_by_parts_as_a_whole() -> None:
    """A file read section by section is the file: data, problems, and the place of everything."""
    texts = [*library().values(), *(file.read_text("utf-8") for file in MISTAKES.glob("*.yaml"))]
    memory, apart = Memory(), 0
    for text in texts:
        whole = yaml.read(text, "f")
        with remembering(memory):
            parts = yaml.read(text, "f")
        assert dataclasses.asdict(parts) == dataclasses.asdict(whole)
        assert list(parts.data or ()) == list(whole.data or ())
        apart += in_parts(text, "f", memory, yaml._read) is not None
    assert apart > 0.8 * len(texts)


# --------------------------------------------------------------------------------------------------------- completing


def offered(text: str, at: str, after: int = 0) -> list[str]:
    """What is offered behind a piece of text."""
    return [c.name for c in completed(text, text.index(at) + len(at) + after, MODEL).choices]


def test_keys_come_from_the_schema() -> None:
    assert "reconsidered" in offered(TEXT.replace("continues: press", "con"), "leave], ")
    assert "quantities" in offered("title: x\nqua", "qua")
    found = completed("title: x\nqua", 12, None)
    assert (found.start, found.stop, found.choices[0].writes) == (9, 12, "quantities: ")
    assert "named, sourced" in found.choices[0].means


@pytest.mark.parametrize(
    ("written", "at", "there", "not_there"),
    [
        ("  x: P(posture is \n", "posture is ", {"attack", "press", "leave"}, {"hold", "war"}),
        ("  x: P(outcome is \n", "outcome is ", {"attacked", "conceded"}, {"attack"}),
        ("  x: P(outcome in [attacked, \n", "[attacked, ", {"accident"}, {"attack"}),
        ("  x: P(Defender.resolve is \n", "resolve is ", {"firm", "soft"}, {"attack"}),
        ("  x: \n", "x: ", {"P", "E", "do", "posture", "war_cost", "outcome"}, {"uniform"}),
        ("  x: P(attacked | do(\n", "do(", {"posture", "incident"}, {"war_cost"}),
    ],
)
def test_an_expression_is_offered_what_fits(written: str, at: str, there: set[str], not_there: set[str]) -> None:
    text = TEXT.replace("claims: ", "claims:\n" + written + "other: ")
    found = set(offered(text, at))
    assert there <= found
    assert not not_there & found


@pytest.mark.parametrize("number", ["0.4", "12", "0.", "65%"])
def test_nothing_is_offered_behind_a_number(number: str) -> None:
    """The Enter that ends a line would take it."""
    assert offered(f"title: x\nquantities:\n  cost: 0.1 to {number}", number) == []


def test_values_are_offered_where_they_may_stand() -> None:
    assert {"uniform", "to", "hazard"} <= set(
        offered(TEXT.replace("value: 0.3 to 1.2", "value: "), "war_cost:\n    value: ")
    )
    assert offered(TEXT.replace("source: essay 2", "source: "), "source: ")[0] == "essay"
    assert set(offered(TEXT.replace("role: precision ", "role: "), "role: ")) >= {"precision", "precision of Defender"}
    assert set(offered(TEXT.replace("{actor: Defender", "{actor: "), "answer:\n    {actor: ")) == {
        "Challenger",
        "Defender",
    }
    assert set(offered(TEXT.replace("continues: hold", "continues: "), "moves: [hold, yield], continues: ")) == {
        "hold",
        "yield",
    }


def test_a_text_that_cannot_be_read_is_completed_all_the_same() -> None:
    broken = TEXT + "\n  - : {[\nclaims2: P("
    assert context(broken, len(broken)).path == ("claims2",)
    names = [c.name for c in completed("actors:\n  Rome: x\npayoffs:\n  R", 31, None).choices]
    assert names == ["Rome"]


# ----------------------------------------------------------------------------------------------------------- hovering


def hover(word: str, at: str | None = None, text: str = TEXT) -> str:
    place = text.index(at or word) + (at or word).index(word) + 1
    return str(hovered(text, place, MODEL))


def test_a_quantity_tells_what_is_believed_of_it() -> None:
    found = hover("war_cost")
    assert "What a war costs the challenger" in found
    assert "Nine times in ten between 0.3 and 1.2" in found
    assert "lognormal" in found
    assert "Median <b>0.6 stakes</b>, 90% between 0.3 stakes and 1.2 stakes" in found  # 0.6: their geometric mean
    assert 'class="spark"' in found
    assert "Where the argument is made, 2" in found


def test_a_quantity_that_is_made_of_what_is_not_there_tells_what_it_can() -> None:
    """As while it is written: what was last read of the text may have lost what it is made of."""
    text = TEXT.replace("0.3 to 1.2", "2 * hazard", 1)
    whole = loads(text)
    less = whole.model_copy(update={"quantities": {k: v for k, v in whole.quantities.items() if k != "hazard"}})
    place = text.index("war_cost") + 2
    for model in (whole, less):
        assert "What a war costs the challenger" in str(hovered(text, place, model))


def test_moves_outcomes_actors_keys_and_functions_tell_their_meaning() -> None:
    assert "A war that nobody chose" in hover("accident", "accident:   {when")
    assert "Holds it" in hover("Defender", "Defender: holds")
    assert "the move that continues by itself" in hover("continues", "continues:").lower()
    assert "How likely something is in the solved game" in hover("P", "P(posture is attack)")
    invade = TEXT.replace("moves: [attack, press, leave]", "moves: {attack: march in, press: wait, leave: go}")
    assert "March in" in str(hovered(invade, invade.index("posture is attack") + 12, loads(invade)))
    assert hovered(TEXT, TEXT.index("# `detente") + 1, MODEL) == ""


def test_what_a_model_says_is_text_in_a_hover() -> None:
    text = TEXT.replace("means: what a war costs the challenger", 'means: "<img src=x onerror=alert(1)>"').replace(
        "{title: Where the argument is made, kind: opinion}", '{title: "<b>x</b>", url: "javascript:alert(1)"}'
    )
    found = str(hovered(text, text.index("war_cost") + 1, loads(text)))
    assert "<img" not in found
    assert "&lt;img" in found
    assert "<b>x" not in found
    assert "href" not in found


# ------------------------------------------------------------------------------------------------- differences, forms


def test_a_difference_shows_what_came_and_went() -> None:
    found = diff(TEXT, TEXT.replace("0.3 to 1.2", "0.4 to 1.2"), "changes")
    assert "1 line written, 1 line taken away" in found
    assert found.count('class="came"') == found.count('class="went"') == 1
    assert diff(TEXT, TEXT, "changes") == "<p>Nothing is changed.</p>"


def form() -> Form:
    def some(low: float, high: float) -> Range:
        return Range(low=low, high=high)

    return Form(
        title="A blockade: what now?", question="Will it be broken?",
        actors=[FormActor(name="United States", means="Washington"), FormActor(name="Русь")],
        steps=[
            FormStep(name="Blockade", actor=0, moves=[FormMove(name="Blockade"), FormMove(name="Do nothing", ends=1)]),
            FormStep(name="is", actor=1, moves=[FormMove(name="yes", ends=1), FormMove(name="no")], after=(0, 0)),
            FormStep(
                name="luck", actor=-1, after=(1, 1),
                moves=[FormMove(name="war", ends=0, p=some(0.05, 0.2)), FormMove(name="none")],
            ),
        ],
        endings=[
            FormEnding(name="war", means="a war: <b>", worth=[some(-2, -1), some(-3, -1)]),
            FormEnding(name="deal", worth=[some(0, 0.5), some(1, 1)]),
            FormEnding(name="stand-off", worth=[some(-0.2, 0.1), some(0, 0)]),
        ],
        rest=2, count=3,
    )  # fmt: skip


def test_a_form_makes_a_case_that_passes_check() -> None:
    made = as_text(form())
    assert made.wrong == {}
    model = loads(made.text)
    found = check(model)
    assert found.good, found.problems
    assert list(model.outcomes) == ["war", "deal", "stand_off"]
    assert model.title == "A blockade: what now?"
    assert model.stages["luck"].per == "month"
    assert model.quantities["luck_war"].unit == "probability"


def test_a_form_says_what_is_missing_and_makes_nothing_up(replies: Callable[..., list[Reply]]) -> None:
    made = as_text(Form())
    assert made.text == ""
    assert {"title", "actors", "steps", "endings"} <= made.wrong.keys()
    half = form().model_copy(deep=True)
    half.endings[0].worth[1] = Range(low=1.0, high=None)
    half.steps[0].moves[1].ends = -1
    half.steps[1].moves[0].ends = -1
    assert as_text(half).wrong.keys() == {"endings.0.worth.1", "endings.1.name"}
    (reply,) = replies("new", options={"form": {"title": 3}})
    assert "title" in reply.mistakes[0].message


def test_the_text_of_a_draft_knows_what_it_is_a_draft_of() -> None:
    space = Workspace({}, None)
    text = library()["crisis-signalling"]
    key = space.put(text + "\n# more", "crisis-signalling")
    asked = Asked(id=1, screen="model", key="k", state=State(case=key))
    (reply,) = answered(space, Job(asked), lambda _: None)
    assert (reply.data.name, reply.data.saved, reply.data.file) == ("crisis-signalling", text, False)
    assert reply.data.text == text + "\n# more"
