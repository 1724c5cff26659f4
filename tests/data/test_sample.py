"""The sample set: its truth, its exceptions, its split, its dials."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import stats

from recsys_demo.data.interactions import Interactions
from recsys_demo.data.planted.app_names import FLAVOURS, TASTES
from recsys_demo.data.planted.penguins import STORIES
from recsys_demo.data.planted.planting import DEVICES, HOURS, liking
from recsys_demo.data.planted.readme import COLUMNS
from recsys_demo.data.planted.sample import WORLDS, World, WorldConfig, make_world
from recsys_demo.data.planted.world_config import NEW_DIALS, stream
from recsys_demo.values import digest

SMALL = WorldConfig(users=200, apps=60, impressions=8_000, exceptions=80, seed=3)
BEFORE = json.loads((Path(__file__).parents[1] / "before" / "world.json").read_text())


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


@pytest.fixture(scope="module")
def log(world: World) -> Interactions:
    return world.interactions()


@pytest.fixture(scope="module")
def small() -> World:
    return make_world(SMALL)


def installed_of(cell: str) -> list[str]:
    return cell.split("|")


def test_streams_of_different_purpose_do_not_shift_each_other() -> None:
    first = stream(1, "a").random(3)
    stream(1, "b").random(100)
    np.testing.assert_array_equal(stream(1, "a").random(3), first)
    assert not np.array_equal(stream(1, "b").random(3), first)
    assert not np.array_equal(stream(2, "a").random(3), first)


def test_a_dial_leaves_what_it_does_not_touch() -> None:
    strong = make_world(SMALL.model_copy(update={"affinity": 3.0, "noise": 0.5}))
    plain = make_world(SMALL)
    np.testing.assert_array_equal(strong.log.shown, plain.log.shown)
    np.testing.assert_array_equal(strong.planting.exceptions, plain.planting.exceptions)
    longer = make_world(SMALL.model_copy(update={"impressions": 9_000}))
    np.testing.assert_array_equal(longer.planting.installed, plain.planting.installed)


def slow_probability(world: World, row: dict[str, object], app: str) -> float:
    """The truth as the README tells it, one row at a time."""
    config, planting = world.config, world.planting
    apps, position = planting.apps, {name: k for k, name in enumerate(world.apps)}
    total = -1.9
    have = [position[name] for name in dict.fromkeys(str(row["installed"]).split("|"))
            if name in position]  # fmt: skip
    if app in position:
        shown = position[app]
        total += apps.popularity[shown]
        signs = [int(planting.direction[j, shown]) for j in have]
        if any(signs):
            strength = config.exception_strength
            total += max(-strength, min(strength, strength * sum(signs)))
        elif have:
            for axis in range(config.rank):
                mean = sum(apps.taste[j, axis] for j in have) / len(have)
                total += config.affinity * math.sqrt(config.rank) * mean * apps.appeal[shown, axis]
        if row["hour"] in HOURS:
            total += apps.by_hour[shown, HOURS.index(str(row["hour"]))]
        if row["device"] in DEVICES:
            total += apps.by_device[shown, DEVICES.index(str(row["device"]))]
        age = float(str(row["age"]))
        if not math.isnan(age):
            total += apps.by_age[shown] * (min(80.0, max(13.0, age)) - 35) / 12
    p = 1 / (1 + math.exp(-total))
    return (1 - config.noise) * p + config.noise * 0.2


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_the_truth_equals_a_slow_one(noise: float) -> None:
    world = make_world(SMALL.model_copy(update={"noise": noise, "rank": 3}))
    frame = world.interactions().frame.head(400)
    assert frame["exception"].any()
    expected = [slow_probability(world, row, str(row["app"])) for row in frame.to_dict("records")]
    np.testing.assert_allclose(world.probability(frame), expected, rtol=1e-12)
    np.testing.assert_allclose(frame["probability"], expected, atol=5.1e-7)
    logits = world.logits(frame)
    np.testing.assert_allclose(1 / (1 + np.exp(-logits)), expected, rtol=1e-12)


def test_one_query_against_the_catalogue_and_strangers(small: World) -> None:
    row: dict[str, object] = {
        "installed": f"{small.apps[3]}|No Such App|{small.apps[3]}|{small.apps[9]}|",
        "hour": "evening",
        "device": "fridge",
        "age": 300.0,
    }
    ids = [*small.apps, "No Such App", ""]
    expected = [slow_probability(small, row, app) for app in ids]
    np.testing.assert_allclose(small.probability(pd.DataFrame([row]), ids), expected, rtol=1e-12)
    as_list = row | {"installed": [small.apps[3], "No Such App", small.apps[9]]}
    got = small.probability(pd.DataFrame([as_list]), ids)
    np.testing.assert_allclose(got, expected, rtol=1e-12)


def test_what_is_missing_has_no_effect(small: World) -> None:
    empty = pd.DataFrame({"installed": [None]})
    apps = small.item_truth()
    expected = -1.9 + apps["popularity"]
    np.testing.assert_allclose(small.logits(empty, list(small.apps)), expected, rtol=1e-12)
    np.testing.assert_allclose(small.logits(empty, ["No Such App"]), [-1.9])
    for odd in ({"age": ["old"]}, {"age": [None]}, {"hour": [float("nan")]}, {"device": [7]}):
        got = small.logits(pd.DataFrame(odd), list(small.apps))
        np.testing.assert_allclose(got, expected, rtol=1e-12)
    assert len(small.logits(empty, [])) == 0
    with pytest.raises(ValueError, match="2 queries do not go with 3"):
        small.probability(pd.DataFrame({"age": [1, 2]}), list(small.apps[:3]))


def test_the_terms_add_up(small: World) -> None:
    frame = small.interactions().frame.head(200)
    np.testing.assert_allclose(sum(small.terms(frame).values()), small.logits(frame), rtol=1e-12)


def test_labels_are_as_frequent_as_the_truth_says(log: Interactions) -> None:
    probability = log.frame["probability"].to_numpy()
    edges = np.quantile(probability, np.linspace(0, 1, 21)[1:-1])
    for which in np.unique(cell := np.searchsorted(edges, probability)):
        rows = cell == which
        low, high = stats.binom.interval(1 - 1e-6, rows.sum(), probability[rows].mean())
        assert low <= log.labels[rows].sum() <= high


def test_the_truth_columns_hold_for_every_row(world: World, log: Interactions) -> None:
    np.testing.assert_allclose(
        world.probability(log.frame), log.frame["probability"], atol=5.1e-7, rtol=0
    )
    planted = set(world.exceptions()[["installed", "app"]].itertuples(index=False, name=None))
    segment = world.item_truth()["segment"].astype("str").to_dict()
    held = {
        (world.segments[s], world.apps[a]) for s, a in np.argwhere(world.planting.held_out).tolist()
    }
    for row in log.frame.head(3_000).to_dict("records"):
        have = installed_of(row["installed"])
        assert row["exception"] == any((j, row["app"]) in planted for j in have)
        assert row["held_out"] == any((segment[j], row["app"]) in held for j in have)
        assert row["app"] not in have
        assert len(set(have)) == len(have)


def test_held_out_pairs_are_kept_from_training_only(log: Interactions) -> None:
    frame = log.frame
    held = frame["held_out"] == 1
    assert not held[frame["split"] == "train"].any()
    assert held[frame["split"] == "withheld"].all()
    for part in ("valid", "test"):
        assert held[frame["split"] == part].mean() == pytest.approx(held.mean(), abs=0.01)
    assert (frame["split"] == "test").mean() == pytest.approx(0.2, abs=0.01)
    test_pairs, train_pairs = (
        set(
            frame[rows]
            .assign(installed=lambda part: part["installed"].astype("str").str.split("|"))
            .explode("installed")[["installed", "app"]]
            .astype("str")
            .itertuples(index=False, name=None)
        )
        for rows in (held & (frame["split"] == "test"), frame["split"] == "train")
    )
    assert len(test_pairs - train_pairs) > 1_000


def test_exceptions_contradict_taste(world: World) -> None:
    told = world.exceptions()
    assert len(told) == world.config.exceptions
    assert not told.duplicated(["installed", "app"]).any()
    assert (told["direction"] == -np.sign(told["affinity"])).all()
    assert (told["expected"] == -told["direction"]).all()
    assert (told["shift"] * told["direction"] > world.config.exception_strength).all()
    for row in told.head(20).itertuples():
        alone = pd.DataFrame({"installed": [row.installed]})
        terms = world.terms(alone, [row.app])
        assert terms["exception"][0] == row.logit
        assert terms["affinity"][0] == 0


def test_refused_exceptions_are_those_of_the_table(small: World) -> None:
    told = small.exceptions()
    refused = told[told["direction"] < 0]
    expected = set(refused[["installed", "app"]].itertuples(index=False, name=None))
    assert set(small.refused) == expected
    assert len(small.refused) == len(expected) > 0


def test_without_taste_a_coin_decides_each_exception() -> None:
    world = make_world(SMALL.model_copy(update={"affinity": 0.0, "exceptions": 400}))
    first, second = world.planting.exceptions.T
    told = world.exceptions()
    assert (told["expected"] == 0).all()
    agrees = world.planting.direction[first, second] == np.sign(
        liking(world.planting.apps, first, second)
    )
    low, high = stats.binom.interval(1 - 1e-6, len(told), 0.5)
    assert low <= agrees.sum() <= high


def test_rates_of_exceptions_equal_a_count(world: World, log: Interactions) -> None:
    train = (log.frame["split"] == "train").to_numpy()
    frame = log.frame[train].assign(label=log.labels[train])
    told = world.exceptions()
    assert told["rows"].is_monotonic_decreasing
    for row in pd.concat([told.head(5), told.tail(5)]).itertuples():
        shown = frame[frame["app"] == row.app]
        have = np.array([row.installed in installed_of(cell) for cell in shown["installed"]])
        assert row.rows == have.sum()
        if row.rows:
            assert row.observed_rate == pytest.approx(shown["label"][have].mean())
            assert row.true_rate == pytest.approx(shown["probability"][have].mean())
        else:
            assert math.isnan(row.observed_rate)


def test_penguins_are_exceptions_that_training_can_show(world: World) -> None:
    told = world.exceptions().set_index(["installed", "app"])
    assert 5 <= len(world.penguins) <= 8
    assert (told["name"] != "").sum() == len(world.penguins)
    segment = world.item_truth()["segment"]
    for penguin in world.penguins:
        row = told.loc[(penguin.installed, penguin.app)]
        assert row["name"] == penguin.sentence
        assert row["direction"] == penguin.direction
        assert row["rows"] >= 15
        assert (row["observed_rate"] > 0.5) == (penguin.direction > 0)
        friends = segment.index[segment == segment[penguin.installed]].drop(penguin.installed)
        others = pd.DataFrame({"installed": friends, "app": penguin.app})
        others = others[world.terms(others)["exception"] == 0]
        usual = world.probability(others).mean()
        exception = world.probability(
            pd.DataFrame({"installed": [penguin.installed]}), [penguin.app]
        )
        assert penguin.direction * (exception[0] - usual) > 0.2, penguin


def test_fields_without_effect_are_not_in_the_truth(world: World, log: Interactions) -> None:
    frame = log.frame.head(5_000)
    shuffled = frame.assign(
        **{
            name: frame[name].sample(frac=1, random_state=0).to_numpy()
            for name in (
                "gender",
                "country",
                "weekday",
                "price",
                "category",
                "app_installs",
                "user",
            )
        }
    )
    np.testing.assert_array_equal(world.probability(frame), world.probability(shuffled))
    for name in ("installed", "hour", "device", "age"):
        other = frame.assign(**{name: frame[name].sample(frac=1, random_state=0).to_numpy()})
        assert not np.array_equal(world.probability(frame), world.probability(other))


def test_no_effect_is_planted_in_the_labels_either(log: Interactions) -> None:
    excess = log.labels - log.frame["probability"].to_numpy()
    variance = (log.frame["probability"] * (1 - log.frame["probability"])).to_numpy()
    for name in ("gender", "country", "weekday", "price"):
        codes = log.frame[name].cat.codes.to_numpy()
        z = np.bincount(codes, excess) / np.sqrt(np.bincount(codes, variance))
        assert np.abs(z).max() < 4.5


def test_popularity_is_known_before_the_labels() -> None:
    noisy = make_world(SMALL.model_copy(update={"noise": 0.9, "affinity": 0.0}))
    pd.testing.assert_frame_equal(noisy.items, make_world(SMALL).items)


def test_the_form_is_that_of_a_log(world: World, log: Interactions) -> None:
    assert len(log.schema.fields) <= 12
    assert "user" not in log.schema.fields
    assert set(log.schema.columns()) == {*log.frame.columns, "label"}
    assert set(COLUMNS) == set(log.schema.columns())
    assert list(log.items.columns) == ["category", "price", "app_installs"]
    assert log.frame["age"].isna().mean() == pytest.approx(0.05, abs=0.02)
    assert 0.15 < log.base_rate < 0.4
    joined = log.items.loc[log.frame["app"].astype("str")]
    np.testing.assert_array_equal(
        joined["category"].astype("str"), log.frame["category"].astype("str")
    )
    np.testing.assert_array_equal(joined["app_installs"], log.frame["app_installs"])


def test_people_mostly_have_apps_of_their_segment(world: World) -> None:
    pool = world.planting.apps.pool[world.planting.installed]
    own = (pool == world.planting.segment[:, None])[world.planting.installed >= 0].mean()
    assert own == pytest.approx(0.9 + 0.1 / world.config.pools, abs=0.01)
    sizes = np.bincount(world.planting.apps.pool)
    assert sizes.max() - sizes.min() <= world.config.pools


def test_item_truth_gives_the_affinity(world: World) -> None:
    items = world.item_truth()
    taste = pd.DataFrame(world.planting.apps.taste[:-1], index=list(world.apps))
    vectors = items.filter(like="affinity_").to_numpy()
    for app in world.apps[:5]:
        alone = pd.DataFrame({"installed": [app]})
        terms = world.terms(alone, list(world.apps))
        expected = vectors @ taste.loc[app].to_numpy()
        plain = terms["exception"] == 0
        np.testing.assert_allclose(terms["affinity"][plain], expected[plain], atol=1e-12)
    spread = (vectors @ taste.to_numpy().T).std()
    assert spread == pytest.approx(world.config.affinity, rel=0.25)


def angles(world: World) -> np.ndarray:
    """Degrees between each app and each taste, [apps, tastes]."""
    cosines = world.planting.apps.taste[:-1] @ world.planting.tastes.T
    return np.degrees(np.arccos(np.clip(cosines, -1, 1)))


@pytest.mark.parametrize(("rank", "tastes"), [(2, 6), (2, 5), (3, 8), (5, 3)])
def test_tastes_lie_apart_and_apps_lie_nearest_to_their_own(rank: int, tastes: int) -> None:
    config = SMALL.model_copy(update={"rank": rank, "segments": tastes, "taste_spread": 1.0})
    found = angles(make_world(config))
    pool = make_world(config).planting.apps.pool
    own = found[np.arange(len(pool)), pool]
    np.testing.assert_allclose(own, found.min(axis=1), atol=1e-4)
    assert own.max() > own.min()
    between = make_world(config).planting.tastes
    closest = np.sort(np.degrees(np.arccos(np.clip(between @ between.T, -1, 1))), axis=1)[:, 1]
    assert closest.max() - closest.min() < 15  # nobody is crowded
    if rank == 2:
        np.testing.assert_allclose(closest, 360 / tastes)


def test_the_dials_of_taste_turn_and_mix(world: World) -> None:
    def drawn(**dials: float) -> tuple[float, float]:
        other = make_world(world.config.model_copy(update=dials))
        pool = other.planting.apps.pool
        homes = [TASTES[other.segments[p]] for p in pool]
        category = other.items.loc[list(other.apps), "category"].astype("str")
        fit = np.mean([c in h for c, h in zip(category, homes, strict=True)])
        return float(angles(other)[np.arange(len(pool)), pool].mean()), float(fit)

    assert drawn(taste_spread=0.0)[0] == pytest.approx(0, abs=1e-4)
    assert drawn(taste_spread=0.3)[0] < drawn(taste_spread=1.0)[0] < 30
    assert drawn(category_fit=1.0)[1] == 1
    assert drawn(category_fit=0.0)[1] == pytest.approx(3 / 20, abs=0.06)


def test_every_story_finds_its_pair_in_the_shipped_world_and_in_others() -> None:
    for seed in (5, 0, 1):
        assert len(make_world(WorldConfig(seed=seed)).penguins) == len(STORIES)


def test_a_world_written_before_versions_is_drawn_as_then() -> None:
    config = WorldConfig.model_validate(BEFORE["dials"])
    assert config.version == 1
    assert config.model_dump() == BEFORE["dials"]
    assert digest(config) == BEFORE["digest"]
    assert digest_of_log(make_world(config)) == BEFORE["log"]
    assert WorldConfig.model_validate_json(config.model_dump_json()) == config
    assert WorldConfig.model_validate(WorldConfig().model_dump()) == WorldConfig()
    assert not {*NEW_DIALS} & {*config.dials}


def test_a_world_of_before_refuses_what_it_does_not_have() -> None:
    with pytest.raises(ValidationError, match="version 1 has no category_fit"):
        WorldConfig.model_validate({**BEFORE["dials"], "version": 1, "category_fit": 0.2})


def digest_of_log(world: World) -> str:
    frame = world.interactions().frame.astype("str").assign(label=world.log.label)
    return hashlib.sha256(frame.to_csv().encode()).hexdigest()


def test_the_dials_do_what_they_say() -> None:
    def auc(**dials: float) -> float:
        log = make_world(SMALL.model_copy(update=dials)).log
        ranks = stats.rankdata(log.probability)
        ones = log.label.sum()
        below = ranks[log.label == 1].sum() - ones * (ones + 1) / 2
        return float(below / (ones * (len(log.label) - ones)))

    assert auc(noise=0.6) < auc(noise=0.0) < auc(affinity=3.0)
    assert auc(exceptions=0, affinity=0.0) < auc(affinity=0.0)
    even = make_world(SMALL.model_copy(update={"popularity_skew": 0.0})).item_truth()["exposure"]
    steep = make_world(SMALL.model_copy(update={"popularity_skew": 2.0})).item_truth()["exposure"]
    np.testing.assert_allclose(even, 1 / 60)
    assert steep.max() > 10 / 60


def test_names_suffice_and_are_distinct() -> None:
    words = [word for text in FLAVOURS.values() for word in text.split()]
    assert len(set(words)) == len(words)
    large = make_world(WorldConfig(apps=5_000, impressions=1_000))
    assert len(set(large.apps)) == 5_000
    assert all(name and "|" not in name for name in large.apps)
    assert {story.installed for story in STORIES} <= set(large.apps)


def test_one_category_may_have_more_apps_than_names() -> None:
    config = WorldConfig(apps=5_000, impressions=1_000, segments=1, category_fit=1)
    assert len(set(make_world(config).apps)) == 5_000


def test_named_worlds_are_different_and_generate() -> None:
    assert [world.key for world in WORLDS.values()] == list(WORLDS)
    assert WORLDS["paper"].config == WorldConfig()
    assert len({world.config for world in WORLDS.values()}) == len(WORLDS)
    without = make_world(WORLDS["nothing_to_memorize"].config)
    assert (len(without.exceptions()), without.penguins) == (0, [])
    assert not without.log.exception.any()


dials = st.builds(
    WorldConfig,
    version=st.sampled_from([1, 2]),
    users=st.integers(10, 60),
    apps=st.integers(10, 60),
    impressions=st.integers(1_000, 1_500),
    exceptions=st.sampled_from([0, 1, 5, 50, 20_000]),
    exception_strength=st.floats(0, 6),
    affinity=st.floats(0, 4),
    rank=st.integers(1, 16),
    segments=st.integers(1, 24),
    popularity_skew=st.floats(0, 2),
    held_out=st.floats(0, 0.4),
    noise=st.floats(0, 0.9),
    seed=st.integers(0, 2**31 - 1),
)


@settings(max_examples=40, deadline=None)
@given(dials)
def test_every_setting_of_the_dials_generates(config: WorldConfig) -> None:
    world = make_world(config)
    log = world.interactions()
    assert len(log) == config.impressions
    assert set(np.unique(log.labels)) == {0, 1}
    assert {"train", "valid", "test"} <= set(log.frame["split"].astype("str"))
    np.testing.assert_allclose(
        world.probability(log.frame), log.frame["probability"], atol=5.1e-7, rtol=0
    )
    assert log.frame["probability"].between(0, 1).all()
    told = world.exceptions()
    assert len(told) <= config.exceptions
    assert (told["direction"].abs() == 1).all()
    assert (world.log.shown[:, None] != world.planting.installed[world.log.user]).all()
    assert np.isfinite(world.logits(log.frame)).all()


@pytest.mark.parametrize("name", list(WorldConfig.model_fields))
def test_dials_are_bounded_and_described(name: str) -> None:
    field = WorldConfig.model_fields[name]
    assert field.description
    low, high = (
        getattr(bound, kind) for bound, kind in zip(field.metadata, ("ge", "le"), strict=True)
    )
    for value in (low, high):
        assert getattr(WorldConfig(**{name: value}), name) == value
    for value in (low - 1, high + 1):
        with pytest.raises(ValidationError):
            WorldConfig(**{name: value})
