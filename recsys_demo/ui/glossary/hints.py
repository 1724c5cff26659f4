"""What words on pages mean, as the question mark beside them says it."""

from __future__ import annotations

from recsys_demo.lessons.glossary import Term, terms_in
from recsys_demo.lessons.messages import messages
from recsys_demo.ui import session
from recsys_demo.ui.markdown import plain

MOST = 4  # terms that one hint explains


def hint(label: str, told: str | None = None) -> str | None:
    """The help of a control or a sentence: what is `told` of it, then the terms that it uses.
    None where there is nothing to say."""
    texts = messages(session.current().language)
    terms = [term for term in terms_in(label) if not term.everyday][:MOST]
    lines = [told] if told else []
    lines += [_line(term.name(texts), term.text(texts)) for term in terms]
    return "\n\n".join(lines) or None


def definition(term: Term) -> str:
    """A term with its sentences, as Markdown."""
    texts = messages(session.current().language)
    return _line(term.name(texts), term.text(texts))


def _line(name: str, text: str) -> str:
    return f"**{plain(name)}**: {plain(text)}"
