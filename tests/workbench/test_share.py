"""What is taken away from the workbench, and what is written by it: the same numbers, and nothing unasked."""

from __future__ import annotations

import base64
import csv
import html
import http.client
import io
import json
import shlex
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detente.draws.sampler import Sampler
from detente.draws.sources import Sources
from detente.engine.store.store import Store
from detente.errors import QuestionError
from detente.model.catalogue import library
from detente.model.load import load, loads
from detente.model.schema import Model
from detente.present.cli.scaffold import scaffold
from detente.present.web.editing.looking import digest
from detente.present.web.exports import cell, export
from detente.present.web.files import Files, Refused, Save
from detente.present.web.otherwise import fitted, otherwise, shifted, variant
from detente.present.web.screens.share import share
from detente.present.web.state import State
from detente.present.web.workspace import Work, Workspace
from detente.study.evaluate.variant import Arm
from detente.study.run import run
from detente.study.settings import How
from detente.study.supposing import Supposing
from tests.workbench.conftest import Running, Seen, free_port, needs_browser, plan

DRAWS, SEED = 60, 3
TEXT = scaffold("demand")
FLAGSHIP = {"firmness": 0.55, "set_on_subjugation": 0.3, "limited_option": 0.5}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "demand.yaml"
    path.write_text(TEXT)
    return path


@pytest.fixture
def space(file: Path, tmp_path: Path) -> Workspace:
    return Workspace({"demand": file}, Store(tmp_path / "store"))


def work(space: Workspace) -> Work:
    return Work(space, lambda: False)


def of(case: str = "demand", **given: Any) -> State:
    return State(case=case, draws=DRAWS, seed=SEED, **given)


STATES = [
    of(suppose={"war_cost": 0.4}),
    of(suppose={"hazard": 0.05, "rationality": 4.0}, set={"posture.reconsidered": 1.5}),
    of(set={"rationality": "3 to 9"}, changes=("forbid answer=yield", "delay posture=attack:2")),
    of(changes=("force answer=hold", "reveal Defender.resolve", "perception private"), suppose={"war_cost": 0.7}),
]


# ------------------------------------------------------------------------------------------- a report that can be moved


def test_a_report_with_sliders_holds_the_draws_of_the_page(space: Workspace) -> None:
    state = of(suppose={"war_cost": 0.4})
    made = export(work(space), state, "sliders", digest(TEXT))
    assert (made.name, made.kind) == ("demand-sliders.html", "text/html; charset=utf-8")
    source = made.content.decode()
    assert source.count("<script>") == 1
    sent = json.loads(html.unescape(source.split('id="sl-data">')[1].split("</template>")[0]))
    shown = json.loads(export(work(space), state, "json", digest(TEXT)).content)
    assert sent["draws"] == DRAWS
    assert sent["again"][1].endswith("--draws 60 --seed 3")
    rows = np.frombuffer(base64.b64decode(sent["rows"]), "<f4").reshape(-1, DRAWS)
    solved = run(loads(TEXT, "demand.yaml"), draws=DRAWS, seed=SEED, set=otherwise(library_model(space), state).values)
    for row, name in zip(rows, solved.outcomes, strict=False):
        assert row == pytest.approx(solved.outcome_draws(name), abs=1e-6)
    assert shown["otherwise"][0] in html.unescape(source)
    assert "<script" not in export(work(space), state, "report", digest(TEXT)).content.decode()


def library_model(space: Workspace) -> Model:
    return work(space).model(of())


@needs_browser
def test_the_checkbox_asks_for_the_report_with_sliders(seen: Seen) -> None:
    page = seen.go("share")
    asked: list[str] = []
    page.on("request", lambda r: r.url.endswith("/exports") and asked.append(r.post_data_json["what"]))
    button = page.get_by_role("button", name="Report", exact=True)
    for _ in range(2):
        with page.expect_download(timeout=120_000) as found:
            button.click()
        page.get_by_label("with sliders that work offline").check()
    assert asked == ["report", "sliders"]
    assert found.value.suggested_filename == "crisis-signalling-sliders.html"


# ------------------------------------------------------------------------------------------------------------ variants


