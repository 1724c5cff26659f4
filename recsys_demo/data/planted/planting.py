"""Drawing a world: apps, people and what they installed, exceptions, held-out pairs."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from recsys_demo.data.planted.app_names import CATEGORIES, names_of
from recsys_demo.data.planted.penguins import STORIES, Penguin
from recsys_demo.data.planted.tastes import Floats, Ints, Tastes, dot, tastes_of
from recsys_demo.data.planted.world_config import WorldConfig, stream

HOURS = ("night", "morning", "midday", "evening", "late evening")
HOUR_SHARES = (0.10, 0.20, 0.20, 0.35, 0.15)
DEVICES = ("phone", "tablet", "watch")
DEVICE_SHARES = (0.60, 0.25, 0.15)
PRICES = ("free", "free with ads", "one payment", "subscription")
PRICE_SHARES = (0.35, 0.40, 0.15, 0.10)

POPULARITY_SPREAD = 0.6  # standard deviation of the popularity logits
HOUR_SPREAD = 0.6
DEVICE_SPREAD = 0.18
AGE_SPREAD = 0.3  # of the logit's slope over 12 years of age
FOREIGN = 0.1  # share of installs from the whole catalogue instead of the person's own pool
FEWEST_INSTALLED = 3
CLEAR_TASTE = 0.7  # an exception contradicts a taste at least that many spreads from zero
LARGE_DRAW = 2_000  # pairs drawn at once to find the exceptions still missing
STORY_PLACE = 2  # every second place at the top of the charts belongs to an app with a story
SPREAD_OUT = 0.75  # power of the exposure that draws exceptions: below 1 the rare get some too
NOBODY = -1  # an empty place in a table of installed apps


@dataclass(frozen=True, eq=False)
class Apps:
    """The catalogue. Arrays [apps] unless shaped otherwise; their last row is "no such app"."""

    names: tuple[str, ...]
    category: Ints
    price: Ints
    app_installs: Ints
    exposure: Floats  # probability to be the app shown, before installed ones are left out
    popularity: Floats  # logit, [apps + 1]
    pool: Ints  # segment it belongs to: its people have it, [apps]
    taste: Floats  # taste of somebody who has it, a unit vector, [apps + 1, rank]
    appeal: Floats  # inner product with a taste = affinity before its strength, [apps + 1, rank]
    by_hour: Floats  # logit, [apps + 1, hours + 1]
    by_device: Floats  # logit, [apps + 1, devices + 1]
    by_age: Floats  # logit per 12 years over 35, [apps + 1]


@dataclass(frozen=True, eq=False)
class Planting:
    """Catalogue, installed apps, and what contradicts taste or is kept from training."""

    apps: Apps
    segments: tuple[str, ...]  # the groups of people who share a taste
    tastes: Floats  # of each segment, a unit vector, [pools, rank]
    segment: Ints  # of each person
    installed: Ints  # [users, most], NOBODY where a person has fewer
    direction: npt.NDArray[np.int8]  # +1 or -1 where an exception, [apps + 1, apps + 1]
    exceptions: Ints  # installed and shown app of each, [exceptions, 2]
    penguins: tuple[Penguin, ...]
    held_out: npt.NDArray[np.bool_]  # [pools, apps]


def plant(config: WorldConfig) -> Planting:
    """Draw everything but the impressions."""
    held_out = stream(config.seed, "held out").random((config.pools, config.apps)) < config.held_out
    tastes = tastes_of(config)
    apps = _apps(config, tastes)
    told, pairs = _stories(config, apps, held_out)
    apps = _with_popularity(config, _with_story_names(apps, told, pairs), pairs)
    segment, installed = _people(config, apps)
    drawn = _drawn_exceptions(config, apps, installed, held_out, pairs)
    exceptions = np.array([*pairs, *drawn], dtype=np.int64).reshape(-1, 2)
    direction = np.zeros((config.apps + 1, config.apps + 1), dtype=np.int8)
    first, second = exceptions.T
    direction[first, second] = _directions(config, apps, told, exceptions)
    return Planting(
        apps=apps,
        segments=tastes.names,
        tastes=tastes.directions,
        segment=segment,
        installed=installed,
        direction=direction,
        exceptions=exceptions,
        penguins=told,
        held_out=held_out,
    )


def liking(apps: Apps, installed: Ints, shown: Ints) -> Floats:
    """How people with just an installed app like a shown app: its spread over apps is about 1."""
    rank = apps.taste.shape[-1]
    return np.asarray(np.sqrt(rank) * dot(apps.taste[installed], apps.appeal[shown]))


def _apps(config: WorldConfig, tastes: Tastes) -> Apps:
    """The catalogue while every app is still equally popular."""
    count, seed, category = config.apps, config.seed, tastes.category
    by_age = stream(seed, "age effects").normal(0, AGE_SPREAD, len(CATEGORIES))
    return Apps(
        names=tuple(names_of(category, seed)),
        category=category,
        price=stream(seed, "prices").choice(len(PRICES), count, p=PRICE_SHARES),
        app_installs=np.ones(count, dtype=np.int64),
        exposure=np.full(count, 1 / count),
        popularity=np.zeros(count + 1),
        pool=tastes.pool,
        taste=_padded(tastes.taste),
        appeal=_padded(tastes.appeal),
        by_hour=_padded(_effects(seed, "hour", HOUR_SPREAD, len(HOURS))[category]),
        by_device=_padded(_effects(seed, "device", DEVICE_SPREAD, len(DEVICES))[category]),
        by_age=_padded(by_age[category]),
    )


def _with_popularity(config: WorldConfig, apps: Apps, pairs: list[tuple[int, int]]) -> Apps:
    """Popularity by a drawn place in the charts; the apps of stories stand high in them."""
    place = stream(config.seed, "popularity").permutation(config.apps)
    for number, app in enumerate(app for pair in pairs for app in pair):
        target = STORY_PLACE * number % config.apps
        place[place == target], place[app] = place[app], target
    popularity = -np.log(place + 5.0)
    popularity *= POPULARITY_SPREAD / popularity.std()
    popularity -= popularity.mean()
    exposure = (place + 5.0) ** -config.popularity_skew
    return replace(
        apps,
        app_installs=_store_counter(config.seed, popularity),
        exposure=exposure / exposure.sum(),
        popularity=_padded(popularity),
    )


def _store_counter(seed: int, popularity: Floats) -> Ints:
    """Installs an app store would tell: popularity in the world at large, two digits of it.

    Drawn before any impression, so that no label of the log is in it.
    """
    spread = stream(seed, "app installs").normal(0, 0.4, len(popularity))
    exponent = 4.0 + popularity / POPULARITY_SPREAD + spread
    unit = 10.0 ** (np.floor(exponent) - 1)
    return np.maximum(1, np.round(10.0**exponent / unit) * unit).astype(np.int64)


def _effects(seed: int, of: str, spread: float, values: int) -> Floats:
    """Logit of category x value; the last column, of an unknown value, is 0."""
    drawn = stream(seed, f"{of} effects").normal(0, spread, size=(len(CATEGORIES), values))
    return np.concatenate([drawn, np.zeros((len(CATEGORIES), 1))], axis=1)


def _padded(values: Floats) -> Floats:
    """With a last row of zeros: code -1, an app nobody knows, has no effect."""
    return np.concatenate([values, np.zeros((1, *values.shape[1:]))])


def _people(config: WorldConfig, apps: Apps) -> tuple[Ints, Ints]:
    """Segment and installed apps of each person, no app twice."""
    segment = stream(config.seed, "people").integers(0, config.pools, config.users)
    rng = stream(config.seed, "installed")
    most = config.most_installed
    wanted = rng.integers(min(FEWEST_INSTALLED, most), most + 1, config.users)
    foreign = rng.random((config.users, most)) < FOREIGN
    weight = np.sqrt(apps.exposure)
    order = np.argsort(apps.pool, kind="stable")
    heap = np.concatenate([[0.0], np.cumsum(weight[order])])
    edges = heap[np.searchsorted(apps.pool[order], np.arange(config.pools + 1))]
    installed = np.full((config.users, most), NOBODY, dtype=np.int64)
    for place in range(most):
        low = np.where(foreign[:, place], 0.0, edges[segment])
        high = np.where(foreign[:, place], heap[-1], edges[segment + 1])
        pending = np.flatnonzero(wanted > place)
        for _ in range(20):  # who has all apps of the pool gets fewer than wanted
            spot = low[pending] + rng.random(len(pending)) * (high - low)[pending]
            at = np.searchsorted(heap, spot, side="right") - 1
            drawn = order[np.clip(at, 0, config.apps - 1)]
            fresh = ~(installed[pending] == drawn[:, None]).any(axis=1)
            installed[pending[fresh], place] = drawn[fresh]
            pending = pending[~fresh]
    return segment, installed


def _stories(
    config: WorldConfig, apps: Apps, held_out: npt.NDArray[np.bool_]
) -> tuple[tuple[Penguin, ...], list[tuple[int, int]]]:
    """The hand-made exceptions that this world has apps for, each against the clearest taste."""
    told: list[Penguin] = []
    pairs: list[tuple[int, int]] = []
    for story in STORIES[: config.exceptions]:
        used = {app for pair in pairs for app in pair}
        first, second = _pairs_for(story, apps, used)
        likes = liking(apps, first, second)
        fits = (np.sign(likes) == -story.direction) & (np.abs(likes) > CLEAR_TASTE)
        fits &= (first != second) & ~held_out[apps.pool[first], second]
        merit = np.where(fits, np.abs(likes), 0.0)
        if len(merit) and merit.max() > 0:
            best = int(merit.argmax())
            told.append(story)
            pairs.append((int(first[best]), int(second[best])))
    return tuple(told), pairs


def _pairs_for(story: Penguin, apps: Apps, used: set[int]) -> tuple[Ints, Ints]:
    """All pairs of free apps with the story's categories."""
    free = ~np.isin(np.arange(len(apps.names)), list(used))
    first = np.flatnonzero(free & (apps.category == CATEGORIES.index(story.installed_category)))
    second = np.flatnonzero(free & (apps.category == CATEGORIES.index(story.app_category)))
    return np.repeat(first, len(second)), np.tile(second, len(first))


