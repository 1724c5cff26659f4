"""Links and files as strangers would make them: valid ones at the bounds, then damaged ones."""

from __future__ import annotations

import base64
import importlib.util
import json
import zlib
from collections.abc import Callable
from typing import Any, Literal, get_args, get_origin
from urllib.parse import urlencode

from hypothesis import strategies as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from recsys_demo.config.model import TrainingConfig
from recsys_demo.config.presets import PRESETS
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.ui.rooms import PAGES
from recsys_demo.ui.state import PACKED, PROGRESS, State
from tests.making.files import csv, parquet, zipped

NASTY = st.sampled_from(
    [
        *("", " ", "\x00", "\u202e", "a" * 5_000, "9" * 400, "-1", "1e999", "nan", "=1+1"),
        *("/dev/zero", "../../etc/passwd", "<img src=x onerror=1>", "[" * 3_000, "a.b" * 999),
        *('"' * 99, " " * 400 + '"', "installed x app", "x" * 200 + " x y", "a x b x c x d x e"),
        *("upload:" + "0" * 24 + "/a.csv", "label = 'label'\n[fields]\nuser = {}"),
    ]
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), NASTY, st.text())
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)
ROOMS = ["" if page.key == "start" else page.key for page in PAGES]


def _of_field(field: FieldInfo) -> st.SearchStrategy[Any]:
    """Values of a field within its bounds, the bounds themselves often."""
    bounds = {type(m).__name__: m for m in field.metadata}
    low = getattr(bounds.get("Ge"), "ge", None)
    high = getattr(bounds.get("Le"), "le", None)
    kind = field.annotation
    if kind is bool:
        return st.booleans()
    if get_origin(kind) is Literal:
        return st.sampled_from(get_args(kind))
    if kind in (int, float) and low is not None and high is not None:
        edges = st.sampled_from([low, high])
        number = st.integers(low, high) if kind is int else st.floats(low, high)
        return edges | number
    return st.just(field.get_default(call_default_factory=True))


def _made(model: type[BaseModel]) -> st.SearchStrategy[dict[str, Any]]:
    """Contents of a model, each setting usual or anywhere within its bounds."""
    fields = model.model_fields.items()
    return st.fixed_dictionaries(
        {}, optional={n: _of_field(f) for n, f in fields if not f.is_required()}
    )


def _controls() -> st.SearchStrategy[tuple[str, Any]]:
    """Choices of rooms, each with the names it knows and values of any kind."""
    rooms = []
    for page in PAGES:
        module = f"recsys_demo.ui.{page.key}.choices"
        if importlib.util.find_spec(module) is None:
            continue  # a room without choices in the link
        choices = importlib.import_module(module)
        kinds = [kind for kind in vars(choices).values() if isinstance(kind, type)]
        names = {n for k in kinds if issubclass(k, BaseModel) for n in k.model_fields}
        known = st.dictionaries(st.sampled_from(sorted(names)), VALUES, max_size=5)
        rooms.append(st.tuples(st.just(page.key), known | VALUES))
    return st.one_of(*rooms, st.tuples(st.text(max_size=60), VALUES))


CROSSES = st.builds(lambda text, on: {"text": text, "name": "", "on": on}, NASTY, st.booleans())
SOURCES = st.one_of(
    _made(WorldConfig).map(lambda world: {"kind": "sample", "world": world}),
    st.builds(
        lambda path, schema: {"kind": "file", "data": path, "schema_toml": schema}, NASTY, NASTY
    ),
)
CONTENTS = st.fixed_dictionaries(
    {},
    optional={
        "data": SOURCES,
        "crosses": st.lists(CROSSES, max_size=40),
        "models": st.lists(st.sampled_from(sorted(PRESETS)), max_size=12),
        "training": _made(TrainingConfig),
        "seed": st.integers(0, 2**31 - 1),
        "seeds": st.integers(1, 20),
        "query": st.builds(lambda user: {"user": user[:200]}, NASTY),
        "controls": st.lists(_controls(), max_size=20),
        "hide": st.lists(st.text(max_size=60), max_size=20),
        "lesson": NASTY,
        "projector": st.booleans(),
    },
)


def _packed(content: Any) -> str:
    data = zlib.compress(json.dumps(content).encode("utf-8", "surrogatepass"))
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@st.composite
def _damaged(draw: Callable[[st.SearchStrategy[Any]], Any]) -> str:
    """A state in which some parts are anything, as a link."""
    content = draw(CONTENTS)
    for _ in range(draw(st.integers(0, 3))):
        place, key = content, draw(st.sampled_from(sorted(State.model_fields)))
        while isinstance(place.get(key), dict) and place[key] and draw(st.booleans()):
            place = place[key]
            key = draw(st.sampled_from(sorted(place)))
        place[key] = draw(VALUES)
    return urlencode({draw(st.sampled_from([PACKED, PROGRESS])): _packed(content)})


@st.composite
def _cut(draw: Callable[[st.SearchStrategy[Any]], Any]) -> str:
    """A link with some of its characters changed."""
    link = list(draw(_damaged()))
    for _ in range(draw(st.integers(1, 5))):
        link[draw(st.integers(0, len(link) - 1))] = draw(st.characters(max_codepoint=127))
    return "".join(link)


PARAMETERS = st.dictionaries(st.sampled_from(sorted(State.model_fields)), NASTY | st.text())
LINKS = st.one_of(_damaged(), _cut(), PARAMETERS.map(urlencode))

WHOLE = {
    "log.csv": csv(),
    "log.tsv": csv().replace(b",", b"\t"),
    "log.zip": zipped(log__csv=csv(), readme__txt=b"Read me."),
    "log.parquet": parquet(
        user=["a", "b"] * 20, item=["x", "y", "z", "w"] * 10, tags=[["p"], None] * 20, y=[0, 1] * 20
    ),
}
TEXT = st.text(alphabet='ab01,;|\t\n\r" .-:/{}[]\u00e9\x00', max_size=2_000)


@st.composite
def _broken(draw: Callable[[st.SearchStrategy[Any]], Any]) -> tuple[str, bytes]:
    """A whole file with bytes changed, repeated or left out."""
    name = draw(st.sampled_from(sorted(WHOLE)))
    content = bytearray(WHOLE[name])
    for _ in range(draw(st.integers(0, 8))):
        start = draw(st.integers(0, len(content)))
        end = start + draw(st.integers(0, 40))
        content[start:end] = draw(st.binary(max_size=8)) * draw(st.sampled_from([0, 1, 1, 500]))
    return name, bytes(content)


FILES = st.one_of(
    _broken(),
    st.tuples(st.sampled_from(sorted(WHOLE)), TEXT.map(lambda text: text.encode())),
    st.tuples(st.sampled_from(sorted(WHOLE)), st.binary(max_size=2_000)),
)
