"""What a case of the library has to be: each standard is missed where it should be, and met by the library's own."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import detente
from detente.draws.recut import sharp
from detente.game.compile import growing, watched
from detente.game.size import Expected
from detente.model.catalogue import library
from detente.model.load import load, loads
from detente.present.cli.app import app
from detente.study import standards
from detente.study.settings import How
from detente.study.standards import Standard, crises, inspect

CASE = "kuwait-1990"


def told(text: str) -> dict[str, Standard]:
    """How a text stands with the standards that need nothing solved."""
    model = loads(text, f"{CASE}.yaml", within=[])
    found = [*standards._facts(model), *standards._dates(model), *standards._argument(model)]
    return {s.name: s for s in found}


def changed(*pairs: tuple[str, str]) -> dict[str, Standard]:
    text = library()[CASE]
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return told(text)


def test_a_case_of_the_library_meets_them() -> None:
    assert [s for s in told(library()[CASE]).values() if s.met is False] == []


def test_what_is_lacking_is_named() -> None:
    model = detente.load(CASE)
    name, source = next((n, s) for n, s in model.sources.items() if s.url)
    found = changed((source.url, "httpx:/nowhere"))["sources"]
    assert found.met is False
    assert found.said == f"{name}: 'httpx:/nowhere' is not an address"
    assert changed(("retrieved 2026", "looked up 2026"))["sources"].met is False
    assert changed(("retrieved 2026-11-30", "retrieved 2026-13-77"))["sources"].said.endswith(
        "2026-13-77 is not a date"
    )


def test_days_stand_in_their_order() -> None:
    model = detente.load(CASE)
    assert model.as_of
    found = changed((f"as_of: {model.as_of}", "as_of: 2019-01-01"))["dates"]
    assert found.met is False
    assert "not before the deadline" in found.said
    assert "after it happened" in found.said


def test_a_mechanism_that_nothing_tests_is_named() -> None:
    text = library()[CASE]
    head = "\nmechanisms:\n"
    assert head in text
    added = text.replace(head, f"{head}  idle_thread: {{says: nothing follows from it}}\n", 1)
    found = told(added)
    assert found["mechanisms are cited"] == Standard("mechanisms are cited", False, "idle_thread")
    assert found["mechanisms have a claim or static"].said == "idle_thread"


def test_textbook_models_are_not_held_to_them() -> None:
    named = crises()
    assert {"ukraine-2022", CASE} <= set(named)
    assert {"crisis-signalling", "take-it-or-leave-it", "ukraine-2022-kremlin"} & set(named) == set()


def test_a_case_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("detente: 1\ntitle: X\n")
    found = inspect(str(broken))
    assert not found.good
    assert found.case == "broken"
    assert "broken.yaml" in found.mistake


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_command_tells_and_ends(form: str) -> None:
    options = ["--json"] if form == "json" else []
    result = CliRunner().invoke(app, ["check", "take-it-or-leave-it", "--library", *options])
    assert result.exit_code == 1
    if form == "json":
        (one,) = json.loads(result.stdout)["cases"]
        assert not one["good"]
        assert {"name": "rival structures", "met": False, "said": "none", "clear": True} in one["standards"]
    else:
        assert "missed   rival structures: none" in result.output
    assert CliRunner().invoke(app, ["check"]).exit_code == 2


def test_the_page_lists_the_standards_line_by_line() -> None:
    page = (Path(__file__).parents[2] / "docs" / "contributing-a-case.md").read_text("utf-8")
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| ")]
    assert dict(rows[rows.index(["standard", "met where"]) + 1 :]) == standards.STANDARDS
    assert [row[0] for row in rows[1:]] == list(standards.STANDARDS)


SMALL = """
title: A ford
question: Will it be crossed?
as_of: 2022-01-10
answer: {asks: P(order is go), says: it is crossed, deadline: 2022-03-01}
periods: {count: 2, unit: month, from: 2022-01-01}
sources:
  wire: {title: A paper, published: 2022-01-05, url: "https://example.org/w", note: "retrieved 2026-01-01"}
  book: {title: A memoir, published: 2022-02, url: "https://example.org/b", note: "retrieved 2026-01-01"}
