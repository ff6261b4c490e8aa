"""Things have the words of the analyst: no text and no page shows a name of the file, but in what is to be typed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from detente.present.cli.app import app
from tests.present.test_pages import COMMANDS
from tests.present.test_report import Page

CASE = """
detente: 1
title: A threat with two views
question: Who gives way?
answer:
  asks: P(the_threat is attack_now)
  says: the north attacks
  groups: {a_war: [open_war], a_peace: otherwise}
mechanisms:
  great_fear: {says: war frightens, source: a_paper 2}
  great_greed: {says: the prize tempts}
  false_hope: {says: the war looks cheap}
sources: {a_paper: {title: A paper, published: 2020-01}}
actors: {The_North: wants it, The_South: holds it}
quantities:
  how_sharp: {value: 3 to 6, unit: 1/stake, role: precision, means: how sharply they choose}
  war_cost:
    {value: 0.2 to 2.0, unit: stake, means: what a war costs the north, mechanism: great_fear, source: a_paper 2,
    seen_by: {The_North: {value: war_cost * (0.4 to 0.9), mechanism: false_hope}}}
  prize_worth: {value: 0.5 to 1.5, unit: stake, means: what the prize is worth, mechanism: great_greed}
  mis_hap: {value: 0.05 to 0.2, unit: probability, means: what nobody chose}
private:
  The_South.its_nerve:
    prior: {quite_firm: 0.4, rather_weak: otherwise}
    means: how firm it is
    prefers: {quite_firm: "U(The_South, the_reply is hold_on) > U(The_South, the_reply is give_way)"}
state: {loud_talk: {start: 0.3, next: 0.5 * loud_talk, means: how loud it is}}
stages:
  the_threat: {actor: The_North, moves: [attack_now, press_on, go_home]}
  bad_luck: {chance: {sudden_war: mis_hap * (1 + loud_talk), no_war: otherwise}, when: the_threat is press_on}
  the_reply: {actor: The_South, moves: [hold_on, give_way], when: the_threat is press_on}
outcomes:
  open_war: {when: the_threat is attack_now or bad_luck is sudden_war, means: they fight, mechanism: great_fear}
  ceded_land: {when: the_reply is give_way, means: it is given up, mechanism: great_greed}
  long_peace: otherwise
payoffs:
  The_North:
    the_prize: {value: prize_worth * (outcome is open_war) + 0.8 * prize_worth * (outcome is ceded_land),
                mechanism: great_greed}
    the_war: {value: -war_cost * (outcome is open_war), mechanism: great_fear}
  The_South:
    the_land: -1.0 * (outcome is ceded_land) - 0.9 * (outcome is open_war)
    its_pride: 0.5 * (The_South.its_nerve is quite_firm) * (the_reply is hold_on)
claims:
  seldom_so: {says: the north will seldom attack, source: a_paper 2, holds: P(the_threat is attack_now) < 0.35}
  it_yields: {says: the south yields, holds: P(the_reply is give_way given the_threat is press_on) > 0.5}
statics:
  cost_deters: {mechanism: great_fear, raise: war_cost, then: P(the_threat is attack_now) falls}
  cost_drives: {mechanism: great_fear, raise: war_cost, then: P(the_threat is attack_now) rises}
forecasts:
  - {who: Some one, date: 2020-01-15, p: 0.2, event: an attack, like: the_threat is attack_now, source: a_paper}
happened: {date: 2020-02-01, outcome: open_war, source: a_paper}
"""
AS_NAMED = {
    "threat": "the_threat", "press": "press_on", "attack": "attack_now", "seldom": "seldom_so", "North": "The_North",
}  # fmt: skip
FEW = ["--draws", "60", "--no-store"]
ASKED = {
    **{
        name: [re.sub(r"\w+", lambda m: AS_NAMED.get(m[0], m[0]), a) for a in asked] for name, asked in COMMANDS.items()
    },
    "run": ["run", "CASE", *FEW, "--no-report"],
    "tree": ["tree", "CASE", *FEW],
    "score": ["score", "CASE", *FEW],
    "statics": ["statics", "CASE", *FEW],
    "perceptions of a move": [
        "perceptions",
        "CASE",
        "--move",
        "the_threat is press_on",
        "--sweep",
        "20",
        "--steps",
        "3",
        *FEW,
    ],
    "why of all": ["why", "CASE", "--all", *FEW],
    "tip of a view": ["tip", "CASE", "war_cost seen by The_North", "--points", "5", *FEW],
    "why-change of a static": ["why-change", "CASE", "--static", "cost_drives", *FEW],
    "why-change of another case": ["why-change", "CASE", "--against", "OTHER", *FEW],
}
PLAIN = ("run",)  # which writes another page with --report
"""An expression in the language of the file, or a command, which is to be read, or typed, as it stands."""
TYPED = re.compile(
    r"`[^`]*`|[PEU]\((?:[^()]|\([^()]*\))*\)(?: [<>]=? [\d.]+)?|detente [a-z-]+ [^\n]*|“[^”]*”|\S*\.(?:yaml|html)\S*"
)
NAMES = sorted(set(re.findall(r"\b[A-Za-z]\w*_\w+\b", CASE)) - {"seen_by", "as_of"})


def shown(text: str) -> set[str]:
    """The names of the file that stand in a text, outside of what is marked."""
    left = TYPED.sub(" ", text)
    return {name for name in NAMES if re.search(rf"(?<![\w/-]){name}(?!\w)", left)}


def read(page: Path) -> str:
    """The text of a page without its pieces of code."""
    return Page(re.sub(r"<(code|pre)\b.*?</\1>", " ", page.read_text("utf-8"), flags=re.S)).text


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("names")
    (path / "threat.yaml").write_text(CASE, "utf-8")
    (path / "other.yaml").write_text(CASE.replace("0.2 to 2.0", "0.4 to 3.0"), "utf-8")
    return path


def invoke(folder: Path, *arguments: str) -> str:
    names = {"CASE": str(folder / "threat.yaml"), "OTHER": str(folder / "other.yaml")}
    done = CliRunner().invoke(app, [names.get(a, a) for a in arguments], env={"COLUMNS": "400"})
    assert done.exit_code in (0, 1), done.output
    return done.stdout


@pytest.mark.parametrize("name", list(ASKED))
def test_no_name_of_the_file_is_shown(name: str, folder: Path) -> None:
    page = folder / f"{name.replace(' ', '-')}.html"
    told = invoke(folder, *ASKED[name], *([] if name in PLAIN else ["--report", str(page)]))
    assert shown(told) == set(), told
    if name not in PLAIN:
        text = read(page)
        assert shown(text) == set(), text


def test_no_name_of_the_file_is_shown_in_the_whole_report(folder: Path) -> None:
    page = folder / "whole.html"
    invoke(folder, "run", "CASE", *FEW, "--report", str(page))
    text = read(page)
    assert shown(text) == set(), text
