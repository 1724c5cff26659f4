"""A newcomer brings a shop's log and accepts every default."""

from __future__ import annotations

from pathlib import Path

import pytest

from recsys_demo import Log, RankerClassifier, read_log
from recsys_demo.data.sources import load
from recsys_demo.data.specs import FileSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.studies.crosses.log_codes import log_codes
from recsys_demo.studies.crosses.suggestions import suggest
from tests.making.shop import write_shop


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("shop") / "shop.csv"
    write_shop(path, rows=6_000)
    return path


@pytest.fixture(scope="module")
def log(path: Path) -> Log:
    return read_log(path)


def test_what_is_odd_is_read_and_told(log: Log) -> None:
    schema = log.schema
    assert (schema.user, schema.item, schema.time) == ("customer", "product", "time")
    assert schema.fields["price"].side == "item", "it tells the product beside sampled negatives"
    assert (schema.fields["price"].kind, schema.fields["tags"].kind) == ("numeric", "multi")
    notes = "\n".join(log.notes)
    assert "72 of 6,072 rows" in notes
    assert '"price" moved to the item' in notes


def test_the_default_model_beats_popularity(log: Log) -> None:
    result = RankerClassifier(schema=log.schema, items=log.items).fit(log.X).result_
    popularity = result["baselines"]["popularity"]["test"]["auc"]
    assert popularity + 0.02 < result["test"]["auc"] < 0.9, "above it, and nothing is given away"


def test_the_planted_rule_is_among_the_first_suggestions(path: Path, log: Log) -> None:
    spec = FileSpec(data=str(path), schema_toml=log.schema.to_toml())
    data = load(spec, SplitConfig())
    found = suggest(log_codes(data.train, data.test, data.valid))
    assert "diet x category" in [str(gain.cross) for gain in found[:5]]
