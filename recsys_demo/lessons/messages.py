"""The texts of lessons and quiz, one file per language. Numbers, names and plurals come in as
parameters: no text holds a result."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

CONTENT = Path(__file__).parent / "content"
Language = Literal["en", "zh-CN"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
NATIVE: Mapping[Language, str] = {"en": "English", "zh-CN": "简体中文"}
DEFAULT: Language = "en"


@dataclass(frozen=True)
class Messages:
    """Texts by dotted keys ("a.dots.title"); what a language lacks is told in English."""

    texts: Mapping[str, str]
    otherwise: Mapping[str, str] = field(default_factory=dict)

    def has(self, key: str) -> bool:
        """Whether there is such a text."""
        return key in self.texts or key in self.otherwise

    def text(self, key: str, **values: object) -> str:
        """The text of this key with its parameters filled in; empty where there is none."""
        found = self.texts.get(key, self.otherwise.get(key, ""))
        return found.format_map(values) if values else found

    def over(self, own: Mapping[str, str]) -> Messages:
        """These with a lesson file's own texts before them."""
        return Messages({**self.texts, **own}, self.otherwise)

    def within(self, key: str, called: str) -> dict[str, str]:
        """The texts below a key, as they stand below another one."""
        found = {**self.otherwise, **self.texts}
        return {
            called + name.removeprefix(key): text
            for name, text in found.items()
            if name.startswith(f"{key}.")
        }


@cache
def messages(language: Language = DEFAULT) -> Messages:
    """The texts of a language."""
    own = flat(tomllib.loads((CONTENT / f"{language}.toml").read_text(encoding="utf-8")))
    return Messages(own, {} if language == DEFAULT else messages(DEFAULT).texts)


def flat(tree: Mapping[str, Any], before: str = "") -> dict[str, str]:
    """Texts by their dotted keys."""
    found: dict[str, str] = {}
    for name, value in tree.items():
        key = f"{before}{name}"
        found |= flat(value, f"{key}.") if isinstance(value, Mapping) else {key: str(value)}
    return found