@pytest.mark.parametrize("state", STATES, ids=lambda s: " ".join([*s.suppose, *s.set, *s.changes]))
def test_a_variant_file_gives_the_numbers_of_the_page(space: Workspace, state: State, tmp_path: Path) -> None:
    made = export(work(space), state, "variant", digest(TEXT))
    (tmp_path / made.name).write_bytes(made.content)
    told = run(str(tmp_path / made.name), draws=DRAWS, seed=SEED)
    shown = json.loads(export(work(space), state, "json", digest(TEXT)).content)
    assert shown["otherwise"]
    for name, found in told.outcomes.items():
        there = shown["whole"]["outcomes"][name]["after"]["value"]
        if state.suppose:  # the page weights draws; a file is solved
            there = solved(state)[name]
        assert found.value == pytest.approx(there, abs=2e-6), name


@pytest.mark.parametrize("more", [{}, {"war_cost": "0.6"}], ids=["the draft", "with a value on top"])
def test_a_draft_becomes_a_file_that_extends_its_case(space: Workspace, more: dict[str, str], tmp_path: Path) -> None:
    """It says what the draft does, and no more; and gives the same numbers."""
    draft = TEXT.replace("value: 0.3 to 1.2 ", "value: 0.5 to 2 ").replace("Defender: ", "Defender: with friends; ", 1)
    assert draft != TEXT
    state = of(space.put(draft, "demand"), set=more)
    made = export(work(space), state, "variant", digest(draft))
    assert made.name == "demand-variant.yaml"
    (tmp_path / made.name).write_bytes(made.content)
    written = made.content.decode()
    assert "\nextends: demand.yaml\n" in written
    assert len(written.splitlines()) < 20
    shown = next(iter(share(work(space), state, {}))).data
    assert shown.in_file
    assert shown.otherwise[1] == "in the draft actors Defender is otherwise"
    assert shown.otherwise[2] == "in the draft war cost is 0.5 to 2"
    assert "demand-variant.yaml" in shown.command
    told = run(str(tmp_path / made.name), draws=DRAWS, seed=SEED)
    plain = run(loads(draft), draws=DRAWS, seed=SEED, set=more)
    for name, found in told.outcomes.items():
        assert found.value == plain.outcomes[name].value


def test_a_draft_that_no_variant_can_say_is_told(space: Workspace) -> None:
    incident = next(line for line in TEXT.splitlines(keepends=True) if line.startswith("  incident:"))
    draft = TEXT.replace(incident, "").replace("\noutcomes:", f"{incident}\noutcomes:", 1)
    assert list(loads(draft).stages) == ["posture", "answer", "incident"]
    state = of(space.put(draft, "demand"))
    with pytest.raises(QuestionError, match="a file that extends demand cannot say all of this draft; download"):
        export(work(space), state, "variant", digest(draft))
    told = next(iter(share(work(space), state, {}))).data
    assert (told.draft, told.in_file, told.command.split()[2]) == (True, False, "demand.yaml")
    new = space.put(TEXT, "of-no-case")
    with pytest.raises(QuestionError, match="this draft is of no case"):
        export(work(space), of(new), "variant", digest(TEXT))


def solved(state: State) -> dict[str, float]:
    """What is forecast where best guesses are moved, solved for them."""
    model = otherwise(MODEL, state.model_copy(update={"suppose": {}})).applied(MODEL)
    supposing = Supposing.of(run(model, draws=DRAWS, seed=SEED))
    bench = Arm.plain(How(draws=DRAWS, seed=SEED).ready(model)).bench(None)
    supposing.solve(bench, state.suppose, DRAWS)
    return {name: d.after.value for name, d in supposing.at(state.suppose).whole.outcomes.items()}


MODEL = loads(TEXT)


def test_the_flagship_too_with_its_structures() -> None:
    model = load("ukraine-2022")
    state = of("ukraine-2022", suppose=FLAGSHIP).model_copy(update={"draws": 12})
    made = otherwise(model, state)
    assert not made.unsaid
    assert made.values.keys() == {"firmness", "set_on_subjugation", "limited_option.weight"}
    text = variant(model, "ukraine-2022", state, made)
    written, applied = run(loads(text), draws=12, seed=SEED), run(made.applied(model), draws=12, seed=SEED)
    for name, found in written.outcomes.items():
        assert found.value == pytest.approx(applied.outcomes[name].value, abs=1e-9)


