"""The table of a cross against a pandas group-by on the same rows."""

from __future__ import annotations

import math
import re

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency

from recsys_demo.data.interactions import Interactions
from recsys_demo.errors import InputError
from recsys_demo.features.crosses import parse_cross
from recsys_demo.limits import Limits
from recsys_demo.studies.crosses.formula import formula
from recsys_demo.studies.crosses.log_codes import LogCodes, log_codes
from recsys_demo.studies.crosses.sentences import finding, noise_share, strongest
from recsys_demo.studies.crosses.statistics import (
    CrossStatistics,
    collisions,
    covered_share,
    describe_cross,
)
from tests.making.logs import log, random_log

TRAIN, TEST = random_log(400, seed=1), random_log(150, seed=2)
LOG = log_codes(TRAIN, TEST)


def described(text: str, min_support: int = 2, coded: LogCodes = LOG) -> CrossStatistics:
    return describe_cross(parse_cross(text, coded.encoder.schema), coded, min_support)


def exploded(rows: Interactions) -> pd.DataFrame:
    """One row per installed app, in plain strings."""
    frame = rows.frame[["app", "country", "installed"]].astype("object")
    frame["country"] = frame["country"].fillna("(missing)")
    frame["installed"] = frame["installed"].map(
        lambda cell: cell.split("|") if isinstance(cell, str) else []
    )
    frame = frame.assign(label=rows.labels, row=np.arange(len(rows)))
    return frame.explode("installed").dropna(subset="installed")


@pytest.mark.parametrize("text", ["installed x app", "installed x country x app"])
def test_the_table_equals_a_group_by(text: str) -> None:
    fields = text.split(" x ")
    rows = exploded(TRAIN)
    expected = rows.groupby(fields)["label"].agg(["size", "sum", "mean"])
    table = strongest(described(text), LOG, min_support=1, count=10**6)
    assert len(table) == len(expected)
    for row in table:
        size, positives, rate = expected.loc[row.values]
        assert (row.support, row.positives) == (size, positives)
        assert row.rate == pytest.approx(rate)
        assert row.lift == pytest.approx(rate / TRAIN.labels.mean())
        assert row.low <= rate <= row.high


def test_peers_are_the_other_rows_that_show_the_same_item() -> None:
    plain = TRAIN.frame.assign(label=TRAIN.labels)
    has = TRAIN.frame["installed"].astype("object").fillna("").str.split("|")
    for row in strongest(described("installed x app"), LOG, min_support=1, count=30):
        installed, app = row.values
        others = plain[(plain["app"] == app) & ~has.map(lambda names: installed in names)]  # noqa: B023 # used at once
        assert row.peer_rate == pytest.approx(others["label"].mean())


def test_sizes_and_coverage() -> None:
    found = described("installed x app", min_support=5)
    train, test = exploded(TRAIN), exploded(TEST)
    counts = train.groupby(["installed", "app"]).size()
    supported = set(counts[counts >= 5].index)
    spoken = test[[pair in supported for pair in zip(test.installed, test.app, strict=True)]]
    assert found.size.possible == 36
    assert found.size.seen == len(counts)
    assert found.size.supported == found.size.parameters == len(supported)
    assert found.size.coverage == pytest.approx(spoken.row.nunique() / len(TEST))
    assert found.size.silent == pytest.approx(1 - found.size.coverage)


def test_conditions_count_the_rows_that_meet_them() -> None:
    found = described("country=ch & app=app1")
    rows = (TRAIN.frame.country == "ch") & (TRAIN.frame.app == "app1")
    assert found.size.possible == 1
    assert found.combinations.support.tolist() == [rows.sum()]
    assert found.combinations.positives.tolist() == [TRAIN.labels[rows.to_numpy()].sum()]
    assert described("country=nowhere & app=app1").size.seen == 0
    assert strongest(described("country=nowhere & app=app1"), LOG) == []


