"""What the commands share: their options, and how they speak of progress, mistakes and results."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from detente.engine.executors.local import Local
from detente.language.characters import plain, plain_json
from detente.present.cli import interrupts
from detente.present.cli.complete import names_of
from detente.solve.registry import alternatives

if TYPE_CHECKING:
    from detente.engine.executors.local import Executor
    from detente.engine.store.store import Store
    from detente.game.size import Expected
    from detente.model.schema import Model
    from detente.present.view import Answer

OK, NEGATIVE, WRONG, UNCONVERGED, INTERRUPTED = 0, 1, 2, 3, interrupts.INTERRUPTED
LARGE = 10_000  # nodes
ENOUGH = 0.99  # of the draws: with fewer that converged, the exit code says so


class Perception(StrEnum):
    common = "common"
    private = "private"


SOLVING, OUTPUT = "Solution", "Output"

CASE = Annotated[
    str,
    typer.Argument(
        help="A case of the library, the path of a file, or - for standard input.",
        show_default=False,
        autocompletion=names_of("cases"),
    ),
]
DRAWS = Annotated[
    int,
    typer.Option(
        "--draws", "-n", min=1, max=10_000_000, help="Number of draws of the uncertain quantities.",
        rich_help_panel=SOLVING,
    ),
]  # fmt: skip
SEED = Annotated[int, typer.Option(min=0, help="The same seed gives the same numbers.", rich_help_panel=SOLVING)]
SET = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Give a quantity another value, such as hazard=0.02 or 'hazard=0.01 to 0.1', or change how an "
        "actor sees it: 'hazard seen by A=0.1'. Repeatable.",
        rich_help_panel=SOLVING,
    ),
]
ONLY = Annotated[
    list[str] | None,
    typer.Option(
        "--only", metavar="STRUCTURE", help="Only where this structure is present. Repeatable.",
        rich_help_panel=SOLVING,
    ),
]  # fmt: skip
WITHOUT = Annotated[
    list[str] | None,
    typer.Option(
        "--without", metavar="STRUCTURE", help="Only where this structure is absent. Repeatable.",
        rich_help_panel=SOLVING,
    ),
]  # fmt: skip
AS_OF = Annotated[
    str | None,
    typer.Option(
        "--as-of", metavar="DATE", show_default=False, rich_help_panel=SOLVING,
        help="Given the evidence up to this day, such as 2022-02-16. [default: before any evidence]",
    ),
]  # fmt: skip
WORKERS = Annotated[
    int,
    typer.Option(
        min=0,
        help=(
            "Number of threads, or of processes where many models are solved; 0 is one per core. Results do not "
            "depend on it."
        ),
        rich_help_panel=SOLVING,
    ),
]
CLUSTER = Annotated[
    str | None,
    typer.Option(
        metavar="WHERE", show_default=False, rich_help_panel=SOLVING,
        help="Solve on a dask cluster: tcp://HOST:PORT of its scheduler, or local:N for N processes here. Results do "
        "not depend on it. [default: in this process]",
    ),
]  # fmt: skip
PERCEPTION = Annotated[
    Perception | None,
    typer.Option(
        help="Where actors see quantities differently: each knows how the others see them (common), or takes its own "
        "view for the truth (private). [default: as the model says]",
        rich_help_panel=SOLVING,
    ),
]  # fmt: skip
METHOD = Annotated[
    str | None,
    typer.Option(
        help=f"Solution method: {alternatives()}. [default: chosen to suit the game; the output says why]",
        autocompletion=names_of("methods"), rich_help_panel=SOLVING,
    ),
]  # fmt: skip
KEEP = Annotated[
    bool,
    typer.Option(
        "--store/--no-store", help="Keep solved draws on disk and reuse those kept before.", rich_help_panel=SOLVING
    ),
]
JSON = Annotated[
    bool, typer.Option("--json", help="Print JSON. Its schema is in docs/reference.", rich_help_panel=OUTPUT)
]
PAGE = Annotated[
    Path | None,
    typer.Option(
        "--report", metavar="[FILE.html]", dir_okay=False, show_default=False, rich_help_panel=OUTPUT,
        help="Also write a report: text, pictures, tables. [default: none; without a file: reports/CASE-COMMAND.html]",
    ),
]  # fmt: skip

SLIDERS: dict[str, Any] = {
    "sliders": (
        Annotated[
            bool,
            typer.Option(
                "--sliders", rich_help_panel=OUTPUT,
                help="Put sliders for the assumptions that matter most into the report. They work offline and add at "
                "most 0.4 MB.",
            ),
        ],
        False,
    ),
}  # fmt: skip
"""The option of `run` and `report` that puts sliders into the page."""

VARY: dict[str, Any] = {
    "slice": (
        Annotated[
            str | None,
            typer.Option(
                "--slice", metavar="1,2,4", show_default=False, rich_help_panel=OUTPUT,
                help="Also solve with every period cut into this many slices. [default: not varied]",
            ),
        ],
        None,
    ),
    "precision": (
        Annotated[
            str | None,
            typer.Option(
                "--precision", metavar="1,3,6", show_default=False, rich_help_panel=OUTPUT,
                help="Also solve with every actor choosing at this precision. [default: not varied]",
            ),
        ],
        None,
    ),
    "periods": (
        Annotated[
            str | None,
            typer.Option(
                "--periods", metavar="2,3,4", show_default=False, rich_help_panel=OUTPUT,
                help="Also solve with this many periods. These three are varied one at a time. [default: not varied]",
            ),
        ],
        None,
    ),
}  # fmt: skip
"""The options of `run` and `report` that ask how the answer depends on time and precision."""


def varied(given: dict[str, Any]) -> dict[str, Any]:
    """What is to be varied, as arguments of the question `variants`; ends where it is no list of numbers."""
    from detente.study.questions.variants import numbers

    asked = {"slices": given["slice"], "precisions": given["precision"], "periods": given["periods"]}
    found = {name: text for name, text in asked.items() if text is not None}
    with told():
        for name, text in found.items():
            numbers(name, text)
    return found


def executor(cluster: str | None) -> Executor:
    """Where draws are solved. Raises QuestionError for a text that says no cluster."""
    if not cluster:
        return Local()
    from detente.engine.executors.cluster import Cluster

    return Cluster(cluster)


def kept(wanted: bool) -> Store | None:
    """The user's store of solved draws, which says on standard error what keeps it from being used."""
    from detente.engine.store.store import Store

    if not wanted:
        return None
    store = Store(tell=lambda message: say(message, err=True))
    interrupts.keeps(lambda: "what was solved is kept, and the same command goes on from there" if store.kept else "")
    return store


