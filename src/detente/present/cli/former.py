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
ALONE = ("--json", "--store", "--no-store", "--help", "-h")


def today(name: str, words: Sequence[str]) -> tuple[str, list[str]]:
    """A command and its words as they are written today."""
    rest = list(words)
    for (command, flag), (other, taken) in FLAGS.items():
        for k, word in enumerate(rest):
            if name == command and word.partition("=")[0] == flag:
                value = [word.partition("=")[2]] if "=" in word else rest[k + 1 : k + 2] if taken else []
                after = k + 1 + (1 if taken and "=" not in word else 0)
                return other, [*rest[:k], *rest[after:], *(value if taken else [])]
    if name == "sense" and "--design" in rest:
        k = rest.index("--design")
        design = rest[k + 1 : k + 2]
        return ("design" if design == ["sobol"] else name), [*rest[:k], *rest[k + 2 :]]
    if name == "tip" and len(_arguments(rest)) == 3:
        return "map", rest
    return name, rest


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
