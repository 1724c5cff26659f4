"""No pattern of the package can be made to try a text in more ways than it has letters."""

from __future__ import annotations

import importlib
import pkgutil
import re
from re import _parser as patterns  # type: ignore[attr-defined]  # the form a pattern is matched in
from typing import Any

import recsys_demo

GIVES_BACK = (patterns.MAX_REPEAT, patterns.MIN_REPEAT)


def trying_again(pattern: Any, inside: bool = False) -> list[Any]:
    """Repeats of open length inside another repeat that may give back what they took: together they
    can try a text in exponentially many ways."""
    found: list[Any] = []
    for operation, argument in pattern:
        open_ = operation in GIVES_BACK and argument[0] != argument[1]
        if open_ and inside:
            found.append((operation, argument))
        repeats = open_ and argument[1] > 1
        for part in argument if isinstance(argument, tuple | list) else [argument]:
            for one in part if isinstance(part, list) else [part]:
                if isinstance(one, patterns.SubPattern):
                    found += trying_again(one, inside or repeats)
    return found


def compiled() -> dict[str, re.Pattern[str]]:
    """Every pattern that a module of the package holds."""
    found = {}
    for module in pkgutil.walk_packages(recsys_demo.__path__, "recsys_demo."):
        if not module.name.endswith("__main__"):
            values = vars(importlib.import_module(module.name))
            found |= {
                f"{module.name}.{n}": v for n, v in values.items() if isinstance(v, re.Pattern)
            }
    return found


def test_what_is_dangerous_is_found() -> None:
    for text in (r"(a+)+", r"\s*\d\s*([-, ]\s*\d\s*)*", r"((?:a|b+)x?)*", r"(\s*a)+?"):
        assert trying_again(patterns.parse(text)), text
    for text in (r"(a++)+", r"\d+(-\d{3})+", r"\s*a\s*", r"(?:ab?+)*+"):
        assert not trying_again(patterns.parse(text)), text


def test_no_pattern_tries_a_text_in_many_ways() -> None:
    found = compiled()
    assert len(found) > 20
    trees = {name: patterns.parse(one.pattern, one.flags) for name, one in found.items()}
    assert {name for name, tree in trees.items() if trying_again(tree)} == set()
