"""Base rates: counts against a table that is counted by hand, intervals against closed forms, distances by hand."""

from __future__ import annotations

import hashlib
import json
import math
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binomtest
from typer.testing import CliRunner

import detente
from detente.analyse.evidence.base_rates import jeffreys, wilson
from detente.analyse.evidence.conditions import judge
from detente.present.cli.app import app
from detente.study import fetched

TABLE = """\
case,year,opening,stakes,trade,violence
Harbour,1948,show of force,territory,12,none
Two Rivers,1951,show of force,territory,9,minor
Salt Pass,1955,attack,territory,2,war
Customs,1961,economic,influence,31,none
Ferry,1962,economic,influence,,none
Marshes,1967,show of force,existence,4,war
Old Fort,1983,show of force,territory,15,
Isthmus,1988,,existence,99,war
"""
WAR = "violence is war"
MODEL = """
title: t
answer: P(won)
actors: {A: a}
stages: {x: {actor: A, moves: [a, b]}}
outcomes: {won: {when: x is a}, drawn: otherwise}
payoffs: {A: {v: outcome is won}}
base_rates:
  - {class: shows of force, where: opening is "show of force", happened: violence is war, count: 1, of: 3}
  - {class: late, where: year >= 1955, happened: violence == "war", count: 2, of: 5}
  - {class: elsewhere, count: 1, of: 9}
"""
CRISES = Path(__file__).parents[3] / "shared" / "data" / "icb_system_core.csv"
there = pytest.mark.skipif(
    not CRISES.exists(), reason="the table of crises is not beside this checkout (icb_system_core.csv)"
)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    (tmp_path / "crises.csv").write_text(TABLE)
    return tmp_path / "crises.csv"


def counts(found: detente.study.base_rates.BaseRates) -> dict[str, tuple[int, int, int, int]]:
    return {c.rate.name: (c.rate.k, c.rate.n, c.rate.unjudged, c.rate.unplaced) for c in found.classes}


def said(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["base-rate", *words])
    assert done.exit_code == code, done.output
    return done.output if code else done.stdout


def test_classes_are_counted_and_what_is_missing_is_told(table: Path) -> None:
    found = detente.base_rates(
        table,
        {
            "force": "opening is show_of_force", "no attack": "opening is not attack", "trade": "trade < 10",
            "either": 'opening is "attack" or stakes in [existence]', "open": "opening is missing",
            "span": "not (year - 1940 < 15) and abs(trade - 10) <= 21", "all": "",
        },
        WAR,
    )  # fmt: skip
    assert counts(found) == {
        "force": (1, 3, 1, 1),  # Old Fort is not judged, Isthmus may be one
        "no attack": (1, 5, 1, 1),
        "trade": (2, 3, 0, 1),  # Ferry may be one
        "either": (3, 3, 0, 0),  # of Isthmus stakes decide, whatever its opening was
        "open": (1, 1, 0, 0),
        "span": (2, 3, 1, 1),
        "all": (3, 7, 1, 0),
    }  # fmt: skip
    assert found.shared == 8
    assert counts(detente.base_rates(table, ["stakes is territory"], WAR, since=1950, until=1960)) == {
        "stakes is territory and year >= 1950 and year <= 1960": (1, 2, 0, 0)
    }
    coded = detente.read_table(table, {"trade": ["99"], "opening": ["attack"]})
    assert counts(detente.base_rates(coded, ["trade > 20", "opening is economic"], WAR)) == {
        "trade > 20": (0, 1, 0, 2),
        "opening is economic": (0, 2, 0, 2),
    }


