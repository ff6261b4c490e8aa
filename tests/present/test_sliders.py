"""Sliders inside a report: the numbers of its script are Python's, it runs from a file and asks nobody, and no text of
a model becomes anything but text."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from detente.analyse.finding import Finding
from detente.analyse.forecast.claims import verdict
from detente.draws.beliefs import read as believed
from detente.model.load import loads
from detente.present.cli.app import app
from detente.present.report.frame import page as framed
from detente.present.report.report import Report, report, write_report
from detente.present.report.sliders import Sliders, again, script
from detente.present.wording.answer import level
from detente.present.wording.numbers import end, percent, points
from detente.study.portable import Portable
from detente.study.run import run
from detente.study.study import Study
from detente.study.supposing import RANGE, Supposing
from tests.looking import axe, needs_browser
from tests.present import test_report
from tests.study.structures import CRISIS, DEAR, SEIZING
from tests.workbench.test_hostile import hostile

DRAWS = 300
EVIL = "</script><script>window.hit=1</script> --> </template><img src=x onerror=window.hit=1>"
QUANTITIES = """
  cost: {value: 0.2 to 0.6, unit: stake, mechanism: ruin}
  bill: {value: 0.2 to 0.6, unit: stake, means: "EVIL", because: "EVIL"}
  prize: {value: "uniform(0.5, 1.5)", means: "EVIL"}
  calm: {value: 0.1 to 0.5, unit: probability}
  slant: {value: "normal(0, 0.3)"}
  skewed: {value: "pert(0, 0.05, 0.6)"}
  mood: {value: {choice: {0: 0.5, 0.3: 0.3, 0.8: 0.2}}}
  luck: {value: bernoulli(0.3)}
  rationality: {value: 3 to 8, role: precision}
"""
STRUCTURES = f"""
correlations:
  - {{between: [bill, prize], rank: 0.5}}
  - {{between: [prize, calm], rank: -0.3}}
structures:
  seizing:
    weight: 0.3 to 0.8
    excludes: dear
    changes: {SEIZING}
  dear:
    weight: 0.3
    changes: {DEAR}
