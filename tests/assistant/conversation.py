"""What an assistant does with an article: the same calls each time, through the SDK's own client.

`uv run python -m tests.assistant.conversation` writes the transcript of the article in `texts/` again.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anyio
from mcp import Client, StdioServerParameters

TEXTS = Path(__file__).with_name("texts")
TRANSCRIPT = TEXTS / "niamey.transcript.json"
DRAWS = 100
START = [sys.executable, "-c", "from detente.present.cli.start import main; main()", "mcp", "--no-store"]


def served(*options: str) -> StdioServerParameters:
    """The server as a client starts it, with a store of its own test where one is set."""
    store = {"DETENTE_STORE": os.environ["DETENTE_STORE"]} if "DETENTE_STORE" in os.environ else {}
    return StdioServerParameters(command=START[0], args=[*START[1:], *options], env=store)


def said(result: Any) -> str:
    """The text of an answer."""
    return "".join(part.text for part in result.content)


async def conversation(client: Client, article: str, model: str, questions: Sequence[str]) -> list[dict[str, Any]]:
    """From a text to a checked model that is asked: each step with what was sent and what came back.

    The assistant's part, the model, is written beforehand; first it sends the skeleton as it came.
    """
    steps: list[dict[str, Any]] = []

    async def call(tool: str, **arguments: Any) -> Any:
        result = await client.call_tool(tool, arguments)
        steps.append({"tool": tool, "given": arguments, "failed": bool(result.is_error), "said": said(result)})
        return result

    prompt = await client.get_prompt("article-to-model", {"article": article, "name": "niamey"})
    steps.append({"prompt": "article-to-model", "said": prompt.messages[0].content.text})
    await call("read", uri="detente://cases/crisis-signalling")
    drafted = await call("draft", article=article, name="niamey")
    await call("check", text=drafted.structured_content["skeleton"], name="niamey")
    checked = await call("check", text=model, name="niamey")
    for question in questions:
        await call(question, case=checked.structured_content["case"], draws=DRAWS)
    return steps


def settled(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without what is sent whole elsewhere, and what a machine adds: seconds and last digits."""
    made = json.loads(json.dumps(steps))
    for step in made:
        for name in ("article", "text"):
            if name in step.get("given", {}):
                step["given"][name] = f"({len(step['given'][name])} characters)"
        if step.get("tool") == "read":
            step["said"] = f"({len(step['said'])} characters)"
        step["said"] = re.sub(r"\d+(\.\d+)? s;", "... s;", step["said"])
        step["said"] = re.sub(r"largest residual \S+", "largest residual ...", step["said"])
    return made


async def _recorded() -> list[dict[str, Any]]:
    article, model = ((TEXTS / f"niamey.{kind}").read_text("utf-8") for kind in ("txt", "yaml"))
    async with Client(served()) as client:
        return settled(await conversation(client, article, model, ("run", "statics")))


if __name__ == "__main__":
    TRANSCRIPT.write_text(json.dumps(anyio.run(_recorded), indent=1, ensure_ascii=False) + "\n", "utf-8")
