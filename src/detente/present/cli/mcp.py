"""`detente mcp`: the questions as tools of an assistant, over the Model Context Protocol."""

from __future__ import annotations

import multiprocessing
import os
import secrets
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from detente.present.cli import interrupts
from detente.present.cli.open import HOST, bound_to
from detente.present.cli.options import JSON, KEEP, kept, print_json, say, stop

if TYPE_CHECKING:
    from detente.present.assistant.jobs import Jobs

TOKEN = "DETENTE_MCP_TOKEN"
LEAST_TOKEN = 16  # characters


def mcp(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILE]...", show_default=False, help="Files of cases that may be asked about, beside the library."
        ),
    ] = None,
    http: Annotated[
        bool, typer.Option("--http", help="Serve HTTP on this machine, in place of standard input and output.")
    ] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port for --http; 0 picks a free one.")] = 0,
    draws: Annotated[int, typer.Option(min=2, max=10_000, help="Most draws of one question.")] = 2000,
    nodes: Annotated[int, typer.Option(min=100, max=400_000, help="Most nodes of a tree.")] = 100_000,
    seconds: Annotated[float, typer.Option(min=1, max=3600, help="Most seconds for one question.")] = 120,
    text: Annotated[int, typer.Option(min=1000, max=1_000_000, help="Most characters of a text.")] = 200_000,
    at_once: Annotated[int, typer.Option(min=1, max=64, help="Number of questions answered at once.")] = 2,
    store: KEEP = True,
    as_json: JSON = False,
) -> None:
    """Serve an assistant (Model Context Protocol): questions as tools, pages and cases to read, a prompt."""
    try:
        from detente.present.assistant import doors
    except ModuleNotFoundError as error:
        if error.name and error.name.partition(".")[0] in ("mcp", "mcp_types", "jsonschema"):
            stop("this needs the MCP SDK: pip install 'detente[assistant]'")
        raise
    from detente.present.assistant.jobs import Budget, Jobs
    from detente.present.web.workspace import Workspace

    budget = Budget(draws=draws, seconds=seconds, nodes=nodes, text=text, at_once=at_once)
    jobs = Jobs(Workspace(_files(files or []), kept(store), most_nodes=nodes), budget)
    signal.signal(signal.SIGTERM, lambda *_: _leave(jobs))
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # a client that is gone is no reason to leave anything running
    if not http:
        try:
            doors.over_standard_streams(jobs)
        except BaseExceptionGroup as group:  # the client is gone, and what was written to it is lost
            if group.split((BrokenPipeError, ConnectionError))[1] is not None:
                raise
        _leave(jobs)
    socket = bound_to(port)
    number = socket.getsockname()[1]
    token = _token()
    url = f"http://{HOST}:{number}{doors.PATH}"
    if as_json:
        print_json({"url": url, "token": token})
    else:
        say(f"The server is at {url}\n\n  Authorization: Bearer {token}\n\nOn this machine only. Ctrl-C ends it.")
    signal.signal(signal.SIGINT, lambda *_: None)  # the server takes it over
    doors.over_http(jobs, socket, [f"{name}:{number}" for name in (HOST, "localhost")], token)
    _leave(jobs)


def _leave(jobs: Jobs) -> NoReturn:
    """End the process with all that runs in it: questions are in threads, and some of them have processes."""
    jobs.end()
    for child in multiprocessing.active_children():
        child.kill()
    interrupts.tidy()
    with suppress(Exception):
        sys.stderr.flush()
    os._exit(0)


def _files(files: list[Path]) -> dict[str, Path]:
    """The files that may be asked about, by what they are called."""
    from detente.model.load import name_of

    found: dict[str, Path] = {}
    for file in files:
        name = name_of(str(file))
        if not file.is_file() or file.suffix not in (".yaml", ".yml"):
            stop(f"{file} is no file of a case; give files that end with .yaml")
        if name in found:
            stop(f"{file} and {found[name]} have one name; give one of them")
        found[name] = file.resolve()
    return found


def _token() -> str:
    """The token that a client has to show: the one in the environment, or a new one."""
    given = os.environ.get(TOKEN, "")
    if given and (len(given) < LEAST_TOKEN or not given.isascii() or not given.isprintable() or " " in given):
        stop(f"{TOKEN} is no token: it has at least {LEAST_TOKEN} letters and digits")
    return given or secrets.token_urlsafe(32)