def _drawn_exceptions(
    config: WorldConfig,
    apps: Apps,
    installed: Ints,
    held_out: npt.NDArray[np.bool_],
    taken: list[tuple[int, int]],
) -> list[tuple[int, int]]:
    """More pairs up to the number wanted, or fewer when a large draw finds no new one."""
    rng = stream(config.seed, "exceptions")
    people = np.bincount(installed[installed >= 0], minlength=config.apps)
    installs, exposure = people**SPREAD_OUT, apps.exposure**SPREAD_OUT
    installs, exposure = installs / installs.sum(), exposure / exposure.sum()
    chosen = dict.fromkeys(taken)
    while (missing := config.exceptions - len(chosen)) > 0:
        size = max(LARGE_DRAW, 4 * missing)
        first = rng.choice(config.apps, size, p=installs)
        second = rng.choice(config.apps, size, p=exposure)
        fits = (np.abs(liking(apps, first, second)) > CLEAR_TASTE) & (first != second)
        fits &= ~held_out[apps.pool[first], second]
        pairs = zip(first[fits].tolist(), second[fits].tolist(), strict=True)
        new = [pair for pair in dict.fromkeys(pairs) if pair not in chosen]
        chosen |= dict.fromkeys(new[:missing])
        if not new:
            break
    return list(chosen)[len(taken) :]


def _directions(
    config: WorldConfig, apps: Apps, told: tuple[Penguin, ...], exceptions: Ints
) -> Ints:
    """Against taste; by a coin where there is none, or taste would give the coins away."""
    first, second = exceptions.T
    against = -np.sign(liking(apps, first, second)).astype(np.int64)
    coins = stream(config.seed, "directions").choice([-1, 1], len(exceptions))
    coins[: len(told)] = [story.direction for story in told]
    return against if config.affinity else coins


def _with_story_names(apps: Apps, told: tuple[Penguin, ...], pairs: list[tuple[int, int]]) -> Apps:
    names = list(apps.names)
    for story, (installed, shown) in zip(told, pairs, strict=True):
        names[installed], names[shown] = story.installed, story.app
    return replace(apps, names=tuple(names))
