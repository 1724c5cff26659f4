"""Room codes in words, secrets of teachers, aliases of students."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Collection

from recsys_demo.lessons.classroom.words import ADJECTIVES, ANIMALS, CODE_WORDS

CODE_LENGTH = 3  # words: 19 million codes
SECRET_BYTES = 24
LONGEST_CODE = 60


def new_code() -> str:
    """A code such as "lake-tulip-drum"."""
    return "-".join(secrets.choice(CODE_WORDS) for _ in range(CODE_LENGTH))


def tidy_code(text: str) -> str:
    """A code as it is kept, whichever way a person writes it."""
    return "-".join(re.findall(r"[a-z]+", text[:LONGEST_CODE].casefold()))


def new_secret() -> str:
    """What opens the teacher's side of a class."""
    return secrets.token_urlsafe(SECRET_BYTES)


def secret_digest(secret: str) -> bytes:
    """All that is kept of a secret. It is long and random: no slow digest is needed."""
    return hashlib.sha256(secret[:200].encode()).digest()


def is_alias(text: str) -> bool:
    """Whether this is one of the names that are given: nobody writes a name of their own."""
    first, _, second = text.partition(" ")
    return first in ADJECTIVES and second in ANIMALS


def free_aliases(taken: Collection[str], count: int) -> list[str]:
    """Some names that nobody in the class has, in any order."""
    found: list[str] = []
    while len(found) < count:
        alias = f"{secrets.choice(ADJECTIVES)} {secrets.choice(ANIMALS)}"
        if alias not in taken and alias not in found:
            found.append(alias)
    return found
