"""The glossary: whole in every language, and it knows the words of every registry."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_demo.config.component_kinds import KINDS
from recsys_demo.config.optimizers import OPTIMIZERS
from recsys_demo.config.presets import PRESETS
from recsys_demo.evaluation.list_metrics import LIST_METRICS
from recsys_demo.evaluation.metrics import METRICS
from recsys_demo.lessons.files import MOST_WORDS, word_count
from recsys_demo.lessons.glossary import glossary, terms_in
from recsys_demo.lessons.messages import LANGUAGES, Language, messages
from recsys_demo.recommendation.candidates import GENERATORS
from recsys_demo.ui.rooms import PAGES
from tests.making.field_terms import unexplained


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_term_has_a_name_and_two_sentences(language: Language) -> None:
    texts = messages(language).texts
    for term in glossary().terms:
        assert texts[f"glossary.{term.key}.name"]
        told = texts[f"glossary.{term.key}.text"]
        assert len(re.findall(r"[.!?](?= [A-Z]|$)|[。！？]", told)) == 2, term.key
        assert word_count(told) <= MOST_WORDS, term.key
    explained = {key.split(".")[1] for key in texts if key.startswith("glossary.")}
    assert explained == {term.key for term in glossary().terms}


def test_a_word_belongs_to_one_term_and_a_term_to_a_room() -> None:
    words = [word for term in glossary().terms for word in term.words]
    folded = {word if any(map(str.isupper, word[1:])) else word.casefold() for word in words}
    assert len(words) == len(folded)
    assert {term.room for term in glossary().terms} <= {page.key for page in PAGES}


def test_formulas_have_their_brackets() -> None:
    for term in glossary().terms:
        assert term.formula.count("{") == term.formula.count("}"), term.key
        assert "$" not in term.formula


def registries() -> Iterator[str]:
    """What the lab calls its metrics, parts, models, optimizers and generators."""
    yield from (metric.label for metric in METRICS.values())
    yield from (metric.label for metric in LIST_METRICS.values())
    yield from (f"{kind.long} {kind.title}" for kind in KINDS.values())
    yield from (preset.label for preset in PRESETS.values())
    yield from ({"ftrl": "FTRL", "adagrad": "AdaGrad", "sgd": "SGD"}.get(o, o) for o in OPTIMIZERS)


@pytest.mark.parametrize("name", sorted(set(registries())))
def test_what_a_registry_names_is_explained(name: str) -> None:
    assert terms_in(name), name


def test_what_generators_say_uses_no_unexplained_term() -> None:
    for generator in GENERATORS.values():
        assert unexplained(f"{generator.label}: {generator.help}") == []


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("Test AUC and log loss", ["split", "auc", "loss"]),
        ("auction of a mapmaker", []),  # a word inside another is none
        ("FM & DNN", ["dnn"]),  # the longest word counts
        ("EMBEDDINGS", ["embedding"]),
    ],
)
def test_terms_are_found_in_a_text(text: str, keys: list[str]) -> None:
    assert [term.key for term in terms_in(text)] == keys


@given(st.text(max_size=300))
def test_any_text_can_be_searched(text: str) -> None:
    found = terms_in(text)
    assert len(found) == len(set(found))


def test_what_the_glossary_lacks_is_found() -> None:
    assert unexplained("A new XGB with quantile loss and a two-tower retrieval") == [
        "XGB",
        "quantile loss",
        "retrieval",
        "two-tower",
    ]
