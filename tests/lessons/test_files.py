"""Lesson files: what is one, and errors that say which step and why, all at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_demo.cli import main
from recsys_demo.config.presets import PRESETS
from recsys_demo.data.uploads import keep_upload
from recsys_demo.errors import InputError, LabError
from recsys_demo.folders import ROOT
from recsys_demo.lessons.files import (
    LESSONS,
    MOST_WORDS,
    built_in,
    lesson_file,
    needed_texts,
    read,
    word_count,
)
from recsys_demo.lessons.format import Condition, Setup, Step
from recsys_demo.lessons.library import FILE, as_file, given_key, lesson_of
from recsys_demo.lessons.messages import CONTENT, LANGUAGES, Language, messages
from recsys_demo.lessons.progress import Prediction, Spot, committed, joined, prediction
from recsys_demo.lessons.references import SLICES
from recsys_demo.lessons.reveal_kinds import RevealConfig
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
        ('a = "wide"', 'a = "wild"', 'Did you mean "wide"'),
        ('["wide", "lr"], seeds', '["wide", "my own"], seeds', "no such model"),
        ('"model.lr", ', '"model.rl", ', "no such model"),
        ('slices = ["never"]', 'slices = ["newer"]', 'Did you mean "never"'),
        ('{ never = ["ahead"] }', '{ planted = ["ahead"] }', "no such slice"),
        ("expects = { yes", "expects = { maybe", "no such option"),
        ('title = "Train"', 'titel = "Train"\ntitle = "Train"', "no step reads this text"),
        (
            "done = {",
            'setup = { models = ["wide", { name = "x", components = 3 }] }\ndone = {',
            "components",
        ),
        (
            'kind = "do"',
            'kind = "reveal"\nreveal = { kind = "paper", model = "fm" }',
            "fm in the paper",
        ),
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


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", LESSONS)
def test_a_step_says_and_asks_in_sixty_words(key: str, language: Language) -> None:
    file = built_in(key)
    texts = file.texts(language)
    for step in file.lesson.steps:
        told = [texts.text(f"{key}.{step.key}.{part}") for part in ("text", "question")]
        assert sum(map(word_count, told)) <= MOST_WORDS, step.key


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe\x00",
        b"key = ",
        b"x" * 100_001,
        b"a = " + b"[" * 5_000,
        b"a." * 40_000 + b"a = 1",  # the parser would take minutes
        b"[" + b"a." * 40_000 + b"a]",
        b"a = {" + b'"a".' * 20_000 + b"a = 1}",
        b'a = {b = """\n\'""", ' + b"a." * 40_000 + b"a = '1'}",
    ],
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


CHANGED = """
base = "a"
leave_out = ["gap", "both"]
[[steps]]
key = "free"
kind = "look"
room = "data"
[[steps]]
key = "home"
kind = "look"
room = "start"
[texts]
title = "My penguins"
[texts.dots]
text = "Place four dots."
[texts.home]
title = "Home"
text = "That is all."
"""


def test_a_file_may_change_one_of_the_labs_lessons() -> None:
    file = lesson_file(CHANGED, "own.toml").called("own_1")
    kept = [step.key for step in built_in("a").lesson.steps if step.key not in ("gap", "both")]
    assert [step.key for step in file.lesson.steps] == [*kept, "home"]
    assert file.lesson.step("free").room == "data"
    for language in LANGUAGES:
        texts, lab = file.texts(language), messages(language)
        assert texts.text("own_1.title") == "My penguins"
        assert texts.text("own_1.dots.text") == "Place four dots."
        assert texts.text("own_1.dots.title") == lab.text("a.dots.title")
        assert texts.text("a.dots.text") == lab.text("a.dots.text")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"a"', '"x"', "no such lesson"),
        ('"a"', "{}", "no such lesson"),
        ('["gap", "both"]', '["gab"]', "no such step"),
        ('["gap", "both"]', '"gap"', "no list"),
        ('["gap", "both"]', '["dots"]', "no earlier step dots"),
        ("[texts.home]", "[texts.house]", "no step reads this text"),
    ],
)
def test_what_is_wrong_with_a_change_is_said(old: str, new: str, said: str) -> None:
    assert any(said in one for one in problems(CHANGED.replace(old, new)))


DOCUMENTED = (ROOT / "docs" / "lessons.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", re.findall(r"```toml\n(.*?)```", DOCUMENTED, re.DOTALL))
def test_the_documented_examples_are_lessons(text: str) -> None:
    assert lesson_file(text, "documented.toml").lesson.steps


def test_every_key_of_a_step_and_every_reveal_is_documented() -> None:
    reveals = [kind.model_fields["kind"].default for kind in RevealConfig.__subclasses__()]
    known = [*Step.model_fields, *reveals, *Setup.model_fields, *Condition.model_fields, *SLICES]
    lacking = [name for name in known if f"`{name}`" not in DOCUMENTED]
    assert lacking == []


@pytest.mark.parametrize("key", LESSONS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_lesson_taken_as_a_file_says_the_same(key: str, language: Language) -> None:
    file = lesson_file(as_file(key, language), "taken.toml")
    assert file.lesson == built_in(key).lesson
    assert dict(file.own_texts)
    for step in file.lesson.steps:
        for name in needed_texts(file.lesson, step):
            assert file.texts(language).text(name) == messages(language).text(name)


def test_a_given_lesson_is_found_by_its_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSYS_DEMO_HOME", str(tmp_path))
    upload = keep_upload(OWN.encode(), FILE)
    file = lesson_of(given_key(upload))
    assert file is not None
    assert file.lesson.key == given_key(upload)
    assert file.texts("en").text(f"{file.lesson.key}.ask.title") == "Ask"
    assert lesson_of("own_" + "0" * 24) is None
    bad = keep_upload(b"key = 1", FILE)
    assert lesson_of(given_key(bad)) is None
    assert [lesson_of(key) for key in ("", "x", "own_../..", "own_1")] == [None] * 4


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
            needed = needed_texts(lesson, step)
            assert [text for text in needed if word_count(own_texts[text]) > MOST_WORDS] == []
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
    assert there == {*LESSONS, *LANGUAGES, "quiz", "glossary"}


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
