"""The report: complete, well formed, closed to the outside, honest, and the same every time."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

import detente
from detente.analyse.counterfactual.statics import StaticResult
from detente.analyse.evidence.score import scores
from detente.model.load import load
from detente.present.cli.app import app
from detente.present.figures import api as figures
from detente.present.html.markup import Html, link, say, table, tag, text
from detente.present.report.report import report, write_report
from detente.present.wording.numbers import beside_effect, points
from detente.study.dossier import Dossier, Part
from detente.study.memo.rerun import Again
from detente.study.questions.statics import statics
from detente.study.run import run
from detente.study.study import Study
from detente.study.summary import summary

FULL = """
detente: 1
title: A <script>alert(1)</script> & a "deadline" -->
question: Who yields?
about: A paragraph.
as_of: 2022-02-16
stake: 1 is the prize
periods: {count: 2, unit: month}
sources:
  article: {title: "On <u>war</u>", author: An author, published: 2022-02, kind: opinion, url: "https://example.org/?a=1&b=2"}
  trap: {title: A trap, url: "javascript:alert(1)"}
mechanisms:
  siege: {says: the siege costs, source: article 2}
  plan: {says: the plan works}
actors:
  North: wants the prize
  South: holds it
quantities:
  strain:
    {value: 0.3 to 1.5, unit: stake, means: cost of holding on, source: article 6, because: who knows, mechanism: siege,
    seen_by: {North: strain * (0.3 to 0.9)}}
  hazard: {value: 0.02 to 0.2, unit: probability, means: a mishap, source: [article 4, trap], mechanism: plan}
  sharpness: {value: 2 to 9, unit: 1/stake, role: precision}
private:
  South.nerve: {prior: {strong: 0.4, weak: otherwise}, means: how strong it is, source: article}
state:
  alarm: {start: 0.1, next: 0.5 * alarm + 0.2 * (posture is press), means: the mood}
stages:
  posture: {actor: North, moves: {attack: {means: strike, mechanism: plan}, press: wait, leave: go home}}
  mishap: {chance: {war: hazard, none: otherwise}, when: posture is press}
  reply: {actor: South, moves: [hold, yield], when: posture is press}
outcomes:
  taken: {when: posture is attack, means: it is taken, mechanism: plan}
  accident: {when: mishap is war, means: nobody chose it}
  ceded: {when: reply is yield, mechanism: siege}
  peace: {when: posture is leave}
  standoff: otherwise
payoffs:
  North:
    prize: 1.0 * (outcome is taken) + 0.8 * (outcome is ceded)
    strain: {value: -strain * (outcome is taken), mechanism: siege, source: article 6}
    army: {each period: -0.05 * (posture is press)}
  South:
    land: -1.2 * (outcome is taken) - 0.7 * (outcome is ceded) + 0.3 * (South.nerve is strong) * (outcome is standoff)
    mood: -alarm
claims:
  unlikely:
    {says: "an attack is <i>least</i> likely", source: article 4, holds: P(posture is attack) < P(posture is press)}
  trivial: {says: it ends, holds: P(outcome is taken) <= 1}
statics:
  strain_deters: {mechanism: siege, raise: strain, then: P(posture is attack) falls}
evidence:
  - {date: 2022-02-12, seen: posture is press, source: article}
  - {date: 2022-02-18, signal: drums, likelihood: {South.nerve: {strong: 0.6, weak: 0.2}}, source: article}
  - {date: 2022-02-15, fact: blood <supplies> move forward, source: article}
forecasts:
  - {who: A <crowd>, date: 2022-02-12, p: 0.65, event: attack, deadline: 2022-12-31, like: posture is attack,
     source: article}
  - {who: An office, date: 2022-02-11, p: 0.9, event: attack this week, deadline: 2022-02-18, like: posture is attack}
  - {who: A sage, date: 2022-02-10, p: 0.125, event: something else}
