"""Draw the gallery, every kind of picture with its command: `uv run python docs/make_gallery.py [DOCS]`.

The commands below are run as they stand, most on the case that the tutorial ends with (`docs/examples`), and what they
draw is kept: of each function that draws, one picture, by the command that draws the fewest others. Writes
`gallery.md` and `pictures/gallery/NAME.svg` in the folder of the documentation, or in DOCS. Takes half a minute.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType
from typing import Any

from typer.testing import CliRunner

import detente.present
import detente.present.figures
from detente.present.cli.app import app
from detente.present.figures import api
from detente.present.figures.drawing.svg import Picture
from detente.study.registry import TOPICS, declared, find

DOCS = Path(__file__).parent
PICTURES = "pictures/gallery"
COMMANDS = (
    "detente run strait.yaml --draws 200",
    "detente sweep strait.yaml --draws 2000",
    "detente variants strait.yaml --slice 1,2 --draws 100",
    "detente claims strait.yaml --draws 200",
    "detente why strait.yaml strait --draws 200",
    "detente tree strait.yaml --draws 100",
    "detente tip strait.yaml lost_exports --draws 100",
    "detente map strait.yaml lost_exports ballot_cost --points 15",
    "detente breaking strait.yaml",
    "detente what-if strait.yaml --set lost_exports=0.8 --forbid treaty=sign --draws 200",
    "detente compare strait.yaml strait-insurers.yaml --draws 200",
    "detente why-change strait.yaml --shift lost_exports=-0.3 --draws 200",
    "detente ablate strait.yaml --draws 200",
    "detente redteam strait.yaml --draws 60",
    "detente statics strait.yaml --draws 200",
    "detente sense strait.yaml --draws 400",
    "detente design strait.yaml --draws 600",
    "detente gradients strait.yaml --draws 100",
    "detente gradients strait.yaml --of answer --draws 100",
    "detente suppose strait.yaml lost_exports=0.8 --draws 400",
    'detente discover strait.yaml "P(strait is close) > 0.5" --draws 400',
    "detente learn strait.yaml --draws 400",
    "detente worth strait.yaml Castora --draws 200",
    "detente perceptions strait.yaml Castora --sweep 60 --draws 100",
    "detente update strait.yaml --draws 200",
    "detente score kosovo-1998 --draws 200",
    "detente record kosovo-1998 --draws 200",
)
"""One for each question, in their order, and for each other command that draws."""
ELSEWHERE = {
    "forecast.live.live_picture": "the workbench, `detente open CASE`: it moves with the sliders",
    "forecast.bars.bars": "what all pictures of bars are made with",
    "forecast.bars.verdicts_picture": "what the pictures of claims are made with, that of `detente sweep` too",
}
"""Functions that draw but stand for no picture of a page, and where what they draw is seen."""
RECORD = "The forecasts of a case at fixed days before what happened ([the record](record.md) over all cases)."
FIRST = """# Gallery

Every kind of picture that Detente draws, with the command that draws it. Each command also prints its answer in words
and numbers; with `--report FILE.html` it writes a page with the picture and the table behind it (`detente run` always
writes one; `detente record` does with `--page FILE.md`). A click on a picture opens it in full size.
[Reading the report](reading-the-report.md) says how they are read.

