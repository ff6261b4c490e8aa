"""No picture hides the answer to the case's question: what happened is drawn, named and whole, however rare."""

from __future__ import annotations

import re
from functools import cache
from xml.etree import ElementTree

import pytest

import detente
from detente.analyse.forecast.course import river
from detente.analyse.forecast.rank import telling
from detente.draws.variants import Change
from detente.model.load import loads
from detente.present.figures.counterfactual.knockout import ablation_picture
from detente.present.figures.counterfactual.shifts import shift_picture, waterfall_picture
from detente.present.figures.drawing.svg import BOLD, Picture, measure
from detente.present.figures.forecast.bars import outcomes_picture
from detente.present.figures.forecast.course import CAME, LEAST, course
from detente.present.html.palette import colour
from detente.study.run import run
from detente.study.study import Study
from tests.present.test_pages import CASE
from tests.present.test_report import FULL, Page

SVG = "{http://www.w3.org/2000/svg}"
RARE = (
    CASE.replace("mishap: {value: 0.05 to 0.2", "mishap: {value: 0.0002 to 0.0004")
    .replace("war: {when: threat is attack or luck is war, means: they fight, mechanism: fear}",
             "war: {when: threat is attack, means: they fight, mechanism: fear}\n"
             "  accident: {when: luck is war, means: a war nobody chose}")
    .replace("outcome: war, source", "outcome: accident, source")
)  # fmt: skip


@cache
def solved(written: str) -> Study:
    return run(loads(written, "case.yaml"), draws=120, seed=1)


def texts(picture: Picture) -> list[tuple[str, float, bool]]:
    """Each label with the place where it begins, and whether it is set bold."""
    root = ElementTree.fromstring(picture.standalone())
    moved = next(g for g in root.iter(SVG + "g") if g.get("transform"))
    return [
        ("".join(e.itertext()), float(e.get("x") or 0), "bold" in (e.get("class") or ""))
        for e in moved.iter(SVG + "text")
        if e.get("text-anchor") is None
    ]


@pytest.mark.parametrize("written", [FULL, RARE, CASE], ids=["full", "rare", "case"])
def test_the_flow_of_play_names_what_came_to_pass(written: str) -> None:
    study = solved(written)
    came = study.model.happened.outcome if study.model.happened else ""
    found = [said for said, _, _ in texts(course(study)) if said.startswith(f"{came} ") and said.endswith(CAME)]
    assert found, "what happened has no label"
    root = ElementTree.fromstring(course(study).standalone())
    wide = [
        float(e.get("width") or 0)
        for e in root.iter(SVG + "rect")
        if e.get("class") == colour(study.model, str(came)) and e.get("height") == "3"
    ]
    assert wide
    assert min(wide) >= LEAST


def test_what_is_rarer_than_can_be_drawn_stands_in_a_frame_that_says_so() -> None:
    study = solved(RARE)
    assert study.outcomes["accident"].value < 0.001
    assert "a pale frame is wider than its probability" in course(study).reading
    root = ElementTree.fromstring(course(study).standalone())
    hues = [e for e in root.iter(SVG + "rect") if e.get("class") == colour(study.model, "accident")]
    assert min(float(e.get("width") or 0) for e in hues) < 0.5  # the true width, inside the frame


@pytest.mark.parametrize("written", [FULL, RARE, CASE], ids=["full", "rare", "case"])
def test_no_label_of_the_flow_is_cut_off(written: str) -> None:
    picture = course(solved(written))
    for said, x, bold in texts(picture):
        assert x + measure(said, 11.5) * (BOLD if bold else 1.0) <= picture.width + 8, said


def test_letters_are_measured_rather_too_wide() -> None:
    """Widths of DejaVu Sans, the widest of the fonts asked for, in thousandths of the size."""
    regular = {"…": 1000, "5": 636, "o": 612, "%": 950, "4": 636, ".": 318, "h": 634, "r": 411, "s": 521, " ": 318}
    said = "… 5 others 4.5%"
    known = sum(regular.get(letter, 615) for letter in said) / 1000 * 12
    assert measure(said, 12) >= 0.97 * known


def test_a_gloss_is_told_whole() -> None:
    """Beside the bars, however long it is; and so is the name of a stage beside the flow."""
    long = "they fight over the northern province until one of the two gives it up for good"
    study = solved(CASE.replace("they fight", long))
    root = ElementTree.fromstring(outcomes_picture(study).standalone())
    labels = " ".join("".join(e.itertext()) for e in root.iter(SVG + "text"))
    assert long in labels
    stage = "threat_of_a_very_long_war"
    found = [said for said, _, _ in texts(course(solved(re.sub(r"\bthreat\b(?! <b>)", stage, CASE))))]
    assert stage.replace("_", " ") in " ".join(found)
    assert not [said for said in found if said.endswith("…")]


