"""Detente: turn an argument about an international crisis into a model that can be run.

`run` answers a case in one call. A case is the slug of a case of the library, the path of a file, or a Model.

    import detente

    study = detente.run("ukraine-2022", draws=500)
    study.outcomes["standoff"].value       # mean; .low and .high hold 90% of the draws
    study.claims["least_realistic"].words  # holds, mostly holds, contested, mostly fails, fails

Questions: each is a function here and a command. All take the settings of `How` by name (draws, seed, set, ...)
    run                     solve a case                                 (`detente run`)
    sweep                   the same of millions of draws, none of which is kept (`sweep`)
    statics                 try its comparative statics                  (`statics`)
    tip, tip_map            where the answer changes, along one or two quantities (`tip`, `map`)
    what_if, compare        changes (texts, or `Change`s) in paired draws; two models (`what-if`, `compare`)
    why_change              why one forecast is above another: the decisions and payoff terms behind it (`why-change`)
    ablate                  each mechanism switched off in turn          (`ablate`)
    redteam                 each structural edit in turn: what flips the conclusion (`redteam`)
    design                  Sobol' effects from points made for them     (`design`)
    update                  the forecast as evidence came, day by day    (`update`)
    elicit, pool            a form for an expert; experts pooled, and whose number drives a gap (`elicit`, `pool`)
Of a case, or of a Study, which is a case that is solved already
    claims, why, tree       judged claims; reasons for moves; the tree   (`claims`, `why`, `tree`)
    breaking                the smallest change that flips a claim       (`breaking`)
    variants                how time is cut, precision, the number of periods (`variants`, `run --slice`)
    sense (= sensitivity)   what moves an answer over the ranges: shares of its variance (`sense`, `sensitivity`)
    gradients               what a small change moves: exact derivatives (`gradients`)
    suppose                 other best guesses, on draws that are solved (`suppose`)
    discover                where the quantities stand when an event is so (`discover`)
    learn (= voi), worth    value of information: for the forecast, for an actor (`learn`, `voi`, `worth`)
    perceptions             what actors believe, and what that costs     (`perceptions`)
    score                   forecasts, others' and this model's, scored  (`score`)
What is made of a Study
    Study.claims, .ways, .plays, .drivers, .ask; table, dataset, write_results (by draw)
    Study.explore           sliders in a notebook, and what follows from them
    dossier, write_report   all questions at once; the page              (`report`)
    write_brief             the case on one sheet of paper               (`brief`)
Of a game as such
    read_game, solve_game, equilibria, export_efg, import_game          (`solve`, `export`, `import`)
Of past cases
    base_rates              how often it happened in classes of past cases, and in the nearest (`base-rate`)
    fetch_table, read_table the table of crises from its public home; a table from a CSV file (`base-rate --fetch`)
Of cases whose outcome is known
    record                  scored at fixed lead times, calibration, an uninformed model beside them (`record`)
    At the command line only: the forecast of an open question, written down before anybody knows (`register`)
Played
    Playing                 take the seat of an actor: see what it sees, move, be told afterwards (`play`)
Beside these
    check                   what is wrong with a model, how large it is  (`check`)
    At the command line only: what a term means (`glossary`); the language as a JSON Schema for editors (`schema`)
    At the command line only: the workbench, a page in the browser on which a case answers at once (`open`)
    At the command line only: a skeleton of a case from an article (`draft`); tools for an assistant (`mcp`)
    load, loads, define, library, scaffold   a Model from a file, a text or Python; the cases; a file to start from
    Store                   where solved draws are kept, `run(..., store=Store())` (`store`)
    Cluster                 solved on many machines, `run(..., executor=Cluster("tcp://..."))` (`--cluster`)

Every answer holds `Finding`s: value, interval, draws, method, reference. Arrays end in the axis of draws
(docs/shapes.md). What is wrong with a model is a ModelError, a question that cannot be asked a QuestionError; both are
DetenteErrors, and say what to do.

Under `run` lie four verbs: `load` (file -> Model), `compile_model` (Model -> Blueprint), a solver's `solve`
(Game -> Solution) and the analyses (Batch -> Finding).
"""

from __future__ import annotations

from importlib import import_module

from detente import display

