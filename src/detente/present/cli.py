"""The command line. Each command is a thin door to the house; heavy rooms are entered only when they are needed.

Exit codes: 0 done · 1 done, and something that should hold does not · 2 a wrong model or a wrong question ·
3 done, but fewer than 99% of the draws converged · 130 interrupted (what was done is shown).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from detente.present import questions, uncertainty
from detente.present.options import (
    INTERRUPTED,
    NEGATIVE,
    OK,
    UNCONVERGED,
    WRONG,
    AsJson,
    AsPage,
    Case,
    Draws,
    Keep,
    Method,
    Out,
    Perception,
    Reading,
    Seed,
    Set,
    Workers,
    as_page,
    changes,
    command,
    kept,
    large_trees,
    print_json,
    progress,
    stop,
    told,
    waiting,
)
from detente.present.perceptions import perceptions
from detente.present.questions import pages
from detente.present.reporting import report
from detente.present.solving import export, solve
from detente.present.store import store

if TYPE_CHECKING:
    from detente.analyse.thresholds.breaking import Breaking
    from detente.study.study import Study

app = typer.Typer(
    name="detente",
    help="Turn an argument about an international crisis into a model that can be run.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="A CASE is the name of a case of the library (detente cases) or the path of a file.",
)


@app.command()
def run(
    case: Case,
    draws: Draws = 2000,
    seed: Seed = 1,
    set_: Set = None,
    workers: Workers = 0,
    perception: Perception = None,
    method: Method = None,
    store: Keep = True,
    out: Out = None,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.html",
            dir_okay=False,
            show_default=False,
            help="Where the report goes; the results go beside it as FILE.nc, or to the folder of --out.",
        ),
    ] = None,
    no_report: Annotated[bool, typer.Option("--no-report", help="Write no report and no results.")] = False,
    as_json: AsJson = False,
) -> None:
    """Solve a crisis: how likely is each ending, which claims hold, what the conclusion hangs on. Writes a report."""
    if no_report and (report or out):
        stop("--no-report writes nothing, and --report and --out say where: give one or the other")
    wanted = out is not None or report is not None
    if wanted or not as_json:
        from detente.solve.compiled import warmup as ready

        ready.expect("slopes")  # which breaking points follow
    study = _study(case, draws, seed, set_, workers, perception, method, store)
    turning = _turning(study) if wanted or not as_json else []
    written: list[Path] = []
    unwritten = ""
    if not no_report and (wanted or not as_json):
        from detente.present.report.report import write_report

        folder = out or (report.parent if report else Path("reports"))
        page = report or folder / f"{study.model.name}.html"
        results = folder / f"{report.stem if report and out is None else study.model.name}.nc"
        try:
            for place in (page.parent, folder):
                place.mkdir(parents=True, exist_ok=True)
            with waiting("writing the report"):
                write_report(study, page, command(), turning=turning)
                study.to_netcdf(results)
            written = [page, results]
        except OSError as error:  # the answers are shown all the same
            unwritten = f"the report cannot be written to {report or folder}: {error.strerror or error}"
    if as_json:
        print_json(study.as_dict())
    else:
        from detente.present import text

        text.show_study(study, written, turning)
    if unwritten:
        stop(unwritten)
    _end(study)


@app.command()
def check(
    case: Case,
    strict: Annotated[bool, typer.Option(help="Warnings count as mistakes.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read a model and tell everything that is wrong with it, with line and column; solve nothing."""
    from detente.study.questions.check import check as check_case

    with large_trees():
        checked = check_case(case)
    problems, size = checked.problems, checked.size
    wrong = [p for p in problems if strict or not p.warning]
    if as_json:
        found = [
            {
                "file": p.place.file,
                "line": p.place.line,
                "column": p.place.column,
                "message": p.message,
                "hint": p.hint,
                "severity": "warning" if p.warning else "error",
            }
            for p in problems
        ]
        print_json({"case": case, "ok": not wrong, "problems": found, "size": size})
    else:
        from detente.present import text

        text.show_check(case, problems, size)
    raise typer.Exit(WRONG if wrong else OK)


