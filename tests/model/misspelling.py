"""Names of a case misspelt by one letter, one at a time, and what is told of it: is it one mistake, where it was made?

uv run python -m tests.model.misspelling korea-2017 [HOW MANY OF EACH KIND]
"""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files

import yaml

from detente.errors import ModelError, Problem
from detente.language.expressions import CALLABLE, WORDS
from detente.language.remembered import Memory, remembering
from detente.model import events
from detente.model.load import loads
from detente.model.quick import quick

PROSE = {
    "means", "because", "says", "title", "about", "note", "url", "author", "question", "stake", "fact", "event", "who",
    "class", "signal", "where", "happened", "published", "unit", "as_of", "date", "by", "from", "deadline", "kind",
    "with",
}  # fmt: skip
NAMED = (
    "sources", "mechanisms", "actors", "quantities", "private", "state", "stages", "outcomes", "claims", "statics",
    "structures",
)  # fmt: skip
_WORD = re.compile(r"[A-Za-z_]\w*")
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Misspelt:
    """A text with one word misspelt. `declared`: the word is where it is declared and not where it is used; `kind`: a
    section of names, `label` for what stands inside of their entries, or `key`."""

    text: str
    word: str
    written: str
    line: int
    column: int
    declared: bool
    kind: str
    path: Path
    once: bool  # it stands at one other place

    def true(self, p: Problem) -> bool:
        """Whether a problem stands where the word is misspelt."""
        start = self.column - self.before
        if self.declared and self.once and self.word in p.message and f"did you mean '{self.written}'?" in p.hint:
            return True  # one of two words, and either may be the wrong one
        return p.place.line == self.line and p.place.column in (self.column, start)

    @property
    def before(self) -> int:
        """How far the whole name, `Russia.aim`, begins before the word."""
        line = self.text.split("\n")[self.line - 1][: self.column - 1]
        return len(line) - len(re.sub(r"[\w.]+\Z", "", line))

    def mended(self, p: Problem) -> bool:
        meant = re.search(r"did you mean '([^']+)'\?", p.hint)
        if self.declared and self.once and meant is not None and meant[1] == self.written:
            return True
        return meant is not None and self.word in re.split(r"[. ]", meant[1])