def test_the_table_of_the_flow_tells_every_stage_and_every_ending() -> None:
    """A stage with one result, or at which play hardly divides, is told as well."""
    certain = FULL.replace("hazard: {value: 0.02 to 0.2", "hazard: {value: 0.0001 to 0.0002")
    study = solved(certain)
    found = river(study.blueprint, study.weights)
    assert any(key[2] == "mishap" for key in found.passed)
    rows = Page(course(study).figure()).text
    for stage in ("posture", "mishap", "reply"):
        for month in (1, 2):
            assert f"{stage}, month {month}" in rows
    assert "none" in rows
    for outcome in study.model.outcomes:
        assert outcome in rows
    assert "in the table only" in course(study).reading


def test_the_answer_of_a_case_says_what_must_be_seen() -> None:
    model = loads(CASE, "threat.yaml")
    assert telling(model) == ("war",)
    before = CASE.partition("happened:")[0]
    asks = "answer: {asks: P(outcome is ceded), groups: {fighting: war, rest: otherwise}}\n"
    assert telling(loads(before + asks, "threat.yaml")) == ("ceded", "war")
    plain = before.replace("P(threat is attack) < 0.35", "P(outcome is ceded) < 0.35")
    assert telling(loads(plain, "threat.yaml")) == ("ceded",)


def test_both_parts_of_a_comparison_share_one_scale() -> None:
    model = loads(CASE, "threat.yaml")
    found = detente.what_if(model, [Change("shift", "war_cost", "+0.6")], draws=60)
    picture = shift_picture(model, found.whole, 60)
    assert found.whole.claims["seldom"].effect.value
    root = ElementTree.fromstring(picture.standalone())
    ruled = [e for e in root.iter(SVG + "line") if e.get("class") == "rule" and e.get("x1") == e.get("x2")]
    tops = sorted({e.get("y1") or "" for e in ruled})
    assert len(tops) == 2
    sides = [[e.get("x1") for e in ruled if e.get("y1") == top] for top in tops]
    assert sides[0] == sides[1]
    marks = [
        e.text for e in root.iter(SVG + "text") if (e.text or "").endswith("%") and e.get("text-anchor") == "middle"
    ]
    assert marks[: len(marks) // 2] == marks[len(marks) // 2 :]


def test_the_parts_of_a_waterfall_share_one_scale() -> None:
    model = loads(CASE, "threat.yaml")
    changes = [Change("shift", "war_cost", "+0.6"), Change("shift", "prize_worth", "+0.2")]
    found = detente.what_if(model, changes, draws=60)
    root = ElementTree.fromstring(waterfall_picture(model, found).standalone())
    widths: dict[float, float] = {}
    for e in root.iter(SVG + "rect"):
        if e.findtext(f"{SVG}title") in ("as it is", "all together"):
            widths[float(e.get("x") or 0)] = widths.get(float(e.get("x") or 0), 0.0) + float(e.get("width") or 0)
    assert len(widths) == 3
    assert len({round(x, 1) for x in widths}) == 3
    total = sum(widths.values()) / 2  # pixels of all plays, before and after
    marks = [float(e.get("x") or 0) for e in root.iter(SVG + "text") if e.text == "0%"]
    assert len(marks) == 3
    last = [float(e.get("x") or 0) for e in root.iter(SVG + "text") if re.fullmatch(r"\d+%", e.text or "")
            and e.get("text-anchor") == "middle" and e.text != "0%"]  # fmt: skip
    top = max(float((e.text or "0%").rstrip("%")) for e in root.iter(SVG + "text")
              if re.fullmatch(r"\d+%", e.text or "") and e.get("text-anchor") == "middle")  # fmt: skip
    assert total * top / 100 == pytest.approx(max(last) - max(marks), rel=0.02)


def test_what_came_to_pass_is_in_every_small_picture() -> None:
    model = loads(RARE, "threat.yaml")
    changes = [Change("shift", "war_cost", "+0.6"), Change("shift", "prize_worth", "+0.2")]
    found = detente.what_if(model, changes, draws=60)
    assert "accident" in [said for said, _, _ in texts(waterfall_picture(model, found))]
    off = detente.ablate(model, draws=60)
    picture = ablation_picture(model, off)
    assert "what happened, accident" in picture.reading
    root = ElementTree.fromstring(picture.standalone())
    parts = [
        float(e.get("width") or 0)
        for e in root.iter(SVG + "rect")
        if (e.findtext(f"{SVG}title") or "").startswith("accident: ")
    ]
    assert parts
    assert min(parts) >= 2.0
