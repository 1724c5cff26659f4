"""The training played again: every frame is where the dots were, the last one the map itself."""

from __future__ import annotations

from recsys_demo.charts.dots import CHANCE, TRAVELS, Dot, waiting
from recsys_demo.charts.films import END, training_film
from recsys_demo.charts.tradeoff import tradeoff_map
from recsys_demo.ui.live.film import film_frame

FAST = Dot("wide", 0.67, 0.9, key="a", path=((0.6, 0.7),))
SLOW = Dot("deep", 0.78, 0.49, key="b", path=((0.55, 0.5), (0.7, 0.5), (0.77, 0.5)))


def test_every_frame_is_where_the_dots_were() -> None:
    film = training_film([FAST, waiting("fm", "c", 2), SLOW], "x", "y", None)
    assert [frame.name for frame in film.frames] == ["0", "1", "2", "3", END]
    moved = [[film.data[at].meta for at in frame.traces][2:] for frame in film.frames]
    assert moved == [[f"{TRAVELS}0", f"{TRAVELS}1"]] * 5
    dots = [[(data.x[0], data.y[0]) for data in frame.data[2:]] for frame in film.frames]
    chance = (CHANCE, CHANCE)
    # One that has ended stays: what it shows at last are the test rows.
    fast = [chance, (0.6, 0.7), (0.67, 0.9), (0.67, 0.9), (0.67, 0.9)]
    assert [places[0] for places in dots] == fast
    assert [places[1] for places in dots] == list(SLOW.way)
    paths = [[list(zip(d.x, d.y, strict=True)) for d in frame.data[:2]] for frame in film.frames]
    assert paths[2][1] == list(SLOW.way[:3])
    assert paths[-1] == [list(FAST.way), list(SLOW.way)]


def test_the_numbers_of_the_film_name_their_rows() -> None:
    frame = film_frame([FAST, SLOW])
    assert list(frame["rows"]) == ["validation", "test", *["validation"] * 3, "test"]
    assert list(frame["AUC, never seen"]) == [0.6, 0.67, 0.55, 0.7, 0.77, 0.78]


def test_a_path_is_below_its_dot_and_no_part_of_a_map_drawn_from_near() -> None:
    far = tradeoff_map([FAST, SLOW], "x", "y")
    assert [trace.meta for trace in far.data] == [None, None, f"{TRAVELS}0", f"{TRAVELS}1"]
    assert far.data[0].marker.opacity[0] < far.data[0].marker.opacity[-1]
    close = [Dot("wide", 0.8, 0.9, path=((0.6, 0.7),)), Dot("deep", 0.81, 0.91)]
    assert len(tradeoff_map(close, "x", "y").data) == 2


def test_waiting_dots_can_all_be_seen_and_claim_nothing() -> None:
    dots = [waiting(model, "", place) for place, model in enumerate(("wide", "deep", "fm"))]
    assert len({(dot.x, dot.y) for dot in dots}) == 3
    figure = tradeoff_map(dots, "x", "y")
    assert not any("%{x" in trace.hovertemplate or trace.text for trace in figure.data)
