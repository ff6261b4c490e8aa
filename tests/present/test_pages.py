"""Each answer as a page: its numbers are those of the command's JSON, and the page is whole, closed and well formed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from detente.present.cli.app import app
from detente.present.cli.options import OK
from tests.present.test_report import Page

CASE = """
detente: 1
title: A threat <b>with</b> two views
question: Who `yields`?
mechanisms:
  fear: {says: "war <i>frightens</i>", source: paper 2}
  greed: {says: the prize tempts}
sources: {paper: {title: A paper, published: 2020-01}}
actors: {North: wants it, South: holds it}
quantities:
  lam: {value: 3 to 6, unit: 1/stake, role: precision, means: how sharply they choose}
  war_cost:
    {value: 0.2 to 2.0, unit: stake, means: "what a war costs <the> north & all", mechanism: fear, source: paper 2,
    seen_by: {North: war_cost * (0.4 to 0.9)}}
  prize_worth: {value: 0.5 to 1.5, unit: stake, means: what the prize is worth, mechanism: greed}
  mishap: {value: 0.05 to 0.2, unit: probability, means: what nobody chose}
private:
  South.nerve: {prior: {firm: 0.4, weak: otherwise}, means: how firm it is}
stages:
  threat: {actor: North, moves: [attack, press, leave]}
  luck: {chance: {war: mishap, none: otherwise}, when: threat is press}
  reply: {actor: South, moves: [hold, yield], when: threat is press}
outcomes:
  war: {when: threat is attack or luck is war, means: they fight, mechanism: fear}
  ceded: {when: reply is yield, means: it is given up, mechanism: greed}
  peace: otherwise
payoffs:
  North:
    prize: {value: prize_worth * (outcome is war) + 0.8 * prize_worth * (outcome is ceded), mechanism: greed}
    war: {value: -war_cost * (outcome is war), mechanism: fear}
  South:
    land: -1.0 * (outcome is ceded) - 0.9 * (outcome is war) + 0.5 * (South.nerve is firm) * (reply is hold)
claims:
  seldom: {says: "the north will <u>seldom</u> attack", source: paper 2, holds: P(threat is attack) < 0.35}
  yields: {says: the south yields, holds: P(reply is yield given threat is press) > 0.5}
statics:
  cost_deters: {mechanism: fear, raise: war_cost, then: P(threat is attack) falls}
happened: {date: 2020-02-01, outcome: war, source: paper}
"""

FEW = ["--draws", "240", "--no-store"]
SOLVING = ["--draws", "40"]
COMMANDS: dict[str, list[str]] = {
    "tip": ["tip", "CASE", "war_cost", *SOLVING, "--points", "5"],
    "map": ["map", "CASE", "war_cost", "prize_worth", "--points", "7"],
    "what-if": ["what-if", "CASE", "--shift", "war_cost=+0.3", "--forbid", "threat=press", *SOLVING],
    "compare": ["compare", "CASE", "OTHER", *SOLVING],
    "why-change": ["why-change", "CASE", "--shift", "war_cost=+0.3", *SOLVING],
    "ablate": ["ablate", "CASE", *SOLVING],
    "redteam": ["redteam", "CASE", *SOLVING],
    "suppose": ["suppose", "CASE", "war_cost=1", *FEW],
    "sense": ["sense", "CASE", "--of", "P(threat is attack)", *FEW],
    "design": ["design", "CASE", "--draws", "200", "--no-store"],
    "discover": ["discover", "CASE", "not seldom", *FEW],
    "learn": ["learn", "CASE", *FEW],
    "worth": ["worth", "CASE", "North", "--public-draws", "40", *FEW],
    "perceptions": ["perceptions", "CASE", "--sweep", "20", "--steps", "3", "--draws", "60", "--no-store"],
    "claims": ["claims", "CASE", *FEW],
    "breaking": ["breaking", "CASE", *FEW],
    "gradients": ["gradients", "CASE", "--of", "P(threat is attack)", *FEW],
    "statics": ["statics", "CASE", "--draws", "60", "--no-store"],
    "why": ["why", "CASE", *FEW],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pages")
    (path / "threat.yaml").write_text(CASE, "utf-8")
    other = CASE.replace("0.2 to 2.0", "0.4 to 3.0").replace("-war_cost * (outcome", "-1.2 * war_cost * (outcome")
    (path / "other.yaml").write_text(other, "utf-8")
    return path


def invoke(folder: Path, *arguments: str) -> Result:
    names = {"CASE": str(folder / "threat.yaml"), "OTHER": str(folder / "other.yaml")}
    return CliRunner().invoke(app, [names.get(a, a) for a in arguments])


@pytest.fixture(scope="module")
def answered(folder: Path) -> dict[str, tuple[dict[str, Any], str]]:
    """The JSON of each command and the page it wrote in the same call."""
    found = {}
    for name, arguments in COMMANDS.items():
        page = folder / "deep" / f"{name}.html"
        done = invoke(folder, *arguments, "--json", "--report", str(page))
        assert done.exit_code == OK, f"{name}: {done.output} {done.exception!r}"
        assert f"written: {page}" in done.stderr
        found[name] = (json.loads(done.stdout), page.read_text("utf-8"))
    return found


def numbers(value: Any) -> Iterator[float]:
    """Every number in a piece of JSON."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from numbers(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from numbers(inner)
    elif isinstance(value, float):
        yield value


