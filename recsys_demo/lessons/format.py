"""What a lesson is: steps as data, so that teachers can write them too.
`docs/lessons.md` describes the file.

A file never holds an answer: what came out is computed from the person's own finished runs.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, FiniteFloat, model_validator

from recsys_demo.lessons.progress import UNKNOWN, Key
from recsys_demo.lessons.reveal_kinds import Name, Reveal
from recsys_demo.values import Frozen

STEPS = (2, 14)
Room = Literal["start", "data", "crosses", "train", "compare", "embeddings", "recommend", "ablate"]
StepKind = Literal["look", "predict", "do", "reveal", "explain", "transfer"]
# Names of `hide=`, rooms ("room.compare") and models ("model.lr").
_PARTS = r"results|overcross|trial|truth|learned_crosses"
Withheld = Annotated[
    str, Field(pattern=rf"^({_PARTS}|room\.[a-z]{{1,20}}|model\.[\w, &.-]{{1,60}})$")
]


class OptionQuestion(Frozen):
    """One of three or four answers, each a real misconception; texts by their keys."""

    kind: Literal["option"] = "option"
    options: Annotated[tuple[Key, ...], Field(min_length=2, max_length=6)]

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        if len(set(self.options)) < len(self.options) or UNKNOWN in self.options:
            raise ValueError(f'options are told apart, and "{UNKNOWN}" is always offered')
        return self


class NumberQuestion(Frozen):
    """A number on a slider."""

    kind: Literal["number"] = "number"
    low: FiniteFloat
    high: FiniteFloat
    step: Annotated[FiniteFloat, Field(gt=0)]
    start: FiniteFloat
    decimals: Annotated[int, Field(ge=0, le=4)] = 2
    unit: Annotated[str, Field(max_length=20)] = ""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.low <= self.start <= self.high or self.low == self.high:
            raise ValueError("low, start and high stand in this order")
        if (self.high - self.low) / self.step > 2_000:
            raise ValueError("at most 2,000 steps from low to high")
        return self


class MapQuestion(Frozen):
    """Where the dots of these models will be on the map."""

    kind: Literal["map"] = "map"
    models: Annotated[tuple[Name, ...], Field(min_length=1, max_length=8)]


Question = Annotated[OptionQuestion | NumberQuestion | MapQuestion, Field(discriminator="kind")]


class Condition(Frozen):
    """When a step is done: all that is given must hold of the state and its finished runs."""

    room: Room | None = Field(None, description="this room is open")
    trained: Annotated[tuple[Name, ...], Field(max_length=8)] = Field(
        (), description="models with a finished run each"
    )
    seeds: int = Field(1, ge=1, le=20, description="finished runs that each of them needs")
    crosses: Annotated[tuple[Name, ...], Field(max_length=8)] = Field(
        (), description="crosses that are switched on"
    )
    control: Annotated[dict[Name, Any], Field(max_length=8)] = Field(
        default_factory=dict, description='choices on a page, as in "compare.section" = "fit"'
    )
    most_exceptions: int | None = Field(
        None, ge=0, description="a sample set with at most so many planted exceptions"
    )
    least_seeds: int | None = Field(
        None, ge=1, le=20, description="at least so many seeds are asked for"
    )
    overcross: bool = Field(False, description="the overcross demonstration has run")


class Setup(Frozen):
    """Choices that the button "Set this up" makes, in the words of the link."""

    fresh: bool = Field(False, description="first the sample set as shipped, and its own crosses")
    models: tuple[Any, ...] | None = None
    crosses: Annotated[tuple[Name, ...], Field(max_length=8)] | None = None
    seeds: int | None = Field(None, ge=1, le=20)
    exceptions: int | None = Field(None, ge=0, le=20_000)
    control: Annotated[dict[Name, Any], Field(max_length=8)] = Field(default_factory=dict)


class Step(Frozen):
    """One thing to look at, predict, do or understand. Its texts stand in the message file under
    the lesson's and its own key."""

    key: Key
    kind: StepKind
    room: Room
    points_at: Annotated[
        tuple[Annotated[str, Field(pattern="^[a-z0-9_.-]{1,60}$")], ...], Field(max_length=4)
    ] = Field((), description="keys of the controls that are outlined")
    question: Question | None = None
    withholds: Annotated[tuple[Withheld, ...], Field(max_length=8)] = Field(
        (), description="what nobody sees before this question is answered"
    )
    withholds_when: Condition | None = Field(
        None, description="choices for which it is withheld; none: always"
    )
    teaches: Key | None = Field(
        None, description="the option that comes out on the sample set; else the page says so"
    )
    reveal: Reveal | None = None
    of: Key | None = Field(None, description="the earlier step whose answer is revealed")
    done: Condition | None = None
    setup: Setup | None = None

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Self:
        problems = [
            text
            for wrong, text in (
                (self.kind == "predict" and self.question is None, "a predict step asks"),
                (self.kind == "do" and self.done is None, "a do step says when it is done"),
                (self.kind == "reveal" and self.reveal is None, "a reveal step reveals"),
                (
                    self.kind not in ("predict", "transfer") and self.question is not None,
                    "only predict and transfer steps ask",
                ),
                (bool(self.withholds) and self.question is None, "only a question withholds"),
                (
                    self.teaches is not None
                    and not (
                        isinstance(self.question, OptionQuestion)
                        and self.teaches in self.question.options
                    ),
                    "it teaches one of its question's options",
                ),
                (
                    self.of is not None and self.reveal is None,
                    "a step that names another one reveals its answer",
                ),
            )
            if wrong
        ]
        if problems:
            raise ValueError("; ".join(problems))
        return self


class Lesson(Frozen):
    """A sequence of steps."""

    key: Key
    minutes: int = Field(10, ge=1, le=60)
    models: Annotated[tuple[Name, ...], Field(max_length=8)] = Field(
        (), description="what a class should have trained beforehand"
    )
    steps: Annotated[tuple[Step, ...], Field(min_length=STEPS[0], max_length=STEPS[1])]

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        keys = [step.key for step in self.steps]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise ValueError(f"steps with one key: {', '.join(twice)}")
        for at, step in enumerate(self.steps):
            asked = [earlier.key for earlier in self.steps[:at] if earlier.question is not None]
            if step.of is not None and step.of not in asked:
                raise ValueError(f"step {step.key}: no earlier step {step.of} asks anything")
        return self

    def step(self, key: str) -> Step:
        """The step of this key, the first if there is none."""
        return next((step for step in self.steps if step.key == key), self.steps[0])

    def revealing(self, asked: Step) -> Step | None:
        """The step that shows what came out of a question: its own, else the first about it."""
        about = (step for step in self.steps if step is asked or step.of == asked.key)
        return next((step for step in about if step.reveal is not None), None)

    def place(self, key: str) -> int:
        """Which step this is, counted from 0."""
        return self.steps.index(self.step(key))

    @property
    def questions(self) -> tuple[Step, ...]:
        """The steps that ask something."""
        return tuple(step for step in self.steps if step.question is not None)