@app.command()
def claims(
    case: Case,
    name: Annotated[list[str] | None, typer.Argument(help="Only these claims.", show_default=False)] = None,
    draws: Draws = 2000,
    seed: Seed = 1,
    set_: Set = None,
    workers: Workers = 0,
    perception: Perception = None,
    method: Method = None,
    store: Keep = True,
    breaking: Annotated[
        bool, typer.Option("--breaking", help="Look also for the smallest change of assumptions that turns each claim.")
    ] = False,
    report: AsPage = None,
    as_json: AsJson = False,
) -> None:
    """Judge the claims of a model: in what share of draws each holds, and which assumption it hangs on."""
    study = _study(case, draws, seed, set_, workers, perception, method, store)
    from detente.errors import QuestionError, nearest
    from detente.present import forms, text

    with told():
        for one in name or ():
            if one not in study.model.claims:
                raise QuestionError(f"there is no claim {one!r}; {nearest(one, study.model.claims)}")
    wanted = [one for one in study.model.claims if not name or one in name]
    turns = None
    if breaking:
        from detente.present import questions_forms, questions_text
        from detente.study.questions.breaking import breaking as break_claims

        with told(), progress("claims") as advance:
            turns = break_claims(study, wanted, progress=advance)
    if as_json:
        print_json(
            forms.claims(study, wanted) | ({"breaking": questions_forms.breaking(turns)} if turns is not None else {})
        )
    else:
        text.show_claims(study, wanted)
        if turns is not None:
            questions_text.show_breaking(turns)
    as_page(report, lambda: study.model, lambda _: [pages().claims(study, wanted, turns or ())])
    _end(study)


@app.command()
def statics(
    case: Case,
    name: Annotated[list[str] | None, typer.Argument(help="Only these statics.", show_default=False)] = None,
    draws: Draws = 500,
    seed: Seed = 1,
    set_: Set = None,
    workers: Workers = 0,
    perception: Perception = None,
    method: Method = None,
    store: Keep = True,
    report: AsPage = None,
    as_json: AsJson = False,
) -> None:
    """Try the comparative statics a model carries: raise this, and that rises. Exit code 1 if one fails."""
    from detente.study.questions.statics import statics as try_statics

    with told(), progress("statics") as advance:
        results = try_statics(
            case, draws, seed, set=changes(set_), perception=perception.value if perception else None,
            workers=workers, method=method, names=name or (), store=kept(store), progress=advance,
        )  # fmt: skip
    from detente.present import forms, text

    if as_json:
        print_json(forms.statics(results))
    else:
        text.show_statics(results)
    as_page(report, questions.model_of(case, set_), lambda model: [pages().tried(model, results)])
    raise typer.Exit(OK if all(result.holds for result in results) else NEGATIVE)


@app.command()
def why(
    case: Case,
    who: Annotated[
        str | None,
        typer.Argument(
            help="An actor or a stage [default: every stage at which somebody decides].", show_default=False
        ),
    ] = None,
    move: Annotated[str | None, typer.Option(help="The move to explain [default: the likeliest].")] = None,
    against: Annotated[
        str | None, typer.Option(help="The move it is compared with [default: the next likeliest].")
    ] = None,
    given: Annotated[
        str | None,
        typer.Option(
            metavar="CONDITION", help="Only where the one who decides knows this: 'voice is warn', 'A.type is weak'."
        ),
    ] = None,
    period: Annotated[int | None, typer.Option(min=1, help="Only in this period.", show_default=False)] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Every situation at each stage, not only the one reached most often.")
    ] = False,
    draws: Draws = 2000,
    seed: Seed = 1,
    set_: Set = None,
    workers: Workers = 0,
    perception: Perception = None,
    method: Method = None,
    store: Keep = True,
    report: AsPage = None,
    as_json: AsJson = False,
) -> None:
    """Explain moves: the payoff terms that make one better than another, summing exactly to the gap."""
    study = _study(case, draws, seed, set_, workers, perception, method, store)
    from detente.present import forms, text

    with told():
        reasons = study.why(who, move, against, given=given, period=period, every=every)
    if as_json:
        print_json(forms.why(study, reasons))
    else:
        text.show_why(study, reasons)
    as_page(report, lambda: study.model, lambda _: [pages().why(study, reasons)])
    _end(study)