def changes(
    items: Sequence[str] | None, only: Sequence[str] | None = None, without: Sequence[str] | None = None
) -> dict[str, str]:
    """Quantities and their values from `--set NAME=VALUE`, structures that are present from `--only`, or absent."""
    found = {**dict.fromkeys(only or (), "1"), **dict.fromkeys(without or (), "0")}
    for item in items or ():
        name, equals, value = item.partition("=")
        if not equals or not value.strip():
            stop(f"--set {item}: write NAME=VALUE, such as --set hazard=0.02")
        found[name.strip()] = value.strip()
    return found


@contextmanager
def told() -> Iterator[None]:
    """What is wrong with a model or a question is said on standard error, without a traceback."""
    from detente.errors import DetenteError

    try:
        yield
    except DetenteError as error:
        stop(str(error))
    except KeyboardInterrupt:
        end(0, interrupted=True)


def say(text: str = "", err: bool = False) -> None:
    """Print a text that may hold names from anywhere: what would steer the terminal is shown as what it is."""
    typer.echo(plain(text), err=err)


def stop(message: str) -> NoReturn:
    """End with a message for somebody who asked wrongly."""
    say(message, err=True)
    raise typer.Exit(WRONG)


@contextmanager
def progress(what: str, store: Store | None = None) -> Iterator[Callable[[int, int], None] | None]:
    """A bar on standard error where somebody is watching; it shows what came from the store."""
    if not sys.stderr.isatty():
        with large_trees():
            yield None
        return
    from rich import progress as bars

    from detente.engine.progress import beginning
    from detente.present.terminal.console import screen

    columns = (
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TextColumn("{task.fields[unit]}"),
        bars.TimeRemainingColumn(),
    )
    with bars.Progress(*columns, console=screen(stderr=True), transient=True) as bar:
        task = bar.add_task("reading the model", total=None, unit="")

        def grow(nodes: int, expected: Expected) -> None:
            size = max(nodes, round(expected.nodes))
            bar.update(task, completed=nodes, total=size, description="growing the tree", unit="nodes, about")

        def advance(done: int, total: int) -> None:
            reused = f" ({store.reused:,} from the store)" if store and store.reused else ""
            bar.update(task, completed=done, total=total, description=f"solving{reused}", unit=what)

        def begin() -> None:
            beginning.set(None)  # once is enough
            said = "solving the first draws"
            bar.update(task, completed=0, total=None, description=said, unit="")

        token = beginning.set(begin)
        try:
            with large_trees(grow):
                yield advance
        finally:
            beginning.reset(token)


