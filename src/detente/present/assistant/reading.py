"""What an assistant may read: the language, how a case is made, the words, and the cases of the library."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import resources
from pathlib import Path

from detente.errors import QuestionError, nearest
from detente.model.catalogue import library
from detente.model.load import loads
from detente.present.assistant.prompt import guide
from detente.present.wording.glossary import glossary, said
from detente.study.standards import STANDARDS

CASES = "detente://cases"
MARKDOWN, YAML, PLAIN = "text/markdown", "application/yaml", "text/plain"


@dataclass(frozen=True)
class Document:
    """Something that can be read by its address."""

    uri: str
    title: str
    says: str
    kind: str
    read: Callable[[], str]


def documents() -> Mapping[str, Document]:
    """All there is to read, by address."""
    found = [
        Document("detente://article-to-model", "From an article to a model", "The order of work, and its rules.",
                 PLAIN, guide),
        Document("detente://language", "The language", "Every key and every word of an expression, with examples.",
                 MARKDOWN, lambda: page("language.md")),
        Document("detente://contributing-a-case", "A good case", "What makes a case worth anything.",
                 MARKDOWN, lambda: page("contributing-a-case.md")),
        Document("detente://checklist", "Standards of the library", "What a case of the library is held to.",
                 PLAIN, _checklist),
        Document("detente://glossary", "Glossary", "What the words in answers mean.", PLAIN, _glossary),
        Document(CASES, "Cases", "The cases of the library: name, title, question.", PLAIN, _cases),
    ]  # fmt: skip
    found += [
        Document(f"{CASES}/{slug}", slug, "A case of the library, as it is written.", YAML, partial(str, text))
        for slug, text in library().items()
    ]
    return {one.uri: one for one in found}


def document(uri: str) -> Document:
    """What lies at an address. Raises QuestionError."""
    known = documents()
    if uri not in known:
        raise QuestionError(f"there is nothing to read at {uri[:200]!r}; {nearest(uri[:200], known)}")
    return known[uri]


def page(name: str) -> str:
    """A page of the documentation: it lies in the package, or in a checkout beside it."""
    shipped = resources.files("detente.present.assistant") / "pages" / name
    if shipped.is_file():
        return shipped.read_text("utf-8")
    return (Path(__file__).parents[4] / "docs" / name).read_text("utf-8")


def _checklist() -> str:
    return "".join(f"- {name}: {met}\n" for name, met in STANDARDS.items())


def _glossary() -> str:
    return "".join(f"{entry.term}: {said(entry)}\n" for entry in glossary())


def _cases() -> str:
    lines = []
    for slug, text in library().items():
        model = loads(text, f"{slug}.yaml")
        lines.append(f"{slug}: {model.title}. {model.question}\n")
    return "".join(lines)
