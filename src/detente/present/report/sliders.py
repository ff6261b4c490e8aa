"""Sliders inside a report: solved draws that are reweighted by one script of the page, from a file, with nobody asked.

What the page shows without the script is the case as it is written. What the script needs stands in a `template`, which
is no script to any policy, and escaped like all text of a model.
"""

from __future__ import annotations

import base64
import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from detente.analyse.forecast.claims import VERDICTS as BOUNDS
from detente.analyse.forecast.claims import verdict
from detente.analyse.sensitivity.reweighting import KISH, LEAST
from detente.analyse.sensitivity.reweighting import REFERENCE as OWEN
from detente.arrays import Bools, Floats
from detente.draws.beliefs import CHANCES, STRUCTURE
from detente.draws.sources import SEEN_BY
from detente.errors import QuestionError
from detente.model.schema import Model
from detente.present.html.cite import cited
from detente.present.html.markup import Content, Html, join, scrolled, tag, typed, verbatim
from detente.present.html.numbers import data, interval
from detente.present.html.palette import VERDICTS, colour
from detente.present.html.section import Section
from detente.present.wording.answer import drawn, in_words, level
from detente.present.wording.evidence import known_when
from detente.present.wording.names import assumed, outcome_means, unit
from detente.present.wording.numbers import counted, number, percent, prose, sentence, span, words
from detente.study.portable import SCALES, Handle, Portable
from detente.study.registry import find
from detente.study.study import Study
from detente.study.supposing import Supposed

KEPT = ("--set", "--only", "--without", "--as-of", "--perception", "--method")
STEPS = 200
BAR = 180.0


@cache
def script() -> str:
    """The script of the sliders, as it was built. Raises QuestionError where it is missing."""
    place = resources.files("detente.present.web") / "assets" / "offline.js"
    if not place.is_file():
        raise QuestionError("the script of the sliders is not built; run `npm ci && npm run build` in web/")
    return place.read_text("utf-8").strip()