@contextmanager
def large_trees(grow: Callable[[int, Expected], None] | None = None) -> Iterator[None]:
    """While a large tree grows, its size and what makes it so large are said on standard error."""
    from detente.game.compile import watched

    said = [0.0]

    def watch(nodes: int, expected: Expected) -> None:
        if expected.nodes >= max(LARGE, 2 * max(said)):
            said.append(expected.nodes)
            size = f"{float(f'{expected.nodes:.2g}'):,.0f}"
            say(
                f"a large tree, about {size} nodes{expected.of and f' ({expected.of})'}: growing and solving it takes "
                "a while; "
                f"{expected.label!r} alone {expected.how}",
                err=True,
            )
        if grow:
            grow(nodes, expected)

    token = watched.set(watch)
    try:
        yield
    finally:
        watched.reset(token)


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """A sign turns on standard error while somebody is watching."""
    if not sys.stderr.isatty():
        yield
        return
    from detente.present.terminal.console import screen

    with screen(stderr=True).status(what):
        yield


def as_page(path: Path | None, model: Model, make: Callable[[], Sequence[Answer]]) -> None:
    """Write answers as a report where that is asked for; the answers are shown already if it cannot be written."""
    if path is None:
        return
    from detente.present.report.answer_page import write_answer

    with told(), waiting("writing the report"):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_answer(path, model, make(), command())
        except OSError as error:
            stop(f"the report cannot be written to {path}: {error.strerror or error}")
    say(f"written: {path}", err=True)


def command() -> str:
    """The command line, as it was given."""
    return shlex.join(["detente", *sys.argv[1:]])


def end(converged: float, interrupted: bool = False, fails: bool = False) -> NoReturn:
    """End with the exit code that says what came of it."""
    if interrupted:
        say(interrupts.line(), err=True)
        raise typer.Exit(INTERRUPTED)
    if fails:
        raise typer.Exit(NEGATIVE)
    raise typer.Exit(OK if converged >= ENOUGH else UNCONVERGED)


def print_json(value: Any) -> None:
    """JSON on standard output; what is not defined is null."""

    def defined(item: Any) -> Any:
        if isinstance(item, dict):
            return {key: defined(inner) for key, inner in item.items()}
        if isinstance(item, (list, tuple)):
            return [defined(inner) for inner in item]
        return None if isinstance(item, float) and item != item else item

    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    text = json.dumps(defined(value), indent=2, ensure_ascii=not encoding.lower().startswith("utf"), allow_nan=False)
    typer.echo(plain_json(text))
