"""Which paragraphs of a source a case takes up."""

from __future__ import annotations

from detente.model.coverage import Paragraph, coverage
from detente.model.fields import Citation
from detente.model.load import load, loads

TEXT = """
title: A border crisis
sources: {article: {title: An article, paragraphs: 6}, wire: {title: Reports}, judgement: {title: Our own}}
mechanisms:
  greed: {says: more is better, source: [article 2-3, wire 4]}
  fear: {says: less is safer, source: article 3}
actors: {North: has an army}
quantities:
  cost: {value: 0.5 to 2, unit: stake, source: [article 5, judgement], mechanism: greed}
stages:
  threat: {actor: North, moves: [threaten, wait], source: article preface, mechanism: fear}
outcomes:
  war: {when: threat is threaten, source: article 5}
  peace: otherwise
payoffs:
  North: {gain: {value: (1 - cost) * (outcome is war), source: article 3}}
claims:
  peaceful: {says: no war, source: article 6, holds: P(outcome is war) < 0.5}
evidence:
  - {date: 2022-01-01, fact: something, source: article 1}
"""


def test_each_paragraph_is_told_with_what_takes_it_up() -> None:
    article, wire = coverage(loads(TEXT, "case.yaml"))
    assert (article.source, article.complete, wire.source, wire.complete) == ("article", True, "wire", False)
    assert article.paragraphs == (
        Paragraph(1, (), (), 1),
        Paragraph(2, ("greed",), (), 0),
        Paragraph(3, ("greed", "fear"), (), 1),
        Paragraph(4, (), (), 0),
        Paragraph(5, (), (), 2),
        Paragraph(6, (), ("peaceful",), 0),
    )
    assert [p.number for p in article.paragraphs if not p.covered] == [1, 4, 5]
    assert wire.paragraphs == (Paragraph(4, ("greed",), (), 0),)  # only what is cited: nobody says how many there are


def test_citations_name_paragraphs() -> None:
    read = {
        text: Citation(text=text).numbers for text in ("a 6", "a 6-8", "a 2 to 3", "a", "a preface", "a 1994", "a 8-6")
    }
    assert read == {
        "a 6": (6,), "a 6-8": (6, 7, 8), "a 2 to 3": (2, 3), "a": (), "a preface": (), "a 1994": (1994,), "a 8-6": ()
    }  # fmt: skip


def test_the_flagship_takes_up_every_paragraph_of_its_article() -> None:
    found = {one.source: one for one in coverage(load("ukraine-2022"))}
    article = found["article"]
    assert article.complete
    assert [p.number for p in article.paragraphs] == list(range(1, 16))
    assert all(p.covered for p in article.paragraphs)
    by_number = {p.number: p for p in article.paragraphs}
    assert by_number[6].mechanisms == ("occupation",)
    assert by_number[6].claims == ("easy_victory", "victory_not_worth_it")
    assert by_number[13].mechanisms == ()  # taken up by a claim only
    assert by_number[13].claims == ("promise_opens_the_bargain",)
