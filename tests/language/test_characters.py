"""Characters that are not what they look like."""

from __future__ import annotations

import pytest

from detente import define
from detente.errors import ModelError
from detente.language.characters import composed, look, odd_in_name, plain, steering


@pytest.mark.parametrize("name", ["cost", "war_cost_2", "kosté", "Größe", "Łódź", "x_стоимость", "a_σ", "naïve", ""])
def test_names_of_one_alphabet_are_good(name: str) -> None:
    assert odd_in_name(name) is None


@pytest.mark.parametrize(
    ("name", "at", "told"),
    [
        ("c\u043est", 1, "letter 2 of 'cоst' is Cyrillic and looks like the Latin 'o'"),
        ("\u0441\u043est", 2, "is Latin"),  # the fewer are told
        ("h\u03b1zard", 1, "is Greek and looks like the Latin 'a'"),
        ("co\u200bst", 2, "U+200B (zero width space)"),
        ("cost\ufeff", 4, "U+FEFF (zero width no-break space)"),
        ("co\u00adst", 2, "U+00AD (soft hyphen)"),
        ("\u00a0cost", 0, "U+00A0 (no-break space)"),
        ("c_\u043e_st", 2, "is Cyrillic and looks like 'o'"),
        ("go_\u043e", 3, "is Cyrillic and looks like 'o'"),
        ("c\u0251st", 0, "looks like 'cast' and is another word"),
        ("c\u0131st", 0, "looks like 'cist'"),
        ("c\u1d0fst", 0, "looks like 'cost'"),
        ("co\u017ft", 2, "latin small letter long s"),
        ("co\u00bast", 2, "masculine ordinal indicator"),
        ("rate\u0663", 4, "arabic-indic digit three"),
        ("rate\u00b2", 4, "superscript two"),
    ],
)
def test_what_is_odd_is_told_with_its_place(name: str, at: int, told: str) -> None:
    odd = odd_in_name(name)
    assert odd is not None
    assert odd.at == at
    assert told in odd.message
    assert odd.hint


def test_an_accent_is_part_of_its_letter_and_names_can_look_alike() -> None:
    assert composed("koste\u0301") == "kost\u00e9"
    assert look("x_\u043e") == look("x_o")
    assert look("x_\u03b2") != look("x_b")


@pytest.mark.parametrize(
    "character",
    [
        "\x00",
        "\x07",
        "\x08",
        "\r",
        "\x1b",
        "\x7f",
        "\x9b",
        "\u202e",
        "\u2066",
        "\u2028",
        "\u200e",
        "\u200f",
        "\u061c",
        "\U000e0041",
    ],
)
def test_what_steers_a_terminal_is_found_and_shown_as_text(character: str) -> None:
    odd = steering(f"ab{character}c")
    assert odd is not None
    assert odd.at == 2
    assert character not in plain(f"ab{character}c")
    assert steering("a text with\ttabs,\nlines, marks and \u00a0 spaces — 战争 حرب") is None


def test_terms_and_signals_are_looked_at_like_other_names() -> None:
    case = {
        "title": "t", "actors": {"A": "a"}, "private": {"A.kind": {
            "prior": {"x": 0.5, "y": 0.5}, "seen_as": {"x": {"s": 0.7, "s_\u043e": 0.3}, "y": {"s": 1}}}},
        "stages": {"act": {"actor": "A", "moves": ["hit", "wait"]}},
        "outcomes": {"war": "act is hit", "calm": "otherwise"}, "payoffs": {"A": {"c\u0251st": 0}},
    }  # fmt: skip
    with pytest.raises(ModelError) as raised:
        define(**case)
    told = {problem.message.partition(" looks")[0] for problem in raised.value.problems}
    assert {"'c\u0251st' in 'c\u0251st'", "'\u043e' in 's_\u043e' is Cyrillic and"} <= told
