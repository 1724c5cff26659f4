"""Crosses as text: what is written is what is read, and errors point at the place."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_demo.data.schema import Schema
from recsys_demo.errors import InputError
from recsys_demo.features.crosses import Cross, Part, parse_cross, parse_crosses, quoted
from recsys_demo.limits import Limits

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), min_size=1, max_size=8)
FIELD_NAMES = NAMES.filter(lambda name: name == name.strip() and name not in ("label", "item"))
SCHEMA = Schema.model_validate(
    {
        "label": "label",
        "user": "user",
        "item": "app",
        "fields": {
            "user": {"side": "user"},
            "app": {"side": "item"},
            "installed": {"kind": "multi", "side": "user"},
            "gender": {"side": "user"},
            "language": {"side": "user"},
            "age": {"kind": "numeric", "side": "user"},
        },
    }
)


@given(st.data())
def test_every_cross_reads_back_from_its_text(data: st.DataObject) -> None:
    names = data.draw(st.lists(FIELD_NAMES, min_size=2, max_size=4, unique=True))
    schema = Schema.model_validate(
        {"label": "label", "item": "item", "fields": {name: {} for name in names}}
    )
    parts = [
        Part(name, data.draw(st.none() | st.text(st.characters(codec="utf-8"), max_size=6)))
        for name in names
    ]
    cross = Cross(tuple(parts))
    assert parse_cross(str(cross), schema) == cross


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("installed x app", [("installed", None), ("app", None)]),
        ("installed X app", [("installed", None), ("app", None)]),
        ("installed×app", [("installed", None), ("app", None)]),
        ("installed & app", [("installed", None), ("app", None)]),
        (
            "gender=female & language=en",
            [("gender", "female"), ("language", "en")],
        ),
        ("gender = female x app", [("gender", "female"), ("app", None)]),
        ('gender="" x app', [("gender", ""), ("app", None)]),
        ('installed="a x b" & app="c=d"', [("installed", "a x b"), ("app", "c=d")]),
        ('installed=Max Box & app="\\"q\\""', [("installed", "Max Box"), ("app", '"q"')]),
        (
            "installed=Rover & installed=Atlas & app",
            [("installed", "Rover"), ("installed", "Atlas"), ("app", None)],
        ),
    ],
)
def test_ways_to_write_a_cross(text: str, parts: list[tuple[str, str | None]]) -> None:
    assert parse_cross(text, SCHEMA) == Cross(tuple(Part(*part) for part in parts))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["a field is missing", "the end of the text"]),
        ("app", ["at least two parts"]),
        ("app x", ["app"]),
        ("app x app", ["names a field twice", '"app"']),
        ("gender=f & gender=m", ["names a field twice"]),
        ("installed x installed=Rover", ["names a field twice"]),
        ("app x nothere", ["unknown field", '"nothere"', '"language"']),
        ("app = x gender", ["app"]),
        ('app x "gender', ["never closed"]),
        ("app gender", ["unknown field"]),
        ('installed="" x app', ["empty cells"]),
        ('age="" x app', ["empty cells"]),
        ("user x app x installed x gender x language x age", ["too many parts", "at most 5"]),
    ],
)
def test_refusals_name_the_place_and_the_remedy(text: str, words: list[str]) -> None:
    with pytest.raises(InputError) as refused:
        parse_cross(text, SCHEMA)
    for word in words:
        assert word in str(refused.value)


def test_several_crosses_report_all_their_problems_at_once() -> None:
    with pytest.raises(InputError) as refused:
        parse_crosses(["app x nothere", "app", "user x app"], SCHEMA)
    assert len(refused.value.problems) == 2


def test_the_same_cross_counts_once_and_too_many_are_refused() -> None:
    assert len(parse_crosses(["user x app", "user × app"], SCHEMA)) == 1
    with pytest.raises(InputError, match="too many crosses"):
        parse_crosses(["user x app", "gender x app"], SCHEMA, Limits(crosses=1))


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        cross = parse_cross(text, SCHEMA)
    except InputError:
        return
    assert parse_cross(str(cross), SCHEMA) == cross


def test_fields_and_quotes() -> None:
    cross = parse_cross("installed=a & installed=b x app", SCHEMA)
    assert cross.fields == ("installed", "app")
    assert str(cross) == "installed=a & installed=b x app"
    assert quoted("Box x Max") == '"Box x Max"'


def test_crosses_of_many_blanks_before_a_quote_are_refused_at_once() -> None:
    """A cubic pattern took 39 seconds for these; the limit of time is generous."""
    texts = [f'a{" " * length}"' for length in range(250, 282)]
    begin = time.process_time()
    with pytest.raises(InputError) as refused:
        parse_crosses(texts, SCHEMA)
    assert len(refused.value.problems) == len(texts)
    assert time.process_time() - begin < 5


def test_what_strangers_write_is_bounded_before_it_is_read() -> None:
    with pytest.raises(InputError, match="too many crosses"):
        parse_crosses((f"a{i}" for i in range(100_000)), SCHEMA)
    with pytest.raises(InputError, match="too many parts"):
        parse_cross(" x ".join(["a"] * 5_000), SCHEMA)
    with pytest.raises(InputError, match="too long"):
        parse_cross("a" * 20_001, SCHEMA)


def test_a_misspelt_field_gets_a_proposal() -> None:
    with pytest.raises(InputError, match='Did you mean "installed"'):
        parse_cross("instaled x app", SCHEMA)
