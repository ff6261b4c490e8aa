"""`detente open`: the workbench, a page on this machine on which the model answers while one thinks."""

from __future__ import annotations

import os
import signal
import socket
import tempfile
import webbrowser
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from detente.present.cli.complete import names_of
from detente.present.cli.options import JSON, KEEP, kept, print_json, say, stop, told

if TYPE_CHECKING:
    from detente.present.web.server import Plan

HOST = "127.0.0.1"
USUAL = 45871  # the port, where it is free: what a browser keeps for a page it keeps by its port


def open_(
    case: Annotated[
        str | None,
        typer.Argument(
            help="A case of the library, or the path of a file. [default: the library]",
            show_default=False,
            autocompletion=names_of("cases"),
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            show_default=False,
            help=f"The port; 0 picks a free one. [default: {USUAL}, or a free one where that is taken]",
        ),
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
    host_name: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST[:PORT]", help="Another host name under which the page is served, behind a proxy. Repeatable."
        ),
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Number of server processes, for a team behind a proxy.")
    ] = 1,
    store: KEEP = True,
    as_json: JSON = False,
) -> None:
    """Open the workbench: an interactive page for a case, served on this machine only. Ctrl-C ends it."""
    from detente.present.web.server import Plan

    files, first = _files(case)
    bound = bound_to(port)
    number = bound.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="detente-") as used:
        hosts = [*(f"{name}:{number}" for name in (HOST, "localhost")), *(host_name or ())]
        shelf = kept(store)
        plan = Plan(
            first, files, hosts, os.urandom(32).hex(), used, str(shelf.folder) if shelf else None,
            cookie=f"detente-{number}",
        )  # fmt: skip
        url = f"http://{HOST}:{number}/?token={plan.keys.token()}"
        if as_json:
            print_json({"url": url})
        else:
            say(f"The workbench is at\n\n  {url}\n\nThe link opens once, on this machine. Ctrl-C ends it.")
        if browser:
            with suppress(webbrowser.Error):
                webbrowser.open(url)
        _serve(plan, bound, workers)
    if not as_json:
        say("The workbench is closed.", err=True)


def _files(case: str | None) -> tuple[dict[str, str], str]:
    """The files that are opened beside the library, by what they are called, and the case that is shown first."""
    from detente.model.catalogue import library
    from detente.model.load import load, name_of

    if case is None:
        return {}, ""
    if case in library():
        return {}, case
    with told():
        load(case)  # what is wrong with it is told here, where it was typed
    if not Path(case).is_file():
        stop(f"{case} is not a file; the workbench opens files and cases of the library")
    return {name_of(case): str(Path(case).resolve())}, name_of(case)


def bound_to(port: int | None) -> socket.socket:
    """A socket on this machine alone; without a port the usual one, or a free one where that is taken."""
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((HOST, USUAL if port is None else port))
        bound.listen()
    except OSError as error:
        bound.close()
        if port is None:
            return bound_to(0)
        stop(f"port {port} cannot be used: {error.strerror}; --port 0 takes a free one")
    bound.set_inheritable(True)
    return bound


def _serve(plan: Plan, bound: socket.socket, workers: int) -> None:
    """Serve until Ctrl-C, or until the process is asked to end."""
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    from detente.present.web.answering import LARGEST
    from detente.present.web.server import ENVIRONMENT, application

    os.environ[ENVIRONMENT] = plan.written()
    several = workers > 1
    app: Any = "detente.present.web.server:from_environment" if several else application(plan)
    config = uvicorn.Config(
        app, factory=several, workers=workers, log_level="warning", access_log=False, server_header=False,
        ws_max_size=LARGEST, ws_per_message_deflate=False, timeout_graceful_shutdown=2, lifespan="off",
    )  # fmt: skip
    for number in (signal.SIGINT, signal.SIGTERM):  # the server takes them over, and raises them again when it is done
        signal.signal(number, lambda *_: None)
    if several:
        Multiprocess(config, sockets=[bound]).run()
    else:
        uvicorn.Server(config).run(sockets=[bound])
