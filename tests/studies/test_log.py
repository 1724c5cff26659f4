"""Statistics of a log against pandas and hand-counted logs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from recsys_demo.data.planted.sample import make_world
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.evaluation.intervals import wilson
from recsys_demo.studies.log import sentences
from recsys_demo.studies.log.exceptions import taste_rates
from recsys_demo.studies.log.statistics import LogStatistics, Overview, SupportHistogram
from tests.making.logs import log, random_log

ROWS = random_log(500, seed=5)
FOUND = LogStatistics(ROWS)


def plain() -> pd.DataFrame:
    frame = ROWS.frame.copy()
    for name in ("user", "app", "country", "installed"):
        frame[name] = frame[name].astype("object")
    return frame.assign(label=ROWS.labels)


def test_overview_equals_pandas() -> None:
    frame, overview = plain(), FOUND.overview()
    assert (overview.rows, overview.positives) == (500, frame.label.sum())
    assert overview.base_rate == pytest.approx(frame.label.mean())
    assert overview.rate_interval == tuple(float(b) for b in wilson(frame.label.sum(), 500))
    assert (overview.users, overview.items) == (frame.user.nunique(), frame.app.nunique())
    assert overview.pairs == len(frame.drop_duplicates(["user", "app"]))
    assert overview.density == pytest.approx(overview.pairs / (20 * 6))
    counts = frame.app.value_counts()
    assert overview.head == pytest.approx(counts.iloc[0] / 500)


def test_tails_of_every_column() -> None:
    frame = plain()
    for column in ("user", "app", "country"):
        counts = frame[column].fillna("(missing)").value_counts()
        assert FOUND.tail(column).rows.tolist() == counts.tolist()
    installed = frame.installed.dropna().str.split("|").explode().value_counts()
    assert FOUND.tail("installed").rows.tolist() == installed.tolist()


def test_tail_points_are_points_of_the_tail() -> None:
    tail = LogStatistics(
        log(
            {
                "label": [0, 1] * 2000,
                "a": [f"v{int(i**0.8)}" for i in range(4000)],
            },
            'label = "label"\nitem = "a"\n[fields]\na = {side = "item"}',
        )
    ).tail("a")
    ranks, rows = tail.points()
    assert ranks[0] == 1
    assert ranks[-1] == len(tail.rows)
    assert len(ranks) <= 200
    assert (rows == tail.rows[ranks - 1]).all()
    assert tail.head(1.0) == 1.0


def test_support_histogram_equals_a_group_by() -> None:
    frame = plain().dropna(subset="installed")
    frame["installed"] = frame["installed"].str.split("|")
    counts = frame.explode("installed").groupby(["installed", "app"]).size()
    histogram = FOUND.support()
    assert histogram.pair == ("installed", "app")
    for low, high, pairs, rows in zip(
        histogram.low, histogram.high, histogram.pairs, histogram.rows, strict=True
    ):
        inside = counts[(counts >= low) & (counts <= (high or 10**9))]
        assert (pairs, rows) == (len(inside), inside.sum())
    assert histogram.seen == pytest.approx(len(counts) / 36)
    assert histogram.names[:4] == ["1", "2", "3-4", "5-9"]
    assert histogram.names[-1] == "1,000+"


def test_support_of_a_pair_that_is_no_field() -> None:
    histogram = FOUND.support(("user", "app"))
    counts = plain().groupby(["user", "app"]).size()
    assert histogram.pairs.sum() == len(counts)
    assert histogram.rows.sum() == 500
    assert histogram.possible == 20 * 6


def test_value_rates_equal_a_group_by() -> None:
    frame = plain()
    frame["country"] = frame["country"].fillna("(missing)")
    expected = frame.groupby("country")["label"].agg(["size", "sum", "mean"])
    table = FOUND.value_rates("country").set_index("value")
    assert set(table.index) == set(expected.index)
    for value, row in table.iterrows():
        size, positives, rate = expected.loc[value]
        assert (row.rows, row.positives, row.rate) == (size, positives, pytest.approx(rate))
        assert row.low < rate < row.high
    assert FOUND.value_rates("country")["rows"].is_monotonic_decreasing


def test_rates_of_a_number_are_by_its_bins() -> None:
    table = FOUND.value_rates("age")
    assert len(table) == 10
    assert table["rows"].sum() == ROWS.frame.age.notna().sum()
    assert table["rows"].min() > 20


def test_field_summaries() -> None:
    frame = plain()
    summaries = {field.name: field for field in FOUND.fields()}
    assert summaries["country"].values == 2
    assert summaries["country"].missing == frame.country.isna().sum()
    assert summaries["installed"].missing == frame.installed.isna().sum()
    lengths = frame.installed.dropna().str.split("|").map(len)
    assert summaries["installed"].mean_values == pytest.approx(lengths.mean())
    assert summaries["age"].values == frame.age.nunique()
    assert summaries["age"].missing_share == pytest.approx(frame.age.isna().mean())


def test_rare_values_are_counted_whatever_min_count_says() -> None:
    rows = log(
        {"label": [0, 1, 1], "a": ["x", "x", "y"]},
        'label = "label"\nitem = "a"\n[fields]\na = {side = "item", min_count = 2}',
    )
    assert LogStatistics(rows).tail("a").rows.tolist() == [2, 1]


def test_density_picture_shares_out_all_pairs() -> None:
    picture = FOUND.density_picture(bins=5)
    assert picture is not None
    cells = np.outer(picture.users, picture.items)
    assert (picture.share * cells).sum() == pytest.approx(FOUND.overview().pairs)
    assert (sum(picture.users), sum(picture.items)) == (20, 6)
    assert picture.share.max() <= 1


def test_density_picture_puts_the_busiest_first() -> None:
    rows = log(
        {
            "label": [0, 1, 0, 1],
            "user": ["few", "many", "many", "many"],
            "a": ["x", "x", "y", "z"],
        },
        'label = "label"\nuser = "user"\nitem = "a"\n[fields]\na = {side = "item"}',
    )
    picture = LogStatistics(rows).density_picture()
    assert picture is not None
    assert picture.share.tolist() == [[1, 1, 1], [1, 0, 0]]


def test_a_log_without_user_has_no_users() -> None:
    rows = log(
        {"label": [0, 1], "a": ["x", "y"]},
        'label = "label"\nitem = "a"\n[fields]\na = {side = "item"}',
    )
    found = LogStatistics(rows)
    assert found.overview().users is None
    assert found.density_picture() is None
    assert "names no user" in sentences.of_density(found.overview())


def test_sentences_follow_from_the_numbers() -> None:
    assert "log loss of 0.69" in sentences.of_base_rate(FOUND.overview())
    dense = sentences.of_density(FOUND.overview())
    assert "generalize to the other" in dense
    assert "remember" not in dense  # whatever is shown beside it about the reference pair
    sparse = LogStatistics(
        log(
            {
                "label": [0, 1] * 50,
                "user": [f"u{i}" for i in range(100)],
                "a": [f"a{i}" for i in range(100)],
            },
            'label = "label"\nuser = "user"\nitem = "a"\n[fields]\na = {side = "item"}',
        )
    )
    assert "has to generalize" in sentences.of_density(sparse.overview())
    assert "100% of all values have fewer than 10 rows" in sentences.of_tail(sparse.tail("a"))
    assert "100% of those that occur do so once" in sentences.of_support(sparse.support())
    assert "only memorize that row" in sentences.of_field(sparse.fields()[0])
    assert sentences.of_missing(sparse.fields()) == "Every row has a value in every field."
    assert "most of all" in sentences.of_missing(FOUND.fields())


def shaped(rows: int, pairs: list[int], possible: int, positives: int = 40) -> str:
    overview = Overview(rows, positives, (0.3, 0.5), 9, 9, 9, None, None, 0.5)
    counts = np.array(pairs)
    bins = SupportHistogram(("had", "app"), (1, 10), (9, None), counts, counts, possible)
    return sentences.finding(overview, bins)


@pytest.mark.parametrize(
    ("told", "says"),
    [
        (shaped(5_000, [60, 40], 100), "40% of had x app pairs occur 10 times or more and can"),
        (shaped(5_000, [60, 40], 100), "on the other 60% a model has to generalize"),
        (shaped(5_000, [60, 4], 100_000), "Hardly anything here can be memorized: 0.004%"),
        (shaped(5_000, [1, 99], 100), "Nearly everything here can be memorized: 99%"),
        (shaped(90, [60, 40], 100), "90 rows are too few: any rate seen in them may be chance"),
        (shaped(5_000, [0, 0], 100), "No had x app pair occurs"),
        (shaped(5_000, [1, 9], 100, positives=0), "Every row has the same label"),
    ],
)
def test_the_finding_is_what_the_pairs_say_and_another_log_says_another(
    told: str, says: str
) -> None:
    assert says in told


@pytest.mark.parametrize("seed", range(3))
def test_the_finding_of_the_sample_world_changes_with_its_rows(seed: int) -> None:
    def said(rows: int) -> str:
        config = WorldConfig(users=200, apps=40, impressions=rows, exceptions=20, seed=seed)
        log = make_world(config).interactions()
        found = LogStatistics(log)
        return sentences.finding(found.overview(), found.support())

    assert "and can be memorized; " in said(3_000)
    assert "Nearly everything" in said(60_000)


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_the_rate_by_taste_is_the_truth_without_the_exception(noise: float) -> None:
    config = WorldConfig(users=300, apps=40, impressions=20_000, exceptions=30, noise=noise, seed=2)
    found = make_world(config).exceptions()
    found = found[found["rows"] > 0]
    by_taste = taste_rates(found, noise)
    against = np.sign(by_taste - found["true_rate"].to_numpy())
    assert (against == found["expected"]).mean() > 0.9
    undone = found.assign(shift=0.0)
    assert taste_rates(undone, noise) == pytest.approx(undone["true_rate"].to_numpy(), abs=1e-5)