"""
GAIN = "prize * (outcome is gain) + 0.5 * (outcome is war)"


def text() -> str:
    """A case with a slider of every kind, correlated numbers, and structures that exclude each other."""
    head, tail = CRISIS.split("quantities:\n")
    made = f"{head}quantities:{QUANTITIES}private:{tail.split('private:')[1]}{STRUCTURES}"
    made = made.replace("there is war}", "there is war, groups: {conflict: [war], settled: otherwise}}")
    made = made.replace("title: A demand", 'title: "EVIL"').replace("says: there is war", 'says: "there is war EVIL"')
    made = made.replace("war is unlikely", '"war is unlikely EVIL"').replace(
        "statics:", "  fought: {says: it is fought, holds: P(outcome is war given reply is resist) > 0.5}\n"
        "  rash: {says: A is rash, holds: P(demand is demand) > 0.6}\nstatics:",
    )  # fmt: skip
    made = made.replace(GAIN, f"{GAIN} + (slant + 0.3 * skewed + mood + 0.4 * luck - calm - bill) * (outcome is quiet)")
    return made.replace("EVIL", EVIL)


@cache
def study() -> Study:
    return run(loads(text(), "demand.yaml"), draws=DRAWS)


@cache
def whole() -> str:
    """The page with the sliders alone: all there are."""
    made = Sliders(study(), "detente run cases/demand.yaml --draws 300")
    object.__setattr__(made, "portable", Portable.of(study(), sliders=20))
    return framed("sliders", "", [made.section], "", script())


def moved(*texts: str) -> dict[str, Any]:
    return dict(believed(texts))


STATES = [
    ("prize=0.8",), ("bill=0.45",), ("bill=0.3", "prize=1.2", "calm=0.2"), ("slant=-0.21", "skewed=0.2"),
    ("skewed=0.29",), ("mood=0:0.2",), ("luck=1:0.6",), ("seizing=0.8",), ("dear=0.05", "seizing=0.55"),
    ("rationality=6.5", "bill=0.25", "mood=0.8:0.4", "luck=1:0.2", "dear=0.4", "slant=0.1"), ("prize=1.48",),
    ("seizing=0", "dear=1"),
]  # fmt: skip


# --------------------------------------------------------------------------------------------------- what is sent along


def test_curves_give_the_scores_of_python() -> None:
    found = Portable.of(study(), sliders=20)
    scales = {}
    for handle in found.handles:
        if handle.curve is None:
            continue
        s = handle.slider
        values = np.linspace(s.low, s.high, 997)
        apart = np.abs(handle.curve.score(values) - found.supposing.priors.sources.score(s.name, values)).max()
        assert apart < 1e-6, s.name
        assert handle.curve.score(np.array([s.low, s.high])) == pytest.approx([-RANGE, RANGE], abs=1e-7)
        scales[s.name] = handle.curve.scale, len(handle.curve.x)
    assert scales["bill"] == ("log", 2)
    assert scales["calm"] == ("logit", 2)
    assert scales["slant"] == ("value", 2)
    assert scales["prize"] == ("value", 257)


def test_mixed_scores_are_enough_to_weigh_by() -> None:
    found = Portable.of(study(), sliders=20)
    beliefs = moved("bill=0.3", "prize=1.2", "slant=0.1")
    shifts = found.supposing.priors.moved(beliefs).shifts
    d = np.array([shifts.get(name, 0.0) for name in found.numbers])
    logs = d @ found.mixed - d @ found.gram @ d / 2
    weights = np.exp(logs) / np.exp(logs).sum()
    assert weights == pytest.approx(
        found.supposing.base.points.weights(found.supposing.priors.moved(beliefs)), rel=1e-9
    )


def test_what_the_answer_depends_on_most_comes_first_and_size_is_bounded() -> None:
    found = Portable.of(study(), sliders=3, draws=100)
    assert len(found.handles) == 3
    everything = Portable.of(study(), sliders=20)
    assert [h.slider.name for h in everything.handles[:3]] == [h.slider.name for h in found.handles]
    told = [h.index for h in everything.handles if h.index is not None]
    assert told == sorted(told, reverse=True)
    assert [h.index is None for h in everything.handles] == sorted(h.index is None for h in everything.handles)
    assert (found.n, found.mixed.shape[1], found.rows.shape[1]) == (100, 100, 100)
    assert len(everything.handles) == len(Supposing.of(study()).sliders)
    assert len(Portable.of(study()).handles) == 8


def test_a_correlated_choice_has_no_slider_here() -> None:
    joined = loads(text().replace("between: [prize, calm]", "between: [prize, mood]"), "demand.yaml")
    names = [h.slider.name for h in Portable.of(run(joined, draws=60), sliders=20).handles]
    assert "mood" not in names
    assert {"bill", "prize", "luck"} <= set(names)


# ------------------------------------------------------------------------------------------------------------- the page


def test_without_sliders_a_report_has_no_script_and_its_policy_allows_none() -> None:
    source = report(test_report.solved(), "detente run full")
    style = source.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    assert re.findall('Policy" content="([^"]*)"', source) == [html.escape(policy)]
    assert "<script" not in source
    assert "sl-" not in style
    assert "loads nothing and runs nothing" in source


def test_one_script_is_allowed_by_its_hash_and_stands_alone(tmp_path: Path) -> None:
    write_report(study(), tmp_path / "a.html", "detente run demand.yaml", sliders=True)
    write_report(study(), tmp_path / "b.html", "detente run demand.yaml", sliders=True)
    raw = (tmp_path / "a.html").read_bytes()
    assert raw == (tmp_path / "b.html").read_bytes()
    source = raw.decode()
    assert source.count("<script") == source.count("</script") == 1
    held = source.split("<script>")[1].split("</script>")[0]
    assert held == script()
    digest = base64.b64encode(hashlib.sha256(held.encode()).digest()).decode()
    policy = html.unescape(re.findall('Policy" content="([^"]*)"', source)[0])
    assert f"script-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert "runs one script" in source
    assert "runs nothing" not in source
    assert test_report.Page(source).open == []


def test_the_script_asks_nobody_and_cannot_end_early() -> None:
    assert not re.search(r"</script|<!--|\r|fetch|XMLHttp|WebSocket|import\(|eval|innerHTML|https?:", script(), re.I)
    assert len(script()) < 10_240
    assert script().isascii()


def test_the_page_tells_the_case_as_written_where_no_script_runs() -> None:
    made = whole()
    found = Supposing.of(study()).at({})
    for d in found.whole.outcomes.values():
        assert f'<data value="{d.after.value:.12g}">{html.escape(percent(d.after.value, d.after.error))}</data>' in made
    assert "which does not run here" in made


@pytest.mark.parametrize(
    ("command", "wanted"),
    [
        ("detente run cases/demand.yaml -n 300", "detente suppose cases/demand.yaml|--draws 300"),
        ("detente run demand --set 'cost=0.1 to 0.2' --without dear --out x --seed 1",
         "detente suppose demand|--set 'cost=0.1 to 0.2' --without dear --draws 300"),
        ("detente report demand --only tip --perception=private --sliders",
         "detente suppose demand|--perception=private --draws 300"),
        ("", "detente suppose demand|--draws 300"),
        ("detente run 'unclosed", "detente suppose demand|--draws 300"),
    ],
)  # fmt: skip
def test_the_command_that_solves_anew_keeps_the_case_and_its_settings(command: str, wanted: str) -> None:
    assert "|".join(again(study(), command)) == wanted


# --------------------------------------------------------------------------------------------------------- in a browser


class Open:
    """A page from a file, in a browser without a network."""

    def __init__(self, browser: Any, source: str, folder: Path, width: int = 1280, **how: Any) -> None:
        place = folder / "page.html"
        place.write_text(source, "utf-8")
        self.page = browser.new_context(viewport={"width": width, "height": 900}, offline=True, **how).new_page()
        self.wrong: list[str] = []
        self.asked: list[str] = []
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("console", lambda m: self.wrong.append(m.text))
        self.page.on("request", lambda r: self.asked.append(r.url))
        self.page.goto(place.as_uri())
        self.place = place.as_uri()

    def move(self, name: str, value: Any) -> None:
        names = self.page.evaluate("JSON.parse(document.querySelector('#sl-data').content.textContent).sliders")
        k = next(i for i, slider in enumerate(names) if slider["name"] == name)
        some = value if isinstance(value, Mapping) else {None: value}
        for which, p in some.items():
            at = f"[data-slider='{k}']" + ("[type=text]" if which is None else "")
            if which is not None:
                at += f"[data-value='{names[k]['values'].index(which)}']"
            self.page.evaluate(
                "([at, p]) => { const i = document.querySelector(at); i.value = p; "
                "i.dispatchEvent(new Event('input', {bubbles: true})) }", [at, str(p)],
            )  # fmt: skip

    def rows(self) -> list[dict[str, Any]]:
        return list(
            self.page.evaluate("""[...document.querySelectorAll('[data-row]')].sort((a, b) => a.dataset.row -
            b.dataset.row).map(e => ({data: [...e.querySelectorAll('data')].map(d => +d.value), text:
            [...e.querySelectorAll('td')].slice(1).map(t => t.textContent), chip: e.querySelector('.chip')?.textContent,
            was: e.querySelector('.was')?.textContent, share: e.querySelector('.share')?.textContent}))""")
        )

    def told(self, key: str) -> str:
        return str(self.page.evaluate(f"document.querySelector('#sl-{key}').textContent"))


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Open]:
    made = Open(browser, whole(), tmp_path)
    yield made
    made.page.context.close()
    assert made.wrong == []
    assert made.asked == [made.place]


def close(one: float, other: float, size: float = 1e-6) -> bool:
    return abs(one - other) <= size or (one != one and other != other)


@needs_browser
@pytest.mark.parametrize("state", STATES, ids=" ".join)
def test_the_script_finds_what_python_finds(state: tuple[str, ...], opened: Open) -> None:
    beliefs = moved(*state)
    for name, value in beliefs.items():
        opened.move(name, value)
    found = Supposing.of(study()).at(beliefs)
    rows = opened.rows()
    parts = {**found.whole.outcomes, **found.whole.groups}
    answer = found.whole.answer
    assert answer is not None
    for row, d in zip(rows, parts.values(), strict=False):
        f = d.after
        for shown, known in zip(row["data"], (f.value, f.low, f.high), strict=True):
            assert close(shown, known), (d.name, shown, known)
        told = [percent(f.value, f.error), f"{end(f.low, f)} to {end(f.high, f)}"]
        assert row["text"][:2] == told, d.name
        assert row["text"][2] == f"{points(d.effect.value, d.effect.error / 4)} pt", d.name
    for row, (name, v) in zip(rows[len(parts) :], found.verdicts.items(), strict=True):
        before = verdict(found.whole.claims[name].before.value)
        assert close(row["data"][0], v.share.value), name
        assert row["chip"] == verdict(v.share.value)
        assert row["was"] == (f"was: {before}" if before != row["chip"] else "")
        assert row["share"] == f"{percent(v.share.value, v.share.error)} of draws"
    shown = opened.page.evaluate("[+document.querySelector('#sl-level data').value, "
                                 "+document.querySelector('#sl-worth').dataset.ess]")  # fmt: skip
    assert close(shown[0], answer.after.value)
    assert shown[1] == pytest.approx(found.ess, rel=1e-5)
    assert opened.told("level") == level(study().model, answer.after)
    few = found.share < 0.1
    assert opened.page.evaluate("document.querySelector('#sl-found').inert") is few
    assert opened.page.locator("#sl-few").is_visible() is few
    assert opened.page.locator("#sl-sentence").is_visible() is not few
    written = shlex.split(opened.told("again").removesuffix("Copy"))
    assert written[:3] == ["detente", "suppose", "cases/demand.yaml"]
    assert written[-2:] == ["--draws", "300"]
    priors = Supposing.of(study()).priors
    one, other = priors.moved(moved(*written[3:-2])), priors.moved(beliefs)
    assert (one.shifts, one.weights) == (other.shifts, other.weights)
    assert one.chances.keys() == other.chances.keys()
    for name, chances in one.chances.items():
        assert chances == pytest.approx(other.chances[name], abs=1e-9)


@needs_browser
def test_what_excludes_each_other_is_told(opened: Open) -> None:
    opened.move("seizing", 0.7)
    opened.move("dear", 0.6)
    assert opened.page.locator("#sl-told").inner_text().startswith("These structures exclude each other")
    assert not opened.page.locator("#sl-few").is_visible()
    opened.page.click("#sl-back")
    assert opened.page.locator("#sl-sentence").is_visible()
    assert opened.page.locator("#sl-back").is_disabled()


@needs_browser
def test_a_number_is_typed_with_a_comma_and_refused_in_words(opened: Open) -> None:
    field, before = opened.page.locator("input[type=text][data-slider='0']"), opened.rows()
    low, high = (float(field.get_attribute(end) or "") for end in ("min", "max"))
    middle = f"{low + 0.7 * (high - low):.2f}"
    field.fill("1.2.3")
    assert opened.page.locator(".slider .wrong").first.inner_text().startswith("“1.2.3” is no number")
    assert opened.rows() == before
    field.fill(middle.replace(".", ","))
    assert opened.page.locator(".slider .wrong").first.inner_text() == ""
    assert float(opened.page.locator("#sl-0").input_value()) == pytest.approx(float(middle), abs=0.02)
    assert opened.rows() != before


@needs_browser
def test_everything_is_moved_by_keyboard_and_taken_back(opened: Open) -> None:
    page = opened.page
    before = opened.rows()
    page.locator("#sl-0").focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    assert opened.rows() != before
    assert "As written it is" in opened.told("was")
    assert "worth" in opened.told("worth")
    page.keyboard.press("Tab")  # the number
    focused = "[document.activeElement.type, document.activeElement.dataset.slider]"
    assert page.evaluate(focused) == ["text", "0"]
    page.locator("[data-back='0']").focus()
    page.keyboard.press("Enter")
    assert opened.rows() == before
    assert page.evaluate(focused) == ["range", "0"]
    assert opened.told("was") == ""


@needs_browser
def test_a_number_beyond_what_is_believed_is_held_at_its_end(opened: Open) -> None:
    opened.move("prize", 77)
    assert opened.page.locator("#sl-few").is_visible()
    assert " prize=1.49 " in f"{opened.told('again')} "
    opened.move("prize", "")
    assert " prize=1.49 " in f"{opened.told('again')} "


@needs_browser
def test_the_values_of_a_choice_share_what_is_left(opened: Open) -> None:
    def shown() -> list[float]:
        return [float(v) for v in opened.page.evaluate(
            "[...document.querySelectorAll('.chances')].find(e => e.children.length === 3)"
            ".querySelectorAll('input').values().map(i => +i.dataset.p || +i.getAttribute('aria-valuetext')"
            ".replace('%', '')).toArray()")]  # fmt: skip

    assert shown() == [50, 30, 20]
    opened.move("mood", {0.0: 0.2})
    assert shown() == [20, 48, 32]
    opened.move("mood", {0.3: 0.6})
    assert shown() == [20, 60, 20]
    opened.move("mood", {0.8: 0.6})  # the first that was told gives way
    assert shown() == [0, 60, 40]


@needs_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_and_a_phone_scrolls_no_page(
    width: int,
    scheme: str,
    browser: Any,
    tmp_path: Path,
) -> None:
    tame = run(loads(text().replace(EVIL, "so to say"), "demand.yaml"), draws=DRAWS)
    source = Report(tame, "detente run demand.yaml", sliders=True).text()
    opened = Open(browser, source, tmp_path, width, color_scheme=scheme)
    opened.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    for state in ({}, moved("prize=0.9"), moved("prize=1.49")):
        for name, value in state.items():
            opened.move(name, value)
        assert axe(opened.page) == []
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    assert opened.page.locator("#sl-few").is_visible()
    opened.page.context.close()


@needs_browser
def test_no_text_of_a_model_runs(browser: Any, tmp_path: Path) -> None:
    evil = run(loads(json.dumps(hostile()), "evil.yaml"), draws=40)
    for source in (Report(evil, sliders=True).text(), whole()):
        assert source.count("<script") == source.count("</script") == 1
        opened = Open(browser, source, tmp_path)
        opened.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        opened.page.locator("#sl-0").focus()
        opened.page.keyboard.press("ArrowRight")
        assert "As written" in opened.told("was")
        assert opened.page.evaluate("window.hit") is None
        assert opened.page.evaluate("document.querySelectorAll('#injected, iframe, object, img').length") == 0
        assert (opened.wrong, opened.asked) == ([], [opened.place])
        opened.page.evaluate("""() => { const s = document.createElement('script'); s.textContent = 'window.hit = 2';
            document.body.append(s); }""")
        assert opened.page.evaluate("window.hit") is None
        assert len(opened.wrong) == 1, "the policy said nothing of another script"
        opened.page.context.close()


@needs_browser
def test_without_scripts_the_page_says_that_it_needs_one(browser: Any, tmp_path: Path) -> None:
    opened = Open(browser, whole(), tmp_path, java_script_enabled=False)
    assert opened.page.locator("#sl-needs").is_visible()
    assert not opened.page.locator("#sl-form").is_visible()
    assert opened.page.locator(".endings").is_visible()
    opened.page.context.close()


@needs_browser
@pytest.mark.parametrize("asks", ["U(A)", ""])
def test_answers_that_are_no_probability_are_told_as_python_tells_them(
    asks: str,
    browser: Any,
    tmp_path: Path,
) -> None:
    line = "answer: {asks: P(outcome is war), says: there is war}\n"
    model = loads(CRISIS.replace(line, line.replace("P(outcome is war)", asks) if asks else ""), "demand.yaml")
    other = run(model, draws=120)
    opened = Open(browser, framed("sliders", "", [Sliders(other).section], "", script()), tmp_path)
    opened.move("cost", 0.25)
    found = Supposing.of(other).at({"cost": 0.25}).whole
    d = found.answer or max(found.outcomes.values(), key=lambda one: one.after.value)
    assert opened.told("level") == level(model, d.after)
    assert opened.told("was").startswith(f"As written it is {level(model, d.before)}: ")
    assert ("in 90% of draws" in opened.told("span")) is not asks
    assert opened.wrong == []
    opened.page.context.close()


# ------------------------------------------------------------------------------------------------------------ the doors


def test_the_commands_write_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("demand.yaml").write_text(CRISIS)

    def invoke(words: list[str]) -> Any:
        monkeypatch.setattr("sys.argv", ["detente", *words])
        return CliRunner().invoke(app, words)

    assert invoke(["run", "demand.yaml", "-n", "40", "--sliders"]).exit_code == 0
    assert invoke(["report", "demand.yaml", "b.html", "-n", "40", "--only", "gradients", "--sliders"]).exit_code == 0
    for place in ("reports/demand.html", "b.html"):
        assert Path(place).read_text("utf-8").count("<script>") == 1
        assert "detente suppose demand.yaml" in Path(place).read_text("utf-8")
    assert invoke(["run", "demand.yaml", "-n", "40"]).exit_code == 0
    assert "<script" not in Path("reports/demand.html").read_text("utf-8")
    refused = invoke(["run", "demand.yaml", "-n", "40", "--sliders", "--no-report"])
    assert refused.exit_code == 2
    assert "give --report or --out" in refused.output


def test_a_case_without_anything_to_move_says_so() -> None:
    source = report_of(test_report.BARE)
    assert "This case has no sliders" in source
    assert "sl-form" not in source.split("</style>")[1].split("<script>")[0]


def report_of(written: str) -> str:
    return Report(run(loads(written, "bare.yaml"), draws=1), sliders=True).text()


def test_of_many_draws_the_first_are_taken() -> None:
    source = Sliders(study())
    object.__setattr__(source, "portable", replace(Portable.of(study()), n=100))
    sent = source.data
    assert sent["draws"] == 100
    rows = np.frombuffer(base64.b64decode(sent["rows"]), "<f4").reshape(-1, 100)
    assert rows[0] == pytest.approx(study().outcome_draws("quiet")[:100], rel=1e-6)
    assert "first 100 of 300 draws" in source.section.html
    assert isinstance(source.found.whole.answer.after, Finding)  # type: ignore[union-attr]
