"""Detente: turn an argument about an international crisis into a model that can be run.

`run` answers a case in one call. Under it lie four verbs: `load` (file -> Model), `compile_model` (Model -> Blueprint),
a solver's `solve` (Game -> Solution) and the analyses (Batch -> Finding).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detente.analyse.base import Finding
    from detente.errors import DetenteError, ModelError, QuestionError
    from detente.game.compile import compile_model
    from detente.model.load import define, load, loads
    from detente.model.schema import Model
    from detente.study.study import Study, run, statics

_HOME = {
    "DetenteError": "detente.errors",
    "Finding": "detente.analyse.base",
    "Model": "detente.model.schema",
    "ModelError": "detente.errors",
    "QuestionError": "detente.errors",
    "Study": "detente.study.study",
    "compile_model": "detente.game.compile",
    "define": "detente.model.load",
    "load": "detente.model.load",
    "loads": "detente.model.load",
    "run": "detente.study.study",
    "statics": "detente.study.study",
}

__all__ = [
    "DetenteError",
    "Finding",
    "Model",
    "ModelError",
    "QuestionError",
    "Study",
    "compile_model",
    "define",
    "load",
    "loads",
    "run",
    "statics",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Rooms are entered when they are first asked for, so that `import detente` costs nothing."""
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'detente' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
