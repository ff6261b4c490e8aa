"""The whole report: every part of it agrees with its JSON, an interrupted one keeps what is done."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from detente.errors import QuestionError
from detente.model.load import loads
from detente.present.cli.app import app
from detente.present.cli.options import INTERRUPTED, OK
from detente.present.cli.report import forms
from detente.present.report.report import Report, report
from detente.study.dossier import Dossier, asked_for, dossier
from detente.study.questions import discover, sense
from detente.study.registry import declared
from detente.study.run import run
from detente.study.study import Study
from tests.present.test_pages import CASE, told
from tests.present.test_report import BARE, Page

WRONG = """statics:
  cost_invites: {raise: war_cost, then: P(threat is attack) rises}
  cost_wars: {raise: war_cost, then: P(outcome is war) rises}
"""
FAILING = CASE.replace("statics:\n", WRONG)
"""The case with two statics that fail, so that it is asked why."""
QUICK = ("breaking", "statics", "sense", "discover", "learn")


@cache
def solved() -> Study:
    return run(loads(FAILING, "threat.yaml"), draws=240, seed=1)


@cache
def whole() -> Dossier:
    return dossier(solved(), against=loads(CASE.replace("0.2 to 2.0", "0.4 to 3.0"), "other.yaml"))


def test_everything_is_asked_and_told() -> None:
    found = whole()
    assert found.left_out == {}
    assert not found.interrupted
    assert {part.question for part in found.parts} == {*asked_for(), "compare"}
    page = Page(report(solved(), "detente report threat", found=found))
    for section in ("on-thresholds", "on-counterfactual", "on-sensitivity", "on-information", "on-perceptions"):
        assert section in page.ids
    assert len(page.ids) == len(set(page.ids)), "an id is used twice"
    for target in page.links:
        assert not target.startswith("#") or target[1:] in page.ids, f"a link leads nowhere: {target}"
    assert page.text.count("The table behind this picture") >= 14


def test_the_page_leads_with_the_conclusion_and_what_turns_it() -> None:
    text = Page(report(solved(), "", found=whole())).text
    tiles = ("the conclusion, seldom", "smallest joint change", "given to what happened", "most likely outcome:")
    place = [text.index(said) for said in tiles]
    assert place == sorted(place)
    assert place[-1] < text.index("One stake")
    follows = text[text.index("The conclusion, “") :]
    assert follows.index("depends on") < follows.index("What would have to be believed for the opposite?")
    assert follows.index("What would have to be believed for the opposite?") < follows.index(
        "The most likely outcome is"
    )


def test_the_numbers_of_the_page_are_those_of_the_json() -> None:
    shown = Page(report(solved(), "", found=whole())).numbers
    wanted = []
    for name, answers in forms(whole(), 1)["answers"].items():
        for answer in answers if name not in ("run", "gradients", "breaking") else []:
            values = told(name, json.loads(json.dumps(answer)))
            assert values, name
            wanted += values
    wanted += [b.distance.value for b in whole().turning]
    for value in (v for v in wanted if v == v):
        assert any(abs(value - v) <= 1e-9 * max(1.0, abs(value)) for v in shown), value


def test_a_command_that_is_named_asks_that_part_alone() -> None:
    """Each command of the page is one that the command line knows, and gives the numbers of its part."""
    page = report(solved(), "", found=whole())
    named = [m.replace("&#x27;", "'") for m in re.findall(r"This alone: <code>(detente [^<]+)</code>", page)]
    assert len(named) >= 9
    names = set(declared())
    for line in named:
        words = shlex.split(line)
        assert words[1] in names
        assert words[2] == "threat"
    assert any("--draws 240" in line for line in named if " learn " in line)


def test_what_cannot_be_asked_is_left_out_with_the_reason() -> None:
    study = run(loads(BARE, "bare.yaml"), draws=4)
    found = dossier(study)
    assert {"breaking", "statics", "discover", "perceptions", "ablate"} <= set(found.left_out)
    page = Page(report(study, "", found=found))
    assert "What this page does not answer" in page.text
    assert "no comparative statics" in page.text


def test_an_unknown_part_is_refused_with_the_nearest() -> None:
    with pytest.raises(QuestionError, match="did you mean 'sense'"):
        dossier(solved(), ["sens"])


def test_interrupted_it_keeps_what_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **__: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr(discover.discovery, "discover", stop)
    kept: list[Dossier] = []
    found = dossier(solved(), QUICK, keep=kept.append)
    assert found.interrupted
    assert [part.question for part in found.parts] == ["breaking", "statics"]
    assert set(found.left_out) == {"discover", "sense", "learn"}
    assert len(kept) == 3
    page = Page(report(solved(), "", found=found))
    assert "Interrupted: not everything was asked" in page.text
    assert "not asked: interrupted" in page.text


def test_equal_answers_give_equal_bytes() -> None:
    again = dossier(solved(), QUICK, keep=None)
    assert report(solved(), "x", found=again) == report(solved(), "x", found=dossier(solved(), QUICK))


def test_a_page_that_is_written_anew_is_the_page_that_is_made_at_once() -> None:
    page, found = Report(solved(), "x", "--perception private"), whole()
    for count in (0, 1, 3, len(found.parts)):
        some = replace(found, parts=found.parts[:count], interrupted=count == 3)
        assert page.text(some) == report(solved(), "x", some, "--perception private")


def test_the_command_writes_one_page_and_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("threat.yaml").write_text(CASE, "utf-8")
    common = ["report", "threat.yaml", "--draws", "120", "--no-store", "--only", "sense", "--only", "statics"]
    done = CliRunner().invoke(app, [*common, "--json"])
    assert done.exit_code == OK, done.output
    answer = json.loads(done.stdout)
    assert answer["written"] == str(Path("reports/threat-whole.html"))
    assert len(answer["answers"]["sense"]) == 2
    assert [p.name for p in Path("reports").iterdir()] == ["threat-whole.html"]
    assert "What moves the outcome" in Path("reports/threat-whole.html").read_text("utf-8")

    def stop(*_: object, **__: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr(sense.variance, "given", stop)
    done = CliRunner().invoke(app, [*common, "--set", "war_cost=0.5 to 1"])
    assert done.exit_code == INTERRUPTED
    assert "left out: sense: not asked: interrupted" in done.stdout
    page = Path("reports/threat-whole.html").read_text("utf-8")
    assert "--set &#x27;war_cost=0.5 to 1&#x27;" in page
    assert "Interrupted" in page


def test_the_contents_have_two_levels_and_lead_to_headings() -> None:
    source = report(solved(), "detente report threat", found=whole())
    contents = source[source.index("<nav") : source.index("</nav>")]
    lines = re.findall(r'<a href="#([^"]*)">([^<]*)</a>', contents)
    assert contents.count("<ol>") > 5
    inner = re.findall(r"<ol>(<li><a[^>]*>[^<]*</a></li>)+</ol>", contents)
    assert inner
    for key, said in lines:
        assert f' id="{key}"' in source, said
    told = [said for _, said in lines]
    for heading in ("Tipping points", "Along war cost", "What each actor wants", "fear", "To reproduce this"):
        assert heading in told


def test_no_heading_is_said_twice() -> None:
    """Neither does a figure repeat the heading it stands under, nor a name the word before it."""
    source = report(solved(), "detente report threat", found=whole())
    under = re.findall(r"<h3[^>]*>(.*?)</h3>(?:<p>.*?</p>)*<figure[^>]*><figcaption>(?:<b>(.*?)</b>)?", source)
    assert under
    for heading, caption in under:
        assert heading != caption
    assert not re.search(r"\b(without|with|the|of|in|is|a) \1\b", Page(source).text)


def test_assumptions_fold_and_go_to_paper() -> None:
    source = report(solved(), "detente report threat", found=whole())
    part = source[source.index('<section id="assumptions"') : source.index('<section id="mechanisms"')]
    folded = re.findall(r'<details class="printed"><summary>(.*?)</summary>(.*?)</details>', part)
    assert sum(inner.count('class="entry"') for _, inner in folded) == len(solved().model.quantities)
    assert any("war cost" in summary for summary, _ in folded)


def test_no_key_of_the_file_stands_where_words_should() -> None:
    source = report(solved(), "", found=whole())
    source = re.sub(r"<(code|pre|style)[^>]*>.*?</\1>", " ", source, flags=re.S)
    text = Page(source).text
    model = solved().model
    keys = [name for name in (*model.quantities, *model.private, *model.statics) if re.search(r"[_.]", name)]
    assert keys
    assert [key for key in keys if key in text] == []
    assert "South’s nerve" in text


def test_an_outcome_is_explained_at_its_first_use() -> None:
    text = Page(report(solved(), "", found=whole())).text
    assert "given to what happened: war, they fight (" in text
    follows = text[text.index("The most likely outcome is") :]
    for name in ("war", "ceded"):
        means = solved().model.outcomes[name].means
        assert re.search(rf"\b{name}(, | \(){means}", follows[:400]) or name not in follows[:200], name
