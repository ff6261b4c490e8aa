"""A part of a page inside somebody else's page: the style reaches nothing around it, and no name is used twice."""

from __future__ import annotations

import re
from functools import cache
from hashlib import blake2b
from importlib import resources

from detente.present.figures.drawing.svg import stylesheet
from detente.present.html.markup import Html, tag

ROOT = ".detente"
LIGHT = (
    '[data-jp-theme-light="true"]', ".vscode-light", '[data-theme="light"]', '[theme="light"]', "html.light",
    "body.light", '[data-md-color-scheme="default"]',
)  # fmt: skip
DARK = (
    '[data-jp-theme-light="false"]', ".vscode-dark", ".vscode-high-contrast", '[data-theme="dark"]', '[theme="dark"]',
    "html.dark", "body.dark", '[data-md-color-scheme="slate"]',
)  # fmt: skip
"""By what the pages of notebooks say which theme they have: JupyterLab, VS Code, Sphinx, Colab, marimo, Material. Where
nothing is said the reader's system decides."""
_NAME = re.compile(r'\bid="([^"]+)"')
_USES = re.compile(r'\b(aria-labelledby|aria-describedby|for)="([^"]+)"')
_LINK = re.compile(r'<a(?P<before>[^>]*?) href="#(?P<to>[^"]*)"(?P<after>[^>]*)>(?P<said>.*?)</a>', re.DOTALL)
_ROOT = re.compile(r":root\s*\{([^}]*)\}")
_MEDIA = re.compile(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_VARIABLE = re.compile(r"(--\w+):\s*([^;]+);")
_VALUE = re.compile(r"var\((--\w+)\)")
_UPPER = re.compile(r'(<text[^>]*class="up"[^>]*>)([^<]*)')


def embedded(content: Html) -> str:
    """Markup with its style, to stand in a page of somebody else. Equal content gives equal text.

    Names get a prefix made from the content; a link to what the page of a report would have, and this has not, is left
    as its words.
    """
    prefix = f"d{blake2b(content.encode('utf-8', 'replace'), digest_size=4).hexdigest()}-"
    there = set(_NAME.findall(content))

    def linked(found: re.Match[str]) -> str:
        if found["to"] not in there:
            return found["said"]
        return f'<a{found["before"]} href="#{prefix}{found["to"]}"{found["after"]}>{found["said"]}</a>'

    def used(found: re.Match[str]) -> str:
        return f'{found[1]}="{" ".join(prefix + name for name in found[2].split())}"'

    body = _LINK.sub(linked, content)
    body = _USES.sub(used, _NAME.sub(lambda found: f'id="{prefix}{found[1]}"', body))
    return str(
        tag("div", tag("style", Html(style())), Html(body), class_=ROOT[1:])
    )  # no `Html`: marimo takes plain text


@cache
def style() -> str:
    """The style of what stands in a notebook: that of the report's pictures, and of its tables, below one class."""
    light, dark, rules = colours()
    themed = [
        f"{ROOT} {{{light}color-scheme: light;}}",
        f"@media (prefers-color-scheme: dark) {{ {ROOT} {{{dark}color-scheme: dark;}} }}",
        f"{', '.join(f'{page} {ROOT}' for page in LIGHT)} {{{light}color-scheme: light;}}",
        f"{', '.join(f'{page} {ROOT}' for page in DARK)} {{{dark}color-scheme: dark;}}",
        f"@media print {{ {ROOT}{ROOT} {{{light}}} }}",
    ]
    pictures = re.sub(r"(?<![\w-])\.picture\b", f"{ROOT} .picture", rules)
    page = (resources.files("detente.present.html") / "notebook.css").read_text("utf-8")
    return "\n".join([*themed, pictures, page])


@cache
def colours() -> tuple[str, str, str]:
    """The style of pictures: the colours on light ground, those on dark ground, and the rules."""
    whole = stylesheet()
    light, dark = _ROOT.findall(whole)[:2]
    return light, dark, _ROOT.sub("", _MEDIA.sub("", whole)).strip()


def flat(svg: str) -> str:
    """The text of an SVG file with its colours, on light ground, written out: for what knows no variables of CSS."""
    light, _, rules = colours()
    of = dict(_VARIABLE.findall(light))
    plain = _VALUE.sub(lambda found: of[found[1]], rules).replace("font-weight: 650", "font-weight: bold")
    svg = _UPPER.sub(lambda found: found[1] + found[2].upper(), svg)
    return svg.replace(f"<style>{stylesheet()}</style>", f"<style>{plain}</style>")
