"""Detente: turn an argument about an international crisis into a model that can be run.

`run` answers a case in one call. A case is the slug of a case of the library, the path of a file, or a Model.

    import detente

    study = detente.run("ukraine-2022", draws=500)
    study.outcomes["standoff"].value       # mean; .low and .high hold 90% of the draws
    study.claims["least_realistic"].words  # holds, mostly holds, contested, mostly fails, fails

Of a case
    run, statics            solve it; try its comparative statics        (`detente run`, `claims`, `statics`)
    check                   what is wrong with it, how large it is       (`check`)
    tip, tip_map            where the answer turns, along one or two quantities (`tip`)
    what_if, compare        changes (texts, or `Change`s) in paired draws; two models (`what-if`, `compare`)
    ablate                  each mechanism switched off in turn          (`ablate`)
    perceptions             what actors believe, and what that costs     (`perceptions`)
    design                  Sobol' effects from points made for them     (`sense --design sobol`)
Of a solved case, a Study
    Study.why, .claims, .ways, .plays, .drivers, .scores, .ask           (`why`, `claims`)
    breaking                the smallest change that turns a claim       (`claims --breaking`)
    sense, discover         what moves an answer; where an event is      (`sense`)
    learn, worth            what to find out; what it is worth to an actor (`learn`)
    write_report, Study.to_netcdf, .dataset, .table                      (`run --out`)
    dossier                 all of these, for write_report               (`report`)
Of a game as such
    read_game, solve_game, equilibria, export_efg                        (`solve`, `export`)
Beside these
    load, loads, define, library, scaffold   a Model from a file, a text or Python; the cases; a file to start from
    Store                   where solved draws are kept, `run(..., store=Store())` (`store`)

Every answer holds `Finding`s: value, interval, draws, method, reference. Arrays end in the axis of draws
(docs/shapes.md). What is wrong with a model is a ModelError, a question that cannot be asked a QuestionError; both are
DetenteErrors, and say what to do.

Under `run` lie four verbs: `load` (file -> Model), `compile_model` (Model -> Blueprint), a solver's `solve`
(Game -> Solution) and the analyses (Batch -> Finding).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detente.analyse.finding import Finding
    from detente.draws.variants import Change
    from detente.engine.store.store import Store
    from detente.errors import DetenteError, ModelError, QuestionError
    from detente.game.compile import compile_model
    from detente.model.load import define, library, load, loads
    from detente.model.schema import Model
    from detente.present.report.report import write_report
    from detente.present.scaffold import scaffold
    from detente.study.dossier import dossier
    from detente.study.games import equilibria, export_efg, read_game, solve_game
    from detente.study.questions.ablate import ablate
    from detente.study.questions.breaking import breaking
    from detente.study.questions.check import check
    from detente.study.questions.compare import compare
    from detente.study.questions.design import design
    from detente.study.questions.discover import discover
    from detente.study.questions.learn import learn
    from detente.study.questions.perceptions import perceptions
    from detente.study.questions.sense import sense
    from detente.study.questions.statics import statics
    from detente.study.questions.tip import tip
    from detente.study.questions.tip_map import tip_map
    from detente.study.questions.what_if import what_if
    from detente.study.questions.worth import worth
    from detente.study.run import run
    from detente.study.study import Study

_HOME = {
    "Change": "detente.draws.variants",
    "DetenteError": "detente.errors",
    "Finding": "detente.analyse.finding",
    "Model": "detente.model.schema",
    "ModelError": "detente.errors",
    "QuestionError": "detente.errors",
    "Store": "detente.engine.store.store",
    "Study": "detente.study.study",
    "ablate": "detente.study.questions.ablate",
    "breaking": "detente.study.questions.breaking",
    "check": "detente.study.questions.check",
    "compare": "detente.study.questions.compare",
    "compile_model": "detente.game.compile",
    "define": "detente.model.load",
    "design": "detente.study.questions.design",
    "discover": "detente.study.questions.discover",
    "dossier": "detente.study.dossier",
    "equilibria": "detente.study.games",
    "export_efg": "detente.study.games",
    "learn": "detente.study.questions.learn",
    "library": "detente.model.load",
    "load": "detente.model.load",
    "loads": "detente.model.load",
    "perceptions": "detente.study.questions.perceptions",
    "read_game": "detente.study.games",
    "run": "detente.study.run",
    "scaffold": "detente.present.scaffold",
    "sense": "detente.study.questions.sense",
    "solve_game": "detente.study.games",
    "statics": "detente.study.questions.statics",
    "tip": "detente.study.questions.tip",
    "tip_map": "detente.study.questions.tip_map",
    "what_if": "detente.study.questions.what_if",
    "worth": "detente.study.questions.worth",
    "write_report": "detente.present.report.report",
}

__all__ = [
    "Change",
    "DetenteError",
    "Finding",
    "Model",
    "ModelError",
    "QuestionError",
    "Store",
    "Study",
    "ablate",
    "breaking",
    "check",
    "compare",
    "compile_model",
    "define",
    "design",
    "discover",
    "dossier",
    "equilibria",
    "export_efg",
    "learn",
    "library",
    "load",
    "loads",
    "perceptions",
    "read_game",
    "run",
    "scaffold",
    "sense",
    "solve_game",
    "statics",
    "tip",
    "tip_map",
    "what_if",
    "worth",
    "write_report",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Rooms are entered when they are first asked for, so that `import detente` costs nothing."""
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'detente' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
