"""Drawing the impressions of a planted world."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys_demo.data.planted.app_names import CATEGORIES
from recsys_demo.data.planted.planting import (
    DEVICE_SHARES,
    DEVICES,
    HOUR_SHARES,
    HOURS,
    PRICES,
    Planting,
)
from recsys_demo.data.planted.tastes import Floats, Ints
from recsys_demo.data.planted.truth import (
    SEPARATOR,
    Queries,
    has_exception,
    has_held_out,
    known_age,
    probability_of,
    truth_terms,
)
from recsys_demo.data.planted.world_config import BY_CATEGORY, WorldConfig, stream

GENDERS = ("female", "male", "another")
GENDER_SHARES = (0.49, 0.48, 0.03)
COUNTRIES = ("India", "Brazil", "Germany", "Kenya", "Japan", "Mexico", "Norway", "Portugal")
COUNTRY_SHARES = (0.30, 0.20, 0.15, 0.10, 0.08, 0.07, 0.06, 0.04)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SPLITS = ("train", "valid", "test", "withheld")
TRAIN, VALID, TEST, WITHHELD = range(4)
TRAIN_SHARE, VALID_SHARE = 0.7, 0.1
NO_AGE = 0.05  # share of people whose age is not known
DIGITS = 6  # of the probability: more would depend on the machine
CHUNK = 200_000  # rows whose installed apps are laid out at once


@dataclass(frozen=True, eq=False)
class People:
    """What the log tells of each person besides installed apps, arrays [users]."""

    age: Floats  # years, NaN where not known
    gender: Ints
    country: Ints
    activity: Floats  # share of the impressions, about


@dataclass(frozen=True, eq=False)
class Log:
    """Impressions as codes, arrays [impressions]."""

    planting: Planting
    people: People
    user: Ints
    shown: Ints
    hour: Ints
    weekday: Ints
    device: Ints
    probability: Floats
    label: npt.NDArray[np.uint8]
    exception: npt.NDArray[np.bool_]
    held_out: npt.NDArray[np.bool_]
    split: Ints

    def frame(self) -> pd.DataFrame:
        """User, app, fields, truth and split, as `Interactions` wants them."""
        apps, people = self.planting.apps, self.people
        return pd.DataFrame(
            {
                "user": named(self.user, self._user_ids).remove_unused_categories(),
                "app": named(self.shown, apps.names),
                "category": named(apps.category[self.shown], CATEGORIES),
                "price": named(apps.price[self.shown], PRICES),
                "app_installs": apps.app_installs[self.shown].astype(np.float64),
                "installed": self._installed,
                "age": people.age[self.user],
                "gender": named(people.gender[self.user], GENDERS),
                "country": named(people.country[self.user], COUNTRIES),
                "hour": named(self.hour, HOURS),
                "weekday": named(self.weekday, WEEKDAYS),
                "device": named(self.device, DEVICES),
                "probability": self.probability,
                "exception": self.exception.astype(np.float64),
                "held_out": self.held_out.astype(np.float64),
                "split": named(self.split, SPLITS),
            }
        )

    def rates(self, first: Ints, second: Ints) -> dict[str, npt.NDArray[np.generic]]:
        """Training rows with each pair of an installed and a shown app: how many, and the mean
        of their labels and of their true probabilities (NaN without rows)."""
        keys = first * len(self.planting.apps.names) + second
        order = np.argsort(keys)
        sums = np.zeros((3, len(keys)))
        for rows, key in self._pairs_of_interest():
            at = order[np.searchsorted(keys[order], key)]
            for line, weights in enumerate((None, self.label[rows], self.probability[rows])):
                sums[line] += np.bincount(at, weights, minlength=len(keys))
        rows_of = np.where(sums[0] > 0, sums[0], np.nan)
        return {
            "rows": sums[0].astype(np.int64),
            "observed_rate": sums[1] / rows_of,
            "true_rate": sums[2] / rows_of,
        }

    def _pairs_of_interest(self) -> Iterator[tuple[Ints, Ints]]:
        """Training rows and the key of each planted exception in them."""
        planting = self.planting
        chosen = np.flatnonzero((self.split == TRAIN) & self.exception)
        for part in chunks(len(chosen)):
            rows = chosen[part]
            installed = planting.installed[self.user[rows]]
            shown = self.shown[rows][:, None]
            row, place = np.nonzero(planting.direction[installed, shown])
            yield rows[row], installed[row, place] * len(planting.apps.names) + shown[row, 0]

    @cached_property
    def _user_ids(self) -> list[str]:
        digits = len(str(len(self.people.age)))
        return [f"user {number:0{digits}d}" for number in range(1, len(self.people.age) + 1)]

    @cached_property
    def _installed(self) -> pd.Categorical:
        names = self.planting.apps.names
        cells = [
            SEPARATOR.join(sorted(names[app] for app in apps if app >= 0))
            for apps in self.planting.installed.tolist()
        ]
        codes, values = pd.factorize(pd.Index(cells, dtype="str"))
        return pd.Categorical.from_codes(
            codes[self.user], categories=values
        ).remove_unused_categories()


def named(codes: Ints, names: Sequence[str]) -> pd.Categorical:
    """Codes as a categorical of strings."""
    return pd.Categorical.from_codes(codes, categories=pd.Index(list(names), dtype="str"))


def chunks(rows: int) -> Iterator[slice]:
    """Slices that bound the memory of what is laid out per row."""
    return (slice(start, start + CHUNK) for start in range(0, rows, CHUNK))


def draw_log(config: WorldConfig, planting: Planting) -> Log:
    """Every impression: who, in which context, was shown what, and took it or not."""
    seed, rows = config.seed, config.impressions
    people = _people(config)
    user = _choice(stream(seed, "who"), people.activity, rows)
    shown = _shown(config, planting, user)
    hour = _choice(stream(seed, "hour"), np.array(HOUR_SHARES), rows)
    device = _choice(stream(seed, "device"), np.array(DEVICE_SHARES), rows)
    probability = np.empty(rows)
    exception, held_out = np.empty(rows, dtype=bool), np.empty(rows, dtype=bool)
    queries = Queries(planting.installed, user, hour, device, known_age(people.age)[user])
    for part in chunks(rows):
        terms = truth_terms(planting, config, queries.take(part), shown[part])
        probability[part] = np.round(probability_of(terms, config.noise), DIGITS)
        installed = planting.installed[user[part]]
        exception[part] = has_exception(planting, installed, shown[part])
        held_out[part] = has_held_out(planting, installed, shown[part])
    return Log(
        planting=planting,
        people=people,
        user=user,
        shown=shown,
        hour=hour,
        weekday=stream(seed, "weekday").integers(0, len(WEEKDAYS), rows),
        device=device,
        probability=probability,
        label=(stream(seed, "labels").random(rows) < probability).astype(np.uint8),
        exception=exception,
        held_out=held_out,
        split=_split(config, held_out),
    )


def _people(config: WorldConfig) -> People:
    seed, users = config.seed, config.users
    age = np.clip(np.floor(stream(seed, "ages").gamma(6, 6, users)), 13, 80)
    age[stream(seed, "missing ages").random(users) < NO_AGE] = np.nan
    return People(
        age=age,
        gender=_choice(stream(seed, "genders"), np.array(GENDER_SHARES), users),
        country=_choice(stream(seed, "countries"), np.array(COUNTRY_SHARES), users),
        activity=stream(seed, "activity").gamma(2, 1, users),
    )


def _shown(config: WorldConfig, planting: Planting, user: Ints) -> Ints:
    """An app per row by exposure, drawn again where that person has it installed."""
    rng = stream(config.seed, "shown")
    shown = _choice(rng, planting.apps.exposure, len(user))
    for part in chunks(len(user)):
        pending = np.arange(len(user))[part]
        while len(pending):  # at least half of the catalogue is not installed, so this ends
            clash = (planting.installed[user[pending]] == shown[pending][:, None]).any(axis=1)
            pending = pending[clash]
            shown[pending] = _choice(rng, planting.apps.exposure, len(pending))
    return shown


def _choice(rng: np.random.Generator, weights: Floats, size: int) -> Ints:
    """Positions drawn in proportion to the weights."""
    heap = np.cumsum(weights)
    drawn = np.searchsorted(heap, rng.random(size) * heap[-1], side="right")
    return np.asarray(np.minimum(drawn, len(weights) - 1), dtype=np.int64)


def _split(config: WorldConfig, held_out: npt.NDArray[np.bool_]) -> Ints:
    """Random 70 : 10 : 20; rows with a held-out pair leave training (and once validation)."""
    part = stream(config.seed, "split").random(len(held_out))
    split = np.where(
        part < TRAIN_SHARE, TRAIN, np.where(part < TRAIN_SHARE + VALID_SHARE, VALID, TEST)
    )
    kept_from = (TRAIN, VALID) if config.version == BY_CATEGORY else (TRAIN,)
    return np.where(held_out & np.isin(split, kept_from), WITHHELD, split)
