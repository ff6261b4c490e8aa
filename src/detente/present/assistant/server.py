"""The server: tools, resources and the prompt, as the Model Context Protocol has them (modelcontextprotocol.io)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import mcp_types as types
from jsonschema import Draft202012Validator
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError

import detente
from detente.errors import DetenteError, ModelError, QuestionError, nearest
from detente.present.assistant import prompt
from detente.present.assistant.critic import CHECK, DRAFT, check, check_schema, draft, draft_schema
from detente.present.assistant.jobs import Jobs
from detente.present.assistant.reading import document, documents
from detente.present.assistant.tools import answer, question_schema
from detente.present.web.workspace import Work
from detente.study.registry import TOPICS, declared, find

Context = ServerRequestContext[Any, Any]
Answer = tuple[str, dict[str, Any] | None]
MOST_TOLD = 20  # mistakes of one call
log = logging.getLogger("detente.assistant")
INSTRUCTIONS = (
    "Detente turns an argument about an international crisis into a game that is solved over draws of its uncertain "
    "numbers. Begin with the prompt `article-to-model`, or read detente://article-to-model; send drafts to `check`."
)
READ = "Read the language, the guide, the glossary, the standards or a case of the library, by address."


@dataclass(frozen=True)
class Tool:
    """A tool: what it says and takes, and what answers it in a thread."""

    name: str
    title: str
    says: str
    schema: Mapping[str, Any]
    answer: Callable[[Work, Mapping[str, Any]], Answer]

    @cached_property
    def validator(self) -> Draft202012Validator:
        return Draft202012Validator(self.schema)

    def wrong(self, given: Mapping[str, Any]) -> str:
        """Everything that is wrong with what it was given, in words."""
        told = []
        for error in sorted(self.validator.iter_errors(given), key=lambda e: [str(step) for step in e.path]):
            where = ".".join(str(step) for step in error.path)
            said = f"{where}: {_said(error)}" if where else _said(error)
            told.append(said)
        if len(told) > MOST_TOLD:
            told[MOST_TOLD:] = [f"and {len(told) - MOST_TOLD} more"]
        return "\n".join(told)


def _said(error: Any) -> str:
    """What is wrong with one argument: never with more than a little of what was sent."""
    match error.validator:
        case "maxLength":
            return f"{len(error.instance):,} characters; at most {error.validator_value:,} are taken"
        case "additionalProperties":
            known = error.schema.get("properties", {})
            odd = next((name for name in error.instance if name not in known), "")
            return f"there is no argument {odd[:60]!r}; {nearest(odd[:60], known)}"
        case "enum":
            return f"expected one of {', '.join(map(str, error.validator_value))}"
        case "type":
            wanted = error.validator_value
            return f"expected {wanted if isinstance(wanted, str) else ' or '.join(wanted)}"
        case "minimum" | "maximum":
            return f"expected at {'least' if error.validator == 'minimum' else 'most'} {error.validator_value:,}"
        case _:
            return str(error.message)[:300]


def tools(jobs: Jobs) -> Mapping[str, Tool]:
    """Every tool, by name: the critic, the draft, what can be read, and every question of the registry."""
    budget = jobs.budget
    known = list(documents())
    reading = {
        "type": "object", "additionalProperties": False, "required": ["uri"],
        "properties": {"uri": {"type": "string", "enum": known}},
    }  # fmt: skip
    found = [
        Tool("check", "Check a model", CHECK, check_schema(budget), check),
        Tool("draft", "Begin a case from an article", DRAFT, draft_schema(budget), lambda _, given: draft(given)),
        Tool("read", "Read", READ, reading, lambda _, given: (document(given["uri"]).read(), None)),
    ]
    for name in declared():
        question = find(name)
        if question.parameters and question.parameters[0].option.names == "files":
            continue  # it is about files, and nobody names one from here

        def asked(work: Work, given: Mapping[str, Any], question: Any = question) -> Answer:
            return answer(question, work, given, budget)

        title = f"{TOPICS[question.topic]}: {name}"
        found.append(Tool(name, title, question.summary, question_schema(question, budget), asked))
    return {tool.name: tool for tool in found}


def server(jobs: Jobs) -> Server[Any]:
    """The server of one process."""
    known = tools(jobs)

    async def list_tools(_: Context, __: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        safe = types.ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
        return types.ListToolsResult(tools=[
            types.Tool(name=t.name, title=t.title, description=t.says, input_schema={**t.schema}, annotations=safe)
            for t in known.values()
        ])  # fmt: skip

    async def call_tool(context: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        given = params.arguments or {}
        tool = known.get(params.name)
        if tool is None:
            return _failed(f"there is no tool {params.name[:60]!r}; {nearest(params.name[:60], known)}")
        if wrong := tool.wrong(given):
            return _failed(wrong)
        try:
            text, data = await jobs.run(lambda work: tool.answer(work, given), context.session.report_progress)
        except ModelError as error:
            return _failed(_bounded("\n".join(map(str, error.problems)), jobs.budget.answer))
        except (DetenteError, OSError, UnicodeError) as error:
            return _failed(_bounded(str(error), jobs.budget.answer))
        except Exception:
            log.exception("the tool %s failed", params.name)
            return _failed("the server failed here; what it writes to standard error says where")
        if data is not None and len(text) > jobs.budget.answer:
            data = None
        most = jobs.budget.text if tool.name == "read" else jobs.budget.answer
        content = [types.TextContent(text=_bounded(text, most))]
        return types.CallToolResult(content=list(content), structured_content=data)

    async def list_resources(_: Context, __: types.PaginatedRequestParams | None) -> types.ListResourcesResult:
        return types.ListResourcesResult(resources=[
            types.Resource(uri=d.uri, name=d.title, description=d.says, mime_type=d.kind) for d in documents().values()
        ])  # fmt: skip

    async def read_resource(_: Context, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        try:
            found = document(str(params.uri))
        except QuestionError as error:
            raise MCPError(types.INVALID_PARAMS, str(error)) from None
        part = types.TextResourceContents(uri=found.uri, mime_type=found.kind, text=found.read())
        return types.ReadResourceResult(contents=[part])

    async def list_prompts(_: Context, __: types.PaginatedRequestParams | None) -> types.ListPromptsResult:
        arguments = [
            types.PromptArgument(name="article", description="The article as plain text.", required=True),
            types.PromptArgument(name="name", description="What the case is to be called.", required=False),
        ]
        one = types.Prompt(name=prompt.NAME, title=prompt.TITLE, description=prompt.SAYS, arguments=arguments)
        return types.ListPromptsResult(prompts=[one])

    async def get_prompt(_: Context, params: types.GetPromptRequestParams) -> types.GetPromptResult:
        if params.name != prompt.NAME:
            raise MCPError(types.INVALID_PARAMS, f"there is no prompt {params.name[:60]!r}; there is {prompt.NAME!r}")
        given = params.arguments or {}
        try:
            text = prompt.article_to_model(given.get("article", ""), given.get("name", "draft")[:60])
        except QuestionError as error:
            raise MCPError(types.INVALID_PARAMS, str(error)) from None
        message = types.PromptMessage(role="user", content=types.TextContent(text=text))
        return types.GetPromptResult(description=prompt.SAYS, messages=[message])

    return Server(
        "detente", version=detente.__version__, title="Detente", instructions=INSTRUCTIONS,
        on_list_tools=list_tools, on_call_tool=call_tool, on_list_resources=list_resources,
        on_read_resource=read_resource, on_list_prompts=list_prompts, on_get_prompt=get_prompt,
    )  # fmt: skip


def _failed(why: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(text=why)], is_error=True)


def _bounded(text: str, most: int) -> str:
    """A text, cut at the end of a line where it is too long, which is told."""
    if len(text) <= most:
        return text
    kept = text[:most].rpartition("\n")[0] or text[:most]
    return f"{kept}\n... {len(text) - len(kept):,} characters more are left out; ask for less"
