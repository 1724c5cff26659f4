"""The quiz: every idea in two wordings, scored by idea."""

from __future__ import annotations

import pytest

from recsys_demo.lessons.files import built_in
from recsys_demo.lessons.messages import LANGUAGES, Language, messages
from recsys_demo.lessons.quiz import Form, quiz, records, scored

FORMS: tuple[Form, ...] = ("first", "second")


def test_ten_questions_each_with_a_step_that_explains_it() -> None:
    questions = quiz().questions
    assert len({one.key for one in questions}) == 10
    for one in questions:
        assert one.step in {step.key for step in built_in(one.lesson).lesson.steps}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", FORMS)
def test_every_wording_has_its_texts_and_one_right_option(form: Form, language: Language) -> None:
    texts = messages(language)
    for one in quiz().questions:
        options = one.options(form, texts)
        assert len(options) == 3
        assert one.answer(form) in options
        told = [texts.text(f"{one.base(form)}.options.{option}") for option in options]
        assert len(set(told)) == 3
        for part in ("idea", "reason", f"{form}.question"):
            assert texts.text(f"quiz.{one.key}.{part}")


def test_the_right_option_stands_in_no_fixed_place() -> None:
    texts = messages("en")
    for form in FORMS:
        places = {one.options(form, texts).index(one.answer(form)) for one in quiz().questions}
        assert places == {0, 1, 2}


def test_the_score_is_by_idea() -> None:
    right = {one.key: one.answer("second") for one in quiz().questions}
    assert all(one.is_right for one in scored(right, "second"))
    wrong = {**right, "luck": "skill", "missing": None}
    results = scored(wrong, "second")
    assert {one.question.key for one in results if not one.is_right} == {"luck", "missing"}
    rows = {row["idea"]: row for row in records(results, "second", messages("en"))}
    assert rows["A thousandth is progress"]["right"] == "no"
    assert rows["A better ranker finds the missing app"]["answer"] == ""
