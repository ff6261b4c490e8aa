"""How structural edits are searched: side by side, interrupted, in few draws and in many, and what is judged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from detente import QuestionError, Store, redteam
from detente.engine.store.codec import encode
from detente.present.cli.app import app
from detente.study.questions import redteam as searching
from tests.analyse.test_redteam import crisis, edited, entry


@pytest.mark.parametrize("side_by_side", [False, True])
def test_an_interrupted_search_tells_what_is_left_and_is_finished_another_time(
    side_by_side: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if side_by_side:
        monkeypatch.setattr(searching, "WORTH_IT", 0)

    def stop(done: int, _: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    plain, one = redteam(entry(), draws=20, workers=1), Store()
    part = redteam(entry(), draws=20, store=one, progress=stop, workers=2)
    assert part.interrupted
    assert (len(part.edits), part.left) == (3, len(plain.edits) - 3)
    assert one.solved >= 40  # as it stands, and edited
    other = Store()
    whole = redteam(entry(), draws=20, store=other, workers=2)
    assert other.reused >= 40
    assert not whole.interrupted
    assert encode(whole) == encode(plain) == encode(redteam(entry(), draws=20, store=Store(), workers=2))
    assert len(list(other.folder.rglob("*.read"))) == 2  # the whole, and the answers as it stands


def test_the_command_answers_on_its_first_lines_and_in_json(tmp_path: Path) -> None:
    case = ["redteam", "crisis-signalling", "--draws", "20", "--no-store"]
    shown = CliRunner().invoke(app, [*case, "--kind", "reveal-type", "--kind", "drop-stage", "--top", "1"])
    assert shown.exit_code == 0, shown.output
    lines = shown.output.strip().splitlines()
    assert lines[0].startswith("the dispute ends in war: ")
    assert lines[2] == "1 of 2 edits of the structure flips the conclusion by itself:"
    assert "Challenger’s resolve is known to all" in lines[3]
    assert "1 more with --top 2" in shown.output
    assert "3 edits are not possible:" in shown.output
    page = tmp_path / "page.html"
    told = json.loads(CliRunner().invoke(app, [*case, "--json", "--report", str(page)]).stdout)
    first, last = told["edits"][0], told["edits"][-1]
    assert set(first["answer_before"]) >= {"mean", "low", "high"}
    assert set(first["answer_after"]) >= {"mean", "low", "high"}
    assert first["claims_flipped"][0] == "war_as_on_paper"
    assert last["answer_after"] is None
    assert last["not_possible"]
    html = page.read_text("utf-8")
    assert "Which structural edit flips it" in html
    assert all(e["edit"].replace("_", " ") in html.replace("&#x27;", "'") for e in told["edits"])


def test_many_draws_are_spent_on_the_edits_that_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "MOST_LOOKED_AT", 2)
    monkeypatch.setattr(searching, "SCREEN", 40)
    found, few, many = (redteam(crisis(), draws=n) for n in (120, 40, 80))
    made = [e for e in found.edits if not e.not_possible]
    whole = [e for e in made if e.answer_before.draws == 120]
    assert found.draws == 120
    assert 0 < found.screened == len(made) - len(whole)
    assert {e.what for e in whole} >= {e.what for e in made if e.flips}
    for edit in made:
        if edit.answer_before.draws == 40:
            assert edit == next(e for e in few.edits if (e.kind, e.what) == (edit.kind, edit.what))
    assert (few.screened, many.screened) == (0, 0)


def test_claims_about_interventions_are_judged_where_they_are_named(tmp_path: Path) -> None:
    """What is forced is a game of its own: on paper, who is fought when it comes gains -1 and not 1."""
    claims = {"comes": "P(entry is come) > 0.5", "made_to": "P(reply is fight | do(entry is come)) < 0.4"}
    plain = redteam(entry(claims=claims), draws=2)
    assert (list(plain.claims), plain.not_judged) == (["comes"], ("made_to",))
    assert all(set(e.claims) == {"comes"} for e in plain.edits if e.claims)
    named = redteam(entry(claims=claims), draws=2, claims=["made_to"])
    assert (list(named.claims), named.not_judged) == (["made_to"], ("comes",))
    assert edited(named, "drop-term", "Old.share").claims_flipped == ("made_to",)  # half of the time it makes no odds
    first = redteam(entry(claims={"made_to": claims["made_to"]}), draws=2)
    assert (list(first.claims), first.not_judged) == (["made_to"], ())
    with pytest.raises(QuestionError, match="did you mean 'made_to'"):
        redteam(entry(claims=claims), draws=2, claims=["make_to"])
    page = tmp_path / "page.html"
    (tmp_path / "m.yaml").write_text(INTERVENED)
    told = CliRunner().invoke(
        app, ["redteam", str(tmp_path / "m.yaml"), "-n", "2", "--no-store", "--report", str(page)]
    )
    assert "Not judged unless it is named (--claim): made to." in told.output
    assert "Not judged unless it is named (--claim): made to." in page.read_text("utf-8")


INTERVENED = """
title: Entry
answer: P(entry is come)
actors: {New: enters, Old: holds the market}
quantities: {lam: {value: 3, role: precision}}
stages:
  entry: {actor: New, moves: [come, stay]}
  reply: {actor: Old, moves: [fight, share]}
outcomes:
  war: {when: entry is come and reply is fight, at: period end}
  shared: {when: entry is come, at: period end}
  alone: otherwise
payoffs: {New: {gain: 1 * (outcome is shared)}, Old: {share: 1 * (outcome is shared)}}
claims: {comes: P(entry is come) > 0.5, made_to: "P(reply is fight | do(entry is come)) < 0.4"}
"""
