"""Drawing tastes: a direction for each, and which apps belong to it, look like it and please it.

Sums over short axes are written out instead of left to BLAS, whose last digit depends on the
machine and its threads.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recsys_demo.data.planted.app_names import CATEGORIES, SEGMENTS, TASTES
from recsys_demo.data.planted.world_config import BY_CATEGORY, WorldConfig, stream

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

KEENNESS_SPREAD = 0.25  # of the logarithm of an appeal's length
PUSHES = 200  # steps that push tastes apart where there are more than two dimensions
STEP = 0.1


@dataclass(frozen=True, eq=False)
class Tastes:
    """Where tastes and apps lie. Arrays [apps, rank] unless shaped otherwise."""

    names: tuple[str, ...]
    directions: Floats  # of each taste, unit vectors, [pools, rank]
    pool: Ints  # taste each app belongs to: its people have it, [apps]
    category: Ints  # [apps]
    taste: Floats  # of somebody with this app, unit vectors
    appeal: Floats  # inner product with a taste = affinity before its strength


def tastes_of(config: WorldConfig) -> Tastes:
    """The tastes of a world, drawn as its version says."""
    return _by_category(config) if config.version == BY_CATEGORY else _apart(config)


def dot(left: Floats, right: Floats) -> Floats:
    """Inner product over the last axis, summed in order."""
    total = left[..., 0] * right[..., 0]
    for place in range(1, left.shape[-1]):
        total = total + left[..., place] * right[..., place]
    return total


def _apart(config: WorldConfig) -> Tastes:
    """Tastes well apart, as many apps each; an app lies near its taste and is liked from there."""
    directions = _directions(config)
    pool = stream(config.seed, "pools").permutation(np.arange(config.apps) % config.pools)
    own = _turned(config, directions, pool)
    keenness = np.exp(stream(config.seed, "keenness").normal(0, KEENNESS_SPREAD, config.apps))
    return Tastes(
        names=tuple(TASTES)[: config.pools],
        directions=directions,
        pool=pool,
        category=_categories(config, pool),
        taste=own,
        appeal=own * (keenness / keenness.mean())[:, None],
    )


def _directions(config: WorldConfig) -> Floats:
    """Evenly on a circle in two dimensions, as far apart as they push each other in more."""
    rng = stream(config.seed, "tastes")
    if config.rank == 1:
        return np.asarray(rng.choice([-1.0, 1.0]) * (1.0 - 2.0 * (np.arange(config.pools) % 2)))[
            :, None
        ]
    if config.rank == 2:
        angle = 2 * np.pi * (rng.random() + np.arange(config.pools) / config.pools)
        return np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return _pushed_apart(rng.normal(size=(config.pools, config.rank)))


def _pushed_apart(vectors: Floats) -> Floats:
    """Unit vectors that have pushed each other like equal charges on a sphere."""
    vectors = vectors / _length(vectors)
    nobody = np.eye(len(vectors))[..., None]  # nobody pushes itself
    for _ in range(PUSHES):
        away = vectors[:, None] - vectors[None]
        vectors = vectors + STEP * (away / (_length(away) + nobody) ** 3).mean(axis=1)
        vectors = vectors / _length(vectors)
    return vectors


def _turned(config: WorldConfig, directions: Floats, pool: Ints) -> Floats:
    """Each app's own direction: its taste's, turned by at most half the way to the next taste."""
    if config.rank == 1:
        return directions[pool]
    of_taste = directions[pool]
    aside = stream(config.seed, "aside").normal(size=of_taste.shape)
    aside -= dot(aside, of_taste)[:, None] * of_taste
    aside /= _length(aside)
    drawn = stream(config.seed, "turns").normal(0, 1, config.apps) * config.taste_spread
    angle = (np.clip(drawn, -1, 1) * _half_way(directions))[:, None]
    return np.asarray(np.cos(angle) * of_taste + np.sin(angle) * aside)


def _half_way(directions: Floats) -> float:
    """Half the angle between the two tastes that are closest."""
    closest = max(
        (
            float(dot(one, other))
            for place, one in enumerate(directions)
            for other in directions[:place]
        ),
        default=-1.0,
    )
    return float(np.arccos(np.clip(closest, -1, 1)) / 2)


def _categories(config: WorldConfig, pool: Ints) -> Ints:
    """One of the taste's home categories as often as the dial says, else any."""
    rng = stream(config.seed, "categories")
    homes = np.array([[CATEGORIES.index(name) for name in homes] for homes in TASTES.values()])
    home = homes[pool, rng.integers(0, homes.shape[1], config.apps)]
    anywhere = rng.integers(0, len(CATEGORIES), config.apps)
    return np.where(rng.random(config.apps) < config.category_fit, home, anywhere)


def _length(vectors: Floats) -> Floats:
    return np.asarray(np.sqrt(dot(vectors, vectors)))[..., None]


def _by_category(config: WorldConfig) -> Tastes:
    """Version 1: tastes anywhere; half an app's appeal is its category's, half its own."""
    directions = stream(config.seed, "segments").normal(size=(config.pools, config.rank))
    directions /= np.sqrt(dot(directions, directions))[:, None]
    category = stream(config.seed, "categories").integers(0, len(CATEGORIES), config.apps)
    appeal = _appeal_by_category(config, category)
    pool = _best_pools(directions, appeal)
    return Tastes(SEGMENTS[: config.pools], directions, pool, category, directions[pool], appeal)


def _appeal_by_category(config: WorldConfig, category: Ints) -> Floats:
    """Mean square length 1."""
    of_category = stream(config.seed, "category appeal").normal(size=(len(CATEGORIES), config.rank))
    own = stream(config.seed, "app appeal").normal(size=(config.apps, config.rank))
    appeal = of_category[category] + own
    return np.asarray(appeal * np.sqrt(len(appeal) / dot(appeal, appeal).sum()))


def _best_pools(segments: Floats, appeal: Floats) -> Ints:
    """Each app to the segment that likes it best and has room; those with most to lose first."""
    likes = dot(segments[None], appeal[:, None])
    room = np.full(len(segments), -(-len(appeal) // len(segments)))
    pool = np.zeros(len(appeal), dtype=np.int64)
    wishes = np.argsort(-likes, axis=1, kind="stable")
    for app in np.argsort(likes.mean(axis=1) - likes.max(axis=1), kind="stable"):
        pool[app] = next(segment for segment in wishes[app] if room[segment] > 0)
        room[pool[app]] -= 1
    return pool
