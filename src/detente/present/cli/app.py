"""The command line. Each command is a thin door to the house; heavy rooms are entered only when they are needed.

Exit codes: 0 done · 1 done, and something that should hold does not · 2 a wrong model or a wrong question ·
3 done, but fewer than 99% of the draws converged · 130 interrupted (what was done is shown, or kept).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any

import typer

from detente.errors import nearest
from detente.language.characters import plain
from detente.present.cli import former, games, library
from detente.present.cli.base_rate import base_rate
from detente.present.cli.draft import draft
from detente.present.cli.entry import main as main  # for whoever finds the command here
from detente.present.cli.helping import Command, Group
from detente.present.cli.mcp import mcp
from detente.present.cli.open import open_
from detente.present.cli.pages import named_file
from detente.present.cli.play import play
from detente.present.cli.record import record
from detente.present.cli.register import register
from detente.present.cli.store import store
from detente.study.registry import GROUPS, declared, group_of, known

WHOLE = {
    "report": "Answer every question about a case in one report.",
    "brief": "Write the case up on one sheet of A4.",
}
"""The commands that show a solved case as a whole, and what they say of themselves."""

UsageError: Any = typer.BadParameter.__base__  # of click, which typer brings along
_SAID = (  # what is said of a value, and how we say it
    (re.compile("Value error, "), ""),
    (re.compile("Input should be a valid integer(, .* as an integer)?"), "expected a whole number"),
    (re.compile("Input should be a valid number(, .* as a number)?"), "expected a number"),
    (re.compile("Input should be"), "expected a number"),
)


class Doors(Group):
    """Commands written by hand, and one for each question, which is made when it is asked."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All commands, by group and then as they are declared."""
        names = [*declared(), *super().list_commands(ctx), *WHOLE]
        order = list(GROUPS.values())
        return sorted(names, key=lambda name: order.index(self.get_command(ctx, name).rich_help_panel))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """For a list of commands what a question says of itself is enough; `resolve_command` makes the real one."""
        if (by_hand := super().get_command(ctx, cmd_name)) is not None:
            return by_hand
        if cmd_name in WHOLE:
            return _named(cmd_name, WHOLE[cmd_name], GROUPS["files"])
        said = declared().get(cmd_name)
        also = f" Also called {said.alias}." if said and said.alias else ""
        return said and _named(cmd_name, said.summary + also, group_of(said.topic))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, rest = former.today(args[0], args[1:]) if args else ("", [])
        if name and not name.startswith("-") and super().get_command(ctx, name) is None:
            if name in WHOLE:
                return name, made(name), named_file(name, rest)
            if declaration := known(name):
                if name != declaration.name:
                    return self.resolve_command(ctx, [declaration.name, *rest])
                return declaration.name, made(declaration.name), named_file(declaration.name, rest)
            raise UsageError(f"There is no command {name!r}; {nearest(name, self.list_commands(ctx))}", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """What is wrong with words of the command line is told as the rest is, and not as a library says it."""
        try:
            return super().invoke(ctx)
        except UsageError as error:
            for theirs, ours in _SAID:
                error.message = theirs.sub(ours, error.message)
            error.message = plain(error.message)
            raise


def _named(name: str, says: str, panel: str) -> Command:
    return Command(name, help=says, short_help=says, rich_help_panel=panel)


def made(name: str) -> Any:
    """The command of a question, or `report` or `brief`, from what the question declares."""
    from detente.present.cli import brief, elicitation, report, run
    from detente.present.cli.questions import command_of
    from detente.study.registry import find

    holder = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    door: Any
    if name == "report":
        door = command_of(find("run"), report.finish, report.OPTIONS, says=report.SAYS, outputs=report.outputs)
    elif name == "brief":
        door = command_of(find("run"), brief.finish, brief.OPTIONS, says=brief.SAYS, outputs=brief.outputs)
    elif name == "run":
        door = command_of(find("run"), run.finish, run.OPTIONS, run.begin, outputs=run.outputs)
    elif name == "elicit":
        door = command_of(find(name), elicitation.write_form, elicitation.WRITE, outputs=elicitation.form_outputs)
    elif name == "pool":
        door = command_of(find(name), elicitation.write_pool, elicitation.VARIANT, outputs=elicitation.pool_outputs)
    else:
        door = command_of(find(name))
    holder.command(name, cls=Command, context_settings={"help_option_names": ["-h", "--help"]})(door)
    return typer.main.get_command(holder)


def _version(wanted: bool) -> None:
    if wanted:
        from detente import __version__

        typer.echo(f"detente {__version__}")
        raise typer.Exit


app = typer.Typer(
    name="detente",
    cls=Doors,
    help="Turn an argument about an international crisis into a model that can be run.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="A CASE is the name of a case of the library (detente cases) or the path of a file.",
)


@app.callback()
def whole(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """What is asked of no command."""


BY_HAND: tuple[tuple[str, str, Callable[..., Any]], ...] = (
    ("new", "model", library.new),
    ("draft", "model", draft),
    ("check", "model", library.check),
    ("cases", "model", library.cases),
    ("open", "model", open_),
    ("mcp", "model", mcp),
    ("base-rate", "forecast", base_rate),
    ("register", "forecast", register),
    ("record", "forecast", record),
    ("play", "games", play),
    ("solve", "games", games.solve),
    ("import", "files", games.import_),
    ("export", "files", games.export),
    ("schema", "files", library.schema),
    ("glossary", "files", library.glossary),
)
"""The commands that are no questions about a solved case: their names, groups of help and functions."""
for _name, _group, _function in BY_HAND:
    app.command(_name, cls=Command, rich_help_panel=GROUPS[_group])(_function)
app.add_typer(store, rich_help_panel=GROUPS["files"])
