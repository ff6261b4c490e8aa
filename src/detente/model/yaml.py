"""From the text of a YAML file to plain data in which every part knows its line and column.

The file is scanned as a stream first, so that deep nesting, floods of nodes and bombs of aliases are refused before
anything is built. Scalars are read by our own few rules: YAML's `no` and `on` are told, never taken for truth values.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator
from typing import Any

import yaml

from detente.errors import Place, Problem
from detente.language.characters import called, composed
from detente.language.remembered import memory
from detente.model import events
from detente.model.written import Path as Path
from detente.model.written import Written as Written
from detente.model.written import in_parts

LARGEST_FILE = 1_000_000

_WORD_BOOLEANS = re.compile(r"(?:yes|no|on|off|y|n)\Z", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?\Z", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}\Z", re.ASCII)
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_INDENTED = re.compile("^[ ]*([\u00a0\u2007\u202f\u3000])", re.MULTILINE)
_PLAINLY = (  # what the YAML reader says, in plain words, and what mostly mends it
    (
        "mapping values are not allowed",
        "a colon where none is allowed",
        "a text with a colon in it goes between quotation marks; or the line before is indented otherwise",
    ),
    ("alphabetic or numeric", "a * or & where a text begins", "put the expression between quotation marks"),
    ("cannot start any token", "a sign that cannot begin a text", "put the text between quotation marks"),
    ("expected ',' or ']'", "a list that is not closed or has no comma between its entries", "write [a, b, c]"),
    ("expected ',' or '}'", "a mapping that is not closed or has no comma between its entries", "write {a: 1, b: 2}"),
    ("expected node content", "nothing where a value was expected", "look for a comma or a bracket too many"),
    ("could not find expected ':'", "a key without a colon", "write `key: value`"),
    ("end of stream", "a quotation mark that is not closed", "close it with the same mark"),
    ("document separator", "a quotation mark that is not closed", "close it with the same mark"),
    ("unknown escape character", "a backslash that means nothing here", "put the text between single quotation marks"),
    (
        "expected <document start>",
        "something after the end of the model",
        "a file holds one model, a mapping of keys to values",
    ),
    ("found another document", "a second document in the file (---)", "a file holds one model"),
    ("expected key", "a line that does not fit with those above it", "keys of one mapping begin in the same column"),
    (
        "expected '-' indicator",
        "a line that does not fit with the list above it",
        "entries of a list begin with - in the same column",
    ),
    ("block sequence entries", "a list entry where none is allowed", "a list begins on the line after its key"),
    (
        "undefined tag handle",
        "a ! that means nothing here",
        "put the text between quotation marks; `not` is written in words",
    ),
)


def read(text: str, file: str) -> Written:
    """Read the text of a YAML file. Everything wrong is in `problems`; `data` is None where nothing could be read."""
    known = memory()
    return (known and in_parts(text, file, known, _read)) or _read(text, file)


def _read(text: str, file: str) -> Written:
    written = Written()
    if len(text) > LARGEST_FILE:
        written.problems.append(
            Problem(Place(file, 1, 1), f"the file has {len(text):,} characters; a model has at most {LARGEST_FILE:,}")
        )
        return written
    if found := _FORBIDDEN.search(text):
        line, column = text.count("\n", 0, found.start()) + 1, found.start() - text.rfind("\n", 0, found.start())
        message = f"the character U+{ord(found[0]):04X} cannot be used in a text"
        written.problems.append(Problem(Place(file, line, column), message, "is this a text file?"))
        return written
    text = composed(text)
    try:
        node = events.root(text)
        if node is None:
            hint = "`detente new NAME` writes one to start from"
            written.problems.append(Problem(Place(file, 1, 1), "the file is empty", hint))
        elif (spaced := _INDENTED.search(text)) and _begins_key(node, spaced):
            line = text.count("\n", 0, spaced.start(1)) + 1
            place = Place(file, line, spaced.start(1) - text.rfind("\n", 0, spaced.start(1)))
            message = f"the line is indented with {called(spaced[1])}, which looks like a space but is not one"
            written.problems.append(Problem(place, message, "indent it with ordinary spaces"))
        else:
            _Reader(file, text, written).read_root(node)
    except events.Refused as refused:
        place = Place(file, refused.mark.line + 1, refused.mark.column + 1)
        written.problems.append(Problem(place, refused.message, refused.hint))
    except yaml.MarkedYAMLError as error:
        written.problems.append(_not_yaml(error, text, file))
    except (yaml.YAMLError, ValueError) as error:
        written.problems.append(Problem(Place(file, 1, 1), f"this is not YAML: {' '.join(str(error).split())}"))
    return written


def _begins_key(node: yaml.Node, spaced: re.Match[str]) -> bool:
    """Whether a key of a mapping begins where a line begins with what looks like a space."""
    if isinstance(node, yaml.MappingNode):
        parts = [part for entry in node.value for part in entry]
        if any(key.start_mark.index == spaced.start(1) for key, _ in node.value):
            return True
    else:
        parts = node.value if isinstance(node, yaml.SequenceNode) else []
    return any(_begins_key(part, spaced) for part in parts if part.start_mark.index <= spaced.start(1))


def _not_yaml(error: yaml.MarkedYAMLError, text: str, file: str) -> Problem:
    """What the YAML reader stumbled over, in plain words and where the mistake was made rather than noticed."""
    said = f"{error.problem or ''} {error.context or ''}"
    message, hint = next(
        ((plain, mend) for theirs, plain, mend in _PLAINLY if theirs in said),
        (
            str(error.problem or error.context),
            "look at the indentation, colons and brackets of this line and the one before",
        ),
    )
    lines = text.split("\n")
    found, began = error.problem_mark or error.context_mark, error.context_mark
    line, column = (found.line, found.column) if found else (0, 0)
    here = lines[line] if line < len(lines) else ""
    before, indent = here[:column], here[: len(here) - len(here.lstrip())]
    if "\t" in indent and column <= len(indent):
        column = indent.index("\t")
        message, hint = "there is a tab at the beginning of the line", "YAML is indented with spaces"
    elif "expected ',' or '}'" in said and " in [" in here:
        message = "a mapping with an expression in it that has brackets of its own"
        hint = 'inside { }, put the expression between quotation marks: "stage in [move, move]"'
    elif "does not fit" in message and before.strip():
        message, hint = "something after the end of a value", "put the whole text between quotation marks"
    elif began and began.line < line and ("not closed" in message or "without a colon" in message):
        line, column = began.line, began.column
    return Problem(Place(file, line + 1, column + 1), f"this is not YAML: {message}", hint)


class _Reader:
    def __init__(self, file: str, text: str, written: Written) -> None:
        self.file, self.text, self.written = file, text, written
        self.lines = text.splitlines()

    def read_root(self, node: yaml.Node) -> None:
        if isinstance(node, yaml.MappingNode):
            self.written.data = self.value(node, ())
        else:
            self.tell(node, "a model is a mapping of keys to values", "start with `title: ...`")

    def place(self, node: yaml.Node) -> Place:
        mark = node.start_mark
        quoted = isinstance(node, yaml.ScalarNode) and node.style in ("'", '"')
        return Place(self.file, mark.line + 1, mark.column + 1 + quoted, self.turns(node))

    def turns(self, node: yaml.Node) -> tuple[tuple[int, int, int], ...]:
        """Where each line of a text begins: folding changes white space only, so all else can be counted."""
        first, last = node.start_mark, node.end_mark
        if not isinstance(node, yaml.ScalarNode) or first.line == last.line:
            return ()
        solid = [k for k, character in enumerate(node.value) if not character.isspace()]
        found, count = [], 0
        for number in range(first.line, min(last.line + 1, len(self.lines))):
            start = 0
            if number == first.line:
                if node.style in ("|", ">"):
                    continue
                start = first.column + (node.style in ("'", '"'))
            content = self.lines[number][start:]
            if content.strip() and count < len(solid):
                found.append((solid[count], number + 1, start + len(content) - len(content.lstrip()) + 1))
                count += sum(not character.isspace() for character in content)
        return tuple(found)

    def tell(self, node: yaml.Node, message: str, hint: str = "") -> None:
        self.written.problems.append(Problem(self.place(node), message, hint))

    def value(self, node: yaml.Node, path: Path) -> Any:
        self.written.places[path] = self.place(node)
        if node.tag.startswith("!"):
            self.tell(
                node, f"the tag {node.tag} has no meaning here", "put a text that begins with ! between quotation marks"
            )
        if isinstance(node, yaml.MappingNode):
            return dict(self.items(node, path))
        if isinstance(node, yaml.SequenceNode):
            items = []
            for k, child in enumerate(self.list_items(node)):
                item = self.value(child, (*path, k))
                items.append(item)
                if isinstance(item, str):
                    self.written.places.setdefault((*path, item), self.place(child))
            return items
        return self.scalar(node)

    def items(self, node: yaml.MappingNode, path: Path) -> Iterator[tuple[Any, Any]]:
        seen: dict[Any, Place] = {}
        for key_node, value_node in self.pairs(node):
            if not isinstance(key_node, yaml.ScalarNode):
                self.tell(key_node, "a key is a word, not a list or a mapping")
                continue
            key = self.scalar(key_node)
            if key is None or isinstance(key, (bool, dt.date)):
                if key is not None or not _WORD_BOOLEANS.match(key_node.value):  # word booleans have been told
                    self.tell(key_node, f"{key_node.value!r} cannot be a key", "put it between quotation marks")
                continue
            if key == "<<":
                self.tell(key_node, "merge keys (<<) are not part of the language", "use `extends:`")
                continue
            if key in seen:
                self.tell(
                    key_node, f"{key!r} is written twice", f"the first is at {seen[key]}; one of them would be lost"
                )
                continue
            seen[key] = self.place(key_node)
            value = self.value(value_node, (*path, key))
            self.written.places[(*path, key, "@key")] = seen[key]
            yield key, value

    def pairs(self, node: yaml.MappingNode) -> Iterator[tuple[yaml.Node, yaml.Node]]:
        """The entries of a mapping. In `{offer: grid(0, 1, 11)}` YAML takes the commas: here they are given back."""
        entries = node.value[::-1]
        while entries:
            key, value = entries.pop()
            if not node.flow_style:
                yield key, value
                continue
            first, opened = key, self.opened(key)
            while entries and opened > 0 and self.is_nothing(value):
                key, value = entries.pop()
                opened += self.opened(key)
            key = self.joined(first, key)
            last, opened = value, self.opened(value)
            while entries and opened > 0 and self.is_nothing(entries[-1][1]):
                last = entries.pop()[0]
                opened += self.opened(last)
            yield key, self.joined(value, last)

    def list_items(self, node: yaml.SequenceNode) -> Iterator[yaml.Node]:
        """The entries of a list, with the commas of calls given back as in `pairs`."""
        entries = node.value[::-1]
        while entries:
            first = last = entries.pop()
            opened = self.opened(first)
            while node.flow_style and entries and opened > 0:
                last = entries.pop()
                opened += self.opened(last)
            yield self.joined(first, last)

    def opened(self, node: yaml.Node) -> int:
        """How many parentheses are opened and not closed in a plain scalar."""
        plain = isinstance(node, yaml.ScalarNode) and not node.style
        return node.value.count("(") - node.value.count(")") if plain else 0

    def is_nothing(self, node: yaml.Node) -> bool:
        return isinstance(node, yaml.ScalarNode) and not node.style and node.value == ""

    def joined(self, first: yaml.Node, last: yaml.Node) -> yaml.Node:
        if first is last:
            return first
        text = " ".join(self.text[first.start_mark.index : last.end_mark.index].split())
        return yaml.ScalarNode("tag:yaml.org,2002:str", text, first.start_mark, last.end_mark)

    def scalar(self, node: yaml.Node) -> Any:
        assert isinstance(node, yaml.ScalarNode)
        text = node.value
        if node.style in ("'", '"', "|", ">"):
            return text
        if _WORD_BOOLEANS.match(text):
            if text.lower() not in ("y", "n"):
                self.tell(
                    node,
                    f"{text!r} is YAML's word for {'true' if text.lower() in ('yes', 'on') else 'false'}",
                    f"write '{text}' between quotation marks for the word, or true or false",
                )
            return text
        if text in ("true", "True", "TRUE", "false", "False", "FALSE"):
            return text.lower() == "true"
        if text in ("", "~", "null", "Null", "NULL"):
            return None
        if _NUMBER.match(text) and len(text) < 64 and abs(float(text)) < math.inf:
            return int(text) if re.fullmatch(r"[-+]?\d{1,18}", text, re.ASCII) else float(text)
        if _DATE.match(text):
            try:
                return dt.date.fromisoformat("-".join(part.zfill(2) for part in text.split("-")))
            except ValueError:
                self.tell(node, f"there is no day {text}", "dates are written year-month-day: 2022-02-16")
                return None
        return text
