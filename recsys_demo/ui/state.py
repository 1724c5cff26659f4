"""All a person has chosen, as one immutable value that travels in the link.

Only what differs from the defaults is in the link. Simple choices are readable
(`?models=wide,deep&seed=3`); how far one is in lessons is packed into one parameter, the rest into
another. Streamlit is not imported here.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError

from recsys_demo.config.fit import TRAINING, Fit, fitted
from recsys_demo.config.model import ModelConfig, TrainingConfig
from recsys_demo.config.presets import MAIN_PRESETS, PRESETS, with_crosses
from recsys_demo.config.run import FIRST_SEEDS, RunConfig
from recsys_demo.data.schema import Schema
from recsys_demo.data.specs import DataSpec, SampleSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.lessons.messages import DEFAULT, Language
from recsys_demo.lessons.progress import MOST_PREDICTIONS, Prediction, joined
from recsys_demo.recommendation.query import query_fields
from recsys_demo.studies.crosses.entries import Entries, active
from recsys_demo.values import Frozen

MAX_LINK = 20_000
MAX_UNPACKED = 200_000
PACKED = "s"
PROGRESS = "progress"  # browser.js: an address that differs in nothing else is no step of Back
MOST_LEVELS = 6
SHORT = Annotated[str, Field(max_length=200)]


def _shallow(value: Any) -> Any:
    """Raises ValueError for what is nested so deeply that no page put it there."""
    level = [value]
    for _ in range(MOST_LEVELS):
        level = [inner for outer in level for inner in _within(outer)]
    if level:
        raise ValueError(f"nested more than {MOST_LEVELS} levels deep")
    return value


def _within(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list | tuple) else ()


class QueryChoice(Frozen):
    """Whom to recommend to: a user of the log, and field values that replace the user's."""

    user: str | None = Field(None, max_length=200)
    values: tuple[tuple[SHORT, Annotated[str, Field(max_length=2_000)]], ...] = ()

    def given(self, schema: Schema) -> dict[str, object]:
        """The query as `Recommender.query` takes it; fields this log does not have are left out."""
        names = query_fields(schema)
        given: dict[str, object] = {n: text or None for n, text in self.values if n in names}
        if self.user is not None:
            given[schema.user or "user"] = self.user
        return given


PresetKey = Annotated[str, Field(pattern="^(" + "|".join(PRESETS) + ")$")]


class State(Frozen):
    """Everything a page shows depends on this and on nothing else a person did."""

    data: DataSpec = SampleSpec()
    split: SplitConfig | None = Field(None, description="none: the log's own, else random")
    crosses: Entries | None = Field(None, max_length=64)
    models: tuple[PresetKey | ModelConfig, ...] = Field(MAIN_PRESETS, max_length=12)
    fit: Fit | None = Field(None, description="how presets are changed to fit the log")
    training: TrainingConfig = TrainingConfig()
    seed: int = Field(0, ge=0, lt=FIRST_SEEDS)
    seeds: int = Field(1, ge=1, le=20, description="trainings of each model, with seeds in a row")
    query: QueryChoice = QueryChoice()
    pinned: tuple[Annotated[str, Field(pattern="^[0-9a-f]{20}$")], ...] = Field((), max_length=12)
    # Page controls by name ("compare.metric"), each a JSON value its page validates.
    controls: tuple[
        tuple[Annotated[str, Field(max_length=60)], Annotated[Any, AfterValidator(_shallow)]], ...
    ] = Field((), max_length=200)
    hide: tuple[Annotated[str, Field(max_length=60)], ...] = Field((), max_length=100)
    lesson: str = Field("", max_length=5_000)
    led: str = Field(
        "", pattern=r"^([a-z0-9_]{1,40}(\.[a-z0-9_]{1,40})?)?$", description="lesson.step"
    )
    predictions: tuple[Prediction, ...] = Field((), max_length=MOST_PREDICTIONS)
    ticks: tuple[Annotated[str, Field(max_length=90)], ...] = Field((), max_length=100)
    language: Language = DEFAULT
    projector: bool = False
    live: bool = Field(False, description="whether a change trains what it touches by itself")

    @property
    def lesson_key(self) -> str:
        """The lesson that leads, empty for none."""
        return self.led.partition(".")[0]

    @property
    def step_key(self) -> str:
        """Its step, empty for the first."""
        return self.led.partition(".")[2]

    def with_progress(self, other: State) -> State:
        """This state as far as `other` is in its lessons: answers stay given, whatever else is
        undone."""
        return self.model_copy(
            update={
                "predictions": joined(self.predictions, other.predictions),
                "ticks": tuple(dict.fromkeys([*self.ticks, *other.ticks])),
            }
        )

    def led_as(self, other: State) -> State:
        """These choices at the place of `other` in its lesson, in its language and as far as it
        is: none of that is a step to undo."""
        place = {"led": other.led, "language": other.language}
        return self.with_progress(other).model_copy(update=place)

    def control(self, name: str, default: Any) -> Any:
        """A page control's value."""
        return dict(self.controls).get(name, default)

    def with_control(self, name: str, value: Any) -> State:
        """This state with a page control set."""
        controls = {**dict(self.controls), name: value}
        return self.model_copy(update={"controls": tuple(sorted(controls.items()))})

    def with_fit(self, fit: Fit | None, training: TrainingConfig) -> State:
        """This state with presets changed so, and trained so unless a person set the training."""
        own = self.training not in (TrainingConfig(), TRAINING)
        return self.model_copy(update={"fit": fit, "training": self.training if own else training})

    def split_for(self, has_split_column: bool) -> SplitConfig:
        """The split chosen, else the log's own, else a random one."""
        return self.split or SplitConfig(kind="column" if has_split_column else "random")

    def active_crosses(self, default_crosses: tuple[str, ...]) -> tuple[str, ...]:
        """The crosses that models see: those switched on, the log's own until there is a list."""
        if self.crosses is None:
            return default_crosses
        return tuple(dict.fromkeys(active(self.crosses)))

    def model_configs(self, default_crosses: tuple[str, ...]) -> tuple[ModelConfig, ...]:
        """The chosen models with the crosses that are switched on; presets as they fit the log."""
        crosses = self.active_crosses(default_crosses)
        return tuple(
            with_crosses(fitted(PRESETS[m].model, self.fit) if isinstance(m, str) else m, crosses)
            for m in self.models
        )

    def run_configs(
        self, default_crosses: tuple[str, ...], has_split_column: bool
    ) -> tuple[RunConfig, ...]:
        """One configuration per model and seed, seeds outermost: every model comes early."""
        return tuple(
            RunConfig(
                data=self.data,
                split=self.split_for(has_split_column),
                model=model,
                training=self.training,
                seed=self.seed + offset,
            )
            for offset in range(self.seeds)
            for model in self.model_configs(default_crosses)
        )


