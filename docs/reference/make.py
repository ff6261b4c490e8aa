"""Write the reference from what the questions declare: `uv run python docs/reference/make.py [FOLDER]`.

One page for each question, and `README.md` with what they share. Nothing about any one question stands here.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args, get_type_hints

from typer import Context
from typer.main import get_command

import detente
from detente.present.cli.app import WHOLE, app, made
from detente.present.cli.options import SOLVING
from detente.present.form import kind_of, schema
from detente.study.registry import TOPICS, Question, declared, find
from detente.study.settings import How

FIRST = """# Reference

Each question is a command, a function of `detente`, and a page here. These pages are made from the declarations of the
questions by `uv run python docs/reference/make.py`; they are not edited by hand. Beside them stand
[the other commands](other-commands.md), such as `report`, `play` and `check`, and
[the rest of Python](python.md), such as `Study` and `load`. Files, JSON and exit codes are described
under [commands](../commands.md).
"""
NAMED = """Fields have the same names in Python and in JSON. What is not defined (`nan`, infinite or None in Python) is
`null` in JSON.
"""
OTHERS = """# The other commands

Commands that are no questions about a case. Made from what they declare by `uv run python docs/reference/make.py`.
"""
PYTHON = """# The rest of Python

What `import detente` offers beside [the questions](README.md). Made from the code by
`uv run python docs/reference/make.py`.
"""
TAKES, HOLDS = ("option", "takes", "default", "what it does"), ("field", "holds")
OUTPUTS, FINDING = ("as_json", "report"), "Finding"
HELD = {"string": "text", "boolean": "true or false", "null": "null"}


@dataclasses.dataclass(frozen=True)
class Taken:
    """An argument or option of a command. `setting`: one of those that say how a question is answered."""

    key: str
    name: str
    argument: bool
    takes: str
    default: str
    says: str
    setting: bool

    @property
    def row(self) -> tuple[str, ...]:
        return f"`{self.name}`", self.takes, self.default, self.says


def pages() -> dict[str, str]:
    """The text of each page by the name of its file."""
    questions = [find(name) for name in declared()]
    made_of = {f"{q.name}.md": page(q) for q in questions}
    return {"README.md": index(questions), **made_of, "other-commands.md": commands(), "python.md": python()}


def nav() -> str:
    """What stands where on the site: the questions by topic, then the rest."""
    lines = ["nav:", "  - README.md"]
    for topic, says in TOPICS.items():
        lines.append(f"  - {says}:")
        lines += [f"      - {name}.md" for name in declared() if find(name).topic == topic]
    return "\n".join([*lines, "  - other-commands.md", "  - python.md", ""])


def commands() -> str:
    """The commands that are no questions: what each says of itself, and what it takes."""
    group, parts = get_command(app), [OTHERS]
    context = Context(group, info_name="detente")
    for name in group.list_commands(context):
        if name not in declared():
            found = made(name) if name in WHOLE else group.get_command(context, name)
            inner = [(f"{name} {sub}", c) for sub, c in getattr(found, "commands", {}).items()]
            for called, command in [(name, found), *inner]:
                parts.append(f"## {called}\n\n{_help(command)}\n")
                arguments_ = [usage(p) for p in command.params if p.param_type_name == "argument"]
                parts.append(f"```text\n{' '.join(['detente', called, *arguments_, '[OPTIONS]'])}\n```\n")
                parts.append(table(TAKES, (t.row for t in taken_by(command))))
    return "\n".join(filter(None, parts))


def _help(command: Any) -> str:
    return inspect.cleandoc(command.help or "").replace("\b\n", "")


def python() -> str:
    """What `import detente` offers beside the questions."""
    parts = [PYTHON]
    asked = {find(name).function for name in declared()}
    names = [name for name in detente.__all__ if name not in asked]
    for heading, wanted in (("Functions", False), ("Types", True)):
        parts.append(f"## {heading}\n")
        for name in names:
            value = getattr(detente, name)
            if inspect.isclass(value) == wanted:
                parts += [f"### {name}\n", *_written(name, value), f"{inspect.getdoc(value)}\n"]
                parts.append(table(("member", "what it is"), _members(value) if wanted else ()))
    return "\n".join(filter(None, parts))


def _written(name: str, value: Any) -> list[str]:
    """How it is called; of a type that is only ever given, nothing."""
    if inspect.isclass(value):
        return []
    signature = inspect.signature(value)
    return [f"```python\ndetente.{name}{arguments(signature)} -> {signature.return_annotation}\n```\n"]


def _members(kind: type) -> Iterator[tuple[str, str]]:
    """The public methods and properties of a type that say what they are."""
    for name, member in vars(kind).items():
        said = inspect.getdoc(member) if callable(member) or hasattr(member, "__get__") else None
        if said and not name.startswith("_"):
            yield f"`{name}`", said.split("\n\n")[0].replace("\n", " ")


def index(questions: Sequence[Question]) -> str:
    """The questions by topic, and what they share."""
    parts = [FIRST]
    for topic, says in TOPICS.items():
        rows = [(f"[`{q.name}`]({q.name}.md)", q.summary) for q in questions if q.topic == topic]
        parts += [f"## {says}\n", table(("question", "what it does"), rows)]
    settings = [t if t.key != "draws" else dataclasses.replace(t, default="by question") for t in taken("run")]
    outputs = [t.row for t in taken("tip") if t.key in OUTPUTS]
    finding = schema(find("run"))["$defs"][FINDING]
    parts += ["## Settings\n", "How a question is answered. Its page says which of these its command does not take.\n"]
    parts += [table(TAKES, (t.row for t in settings if t.setting))]
    parts += ["In Python they are given by name, or several at once as `how=detente.How(...)`:\n"]
    parts += [f"```python\ndetente.How{arguments(inspect.signature(How))}\n```\n", f"{inspect.getdoc(How)}\n"]
    parts += ["## Output\n", table(TAKES, outputs), f"## {FINDING}\n", f"{finding['description']}\n"]
    return "\n".join([*parts, table(HOLDS, fields(finding)), NAMED])


def page(question: Question) -> str:
    """What one question asks and takes, and what its answer holds."""
    line = ["detente", question.name, *(t.name for t in taken(question.name) if t.argument), "[OPTIONS]"]
    own = [t.row for t in taken(question.name) if not t.setting and (t.key not in OUTPUTS or question.name == "run")]
    form, signature = schema(question), inspect.signature(question.ask)
    asked = "a case, or a `Study`, which is a case that is solved already" if question.of_study else "a case"
    says = f"{form['description']}\n" if "description" in form else ""
    parts = [
        f"# {question.name}\n", f"{TOPICS[question.topic]} · [all questions](README.md)\n",
        f"{inspect.getdoc(question.ask)}\n", "## Command\n", f"```text\n{' '.join(line)}\n```\n", table(TAKES, own),
        f"{settings_of(question)}\n", "## Python\n",
        f"```python\ndetente.{question.function}{arguments(signature)} -> {signature.return_annotation}\n```\n",
        f"`case` is {asked}. The settings are [these](README.md#settings).\n", "## Answer\n",
        says, f"{NAMED}{_only_json(question, form)}\n", table(HOLDS, fields(form)),
    ]  # fmt: skip
    kinds = form["$defs"]
    for name in reached(form, kinds):
        parts += [f"### {name}\n", f"{kinds[name]['description']}\n", table(HOLDS, fields(kinds[name]))]
    written = json.dumps(form, indent=1, ensure_ascii=False)
    parts += [f"<details><summary>JSON Schema</summary>\n\n```json\n{written}\n```\n\n</details>\n"]
    return "\n".join(filter(None, parts))


def _only_json(question: Question, form: Mapping[str, Any]) -> str:
    """Which fields of its JSON its answer in Python does not have."""
    kind = kind_of(question)
    there = [f.name for f in dataclasses.fields(kind)] if dataclasses.is_dataclass(kind) else [question.function]
    listed = "" if dataclasses.is_dataclass(kind) else f" The list stands under `{question.function}`."
    return f"JSON alone has {', '.join(f'`{name}`' for name in form['properties'] if name not in there)}.{listed}"


@lru_cache(maxsize=64)
def taken(name: str) -> list[Taken]:
    """The arguments and options of the command of a question, in their order."""
    return taken_by(made(name))


def taken_by(command: Any) -> list[Taken]:
    """The arguments and options of a command, in their order."""
    kinds = get_type_hints(command.callback, include_extras=True)
    found = []
    for p in command.params:
        if p.name != "help":
            kind, said = kinds[p.name].__origin__, kinds[p.name].__metadata__[0]
            written = usage(p) if p.param_type_name == "argument" else "`, `".join([*p.opts, *p.secondary_opts])
            says, default = _default(p)
            found.append(
                Taken(p.name, written, p.param_type_name == "argument", _takes(p, kind, said), default, says,
                      getattr(said, "rich_help_panel", None) == SOLVING)
            )  # fmt: skip
    return found


def usage(argument: Any) -> str:
    """An argument as a line of usage has it."""
    word = f"{argument.name.upper()}{'...' if argument.nargs == -1 else ''}"
    return word if argument.required else f"[{word}]"


def _takes(option: Any, kind: Any, said: Any) -> str:
    """What an option takes, in words."""
    plain = [k for k in get_args(kind) or (kind,) if k is not type(None)]
    if bool in plain:
        return ""
    (one,) = plain
    if isinstance(one, type) and issubclass(one, Enum):
        return " or ".join(f"`{choice.value}`" for choice in one)
    word = f"`{option.metavar}`" if option.metavar else {int: "integer", float: "number", Path: "path"}.get(one, "text")
    ends = [f"{name} {end:,}" for name, end in (("from", said.min), ("to", said.max)) if end is not None]
    more = ", several times" if getattr(option, "multiple", False) else ""
    return " ".join([word, *ends]) + more


def _default(option: Any) -> tuple[str, str]:
    """What an option says, and its default, which stands there in brackets where it is worked out."""
    says, _, rest = str(option.help).partition(" [default: ")
    if rest:
        return f"{says.removesuffix('.')}.", rest.rstrip(".").removesuffix("]")
    value = option.default.value if isinstance(option.default, Enum) else option.default
    if option.secondary_opts:
        return says, f"`{(option.opts if value else option.secondary_opts)[0]}`"
    return says, "" if value is None or value is False or value == "" else f"`{value}`"


def settings_of(question: Question) -> str:
    """Which settings its command takes."""
    here = {t.key: t for t in taken(question.name) if t.setting}
    left = [f"`{t.name}`" for t in taken("run") if t.setting and t.key not in here]
    draws = f" By default it takes {int(here['draws'].default.strip('`')):,} draws." if "draws" in here else ""
    but = f", but for {' and '.join(left)}" if left else ""
    output = "" if question.name == "run" else f"{',' * bool(left)} and of [output](README.md#output)"
    return f"Beside these it has the options of [settings](README.md#settings){but}{output}.{draws}"


def arguments(signature: inspect.Signature) -> str:
    """Parameters, each on its line, with what they take; what commands say of them is left out."""
    lines, starred = [], False
    for p in signature.parameters.values():
        if p.kind is p.KEYWORD_ONLY and not starred:
            lines.append("*")
            starred = True
        kind = re.sub(r"^Annotated\[(.*?), (?:Option\(.*|[A-Z]+\])$", r"\1", str(p.annotation), flags=re.DOTALL)
        default = "" if p.default is p.empty else f" = {p.default!r}"
        lines.append(f"**{p.name}" if p.kind is p.VAR_KEYWORD else f"{p.name}: {kind}{default}")
    return "(\n" + "".join(f"    {line},\n" for line in lines) + ")"


def fields(form: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The fields of an object of a schema, and what they hold."""
    needed = form.get("required", ())
    for name, kind in form["properties"].items():
        yield f"`{name}`", holds(kind) + ("" if name in needed else "; may be missing")


