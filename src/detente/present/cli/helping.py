"""Help as it is written: what stands in square brackets is text, and no markup of the library that prints it."""

from __future__ import annotations

from copy import copy
from typing import Any

from typer.core import TyperCommand, TyperGroup


def as_written(command: Any) -> Any:
    """A copy of a command whose texts of help are printed letter by letter."""
    shown = copy(command)
    for name in ("help", "short_help", "epilog"):
        setattr(shown, name, _escaped(getattr(command, name)))
    shown.params = []
    for param in command.params:
        one = copy(param)
        one.help = _escaped(getattr(param, "help", None))
        shown.params.append(one)
    return shown


def _escaped(text: str | None) -> str | None:
    from rich.markup import escape  # here, because a command that shows no help needs no terminal

    return escape(text) if text else text


class Command(TyperCommand):
    """A command whose help is printed as it is written."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        TyperCommand.format_help(as_written(self), ctx, formatter)


class Group(TyperGroup):
    """A group of commands whose help, and what it says of each of them, is printed as it is written."""

    printing = False

    def format_help(self, ctx: Any, formatter: Any) -> None:
        shown = as_written(self)
        shown.printing = True
        TyperGroup.format_help(shown, ctx, formatter)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        found = super().get_command(ctx, cmd_name)
        return as_written(found) if found is not None and self.printing else found