@dataclass(frozen=True, eq=False)
class Sliders:
    """The sliders of a report. `command` made the study."""

    study: Study
    command: str = ""

    @cached_property
    def portable(self) -> Portable:
        return Portable.of(self.study)

    @cached_property
    def found(self) -> Supposed:
        """The case as it is written."""
        return self.portable.supposing.at({})

    @property
    def model(self) -> Model:
        return self.study.model

    @cached_property
    def section(self) -> Section:
        """The part of the page; it says so where there is nothing to move."""
        if not self.portable.handles:
            said = "This case has no sliders: no quantity is one source of uncertainty with a best guess."
            return Section("sliders", "If you believe otherwise", tag("p", said))
        kept, n = self.portable.n, self.study.n
        which = counted(n, "draw") if kept == n else f"first {kept:,} of {n:,} draws"
        about = (
            "Move a best guess, and read the forecast that follows. Nothing is solved and nothing is sent: the "
            f"{which} of this report are reweighted in this page, as if they had been drawn under what you believe. "
            "A range keeps its width; all else stays as it is."
        )
        needs = "To move them, the page needs its one script, which does not run here; this is the case as written."
        return Section("sliders", "If you believe otherwise", [
            tag("p", about),
            tag("p", needs, class_="warning", id="sl-needs"),
            tag("div", self._sentence, self._controls, self._results, class_="supposing"),
            tag("p", f"Method: {OWEN}; what draws are worth: {KISH}.", class_="small"),
            tag("template", verbatim(json.dumps(self.data, separators=(",", ":"))), id="sl-data"),
        ])  # fmt: skip

    # ------------------------------------------------------------------ what can be moved

    @property
    def _controls(self) -> Html:
        moved = [self._control(k, handle) for k, handle in enumerate(self.portable.handles)]
        back = tag("button", "All as written", type="button", id="sl-back", disabled=True)
        return tag("form", tag("h3", "What it rests on"), moved, back, id="sl-form", class_="sliders", hidden=True)

    def _control(self, k: int, handle: Handle) -> Html:
        slider = handle.slider
        label = words(assumed(slider.name))
        name = sentence(label).removesuffix(".")
        told, key = f"{label} as written", f"sl-{k}-name"
        undo = tag("button", "↺", type="button", class_="mini", aria_label=told, data_back=k, hidden=True)
        head = tag("p", tag("label", name, for_=f"sl-{k}", id=key), undo, class_="name")
        moves = self._few(k, handle, label) if slider.kind == CHANCES else self._number(k, handle, label)
        return tag("div", head, moves, self._about(handle), class_="slider", role="group", aria_labelledby=key)

    def _number(self, k: int, handle: Handle, label: str) -> Content:
        s, chance = handle.slider, handle.slider.kind == STRUCTURE
        low, high = repr(s.low), repr(s.high)
        step = repr((s.high - s.low) / STEPS)
        line = tag(
            "div",
            tag("input", type="range", id=f"sl-{k}", value=repr(s.now), step=step, min=low, max=high, data_slider=k),
            tag(
                "input",
                type="text",
                inputmode="decimal",
                autocomplete="off",
                value=f"{s.now:.4g}",
                aria_label=f"{label}, as a number",
                min=low,
                max=high,
                data_slider=k,
            ),
            class_="line",
        )
        ends = ("absent", "present") if chance else (number(s.low), number(s.high))
        now = percent(s.now) if chance else f"{number(s.now)} {unit(self.model, s.name)}".rstrip()
        told = "likely: " if chance else "best guess: "
        out = tag("output", told, tag("span", now), tag("span", class_="was"), for_=f"sl-{k}")
        wrong = tag("p", class_="small wrong", role="alert")
        return [line, wrong, tag("p", tag("span", ends[0]), out, tag("span", ends[1]), class_="small ends")]

    def _few(self, k: int, handle: Handle, label: str) -> Content:
        items = []
        for i, c in enumerate(handle.slider.chances):
            value, key = number(c.value), f"sl-{k}" if i == 0 else f"sl-{k}-{i}"
            moved = tag(
                "input", type="range", id=key, min=0, max=1, step=0.01, value=repr(c.before), data_slider=k,
                data_value=i, aria_label=f"{label}: how likely {value} is",
            )  # fmt: skip
            items.append(tag("li", tag("label", value, for_=key), moved, tag("output", percent(c.before), for_=key)))
        return tag("ul", items, class_="chances")

    def _about(self, handle: Handle) -> Html:
        slider, model = handle.slider, self.model
        quantity, _, actor = slider.name.partition(SEEN_BY)
        about = model.quantities[quantity].seen_by[actor] if actor else model.quantities[quantity]
        parts: list[Content] = [tag("p", "As written: ", tag("code", verbatim(slider.written)))]
        parts += [tag("p", slider.because)] if slider.because else []
        parts += [tag("p", "Source: ", cited(model, about.source))] if about.source else []
        if handle.index is not None:
            share = percent(handle.index)
            parts.append(tag("p", f"By itself it explains {share} of the uncertainty about the answer."))
        if handle.joined:
            others = ", ".join(words(assumed(name)) for name in handle.joined)
            parts.append(tag("p", f"Correlated with {others}: left as it is when this is moved."))
        return tag("details", tag("summary", slider.means or "What it is"), parts)

    # ------------------------------------------------------------------ what follows

    @property
    def _results(self) -> Html:
        few = tag("div", self._anew, id="sl-few", class_="warning", hidden=True)
        worth = tag("p", f"{counted(self.portable.n, 'draw')}.", class_="small", id="sl-worth")
        notes = list(self.found.notes) + (
            ["best guesses are those before the evidence, which is taken in as it was"] if self._dated else []
        )
        said = tag("ul", [tag("li", prose(note)) for note in notes], class_="small") if notes else ""
        body = tag("div", self._endings, self._claims, id="sl-found")
        return tag("div", few, body, worth, said, class_="found")

    @property
    def _dated(self) -> bool:
        return self.model._updated is not None

    @property
    def _anew(self) -> Content:
        """The command that solves again what weights cannot tell."""
        if self._dated:
            return tag("p", "Draws given evidence are not drawn again: move best guesses less, or take more draws.")
        copy = tag("button", "Copy", type="button", id="sl-copy")
        line = tag("div", typed(" ".join(filter(None, self._again))), copy, id="sl-again")
        return [tag("p", "Solve it again, under what you believe:"), line]

    @cached_property
    def _again(self) -> tuple[str, str]:
        """The command line that solves again, before and after what is believed."""
        return again(self.study, self.command)

    @property
    def _sentence(self) -> Html:
        model, whole = self.model, self.found.whole
        if whole.answer is not None and model.answer is not None:
            f, said = whole.answer.after, sentence(in_words(model)).removesuffix(".")
        else:
            f = max((d.after for d in whole.outcomes.values()), key=lambda one: one.value)
            said = _likeliest(model, f.name)
        spread = f" ({span(f)} in 90% of draws)" if self._chance else ""
        told = tag(
            "p", tag("span", f"{said}: ", id="sl-said"), tag("b", data(f.value, level(model, f)), id="sl-level"),
            tag("span", spread, id="sl-span"), f", {known_when(model)}. ", tag("span", id="sl-was"),
            id="sl-sentence",
        )  # fmt: skip
        few = tag("p", id="sl-told", hidden=True)
        return tag("div", told, few, class_="head", aria_live="polite", aria_atomic="true")

    @property
    def _chance(self) -> bool:
        """Whether what is asked is a probability."""
        return self.model.answer is None or drawn(self.model)

    @property
    def _endings(self) -> Html:
        names = list(self.found.whole.outcomes)
        left, rows = dict.fromkeys(names), list[Html]()
        groups = list(self.found.whole.groups)
        for group, members in self.model.groups.items():
            if group in groups and len(groups) > 1:
                rows.append(self._row(len(names) + groups.index(group), group, True))
            there = [name for name in members if name in left]
            for name in sorted(there, key=lambda n: -self.found.whole.outcomes[n].after.value):
                rows.append(self._row(names.index(name), name))
                del left[name]
        rows += [self._row(names.index(name), name) for name in left]
        heads = [
            tag("th", said, scope="col", class_=side, id=key)
            for said, side, key in (
                ("outcome", None, None), ("from 0", None, "sl-scale"), ("probability", "n", None),
                ("90% of draws", "n", None), ("moved by", "n", None),
            )
        ]  # fmt: skip
        head = tag("tr", heads)
        caption = "How likely each outcome is: mean and 90% interval; a ring stands at what it is as written."
        whole = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", rows), class_="endings")
        return scrolled(whole, "how likely each outcome is")

    def _row(self, k: int, name: str, group: bool = False) -> Html:
        d = self.found.whole.groups[name] if group else self.found.whole.outcomes[name]
        means = "" if group else outcome_means(self.model, name)
        told = [tag("b", words(name)), tag("span", means, class_="small") if means else ""]
        bar = tag(
            "svg", tag("rect", y=3, height=12, width=0, class_=colour(self.model, name), fill_opacity=0.85),
            tag("path", class_="whisker", fill="none"), tag("circle", r=4, cy=9, class_="ring"),
            viewBox=f"-5 0 {BAR + 10:g} 18", width=BAR + 10, height=18, class_="picture bar", aria_hidden="true",
        ) if not group else ""  # fmt: skip
        cells = [
            tag("td", bar),
            tag("td", data(d.after.value, percent(d.after.value, d.after.error)), class_="n"),
            tag("td", interval(d.after), class_="n"),
            tag("td", class_="n"),
        ]
        return tag("tr", tag("th", told, scope="row"), cells, data_row=k, class_="group" if group else None)

    @property
    def _claims(self) -> Html:
        if not self.found.verdicts:
            return Html("")
        first, items = len(self.portable.supposing.base.rows.values) - len(self.found.verdicts), []
        for k, (name, v) in enumerate(self.found.verdicts.items()):
            word = verdict(v.share.value) if v.share.draws else "not judged"
            share = [data(v.share.value, percent(v.share.value, v.share.error)), " of draws"] if v.share.draws else ""
            items.append(tag(
                "li",
                tag("p", tag("b", "The conclusion: ") if k == 0 else "", prose(v.says or words(name)), class_="says"),
                tag("p", tag("span", word, class_=f"chip {VERDICTS.get(word, 'k3')}"), " ", tag("span", class_="was"),
                    " ", tag("span", share, class_="share")),
                class_="verdict", data_row=first + k,
            ))  # fmt: skip
        return join([tag("h3", "What holds then"), tag("ul", items, class_="verdicts")])

    # ------------------------------------------------------------------ what the script reads

    @property
    def data(self) -> dict[str, Any]:
        """Everything the script needs, as JSON has it; numbers over draws as base64 of little-endian floats."""
        p, model = self.portable, self.model
        s, rows = p.supposing, p.rows
        o, g, c = len(s.outcomes), len(s.groups), len(s.claims)
        claims = rows[len(rows) - c :]
        blocks = p.blocks
        return {
            "draws": p.n, "least": LEAST, "outcomes": o, "asks": bool(s.asks), "claims": c,
            "groups": [[s.outcomes.index(name) for name in of] for of in s.groups.values()],
            "rows": _floats(np.concatenate([rows[:o], rows[o + g : len(rows) - c]])),
            "known": _bits(~np.isnan(claims)), "held": _bits(claims == 1),
            "mixed": _floats(p.mixed), "gram": p.gram.tolist(),
            "blocks": [
                {"there": _bytes(there), "likely": _floats(likely), "count": len(likely)}
                for there, likely in blocks.values()
            ],
            "sliders": [self._handle(handle, list(blocks)) for handle in p.handles],
            "chance": self._chance, "likeliest": [_likeliest(model, n) for n in s.outcomes] if not s.asks else [],
            "verdicts": [[bound, word, VERDICTS[word]] for bound, word in BOUNDS],
            "again": None if self._dated else self._again, "bar": BAR,
        }  # fmt: skip

    def _handle(self, handle: Handle, blocks: Sequence[str]) -> dict[str, Any]:
        slider, curve = handle.slider, handle.curve
        numbers = self.portable.numbers
        return {
            "name": slider.name, "kind": slider.kind, "now": slider.now,
            "unit": "" if slider.kind == STRUCTURE else unit(self.model, slider.name),
            "scale": SCALES.index(curve.scale) if curve else 0,
            "x": [float(f"{x:.14g}") for x in curve.x] if curve else [],
            "ends": curve.scores[[0, -1]].tolist() if curve else [],
            "row": numbers.index(slider.name) if curve else -1,
            "values": [c.value for c in slider.chances], "chances": [c.before for c in slider.chances],
            "drawn": _bytes(handle.drawn[: self.portable.n]) if handle.drawn is not None else "",
            "block": blocks.index(handle.block) if handle.block else -1,
            "present": handle.present.astype(int).tolist() if handle.present is not None else [],
        }  # fmt: skip


