"""Each answer as a page: its numbers are those of the command's JSON, and the page is whole, closed and well formed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from detente.present.cli import OK, app
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
    "map": ["tip", "CASE", "war_cost", "prize_worth", "--points", "7"],
    "what-if": ["what-if", "CASE", "--shift", "war_cost=+0.3", "--forbid", "threat=press", *SOLVING],
    "compare": ["compare", "CASE", "OTHER", *SOLVING],
    "ablate": ["ablate", "CASE", *SOLVING],
    "sense": ["sense", "CASE", "--of", "P(threat is attack)", *FEW],
    "design": ["sense", "CASE", "--design", "sobol", "--draws", "200", "--no-store"],
    "discover": ["sense", "CASE", "--discover", "not seldom", *FEW],
    "learn": ["learn", "CASE", *FEW],
    "worth": ["learn", "CASE", "--actor", "North", "--public-draws", "40", *FEW],
    "perceptions": ["perceptions", "CASE", "--sweep", "20", "--steps", "3", "--draws", "60", "--no-store"],
    "claims": ["claims", "CASE", "--breaking", *FEW],
    "statics": ["statics", "CASE", "--draws", "60", "--no-store"],
    "why": ["why", "CASE", *FEW],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pages")
    (path / "threat.yaml").write_text(CASE, "utf-8")
    (path / "other.yaml").write_text(CASE.replace("0.2 to 2.0", "0.4 to 3.0"), "utf-8")
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


def told(name: str, answer: dict[str, Any]) -> list[float]:
    """The numbers of a command's answer that its page must tell."""
    match name:
        case "tip":
            tips = [t["at"] for t in answer["tips"]]
            return [*answer["grid"], *tips, *(v for o in answer["outcomes"].values() for v in o["mean"])]
        case "map":
            ways = [w for m in answer["maps"] if (w := m["way_across"])["distance"] is not None]
            return [*answer["grid"][0], *answer["grid"][1], *(v for w in ways for v in (*w["at"], *w["scores"]))]
        case "what-if" | "compare":
            parts = [*answer["whole"]["outcomes"].values(), *answer["whole"]["claims"].values()]
            return [d[k] for d in parts for k in ("before", "after", "effect") if d["effect"] is not None]
        case "ablate":
            made = [m for m in answer["mechanisms"] if m["outcomes"]]
            return [m["shift"] for m in made] + [d["after"] for m in made for d in m["outcomes"].values()]
        case "sense" | "design":
            found = [e[k] for e in answer["effects"] for k in ("first", "total")]
            return [v["value"] for v in found if v]
        case "discover":
            limits = [limit for box in answer["boxes"] for limit in box["limits"]]
            ends = [limit[k] for limit in limits for k in ("low", "high", "quasi_p") if limit[k] is not None]
            return ends + [p[k] for box in answer["boxes"] for p in box["trajectory"] for k in ("coverage", "density")]
        case "learn":
            return [t[k]["value"] for t in [*answer["things"], answer["everything"]] for k in ("brier", "entropy")]
        case "worth":
            return [w["value"] for w in [*answer["private"], *answer["public"], answer["everything"]]]
        case "perceptions":
            paid = [a["payoff"][k]["mean"] for a in answer["actors"].values() for k in ("hoped", "real", "cost")]
            seen = [b["seen"]["median"] for a in answer["actors"].values() for b in a["believes"].values()]
            steps = [
                f["mean"] for r in ("common", "private") for o in answer["sweep"][r]["outcomes"].values() for f in o
            ]
            ways = [c for n in answer["must_believe"] for cs in n["found"].values() for c in cs if c["found"]]
            return [*paid, *seen, *steps, *(c["prior_sd"] for c in ways if c["prior_sd"] is not None)]
        case "claims":
            turned = answer["breaking"].values()
            moved = [c[k] for b in turned for c in [*b["changes"], *b["alone"]] for k in ("value", "score")]
            return (
                [c["share"] for c in answer["claims"].values()]
                + moved
                + [b["distance"] for b in turned if b["distance"]]
            )
        case "statics":
            return [s[k] for s in answer["statics"] for k in ("before", "after", "effect", "share_of_draws")]
        case "why":
            terms = [t["mean"] for w in answer["why"] for t in w["terms"].values()]
            return terms + [w["gap"]["mean"] for w in answer["why"]]
    raise AssertionError(name)


@pytest.mark.parametrize("name", list(COMMANDS))
def test_the_page_tells_the_numbers_of_the_json(name: str, answered: dict[str, tuple[dict[str, Any], str]]) -> None:
    answer, source = answered[name]
    shown = Page(source).numbers
    wanted = told(name, answer)
    assert len(wanted) > 1
    for value in wanted:
        assert any(abs(value - v) <= 1e-9 * max(1.0, abs(value)) for v in shown), f"{name}: {value} is not on the page"


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