def value(*found: dict[str, Any] | None) -> list[float]:
    """The values of findings, where they are defined."""
    return [f["value"] for f in found if f is not None and f["value"] is not None]


def told(name: str, answer: dict[str, Any]) -> list[float]:
    """The numbers of a command's answer that its page must tell."""
    match name:
        case "tip":
            curves = [f for curve in answer["outcomes"].values() for f in curve]
            return [*answer["grid"], *value(*(t["at"] for t in answer["tips"]), *curves)]
        case "map":
            ways = [m["way"] for m in answer["maps"] if m["way"]["distance"]["value"] is not None]
            return [*answer["grids"][0], *answer["grids"][1], *(v for w in ways for v in (*w["at"], *w["scores"]))]
        case "what-if" | "compare" | "suppose":
            shares = [part["effect"] for part in answer.get("parts", [])]
            assert name != "compare" or shares
            parts = [*answer["whole"]["outcomes"].values(), *answer["whole"]["claims"].values()]
            return shares + [v for d in parts for k in ("before", "after", "effect") for v in value(d[k])]
        case "why-change":
            ends = [d[k] for d in answer["outcomes"].values() for k in ("before", "after", "effect")]
            return value(answer["of"]["effect"], *(p["effect"] for p in answer["parts"]), *ends)
        case "ablate":
            made = [m for m in answer["mechanisms"] if m["effect"]]
            return [m["shift"] for m in made] + value(*(d["after"] for m in made for d in
                                                        m["effect"]["outcomes"].values()))  # fmt: skip
        case "redteam":
            made = [e for e in answer["edits"] if e["answer_after"]]
            return [v for e in made for v in (e["answer_after"]["mean"], e["difference"]["value"], e["distance"])]
        case "sense" | "design":
            return value(*(e[k] for e in answer["effects"] for k in ("first", "total")))
        case "discover":
            limits = [limit for box in answer["boxes"] for limit in box["limits"]]
            ends = [limit[k] for limit in limits for k in ("low", "high", "quasi_p") if limit[k] is not None]
            return ends + [p[k] for box in answer["boxes"] for p in box["trajectory"] for k in ("coverage", "density")]
        case "learn":
            return value(*(t[k] for t in [*answer["things"], answer["everything"]] for k in ("brier", "entropy")))
        case "worth":
            return value(*(w["value"] for w in [*answer["private"], *answer["public"], answer["everything"]]))
        case "perceptions":
            portraits = answer["portraits"].values()
            paid = value(*(p["payoff"][k] for p in portraits for k in ("hoped", "real", "cost")))
            seen = value(*(b["seen"] for p in portraits for b in p["beliefs"]))
            steps = value(*(f for s in answer["sweeps"].values() for o in s["outcomes"].values() for f in o))
            ways = [c for n in answer["needs"] for cs in n["convictions"].values() for c in cs if c["found"]]
            return [*paid, *seen, *steps, *(c["distance"] for c in ways if c["distance"] is not None)]
        case "breaking":
            moved = [c for b in answer["breaking"] for c in [*b["changes"], *(s["change"] for s in b["singles"])]]
            found = [c[k] for c in moved for k in ("value", "score")]
            return found + value(*(b["distance"] for b in answer["breaking"]))
        case "claims":
            return value(*(c["share"] for c in answer["claims"].values()))
        case "statics":
            found = [v for s in answer["statics"] for k in ("before", "after", "effect") for v in value(s[k])]
            return found + [s["share"] for s in answer["statics"]]
        case "why":
            return value(*(t for w in answer["why"] for t in [*w["terms"].values(), w["gap"]]))
        case "gradients":
            return [p["slope"] for a in answer["answers"] for p in a["pulls"] if abs(p["slope"] * p["spread"]) > 1e-9]
        case "tree":
            return [s["reached"] for s in answer["information_sets"][:1]]
        case "score":
            return [s["p"] for s in answer["score"]]
    raise AssertionError(name)