def again(study: Study, command: str) -> tuple[str, str]:
    """The command line that solves a study again where something else is believed, before and after the beliefs: with
    the case and the settings of the command that made it."""
    try:
        given = shlex.split(command)[1:]
    except ValueError:
        given = []
    name, kept = study.model.name, list[str]()
    case = next((word for word in given[1:] if name and name in (word, Path(word).stem)), name or "CASE")
    for k, word in enumerate(given):
        option, equals, _ = word.partition("=")
        if option in KEPT and (option != "--only" or given[0] != "report"):
            kept += [word] if equals else given[k : k + 2]
    kept += ["--draws", str(study.n)] if study.n != find("suppose").draws else []
    kept += ["--seed", str(study.draws.seed)] if study.draws.seed != 1 else []
    return shlex.join(["detente", "suppose", case]), shlex.join(kept)


def _likeliest(model: Model, name: str) -> str:
    means = outcome_means(model, name)
    return f"Most likely: {words(name)}{f' ({means})' if means else ''}"


def _floats(values: Floats) -> str:
    return _told(values.astype("<f4").tobytes())


def _bits(values: Bools) -> str:
    return _told(np.packbits(values).tobytes())


def _bytes(values: Any) -> str:
    return _told(values.astype(np.uint8).tobytes())


def _told(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