def misspelt(text: str, most: int = 3) -> Iterator[Misspelt]:
    """Words of a text misspelt, `most` of each kind in each place."""
    root = events.root(text)
    seen: list[tuple[Path, yaml.ScalarNode, bool]] = list(_scalars(root, ()))
    names: dict[str, str] = {}
    kinds: dict[str, set[str]] = {}
    for path, node, key in seen:
        if key:
            what = _declares(path) or ("" if _named(path) else "key")
            for part in node.value.split(".") if what else ():
                kinds.setdefault(part, set()).add(what.removesuffix(" in a structure"))
                if what != "key":
                    names.setdefault(part, what)
    lists = {item.value for path, item, key in seen if not key and path[0] == "stages" and path[-2:-1] == ("moves",)}
    names |= {word: "label" for word in lists if word not in names}
    counts = Counter(word for _, node, _ in seen for word in _WORD.findall(node.value))
    done: Counter[tuple[str, ...]] = Counter()
    for path, node, key in seen:
        declares = _declares(path) if key else ""
        last = next((str(step) for step in reversed(path) if isinstance(step, str)), "")
        schema = key and not declares and not _named(path)
        if not schema and not key and last in PROSE and path[-1] != "from":
            continue
        raw = text[node.start_mark.index : node.end_mark.index]
        for found in _WORD.finditer(raw):
            word = found[0]
            if (
                declares.startswith("term")
                or (path[-2:-1] == ("groups",) and key)
                or (not key and path[-2:-1] in (("moves",), ("mechanisms",), ("actors",)))
            ):
                continue
            if len(word) < 3 or (not schema and (word not in names or word in WORDS or word in CALLABLE)):
                continue
            if not schema and (counts[word] < 2 or (declares and len(kinds.get(word, ())) > 1)):
                continue
            if declares in ("claims", "statics") or (declares == "structures" and f"structure.{word}" not in text):
                continue  # nothing speaks of them
            if declares == "quantities in a structure" and names[word] == "quantities":
                continue  # whole by itself, so that it is a warning: the quantity is never used
            kind = "key" if schema else declares or names[word]
            sort = (kind, str(bool(declares)), *(s for s in map(_shape(path), range(len(path))) if s))
            if done[sort] >= most:
                continue
            wrong = word[: len(word) // 2] + word[len(word) // 2 + 1 :] if len(word) > 3 else word + word[-1]
            if wrong in names or wrong in counts:
                continue
            done[sort] += 1
            at = node.start_mark.index + found.start()
            line = text.count("\n", 0, at)
            column = at - (text.rfind("\n", 0, at) + 1)
            made = text[:at] + wrong + text[at + len(word) :]
            yield Misspelt(made, word, wrong, line + 1, column + 1, bool(declares), kind, path, counts[word] == 2)


def _shape(path: Path) -> Callable[[int], str]:
    """The steps of a path that are keys of the language."""
    keys = {
        *NAMED, "payoffs", "evidence", "forecasts", "answer", "asks", "groups", "holds", "prior", "prefers", "moves",
        "chance", "when", "seen", "not seen", "likelihood", "changes", "seen_by", "value", "source", "mechanism",
        "actor", "continues", "reconsidered", "then", "raise", "lower", "force", "excludes", "weight", "between",
        "hidden_from", "together_with", "without", "role", "like", "start", "next", "happened", "outcome", "one_of",
        "p", "seen_as", "signs",
    }  # fmt: skip
    return lambda k: str(path[k]) if path[k] in keys else ""


def _declares(path: Path) -> str:
    """What a key declares: a name of a section, or a label inside of one."""
    if path[:1] == ("structures",):
        if len(path) == 2 or (len(path) == 4 and path[2] == "one_of"):
            return "structures"
        if "changes" not in path:
            return ""
        path = path[path.index("changes") + 1 :]
        return f"{_declares(path)} in a structure" if _declares(path) else ""
    if len(path) == 2 and path[0] in NAMED:
        return str(path[0])
    if path[:1] == ("stages",) and len(path) == 4 and path[2] in ("moves", "chance"):
        return "label"
    if path[:1] == ("payoffs",) and len(path) == 3:
        return "term"
    if path[:1] == ("private",) and path[-1] != "prior" and (path[2:-1] == ("prior",)):
        return "label"
    return ""


def _named(path: Path) -> bool:
    """Whether a key is a name that is used there."""
    while "changes" in path:
        path = path[path.index("changes") + 1 :]
    if path[:1] == ("payoffs",) and len(path) in (2, 3):
        return True
    parents = ("groups", "prior", "prefers", "likelihood", "ratio", "force", "instead_of", "seen_by", "seen_as",
               "mixture", "choice", "chance", "moves", "continuation", "escalation")  # fmt: skip
    return any(step in parents for step in path[-2:-1]) or any(
        step in ("likelihood", "ratio", "seen_as") for step in path[-3:-1]
    )


def _scalars(node: yaml.Node, path: Path) -> Iterator[tuple[Path, yaml.ScalarNode, bool]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*path, key.value)
            yield here, key, True
            yield from _scalars(value, here)
    elif isinstance(node, yaml.SequenceNode):
        for k, item in enumerate(node.value):
            yield from _scalars(item, (*path, k))
    elif isinstance(node, yaml.ScalarNode):
        yield path, node, False


def problems(text: str) -> tuple[Problem, ...]:
    """What is told of a text."""
    try:
        loads(text, "case.yaml")
    except ModelError as error:
        return error.problems
    return ()


def library(case: str) -> str:
    return (files("detente") / "cases" / f"{case}.yaml").read_text(encoding="utf-8")


def main() -> None:
    case, most = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1
    rows: dict[str, list[tuple[int, bool]]] = defaultdict(list)
    with remembering(Memory()):
        for m in misspelt(library(case), most):
            quickly = [p for p in quick(m.text, "case.yaml").problems if not p.warning]
            for how, found in (("", list(problems(m.text))), ("at first sight: ", quickly)):
                good = len(found) == 1 and m.true(found[0]) and m.mended(found[0])
                rows[how + m.kind + " declared" * m.declared].append((len(found), good))
                if not good:
                    where = ".".join(map(str, m.path))
                    print(f"{how}{m.kind} {m.word} -> {m.written} at {m.line}:{m.column} {where}: {len(found)} told")
                    print(*(f"    {p}" for p in found[:5]), sep="\n")
    for kind, tried in sorted(rows.items()):
        right, told = sum(good for _, good in tried), max(count for count, _ in tried)
        print(f"{kind:55} {len(tried):4} tried, {right:4} right, {told:3} told at most")


if __name__ == "__main__":
    main()
