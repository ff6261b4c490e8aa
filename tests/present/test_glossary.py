"""The glossary: one source, the page of the docs, the command, and the links of a report."""

from __future__ import annotations

import ast
import json
import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import detente
from detente.errors import QuestionError
from detente.present.cli.app import app
from detente.present.html.markup import Html, join, tag, text
from detente.present.html.section import Section
from detente.present.html.terms import KEY, explained
from detente.present.report.report import report
from detente.present.wording.glossary import entry_of, glossary, said

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_of_the_docs_is_made_from_the_entries() -> None:
    made: dict[str, Any] = runpy.run_path(str(DOCS / "make_glossary.py"))
    written = (DOCS / "glossary.md").read_text("utf-8")
    assert made["page"]() == written, "uv run python docs/make_glossary.py"
    assert [line[3:] for line in written.splitlines() if line.startswith("## ")] == [e.term for e in glossary()]


def test_a_word_has_one_entry() -> None:
    names = [name.lower() for e in glossary() for name in {*map(str.lower, (e.term, *e.also, *e.forms))}]
    assert len(names) == len(set(names)), sorted({name for name in names if names.count(name) > 1})
    keys = [e.key for e in glossary()]
    assert len(keys) == len(set(keys)) > 45
    for e in glossary():
        assert e.means.endswith("."), e.term
        assert e.means[0].isupper(), e.term
        assert not e.forms or any(e.term.rstrip("s") in form for form in e.forms), e.term


def test_a_term_is_found_by_every_name_it_has() -> None:
    assert entry_of("Information set") is entry_of("situations")
    assert entry_of("EVPPI").term == "expected value of perfect information"
    assert said(entry_of("hypergame")).endswith("Also called hypergame. (Bennett 1977, Omega 5, 749-751)")
    with pytest.raises(QuestionError, match="did you mean 'regret'"):
        entry_of("regrett")


def test_the_command_tells_one_or_all() -> None:
    one = CliRunner().invoke(app, ["glossary", "fold"])
    assert one.stdout.startswith("limit point  A point at which the principal branch turns back")
    found = json.loads(CliRunner().invoke(app, ["glossary", "--json"]).stdout)["glossary"]
    assert [e["term"] for e in found] == [e.term for e in glossary()]
    wrong = CliRunner().invoke(app, ["glossary", "xyzzyx"])
    assert wrong.exit_code == 2
    assert all(e.term in wrong.stderr for e in glossary()), "the list of terms is cut"


def test_the_first_use_of_a_term_in_a_section_leads_to_its_entry() -> None:
    one = [tag("h3", "Regret"), tag("p", "The Regret of a draw & the regret of draws."), tag("p", "No seedling.")]
    sections = explained(
        [Section("a", "A", one), Section("b", "B", tag("p", "regret")), Section("c", "C", tag("p", "x"))]
    )
    assert text(sections[0].content) == (
        '<h3>Regret</h3><p>The <a class="term" href="#term-regret">Regret</a> of a '
        '<a class="term" href="#term-draw">draw</a> &amp; the regret of draws.</p><p>No seedling.</p>'
    )
    assert text(sections[1].content) == '<p><a class="term" href="#term-regret">regret</a></p>'
    assert text(sections[2].content) == "<p>x</p>"
    assert [s.key for s in sections] == ["a", "b", "c", KEY]
    assert re.findall(r'<dt id="(.*?)">', sections[3].html) == ["term-draw", "term-regret"]
    assert said(entry_of("regret")) in sections[3].html


@pytest.mark.parametrize(
    "content",
    [
        tag("p", tag("a", "regret", href="#x")), tag("p", tag("code", "regret")), tag("svg", tag("text", "regret")),
        tag("p", tag("q", "regret")), tag("table", tag("caption", "regret")), tag("h2", "regret"), tag("div", "regret"),
        tag("p", "regret-free"), tag("p", tag("input", title="regret")), tag("details", tag("summary", "regret")),
    ],
)  # fmt: skip
def test_what_is_quoted_drawn_or_linked_already_stays_as_it_is(content: Html) -> None:
    (same,) = explained([Section("a", "A", content)])
    assert text(same.content) == content


def test_sections_may_be_left_as_they_are() -> None:
    (same,) = explained([Section("a", "A", tag("p", "regret"))], without=["a"])
    assert text(same.content) == "<p>regret</p>"


