"""Ways of asking that were replaced by commands of their own, and are still understood."""

from __future__ import annotations

from collections.abc import Sequence

FLAGS = {
    ("claims", "--breaking"): ("breaking", False),
    ("sense", "--local"): ("gradients", False),
    ("sense", "--discover"): ("discover", True),
    ("learn", "--actor"): ("worth", True),
}
"""By command and flag: the command that it has become, and whether the value of the flag is now an argument."""
DESIGNS = {"sobol": "design", "given": "sense"}
UNUSED = ("--draws", "-n", "--seed")
"""What a map was told to no effect: it looks at the median draw."""
ALONE = ("--json", "--store", "--no-store", "--help", "-h")


def today(name: str, words: Sequence[str]) -> tuple[str, list[str]]:
    """A command and its words as they are written today."""
    rest = list(words)
    for (command, flag), (other, taken) in FLAGS.items():
        if name == command and (found := _cut(rest, flag, taken)):
            value, rest = found
            return other, [*rest, *value]
    if name == "sense" and (found := _cut(rest, "--design")) and found[0] and found[0][0] in DESIGNS:
        return DESIGNS[found[0][0]], found[1]
    if name == "tip" and len(_arguments(rest)) == 3:
        for flag in UNUSED:
            while found := _cut(rest, flag):
                rest = found[1]
        return "map", rest
    return name, rest


def _cut(words: Sequence[str], flag: str, taken: bool = True) -> tuple[list[str], list[str]] | None:
    """The value of a flag, if it is there and takes one, and the words without it."""
    for k, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name == flag:
            after = k + 1 + (taken and not equals)
            return [value] if equals else list(words[k + 1 : after]), [*words[:k], *words[after:]]
    return None


def _arguments(words: Sequence[str]) -> list[str]:
    """Those of some words that are no options and no values of options."""
    found, skip = [], False
    for word in words:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = "=" not in word and word not in ALONE
        else:
            found.append(word)
    return found
