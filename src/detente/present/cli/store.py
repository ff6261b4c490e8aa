"""`detente store`: what is kept of solved draws, and how to be rid of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from detente.present.cli.helping import Command, Group
from detente.present.cli.options import JSON, OK, print_json, say, told

if TYPE_CHECKING:
    from detente.engine.store.store import Held

store = typer.Typer(
    name="store",
    cls=Group,
    help="List or clear the solved draws kept on disk (in $DETENTE_STORE, or the user's cache folder).",
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@store.callback()
def listed(context: typer.Context, as_json: JSON = False) -> None:
    """List what is kept: the case, how many draws, the room it takes, when it was last used."""
    if context.invoked_subcommand is not None:
        return
    from detente.engine.store.store import Store

    kept = Store()
    groups = _grouped(kept.held())
    if as_json:
        print_json({"folder": str(kept.folder), "limit": kept.limit, "bytes": sum(g["bytes"] for g in groups),
                    "kept": groups})  # fmt: skip
    else:
        _show(str(kept.folder), kept.limit, groups)
    raise typer.Exit(OK)


@store.command(cls=Command)
def clear(
    case: Annotated[
        str | None, typer.Argument(help="Clear only this case. [default: all cases]", show_default=False)
    ] = None,
    as_json: JSON = False,
) -> None:
    """Remove what is kept, of all cases or of one. Answers do not change: what is missing is solved again."""
    from detente.engine.store.store import Store

    with told():
        files, size = Store().clear(case)
    if as_json:
        print_json({"removed": files, "bytes": size})
    else:
        say(f"removed {files} file{'s' * (files != 1)}, {_size(size)}")


def _grouped(held: list[Held]) -> list[dict[str, object]]:
    """Lines of the list: what differs only in quantities that were fixed or moves that were forced goes together."""
    groups: dict[tuple[str, int, str, str], list[Held]] = {}
    for one in held:
        groups.setdefault((one.case, one.seed, one.perception, one.method), []).append(one)
    return [
        {
            "case": case, "seed": seed, "perception": perception, "method": method,
            "draws": max(h.draws for h in some), "variants": len(some), "bytes": sum(h.size for h in some),
            "used": max(h.used for h in some),
        }
        for (case, seed, perception, method), some in groups.items()
    ]  # fmt: skip


def _show(folder: str, limit: int, groups: list[dict[str, object]]) -> None:
    from rich.markup import escape

    from detente.present.terminal.console import console
    from detente.present.terminal.tables import Plain

    if not groups:
        console.print(f"nothing is kept in {escape(folder)}", soft_wrap=True)
        return
    table = Plain()
    for column in ("case", "draws", "seed", "perception", "method", "variants", "size", "last used"):
        right = column in ("draws", "seed", "variants", "size")
        table.add_column(column, justify="right" if right else "left", overflow="fold", no_wrap=column != "method")
    for g in groups:
        when = time.strftime("%d %b %H:%M", time.localtime(float(str(g["used"]))))
        table.add_row(
            f"[bold]{escape(str(g['case']))}[/bold]", f"{g['draws']:,}", str(g["seed"]), escape(str(g["perception"])),
            escape(str(g["method"])), str(g["variants"]), _size(int(str(g["bytes"]))), when,
        )  # fmt: skip
    console.print(table)
    whole = sum(int(str(g["bytes"])) for g in groups)
    console.print(f"[dim]{_size(whole)} of at most {_size(limit)} in {escape(folder)}[/dim]", soft_wrap=True)


def _size(n: int) -> str:
    """Bytes as people read them."""
    for unit, worth in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if n >= worth:
            return f"{n / worth:.3g} {unit}"
    return f"{n} bytes"
