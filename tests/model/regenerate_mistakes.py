"""Write the expected messages of `mistakes/*.yaml` again: `uv run python tests/model/regenerate_mistakes.py`.

Every file begins with the messages it must bring forth, as comments. Read the difference before it is committed: a
message is what a person who made that mistake will see.
"""

from __future__ import annotations

from pathlib import Path

from detente.errors import ModelError, Problem
from detente.game.compile import compile_model
from detente.model.check.check import check
from detente.model.load import loads

FOLDER = Path(__file__).parent / "mistakes"
FILES = sorted(FOLDER.glob("*.yaml"))
MARKS = ("# expect: ", "#     ")
DRAWS = 50


def problems(text: str, path: Path) -> list[Problem]:
    """Everything that is wrong with a model: errors and warnings of reading, compiling, drawing and counting."""
    found: list[Problem] = []
    try:
        model = loads(text, str(path))
        found += check(model)
        blueprint = compile_model(model)
        found += blueprint.warnings
        blueprint.game(blueprint.sampler.draw(DRAWS, seed=1))
    except ModelError as error:
        found += error.problems
    return found


def messages(text: str, path: Path) -> list[str]:
    """The messages as they are written down: the first line marked, hints indented, the folder left out."""
    told = "\n".join(str(problem) for problem in problems(text, path)).replace(f"{path.parent}/", "")
    return [MARKS[1] + line[4:] if line.startswith("    ") else MARKS[0] + line for line in told.splitlines()]


def split(text: str) -> tuple[list[str], str]:
    """The expected messages at the head of a file, and the rest."""
    lines = text.splitlines(keepends=True)
    count = next((k for k, line in enumerate(lines) if not line.startswith(MARKS)), len(lines))
    return [line.rstrip("\n") for line in lines[:count]], "".join(lines[count:])


def regenerated(path: Path) -> str:
    """The file with the messages it brings forth now. They stand above the model and so move its lines."""
    _, body = split(path.read_text(encoding="utf-8"))
    head: list[str] = []
    for _ in range(3):
        head = messages("".join(f"{line}\n" for line in head) + body, path)
    return "".join(f"{line}\n" for line in head) + body


if __name__ == "__main__":
    for file in FILES:
        new = regenerated(file)
        if new != file.read_text(encoding="utf-8"):
            file.write_text(new, encoding="utf-8")
            print(f"{file.name}\n" + "\n".join(split(new)[0]))
