"""A cross of identifiers learns the training rows by heart and helps nobody else."""

from __future__ import annotations

import pytest

from recsys_demo.training.overcross import Point, overcross
from tests.making.logs import random_log

TRAIN, HELD_OUT = random_log(600, seed=1), random_log(600, seed=2)


def last(points: list[Point], model: str) -> Point:
    return [point for point in points if point.model == model][-1]


def test_the_training_loss_falls_and_the_other_rises() -> None:
    points = list(overcross("installed x app x age", TRAIN, HELD_OUT, epochs=6))
    assert [point.epoch for point in points] == [*range(7)] * 2
    assert points[0].train == pytest.approx(points[7].train)
    without, crossed = last(points, "without"), last(points, "with")
    assert crossed.parameters > without.parameters
    assert crossed.train < without.train - 0.05
    assert crossed.held_out > without.held_out + 0.02


def test_l1_forgets_the_noise() -> None:
    free, held = (
        last(list(overcross("installed x app x age", TRAIN, HELD_OUT, l1=l1)), "with")
        for l1 in (0.0, 30.0)
    )
    assert held.held_out < free.held_out
    assert held.train > free.train
    assert held.used < free.used <= free.parameters


def test_same_seed_same_numbers() -> None:
    one, two = (list(overcross("country x app", TRAIN, HELD_OUT, epochs=2)) for _ in "ab")
    assert one == two


def test_more_rows_than_asked_for_are_not_looked_at() -> None:
    few = list(overcross("country x app", TRAIN, HELD_OUT, epochs=1, rows=50))
    assert last(few, "with").parameters < 2 * 50 + 30
