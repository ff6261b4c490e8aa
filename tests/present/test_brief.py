"""The brief: one sheet with the answer, how it may end, what is claimed, what it depends on, and what it rests on."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

import detente
from detente.analyse.thresholds.breaking import Breaking
from detente.model.load import loads
from detente.present.cli import brief as door
from detente.present.cli.app import app
from detente.present.cli.options import OK, WRONG
from detente.present.report.brief import OUTCOMES, brief
from detente.present.report.report import report
from detente.present.terminal.console import console
from detente.present.views.run import show_study
from detente.present.wording.claims import smaller
from detente.present.wording.numbers import words
from detente.study.dossier import Dossier, Part
from detente.study.run import run
from detente.study.study import Study
from tests.present.test_pages import CASE
from tests.present.test_report import BARE, FULL, Page, solved, without

VERBOSE = CASE.replace(
    "  peace: otherwise\n",
    "".join(f"  end{k}: {{when: threat is leave and war_cost > {k}, means: {'a long story of an ending ' * 5}}}\n"
            for k in range(12)) + "  peace: otherwise\n",
)  # fmt: skip


@cache
def study() -> Study:
    return run(loads(CASE, "threat.yaml"), draws=240, seed=1)


@cache
def turning() -> list[Breaking]:
    return detente.breaking(study())


def test_it_says_what_somebody_with_thirty_seconds_wants_to_know() -> None:
    page = Page(brief(study(), "detente brief threat", turning()))
    text = page.text
    assert "A threat <b>with</b> two views" in text
    assert "The conclusion, “the north will <u>seldom</u> attack”" in text
    assert "before any evidence" in text
    for name, outcome in study().model.outcomes.items():
        assert f"{name}: {outcome.means}" in text if outcome.means else name in text
    assert re.search(r"war: they fight ◂ happened", text)
    assert "The south yields" in text
    assert "The smallest joint change that flips it" in text
    assert "240 draws of 4 quantities, seed 1" in text
    assert "all draws converged" in text
    assert "detente brief threat" in text
    shown = page.numbers
    wanted = [f.value for f in study().outcomes.values()] + [v.share.value for v in study().claims.values()]
    wanted += [turning()[0].distance.value]
    for value in wanted:
        assert any(abs(value - v) < 1e-9 for v in shown)
    for name in ("war_cost", "prize_worth"):
        assert name not in text, "a key where words should stand"


def test_it_is_one_closed_file_for_one_sheet_and_the_same_every_time() -> None:
    source = brief(study(), "", turning())
    assert source == brief(study(), "", turning())
    assert "@page { size: A4;" in source
    for name, attributes in Page(source).tags:
        assert name not in ("script", "iframe", "img")
        assert "src" not in attributes
        assert "style" not in attributes
    assert "<u>seldom" not in source


@pytest.mark.parametrize("part", ["", "claims", "happened", "quantities", "evidence"])
def test_what_a_model_lacks_is_not_missed(part: str) -> None:
    text = Page(brief(solved(without(part) if part else BARE, 40))).text
    assert "before any evidence" in text
    assert "nan" not in text
    assert "not defined" not in text


def test_a_declared_answer_comes_first() -> None:
    asks = "answer: {asks: P(threat is attack), says: the north attacks, groups: {war: [war], rest: otherwise}}\n"
    study = run(loads(CASE + asks, "threat.yaml"), draws=60, seed=1)
    text = Page(brief(study)).text
    assert study.answer is not None
    assert "The north attacks: " in text
    assert text.index("The north attacks: ") < text.lower().index("rest ") < text.index("How it may end")
    assert any(abs(study.answer.mean - v) < 1e-9 for v in Page(brief(study)).numbers)


def test_many_endings_share_a_line_but_never_what_came_to_pass() -> None:
    long = run(loads(VERBOSE, "verbose.yaml"), draws=40, seed=1)
    text = Page(brief(long)).text
    assert "others: " in text
    assert "happened" in text
    assert text.count("90% of draws") >= 1
    assert brief(long).count('<th scope="row"') == OUTCOMES + 1


def test_the_command_writes_it_and_says_how_to_print_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("full.yaml").write_text(FULL, "utf-8")
    monkeypatch.setattr(door.shutil, "which", lambda _: None)
    few = ["full.yaml", "--draws", "40", "--no-store"]
    done = CliRunner().invoke(app, ["brief", *few, "--json"])
    assert done.exit_code == OK, done.output
    assert json.loads(done.stdout)["written"] == [str(Path("reports") / "full-brief.html")]
    assert "Detente · brief" in Path("reports/full-brief.html").read_text("utf-8")
    done = CliRunner().invoke(app, ["brief", *few[:1], "sheet.html", *few[1:], "--pdf", "sheet.pdf"])
    assert done.exit_code == WRONG
    assert "open sheet.html in a browser and print it: it takes one sheet of A4" in done.stderr
    assert Path("sheet.html").exists()
    assert not Path("sheet.pdf").exists()


def test_every_door_names_the_claim_that_turns() -> None:
    """Nobody has to guess what `it` is; and what is left out of a list is said to be smaller."""
    (b, *_) = turning()
    with console.capture() as got:
        show_study(study(), turning=[b])
    shown, named = " ".join(got.get().split()), f"“{words(b.claim)}” {'holds' if b.holds else 'fails'}"
    assert f"With all assumptions at their medians the claim {named}; the smallest joint change" in shown
    page = " ".join(Page(report(study(), "", Dossier(study(), (Part("breaking", {}, [b]),)))).text.split())
    assert f"With every assumption at its median, {named};" in page.replace("“ ", "“").replace(" ”", "”")
    sheet = " ".join(Page(brief(study(), "", turning())).text.split())
    assert f"the conclusion, “{words(b.claim)}”, {named.split()[-1]}." in sheet.replace("“ ", "“").replace(" ”", "”")
    assert smaller(b.changes, len(b.changes) - 1) == ", and smaller changes of 1 other"
    assert smaller(b.changes, len(b.changes)) == ""


def test_an_assumption_is_explained_once() -> None:
    text = Page(brief(study(), "", turning())).text
    part = text[text.index("What would flip the conclusion") : text.index("What this rests on")]
    for name in ("war_cost", "prize_worth"):
        assert part.count(study().model.quantities[name].means) <= 1
    assert any(q.means in part for q in study().model.quantities.values())
