"""The pictures of answers: every row is there, marks lie where the numbers say, and nothing is drawn from nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from xml.etree import ElementTree

import numpy as np
import pytest

import detente
from detente.analyse.counterfactual.knockout import Ablations
from detente.analyse.counterfactual.rivals import Rivals
from detente.analyse.counterfactual.statics import StaticResult
from detente.analyse.counterfactual.whatif import WhatIf
from detente.analyse.finding import Finding
from detente.analyse.thresholds.breaking import Breaking
from detente.analyse.thresholds.regimes import Regimes
from detente.analyse.thresholds.tipping import Tipping
from detente.draws.variants import Change
from detente.model.load import loads
from detente.model.schema import Model
from detente.present.figures.counterfactual.knockout import ablation_picture
from detente.present.figures.counterfactual.redteam import redteam_picture
from detente.present.figures.counterfactual.shifts import shift_picture, waterfall_picture
from detente.present.figures.counterfactual.statics import statics_picture
from detente.present.figures.drawing.axes import Row, Scale
from detente.present.figures.drawing.svg import Picture
from detente.present.figures.information.learning import learn_picture, worth_picture
from detente.present.figures.perceptions.beliefs import beliefs_picture, cost_picture, need_picture
from detente.present.figures.perceptions.sweep import sweep_picture
from detente.present.figures.sensitivity.box import box_picture
from detente.present.figures.sensitivity.local import slopes_pictures
from detente.present.figures.sensitivity.variance import sense_picture
from detente.present.figures.thresholds.breaking import breaking_picture, distances_picture
from detente.present.figures.thresholds.map import boundary, map_picture
from detente.present.figures.thresholds.tipping import tipping_picture
from detente.present.html.palette import colours
from detente.present.view import Answer, Shown, view_of
from detente.present.wording.names import assumed
from detente.study.questions.gradients import gradients as local
from detente.study.questions.perceptions import Perceptions, perceptions
from detente.study.questions.statics import statics
from detente.study.registry import find
from detente.study.run import run
from detente.study.study import Study
from tests.present.test_pages import CASE

NAN = float("nan")
SVG = "{http://www.w3.org/2000/svg}"


@cache
def model() -> Model:
    return loads(CASE, "threat.yaml")


@cache
def study() -> Study:
    return run(model(), draws=300, seed=2)


@cache
def tip() -> Tipping:
    return detente.tip(model(), "war_cost", draws=40, points=6)


@cache
def region() -> Regimes:
    return detente.tip_map(model(), "war_cost", "prize_worth", points=9)


@cache
def changed() -> WhatIf:
    made = [
        Change("shift", "war_cost", "+0.3"),
        Change("set", "prize_worth", "1.4"),
        Change("forbid", "threat", "press"),
    ]
    return detente.what_if(model(), made, draws=60)


@cache
def rivals() -> Rivals:
    other = detente.loads(CASE.replace("0.2 to 2.0", "0.4 to 3.0").replace("0.05 to 0.2", "0.1 to 0.3"))
    return detente.compare(model(), other, draws=60)


@cache
def knocked() -> Ablations:
    return detente.ablate(model(), draws=60)


@cache
def broken() -> Breaking:
    return detente.breaking(study(), ["seldom"])[0]


@cache
def tried() -> list[StaticResult]:
    return statics(model(), draws=60)


def paged(question: str, answer: object) -> Answer:
    asked = find(question)
    return view_of(asked).page(answer, Shown(asked, model(), study()))


@cache
def viewed() -> Perceptions:
    return perceptions(model(), draws=60, swept=20, steps=3)


def drawings() -> dict[str, Callable[[], Picture]]:
    """Every picture of an answer, made when it is asked for."""
    return {
        "tip": lambda: tipping_picture(model(), tip()),
        "map": lambda: map_picture(model(), region(), region().maps[0]),
        "map of a claim": lambda: map_picture(model(), region(), region().maps[1]),
        "waterfall": lambda: waterfall_picture(model(), changed()),
        "gap": lambda: waterfall_picture(model(), rivals(), "", rivals().sides, "the largest first"),
        "shift": lambda: shift_picture(model(), changed().whole, 60),
        "knock-out": lambda: ablation_picture(model(), knocked()),
        "structural edits": lambda: redteam_picture(model(), detente.redteam(model(), draws=40)),
        "breaking": lambda: breaking_picture(model(), broken()),
        "distances": lambda: distances_picture(model(), [broken()]),
        "sense": lambda: sense_picture(model(), detente.sense(study(), "outcome")),
        "slopes": lambda: slopes_pictures(model(), local(study(), "war"))[0],
        "derivatives side by side": lambda: slopes_pictures(model(), local(study()))[0],
        "derivatives of claims": lambda: slopes_pictures(model(), local(study(), "claims"))[0],
        "box": lambda: box_picture(model(), detente.discover(study(), "not seldom"), study().assumptions),
        "learn": lambda: learn_picture(model(), detente.learn(study())),
        "worth": lambda: worth_picture(model(), detente.worth(study(), "North", public_draws=30)),
        "beliefs": lambda: beliefs_picture(model(), viewed().portraits["North"], 60),
        "cost": lambda: cost_picture(list(viewed().portraits.values()), 60),
        "sweep": lambda: sweep_picture(model(), viewed().sweeps, viewed().moved),
        "need": lambda: need_picture(model(), viewed().needs[0]),
        "statics": lambda: statics_picture(model(), tried()),
    }


def parsed(picture: Picture) -> ElementTree.Element:
    return ElementTree.fromstring(picture.standalone())


def marks(picture: Picture, tag: str, class_: str) -> list[ElementTree.Element]:
    """The elements of a kind that carry a hint: marks of numbers, not signs of a legend."""
    found = []
    for e in parsed(picture).iter():
        if e.tag == SVG + "g" and e.find(f"{SVG}title") is not None:
            found += [inner for inner in e if inner.tag == SVG + tag and inner.get("class") == class_]
        elif e.tag == SVG + tag and e.get("class") == class_ and e.find(f"{SVG}title") is not None:
            found.append(e)
    return list(dict.fromkeys(found))


def number(e: ElementTree.Element, key: str) -> float:
    return float(e.get(key) or "nan")


def in_line(places: Sequence[float], values: Sequence[float], within: float = 0.05) -> None:
    """Places on a picture are a straight line of the values they stand for."""
    assert len(places) == len(values)
    assert len(values) > 1
    slope, start = np.polyfit(values, places, 1)
    assert slope > 0
    assert np.abs(start + slope * np.array(values) - np.array(places)).max() <= within


@pytest.mark.parametrize("name", list(drawings()))
def test_a_picture_is_whole_and_escaped(name: str) -> None:
    picture = drawings()[name]()
    source = picture.standalone()
    root = parsed(picture)
    assert root.find(f"{SVG}title") is not None
    assert root.find(f"{SVG}desc") is not None
    wide = number(root, "width")
    for e in root.iter():
        for key, value in e.attrib.items():
            assert "nan" not in value.lower(), f"{e.tag} {key}"
        for key in ("width", "height", "r"):
            assert float(e.get(key, "0")) >= 0
        if e.tag == SVG + "text":
            assert float(e.get("font-size", "12")) >= 9.5, "tiny type"
            assert -1 <= number(e, "x") <= wide
            assert number(e, "y") <= picture.height, "".join(e.itertext())
    for hostile in ("<the>", "<u>seldom", "<i>frightens", "<b>with"):
        assert hostile not in source
    assert picture.table, "no table behind it"
    assert "draw" in picture.reading or "solved" in picture.reading


def test_pictures_do_not_rely_on_colour_alone() -> None:
    shown = parsed(map_picture(model(), region(), region().maps[0]))
    words = ["".join(e.itertext()) for e in shown.iter(SVG + "text")]
    for name in region().maps[0].legend:
        assert name in words


def test_tips_lie_where_they_turn_and_jumps_are_told_from_crossings() -> None:
    found = tip()
    assert found.tips
    values = [t.at.value for t in found.tips if t.how == "crosses"]
    dots = marks(tipping_picture(model(), found), "circle", "ink")
    assert len(dots) == len(values)
    one = found.tips[0]
    low = replace(one, at=replace(one.at, value=float(found.grid[1])))
    high = replace(one, at=replace(one.at, value=float(found.grid[-2])))
    jump = replace(one, how="jumps", step=0.4)
    picture = tipping_picture(model(), replace(found, tips=(low, high, jump)))
    dots = marks(picture, "circle", "ink")
    grid = [float(v) for v in (found.grid[1], found.grid[-2])]
    assert [number(d, "cx") for d in dots] == sorted(number(d, "cx") for d in dots)
    assert len(dots) == len(grid)
    assert len(marks(picture, "path", "k1")) == 1
    assert "jumps by 40%" in picture.standalone()
    assert "jumps: at once" in picture.standalone()
    assert "jumps: at once" not in tipping_picture(model(), replace(found, tips=(low, high))).standalone()


def test_the_curve_runs_through_the_means() -> None:
    found = tip()
    picture = tipping_picture(model(), found)
    curves = {"".join(e.itertext()): e for e in parsed(picture).iter(SVG + "path") if "curve" in (e.get("class") or "")}
    name = max(found.outcomes, key=lambda n: float(np.ptp([f.value for f in found.outcomes[n]])))
    mean = [f.value for f in found.outcomes[name]]
    ys = [float(pair.split()[1]) for pair in re.split("[ML]", curves[f"{name}: mean"].get("d") or "")[1:]]
    in_line([-y for y in ys], mean)


def test_the_joint_change_and_the_single_ones_lie_at_their_scores() -> None:
    picture = breaking_picture(model(), broken())
    up, down = marks(picture, "circle", "more"), marks(picture, "circle", "less")
    shown = {(e.find(f"{SVG}title").text or "").partition(":")[0]: number(e, "cx") for e in [*up, *down]}  # type: ignore[union-attr]
    moved = {assumed(c.name): c.score for c in broken().changes if abs(c.score) >= 0.05}
    assert set(shown) == set(moved)
    in_line([shown[n] for n in moved], list(moved.values()))
    assert len(marks(picture, "path", "ring")) == len(broken().singles)


def test_steps_of_a_waterfall_lead_from_before_to_after() -> None:
    found = changed()
    picture = waterfall_picture(model(), found)
    bars = [e for e in parsed(picture).iter(SVG + "rect") if e.find(f"{SVG}title") is not None]
    for name in found.whole.outcomes:
        total = sum(step.outcomes[name].effect.value for step in found.steps)
        assert total == pytest.approx(found.whole.outcomes[name].effect.value, abs=1e-9)
    d = next(iter(found.whole.outcomes.values()))
    ends = [e for e in bars if (e.find(f"{SVG}title").text or "") in ("as it is", "all together")]  # type: ignore[union-attr]
    assert len(ends) == 2 * len(found.whole.outcomes)
    by_hue: dict[str, list[float]] = {}
    for e in ends:
        by_hue.setdefault(e.get("class") or "", []).append(number(e, "width"))
    hues = colours(model())
    for name, hue in hues.items():
        d = found.whole.outcomes[name]
        before, after = by_hue[hue]
        assert after / before == pytest.approx(d.after.value / d.before.value, rel=0.01)


def test_before_and_after_lie_at_their_probabilities() -> None:
    picture = shift_picture(model(), changed().whole, 60)
    dots = {(e.find(f"{SVG}title").text or "").partition(",")[0]: number(e, "cx")  # type: ignore[union-attr]
            for e in marks(picture, "circle", "ink")}  # fmt: skip
    outcomes = changed().whole.outcomes
    in_line([dots[n] for n in outcomes], [outcomes[n].before.value + outcomes[n].effect.value for n in outcomes])


def test_the_endings_without_a_mechanism_fill_the_bar() -> None:
    found = knocked()
    parts = [e for e in parsed(ablation_picture(model(), found)).iter(SVG + "rect") if number(e, "height") == 14]
    made = [a.effect for a in found.mechanisms if a.effect is not None]
    n = len(made[0].outcomes)
    sides = [{k: d.before.value for k, d in made[0].outcomes.items()}]
    sides += [{k: d.after.value for k, d in effect.outcomes.items()} for effect in made]
    assert len(parts) == n * len(sides)
    whole = sum(number(e, "width") for e in parts[:n])
    for k, values in enumerate(sides):
        widths = [number(e, "width") for e in parts[n * k : n * (k + 1)]]
        assert widths == pytest.approx([whole * values[name] for name in model().outcomes], abs=0.06)


def test_bars_of_sensitivity_are_as_long_as_the_indices() -> None:
    found = detente.sense(study(), "P(threat is attack)")
    picture = sense_picture(model(), found)
    told = [e for e in found.effects if e.told]
    bars = marks(picture, "rect", "k2")
    assert len(bars) == len(told) > 1
    in_line([number(b, "width") for b in bars], [e.first.value for e in told])
    assert len(marks(picture, "circle", "ring")) == sum(e.total is not None for e in [*told, *found.joint])


def test_bars_of_slopes_are_as_long_as_the_slopes_and_lie_on_their_side() -> None:
    found = local(study(), "P(threat is attack)")
    (answer,) = found.answers
    (picture,) = slopes_pictures(model(), found)
    felt = [p for p in answer.pulls if abs(p.per_sd) > 1e-9]
    up, down = marks(picture, "rect", "more"), marks(picture, "rect", "less")
    assert len(up) == sum(p.per_sd > 0 for p in felt) > 0
    assert len(down) == sum(p.per_sd < 0 for p in felt) > 0
    in_line(
        [*(number(b, "width") for b in up), *(number(b, "width") for b in down)],
        [*(p.per_sd for p in felt if p.per_sd > 0), *(-p.per_sd for p in felt if p.per_sd < 0)],
    )
    (zero,) = {round(number(b, "x"), 1) for b in up}
    assert {round(number(b, "x") + number(b, "width"), 1) for b in down} == {zero}
    assert len(marks(picture, "circle", "ink")) == len(felt)
    for p in felt:
        assert p.name.partition(" seen by ")[0].replace("_", " ") in str(picture.table)


def test_slopes_of_several_answers_stand_side_by_side() -> None:
    found = local(study())
    (picture,) = slopes_pictures(model(), found)
    bars = marks(picture, "rect", "more") + marks(picture, "rect", "less")
    slopes = [p.per_sd for answer in found.answers for p in answer.pulls if abs(p.per_sd) > 1e-9]
    assert len(bars) == len(slopes) > len(found.answers)
    in_line(sorted(number(b, "width") for b in bars), sorted(abs(s) for s in slopes))
    many = replace(found, answers=found.answers * 4)
    assert len(slopes_pictures(model(), many)) == -(-len(many.answers) // 6)
    nothing = replace(found.answers[0], pulls=tuple(replace(p, slope=0.0, mean=Finding("", 0, 0, 0, 1))
                                                    for p in found.answers[0].pulls))  # fmt: skip
    for answers in ((nothing,), (nothing, nothing)):
        assert slopes_pictures(model(), replace(found, answers=answers))[0].standalone()


def test_the_regions_of_a_map_fill_it_and_its_boundary_parts_them() -> None:
    found = region()
    for one in found.maps:
        shapes = [
            e for e in parsed(map_picture(model(), found, one)).iter(SVG + "path") if e.get("fill-opacity") == "0.42"
        ]
        area = 0.0
        for e in shapes:
            for ring in (e.get("d") or "").split("Z")[:-1]:
                points = np.array([[float(v) for v in pair.split()] for pair in ring.strip("M").split("L")])
                x, y = points.T
                area += abs(float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum())) / 2
        whole = (680 - 20 - 62) * (440 * 0.72)
        assert area == pytest.approx(whole, rel=2e-3)
        ends = {(round(p[0], 9), round(p[1], 9)) for piece in boundary(found, one) for p in piece}
        for b in one.border:
            assert (round(b.x, 9), round(b.y, 9)) in ends


def test_statics_that_fail_look_otherwise() -> None:
    held = tried()[0]
    failed = replace(held, name="cost_tempts", holds=False, expected="rises")
    picture = statics_picture(model(), [held, failed])
    assert len(marks(picture, "circle", "more")) == 1
    assert len(marks(picture, "path", "less")) == 1
    assert "fails" in picture.standalone()


# ---------------------------------------------------------------------- from nothing


def test_nothing_that_turns_is_said_and_drawn() -> None:
    none = replace(tip(), tips=())
    assert "nothing changes" in tipping_picture(model(), none).reading
    assert "Nothing changes" in str(paged("tip", none).content)
    lost = Finding("seldom", NAN, NAN, NAN, 1, NAN)
    far = Breaking("seldom", True, lost, (), (), 0.2, "searched to 8")
    hidden = replace(far, holds=None)
    assert "nothing flips it" in distances_picture(model(), [far, hidden]).standalone()
    assert "cannot be judged" in distances_picture(model(), [far, hidden]).standalone()
    page: Answer = paged("breaking", [far])
    assert not page.pictures
    assert "nothing flips it (searched to 8)" in str(page.content)
    assert breaking_picture(model(), far).standalone()


def test_noise_is_not_drawn_as_an_effect() -> None:
    found = detente.sense(study(), "outcome")
    quiet = [replace(e, first=replace(e.first, value=0.001, low=-0.01, high=0.01), total=None) for e in found.effects]
    nothing = replace(found, effects=tuple(quiet), joint=())
    assert "No single assumption" in str(paged("sense", nothing).content)
    assert sense_picture(model(), nothing).standalone()


def test_a_mechanism_that_cannot_be_switched_off_is_a_row_all_the_same() -> None:
    first = knocked().mechanisms[0]
    kept = replace(first, effect=None, shift=NAN, kept=("it is all there is",), turned=(), lost=())
    picture = ablation_picture(model(), replace(knocked(), mechanisms=(kept,)))
    assert "cannot be switched off" in picture.standalone()
    assert "it is all there is" in str(picture.table)


def test_no_box_is_said() -> None:
    found = replace(detente.discover(study(), "not seldom"), boxes=())
    answer = paged("discover", found)
    assert not answer.pictures
    assert "nowhere more than elsewhere" in str(answer.content)


def test_a_move_that_no_belief_makes_best_is_drawn_without_a_point() -> None:
    need = viewed().needs[0]
    none = {r: tuple(replace(c, found=False) for c in cs) for r, cs in need.convictions.items()}
    assert "not found" in need_picture(model(), replace(need, convictions=none)).standalone()


def test_what_cannot_be_judged_is_said() -> None:
    step = changed().whole
    d = step.outcomes["war"]
    blank = replace(
        d, effect=replace(d.effect, value=NAN, low=NAN, high=NAN, draws=0), after=replace(d.after, value=NAN, draws=0)
    )
    picture = shift_picture(model(), replace(step, outcomes={**step.outcomes, "war": blank}), 60)
    assert "not to be judged" in picture.standalone()
    assert "nan" not in picture.standalone().lower()


def test_forecasts_are_named_in_full() -> None:
    from tests.present.test_report import FULL, _solved

    long = "a full-scale invasion of further territory by the end of the year, as the council of the crowd had put it"
    found = _solved(FULL.replace("event: attack, deadline", f"event: '{long}', deadline"), 60)
    from detente.present.figures.api import figure_forecasts

    root = ElementTree.fromstring(figure_forecasts(found))
    lines = " ".join("".join(e.itertext()) for e in root.iter(SVG + "text"))
    assert long in lines
    assert "…" not in lines


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-0.31, 0.02), (5.0, 5.0), (1e-5, 3e-5), (-1200.0, 80.0)])
def test_a_scale_holds_all_its_values(low: float, high: float) -> None:
    scale = Scale.over([low, high, NAN], 10.0, 110.0)
    assert 10.0 <= scale(low) <= scale(high) <= 110.0
    assert scale.marks[0] <= low
    assert scale.marks[-1] >= high


@pytest.mark.parametrize("values", [(0.2, 3.0), (1.0,), (0.5,), (40.0, 90.0)])
def test_a_scale_of_factors_holds_one_and_all_its_values(values: tuple[float, ...]) -> None:
    scale = Scale.times(values, 0.0, 100.0)
    for value in (*values, 1.0):
        assert 0.0 <= scale(value) <= 100.0


def test_the_words_of_a_row_are_kept_whole() -> None:
    row = Row("a name of several words", "and what it is in small print that goes on")
    drawn = "".join(str(part) for part in row.drawn(0.0, 150.0))
    shown = " ".join(re.findall(r">([^<]+)</text>", drawn))
    assert shown == f"{row.name} {row.note}"
