"""Many trainings of the same recipes, kept, so that verdicts can be tried on what chance does.

`python -m benchmarks.noise_pool FOLDER` trains what the folder lacks: four presets with many seeds,
and LR and Wide with one field more that is pure chance, a switch that does nothing.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from recsys_demo.config.presets import MAIN_PRESETS, PRESETS, default_crosses, with_crosses
from recsys_demo.config.run import RunConfig
from recsys_demo.data.schema import Schema
from recsys_demo.data.sources import Dataset, load
from recsys_demo.data.specs import FileSpec, SampleSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.evaluation.lists import Items, top_k
from recsys_demo.evaluation.metrics import Floats
from recsys_demo.folders import SAMPLE_SET
from recsys_demo.models.ranker import score
from recsys_demo.recommendation.recommender import Recommender
from recsys_demo.studies.comparison.sampled_queries import (
    SampledQueries,
    queries_of,
    query_rows,
    sampled_queries,
)
from recsys_demo.training.experiment import train_run, trained_run

FOLDER = Path(tempfile.gettempdir()) / "recsys-noise-pool"
SPLIT = SplitConfig(kind="column")
SEEDS = 32
IDLE = ("lr", "wide")  # presets whose seeds hardly vary
IDLE_SWITCHES, IDLE_SEEDS = 20, 3
QUERIES, PLACES = 300, 10


@dataclass(frozen=True)
class Recipe:
    """A preset, and the number of the field of chance it was given (None: as it is)."""

    preset: str
    chance: int | None = None

    @property
    def name(self) -> str:
        """The name of its files."""
        return self.preset if self.chance is None else f"{self.preset}+chance{self.chance}"


def recipes() -> list[tuple[Recipe, int]]:
    """Every recipe with each of its seeds; a seed is done for all before the next begins."""
    presets = dict.fromkeys((*MAIN_PRESETS, *IDLE))
    wanted = [
        (Recipe(key), seed)
        for seed in range(SEEDS)
        for key in presets
        if key in MAIN_PRESETS or seed < IDLE_SEEDS
    ]
    wanted += [
        (Recipe(key, chance), seed)
        for chance in range(IDLE_SWITCHES)
        for seed in range(IDLE_SEEDS)
        for key in IDLE
    ]
    return wanted


def logits(folder: Path, recipe: Recipe, seed: int) -> Floats:
    """Of the test rows, [rows]; trained if they are not there."""
    return _kept(folder, recipe, seed, "logits")


def lists(folder: Path, recipe: Recipe, seed: int) -> Items:
    """The lists that the run shows, [queries, `PLACES`]."""
    return np.asarray(_kept(folder, recipe, seed, "lists"), dtype=np.int64)


def _kept(folder: Path, recipe: Recipe, seed: int, what: str) -> Floats:
    file = folder / f"{recipe.name}-{seed}.npz"
    if not file.exists():
        _train(folder, recipe, seed, file)
    with np.load(file, allow_pickle=False) as content:
        return np.asarray(content[what])


def _train(folder: Path, recipe: Recipe, seed: int, file: Path) -> None:
    crosses = default_crosses(Schema.from_toml(SAMPLE_SET / "schema.toml"))
    model = with_crosses(PRESETS[recipe.preset].model, crosses)
    data = SampleSpec() if recipe.chance is None else _with_chance(folder, recipe.chance)
    run = trained_run(train_run(RunConfig(data=data, split=SPLIT, model=model, seed=seed)))
    dataset = sample() if recipe.chance is None else load(data, SPLIT)
    found = {"logits": score(run.ranker, run.encoder.encode(dataset.test))}
    if recipe.chance is None:
        found["lists"] = _lists(Recommender.of_run(run), dataset)
    partial = file.with_suffix(".part.npz")
    np.savez(partial, **found)
    partial.rename(file)
    sys.stderr.write(f"{file.stem}\n")


@cache
def sample() -> Dataset:
    """The shipped sample set."""
    return load(SampleSpec(), SPLIT)


@cache
def visitors() -> SampledQueries:
    """For whom lists are made: a sample of queries and their truth."""
    data = sample()
    crosses = default_crosses(data.schema)
    model = with_crosses(PRESETS["lr"].model, crosses)
    run = trained_run(train_run(RunConfig(data=SampleSpec(), split=SPLIT, model=model)))
    recommender = Recommender.of_run(run)
    return sampled_queries(
        data, recommender, query_rows(data.test, len(recommender), QUERIES, True)
    )


def _lists(recommender: Recommender, data: Dataset) -> Items:
    rows = query_rows(data.test, len(recommender), QUERIES, True)
    scores = [recommender.logits(query) for query in queries_of(data.test, rows, recommender)]
    return top_k(np.stack(scores), PLACES, visitors().excluded)


def _with_chance(folder: Path, number: int) -> FileSpec:
    """The sample set with a field that says nothing: eight values drawn evenly."""
    file = folder / "chance.parquet"
    if not file.exists():
        frame = pd.read_parquet(SAMPLE_SET / "impressions.parquet")
        draws = np.random.default_rng(0).integers(0, 8, (IDLE_SWITCHES, len(frame)))
        for one, values in enumerate(draws):
            frame[f"chance{one}"] = pd.Categorical([f"c{value}" for value in values])
        frame.to_parquet(file)
    schema = (SAMPLE_SET / "schema.toml").read_text(encoding="utf-8")
    schema += f'\n[fields.chance{number}]\nkind = "categorical"\nside = "context"\n'
    return FileSpec(data=str(file), items=str(SAMPLE_SET / "apps.csv"), schema_toml=schema)


def main() -> None:
    """Train what is not there."""
    parser = argparse.ArgumentParser(prog="benchmarks.noise_pool", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for recipe, seed in recipes():
        logits(folder, recipe, seed)


if __name__ == "__main__":
    main()
