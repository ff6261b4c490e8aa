"""What can be asked: each question is declared once, where it is answered.

    @question("tip", topic="thresholds", draws=300)
    def tip(case: Case, quantity: Annotated[str, Option("A quantity.")], *, points: int = 21, **settings) -> Tipping:
        \"\"\"How the answer changes with a quantity.\"\"\"

From this come the function of the package, the command (arguments before the star, options after it), its JSON and the
schema of it, its part of the dossier, its page of the reference and the key under which its answer is kept. A question
is a file in `study/questions/`; how its answer is shown is a file in `present/views/`. Nothing else names it.

`declared` says what there is from the sources, so that a list of commands imports nothing heavy; `find` imports one.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, wraps
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec, TypeVar, get_args, get_origin, get_type_hints

from detente.errors import QuestionError, nearest
from detente.study.asking import answering, asking

if TYPE_CHECKING:
    from detente.study.dossier import Dossier
    from detente.study.settings import How

Plan = Callable[["Dossier"], Iterable[Mapping[str, Any]]]
"""The arguments with which a question is asked for the dossier, each time it is."""
P = ParamSpec("P")
R = TypeVar("R")

TOPICS = {
    "forecast": "Forecast",
    "thresholds": "Tipping points",
    "counterfactual": "Counterfactuals",
    "sensitivity": "Sensitivity",
    "information": "Value of information",
    "perceptions": "Perceptions",
    "evidence": "Evidence and forecasts of others",
}
"""By the same words the rooms of analyses, of pictures and of the reference are divided."""
GROUPS = {
    "model": "Model",
    "forecast": "Forecast",
    "change": "What would change it",
    "learn": "What to find out",
    "games": "Games",
    "files": "Files",
}
"""The groups of commands in the help, in their order. A question is in that of its topic."""
_GROUP_OF = {
    "forecast": "forecast", "thresholds": "change", "counterfactual": "change", "sensitivity": "change",
    "information": "learn", "perceptions": "forecast", "evidence": "forecast",
}  # fmt: skip


def group_of(topic: str) -> str:
    """The heading under which the help lists the questions of a topic."""
    return GROUPS[_GROUP_OF[topic]]


ROOMS = ("detente.study", "detente.study.questions")
_DECORATOR = "question"
_SETTINGS = "settings"


@dataclass(frozen=True)
class Option:
    """What the doors say of a parameter of a question.

    `names`: what its values are names of (`quantities`, `claims`, `moves` and so on), so that they can be completed.
    `flag`: another name for the door, without dashes; `argument`: whether a positional parameter is an argument there.
    `kinds`: for a list of changes that keep their order, the flags by kind with what they take and say.
    """

    help: str
    metavar: str = ""
    flag: str = ""
    names: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    argument: bool = True
    kinds: Mapping[str, tuple[str, str]] | None = None


@dataclass(frozen=True)
class Parameter:
    """One parameter of a question beside the case: positional ones are arguments of the command, the rest options."""

    name: str
    type: Any
    default: Any
    option: Option
    positional: bool

    @property
    def argument(self) -> bool:
        """Whether it is an argument of the command, and no option."""
        return self.positional and self.option.argument

    @property
    def required(self) -> bool:
        return self.default is inspect.Parameter.empty


@dataclass(frozen=True)
class Question:
    """A question: its name at the doors, what it is about, and the function that answers it.

    `of_study`: it is asked of a case that is solved already, a Study. `draws`: how many are taken by default; `counts`:
    what its progress counts. `without`: settings that play no part. `plan`: what it is asked for the dossier, given
    what was found before; None where it is no part of it.
    """

    name: str
    topic: str
    ask: Callable[..., Any]
    answer: Any
    draws: int | None
    of_study: bool
    counts: str
    without: frozenset[str]
    plan: Plan | None
    parameters: tuple[Parameter, ...]
    alias: str = ""

    @property
    def function(self) -> str:
        """What it is called in Python."""
        return self.ask.__name__

    @property
    def summary(self) -> str:
        """The first paragraph of what it says of itself, in one line."""
        return _summary(self.ask.__doc__)

    @property
    def details(self) -> str:
        """What it says of itself after that."""
        return (inspect.getdoc(self.ask) or "").partition("\n\n")[2]


def question(
    name: str, *, topic: str, draws: int | None = None, of_study: bool = False, counts: str = "draws",
    without: tuple[str, ...] = (), dossier: Plan | bool = True, alias: str = "", because: str = "",
) -> Callable[[Callable[P, R]], Callable[P, R]]:  # fmt: skip
    """Declare that a function answers a question. Its first parameter is the case (or, `of_study`, a case or Study).

    `dossier`: whether it is asked for the dossier, and what: as it is (True), not at all, or what a function makes of
    what was found before. `alias`: another name for it, as a command and as a function. `because`: why some settings
    play no part. The rest is that of `Question`.
    """
    plan = dossier if callable(dossier) else (lambda _: [{}]) if dossier else None

    def declare(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def ask(*args: P.args, **given: P.kwargs) -> R:
            how: Any = given.get("how")
            named = {key for key, value in given.items() if value is not None}
            told = named | (set(how.given()) if how is not None else set())
            if extra := sorted(told & set(without)):
                raise QuestionError(f"`{name}` takes no {' and no '.join(extra)}: {because or _WHY[extra[0]]}")
            if given.get("draws") is None and getattr(how, "draws", None) is None and "draws" not in without:
                given["draws"] = draws
            with asking(name, _arguments(function, args, given)) as context:
                answer = function(*args, **given)
            return answering(answer, context)

        vars(ask)["question"] = (topic, draws, of_study, counts, frozenset(without), plan, alias)
        return ask

    return declare


def _arguments(function: Callable[..., Any], args: Sequence[Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """What a question is asked beside the case and the settings, by name; nothing of a call that it refuses."""
    parameters = inspect.signature(function).parameters.values()
    named = [p.name for p in parameters if p.kind is not inspect.Parameter.VAR_KEYWORD]
    told = dict(zip(named, args, strict=False)) | {name: given[name] for name in named if name in given}
    return {name: told[name] for name in named[1:] if name in told}


_WHY = {
    "as_of": "it follows the evidence day by day by itself",
    "set": "give the changed models as files, with `extends:`",
    "draws": "it looks at the median draw, every quantity at its median",
    "seed": "it looks at the median draw, every quantity at its median",
}


@dataclass(frozen=True)
class Declared:
    """What the source of a question says before it is imported."""

    name: str
    topic: str
    function: str
    module: str
    summary: str
    alias: str = ""


@lru_cache(maxsize=1)
def declared() -> Mapping[str, Declared]:
    """Every question there is, by its name at the doors, by topic and then in the order of the alphabet."""
    order = list(TOPICS)
    found = [d for file, module in _files() for d in _read(file, module)]
    return {d.name: d for d in sorted(found, key=lambda d: (order.index(d.topic), d.name != "run", d.name))}


def known(name: str) -> Declared | None:
    """A question by its name at the doors. The files called like it are read first, and then no other."""
    likely = name.replace("-", "_")
    for file, module in sorted(_files(), key=lambda f: f[0].stem != likely):
        for declaration in _read(file, module):
            if name in (declaration.name, declaration.alias):
                return declaration
    return None


def _files() -> Iterator[tuple[Path, str]]:
    """The sources that may declare questions, and their modules."""
    for room in ROOMS:
        for folder in import_module(room).__path__:
            for file in sorted(Path(folder).glob("*.py")):
                yield file, f"{room}.{file.stem}"


_PARSING = Lock()
"""Python 3.11 counts how deep a tree of syntax is for all threads together, and fails where two parse at once."""


@lru_cache(maxsize=256)
def _read(file: Path, module: str) -> list[Declared]:
    text = file.read_text(encoding="utf-8")
    if f"@{_DECORATOR}(" not in text:
        return []
    found = []
    with _PARSING:
        body = ast.parse(text).body
    for node in body:
        for call in getattr(node, "decorator_list", ()):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == _DECORATOR:
                assert isinstance(node, ast.FunctionDef)
                topic = next(ast.literal_eval(k.value) for k in call.keywords if k.arg == "topic")
                name = ast.literal_eval(call.args[0])
                alias = next((ast.literal_eval(k.value) for k in call.keywords if k.arg == "alias"), "")
                found.append(Declared(name, topic, node.name, module, _summary(ast.get_docstring(node)), alias))
    return found


def _summary(doc: str | None) -> str:
    return " ".join((doc or "").partition("\n\n")[0].split())


@lru_cache(maxsize=64)
def find(name: str) -> Question:
    """A question by its name at the doors. Raises QuestionError."""
    if (declaration := known(name)) is None:
        raise QuestionError(f"there is no question {name!r}; {nearest(name, declared())}")
    function = getattr(import_module(declaration.module), declaration.function)
    topic, draws, of_study, counts, without, plan, alias = function.question
    hints = get_type_hints(inspect.unwrap(function), include_extras=True)
    parameters = []
    for place, (key, p) in enumerate(inspect.signature(function).parameters.items()):
        if place == 0 or p.kind is inspect.Parameter.VAR_KEYWORD:
            continue
        kind, option = hints[key], Option("")
        if get_origin(kind) is Annotated:
            kind, *said = get_args(kind)
            option = next((s for s in said if isinstance(s, Option)), option)
        positional = p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
        parameters.append(Parameter(key, kind, p.default, option, positional))
    return Question(
        declaration.name, topic, function, hints["return"], draws, of_study, counts, without, plan, tuple(parameters),
        alias,
    )  # fmt: skip


def answered(question: Question, subject: Any, arguments: Mapping[str, Any], how: How) -> Any:
    """Ask a question of a case or Study as a door does. Raises ModelError, QuestionError."""
    told = {key: value for key, value in how.given().items() if key not in question.without}
    return question.ask(subject, **arguments, **told)
