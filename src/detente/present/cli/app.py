"""The command line. Each command is a thin door to the house; heavy rooms are entered only when they are needed.

Exit codes: 0 done · 1 done, and something that should hold does not · 2 a wrong model or a wrong question ·
3 done, but fewer than 99% of the draws converged · 130 interrupted (what was done is shown, or kept).
"""

from __future__ import annotations

import re
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from detente.errors import nearest
from detente.language.characters import plain
from detente.present.cli import former, games, library
from detente.present.cli.base_rate import base_rate
from detente.present.cli.entry import main as main  # for whoever finds the command here
from detente.present.cli.open import open_
from detente.present.cli.play import play
from detente.present.cli.record import record
from detente.present.cli.register import register
from detente.present.cli.store import store
from detente.study.registry import TOPICS, declared, known

WHOLE = {
    "report": "Ask a case everything, and write one page with all the answers.",
    "brief": "Write a case on one sheet of A4, for somebody with thirty seconds.",
}
"""The commands that show a solved case as a whole, and what they say of themselves."""
MODELS, GAMES = "Models, and everything at once", "Games of Gambit's, and what is kept"


UsageError: Any = typer.BadParameter.__base__  # of click, which typer brings along
_SAID = (  # what is said of a value, and how we say it
    (re.compile("Value error, "), ""),
    (re.compile("Input should be a valid integer(, .* as an integer)?"), "expected a whole number"),
    (re.compile("Input should be a valid number(, .* as a number)?"), "expected a number"),
    (re.compile("Input should be"), "expected a number"),
)


class Doors(TyperGroup):
    """Commands written by hand, and one for each question, which is made when it is asked."""

    def list_commands(self, ctx: Any) -> list[str]:
        return ["run", *WHOLE, *(name for name in declared() if name != "run"), *super().list_commands(ctx)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """For a list of commands what a question says of itself is enough; `resolve_command` makes the real one."""
        if (by_hand := super().get_command(ctx, cmd_name)) is not None:
            return by_hand
        if cmd_name in WHOLE:
            return _named(cmd_name, WHOLE[cmd_name], MODELS)
        said = declared().get(cmd_name)
        return said and _named(cmd_name, said.summary, TOPICS[said.topic])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, rest = former.today(args[0], args[1:]) if args else ("", [])
        if name and not name.startswith("-") and super().get_command(ctx, name) is None:
            if name in WHOLE or known(name):
                return name, made(name), rest
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


def _named(name: str, says: str, panel: str) -> TyperCommand:
    return TyperCommand(name, help=says, short_help=says, rich_help_panel=panel)


def made(name: str) -> Any:
    """The command of a question, or `report` or `brief`, from what the question declares."""
    from detente.present.cli import brief, report, run
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
    else:
        door = command_of(find(name))
    holder.command(name, context_settings={"help_option_names": ["-h", "--help"]})(door)
    return typer.main.get_command(holder)


app = typer.Typer(
    name="detente",
    cls=Doors,
    help="Turn an argument about an international crisis into a model that can be run.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="A CASE is the name of a case of the library (detente cases) or the path of a file.",
)
for about_models in (library.check, library.cases, library.new):
    app.command(rich_help_panel=MODELS)(about_models)
app.command("play", rich_help_panel=MODELS)(play)
for about_games in (games.solve, games.export):
    app.command(rich_help_panel=GAMES)(about_games)
app.command("import", rich_help_panel=GAMES)(games.import_)
app.command("open", rich_help_panel=MODELS)(open_)
app.command("base-rate", rich_help_panel=TOPICS["evidence"])(base_rate)
app.command("record", rich_help_panel=TOPICS["evidence"])(record)
app.command("register", rich_help_panel=TOPICS["evidence"])(register)
app.add_typer(store, rich_help_panel=GAMES)