TYPE_CHECKING = False  # as of `typing`, which is not imported here: a command can be interrupted before it would be
if TYPE_CHECKING:
    from typing import Any

    from detente.analyse.evidence.tables import read_table
    from detente.analyse.finding import Finding
    from detente.draws.variants import Change
    from detente.engine.executors.cluster import Cluster
    from detente.engine.store.store import Store
    from detente.errors import DetenteError, ModelError, QuestionError
    from detente.game.compile import compile_model
    from detente.model.catalogue import library
    from detente.model.load import define, load, loads
    from detente.model.schema import Model
    from detente.present.cli.scaffold import scaffold
    from detente.present.report.brief import write_brief
    from detente.present.report.report import write_report
    from detente.study.base_rates import base_rates
    from detente.study.checking import check
    from detente.study.dossier import dossier
    from detente.study.fetched import fetch_table
    from detente.study.games import equilibria, export_efg, import_game, read_game, solve_game
    from detente.study.playing import Playing
    from detente.study.questions.ablate import ablate
    from detente.study.questions.breaking import breaking
    from detente.study.questions.claims import claims
    from detente.study.questions.compare import compare
    from detente.study.questions.design import design
    from detente.study.questions.discover import discover
    from detente.study.questions.gradients import gradients
    from detente.study.questions.learn import learn
    from detente.study.questions.learn import learn as voi
    from detente.study.questions.map import tip_map
    from detente.study.questions.perceptions import perceptions
    from detente.study.questions.redteam import redteam
    from detente.study.questions.score import score
    from detente.study.questions.sense import sense
    from detente.study.questions.sense import sense as sensitivity
    from detente.study.questions.statics import statics
    from detente.study.questions.suppose import suppose
    from detente.study.questions.sweep import sweep
    from detente.study.questions.tip import tip
    from detente.study.questions.tree import tree
    from detente.study.questions.update import update
    from detente.study.questions.variants import variants
    from detente.study.questions.what_if import what_if
    from detente.study.questions.why import why
    from detente.study.questions.why_change import why_change
    from detente.study.questions.worth import worth
    from detente.study.record import record
    from detente.study.run import run
    from detente.study.settings import How
    from detente.study.study import Study
    from detente.study.tables import dataset, table, write_results

_HOME = {
    "Change": "detente.draws.variants",
    "Cluster": "detente.engine.executors.cluster",
    "DetenteError": "detente.errors",
    "Finding": "detente.analyse.finding",
    "How": "detente.study.settings",
    "Model": "detente.model.schema",
    "ModelError": "detente.errors",
    "Playing": "detente.study.playing",
    "QuestionError": "detente.errors",
    "Store": "detente.engine.store.store",
    "Study": "detente.study.study",
    "base_rates": "detente.study.base_rates",
    "check": "detente.study.checking",
    "compile_model": "detente.game.compile",
    "dataset": "detente.study.tables",
    "define": "detente.model.load",
    "dossier": "detente.study.dossier",
    "equilibria": "detente.study.games",
    "export_efg": "detente.study.games",
    "fetch_table": "detente.study.fetched",
    "import_game": "detente.study.games",
    "library": "detente.model.catalogue",
    "load": "detente.model.load",
    "loads": "detente.model.load",
    "read_game": "detente.study.games",
    "read_table": "detente.analyse.evidence.tables",
    "record": "detente.study.record",
    "scaffold": "detente.present.cli.scaffold",
    "solve_game": "detente.study.games",
    "table": "detente.study.tables",
    "write_brief": "detente.present.report.brief",
    "write_report": "detente.present.report.report",
    "write_results": "detente.study.tables",
}
"""Where things stand that are no questions; those are found where they are declared."""

__version__ = "0.1.0"


display.painter = "detente.present.notebook.painter"


def _questions() -> dict[str, str]:
    """The modules of all questions by the names of their functions."""
    from detente.study.registry import declared

    return {known.function: known.module for known in declared().values()}


def _aliases() -> dict[str, str]:
    """The functions of questions by the other names that they have."""
    from detente.study.registry import declared

    return {known.alias: known.function for known in declared().values() if known.alias}


def __getattr__(name: str) -> Any:
    """Rooms are entered when they are first asked for, so that `import detente` costs nothing."""
    if name == "__all__":
        return sorted([*_HOME, *_questions(), *_aliases()])
    if home := _HOME.get(name) or (None if name.startswith("_") else _questions().get(name)):
        return getattr(import_module(home), name)
    if not name.startswith("_") and (function := _aliases().get(name)):
        return getattr(import_module(_questions()[function]), function)
    raise AttributeError(f"module 'detente' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*_HOME, *_questions(), *_aliases(), "__version__"])
