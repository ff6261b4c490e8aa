"""A text cut into sentences, so that each part of a model can cite one by its number."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detente.errors import QuestionError
from detente.language.characters import plain

LARGEST_TEXT = 200_000  # characters
MOST = 2000  # sentences
LONGEST = 2000  # characters of one sentence: what is longer is cut between words
_ENDS = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s+[\"'“‘«(\[]*[^\W_a-z])")
_TITLES = ("mr", "mrs", "ms", "dr", "prof", "gen", "col", "sgt", "lt", "capt", "adm", "sen", "rep", "gov", "pres", "st")
_MONTHS = ("jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec")
_SHORT = ("vs", "no", "vol", "art", "fig", "eds", "al", "inc", "ltd", "co", "corp", "e.g", "i.e", "cf", "approx", "mt")
_ABBREVIATIONS = frozenset((*_TITLES, *_MONTHS, *_SHORT))
_INITIALS = re.compile(r"(?:^|[^\w.])(?:\w\.)*\w\Z")  # the U.S. and J. Smith, before the full stop


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text in its order, each in one line; a heading or an item of a list is one, too.

    Raises QuestionError for a text that is empty or too large.
    """
    if len(text) > LARGEST_TEXT:
        raise QuestionError(f"the text has {len(text):,} characters; {LARGEST_TEXT:,} are taken: give a part of it")
    found = [part for block in re.split(r"\n\s*\n|\r\n\s*\r\n", text) for part in _cut(plain(" ".join(block.split())))]
    if not found:
        raise QuestionError("the text is empty; an article is one or more sentences")
    if len(found) > MOST:
        raise QuestionError(f"the text has {len(found):,} sentences; {MOST:,} are taken: give a part of it")
    return tuple(found)


def _cut(block: str) -> Iterator[str]:
    """The sentences of a paragraph in one line."""
    begin = 0
    for end in _ENDS.finditer(block):
        before = block[begin : end.start()]
        word = before.rsplit(None, 1)[-1].lstrip("\"'“‘«([").casefold() if before.strip() else ""
        stop = end[0].startswith(".") and end[0][1:2] != "."
        if stop and (word in _ABBREVIATIONS or _INITIALS.search(before)):
            continue
        yield from _short(block[begin : end.end()].strip())
        begin = end.end()
    yield from _short(block[begin:].strip())


def _short(sentence: str) -> Iterator[str]:
    while len(sentence) > LONGEST:
        at = sentence.rfind(" ", 0, LONGEST)
        at = at if at > 0 else LONGEST
        yield sentence[:at]
        sentence = sentence[at:].strip()
    if any(c.isalnum() for c in sentence):
        yield sentence


def numbered(found: tuple[str, ...]) -> str:
    """The sentences, one a line, each after its number."""
    return "".join(f"[{k}] {sentence}\n" for k, sentence in enumerate(found, 1))