def holds(kind: Mapping[str, Any]) -> str:
    """What a value of a schema is, in words."""
    if "$ref" in kind:
        name = kind["$ref"].rpartition("/")[2]
        return f"[{name}]({'README.md' if name == FINDING else ''}#{name.lower()})"
    if "anyOf" in kind:
        return " or ".join(dict.fromkeys(map(holds, kind["anyOf"])))
    if kind.get("type") == "object":
        return f"by name: {holds(kind['additionalProperties'])}"
    if kind.get("type") == "array":
        if "prefixItems" in kind:
            return f"{len(kind['prefixItems'])} values: {', '.join(map(holds, kind['prefixItems']))}"
        return f"list of {holds(kind['items'])}" if "items" in kind else "list"
    if "format" in kind:
        return str(kind["format"])
    several = [kind["type"]] if isinstance(kind["type"], str) else kind["type"]
    return " or ".join(HELD.get(one, one) for one in several)


def reached(form: Any, kinds: Mapping[str, Any], known: tuple[str, ...] = (FINDING,)) -> list[str]:
    """The definitions that a form leads to, in the order in which they are first met."""
    names = re.findall(r'"#/\$defs/(\w+)"', json.dumps({**form, "$defs": None}))
    found: list[str] = []
    for name in names:
        if name not in (*known, *found):
            found += [name, *reached(kinds[name], kinds, (*known, *found, name))]
    return found


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table, or nothing where it has no rows."""
    lines = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    head_rows = [list(head), ["---"] * len(head)] if lines else []
    return "".join(f"| {' | '.join(line)} |\n" for line in [*head_rows, *lines])


def write(folder: Path) -> None:
    """Write all pages to a folder, and take away those of questions that are no more."""
    folder.mkdir(parents=True, exist_ok=True)
    made_now = pages()
    for old in folder.glob("*.md"):
        if old.name not in made_now:
            old.unlink()
    for name, text in made_now.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / ".nav.yml").write_text(nav(), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).parent)
