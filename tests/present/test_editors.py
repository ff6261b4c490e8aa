"""The schema of the language for editors: every case validates, what is wrong is marked, and yaml-language-server
completes, explains and marks with it. One source with the completion of the workbench."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import pytest
from jsonschema import Draft7Validator
from typer.testing import CliRunner

from detente.model import yaml
from detente.model.catalogue import library
from detente.present.cli.app import app
from detente.present.editors import language_schema
from detente.present.web.editing.words import keys_at
from tests.docs.pages import BLOCK, ROOT
from tests.workbench.crisis import CRISIS

SERVER = ROOT / "web" / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
needs_server = pytest.mark.skipif(
    not SERVER.is_file() or shutil.which("node") is None, reason="no yaml-language-server to edit with"
)
SLOW = 60.0  # seconds, on a machine that has much else to do


def data(text: str, name: str = "case.yaml") -> Any:
    """The data of a text as another reader of YAML has them: a date is a text."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {str(key): plain(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [plain(inner) for inner in value]
        return str(value) if isinstance(value, dt.date) else value

    return plain(yaml.read(text, name).data)


@pytest.fixture(scope="module")
def validator() -> Draft7Validator:
    schema = language_schema()
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema)


def test_every_case_of_the_library_validates(validator: Draft7Validator) -> None:
    wrong = {slug: [e.message for e in validator.iter_errors(data(text, slug))] for slug, text in library().items()}
    assert {slug: told for slug, told in wrong.items() if told} == {}
    assert validator.is_valid(data(CRISIS))


def test_every_case_on_the_pages_validates(validator: Draft7Validator) -> None:
    cases = [
        (page.name, found)
        for page in sorted((ROOT / "docs").glob("*.md"))
        for kind, body in BLOCK.findall(page.read_text("utf-8"))
        if kind == "yaml" and isinstance(found := data(body), dict) and {"stages", "title"} <= found.keys()
    ]
    assert len(cases) > 3
    for page, found in cases:
        assert [e.message for e in validator.iter_errors(found)] == [], page


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("question: Will", "questin: Will"),
        ("mechanism: appetite}", "mechnism: appetite}"),
        ("role: precision, source", "roll: precision, source"),
        ("actor: A, periods: 1", "actr: A, periods: 1"),
        ("weight: 0.3, means", "weight: 0.3, mean"),
        ("hit: {when: act is hit", "hit: {when: [act is hit]"),
        ("weight: 0.3, means", "weigth: 0.3, means"),
        ("payoffs: {A: {bold", "payofs: {A: {bold"),
        ("count: 1, of: 9", "count: 1, off: 9"),
        ("title: A crisis at sea\n", ""),
    ],
)
def test_what_is_wrong_does_not_validate(validator: Draft7Validator, old: str, new: str) -> None:
    if old not in CRISIS:
        pytest.fail(f"{old!r} is not in the case")
    assert not validator.is_valid(data(CRISIS.replace(old, new)))


def test_keys_and_what_they_mean_are_those_of_the_workbench() -> None:
    made = language_schema()["definitions"]
    places: dict[str, tuple[str | int, ...]] = {
        "Model": (), "Quantity": ("quantities", "x"), "Stage": ("stages", "s"), "Term": ("payoffs", "A", "t"),
        "Claim": ("claims", "c"), "Outcome": ("outcomes", "o"), "PrivateType": ("private", "A.t"),
        "Evidence": ("evidence", 0), "Structure": ("structures", "s"), "Source": ("sources", "s"),
    }  # fmt: skip
    for name, path in places.items():
        told = {key: field["description"] for key, field in made[name]["properties"].items()}
        assert told == dict(keys_at(path)), name
        assert all(told.values()), name


def test_the_command_writes_it(tmp_path: Path) -> None:
    printed = CliRunner().invoke(app, ["schema"])
    assert json.loads(printed.stdout) == language_schema()
    file = tmp_path / "new" / "detente.json"
    assert CliRunner().invoke(app, ["schema", str(file)]).exit_code == 0
    assert json.loads(file.read_text("utf-8")) == language_schema()


# ----------------------------------------------------------------------------------------------------------- the server


