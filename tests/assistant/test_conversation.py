"""From a text to a checked model through the SDK's own client over standard input and output."""

from __future__ import annotations

import json
from pathlib import Path

import anyio
import pytest
from mcp import Client

import detente
from detente.model.coverage import coverage
from tests.assistant.conversation import TEXTS, TRANSCRIPT, _recorded, conversation, said, served

SEED = Path(__file__).parents[3] / "shared" / "article.txt"


def test_an_article_becomes_a_checked_model_as_in_the_transcript() -> None:
    found = anyio.run(_recorded)
    assert found == json.loads(TRANSCRIPT.read_text("utf-8"))


def test_every_sentence_of_the_article_is_covered_or_set_aside() -> None:
    for step in json.loads(TRANSCRIPT.read_text("utf-8")):
        assert not step.get("failed"), step
    (one,) = (c for c in coverage(detente.load(TEXTS / "niamey.yaml")) if c.unit == "sentence")
    assert len(one.paragraphs) == 27
    assert all(p.taken_up != bool(p.aside) for p in one.paragraphs)


@pytest.mark.skipif(not SEED.exists(), reason="the article of the flagship is not beside this checkout")
def test_the_article_of_the_flagship_becomes_a_checked_model() -> None:
    async def talk() -> None:
        async with Client(served()) as client:
            model = (TEXTS / "seed.yaml").read_text("utf-8")
            steps = await conversation(client, SEED.read_text("utf-8"), model, ("run", "claims", "statics"))
            assert "[35] " in steps[0]["said"]
            assert not any(step.get("failed") for step in steps), steps
            checked = steps[4]["said"]
            assert "28 of 35 sentences taken up, 7 set aside" in checked
            assert "error" not in checked
            assert "warning" not in checked
            assert "2 judgements to be confirmed by a person: quantities.rationality" in checked
            assert "least realistic" in steps[6]["said"]

    anyio.run(talk)


def test_every_question_of_the_registry_is_a_tool_that_says_what_it_takes() -> None:
    from detente.study.registry import declared, find

    async def talk() -> None:
        async with Client(served("--draws", "300")) as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            asked = declared().keys() - {"pool"}  # which is about files
            assert set(tools) == {"check", "draft", "read", *asked}
            for name in asked:
                question, schema = find(name), tools[name].input_schema
                needed = [p.name for p in question.parameters if p.required]
                assert schema["required"] == needed
                taken = {p.name for p in question.parameters if p.option.help or p.option.kinds}
                assert taken <= set(schema["properties"])
                assert not taken & {"case", "text", "name", "form", "draws", "seed", "set", "as_of"}
                if "draws" not in question.without:
                    assert schema["properties"]["draws"]["maximum"] == 300
                assert tools[name].annotations is not None
                assert tools[name].annotations.read_only_hint

    anyio.run(talk)


def test_what_can_be_read_is_there() -> None:
    async def talk() -> None:
        async with Client(served()) as client:
            addresses = [str(r.uri) for r in (await client.list_resources()).resources]
            assert "detente://cases/ukraine-2022" in addresses
            for uri in addresses:
                text = (await client.read_resource(uri)).contents[0].text  # type: ignore[union-attr]
                assert text == said(await client.call_tool("read", {"uri": uri}))[: len(text)]
            words = said(await client.call_tool("read", {"uri": "detente://language"}))
            assert "unconfirmed" in words

    anyio.run(talk)
