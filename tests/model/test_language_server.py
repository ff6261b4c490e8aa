"""The schema in an editor: YAML's language server, driven over its own protocol as an editor does.

Skipped, and counted, where the packages of `web/` are not installed (`npm ci --prefix web`).
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from detente.model.catalogue import library
from detente.model.editors import BEFORE, EXTENDS, json_schema
from detente.model.schema import Stage

NODE = shutil.which("node")
SERVER = Path(__file__).parents[2] / "web" / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
pytestmark = pytest.mark.skipif(not (NODE and SERVER.exists()), reason="no YAML language server in web/")
CASE = """title: A border
quantities:
  cost: {value: 0.5 to 2}
stages:
  reply:
    actor: South
"""


class Editor:
    """As much of an editor as these tests need."""

    def __init__(self, schema: Path) -> None:
        self.process = subprocess.Popen(
            [str(NODE), str(SERVER), "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.asked = 0
        self.line = f"# yaml-language-server: $schema={schema.as_uri()}\n"  # as docs/editors.md has it
        self.heard: list[dict[str, Any]] = []
        settings = {"yaml": {"schemaStore": {"enable": False}, "hover": True, "completion": True, "validate": True}}
        able = {"textDocument": {"publishDiagnostics": {}, "hover": {"contentFormat": ["markdown"]}},
                "workspace": {"configuration": False, "didChangeConfiguration": {}}}  # fmt: skip
        self.ask("initialize", {"processId": None, "rootUri": None, "capabilities": able})
        self.tell("initialized", {})
        self.tell("workspace/didChangeConfiguration", {"settings": settings})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def _next(self) -> dict[str, Any]:
        assert self.process.stdout
        length = 0
        while (line := self.process.stdout.readline().strip()) != b"":
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        assert length, "the language server has gone"
        message: dict[str, Any] = json.loads(self.process.stdout.read(length))
        if "id" in message and "method" in message:  # it asks the editor for something, of which there is nothing
            nothing = [None for _ in message["params"].get("items", ())] or None
            self._send({"id": message["id"], "result": nothing})
        return message

    def tell(self, method: str, params: dict[str, Any]) -> None:
        self._send({"method": method, "params": params})

    def ask(self, method: str, params: dict[str, Any]) -> Any:
        self.asked += 1
        self._send({"id": self.asked, "method": method, "params": params})
        while True:
            message = self._next()
            if message.get("id") == self.asked and "method" not in message:
                assert "error" not in message, message
                return message["result"]
            self.heard.append(message)

    def opened(self, name: str, text: str) -> list[dict[str, Any]]:
        """What it finds wrong in a file."""
        document = {"uri": f"file:///cases/{name}", "languageId": "yaml", "version": 1, "text": self.line + text}
        self.tell("textDocument/didOpen", {"textDocument": document})
        while True:
            message = self.heard.pop(0) if self.heard else self._next()
            if message.get("method") == "textDocument/publishDiagnostics":
                params = message["params"]
                if params["uri"] == document["uri"]:
                    return list(params["diagnostics"])

    def at(self, method: str, name: str, text: str, line: int, column: int) -> Any:
        self.opened(name, text)
        where = {"textDocument": {"uri": f"file:///cases/{name}"}, "position": {"line": line + 1, "character": column}}
        return self.ask(f"textDocument/{method}", where)


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    schema = tmp_path_factory.mktemp("schema") / "detente.json"
    schema.write_text(json.dumps(json_schema()), "utf-8")
    one = Editor(schema)
    yield one
    one.process.terminate()
    one.process.communicate(timeout=20)


def labels(found: Any) -> dict[str, str]:
    items = found["items"] if isinstance(found, dict) else found
    said = {item["label"]: item.get("documentation", "") for item in items}
    return {label: one["value"] if isinstance(one, dict) else one for label, one in said.items()}


@pytest.mark.parametrize("case", library())
def test_nothing_is_wrong_with_a_case(case: str, editor: Editor) -> None:
    assert editor.opened(f"{case}.yaml", library()[case]) == []


def test_keys_are_completed_and_explained(editor: Editor) -> None:
    found = labels(editor.at("completion", "stage.yaml", CASE + "    ", 6, 4))
    keys = {field.alias or name for name, field in Stage.model_fields.items()} - {"actor"}
    assert keys | {"before"} <= found.keys()
    assert found["before"] == BEFORE
    assert found["hidden_from"] == Stage.model_fields["hidden_from"].description
    assert labels(editor.at("completion", "root.yaml", "title: x\n", 1, 0))["extends"] == EXTENDS
    words = labels(editor.at("completion", "word.yaml", "title: x\nperception: \n", 1, 12))
    assert {"common", "private"} <= words.keys()


def test_keys_are_explained_where_the_pointer_rests(editor: Editor) -> None:
    for name, line, column, key in (("a", 5, 6, "actor"), ("b", 3, 2, "stages")):
        told = editor.at("hover", f"{name}.yaml", CASE, line, column)["contents"]["value"]
        shape = Stage if key == "actor" else None
        said = shape.model_fields[key].description if shape else "what happens, in order, in every period"
        assert said
        assert said in told.replace("\\", "")


def test_a_wrong_key_is_marked_at_its_place(editor: Editor) -> None:
    whole = library()["crisis-signalling"] + "\nclaim: {}\n"
    (wrong,) = editor.opened("wrong.yaml", whole)
    assert "claim" in wrong["message"]
    assert wrong["range"]["start"]["line"] == whole.count("\n")
