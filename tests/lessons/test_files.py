"""Lesson files: what is one, and errors that say which step and why, all at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_demo.cli import main
from recsys_demo.config.presets import PRESETS
from recsys_demo.errors import InputError, LabError
from recsys_demo.lessons.files import LESSONS, built_in, lesson_file, needed_texts, read
from recsys_demo.lessons.messages import CONTENT, LANGUAGES, Language, messages
from recsys_demo.lessons.progress import Prediction, Spot, committed, joined, prediction
from recsys_demo.lessons.reveals.registry import models_of
from recsys_demo.lessons.situation import Situation, holds, is_done, withheld

OWN = """
key = "own"
[[steps]]
key = "ask"
kind = "predict"
room = "compare"
withholds = ["model.lr", "room.compare"]
question = { kind = "option", options = ["yes", "no"] }
[steps.reveal]
kind = "apart"
a = "wide"
b = "lr"
slices = ["never"]
expects = { yes = { never = ["ahead"] } }
[[steps]]
key = "train"
kind = "do"
room = "train"
done = { trained = ["wide", "lr"], seeds = 2 }
[texts]
title = "Crosses"
[texts.ask]
title = "Ask"
text = "What will happen?"
question = "Does it help?"
[texts.ask.options]
yes = "Yes"
no = "No"
[texts.ask.reasons]
yes = "It would."
no = "It would not."
unknown = "Look."
[texts.train]
title = "Train"
text = "Press the button."
"""


def problems(text: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        lesson_file(text, "own.toml")
    return [str(problem) for problem in caught.value.problems]


def test_a_teachers_file_is_a_lesson_with_its_own_texts() -> None:
    file = lesson_file(OWN, "own.toml")
    assert [step.key for step in file.lesson.steps] == ["ask", "train"]
    for language in LANGUAGES:
        assert file.texts(language).text("own.ask.options.yes") == "Yes"


def test_every_problem_is_told_at_once_with_its_step() -> None:
    text = (
        OWN.replace('kind = "do"', 'kind = "doo"')
        .replace('["yes", "no"]', '["yes", "yes"]')
        .replace('room = "compare"', 'room = "attic"')
    )
    told = problems(text)
    assert any('step 2 ("train")' in one and "kind" in one for one in told)
    assert any('step 1 ("ask")' in one and "room" in one for one in told)
    assert any('step 1 ("ask")' in one and "told apart" in one for one in told)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('no = "It would not."', "", "own.ask.reasons.no"),
        ('question = "Does it help?"', "", "own.ask.question"),
        ('"Press the button."', '"' + "so " * 61 + '"', "61 words"),
        ('"Press the button."', '"{result}"', "braces"),
        ("[texts]", "texts = 3\n[other]", "texts"),
        ('done = { trained = ["wide", "lr"], seeds = 2 }', "", "says when it is done"),
        ('key = "train"', 'key = "ask"', "one key"),
        (
            'kind = "do"',
            'kind = "reveal"\nof = "later"\nreveal = { kind = "places" }',
            "no earlier step later asks anything",
        ),
    ],
)
def test_what_is_wrong_is_said(old: str, new: str, said: str) -> None:
    assert old in OWN
    assert any(said in one for one in problems(OWN.replace(old, new)))


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00", b"key = ", b"x" * 100_001, b"a = " + b"[" * 5_000]
)
def test_a_file_that_is_none_is_told(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_bytes(content)
    with pytest.raises(LabError):
        read(tmp_path / "x.toml")


@given(st.text(max_size=200))
def test_any_other_text_is_an_input_error(text: str) -> None:
    with pytest.raises(InputError) as caught:  # no text of 200 characters is one
        lesson_file(text, "x.toml")
    assert caught.value.problems


def test_the_command_checks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "own.toml").write_text(OWN, encoding="utf-8")
    assert main(["lesson", "check", str(tmp_path / "own.toml")]) == 0
    (tmp_path / "own.toml").write_text(OWN.replace('"compare"', '"attic"'), encoding="utf-8")
    assert main(["lesson", "check", str(tmp_path / "own.toml")]) == 2
    assert main(["lesson", "check", str(tmp_path / "none.toml")]) == 2
    assert "attic" in capsys.readouterr().err


@pytest.mark.parametrize("key", LESSONS)
def test_the_labs_lessons_are_whole(key: str) -> None:
    """Eight to ten steps; every text in every language; models that there are."""
    lesson = built_in(key).lesson
    assert 8 <= len(lesson.steps) <= 10
    own = {
        str(m["name"])
        for s in lesson.steps
        if s.setup
        for m in s.setup.models or ()
        if isinstance(m, dict)
    }
    for step in lesson.steps:
        assert set(models_of(lesson, step)) <= {*PRESETS, *own}, step.key
        for language in LANGUAGES:
            own_texts = messages(language).texts
            missing = [text for text in needed_texts(lesson, step) if text not in own_texts]
            assert missing == []
    assert {step.kind for step in lesson.steps} >= {"predict", "do", "look", "transfer"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_holds_a_result_and_all_have_the_parameters_of_the_english_one(
    language: Language,
) -> None:
    english = messages("en").texts
    assert messages(language).texts.keys() == english.keys()
    for key, text in messages(language).texts.items():
        if key.split(".")[0] in LESSONS:
            assert not re.search(r"\d", text.replace("L1", "")), key
        asked = set(re.findall(r"{(\w+)}", text))
        assert asked == set(re.findall(r"{(\w+)}", english[key])), key


def test_content_holds_nothing_else() -> None:
    there = {path.stem for path in CONTENT.glob("*.toml")}
    assert there == {*LESSONS, *LANGUAGES} | ({"quiz"} & there)


def test_the_first_answer_counts() -> None:
    first = Prediction(lesson="a", step="x", option="yes")
    second = Prediction(lesson="a", step="x", option="no")
    assert committed((first,), second) == (first,)
    spots = Prediction(lesson="a", step="y", spots=(Spot(model="wide", x=0.5, y=0.9),))
    assert joined((first,), (second, spots)) == (first, spots)
    assert prediction((first, spots), "a", "y") == spots


def test_a_condition_holds_if_all_of_it_does() -> None:
    step = lesson_file(OWN, "own.toml").lesson.steps[1]
    assert step.done is not None
    runs = {"wide": 2, "lr": 2}
    assert holds(step.done, Situation("train", runs))
    assert not holds(step.done, Situation("train", {**runs, "lr": 1}))
    control = step.done.model_copy(update={"trained": (), "control": {"compare.section": "fit"}})
    assert holds(control, Situation("start", controls={"compare": {"section": "fit"}}))
    assert not holds(control, Situation("start", controls={"compare": "fit"}))


def test_what_a_question_withholds_is_withheld_until_its_answer() -> None:
    lesson = lesson_file(OWN, "own.toml").lesson
    now = Situation("start", {"wide": 2, "lr": 2})
    answered = (Prediction(lesson="own", step="ask", option="unknown"),)
    assert withheld(lesson, (), now) == {"model.lr", "room.compare"}
    assert withheld(lesson, answered, now) == frozenset()
    assert not is_done(lesson, lesson.steps[0], (), now)
    assert is_done(lesson, lesson.steps[0], answered, now)
    assert is_done(lesson, lesson.steps[1], (), now)
    elsewhere = built_in("a").lesson
    made = tuple(
        Prediction(lesson="a", step=step.key, option="unknown")
        for step in elsewhere.questions
        if step.key != "no_exceptions"
    )
    assert withheld(elsewhere, made, Situation("start", exceptions=600)) == frozenset()
    assert withheld(elsewhere, made, Situation("start", exceptions=0)) == {"results"}
