"""Long names are shortened so that they differ."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_demo.studies.names import short_name, short_names

SAME = "/".join(["Home and garden"] * 20)  # 319 letters


@pytest.mark.parametrize("longest", [14, 24, 64])
@pytest.mark.parametrize("place", [0, 5, 150, len(SAME)])
def test_what_differs_is_kept_wherever_it_stands(place: int, longest: int) -> None:
    names = [SAME[:place] + end + SAME[place:] for end in ("first", "second", "third")]
    found = short_names(names, longest)
    assert len(set(found)) == 3
    assert all(len(name) <= longest for name in found)
    assert short_names(["Rake", *names], longest)[0] == "Rake"


@given(st.lists(st.text(alphabet="ab ", max_size=40), max_size=2), st.integers(8, 30))
def test_two_names_never_look_alike(names: list[str], longest: int) -> None:
    found = short_names(names, longest)
    assert len(set(found)) == len(set(names))
    assert all(len(name) <= longest for name in found)


def test_the_middle_is_left_out() -> None:
    assert short_name("Bluetooth speaker, waterproof, 20 W", 20) == "Bluetooth spe…, 20 W"
    assert short_name("short", 5) == "short"