_READABLE: Mapping[str, Literal["int", "text", "keys", "flag"]] = {
    "models": "keys",
    "seed": "int",
    "seeds": "int",
    "hide": "keys",
    "lesson": "text",
    "led": "text",
    "language": "text",
    "projector": "flag",
    "live": "flag",
}
_PROGRESS = ("predictions", "ticks")


def encode(state: State) -> dict[str, str]:
    """Query parameters that stand for the state; nothing for the defaults."""
    dumped = state.model_dump(mode="json")
    defaults = _DEFAULT_CONTENT
    changed = {key: value for key, value in dumped.items() if value != defaults[key]}
    parameters = {}
    for key in list(changed):
        if (text := _readable(key, changed[key])) is not None:
            parameters[key] = text
            del changed[key]
    progress = {key: changed.pop(key) for key in _PROGRESS if key in changed}
    for name, content in ((PACKED, changed), (PROGRESS, progress)):
        if content:
            parameters[name] = _packed(content)
    return parameters


def _packed(content: Mapping[str, Any]) -> str:
    data = zlib.compress(json.dumps(content, separators=(",", ":")).encode(), 9)
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decode(parameters: Mapping[str, str]) -> tuple[State, str | None]:
    """The state of a link, and a message if a part of it could not be used. Never raises."""
    content: dict[str, Any] = {}
    message = None
    for key, kind in _READABLE.items():
        if key in parameters:
            content[key] = _parsed(kind, parameters[key])
    for name in filter(parameters.__contains__, (PACKED, PROGRESS)):
        try:
            content |= _unpacked(parameters[name])
        except ValueError:
            message = "This link is damaged: the choices packed into it were left out."
    try:
        return State.model_validate(content), message
    except ValidationError as error:
        wrong = sorted({str(detail["loc"][0]) for detail in error.errors()})
    content = {key: value for key, value in content.items() if key not in wrong}
    told = ", ".join(key[:40] for key in wrong[:6])
    message = f"This link asks for what this lab cannot do ({told}): the defaults stand there."
    try:
        return State.model_validate(content), message
    except ValidationError:
        return State(), message


def _readable(key: str, value: Any) -> str | None:
    kind = _READABLE.get(key)
    if kind == "keys":
        return ",".join(value) if value and all(map(_is_plain, value)) else None
    if kind == "flag":
        return "1" if value else "0"
    return None if kind is None else str(value)


def _is_plain(item: Any) -> bool:
    """Whether it comes back from a list with commas."""
    return isinstance(item, str) and item != "" and item == item.strip() and "," not in item


def _parsed(kind: str, text: str) -> Any:
    if kind == "keys":
        return [item.strip() for item in text[:MAX_LINK].split(",")]
    if kind == "flag":
        return text == "1"
    return text[:MAX_LINK]


def _unpacked(text: str) -> dict[str, Any]:
    """The packed choices. Raises ValueError for anything that is none."""
    if len(text) > MAX_LINK:
        raise ValueError("too long")
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        unpacker = zlib.decompressobj()
        data = unpacker.decompress(packed, MAX_UNPACKED)
        if unpacker.unconsumed_tail or not unpacker.eof:
            raise ValueError("too large or cut off")
        content = json.loads(data, parse_constant=_no_number)
    except (binascii.Error, zlib.error, RecursionError, UnicodeError) as error:
        raise ValueError(str(error)) from None
    if not isinstance(content, dict):
        raise ValueError("not a state")
    return content


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


_DEFAULT_CONTENT = State().model_dump(mode="json")