@pytest.mark.parametrize(
    ("written", "unit", "sd"),
    [("0.3 to 1.2", "stake", 0.7), ("-3 to -1", "stake", -1.2), ("-1 to 2", "stake", 0.4), ("0.1 to 0.4", "share", 1.1),
     ("normal(1, 2)", "stake", 0.5), ("lognormal(2, 0.4)", "stake", -0.9)],
)  # fmt: skip
def test_a_distribution_moved_is_the_distribution_moved(written: str, unit: str, sd: float) -> None:
    """Its quantiles are those of the old one at scores that lie so much higher."""

    def model(value: str) -> Model:
        text = TEXT.replace("value: 0.3 to 1.2 ", f"value: {value} ")
        return loads(text.replace("unit: stake\n    means: what a war", f"unit: {unit}\n    means: what a war"))

    base = model(written)
    after = shifted(base.quantities["war_cost"].value.expression, unit, sd)
    assert after
    moved = model(after)
    scores = np.array([-2.0, -0.5, 0.0, 1.0, 1.8])
    old, new = (Sources(Sampler(m)).value("war_cost", s) for m, s in ((base, scores + sd), (moved, scores)))
    assert new == pytest.approx(old, rel=1e-9)


def test_what_the_language_cannot_say_is_told_and_not_made_up(space: Workspace) -> None:
    case = "crisis-signalling"
    state = of(case, suppose={"audience_cost": 0.6})
    text = library()[case]
    made = export(work(space), state, "variant", digest(text)).content.decode()
    assert "# NOT in this file" in made
    assert "audience cost" in made
    assert "quantities:" not in made
    with pytest.raises(QuestionError, match="audience cost"):
        export(work(space), state, "report", digest(text))
    assert json.loads(export(work(space), state, "json", digest(text)).content)["whole"]["outcomes"]


def test_the_command_gives_the_same_numbers(space: Workspace, file: Path) -> None:
    state = of(suppose={"war_cost": 0.4}, set={"hazard": 0.03})
    told = json.loads(export(work(space), state, "json", digest(TEXT)).content)["command"]
    words = shlex.split(told)
    assert words[:3] == ["detente", "run", str(file)]
    values = dict(word.split("=", 1) for word in words[3:] if "=" in word)
    assert values["hazard"] == "0.03"
    given = run(str(file), set=values, draws=DRAWS, seed=SEED)
    there = run(otherwise(MODEL, state).applied(MODEL), draws=DRAWS, seed=SEED)
    assert {n: f.value for n, f in given.outcomes.items()} == {n: f.value for n, f in there.outcomes.items()}
    assert words[-4:] == ["--draws", str(DRAWS), "--seed", str(SEED)]


def test_what_no_longer_applies_is_dropped_with_a_word() -> None:
    state = of(suppose={"war_cost": 0.4, "gone": 1.0}, set={"hazard": 0.03, "old": 2.0},
               changes=("forbid answer=yield", "forbid answer=bow"))  # fmt: skip
    kept, dropped = fitted(MODEL, state)
    assert (kept.suppose, kept.set, kept.changes) == ({"war_cost": 0.4}, {"hazard": 0.03}, ("forbid answer=yield",))
    assert dropped == ("old is 2.0", "the best guess of gone", "answer is never bow")


# ------------------------------------------------------------------------------------------------------------- exports


def test_a_report_and_a_brief_say_what_was_set_otherwise(space: Workspace) -> None:
    state = of(set={"hazard": 0.03})
    for what in ("report", "brief"):
        text = export(work(space), state, what, digest(TEXT)).content.decode()
        assert "hazard is 0.03" in text
        assert "<script" not in text
    plain = export(work(space), of(), "report", digest(TEXT)).content.decode()
    assert "Not the case as it is written" not in plain


def test_stale_results_are_not_exported(space: Workspace, file: Path) -> None:
    file.write_text(TEXT.replace("0.3 to 1.2", "0.5 to 1.2"))
    with pytest.raises(QuestionError, match="changed on disk"):
        export(work(space), of(), "csv", digest(TEXT))


def test_a_table_has_the_numbers_and_no_formula(space: Workspace, file: Path) -> None:
    said = "says: an attack is the least likely of the challenger's moves"
    evil = TEXT.replace("means: the challenger attacks", "means: \"=HYPERLINK('http://x','y')\"")
    evil = evil.replace(said, 'says: "@SUM(1) an attack is unlikely"')
    file.write_text(evil)
    made = export(work(space), of(), "csv", digest(evil))
    rows = list(csv.DictReader(io.StringIO(made.content.decode("utf-8-sig"))))
    study = run(loads(evil), draws=DRAWS, seed=SEED)
    by = {(row["kind"], row["name"]): row for row in rows}
    for name, found in study.outcomes.items():
        assert float(by["outcome", name]["value"]) == pytest.approx(found.value, rel=1e-8)
    assert by["outcome", "attacked"]["means"] == "'=HYPERLINK('http://x','y')"
    assert by["claim", "no_attack"]["means"].startswith("'@SUM")
    assert {row["kind"] for row in rows} >= {"answer", "outcome", "group", "claim"}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =1"])
