"""Made-up logs of the layouts people bring, with nothing of anybody's data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys_demo import read_log
from recsys_demo.data.specs import FileSpec
from tests.making.shop import write_shop

GENRES = ("action", "comedy", "drama", "horror", "romance", "space", "thriller", "war", "western")
FILMS = """
label = "rating"
positive = ">= 4"
user = "person"
item = "film"
[fields]
person = {side = "user"}
age = {kind = "numeric", side = "user"}
film = {side = "item"}
genres = {kind = "multi", side = "item", separator = "|"}
year = {kind = "numeric", side = "item"}
"""
# Of Adult: the ids of nobody, few values, numbers with bends; its item is the occupation.
ADULT_SIZES = {"workclass": 8, "education": 16, "marital": 7, "relation": 6, "race": 5, "sex": 2}
ADULT_ITEM, ADULT_ITEMS, ADULT_COUNTRIES = "occupation", 14, 41
ADULT_NUMBERS = ("age", "hours", "gain")
# Of Criteo: values by the thousand, most of them seen once or twice.
CLICK_SIZES = {"site": 800, "placement": 60, "device": 2_000, "campaign": 300, "region": 50}
CLICK_SIZES |= {"visitor": 30_000}
CLICK_ADS = 5_000


def shop(folder: Path, seed: int) -> FileSpec:
    """20,000 purchases of a shop with a rule, a leak, gaps and repeated rows; the schema that is
    guessed."""
    path = folder / "shop.csv"
    write_shop(path, rows=20_000)
    schema = read_log(path).schema.to_toml()
    return FileSpec(data=str(path), schema_toml=schema, negatives_seed=seed)


def films(folder: Path, seed: int) -> FileSpec:
    """97,000 ratings, by a film's quality, a person's genres, and a little that neither explains;
    files of films and people."""
    del seed  # nothing is sampled
    rng = np.random.default_rng(5)
    people, titles, rows = 943, 1_682, 97_000
    genres = (rng.random((titles, len(GENRES))) < 0.15) | np.eye(len(GENRES), dtype=bool)[
        rng.integers(0, len(GENRES), titles)
    ]
    weight, taste = 1 / np.arange(1, titles + 1) ** 0.9, rng.normal(0, 0.7, (people, len(GENRES)))
    quality, mood = rng.normal(0, 0.6, titles), rng.normal(0, 0.5, people)
    hidden = rng.normal(0, 0.35, (people, 3)) @ rng.normal(0, 1, (3, titles))
    activity = rng.lognormal(0, 1, people)
    seen = np.clip(activity / activity.sum() * rows, 20, 700).astype(int)
    parts = []
    for person, count in enumerate(seen):
        film = rng.choice(titles, count, replace=False, p=weight / weight.sum())
        liking = genres[film] @ taste[person] / np.sqrt(genres[film].sum(1))
        stars = 3.6 + mood[person] + quality[film] + liking + hidden[person, film]
        stars = np.clip(np.rint(stars + rng.normal(0, 0.8, count)), 1, 5).astype(int)
        parts.append(pd.DataFrame({"person": person, "film": film, "rating": stars}))
    pd.concat(parts).to_csv(folder / "ratings.csv", index=False)
    named = ["|".join(g for g, has in zip(GENRES, own, strict=True) if has) for own in genres]
    years = rng.integers(1950, 2000, titles)
    pd.DataFrame({"film": range(titles), "genres": named, "year": years}).to_csv(
        folder / "films.csv", index=False
    )
    ages = rng.integers(15, 70, people)
    pd.DataFrame({"person": range(people), "age": ages}).to_csv(folder / "people.csv", index=False)
    files = {"data": "ratings.csv", "items": "films.csv", "users": "people.csv"}
    paths = {role: str(folder / name) for role, name in files.items()}
    return FileSpec.model_validate({**paths, "schema_toml": FILMS})


def adult(folder: Path, seed: int) -> FileSpec:
    """48,842 people as a census has them: few values, three numbers, one cross, and some noise."""
    del seed
    rng = np.random.default_rng(11)
    rows = 48_842
    sizes = {**ADULT_SIZES, ADULT_ITEM: ADULT_ITEMS, "country": ADULT_COUNTRIES}
    codes = {name: _popular(rng, size, rows) for name, size in sizes.items()}
    logit = sum(rng.normal(0, 0.7, size)[codes[name]] for name, size in sizes.items()) - 1.8
    logit += rng.normal(0, 0.8, (16, ADULT_ITEMS))[codes["education"], codes[ADULT_ITEM]]
    age, hours = rng.integers(17, 90, rows), np.clip(rng.normal(40, 12, rows), 1, 99).round()
    gain = np.where(rng.random(rows) < 0.08, rng.lognormal(8, 1, rows), 0).round()
    logit += 1.2 - ((age - 50) / 17) ** 2 + 0.03 * (hours - 40) + 2.5 * (gain > 5_000)
    numbers = dict(zip(ADULT_NUMBERS, (age, hours, gain), strict=True))
    return _written(folder / "adult.csv", rng, logit, codes, ADULT_ITEM, numbers)


def clicks(folder: Path, seed: int) -> FileSpec:
    """100,000 impressions of ads whose fields have 38,000 values, half of them hardly ever seen."""
    del seed
    rng = np.random.default_rng(13)
    rows = 100_000
    sizes = {**CLICK_SIZES, "ad": CLICK_ADS}
    codes = {name: _popular(rng, size, rows) for name, size in sizes.items()}
    logit = sum(rng.normal(0, 0.4, size)[codes[name]] for name, size in sizes.items()) - 1.2
    tastes = rng.normal(0, 0.6, (CLICK_SIZES["site"], 4)), rng.normal(0, 0.6, (CLICK_ADS, 4))
    logit += (tastes[0][codes["site"]] * tastes[1][codes["ad"]]).sum(axis=1)
    counts = {f"count {n}": rng.poisson(np.exp(1 + 0.3 * logit)) for n in range(3)}
    return _written(folder / "clicks.csv", rng, logit, codes, "ad", counts)


def _popular(rng: np.random.Generator, size: int, rows: int) -> npt.NDArray[np.int64]:
    """Values by a long tail."""
    weight = 1 / np.arange(1, size + 1) ** 0.9
    return rng.choice(size, rows, p=weight / weight.sum())


def _written(
    path: Path,
    rng: np.random.Generator,
    logit: npt.NDArray[np.float64],
    codes: dict[str, npt.NDArray[np.int64]],
    item: str,
    numbers: dict[str, npt.NDArray[np.generic]],
) -> FileSpec:
    label = (rng.random(len(logit)) < 1 / (1 + np.exp(-logit))).astype(int)
    names = {name: [f"{name}{code}" for code in own] for name, own in codes.items()}
    pd.DataFrame({"label": label, **names, **numbers}).to_csv(path, index=False)
    kinds = {name: f'{{side = "{"item" if name == item else "context"}"}}' for name in codes}
    kinds |= dict.fromkeys(numbers, '{kind = "numeric"}')
    fields = "\n".join(f'"{name}" = {told}' for name, told in kinds.items())
    schema = f'label = "label"\nitem = "{item}"\n[fields]\n{fields}\n'
    return FileSpec(data=str(path), schema_toml=schema)
