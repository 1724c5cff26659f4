"""The first view of Embeddings: what it chooses, counts and says, and where its names stand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_demo.charts.embedding_overview import (
    SIDE,
    frame,
    names_on,
    overview_figure,
    two_fields_figure,
)
from recsys_demo.studies.embeddings.labels import (
    BOLD,
    PLAIN,
    PROJECTED,
    PROJECTED_BOLD,
    Name,
    placed_names,
)
from recsys_demo.studies.embeddings.overview import (
    GROUPS,
    LIT,
    POINTS,
    Overview,
    between,
    clearest,
    lit,
    overview,
    sentence,
)
from recsys_demo.studies.embeddings.two_fields import two_fields
from recsys_demo.studies.embeddings.vectors import SUPPORT, FieldVectors

CLASSES = ("night owls", "planners", "athletes", "bookworms")
EACH = 30


def field_of(vectors: np.ndarray, name: str = "app", **metadata: object) -> FieldVectors:
    values = tuple(f"{name} {number}" for number in range(len(vectors)))
    frame_ = pd.DataFrame({"support": np.arange(len(vectors), 0, -1), **metadata})
    return FieldVectors(name, values, values, vectors, frame_)


def grouped(seed: int = 0, size: int = 8) -> tuple[FieldVectors, FieldVectors]:
    """Four clear groups, the first value between two of them; and a start without any."""
    random = np.random.default_rng(seed)
    labels = np.tile(np.arange(len(CLASSES)), EACH)
    centres = np.eye(size)[: len(CLASSES)] * 3
    vectors = centres[labels] + random.normal(scale=0.25, size=(len(labels), size))
    vectors[0] = (centres[0] + centres[1]) / 2
    taste = [CLASSES[label] for label in labels]
    noise = random.permutation(taste)
    after = field_of(vectors, taste=taste, price=noise)
    return after, field_of(random.normal(size=vectors.shape), taste=taste, price=noise)


@pytest.fixture(scope="module")
def found() -> Overview:
    after, before = grouped()
    return overview(after, before, "taste")


def slow_purity(vectors: np.ndarray, labels: list[str]) -> float:
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    shares = []
    for row, one in enumerate(unit):
        near = sorted((r for r in range(len(unit)) if r != row), key=lambda r: -(unit[r] @ one))
        shares.append(np.mean([labels[r] == labels[row] for r in near[:10]]))
    return float(np.mean(shares))


def test_purity_equals_a_slow_count_and_chance_is_that_of_pairs(found: Overview) -> None:
    after, before = grouped()
    assert found.purity is not None
    labels = after.metadata["taste"].tolist()
    assert found.purity.after.value == pytest.approx(slow_purity(after.vectors, labels))
    assert found.purity.before.value == pytest.approx(slow_purity(before.vectors, labels))
    assert found.purity.chance == pytest.approx((EACH - 1) / (4 * EACH - 1))
    assert found.purity.on_map > 0.6
    assert found.purity.is_seen


def test_before_and_after_stand_on_the_same_axes(found: Overview) -> None:
    after, before = grouped()
    np.testing.assert_allclose(found.on_axes(after.vectors), found.after)
    np.testing.assert_allclose(found.on_axes(before.vectors), found.before)
    figures = [overview_figure(found, places) for places in (found.after, found.before)]
    assert figures[0].layout.xaxis.range == figures[1].layout.xaxis.range
    low, span = frame(found)
    for places in (found.after, found.before):
        assert ((places >= low) & (places <= low + span)).all()


def test_the_clearest_field_and_attribute_are_found() -> None:
    after, before = grouped()
    random = field_of(before.vectors, "country", taste=after.metadata["taste"])
    assert clearest([random, after]) == ("app", "taste")
    assert clearest([after], ["price"]) == ("app", "price")
    assert clearest([after], ["nothing"]) == ("app", "taste")
    assert clearest([field_of(before.vectors, "hour")]) == ("hour", "")
    with pytest.raises(ValueError, match="no field"):
        clearest([])


def test_the_sentence_says_what_is_there_or_that_nothing_is(found: Overview) -> None:
    assert found.purity is not None
    told = sentence(found, "Deep", "taste", "app")
    assert told.startswith("Deep has found the taste: ")
    assert f"{10 * found.purity.after.value:.1f} of 10" in told
    assert f"by chance {10 * found.purity.chance:.1f}" in told
    after, before = grouped()
    nothing = overview(before, after, "price")
    assert sentence(nothing, "Deep", "price", "app").startswith(
        "The price does not show in the vectors"
    )
    assert nothing.middles() == {}
    assert between(nothing) is None
    unknown = overview(after, before, "")
    assert unknown.purity is None
    assert "No attribute of each app is known" in sentence(unknown, "Deep", "", "app")


def test_who_lies_between_two_groups_is_named(found: Overview) -> None:
    middle = between(found)
    assert middle is not None
    row, first, second = middle
    assert row == 0
    assert {first, second} == {CLASSES[0], CLASSES[1]}


def test_many_classes_and_values_keep_a_few_colours_and_points() -> None:
    random = np.random.default_rng(1)
    vectors = random.normal(size=(POINTS + 50, 4))
    classes = [f"class {number % 15}" for number in range(len(vectors))]
    field = field_of(vectors, kind=classes)
    found = overview(field, field, "kind")
    assert len(found.field) == len(found.after) == len(found.before) == POINTS
    assert len(found.groups) == GROUPS
    assert len({trace.marker.color for trace in overview_figure(found, found.after).data}) <= 9


@pytest.mark.parametrize("projector", [False, True])
def test_every_group_is_named_once_and_few_values_are(found: Overview, projector: bool) -> None:
    placed = names_on(found, [0], projector)
    texts = [one.name.text for one in placed]
    assert set(CLASSES) <= set(texts)
    assert len(texts) <= len(CLASSES) + 7


def test_the_best_supported_value_is_joined_to_its_nearest(found: Overview) -> None:
    first, *near = lit(found).tolist()
    support = found.field.metadata[SUPPORT].to_numpy()
    assert support[first] == support.max()
    unit = found.field.vectors / np.linalg.norm(found.field.vectors, axis=1, keepdims=True)
    cosines = unit @ unit[first]
    cosines[first] = -2
    assert near == np.argsort(-cosines, kind="stable")[:LIT].tolist()
    lines = overview_figure(found, found.before, lit=lit(found)).data[-1]
    ends = [row for other in near for row in (first, other)]
    assert np.stack([lines.x, lines.y], axis=1).tolist() == found.before[ends].tolist()


letters = st.sampled_from([PLAIN, BOLD, PROJECTED, PROJECTED_BOLD])
names = st.lists(
    st.builds(
        Name,
        st.text(min_size=1, max_size=40),
        st.floats(0, SIDE),
        st.floats(0, SIDE),
        letters,
        st.booleans(),
    ),
    max_size=14,
)


@given(names, st.floats(1, 4))
def test_no_two_names_overlap_and_none_leaves_the_map(wanted: list[Name], larger: float) -> None:
    placed = placed_names(wanted, SIDE, SIDE)
    for one in placed:
        left, bottom, right, top = one.box
        assert 0 <= left < right <= SIDE
        assert 0 <= bottom < top <= SIDE
    for number, one in enumerate(placed):
        for other in placed[:number]:
            apart = np.abs([(one.x - other.x) * larger, (one.y - other.y) * larger])
            room = [(a + b) / 2 for a, b in zip(size(one.box), size(other.box), strict=True)]
            assert (apart >= np.array(room) - 1e-9).any()
    if wanted and len(wanted[0].text) * wanted[0].letters.character < SIDE / 2:
        assert placed


def size(box: np.ndarray) -> tuple[float, float]:
    return float(box[2] - box[0]), float(box[3] - box[1])


def test_places_of_two_fields_have_the_inner_products_of_their_vectors() -> None:
    random = np.random.default_rng(2)
    first = field_of(random.normal(size=(40, 2)) + 3, "installed")
    second = field_of(random.normal(size=(30, 2)) - 1)
    found = two_fields(first, second)
    expected = (first.vectors - first.vectors.mean(0)) @ (second.vectors - second.vectors.mean(0)).T
    np.testing.assert_allclose(found.first_places @ found.second_places.T, expected, atol=1e-9)
    assert found.carried == pytest.approx(1)
    nearest = int(expected[0].argmax())
    assert found.nearness(0, nearest) == pytest.approx(29 / 30)
    figure = two_fields_figure(found, (np.zeros(40, int), np.zeros(30, int)), [(0, nearest)], False)
    arrow = next(a for a in figure.layout.annotations if a.showarrow)
    for end, place in (
        ((arrow.ax, arrow.ay), found.first_places[0]),
        ((arrow.x, arrow.y), found.second_places[nearest]),
    ):
        assert end == pytest.approx(tuple(place / np.linalg.norm(place) ** 0.5))
    texts = [a.text for a in figure.layout.annotations if a.text]
    assert texts == [first.names[0], second.names[nearest]]