@given(st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_intervals_are_wilsons_and_jeffreys(counted: tuple[int, int]) -> None:
    k, n = counted
    theirs = binomtest(k, n).proportion_ci(0.95, method="wilson")
    assert wilson(k, n) == pytest.approx((theirs.low, theirs.high), abs=1e-12)
    posterior = beta(k + 0.5, n - k + 0.5)
    assert jeffreys(k, n) == pytest.approx((posterior.mean(), *posterior.ppf([0.025, 0.975])), rel=1e-9)
    low, high = wilson(k, n)
    for p in {low, high} - {0.0, 1.0}:  # the closed form: where the score test just rejects
        assert abs(k / n - p) / math.sqrt(p * (1 - p) / n) == pytest.approx(1.959964, rel=1e-6)


def test_the_mean_is_what_the_base_rate_of_a_case_counts_as(table: Path) -> None:
    (row,) = detente.base_rates(table, ["opening is show_of_force"], WAR).classes
    said = detente.score(detente.loads(MODEL + FORECAST), draws=1).forecasts
    (rate,) = [s for s in said if "shows" in s.event]
    assert rate.p == row.rate.mean == (1 + 0.5) / (3 + 1)


FORECAST = "forecasts: [{who: she, date: 2020-01-01, p: 0.5, event: it}]\n"


def test_the_nearest_cases_are_those_of_gower(table: Path) -> None:
    found = detente.base_rates(
        table, (), WAR, like="opening is show_of_force and stakes is existence and trade == 6", nearest=3
    )
    assert found.nearest
    extent = 99 - 2
    by_hand = {
        "Marshes": 1 - (1 + 1 + 1 - 2 / extent) / 3,
        "Isthmus": 1 - (1 + 1 - 93 / extent) / 2,  # nothing is known of its opening
        "Two Rivers": 1 - (1 + 0 + 1 - 3 / extent) / 3,
        "Harbour": 1 - (1 + 0 + 1 - 6 / extent) / 3,
        "Old Fort": 1 - (1 + 0 + 1 - 9 / extent) / 3,
        "Salt Pass": 1 - (0 + 0 + 1 - 4 / extent) / 3,
        "Customs": 1 - (0 + 0 + 1 - 25 / extent) / 3,
        "Ferry": 1.0,
    }
    nearest = sorted(by_hand, key=lambda name: by_hand[name])[:3]
    assert [(c.name, c.distance) for c in found.nearest.cases] == [
        (name, pytest.approx(by_hand[name], abs=1e-12)) for name in nearest
    ]
    assert nearest == ["Marshes", "Two Rivers", "Harbour"]
    assert [c.happened for c in found.nearest.cases] == [True, False, False]
    assert found.nearest.cases[0].values == {
        "opening": "show of force", "stakes": "existence", "trade": "4", "violence": "war"
    }  # fmt: skip
    assert (found.nearest.rate.k, found.nearest.rate.n, found.nearest.tied) == (1, 3, 0)
    tied = detente.base_rates(table, (), WAR, like="opening is show_of_force", nearest=1).nearest
    assert tied
    assert (tied.cases[0].name, tied.tied, tied.left_out) == ("Harbour", 3, 1)
    assert (tied.rate.k, tied.rate.n, tied.rate.unjudged) == (1, 3, 1)
    far = detente.base_rates(table, (), WAR, like="trade == 196", nearest=9).nearest
    assert far
    assert far.cases[-1].distance == pytest.approx(1.0)  # the range reaches to the case at hand


def test_what_is_wrong_is_told_at_once_with_what_to_write(table: Path) -> None:
    with pytest.raises(detente.QuestionError) as told:
        detente.base_rates(table, ["openin is attack and stakes is existance", "violence >= 3", "trade"], "year is")
    text = str(told.value)
    for words in (
        "has no column 'openin'\n    did you mean 'opening'?", "character 32: no case has stakes existance",
        "did you mean 'existence'?", "neither true nor false",
        "violence holds no numbers\n    it holds none, war, minor; write `violence is none`",
        "`year is`, character 8: found the end where a value of a table was expected",
    ):  # fmt: skip
        assert words in text, text
    for wrong, words in {
        "": "holds no cases", "a,b\n": "holds no cases", "a,b\n1\n1,2,3\n": "row 1 has 1 cells; expected 2\n",
        "a,a,\n1,2,3\n": "column 3 has no name", 'a,b\n"1,2\n': "is not a CSV table",
    }.items():  # fmt: skip
        table.write_text(wrong)
        with pytest.raises(detente.QuestionError, match=words):
            detente.read_table(table)
    with pytest.raises(detente.QuestionError, match="cannot be read: No such file"):
        detente.base_rates(table.with_name("none.csv"), (), WAR)
    with pytest.raises(detente.QuestionError, match="no table of cases is given, and none was fetched"):
        detente.base_rates(None, (), WAR)


def test_tables_are_read_as_they_come(table: Path) -> None:
    table.write_bytes('\ufeffcase;Trigger Year;x y\n Åland ;1920; a  b \n\n"B;C";.;NA\n'.encode())
    read = detente.read_table(table)
    assert {name: c.cells for name, c in read.columns.items()} == {
        "case": ("Åland", "B;C"), "Trigger Year": ("1920", None), "x y": ("a b", None)
    }  # fmt: skip
    assert read.years is not None
    (found,) = judge(read, ["trigger_year < 1930 and x_y == 'a b'"])
    assert found.judged == (True, None)
    table.write_bytes("case\tn\nÅland\t1e3\n".encode("latin-1"))
    read = detente.read_table(table)
    assert read.columns["n"].numbers == (1000.0,)
    assert [c.judged for c in judge(read, ["n is 1000", "n == 1000", "n >= 1001", "n not in [1000]"])] == [
        (True,), (True,), (False,), (False,)
    ]  # fmt: skip


def test_the_classes_of_a_case_are_counted_anew(table: Path) -> None:
    model = table.with_name("won.yaml")
    model.write_text(MODEL)
    told = json.loads(said(str(model), "--table", str(table), "--json", code=1))
    assert [(c["class"], c["k"], c["n"], c["written"], c["agrees"]) for c in told["classes"]] == [
        ("shows of force", 1, 3, {"count": 1, "of": 3}, True), ("late", 3, 5, {"count": 2, "of": 5}, False),
    ]  # fmt: skip
    assert told["uncounted"] == ["elsewhere"]
    assert told["table"]["sha256"] == hashlib.sha256(TABLE.encode()).hexdigest()
    assert any("the case says 2 of 5, the table has 3 of 5" in remark for remark in told["remarks"])
    model.write_text(MODEL.replace("count: 2, of: 5", "count: 3, of: 5"))
    assert "in the case" in said(str(model), "--table", str(table))
    assert not detente.check(str(model)).problems
    written = yaml.safe_load(
        said(
            "--table", str(table), "--where", "military (all): opening is 'show of force'", "--happened", WAR, "--yaml"
        )
    )
    mine = {"class": "military (all)", "where": "opening is 'show of force'", "happened": WAR, "count": 1, "of": 3}
    assert written == {"base_rates": [mine]}
    detente.loads(MODEL.partition("base_rates")[0] + yaml.safe_dump(written))  # can be written in a case


def test_columns_and_their_values_are_shown(table: Path) -> None:
    assert "9 cases" not in said("--table", str(table))
    form = json.loads(said("--table", str(table), "--columns", "Opening", "--columns", "trade", "--json"))["columns"]
    assert [(c["column"], c["numbers"], c["missing"]) for c in form] == [("opening", False, 1), ("trade", True, 1)]
    assert form[0]["values"][0] == {"value": "show of force", "count": 4}
    assert [v["value"] for v in form[1]["values"]] == ["2", "4", "9", "12", "15", "31", "99"]
    assert "did you mean 'stakes'" in said("--table", str(table), "--columns", "stake", code=2)
    assert "write NAME=CODE" in said("--table", str(table), "--missing", "trade", code=2)


def test_the_command_answers_as_the_function(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ["--table", str(table), "--where", "opening is attack", "--where", "stakes is territory", "--happened", WAR]
    form = json.loads(said(*asked, "--since", "1950", "--like", "trade == 5", "--nearest", "2", "--json"))
    found = detente.base_rates(
        table, ["opening is attack", "stakes is territory"], WAR, since=1950, like="trade == 5", nearest=2
    )
    for told, c in zip(form["classes"], found.classes, strict=True):
        assert {k: told[k] for k in ("class", "n", "k", "mean", "low", "high")} == {
            "class": c.rate.name, "n": c.rate.n, "k": c.rate.k, "mean": c.rate.mean, "low": c.rate.low,
            "high": c.rate.high,
        }  # fmt: skip
    assert found.nearest
    assert [c["name"] for c in form["nearest"]["cases"]] == [c.name for c in found.nearest.cases]
    pages = []
    for width in ("60", "120"):
        monkeypatch.setenv("COLUMNS", width)
        pages.append({word.rstrip(":") for word in said(*asked, "--like", "trade == 5", "--nearest", "2").split()})
    assert pages[0] == pages[1]  # nothing is cut


def test_a_table_is_fetched_when_asked_for_and_told(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = table.with_name("none.csv").as_uri()
    assert "cannot be fetched from" in said("--fetch", "--from", wrong, code=2)
    assert "not an address to fetch from" in said("--fetch", "--from", "ftp://a/b.csv", code=2)
    monkeypatch.setattr(fetched, "HOME", table.as_uri())
    assert "is not the table that was there" in said("--fetch", code=2)
    assert not fetched._place().exists()
    done = CliRunner().invoke(app, ["base-rate", "--fetch", "--from", table.as_uri()])
    digest = hashlib.sha256(TABLE.encode()).hexdigest()
    assert done.exit_code == 0
    assert all(word in done.stderr for word in (table.as_uri(), digest, str(fetched._place())))
    form = json.loads(said("--happened", WAR, "--json"))  # what was fetched is there
    assert (form["table"]["url"], form["table"]["sha256"]) == (table.as_uri(), digest)
    assert form["classes"][0]["k"] == 3
    monkeypatch.setattr(fetched, "SHA256", digest)
    assert detente.fetch_table().sha256 == digest
    fetched._place().write_text("other,table\n1,2\n")
    assert "url" not in json.loads(said("--json"))["table"]  # nobody knows where that is from


@pytest.mark.parametrize(("status", "promised", "words"), [(404, 0, "Not Found"), (200, 99999, "broke off")])
def test_what_a_server_does_not_give_is_told(status: int, promised: int, words: str) -> None:
    class Refusing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(promised or len(TABLE)))
            self.end_headers()
            self.wfile.write(TABLE.encode())

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Refusing) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        with pytest.raises(detente.QuestionError, match=words):
            detente.fetch_table(f"http://127.0.0.1:{server.server_port}/a.csv")
        thread.join()
    assert not fetched._place().exists()


@there
def test_the_classes_of_international_crisis_behavior() -> None:
    peaceful = 'trigger not in ["Violent act", "Indirect violent act"]'
    found = detente.base_rates(
        CRISES,
        {
            "every crisis": "", "opened without violence": f"{peaceful} and trigger_year >= 1946",
            "military": 'trigger is "Non-violent military act" and trigger_year >= 1946',
            "existence": f"{peaceful} and gravity is Threat_to_existence",
        },
        "violence is Full_scale_war",
    )  # fmt: skip
    assert counts(found) == {  # version 16; one crisis (Ukraine 2022) is not coded yet
        "every crisis": (109, 511, 1, 0),
        "opened without violence": (18, 201, 0, 1),
        "military": (2, 59, 0, 1),
        "existence": (14, 29, 0, 1),
    }
    assert found.table.sha256 == fetched.SHA256
