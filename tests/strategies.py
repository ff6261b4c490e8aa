"""What the property tests draw: games, the texts of models, and the two things that games are drawn from."""

from __future__ import annotations

from hypothesis import strategies as st

from detente.game.tree import Game
from tests.games import random_game

seeds = st.integers(0, 10**6)
flags = st.booleans()


@st.composite
def games(draw: st.DrawFn, **fixed: object) -> Game:
    """A random game of any kind, but for what is fixed (see `random_game`)."""
    options = {"perfect": draw(flags), "masked": draw(flags), "views": draw(flags)}
    return random_game(draw(seeds), **(options | fixed))  # type: ignore[arg-type]


MOVES = ("a", "b", "c")


@st.composite
def models(draw: st.DrawFn) -> str:
    """The text of a small random model with all kinds of stages."""
    names = ["s", "t", "u", "v"][: draw(st.integers(1, 4))]
    lines = []
    types = draw(st.booleans())
    for k, name in enumerate(names):
        actor = draw(st.sampled_from(["A", "B", "C", "chance"] if k else ["A", "B"]))
        number = draw(st.integers(2, 3))
        parts = []
        moves = MOVES[:number]
        if actor == "chance":
            shares = draw(
                st.sampled_from(["{a: p, b: otherwise}", "{a: 0.5, b: 0.25, c: otherwise}", "{a: p * r, b: 1 - p * r}"])
            )
            parts.append(f"chance: {shares}")
        elif draw(st.integers(0, 5)) == 0:
            parts.append(f"actor: {actor}, offer: grid(0, 1, {number})")
        else:
            parts.append(f"actor: {actor}, moves: [{', '.join(moves)}]")
        if k:
            before = names[draw(st.integers(0, k - 1))]
            condition = draw(
                st.sampled_from(
                    [
                        "",
                        "",
                        "q > 1",
                        f"{before} is LABEL",
                        f"{before} is LABEL and q > 1",
                        "period == 1",
                        "not ever(s is LABEL)",
                    ]
                )
            )
            if condition:
                parts.append(f"when: {condition}")
        hidden = draw(st.sampled_from(["", "", "A", "B", "A, B"]))
        hidden = ", ".join(h for h in hidden.split(", ") if h and h != actor)
        if hidden:
            parts.append(f"hidden_from: [{hidden}]")
        if draw(st.integers(0, 5)) == 0:
            parts.append("once: true")
        lines.append(f"  {name}: {{{', '.join(parts)}}}")
    text = "\n".join(lines)
    for name in names:
        label = (
            "0" if f"  {name}: {{actor: " in text and "offer" in text.split(f"  {name}: ")[1].split("\n")[0] else "a"
        )
        text = text.replace(f"{name} is LABEL", f"{name} is {label}")
    private = "private: {A.kind: {hard: p, soft: otherwise}}\n" if types else ""
    kind = " + (A.kind is hard)" if types else ""
    end = draw(
        st.sampled_from(
            ["", "  early: {when: ALL}\n", "  early: {when: ALL and q > 1}\n", "  early: {when: ALL, at: period end}\n"]
        )
    )
    label = "0" if "offer" in text.split("\n")[0] else "a"
    return (
        f"title: random\nactors: {{A: '', B: '', C: ''}}\nperiods: {draw(st.integers(1, 2))}\n"
        "quantities:\n  q: 0.5 to 2\n  p: {value: 0.1 to 0.6, unit: probability, seen_by: {B: p / 2}}\n"
        "  r: {value: 0.2 to 0.8, unit: share}\n"
        f"{private}stages:\n{text}\noutcomes:\n{end.replace('ALL', f's is {label}')}  last: otherwise\n"
        f"payoffs:\n  A: {{x: q{kind}}}\n  B: {{x: {{each period: 's is {label}'}}}}\n  C: {{x: 0}}\n"
    )
