"""The stream of a YAML file, made into nodes in one pass that refuses what is too deep, too long or bent on itself.

Whether PyYAML has its scanner in C or not, a text means the same: where its scanner in Python is stricter (a question
mark or a tab within a text), it is given another character of the same width, which is turned back afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import yaml

LARGEST_TREE = 100_000
DEEPEST = 24

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MARK, _TAB = "\ue000", "\ue001"  # for private use: no text needs them
_INNER_MARK = re.compile(r"(?<=[^\s\[{,:?-])( *)\?")
_SPACING = re.compile(r"(?<=[:,\[\]{}'\"])[ \t]+|(?<=\S)[ \t]+(?=#|$)", re.MULTILINE)
_INNER = re.compile(r"(?<=\S)[ \t]+(?=\S)")


class Refused(Exception):
    """What is not read: its mark in the text, why, and a hint."""

    def __init__(self, mark: Any, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.mark, self.message, self.hint = mark, message, hint


def root(text: str) -> yaml.Node | None:
    """The node of a document, None for an empty one. Raises Refused, yaml.YAMLError."""
    pure = Loader is yaml.SafeLoader and not any(mark in text for mark in (_MARK, _TAB))
    turned = _turned(text) if pure else text
    back = _back if turned != text else None
    return _node(_watched(yaml.parse(turned, Loader=Loader)), back)


def _turned(text: str) -> str:
    text = _INNER_MARK.sub(lambda found: f"{found[1]}{_MARK}", text)
    if "\t" not in text:
        return text
    text = _SPACING.sub(lambda found: " " * len(found[0]), text)
    return _INNER.sub(lambda found: found[0].replace("\t", _TAB), text)


def _back(text: str) -> str:
    return text.replace(_MARK, "?").replace(_TAB, "\t")


def _watched(events: Iterator[Any]) -> Iterator[Any]:
    """The events, unless there is something in them that no model has."""
    depth = 0
    for count, event in enumerate(events, 1):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise Refused(event.start_mark, f"the file is nested more than {DEEPEST} deep")
        if count > LARGEST_TREE:
            raise Refused(event.start_mark, f"the file has more than {LARGEST_TREE:,} parts")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            hint = "an expression that starts with * or & goes between quotation marks"
            raise Refused(event.start_mark, "anchors and aliases (& and *) are not part of the language", hint)
        yield event


def _node(events: Iterator[Any], back: Callable[[str], str] | None) -> yaml.Node | None:
    """The node of the one document that a stream holds."""
    found: yaml.Node | None = None
    open_: list[yaml.CollectionNode] = []
    for event in events:
        node: yaml.Node | None = None
        start: Any = event.start_mark
        end: Any = event.end_mark
        if isinstance(event, yaml.ScalarEvent):
            value = back(event.value) if back else event.value
            node = yaml.ScalarNode(event.tag or "", value, start, end, style=event.style)
        elif isinstance(event, yaml.CollectionStartEvent):
            kind = yaml.MappingNode if isinstance(event, yaml.MappingStartEvent) else yaml.SequenceNode
            node = kind(event.tag or "", [], start, None, flow_style=event.flow_style)
        elif isinstance(event, yaml.CollectionEndEvent):
            _close(open_.pop(), event)
        elif isinstance(event, yaml.DocumentStartEvent) and found is not None:
            raise yaml.MarkedYAMLError(problem="found another document", problem_mark=start)
        if node is not None:
            if open_:
                open_[-1].value.append(node)
            else:
                found = node
            if isinstance(node, yaml.CollectionNode):
                open_.append(node)
    return found


def _close(node: yaml.CollectionNode, event: Any) -> None:
    node.end_mark = event.end_mark
    if isinstance(node, yaml.MappingNode):
        node.value = list(zip(node.value[::2], node.value[1::2], strict=True))
