"""Reading: variants of other files, models built in Python, changes on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from detente.errors import ModelError
from detente.game.compile import compile_model
from detente.model.catalogue import library
from detente.model.check.check import check
from detente.model.fields import spelled
from detente.model.load import changed, define, load, loads
from detente.study import checking
from tests.model.regenerate_mistakes import problems

BASE = (Path(__file__).parent / "mistakes" / "parts" / "base.yaml").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "base.yaml").write_text(BASE, encoding="utf-8")
    return tmp_path


def variant(folder: Path, text: str, name: str = "variant.yaml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_the_library_is_read() -> None:
    for name in library():
        assert load(name).name == name


def test_the_base_has_nothing_to_complain_of() -> None:
    model = loads(BASE)
    assert check(model) == []
    assert compile_model(model).warnings == ()


def test_python_and_file_say_the_same() -> None:
    parts = yaml.safe_load(BASE)
    built, read = define("base", **parts), loads(BASE, "base.yaml")
    assert spelled(built) == spelled(read)
    assert built.name == read.name == "base"


def test_problems_of_a_model_built_in_python_name_their_path() -> None:
    parts = yaml.safe_load(BASE)
    parts["stages"]["reply"]["when"] = "threat is treaten"
    with pytest.raises(ModelError) as caught:
        define(**parts)
    assert str(caught.value).startswith("<python> stages.reply.when: there is no move or result 'treaten'")
    parts = yaml.safe_load(BASE)
    parts["stages"]["reply"]["moves"] = 7
    with pytest.raises(ModelError, match=r"stages\.reply\.moves: found 7; expected a mapping"):
        define(**parts)


def test_a_variant_is_merged_key_by_key(folder: Path) -> None:
    path = variant(
        folder,
        "extends: base.yaml\nquantities:\n  hazard: {value: 0.2 to 0.3}\n"
        "payoffs:\n  South: {pride: -1 * (outcome is concession)}\n",
    )
    model, base = load(path), loads(BASE)
    assert model.quantities["hazard"].value.text == "0.2 to 0.3"
    assert model.quantities["hazard"].unit == "probability"
    assert list(model.payoffs["South"]) == ["loss", "war", "pride"]
    assert model.stages == base.stages
    assert model.name == "variant"


def test_short_forms_meet_long_ones(folder: Path) -> None:
    path = variant(
        folder,
        "extends: base.yaml\nactors: {North: {discount: 0.9}, South: has no treaty}\nquantities: {cost: 3}\n"
        "periods: 2\n",
    )
    model = load(path)
    assert model.actors["North"].means == "has an army"
    assert model.actors["North"].discount.text == "0.9"
    assert model.actors["South"].means == "has no treaty"
    assert (model.quantities["cost"].value.text, model.quantities["cost"].unit) == ("3", "stake")
    again = variant(
        folder, "extends: variant.yaml\nperiods: {unit: week}\nquantities: {cost: {means: of war}}\n", "again.yaml"
    )
    assert (load(again).periods.count, load(again).periods.unit) == (2, "week")
    assert load(again).quantities["cost"].means == "of war"


def test_keys_are_removed(folder: Path) -> None:
    path = variant(
        folder,
        "extends: base.yaml\nprivate: remove\nquantities: {cost: {unit: remove}}\n"
        "payoffs: {South: {war: -1 * (outcome is war)}}\n",
    )
    model = load(path)
    assert model.private == {}
    assert model.quantities["cost"].unit == ""


def test_probabilities_are_replaced_as_a_whole(folder: Path) -> None:
    path = variant(
        folder,
        "extends: base.yaml\nstages:\n  incident: {chance: {war: 0.5, scare: 0.25, quiet: otherwise}}\n"
        "private:\n  South.resolve: {firm: 0.5, weak: 0.5}\n",
    )
    model = load(path)
    assert list(model.stages["incident"].chance) == ["war", "scare", "quiet"]
    assert model.stages["incident"].when is not None
    assert list(model.private["South.resolve"].prior) == ["firm", "weak"]
    other = variant(
        folder,
        "extends: base.yaml\nprivate:\n  South.resolve: {hard: 0.5, weak: 0.5}\npayoffs: {South: {war: 0}}\n",
        "other.yaml",
    )
    assert list(load(other).private["South.resolve"].prior) == ["hard", "weak"]
    long = variant(folder, "extends: base.yaml\nprivate:\n  South.resolve: {means: how firm}\n", "long.yaml")
    assert list(load(long).private["South.resolve"].prior) == ["firm", "weak"]


@pytest.mark.parametrize("short", ["cost * 0.3", "{mixture: {cost * 0.3: 0.5, cost: 0.5}}"])
def test_a_perception_is_changed_in_part(folder: Path, short: str) -> None:
    variant(folder, f"extends: base.yaml\nquantities: {{cost: {{seen_by: {{North: {short}}}}}}}\n", "short.yaml")
    long = "extends: short.yaml\nquantities: {cost: {seen_by: {North: {because: a hunch}}}}\n"
    view = load(variant(folder, long)).quantities["cost"].seen_by["North"]
    assert view.because == "a hunch"
    assert view.value == load(folder / "short.yaml").quantities["cost"].seen_by["North"].value
    wrong = "extends: short.yaml\nquantities:\n  cost:\n    seen_by: {North: {value: cots * 2}}\n"
    with pytest.raises(ModelError, match=r"variant.yaml:4:30: there is no .*'cots'"):
        load(variant(folder, wrong))


def test_records_grow(folder: Path) -> None:
    seen = "evidence:\n  - {date: 2022-02-01, seen: threat is threaten}\n"
    variant(folder, "extends: base.yaml\n" + seen, "first.yaml")
    model = load(
        variant(
            folder,
            "extends: first.yaml\n"
            + seen.replace("threaten", "wait")
            + "  - {date: 2022-03-01, seen: threat is wait}\n",
        )
    )
    assert [str(e.seen) for e in model.evidence] == ["threat is threaten", "threat is wait", "threat is wait"]
    with pytest.raises(ModelError) as caught:
        load(variant(folder, "extends: first.yaml\n" + seen + "  - {date: 2022-03-01, seen: threat is wailed}\n"))
    assert str(caught.value.problems[0].place) == f"{folder}/variant.yaml:4:40"


def test_records_are_replaced(folder: Path) -> None:
    seen = "evidence:\n  - {date: 2022-02-01, seen: threat is threaten}\n  - {date: 2022-02-02, fact: a word}\n"
    variant(folder, "extends: base.yaml\n" + seen, "first.yaml")
    text = "extends: first.yaml\nevidence:\n  - remove\n  - {date: 2022-03-01, seen: threat is wait}\n"
    assert [str(e.seen) for e in load(variant(folder, text)).evidence] == ["threat is wait"]
    with pytest.raises(ModelError) as caught:
        load(variant(folder, text.replace("is wait", "is wailed")))
    assert str(caught.value.problems[0].place) == f"{folder}/variant.yaml:4:40"
    assert not load(variant(folder, "extends: first.yaml\nevidence: [remove]\n")).evidence


def test_places_point_into_the_file_that_is_wrong(folder: Path) -> None:
    broken = BASE.replace("reply is resist}", "reply is resits}")
    variant(folder, broken, "broken.yaml")
    path = variant(
        folder, "extends: broken.yaml\nquantities:\n  cost: 2 to 1\npayoffs:\n  North:\n    gain: 2 * costs\n"
    )
    with pytest.raises(ModelError) as caught:
        load(path)
    line = broken.splitlines().index(next(row for row in broken.splitlines() if "resits" in row)) + 1
    assert {(p.place.file, p.place.line) for p in caught.value.problems} == {
        (f"{folder}/broken.yaml", line), (str(path), 3), (str(path), 6),
    }  # fmt: skip


def test_a_library_case_is_extended(folder: Path) -> None:
    model = load(variant(folder, "extends: crisis-signalling\ntitle: Another\n"))
    assert model.title == "Another"
    assert model.stages == load("crisis-signalling").stages


def test_changed() -> None:
    model = changed(loads(BASE), {"cost": "1 to 3", "hazard": 0.5})
    assert model.quantities["cost"].value.text == "1 to 3"
    assert model.quantities["cost"].unit == "stake"
    assert loads(BASE).quantities["cost"].value.text == "0.5 to 2"
    for wrong, message in {
        "3 to 1": "--set cost=3 to 1: the interval 3 to 1 is empty",
        "1 +": "--set cost=1 +: found the end",
        "threat": "--set cost=threat: the stage 'threat' cannot be used in a quantity",
    }.items():
        with pytest.raises(ModelError) as caught:
            changed(loads(BASE), {"cost": wrong})
        assert str(caught.value).startswith(message)
    with pytest.raises(ModelError, match="there is no quantity 'costs'"):
        changed(loads(BASE), {"costs": 1})


def test_changed_perceptions() -> None:
    seen = changed(loads(BASE), {"hazard": 0.5, "hazard seen by North": "0.1 to 0.2"})
    assert seen.quantities["hazard"].value.text == "0.5"
    assert seen.quantities["hazard"].seen_by["North"].value.text == "0.1 to 0.2"
    assert seen.quantities["hazard"].unit == "probability"
    text = BASE.replace("unit: stake}", "unit: stake, seen_by: {North: {value: cost, because: a hunch}}}", 1)
    view = changed(loads(text), {"cost seen by North": 2}).quantities["cost"].seen_by["North"]
    assert (view.value.text, view.because) == ("2", "a hunch")
    for name, value, message in [
        (
            "hazard seen by Nroth",
            0.1,
            "--set hazard seen by Nroth=0.1: there is no actor 'Nroth'\n    did you mean 'North'?",
        ),
        ("hazrd seen by North", 0.1, "--set hazrd seen by North=0.1: there is no quantity 'hazrd'\n    did you mean"),
        ("hazard seen by North", 1.4, "--set hazard seen by North=1.4: 1.4 is not a probability"),
        ("hazard seen by North", "1 +", "--set hazard seen by North=1 +: found the end"),
    ]:
        with pytest.raises(ModelError) as caught:
            changed(loads(BASE), {name: value})
        assert str(caught.value).startswith(message)


def test_inside_braces_commas_of_calls_are_given_back() -> None:
    text = BASE.replace("{value: 0.5 to 2, unit: stake}", "{value: clip(normal(1, 2), 0.1, 3), unit: stake}")
    model = loads(
        text.replace("moves: [threaten, wait]", "offer: grid(0, 1, 3)").replace("threat is threaten", "threat > 0")
    )
    assert model.quantities["cost"].value.text == "clip(normal(1, 2), 0.1, 3)"
    assert model.quantities["cost"].unit == "stake"
    assert model.stages["threat"].offer == ("0", "0.5", "1")


def test_a_distribution_cut_into_slices() -> None:
    text = BASE.replace("{firm: 0.4, weak: otherwise}", "{uniform(0, 0.4): 4}").replace(
        "South.resolve is firm", "South.resolve > 0.2"
    )
    prior = loads(text).private["South.resolve"].prior
    assert {label: p.expression.value for label, p in prior.items()} == {
        "0.05": 0.25,
        "0.15": 0.25,
        "0.25": 0.25,
        "0.35": 0.25,
    }
    coin = loads(text.replace("uniform(0, 0.4): 4", "bernoulli(0.25): 4")).private["South.resolve"].prior
    assert {label: p.expression.value for label, p in coin.items()} == {"0": 0.75, "1": 0.25}


@pytest.mark.parametrize(
    "case", ["../secret.yaml", "ABSOLUTE", "link.yaml", "down/../../secret.yaml", "/dev/stdin", "nowhere.yaml"]
)
def test_whoever_reads_the_models_of_strangers_says_from_where(case: str, tmp_path: Path) -> None:
    """Neither by a path, nor by a link, nor by what is read on the way; and nothing is said of what lies elsewhere."""
    (tmp_path / "secret.yaml").write_text(BASE, encoding="utf-8")
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    (folder / "nowhere.yaml").write_text("extends: ../nowhere.yaml\n", encoding="utf-8")
    text = f"extends: {case}\ntitle: Mine\n".replace("ABSOLUTE", str(tmp_path / "secret.yaml"))
    with pytest.raises(ModelError) as caught:
        load(variant(folder, text), within=folder)
    assert "this may not be read here" in str(caught.value)
    assert "A border crisis" not in str(caught.value)
    with pytest.raises(ModelError, match="may not be read here"):
        loads(text, within=[])


def test_files_of_the_folder_and_cases_of_the_library_may_be_read(folder: Path) -> None:
    path = variant(folder, "extends: base.yaml\ntitle: Mine\n")
    assert load(path, within=folder).title == "Mine"
    assert load(path, within=[folder / "elsewhere", folder]).files == (folder / "base.yaml", path)
    assert loads("extends: crisis-signalling\ntitle: Mine\n", within=()).title == "Mine"
    assert load("crisis-signalling", within=()).title
    with pytest.raises(ModelError, match="may not be read here"):
        load(path, within=())
    assert loads(f"extends: {path}\ntitle: Over\n").title == "Over"  # whoever works on a machine of their own reads all


def test_what_shows_when_a_game_is_compiled_is_told_with_what_is_wrong_elsewhere(folder: Path) -> None:
    """One round: a claim that is wrong does not keep from being told that an outcome cannot be reached."""
    wrong = BASE.replace("reply is yield}", "reply is yield and threat is wait}")
    claims = (
        "claims: {c: {says: x, holds: P(outcome is wart) > 0.5}}\nevidence: [{date: 2022-02-20, seen: threat is}]\n"
    )
    alone = compile_model(loads(wrong)).warnings
    assert alone
    with pytest.raises(ModelError) as caught:
        loads(wrong + claims)
    assert len(caught.value.problems) == 2
    found = checking.check(variant(folder, wrong + claims)).problems
    assert {p.message for p in (*alone, *caught.value.problems)} <= {p.message for p in found}


def test_no_object_of_the_program_is_ever_shown() -> None:
    """Whatever stands where something else was expected, messages speak of it as it is written."""
    strange = ["[1, 2]", "{a: b}", "cost +", "true", "2022-02-02", "''", "~", "1.5"]
    for line in BASE.splitlines():
        key, colon, _ = line.partition(": ")
        if not colon:
            continue
        for value in strange:
            text = BASE.replace(line, f"{key}: {value}") + f"evidence: [{{date: {value}, seen: {value}}}]\n"
            told = "\n".join(map(str, problems(text, Path("case.yaml"))))
            for shown in ("Formula(", "Evidence(", "datetime", "Number(", "Name(", "object at", "<class"):
                assert shown not in told


@pytest.mark.parametrize("name", ["", "  "])
def test_an_empty_name_of_a_case_is_told_as_such(name: str) -> None:
    with pytest.raises(ModelError, match="the name of the case is empty"):
        load(name)