All but the last two show the invented crisis that [the tutorial](tutorial.md) ends with. To try them, save
[strait.yaml](examples/strait.yaml). Made by `uv run python docs/make_gallery.py`; not edited by hand.
"""


@dataclass(frozen=True)
class Drawn:
    """A picture, the function that drew it (of `detente.present.figures`), and the command on whose page it stands."""

    command: str
    function: str
    picture: Picture

    @property
    def question(self) -> str:
        """The question that is asked, or the name of another command."""
        return shlex.split(self.command)[1]

    @property
    def name(self) -> str:
        """The name of its file."""
        return f"{self.question}-{self.function.rpartition('.')[2].removesuffix('_picture')}"


def drawing() -> dict[str, Callable[..., Any]]:
    """Every function that gives a picture, by its module and name below `detente.present.figures`; not those of `api`,
    which hand on what others draw."""
    room = detente.present.figures
    return {
        f"{module.__name__.removeprefix(f'{room.__name__}.')}.{name}": value
        for module in _modules(room)
        for name, value in vars(module).items()
        if getattr(value, "__module__", "") == module.__name__ != api.__name__ and _gives(value) == "Picture"
    }


def _gives(value: object) -> str:
    return str(getattr(value, "__annotations__", {}).get("return", ""))


def _modules(room: ModuleType) -> list[ModuleType]:
    return [import_module(found.name) for found in walk_packages(room.__path__, f"{room.__name__}.")]


@contextlib.contextmanager
def watched(seen: list[tuple[str, Picture]]) -> Iterator[None]:
    """Note each picture that is drawn meanwhile, with the function that drew it."""
    functions, places = drawing(), _modules(detente.present)
    names = {id(function): name for name, function in functions.items()}
    before = [(m, k, v) for m in places for k, v in vars(m).items() if id(v) in names]

    def noting(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def draw(*args: Any, **given: Any) -> Any:
            picture = function(*args, **given)
            seen.append((name, picture))
            return picture

        return draw

    for module, key, function in before:
        setattr(module, key, noting(names[id(function)], function))
    try:
        yield
    finally:
        for module, key, function in before:
            setattr(module, key, function)


@contextlib.contextmanager
def beside() -> Iterator[Path]:
    """A folder of its own with the cases of the examples, and a store that goes with it."""
    here, store = Path.cwd(), os.environ.get("DETENTE_STORE")
    with tempfile.TemporaryDirectory() as folder:
        for case in (DOCS / "examples").glob("*.yaml"):
            shutil.copy(case, folder)
        os.environ["DETENTE_STORE"] = f"{folder}/store"
        os.chdir(folder)
        try:
            yield Path(folder)
        finally:
            os.chdir(here)
            os.environ.pop("DETENTE_STORE")
            if store is not None:
                os.environ["DETENTE_STORE"] = store


def draw() -> tuple[list[Drawn], set[str]]:
    """The pictures, of each function that draws one; and all functions that drew."""
    found: dict[str, tuple[int, Drawn]] = {}
    drew: set[str] = set()
    with beside():
        for command in COMMANDS:
            words = shlex.split(command)[1:]
            page = {"run": [], "record": ["--page", "page.md"]}.get(words[0], ["--report", "page.html"])
            seen: list[tuple[str, Picture]] = []
            with watched(seen):
                done = CliRunner().invoke(app, [*words, *page])
            if done.exit_code not in (0, 1):
                raise RuntimeError(f"{command}\n{done.output}")
            drew |= {function for function, _ in seen}
            shown = [(function, picture) for function, picture in seen if function not in ELSEWHERE]
            inner = {id(picture): (function, picture) for function, picture in reversed(shown)}
            for function, picture in reversed(inner.values()):  # one that hands on an inner one's picture is left out
                if function not in found or found[function][0] > len(inner):
                    found[function] = (len(inner), Drawn(command, function, picture))
    pictures = sorted((drawn for _, drawn in found.values()), key=lambda d: COMMANDS.index(d.command))
    return pictures, drew


def page(found: list[Drawn]) -> str:
    """The text of `gallery.md`."""
    parts = [FIRST]
    asked = {name: find(name) for name in declared()}
    for topic, says in {**TOPICS, "": "How all forecasts did"}.items():
        own = [d for d in found if (asked[d.question].topic if d.question in asked else "") == topic]
        parts += [f"## {says}\n"] if own else []
        for k, d in enumerate(own):
            if not k or own[k - 1].command != d.command:
                parts += [f"### {d.question}\n"] if not k or own[k - 1].question != d.question else []
                question = asked.get(d.question)
                said = f"{question.summary} ([reference](reference/{d.question}.md))" if question else RECORD
                parts += [f"{said}\n"] if not k or own[k - 1].question != d.question else []
                parts.append(f"`{d.command}`\n")
            image = f"{PICTURES}/{d.name}.svg"
            title, says_ = (_plain(words) for words in (d.picture.title, d.picture.says or d.picture.reading))
            parts.append(f"[![{title}: {says_}]({image})]({image})\n")
    return "\n".join(parts)


def _plain(words: str) -> str:
    """A text as it may stand between brackets."""
    return " ".join(words.replace("[", "(").replace("]", ")").split())


def write(docs: Path) -> None:
    """Write the page and its pictures, and take away pictures that are no more."""
    found, drew = draw()
    folder = docs / PICTURES
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.svg"):
        old.unlink()
    for d in found:
        (folder / f"{d.name}.svg").write_text(d.picture.standalone(), encoding="utf-8")
    (docs / "gallery.md").write_text(page(found), encoding="utf-8")
    missing = set(drawing()) - drew - set(ELSEWHERE)
    print(f"{len(found)} pictures" + "".join(f"\nnot drawn: {name}" for name in sorted(missing)))


if __name__ == "__main__":
    write(Path(sys.argv[1]) if sys.argv[1:] else DOCS)