def test_a_cell_is_no_formula(text: str) -> None:
    assert cell(text) == f"'{text}"
    assert cell(-1.5) == "-1.5"
    assert cell("war") == "war"


def test_pictures_are_files_of_their_own(space: Workspace) -> None:
    made = export(work(space), of(), "svg", digest(TEXT), "outcomes")
    assert made.content.startswith(b"<svg")
    assert b"<style>" in made.content
    with pytest.raises(QuestionError, match="there is no picture"):
        export(work(space), of(), "svg", digest(TEXT), "nothing")


# -------------------------------------------------------------------------------------------------------------- saving


def test_a_file_is_written_as_it_was_looked_at(space: Workspace, file: Path) -> None:
    files, new = Files(space), TEXT.replace("0.3 to 1.2", "0.4 to 1.1")
    assert files.save(Save(name="demand", text=new, digest=digest(TEXT))) == digest(new)
    assert file.read_text() == new
    file.write_text(new.replace("0.4 to 1.1", "0.2 to 0.9"))  # by somebody else
    with pytest.raises(Refused, match="changed on disk by somebody else") as refused:
        files.save(Save(name="demand", text=TEXT, digest=digest(new)))
    assert refused.value.status == 409
    assert "0.2 to 0.9" in file.read_text()


def test_line_ends_stay_what_they_were(space: Workspace, file: Path) -> None:
    file.write_bytes(TEXT.replace("\n", "\r\n").encode())
    Files(space).save(Save(name="demand", text=TEXT + "# x\n", digest=digest(TEXT)))
    assert file.read_bytes() == (TEXT + "# x\n").replace("\n", "\r\n").encode()


def test_only_what_was_opened_from_a_file_is_saved(space: Workspace) -> None:
    with pytest.raises(Refused, match="opened from a file"):
        Files(space).save(Save(name="crisis-signalling", text="x", digest=digest(library()["crisis-signalling"])))


def test_files_come_to_nobody_else(tmp_path: Path, file: Path) -> None:
    """The routes are guarded: no cookie, no file; no origin, no file; and what comes is kept, not opened."""
    port = free_port()
    made = plan(tmp_path, port, {"demand": str(file)}, "demand")
    server = Running(made, port)
    ours, cookie = {"origin": server.origin}, dict[str, str]()
    body = {"what": "variant", "state": of().model_dump(mode="json"), "digest": digest(TEXT)}

    def post(path: str, said: Any, headers: dict[str, str], method: str = "POST") -> tuple[int, Any, bytes]:
        with closing(http.client.HTTPConnection("127.0.0.1", port)) as line:
            line.request(method, path, json.dumps(said), {**headers, **cookie})
            with line.getresponse() as answer:
                return answer.status, answer.headers, answer.read()

    try:
        assert post("/exports", body, ours)[0] == 403
        _, headers, _ = post(f"/?token={made.keys.token()}", None, {}, "GET")
        cookie["cookie"] = headers["set-cookie"].partition(";")[0]
        assert post("/exports", body, {})[0] == 403
        assert post("/exports", body, {"origin": "http://evil.example"})[0] == 403
        assert post("/exports", body, ours, "GET")[0] == 405
        status, headers, _ = post("/exports", body, ours)
        assert status == 200
        assert headers["content-disposition"].startswith('attachment; filename="demand-variant.yaml"')
        assert "default-src 'none'" in headers["content-security-policy"]
        saving = {"name": "demand", "text": "x: 1", "digest": "old"}
        assert post("/files", saving, {})[0] == 403
        assert post("/files", saving, ours)[0] == 409
        assert file.read_text() == TEXT
        status, _, told = post("/exports", {**body, "state": {"case": "text:0"}}, ours)
        assert (status, json.loads(told)) == (409, {"need": "text:0"})
        status, _, told = post("/exports", {**body, "what": "secrets"}, ours)
        assert (status, "no export" in json.loads(told)["mistakes"][0]["message"]) == (422, True)
        assert post("/files", {**saving, "text": "x" * 4_000_001}, ours)[0] == 413
    finally:
        server.stop()
