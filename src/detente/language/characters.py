"""Characters that are not what they look like: invisible ones, those that steer a terminal, letters of two alphabets.

Names are compared letter by letter, so a name must look like what it is. Mixed alphabets are told as Unicode's report
on security mechanisms does (UTS 39): by the script of each letter, which its name in Unicode begins with.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\u061c\u200e\u200f\U000e0000-\U000e007f]"
)
_ALIKE = str.maketrans(
    "АВЕКМНОРСТУХаеорсухіјѕһԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧαονρυ\u0251\u0131\u0261\u1d0f\u1d04\u1d1c\u1d20\u1d21\u1d22",
    "ABEKMHOPCTYXaeopcyxijshdqwABEZHIKMNOPTYXaovpuaigocuvwz",
)
_CONTROLS = {"\a": "bell", "\b": "backspace", "\r": "carriage return", "\x1b": "escape", "\x7f": "delete"}
_SPACES = "\u00a0\u2007\u202f"
_WORD = re.compile(r"[^\W\d_]+")


class Odd(NamedTuple):
    """What is wrong with the characters of a text: at which of them, in words, and how it is mended."""

    at: int
    message: str
    hint: str


def composed(text: str) -> str:
    """A text in the normal form in which names are compared (NFC): an accent is part of its letter."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def called(character: str) -> str:
    """A character by its number and name: U+200B (zero width space)."""
    name = unicodedata.name(character, "").lower() or _CONTROLS.get(character, "control character")
    return f"U+{ord(character):04X} ({name})"


def steering(text: str) -> Odd | None:
    """The first character that would steer a terminal or turn the direction of writing, of which a text has none."""
    if found := _STEERING.search(text):
        message = f"the character {called(found[0])} cannot be used in a text"
        return Odd(found.start(), message, "take it out: what is written here is shown on terminals and pages")
    return None


def plain(text: str) -> str:
    """A text whose controls are shown as what they are: for a terminal, from wherever it comes."""
    return _STEERING.sub(lambda found: repr(found[0])[1:-1], text)


def plain_json(text: str) -> str:
    """A JSON text that says the same without them (JSON lets some stand as they are)."""
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def odd_in_name(name: str) -> Odd | None:
    """What in a name is not what it looks like; None if there is nothing, whatever else may be wrong with it."""
    if name.isascii() and not _STEERING.search(name):
        return None
    for at, character in enumerate(name):
        kind = unicodedata.category(character)
        if character in _SPACES:
            return Odd(
                at, f"a no-break space, {called(character)}, stands in {name!r}", "write an ordinary space, or none"
            )
        if kind in ("Cf", "Cc", "Zl", "Zp", "Zs") and character != " ":
            return Odd(at, f"an invisible character, {called(character)}, stands in {name!r}", "take it out")
        if kind in ("Nd", "Nl", "No") and not character.isascii():
            digit = unicodedata.digit(character, None)
            hint = f"write {digit}" if digit is not None else "write it with the digits 0 to 9"
            return Odd(at, f"{character!r} in {name!r} is {called(character)}", hint)
        if (common := unicodedata.normalize("NFKC", character)) != character:
            return Odd(at, f"{character!r} in {name!r} is {called(character)}", f"write {common!r}")
    return _mixed(name) or _borrowed(name)


def _borrowed(name: str) -> Odd | None:
    """A word of another alphabet that looks as if it were Latin, beside Latin ones: `c_\u043e_st`."""
    for word in _WORD.finditer(name):
        looks = look(word[0])
        if looks != word[0] and looks.isascii() and any(c.isascii() and c.isalpha() for c in name):
            script = _script(word[0][0])
            message = f"{word[0]!r} in {name!r} is {script} and looks like {looks!r}" if script != "Latin" else (
                f"{word[0]!r} in {name!r} looks like {looks!r} and is another word")  # fmt: skip
            return Odd(word.start(), message, f"write {looks!r} with the letters a to z, or choose another name")
    return None


def _mixed(name: str) -> Odd | None:
    """A word of a name whose letters are of two alphabets."""
    for word in _WORD.finditer(name):
        scripts = [_script(letter) for letter in word[0]]
        first = scripts[0]
        other = next((k for k, script in enumerate(scripts) if script not in (first, "")), None)
        if other is None:
            continue
        if scripts.count(first) < len(scripts) / 2:
            other = 0
        letter, rest = word[0][other], next(s for s in scripts if s not in (scripts[other], ""))
        looks = letter.translate(_ALIKE)
        like = f" and looks like the {rest} {looks!r}" if looks != letter and rest == "Latin" else ""
        message = f"letter {word.start() + other + 1} of {name!r} is {scripts[other]}{like}, the others are {rest}"
        return Odd(word.start() + other, message, "write a word in one alphabet")
    return None


def _script(letter: str) -> str:
    """The alphabet of a letter, as the first word of its name; nothing for what belongs to every alphabet."""
    first = unicodedata.name(letter, "").partition(" ")[0]
    return "" if first in ("", "MODIFIER", "COMBINING", "MICRO", "FEMININE", "MASCULINE") else first.capitalize()


def look(name: str) -> str:
    """The same for names that look the same in two alphabets."""
    return name.translate(_ALIKE)