@dataclass(eq=False)
class Editor:
    """An editor that speaks with a language server over its standard input and output."""

    process: subprocess.Popen[bytes]
    schema: str
    told: Queue[dict[str, Any]] = field(default_factory=Queue)
    marks: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    asked: int = 0

    def listen(self) -> None:
        out = self.process.stdout
        assert out is not None
        while head := out.readline():
            length = 0
            while head.strip():
                if head.lower().startswith(b"content-length:"):
                    length = int(head.split(b":")[1])
                head = out.readline()
            self.told.put(json.loads(out.read(length)))

    def send(self, **message: Any) -> None:
        raw = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(raw) + raw)
        self.process.stdin.flush()

    def until(self, done: Any) -> dict[str, Any]:
        """Take what the server says, answer what it asks, and stop at what is waited for."""
        while True:
            try:
                said = self.told.get(timeout=SLOW)
            except Empty:
                pytest.fail("the language server says nothing")
            if said.get("method") == "workspace/configuration":
                yaml_ = {"schemas": {}, "completion": True, "hover": True, "validate": True,
                         "schemaStore": {"enable": False}}  # fmt: skip
                self.send(
                    id=said["id"], result=[yaml_ if i.get("section") == "yaml" else {} for i in said["params"]["items"]]
                )
            elif "id" in said and "method" in said:
                self.send(id=said["id"], result=None)
            elif said.get("method") == "textDocument/publishDiagnostics":
                self.marks[said["params"]["uri"]] = said["params"]["diagnostics"]
            if done(said):
                return said

    def ask(self, method: str, **params: Any) -> Any:
        self.asked += 1
        self.send(id=self.asked, method=method, params=params)
        return self.until(lambda said: said.get("id") == self.asked and "method" not in said)["result"]

    def open(self, name: str, text: str) -> tuple[str, list[dict[str, Any]]]:
        """A file with the line that names the schema; the marks under it."""
        uri = f"file:///cases/{name}.yaml"
        whole = f"# yaml-language-server: $schema={self.schema}\n{text}"
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": whole}
        self.send(method="textDocument/didOpen", params={"textDocument": document})
        self.until(
            lambda said: said.get("method") == "textDocument/publishDiagnostics" and said["params"]["uri"] == uri
        )
        return uri, self.marks[uri]

    def at(self, method: str, name: str, text: str) -> Any:
        """Ask about the place of `^` in a text."""
        before, _, after = text.partition("^")
        uri, _ = self.open(name, before + after)
        line = before.count("\n") + 1
        position = {"line": line, "character": len(before.rpartition("\n")[2])}
        return self.ask(f"textDocument/{method}", textDocument={"uri": uri}, position=position)


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    file = tmp_path_factory.mktemp("schema") / "detente.json"
    file.write_text(json.dumps(language_schema()), "utf-8")
    with subprocess.Popen(
        ["node", str(SERVER), "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        one = Editor(process, file.as_uri())
        threading.Thread(target=one.listen, daemon=True).start()
        capabilities = {"workspace": {"configuration": True}, "textDocument": {
            "completion": {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}},
            "hover": {"contentFormat": ["markdown"]}}}  # fmt: skip
        one.ask("initialize", processId=None, rootUri=None, capabilities=capabilities)
        one.send(method="initialized", params={})
        yield one
        process.kill()


@needs_server
def test_a_server_completes_keys_and_says_what_they_are(editor: Editor) -> None:
    found = editor.at("completion", "keys", CRISIS.replace("question: Will they strike?\n", "que^\n"))
    told = {item["label"]: item for item in found["items"]}
    assert {"question", "signs"} <= told.keys()
    assert keys_at(())["question"] in json.dumps(told["question"], ensure_ascii=False)
    inner = editor.at("completion", "inner", "quantities:\n  cost:\n    value: 0.5 to 1\n    ^\n")
    labels = {item["label"] for item in inner["items"]}
    assert set(keys_at(("quantities", "x"))) - {"value"} <= labels
    words = editor.at("completion", "words", "perception: ^\n")
    assert {"common", "private"} <= {item["label"] for item in words["items"]}


@needs_server
@pytest.mark.parametrize(
    ("text", "path", "key"),
    [
        ("as_^of: 2024-01-20\n", (), "as_of"),
        ("quantities:\n  cost:\n    bec^ause: it is so\n", ("quantities", "x"), "because"),
        ("stages:\n  act:\n    toge^ther_with: sign\n", ("stages", "s"), "together_with"),
        ("claims:\n  c:\n    hol^ds: P(war) > 0.5\n", ("claims", "c"), "holds"),
    ],
)
def test_a_server_explains_a_key(editor: Editor, text: str, path: tuple[str, ...], key: str) -> None:
    found = editor.at("hover", f"hover-{key}", text)
    told = found["contents"]["value"].replace("\\", "")
    assert keys_at(path)[key][:40].replace("`", "") in told.replace("`", "").replace("&nbsp;", " ")


@needs_server
def test_a_server_marks_a_wrong_key_where_it_stands(editor: Editor) -> None:
    _, none = editor.open("right", CRISIS)
    assert none == []
    _, marks = editor.open("wrong", CRISIS.replace("actor: A, periods: 1", "actr: A, periods: 1"))
    (mark,) = marks
    assert "actr" in mark["message"]
    line = CRISIS[: CRISIS.index("actor: A, periods: 1")].count("\n") + 1
    assert mark["range"]["start"]["line"] == line


@needs_server
def test_a_server_finds_nothing_wrong_with_the_library(editor: Editor) -> None:
    wrong = {slug: marks for slug, text in library().items() if (marks := editor.open(slug, text)[1])}
    assert {slug: [m["message"] for m in marks] for slug, marks in wrong.items()} == {}
