"""Charts of embeddings: safe names, labels that do not overlap, points that can be selected."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys_demo.charts.embedding_film import film_figure
from recsys_demo.charts.embedding_lift import lift_figures
from recsys_demo.charts.embeddings import (
    CLASSES,
    OTHER,
    UNKNOWN,
    MapView,
    color_classes,
    is_number,
    map_figure,
)
from recsys_demo.charts.probes import probe_figure
from recsys_demo.evaluation.intervals import Interval
from recsys_demo.studies.embeddings.labels import label_box, label_rows, to_pixels
from recsys_demo.studies.embeddings.lift import PairLift
from recsys_demo.studies.embeddings.probes import Probe
from recsys_demo.studies.embeddings.snapshots import Film
from recsys_demo.studies.embeddings.vectors import FieldVectors, describe
from tests.making.logs import log

HOSTILE = '<img src=x onerror=alert(1)><a href="http://x">x</a>'


def field(n: int = 30) -> FieldVectors:
    random = np.random.default_rng(0)
    values = tuple(f"v{i}" for i in range(n))
    names = (HOSTILE, *values[1:])
    metadata = pd.DataFrame({"support": random.integers(1, 500, n)})
    return FieldVectors("f", values, names, random.normal(size=(n, 4)), metadata)


def view(
    dimensions: int = 2, color: pd.Series | None = None, marked: tuple[int, ...] = ()
) -> MapView:
    vectors = field()
    return MapView(
        vectors, vectors.vectors[:, :dimensions], color, marked=np.array(marked, dtype=np.int64)
    )


def drawn_values(figure: go.Figure) -> list[str]:
    return [p[0] for trace in figure.data if trace.customdata is not None for p in trace.customdata]


@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, 1000),
    st.lists(st.text(min_size=1, max_size=40), min_size=2, max_size=60),
)
def test_labels_never_overlap_and_stay_on_the_map(seed: int, names: list[str]) -> None:
    places = np.random.default_rng(seed).normal(size=(len(names), 2))
    rows = label_rows(places, names, range(len(names)), 320, 300)
    pixels = to_pixels(places, 320, 300)
    boxes = [label_box(pixels[row], names[row]) for row in rows]
    for a, b in itertools.combinations(boxes, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
    for left, _, right, top in boxes:
        assert left >= 0
        assert right <= 320
        assert top <= 300


def test_labels_come_by_priority_up_to_the_limit() -> None:
    places = np.array([[0.0, 0], [0.001, 0], [5, 5], [9, 0]])
    names = ["a", "b", "c", "d"]
    assert label_rows(places, names, [1, 0, 2, 3], 400, 400).tolist() == [1, 2, 3]
    assert label_rows(places, names, [0, 1, 2, 3], 400, 400, limit=2).tolist() == [0, 2]
    assert len(label_rows(places[:0], [], [], 400, 400)) == 0


@pytest.mark.parametrize("dimensions", [2, 3])
def test_every_value_is_drawn_once_whatever_the_color(dimensions: int) -> None:
    classes = pd.Series(["a", "b", None] * 10, name="kind")
    numbers = pd.Series(np.arange(30.0), name="number")
    for color in (None, classes, numbers):
        figure = map_figure(view(dimensions, color))
        assert sorted(drawn_values(figure)) == sorted(field().values)


def test_points_carry_their_own_place_and_value() -> None:
    vectors = field()
    figure = map_figure(view(color=pd.Series(["a", "b", "c"] * 10, name="kind")))
    for trace in figure.data:
        known = [] if trace.customdata is None else trace.customdata
        for x, y, point in zip(trace.x, trace.y, known, strict=False):
            row = vectors.values.index(point[0])
            assert (x, y) == pytest.approx(tuple(vectors.vectors[row, :2]), rel=1e-6)


def test_names_are_escaped_everywhere() -> None:
    color = pd.Series([HOSTILE] * 30, name=HOSTILE)
    shots = Film((0, 1), (field().vectors[:, :2], field().vectors[:, 2:]))
    for figure in (map_figure(view(color=color)), film_figure(view(color=color), shots)):
        text = str(figure.to_plotly_json())
        assert "<img" not in text
        assert "<a href" not in text


def test_many_classes_become_the_frequent_and_others() -> None:
    many = pd.Series([f"c{i % 40:02}" for i in range(400)] + ["c00"] * 9 + [None])
    found = color_classes(many)
    assert found.nunique() == CLASSES + 2
    assert found.iloc[-1] == UNKNOWN
    assert (found == OTHER).sum() == (40 - CLASSES) * 10
    assert color_classes(pd.Series(["x", "y"], dtype="category")).tolist() == ["x", "y"]


def test_classes_that_look_like_numbers_are_classes() -> None:
    """What the schema says is categorical is no scale, however many values it has."""
    codes = [f"{i:03}" for i in range(CLASSES + 4)] * 2
    rows = log(
        {
            "y": [0, 1] * len(codes),
            "i": [f"{i}" for i in range(len(codes))] * 2,
            "code": codes * 2,
            "year": [str(2000 + i % 3) if i else None for i in range(len(codes))] * 2,
        },
        'label="y"\nitem="i"\n[fields]\ni={side="item"}\ncode={side="item"}\n'
        'year={kind="numeric", side="item"}\n',
    )
    known = describe(rows.items.index.astype(str), [1] * len(codes), rows.items)
    assert not is_number(known["code"])
    assert set(color_classes(known["code"])) == {*codes[:CLASSES], OTHER}
    assert set(color_classes(known["year"])) == {"2000", "2001", "2002", UNKNOWN}


def test_missing_numbers_and_long_tails_are_drawn() -> None:
    tail = pd.Series([*np.arange(28.0), 1e6, np.nan], name="installs")
    figure = map_figure(view(color=tail))
    assert len(drawn_values(figure)) == 30
    bar = figure.data[0].marker.colorbar
    assert bar.ticktext == ("0", "1", "10", "100", "1,000", "10,000", "100,000", "1,000,000")
    np.testing.assert_allclose(10 ** np.array(bar.tickvals) - 1, [0, *10.0 ** np.arange(7)])
    assert figure.data[0].customdata[-1][2] == UNKNOWN


def test_marks_ring_what_is_selected() -> None:
    figure = map_figure(view(marked=(3, 5)))
    (ring,) = [trace for trace in figure.data if trace.name == "selected"]
    np.testing.assert_allclose(ring.x, field().vectors[[3, 5], 0], rtol=1e-6)


def crowd(n: int = 4_000) -> MapView:
    random = np.random.default_rng(2)
    values = tuple(f"app {i}" for i in range(n))
    metadata = pd.DataFrame({"support": random.integers(1, 500, n)})
    kinds = random.choice(["common", "rare 10", "rare 9", "Unknown"], n, p=[0.6, 0.1, 0.05, 0.25])
    vectors = FieldVectors("app", values, values, random.normal(size=(n, 4)), metadata)
    return MapView(vectors, vectors.vectors[:, :2], pd.Series(kinds, name="kind"))


def test_rare_classes_lie_above_common_ones_and_the_legend_goes_by_name() -> None:
    classes = [trace for trace in map_figure(crowd()).data if trace.showlegend]
    assert [trace.name for trace in classes] == ["Unknown", "common", "rare 10", "rare 9"]
    listed = sorted(classes, key=lambda trace: trace.legendrank)
    assert [trace.name for trace in listed] == ["common", "rare 9", "rare 10", "Unknown"]
    assert len({trace.marker.color for trace in classes}) == 4


def test_the_legend_says_how_many_classes_are_others() -> None:
    many = pd.Series([f"c{i}" for i in range(CLASSES + 3)] + ["c0"] * 13, name="kind")
    names = [trace.name for trace in map_figure(view(color=many)).data]
    assert f"{OTHER} (3 more)" in names


def test_a_crowd_is_drawn_small_and_sent_small() -> None:
    many = crowd()
    assert map_figure(many).data[0].marker.size.min() < map_figure(view()).data[0].marker.size.min()
    everything = replace(many, marked=np.arange(len(many.vectors)))
    (rings,) = [t for t in map_figure(everything).data if t.name == "selected"]
    assert rings.marker.size.min() < 10
    # Two such maps go over a classroom's network at every change of color.
    assert len(map_figure(many).to_json()) < 300_000


def test_a_film_moves_every_point_in_every_frame() -> None:
    vectors = field()
    kinds = pd.Series(["a", "b"] * 15, name="kind")
    places = tuple(vectors.vectors[:, :2] * scale for scale in (0.1, 0.5, 1.0))
    figure = film_figure(view(color=kinds), Film((0, 1, 2), places))
    assert [frame.name for frame in figure.frames] == ["0", "1", "2"]
    assert len(figure.layout.sliders[0].steps) == 3
    for frame, there in zip(figure.frames, places, strict=True):
        for trace, moved in zip(frame.traces, frame.data, strict=True):
            rows = [vectors.values.index(p[0]) for p in figure.data[trace].customdata]
            np.testing.assert_allclose(moved.x, there[rows, 0], rtol=1e-6)
    low, high = figure.layout.xaxis.range
    assert low < min(p[:, 0].min() for p in places)
    assert high > max(p[:, 0].max() for p in places)


def test_probe_figure_has_both_tables_and_chance() -> None:
    probe = Probe(
        HOSTILE,
        "linear probe",
        Interval(0.5, 0.4, 0.6),
        Interval(0.1, 0.05, 0.2),
        Interval(0.4, 0.3, 0.5),
        0.12,
        30,
        0,
    )
    figure = probe_figure([probe])
    assert [trace.x[0] for trace in figure.data] == [0.5, 0.1, 0.12]
    assert figure.data[0].error_x.array[0] == pytest.approx(0.1)
    assert "<img" not in str(figure.to_plotly_json())


def test_lift_figures_share_order_and_scale() -> None:
    random = np.random.default_rng(1)
    a, b = field(5), field(6)
    rows = random.integers(0, 9, (5, 6))
    lift = PairLift(
        a, b, random.normal(size=(5, 6)), random.normal(size=(5, 6)), np.ones((5, 6)), rows, rows
    )
    learned, observed = lift_figures(lift)
    assert learned.data[0].y == observed.data[0].y
    assert learned.data[0].zmax == observed.data[0].zmax == -learned.data[0].zmin
    assert np.isnan(observed.data[0].z).sum() == (rows == 0).sum()
    assert "<img" not in str(learned.to_plotly_json())
    # Names made of digits must not become numbers.
    assert learned.layout.xaxis.type == learned.layout.yaxis.type == "category"