def test_evidence_is_the_likelihood_ratio() -> None:
    found = described("country x app").combinations
    base = TRAIN.labels.mean()
    k, n = found.positives[0], found.support[0]
    p = k / n
    expected = 2 * (k * math.log(p / base) + (n - k) * math.log((1 - p) / (1 - base)))
    assert found.evidence[0] == pytest.approx(expected)
    assert (np.diff(found.evidence[found.order("evidence")]) <= 1e-9).all()
    assert (np.diff(found.support[found.order("support")]) <= 0).all()


def test_surprise_is_the_likelihood_ratio_of_a_two_by_two_table() -> None:
    found = described("installed x app").combinations
    for at in range(5):
        table = np.array(
            [
                [found.positives[at], found.support[at] - found.positives[at]],
                [found.peer_positives[at], found.peers[at] - found.peer_positives[at]],
            ]
        )
        expected = chi2_contingency(table, correction=False, lambda_="log-likelihood").statistic
        assert found.surprise[at] == pytest.approx(expected)


def test_several_crosses_speak_for_the_union_of_their_rows() -> None:
    texts = ("country=ch & app=app1", "country=it & app=app2")
    frame = TEST.frame
    rows = ((frame.country == "ch") & (frame.app == "app1")) | (
        (frame.country == "it") & (frame.app == "app2")
    )
    assert covered_share([described(t) for t in texts], LOG) == pytest.approx(rows.mean())


def test_collisions_are_counted_and_as_rare_as_expected() -> None:
    values = 3000
    wide = log(
        {
            "label": [0, 1] * values,
            "a": [f"v{i}" for i in range(values) for _ in "ab"],
            "b": ["x", "y"] * values,
        },
        'label = "label"\nitem = "a"\n[fields]\na = {side = "item"}\nb = {}',
    )
    found = described("a x b", coded=log_codes(wide, wide))
    assert found.size.seen == 2 * values
    for buckets in (2, 6000, 100_000):
        seen = collisions(found, buckets)
        assert seen.combinations == 2 * values
        assert seen.used + seen.shared >= seen.combinations
        assert seen.share == pytest.approx(seen.expected_share, abs=0.02)
    assert describe_cross(found.cross, log_codes(wide, wide), buckets=64).size.parameters == 64


PLANTED = """
label = "label"
item = "app"
[fields]
app = {side = "item"}
has = {kind = "multi", side = "user"}
"""


def planted(pairs: list[tuple[str | None, str, int, int]]) -> LogCodes:
    """Rows from (has, app, rows, positives)."""
    columns: dict[str, list[object]] = {"label": [], "app": [], "has": []}
    for has, app, rows, positives in [*pairs, (None, "Elsewhere", 10, 1)]:
        columns["label"] += [1] * positives + [0] * (rows - positives)
        columns["app"] += [app] * rows
        columns["has"] += [has] * rows
    rows_ = log(columns, PLANTED)
    return log_codes(rows_, rows_)


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        (
            [("Rover", "Atlas", 40, 12), (None, "Atlas", 100, 10), (None, "Boat", 50, 5)],
            "People with has=Rover take Atlas 3.0 times as often as others who see it "
            "(12 of 40 rows, 30.0%; 10.0% of 100).",
        ),
        (
            [("7", "007", 40, 12), (None, "007", 100, 10)],
            "People with has=7 take app=007 3.0 times as often as others who see it "
            "(12 of 40 rows, 30.0%; 10.0% of 100).",
        ),
        (
            [("Rover", "Atlas", 40, 0), (None, "Atlas", 100, 10)],
            "People with has=Rover never take Atlas (0 of 40 rows, 0.0%); "
            "others who see it take it in 10.0% of 100.",
        ),
        (
            [("Rover", "Atlas", 40, 4), (None, "Atlas", 100, 0)],
            "People with has=Rover take Atlas (4 of 40 rows, 10.0%); others who see it never do.",
        ),
        (
            [("Rover", "Atlas", 40, 4), (None, "Boat", 100, 0)],
            "People with has=Rover are the only ones in the training rows (4 of 40 rows, 10.0%).",
        ),
    ],
)
def test_sentences(pairs: list[tuple[str | None, str, int, int]], words: str) -> None:
    coded = planted(pairs)
    assert strongest(described("has x app", coded=coded), coded)[0].sentence == words