actors: {A: at the ford, B: on the other side}
mechanisms: {gain: {says: it pays, source: wire}}
quantities:
  keen: {value: 0.2 to 0.4, unit: probability, source: wire, because: it was said}
  gain: {value: 0.5 to 1.5, source: SOURCE, because: it was said, mechanism: gain}
private:
  A.aim: {prior: {cross: keen, stay: otherwise}}
stages:
  order: {actor: A, PERIODS moves: [go, wait], continues: wait, reconsidered: 0.5 to 1 per month}
outcomes: {over: {when: order is go}, not_over: otherwise}
payoffs:
  A: {value: gain * (A.aim is cross) * (outcome is over) - 0.5 * (outcome is over)}
  B: {value: -1 * (outcome is over)}
statics: {pays: {mechanism: gain, raise: gain, then: P(order is go) rises}}
evidence:
  - {date: 2022-01-08, signal: boats, likelihood: {A.aim: {cross: 0.6, stay: 0.3}}, source: EVIDENCE}
"""


def small(source: str = "wire", periods: str = "", evidence: str = "wire", note: str = "") -> detente.Model:
    text = SMALL.replace("SOURCE", source).replace("PERIODS", periods).replace("EVIDENCE", evidence)
    return loads(text.replace('/b", note: "retrieved 2026-01-01', f'/b", note: "retrieved 2026-01-01{note}'))


def hindsight(model: detente.Model) -> dict[str, Standard]:
    return {s.name: s for s in standards._hindsight(model)}


def test_a_range_that_rests_on_a_later_source_is_missed_unless_its_note_says_why() -> None:
    assert hindsight(small())[standards.IN_PRINT].met is True
    missed = hindsight(small("book"))[standards.IN_PRINT]
    assert (missed.met, missed.said) == (False, "book (2022-02-01: gain)")
    said = hindsight(small("book", note="; later: of what was said on 3 January"))[standards.IN_PRINT]
    assert (said.met, said.said) == (True, "but for book, whose notes say why")


def test_a_month_in_which_the_day_falls_is_not_held_to_be_later() -> None:
    model = small("book")
    model = model.model_copy(update={"as_of": dt.date(2022, 2, 20)})
    assert hindsight(model)[standards.IN_PRINT].met is True


def test_a_source_for_a_prior_that_is_evidence_again_is_told() -> None:
    found = hindsight(small())[standards.ONCE]
    assert (found.met, found.said) == (None, "wire for keen and, of 2022-01-08, on A.aim")
    assert hindsight(small(evidence="book"))[standards.ONCE].met is True
    assert hindsight(small(evidence="[wire 2]"))[standards.ONCE].met is None  # the prior cites all of it


def test_an_answer_that_comes_from_counting_moves_is_told() -> None:
    def uninformed(model: detente.Model) -> Standard:
        (found,) = standards._uninformed(model, detente.run(model, draws=200, store=None))
        return found

    model = small()
    blind = detente.run(sharp(model, 0.0), draws=200).answer
    assert blind
    assert uninformed(model).said.startswith(f"{blind.mean:.0%} with precision 0, ")
    dull = loads(SMALL.replace("SOURCE", "wire").replace("PERIODS", "").replace("EVIDENCE", "wire").replace(
        "  keen:", "  care: {value: 0.01, role: precision}\n  keen:"))  # fmt: skip
    assert uninformed(dull).met is None
    assert uninformed(dull).said.endswith(": as likely by counting moves alone")
    often = loads(SMALL.replace("SOURCE", "wire").replace("PERIODS", "").replace("EVIDENCE", "wire").replace(
        "0.5 to 1 per month", "3 to 4 per month").replace("- 0.5 *", "- 3 *"))  # fmt: skip
    assert uninformed(often).met is None
    assert uninformed(often).said.endswith(": likely by counting moves alone")


def test_a_move_is_called_met_only_where_its_interval_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    model, how = small(), How(draws=400, store=None)
    moved = standards._moved(standards.CUT, 0.05, model, how, "two", slices=[2])
    row = detente.variants(model, slices=[2], draws=60, store=None).variants[1]
    change = row.changes["answer"]
    low, high = (100 * (change.value + side * 1.959964 * change.error) for side in (-1, 1))
    assert f"(95%: {low:+.1f} to {high:+.1f}; 60 draws)" in moved.said
    assert moved.met is True
    bar = abs(change.value) - 0.5 * change.error  # within the interval, in 60 draws and in 400
    monkeypatch.setattr(standards, "LARGE", 0)
    open_ = standards._moved(standards.CUT, bar, model, how, "two", slices=[2])
    assert (open_.met, open_.clear) == (None, False)
    assert "not clear against" in open_.said
    beyond = standards._moved(standards.CUT, abs(change.value) - 3 * change.error, model, how, "two", slices=[2])
    assert beyond.met is False


def test_more_draws_are_taken_where_it_is_not_clear_and_the_tree_is_small() -> None:
    model, how = small(), How(draws=400, store=None)
    row = detente.variants(model, slices=[2], draws=60, store=None).variants[1]
    change = row.changes["answer"]
    found = standards._moved(standards.CUT, abs(change.value) + 1.9 * change.error, model, how, "two", slices=[2])
    assert "400 draws" in found.said


def test_nothing_is_said_of_a_period_in_which_nothing_is_decided() -> None:
    how = How(draws=400, store=None)
    held = list(standards._steady(small(periods="periods: [1, 2], "), how))[1]
    assert held.met is None
    assert held.said == "nothing is decided in the added period: order is not asked in it"
    assert "answer moves by" in list(standards._steady(small(), how))[1].said


def test_the_lines_stand_in_the_order_of_the_standards() -> None:
    found = inspect(small("book"), store=None)
    names = [s.name for s in found.standards]
    assert names == [name for name in standards.STANDARDS if name in names]
    assert {standards.IN_PRINT, standards.ONCE, standards.UNINFORMED, standards.CUT, standards.LONGER} <= set(names)


def test_a_large_tree_of_the_time_test_is_said_to_be_one() -> None:
    seen: list[str] = []
    token = watched.set(lambda _, expected: seen.append(expected.of))
    try:
        with growing("each period cut in two"):
            watch = watched.get()
            assert watch
            watch(6000, Expected(50_000, "order", "doubles it"))
        assert watched.get()
    finally:
        watched.reset(token)
    assert seen == ["each period cut in two"]


def test_what_rests_on_a_later_source_in_the_file_that_is_extended_is_of_its_day(tmp_path: Path) -> None:
    base = tmp_path / "base.yaml"
    base.write_text(
        "title: A\nas_of: 2022-02-20\nsources: {book: {title: A book, published: 2022-02-01}}\nactors: {A: somebody}\n"
        "quantities: {gain: {value: 1 to 2, source: book}, loss: {value: 1 to 2, source: book}}\n"
        "stages: {act: {actor: A, moves: {go: {}, stay: {}}}}\noutcomes: {gone: act is go, still: otherwise}\n"
        "payoffs: {A: {all: gain * (act is go) - loss * (act is go)}}\n"
    )
    other = tmp_path / "other.yaml"
    other.write_text("extends: base.yaml\nas_of: 2022-01-10\n")
    found = hindsight(load(str(other)))[standards.IN_PRINT]
    assert found.met is True
    assert found.said.endswith("2 rest on later ones in the file that is extended, and are argued as of its day")
    other.write_text("extends: base.yaml\nas_of: 2022-01-10\nquantities: {gain: {value: 1 to 3, source: book}}\n")
    found = hindsight(load(str(other)))[standards.IN_PRINT]
    assert (found.met, found.said) == (False, "book (2022-02-01: gain)")
