"""The state in the link: it comes back whole, links stay short, and no link does harm."""

from __future__ import annotations

import base64
import json
import time
import zlib
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys_demo.config.components import DeepConfig
from recsys_demo.config.model import ModelConfig, TrainingConfig
from recsys_demo.config.optimizers import AdaGrad, Adam
from recsys_demo.config.presets import PRESETS
from recsys_demo.config.run import FIRST_SEEDS
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.specs import FrappeSpec, SampleSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.lessons.progress import Prediction
from recsys_demo.studies.crosses.entries import CrossEntry
from recsys_demo.ui.state import MAX_LINK, MAX_UNPACKED, PROGRESS, QueryChoice, State, decode
from recsys_demo.ui.state import encode as encoded_state

TEXT = st.text(min_size=1, max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
MODELS = st.sampled_from([*PRESETS]) | st.builds(
    lambda name, hidden, rate: ModelConfig(
        name=name, components=(DeepConfig(hidden=hidden, optimizer=Adam(learning_rate=rate)),)
    ),
    TEXT,
    st.tuples(st.integers(1, 4096)) | st.just(()),
    st.floats(1e-6, 10),
)
CROSSES = st.builds(CrossEntry, text=TEXT, name=TEXT, on=st.booleans())
STATES = st.builds(
    State,
    data=st.sampled_from(
        [SampleSpec(), SampleSpec(world=WorldConfig(seed=5)), FrappeSpec(folder="data")]
    ),
    split=st.none() | st.builds(SplitConfig, seed=st.integers(0, 1000)),
    crosses=st.none()
    | st.lists(st.builds(CrossEntry, text=TEXT, name=TEXT, on=st.booleans()), max_size=3).map(
        tuple
    ),
    models=st.lists(MODELS, min_size=1, max_size=4).map(tuple),
    training=st.builds(TrainingConfig, epochs=st.integers(1, 1000), decay=st.floats(0.01, 1)),
    seed=st.integers(0, FIRST_SEEDS - 1),
    seeds=st.integers(1, 20),
    query=st.builds(
        QueryChoice,
        user=st.none() | TEXT,
        values=st.just(()) | st.tuples(st.tuples(TEXT, TEXT)),
    ),
    pinned=st.lists(st.text("0123456789abcdef", min_size=20, max_size=20), max_size=3).map(tuple),
    controls=st.dictionaries(TEXT, JSON, max_size=3).map(lambda c: tuple(sorted(c.items()))),
    hide=st.lists(TEXT, max_size=3).map(tuple),
    lesson=st.text(max_size=200),
    projector=st.booleans(),
)


def through_the_address_bar(state: State) -> tuple[State, str | None]:
    """What a browser does to a link: text, and back."""
    return decode(dict(parse_qsl(urlencode(encoded_state(state)), keep_blank_values=True)))


@given(STATES)
def test_every_state_has_runs_that_can_be_trained(state: State) -> None:
    seeds = [run.seed for run in state.run_configs(("user x item",), has_split_column=False)]
    assert set(seeds) == set(range(state.seed, state.seed + state.seeds))


def test_the_last_seeds_in_a_row_can_be_trained() -> None:
    last = State(seed=FIRST_SEEDS - 1, seeds=20).run_configs((), has_split_column=False)[-1]
    assert last.seed == FIRST_SEEDS + 18


@given(STATES)
@settings(max_examples=150, deadline=None)
def test_a_state_comes_back_from_its_link(state: State) -> None:
    assert through_the_address_bar(state) == (state, None)


def test_an_answer_moves_no_other_part_of_a_link() -> None:
    """The browser adds no step of Back for it (browser.js)."""
    state = State(led="a.dots", controls=(("compare", {"section": "fit"}),))
    made = Prediction(lesson="a", step="dots", option="unknown")
    answered = state.model_copy(update={"predictions": (made,), "ticks": ("a.dots",)})
    link = encoded_state(answered)
    assert decode(link) == (answered, None)
    assert link.pop(PROGRESS)
    assert link == encoded_state(state)


def test_the_defaults_need_no_parameters() -> None:
    assert encoded_state(State()) == {}
    assert decode({}) == (State(), None)


def test_common_choices_are_short_and_readable() -> None:
    link = urlencode(encoded_state(State(models=("wide", "deep"), seed=3, hide=("toolbar",))))
    assert link == "models=wide%2Cdeep&seed=3&hide=toolbar"


def test_an_own_model_fits_into_a_link_one_can_send() -> None:
    model = ModelConfig(
        name="My Deep", components=(DeepConfig(hidden=(128, 64), optimizer=AdaGrad()),)
    )
    state = State(models=("wide", model), training=TrainingConfig(epochs=30), seed=7)
    assert len(urlencode(encoded_state(state))) < 500


KEYS = st.sampled_from(["s", "models", "seed", "seeds", "hide", "lesson", "projector", "x"])


@given(st.dictionaries(KEYS, st.text(max_size=60), max_size=4))
@settings(max_examples=300, deadline=None)
def test_any_link_gives_a_state(parameters: dict[str, str]) -> None:
    state, _ = decode(parameters)
    assert through_the_address_bar(state) == (state, None)


@given(JSON)
@settings(max_examples=150, deadline=None)
def test_anything_packed_gives_a_state(content: object) -> None:
    state, _ = decode({"s": packed(json.dumps(content).encode())})
    assert isinstance(state, State)


@given(STATES, st.data())
@settings(max_examples=100, deadline=None)
def test_a_link_cut_off_or_altered_gives_a_state(state: State, data: st.DataObject) -> None:
    parameters = encoded_state(state)
    if "s" not in parameters:
        return
    text = parameters["s"]
    at = data.draw(st.integers(0, len(text) - 1))
    altered = data.draw(st.sampled_from([text[:at], text[:at] + "A" + text[at + 1 :]]))
    found, message = decode({**parameters, "s": altered})
    assert isinstance(found, State)
    assert found == state or message is not None


def packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(zlib.compress(data, 9)).decode().rstrip("=")


def test_damage_is_told_and_the_rest_is_kept() -> None:
    state, message = decode({"seed": "4", "s": "not-base64-at-all"})
    assert state == State(seed=4)
    assert message is not None
    assert "damaged" in message


def test_what_cannot_be_is_told_by_name() -> None:
    state, message = decode({"seed": "-1", "models": "wide,transformer", "seeds": "2"})
    assert state == State(seeds=2)
    assert message is not None
    assert "models" in message
    assert "seed" in message


@pytest.mark.parametrize(
    "content",
    [
        b"0" * (MAX_UNPACKED + 1),
        b"[" * 100_000,
        json.dumps({"controls": [["x", 0]] * 1_000}).encode(),
        json.dumps({"training": {"epochs": 1e308}}).encode(),
        b'{"seed": NaN}',
        b'{"__class__": "os.system"}',
        b"\xff\xfe",
    ],
    ids=["bomb", "nested", "many", "huge", "nan", "class", "bytes"],
)
def test_hostile_links_cost_nothing_and_give_the_defaults(content: bytes) -> None:
    began = time.monotonic()
    state, message = decode({"s": packed(content)})
    assert state == State()
    assert message is not None
    assert time.monotonic() - began < 5


def test_a_link_is_read_up_to_a_length() -> None:
    _, message = decode({"s": "A" * (MAX_LINK + 1)})
    assert message is not None
    state, _ = decode({"lesson": "x" * (MAX_LINK * 10)})
    assert state.lesson == ""


def test_a_state_cannot_be_changed_and_equal_states_are_one() -> None:
    with pytest.raises(ValueError, match="frozen"):
        State().seed = 3  # type: ignore[misc] # that is the point
    assert State(seed=3) == State(seed=3)


def nested(levels: int) -> str:
    """A link whose controls hold lists in lists."""
    value = "[" * levels + "]" * levels
    return packed(f'{{"controls": [["a", {value}]], "seed": 4}}'.encode())


@pytest.mark.parametrize("levels", [7, 50, 400, 900, 20_000])
def test_deeply_nested_choices_are_refused_and_the_rest_is_kept(levels: int) -> None:
    state, message = decode({"s": nested(levels), "seeds": "2"})
    assert message is not None
    assert state.controls == ()
    assert state.seeds == 2
    assert through_the_address_bar(state) == (state, None)


def test_what_pages_keep_is_not_too_deep() -> None:
    state, message = decode({"s": nested(5)})
    assert message is None
    assert through_the_address_bar(state) == (state, None)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_no_choice(number: str) -> None:
    _, message = decode({"s": packed(f'{{"controls": [["a", {number}]]}}'.encode())})
    assert message is not None
