"""Draw the pictures of the README: `uv run python docs/pictures/draw.py`."""

from pathlib import Path

import detente
from detente.present.figures import figure_course, figure_outcomes

study = detente.run("ukraine-2022")
for name, draw in {"outcomes": figure_outcomes, "course": figure_course}.items():
    (Path(__file__).parent / f"ukraine-2022-{name}.svg").write_text(draw(study), encoding="utf-8")