happened: {date: 2022-02-24, outcome: taken, source: article}
"""

BARE = """
title: Bare
actors: {A: one, B: other}
stages:
  x: {actor: A, moves: [left, right]}
  y: {actor: B, moves: [up, down]}
outcomes:
  good: {when: x is left and y is up}
  bad: otherwise
payoffs:
  A: {gain: 1.0 * (outcome is good)}
  B: {gain: -1.0 * (outcome is good) + 0.2 * (y is up)}
"""

SECTIONS = [
    *("follows", "outcomes", "course", "claims", "drivers", "why"),
    *("assumptions", "mechanisms", "evidence", "certificate", "references"),
]
VOID = {"meta", "link", "br", "hr", "img", "input", "col"}


class Page(HTMLParser):
    """Reads a page and complains where its elements do not balance."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.numbers: list[float] = []
        self.feed(source)
        self.close()
        assert not self.open, f"left open: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        assert len(found) == len(attrs), f"an attribute twice in {tag}: {attrs}"
        self.tags.append((tag, found))
        if "id" in found:
            self.ids.append(found["id"] or "")
        if tag == "a":
            self.links.append(found.get("href") or "")
        if tag == "data":
            self.numbers.append(float(found["value"] or "nan"))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def model(folder: Path, written: str) -> Path:
    path = folder / "small.yaml"
    path.write_text(written, "utf-8")
    return path


@cache
def _solved(written: str, draws: int) -> Study:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        return run(load(model(Path(folder), written)), draws=draws, seed=3)


def solved(written: str = FULL, draws: int = 400) -> Study:
    return _solved(written, draws)


def variants() -> dict[str, str]:
    """The full model with a part of it taken away, each."""
    found = {"full": FULL, "bare": BARE}
    for part in ("claims", "happened", "periods", "forecasts", "evidence", "statics", "quantities"):
        found[f"no {part}"] = without(part)
    return found | {
        "no sources": without("sources", every="source"),
        "no mechanisms": without("mechanisms", every="mechanism"),
    }


def without(part: str, every: str = "") -> str:
    """The full model without a part, and without every key of a name."""
    data = yaml.safe_load(FULL)
    del data[part]
    if part == "quantities":  # numbers in their place
        written = yaml.safe_dump(data, sort_keys=False).replace("strain *", "0.5 *").replace("-strain", "-0.5")
        data = yaml.safe_load(
            written.replace("war: hazard", "war: 0.1").replace("raise: strain", "force: {posture: press}")
        )

    def clean(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: clean(v) for k, v in value.items() if k != every}
        return [clean(v) for v in value] if isinstance(value, list) else value

    return yaml.safe_dump(clean(data), sort_keys=False)


@pytest.mark.parametrize("name", list(variants()))
def test_every_section_is_there_and_the_page_is_well_formed(name: str) -> None:
    page = Page(report(solved(variants()[name], 120), "detente run small"))
    assert [i for i in page.ids if i in SECTIONS] == SECTIONS
    assert len(page.ids) == len(set(page.ids)), "an id is used twice"
    for target in page.links:
        assert not target.startswith("#") or target[1:] in page.ids, f"a link leads nowhere: {target}"
    assert sum(tag_ == "h1" for tag_, _ in page.tags) == 1