def test_every_link_of_a_report_finds_its_entry_and_nothing_is_fetched() -> None:
    page = report(detente.run("crisis-signalling", draws=60))
    wanted, there = set(re.findall(r'class="term" href="#(.*?)"', page)), re.findall(r'<dt id="(term-.*?)"', page)
    assert wanted == set(there) >= {"term-draw", "term-regret", "term-first-order-effect"} - {"term-first-order-effect"}
    assert len(there) == len(set(there))
    for section in re.split(r"<section ", page)[1:]:
        used = re.findall(r'class="term" href="#(.*?)"', section)
        assert len(used) == len(set(used)), section[:60]
    references = page[page.index('<section id="references"') : page.index('<section id="glossary"')]
    assert 'class="term"' not in references
    assert not re.search(r'<(?:script|img|link)[^>]+(?:src|href)="(?!data:)', page)


def test_the_words_of_a_model_cannot_break_out_of_a_link() -> None:
    (found, _) = explained([Section("a", "A", join([tag("p", 'a "draw" <b>& regret</b>')]))])
    assert text(found.content).count("<b>") == 0
    assert "&lt;b&gt;&amp; " in text(found.content)


GIVEN_UP = {
    r"\b(?<!`)endings?\b(?! (?:in|with|of the name))(?!`)": "outcome",
    r"\blikeliest\b(?! is\b)(?!`)(?!\\)": "most likely",
    r"\bh[au]ngs? (?:most )?on\b": "depends on",
    r"\bpart company\b": "differ",
    r"\bcentral draw": "median draw",
    r"\bprongs?\b": "branch that leaves at a bifurcation",
    r"\bknock-?outs?\b": "ablation",
    r"\btold from noise\b": "distinguishable from noise",
    r"\bfound again in\b": "reproduced in",
    r"\b[Ss]eeing truly\b": "correct beliefs",
    r"\b(?:in its|in their|in whose) eyes\b|\bin the eyes of\b": "as it sees the game",
    r"\bre-weigh": "reweight",
    r"\b(?<!`)anew\b": "again",
    r"\bcame to pass\b|\bcame about\b|\bcomes about\b": "happened",
    r"\bthought over\b": "reconsidered",
    r"\bnothing turns\b|\bturns (?:the|each|a) (?:claim|conclusion)\b": "flips",
    r"\bhonest intervals?\b": "interval",
    r"\b(?:common|private) reading\b": "common or private perceptions",
    r"\bshortest way across\b": "nearest boundary",
    r"\b(?:causal threads?|threads? of the argument)\b": "mechanism",
    r"\b(?:seen|sees) truly\b": "as it is; correct beliefs",
    r"\bnoise would seem to\b": "than noise would",
}
"""Words that were given up (docs/decisions/046), and what is said instead."""
ROOT = DOCS.parent
PAGES = [ROOT / "README.md", *DOCS.glob("*.md"), *(DOCS / "reference").glob("*.md")]
SPARED = {"performance.md", "workbench.md", "glossary.md"}


def _sentences(path: Path) -> Iterator[tuple[int, str]]:
    """The texts of a module that are shown to somebody, with the line where each begins."""
    tree = ast.parse(path.read_text("utf-8"))
    inner = {id(v) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for v in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield node.lineno, "".join(v.value if isinstance(v, ast.Constant) else "{}" for v in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inner:
            yield node.lineno, node.value


def _unfit(said: str) -> list[str]:
    """The words of a text that were given up, but for names in quotation marks; a single word is a key or a name."""
    bare = re.sub(r"`[^`]*`|\"\w+\"|\]\([^)]*\)", "", said)
    return [word for word in GIVEN_UP if " " in said.strip() and re.search(word, bare)]


def test_words_that_were_given_up_are_used_nowhere() -> None:
    source = ROOT / "src" / "detente"
    found = [
        f"{path.relative_to(ROOT)}:{line}: {said[:80]!r}: {GIVEN_UP[word]}"
        for path in sorted(source.rglob("*.py"))
        if path.name not in ("subject.py", "supposing.py")  # a pattern; a value of JSON
        for line, said in _sentences(path)
        for word in _unfit(said)
    ]
    for page in PAGES:
        for line, shown in enumerate(page.read_text("utf-8").splitlines(), 1):
            if page.name not in SPARED:
                found += [f"{page.relative_to(ROOT)}:{line}: {GIVEN_UP[word]}" for word in _unfit(shown)]
    assert found == []


def test_a_word_that_was_given_up_is_seen() -> None:
    assert _unfit("the likeliest ending hangs on it") == [*GIVEN_UP][:3]
    assert _unfit("ask for `likeliest is NAME`") == []
    assert _unfit("ending") == []