@pytest.mark.parametrize("name", list(COMMANDS))
def test_the_page_tells_the_numbers_of_the_json(name: str, answered: dict[str, tuple[dict[str, Any], str]]) -> None:
    answer, source = answered[name]
    shown = Page(source).numbers
    wanted = told(name, answer)
    assert len(wanted) > 1
    for one in wanted:
        assert any(abs(one - v) <= 1e-9 * max(1.0, abs(one)) for v in shown), f"{name}: {one} is not on the page"


@pytest.mark.parametrize("name", list(COMMANDS))
def test_the_page_is_whole_and_closed(name: str, answered: dict[str, tuple[dict[str, Any], str]]) -> None:
    source = answered[name][1]
    page = Page(source)
    assert len(page.ids) == len(set(page.ids)), "an id is used twice"
    for target in page.links:
        assert not target.startswith("#") or target[1:] in page.ids, f"a link leads nowhere: {target}"
    assert sum(tag == "h1" for tag, _ in page.tags) == 1
    for tag, attributes in page.tags:
        assert tag not in ("script", "iframe", "object", "embed", "img", "base", "form")
        assert "src" not in attributes
        assert "style" not in attributes, "the policy forbids style attributes"
    for hostile in ("<b>with", "<i>frightens", "<the>", "<u>seldom"):
        assert hostile not in source
    assert "`" not in page.text
    assert "“yields”" in page.text
    assert page.text.count("The table behind this picture") == sum(tag == "figure" for tag, _ in page.tags) > 0
    for tag, attributes in page.tags:
        for key in ("x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "width", "height", "d", "points"):
            assert "nan" not in (attributes.get(key) or "").lower(), f"{tag} {key}"


def test_a_page_that_cannot_be_written_does_not_cost_the_answer(folder: Path) -> None:
    (folder / "taken").write_text("a file, not a folder")
    done = invoke(folder, *COMMANDS["statics"], "--report", str(folder / "taken" / "below.html"))
    assert done.exit_code == 2
    assert "hold" in done.stdout
    assert "cannot be written" in done.stderr


def test_a_page_of_some_claims_speaks_of_these_alone(folder: Path) -> None:
    page = folder / "one.html"
    done = invoke(folder, "claims", "CASE", "yields", *FEW, "--report", str(page))
    assert done.exit_code == OK, done.output
    text = Page(page.read_text("utf-8")).text
    assert "Of 1 claim, " in text
    assert "the south yields" in text
    assert "seldom" not in text


def test_a_page_of_reasons_tells_the_situations_of_a_stage_apart(folder: Path) -> None:
    page = folder / "reasons.html"
    done = invoke(folder, "why", "CASE", "South", "--all", *FEW, "--report", str(page))
    assert done.exit_code == OK, done.output
    text = Page(page.read_text("utf-8")).text
    for where in ("South (nerve firm): reply", "South (nerve weak): reply"):
        assert f"{where} Reached in " in text