@app.command()
def tree(
    case: Case,
    depth: Annotated[int, typer.Option(min=1, max=100, help="How many steps down to show.")] = 6,
    cut: Annotated[float, typer.Option(min=0, max=1, help="Leave out what is less likely than this.")] = 0.02,
    draws: Draws = 200,
    seed: Seed = 1,
    set_: Set = None,
    workers: Workers = 0,
    perception: Perception = None,
    method: Method = None,
    store: Keep = True,
    as_json: AsJson = False,
) -> None:
    """Show the tree of a crisis: its size, and how play flows through it."""
    study = _study(case, draws, seed, set_, workers, perception, method, store)
    from detente.present import forms, text

    if as_json:
        print_json(forms.tree(study))
    else:
        text.show_tree(study, depth, cut)
    _end(study)


@app.command()
def cases(as_json: AsJson = False) -> None:
    """List the cases of the library."""
    from detente.model.load import library, loads
    from detente.present import text

    found = []
    for slug, content in library().items():
        model = loads(content, f"{slug}.yaml")
        found.append({"case": slug, "title": model.title, "question": model.question, "as_of": str(model.as_of or "")})
    if as_json:
        print_json({"cases": found})
    else:
        text.show_cases(found)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="The name of the case; the file is NAME.yaml.", show_default=False)],
    out: Annotated[Path, typer.Option(help="The folder to write it to.", file_okay=False)] = Path(),
    as_json: AsJson = False,
) -> None:
    """Write a small commented model to start from. Nothing is overwritten."""
    from detente.present.scaffold import scaffold

    path = out / (name if name.endswith((".yaml", ".yml")) else f"{name}.yaml")
    try:
        out.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(scaffold(path.stem))
    except FileExistsError:
        stop(f"{path} is there already; choose another name")
    except OSError as error:
        stop(f"{path} cannot be written: {error.strerror}")
    if as_json:
        print_json({"written": str(path)})
    else:
        typer.echo(f"{path} is written. Next:\n  detente check {path}\n  detente run {path}")


questions.add(app)
uncertainty.add(app)
app.command()(perceptions)
app.command()(report)
app.command()(solve)
app.command()(export)
app.add_typer(store)


# ---------------------------------------------------------------------- what the commands share


def _study(
    case: str,
    draws: int,
    seed: int,
    set_: list[str] | None,
    workers: int,
    perception: Reading | None,
    method: str | None,
    store: bool,
) -> Study:
    from detente.study.run import run as solve

    kept_draws = kept(store)
    with told(), progress("draws", kept_draws) as advance:
        return solve(
            case, draws, seed, set=changes(set_), workers=workers, store=kept_draws,
            perception=perception.value if perception else None, method=method, progress=advance,
        )  # fmt: skip


def _turning(study: Study) -> list[Breaking]:
    """What would turn the conclusion, the first claim of the model, if it can be asked."""
    from detente.errors import QuestionError
    from detente.study.questions.breaking import breaking

    try:
        return breaking(study, list(study.model.claims)[:1]) if study.model.claims and not study.interrupted else []
    except QuestionError:  # nothing is uncertain
        return []


def _end(study: Study) -> None:
    if study.interrupted:
        raise typer.Exit(INTERRUPTED)
    raise typer.Exit(OK if study.converged.mean() >= 0.99 else UNCONVERGED)


def main() -> None:
    """The entry of the `detente` command."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")  # draws are spread over threads already; small products are slower on several
    app()