def test_the_page_loads_nothing_and_runs_nothing() -> None:
    source = report(solved(), "detente run small")
    page = Page(source)
    policy = next(
        a["content"] for t, a in page.tags if t == "meta" and a.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "script-src" not in policy
    for name, attributes in page.tags:
        assert name not in ("script", "iframe", "object", "embed", "img", "base", "form"), name
        assert "src" not in attributes
        assert "style" not in attributes, "the policy forbids style attributes"
        assert not any(key.startswith("on") for key in attributes)
        if name == "link":
            assert attributes["href"] == "data:,"
        if name == "a":
            assert (attributes["href"] or "").startswith(("#", "https://")), attributes
    assert "@import" not in source
    assert "url(" not in source


def test_the_policy_allows_the_style_of_the_page() -> None:
    import base64
    import hashlib

    source = report(solved(), "")
    style = source.split("<style>")[1].split("</style>")[0]
    assert base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() in source
    assert source.count("<style>") == 1


def test_what_the_model_says_is_escaped() -> None:
    study = solved()
    source = report(study, 'detente run "<x>"')
    assert "<script" not in source
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in source
    for hostile in ("<u>war", "<i>least", "<crowd>", "<x>"):
        assert hostile not in source
    assert "javascript:alert(1)" not in Page(source).links
    for picture in figures.pictures(study).values():
        assert "<crowd>" not in picture


def test_facts_are_told_in_order_of_time() -> None:
    source = report(solved())
    told = [source.index(words) for words in ("12 February 2022", "blood &lt;supplies&gt; move forward", "drums")]
    assert told == sorted(told)
    assert "a fact that the model has no event for" in source


def test_equal_studies_give_equal_bytes(tmp_path: Path) -> None:
    path = model(tmp_path, FULL)
    for k in range(2):
        study = run(path, draws=150, seed=3)
        write_report(study, tmp_path / f"{k}.html", "detente run small", tried(study, statics(path, draws=60)))
    assert (tmp_path / "0.html").read_bytes() == (tmp_path / "1.html").read_bytes()
    assert str(tmp_path) not in (tmp_path / "0.html").read_text("utf-8")


def tried(study: Study, found: list[StaticResult]) -> Dossier:
    """A dossier in which the statics were asked for."""
    return Dossier(study, (Part("statics", {}, found),))


def test_the_numbers_are_those_of_the_study() -> None:
    study = solved()
    page = Page(report(study, ""))
    told = summary(study)
    wanted = [v for f in told.outcomes.values() for v in (f.value, f.low, f.high)]
    wanted += [c.share for c in told.claims.values()]
    wanted += [told.certificate.max_residual, *told.certificate.max_gain.values()]
    for value in wanted:
        assert any(abs(value - shown) <= 1e-9 * max(1.0, abs(value)) for shown in page.numbers), value


def test_forecasts_are_scored_by_their_own_deadline() -> None:
    sage, office, crowd = scores(solved().model, solved().ask)
    assert (crowd.came, crowd.ours_came) == (True, True)
    assert (office.came, office.ours_came) == (False, True)  # it came, but after the day they had named
    assert (sage.came, sage.ours) == (None, None)
    page = Page(report(solved(), ""))
    assert "no (too late)" in page.text
    assert "0.12" in page.text  # (1 - 0.65)^2


def test_statics_are_told_with_their_mechanism(tmp_path: Path) -> None:
    path = model(tmp_path, FULL)
    study = run(path, draws=120)
    page = Page(report(study, "", tried(study, statics(path, draws=80))))
    assert "strain deters" in page.text
    assert "1 of 1 do" in page.text


def test_a_static_is_told_apart_from_its_mechanism_and_in_points(tmp_path: Path) -> None:
    path = model(tmp_path, FULL)
    (r,) = detente.statics(path, draws=80)
    out = CliRunner().invoke(app, ["statics", str(path), "-n", "80", "--report", str(tmp_path / "s.html")]).output
    assert "strain deters (mechanism: siege)" in " ".join(out.split())
    effect = f"{points(r.effect.value, r.effect.error / 4)} pt"
    sides = [beside_effect(f.value, r.effect.error / 4) for f in (r.before, r.after)]
    assert sides[0] != sides[1]
    assert f"{sides[0]} → {sides[1]}: {effect}" in " ".join(out.split())
    for page in ((tmp_path / "s.html").read_text("utf-8"), report(run(path, draws=20), "", tried(solved(), [r]))):
        assert effect in page
        assert all(f">{side}</data>" in page for side in sides)


def unfinished(study: Study, asked: int) -> Study:
    return replace(study, interrupted=True, again=Again(replace(study.again.ready, draws=asked)))


def test_unfinished_and_interrupted_studies_say_so() -> None:
    study = solved()
    page = Page(report(unfinished(study, 900), ""))
    assert "Interrupted: 400 of 900 draws" in page.text


def test_few_draws_are_enough_for_a_page() -> None:
    page = Page(report(solved(FULL, 2), ""))
    assert "2 draws" in page.text
    assert "nan" not in page.text.lower().split()


@pytest.mark.parametrize("name", ["crisis-signalling", "take-it-or-leave-it"])
def test_library_cases_have_a_page(name: str) -> None:
    study = run(name, draws=20)
    page = Page(report(study, ""))
    assert study.model.title.replace(" - ", " – ") in page.text
    assert study.answer is not None
    assert any(abs(study.answer.mean - shown) < 1e-9 for shown in page.numbers)


def test_pictures_stand_alone() -> None:
    for name, picture in figures.pictures(solved()).items():
        page = Page(picture)
        assert picture.startswith("<svg"), name
        assert 'xmlns="http://www.w3.org/2000/svg"' in picture
        assert {"title", "desc"} <= {tag_ for tag_, _ in page.tags}
        assert "nan" not in picture


def test_the_river_loses_nothing() -> None:
    from detente.analyse.forecast.course import river

    for written in (FULL, BARE):
        study = solved(written, 120)
        found = river(study.blueprint, study.weights)
        gone = 0.0
        for layer in found.layers:
            assert sum(layer.values()) + gone == pytest.approx(1.0)
            gone += sum(size for node, size in layer.items() if node[0] == "end")
        assert gone == pytest.approx(1.0)


def test_an_empty_cell_heads_nothing() -> None:
    made = table("caption", ["", "b"], [["", "1"], ["x", "2"]])
    assert made.count("<th ") == 2
    assert '<th scope="col">b</th>' in made
    assert '<th scope="row">x</th>' in made
    assert 'tabindex="0"' in made


def test_markup_escapes_by_default() -> None:
    assert (
        tag("p", "a < b", ["&", 1, None], class_="x", hidden=True, id=None) == '<p class="x" hidden>a &lt; b&amp;1</p>'
    )
    assert text(Html("<b>") + "<i>") == "&lt;b&gt;&lt;i&gt;"  # joined to other text, it is text again
    assert text("a\x00\u202eb") == "ab"
    assert say("{who} < {what}", who="<A>", what=Html("<b>B</b>")) == "&lt;A&gt; &lt; <b>B</b>"
    assert link("javascript:alert(1)", "x") == "x"
    assert link("https://a.b/?c=1&d=2", "x").startswith('<a href="https://a.b/?c=1&amp;d=2"')


@pytest.mark.parametrize(
    ("unit", "said"),
    [("month", "2 periods of one month"), ("four days", "2 periods of four days"), ("period", "2 periods")],
)
def test_the_length_of_a_period_is_said_in_words(unit: str, said: str) -> None:
    text = Page(report(solved(FULL.replace("unit: month", f"unit: {unit}"), 1), "")).text
    assert f"Time{said}Actors" in text
    assert "1 draws" not in text
    assert "1 quantities" not in text


def test_what_is_marked_in_a_text_stands_in_quotation_marks() -> None:
    assert text("as `likely` as `not`") == "as “likely” as “not”"
    assert text("a lone ` stays") == "a lone ` stays"
    assert "`" not in Page(report(solved(FULL.replace("who: A sage", "who: A `wise` sage"), 60), "")).text


def test_a_perception_that_is_a_mechanism_stands_with_it_and_says_why() -> None:
    long = "{value: strain * (0.3 to 0.9), mechanism: plan, source: article 2, because: the maps were old}"
    model = detente.loads(FULL.replace("seen_by: {North: strain * (0.3 to 0.9)}", f"seen_by: {{North: {long}}}"))
    told = Page(report(run(model, draws=4), "")).text
    assert "perceptions strain, as North sees it" in " ".join(told.split()).replace(" ,", ",")
    assert "the maps were old" in told
    assert "0 quantities" not in told  # of a thread that no quantity belongs to
