"""Draw the pictures of the README and of docs/questions.md: `uv run python docs/pictures/draw.py`. Takes minutes."""

from pathlib import Path

import detente
from detente.draws.variants import Change
from detente.present.figures.api import figure_course, figure_outcomes
from detente.present.figures.counterfactual.shifts import waterfall_picture
from detente.present.figures.thresholds.breaking import breaking_picture
from detente.present.figures.thresholds.map import map_picture
from detente.study.questions.breaking import breaking
from detente.study.questions.map import tip_map
from detente.study.questions.what_if import what_if

CHANGES = (
    ("set", "set_on_subjugation", "0.3 to 0.6"),
    ("shift", "climbdown_cost", "+0.2"),
    ("forbid", "answer", "accept"),
)

study = detente.run("ukraine-2022")
model = study.model
plain = ["limited_option", "closing_window"]
regions = tip_map(model, "set_on_subjugation", "climbdown_cost", points=13, without=plain)
drawn = {
    "outcomes": figure_outcomes(study),
    "course": figure_course(study),
    "breaking": breaking_picture(model, breaking(study, ["least_realistic"])[0]).standalone(),
    "map": map_picture(model, regions, regions.maps[1]).standalone(),
    "waterfall": waterfall_picture(model, what_if(model, [Change(*change) for change in CHANGES])).standalone(),
}
for name, picture in drawn.items():
    (Path(__file__).parent / f"ukraine-2022-{name}.svg").write_text(picture, encoding="utf-8")
