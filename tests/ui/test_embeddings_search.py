"""Searching the maps: by name, by class of the color, the exact name first."""

from __future__ import annotations

import numpy as np
import pandas as pd

from recsys_demo.studies.embeddings.vectors import FieldVectors
from recsys_demo.ui.embeddings.measurements import found_by

NAMES = ("112", "12", "Chess", "120", "3")
VECTORS = FieldVectors(
    "app",
    tuple(f"v{i}" for i in range(5)),
    NAMES,
    np.zeros((5, 2)),
    pd.DataFrame(
        {
            "support": [50, 1, 7, 90, 2],
            "price": pd.Series(["Free", "Paid", None, "Free", "Paid"], dtype="category"),
        }
    ),
)


def names(text: str, color: str = "price") -> list[str]:
    return [NAMES[int(value[1:])] for value in found_by(VECTORS, text, color)]


def test_the_exact_name_comes_first_then_the_most_supported() -> None:
    assert names("12") == ["12", "120", "112"]


def test_a_class_of_the_color_finds_all_its_values() -> None:
    assert names("paid ") == ["3", "12"]
    assert names("pai") == []
    assert names("paid", "(one color)") == []


def test_a_scale_of_numbers_has_no_classes() -> None:
    many = FieldVectors(
        "app",
        tuple(f"v{i}" for i in range(30)),
        tuple(f"app {chr(97 + i % 26)}{i // 26}" for i in range(30)),
        np.zeros((30, 2)),
        pd.DataFrame({"support": np.arange(100, 130)}),
    )
    assert found_by(many, "112", "support") == []


def test_letters_of_a_name_whatever_their_case() -> None:
    assert names("CHE") == ["Chess"]
    assert names("  ") == []
