"""Words and signs of what a person writes about fields: crosses and conditions are read from these.

One pass from left to right. No pattern gives back what it took, so that a text takes steps in
proportion to its length, whatever stands in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from recsys_demo.errors import InputError, excerpt

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True)
class Token:
    """A name or value (`text` as it is meant, without quotes), a sign, or a quote that nothing
    closes; `at` is the 0-based character where it starts."""

    kind: Literal["name", "sign", "open quote", "end"]
    text: str
    at: int


@dataclass(frozen=True)
class Grammar:
    """What a kind of definition is made of: names, and `signs` between them (longer ones first;
    each of their characters ends a name). `joiner` is a word that is a sign too, in either case,
    where it stands alone behind a name: the x of `installed x app`."""

    noun: str
    signs: tuple[str, ...]
    remedy: str
    most_characters: int
    joiner: str = ""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Every text is a row of these; the first character decides which comes next."""
        special = re.escape('"' + "".join(sorted(set("".join(self.signs)))))
        signs = "|".join(map(re.escape, self.signs))
        return re.compile(
            r"(?P<blank>\s++)"
            r'|(?P<quoted>"(?:[^"\\]|\\.)*+")'
            rf"|(?P<sign>{signs})"
            rf"|(?P<plain>[^\s{special}]++)"
            r"|(?P<open>.)",
            re.DOTALL,
        )

    def tokens(self, text: str) -> list[Token]:
        """The tokens of a text, the last one being its end. Raises InputError if it is too long."""
        if len(text) > self.most_characters:
            raise self.refused(
                text, 0, f"the {self.noun} is too long", f"at most {self.most_characters:,} letters"
            )
        return [*self._scanned(text), Token("end", "", len(text))]

    def _scanned(self, text: str) -> Iterator[Token]:
        name: tuple[int, int] | None = None  # where the plain name being read starts and ends
        after_name = False
        for piece in self.pattern.finditer(text):
            kind, start, end = piece.lastgroup, piece.start(), piece.end()
            if kind == "blank":
                continue
            behind_name = after_name or name is not None
            if kind == "plain" and not (behind_name and self._is_joiner(text, start, end)):
                name = (start if name is None else name[0], end)
                continue
            if name is not None:
                yield Token("name", text[slice(*name)], name[0])
                name = None
            after_name = kind == "quoted"
            if kind == "quoted":
                yield Token("name", _ESCAPED.sub(r"\1", piece[0][1:-1]), start)
            elif kind == "open" and piece[0] == '"':
                yield Token("open quote", "", start)
                return
            else:  # also a character that only a longer sign begins with
                yield Token("sign", piece[0], start)
        if name is not None:
            yield Token("name", text[slice(*name)], name[0])

    def _is_joiner(self, text: str, start: int, end: int) -> bool:
        """Whether this word behind a name is the joiner: blanks on both sides."""
        alone = text[start - 1].isspace() and text[end : end + 1].isspace()
        return alone and text[start:end].lower() == self.joiner

    def name(self, token: Token, text: str, what: str, expected: str) -> Token:
        """This token of the text, which must be a name. Raises InputError that says `what` is wrong
        with any other."""
        if token.kind == "open quote":
            what = "a quote is opened and never closed"
        if token.kind != "name":
            raise self.refused(text, token.at, what, expected)
        return token

    def written(self, name: str) -> str:
        """A name as it must be written to be read back."""
        words = name.split()
        if words and name == " ".join(words) and "\\" not in name:
            first = next(self._scanned(name))
            if (first.kind, first.text) == (
                "name",
                name,
            ) and self.joiner not in name.lower().split():
                return name
        return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'

    def refused(
        self, text: str, at: int, what: str, expected: str, remedy: str | None = None
    ) -> InputError:
        """What is wrong with the text from this character on."""
        piece = text[at:].strip()
        return InputError.of(
            what=what,
            where=f"{self.noun} {excerpt(text)}, character {at + 1}",
            got=excerpt(piece) if piece else "the end of the text",
            expected=expected,
            remedy=remedy or self.remedy,
        )
