"""What people give to a classifier, in the lab's own terms."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pydantic import Field
from tqdm import tqdm

from recsys_demo.config.run import SEEDS
from recsys_demo.data.cells import to_categories
from recsys_demo.data.schema import Schema
from recsys_demo.errors import InputError
from recsys_demo.values import Frozen

if TYPE_CHECKING:
    from recsys_demo.training.trainer import Event


class HoldOut(Frozen):
    """Which rows training stops by: a share of them, drawn by the seed."""

    validation_fraction: float = Field(ge=0, lt=1)
    seed: int = Field(ge=0, lt=SEEDS)


@contextmanager
def as_value_errors() -> Iterator[None]:
    """What is wrong with an input as the ValueError that scikit-learn promises."""
    try:
        yield
    except InputError as error:
        raise ValueError(str(error)) from error


def schema_of(given: Schema | str | Path | None) -> Schema | None:
    """A schema from a value, TOML, or the path of a TOML file. Raises InputError."""
    if given is None or isinstance(given, Schema):
        return given
    if isinstance(given, Path):
        return Schema.from_toml(given)
    return Schema.parse(given) if "\n" in given else Schema.from_toml(Path(given))


def texts(given: Any) -> list[str]:
    """Names as the readers of a log write them: one, or several."""
    several = not isinstance(given, str) and np.ndim(given) > 0
    column = pd.Series(list(given) if several else [given])
    return [str(name) for name in to_categories(column)]


@contextmanager
def epoch_bar(epochs: int, name: str, *, shown: bool) -> Iterator[Callable[[Event], None]]:
    """A bar of text on standard error, which a terminal and a notebook show alike; gives what has
    to hear of every event."""
    with tqdm(total=epochs, desc=name, unit="epoch", file=sys.stderr, disable=not shown) as bar:

        def heard(event: Event) -> None:
            if event.type == "epoch":
                bar.set_postfix(valid_logloss=f"{event.valid['all']['logloss']:.4f}", refresh=False)
                bar.update()

        yield heard