def test_noise_is_flagged_and_signal_is_not() -> None:
    coded = planted([("a", "x", 200, 100), ("b", "x", 200, 20), ("c", "x", 10, 3)])
    found = described("has x app", coded=coded)
    noise = {row.values[0]: row.noise for row in strongest(found, coded)}
    assert noise == {"a": False, "b": False, "c": True}
    assert noise_share(found, 2) == pytest.approx(1 / 3)
    assert math.isnan(noise_share(found, 1000))


def test_what_the_sentence_compares_is_what_is_tested() -> None:
    """An app everybody takes: far above the base rate, and no news about those who have another."""
    liked = [("a", "hit", 100, 80), ("b", "hit", 100, 81), ("a", "miss", 100, 2)]
    coded = planted([*liked, ("b", "miss", 100, 30)])
    found = {row.values: row.noise for row in strongest(described("has x app", coded=coded), coded)}
    assert found == {
        ("a", "hit"): True,
        ("b", "hit"): True,
        ("a", "miss"): False,
        ("b", "miss"): False,
    }


def test_labels_shuffled_within_items_leave_nothing() -> None:
    """43 of the first 50 stayed unflagged: they were tested against the base rate, one by one."""
    random = np.random.default_rng(0)
    apps = [f"i{i}" for i in range(20)]
    pairs = [
        (f"h{h}", app, rows, int(random.binomial(rows, 0.02 + 0.04 * at)))
        for at, app in enumerate(apps)
        for h in range(60)
        if (rows := int(random.integers(1, 9)))
    ]
    coded = planted(pairs)
    rows = strongest(described("has x app", coded=coded), coded, count=50)
    assert all(row.noise for row in rows)


def test_limits_refuse_before_computing() -> None:
    with pytest.raises(InputError, match="too many combinations"):
        describe_cross(
            parse_cross("installed x app", TRAIN.schema),
            LOG,
            limits=Limits(cross_combinations_per_row=1),
        )


def test_the_formula_is_filled_in_and_cannot_be_broken_by_names() -> None:
    text = formula(parse_cross('installed="$a_{b}" x app', TRAIN.schema))
    assert r"\text{installed} = \text{\$a\_\{b\}}" in text
    assert r"\text{app} = v_{2}" in text
    assert text.count("{") - text.count(r"\{") == text.count("}") - text.count(r"\}")


def with_friends(seed: int, friends: float, others: float) -> tuple[CrossStatistics, LogCodes]:
    """A log in which people with Ferret take Sock at one rate, all others at another."""
    random = np.random.default_rng(seed)
    has = random.random(3_000) < 0.3
    sock = random.random(3_000) < 0.5
    rate = np.where(has & sock, friends, others)
    content = {
        "label": (random.random(3_000) < rate).astype(int),
        "user": [f"u{i % 50}" for i in range(3_000)],
        "app": np.where(sock, "Sock", "Lamp"),
        "installed": np.where(has, "Ferret", "Newt"),
    }
    rows = log(
        content,
        """
        label = "label"
        user = "user"
        item = "app"
        [fields]
        app = {kind = "categorical", side = "item"}
        installed = {kind = "multi", side = "user"}
        """,
    )
    coded = log_codes(rows, rows)
    return described("installed x app", coded=coded), coded


@pytest.mark.parametrize("seed", range(5))
def test_the_finding_names_what_stands_out_and_owns_up_to_noise(seed: int) -> None:
    found, coded = with_friends(seed, 0.9, 0.4)
    rows = strongest(found, coded)
    told = finding(found, rows)
    assert re.match(r"(Ferret|Newt) → Sock: taken in \d+% of [\d,]+ rows, by others in", told)
    first = next(row for row in rows if not row.noise)
    assert f"{first.rate:.0%} of {first.support:,} rows, by others in {first.peer_rate:.0%}" in told
    # Nothing is planted: nothing is found.
    same, coded = with_friends(seed, 0.4, 0.4)
    assert "could be chance" in finding(same, strongest(same, coded))
    assert "No combination of installed x app" in finding(same, [])
