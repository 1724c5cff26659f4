"""New rows have the scores that training would give them, however they come."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.special import expit

from recsys_demo.config.model import ModelConfig
from recsys_demo.config.presets import PRESETS
from recsys_demo.data.interactions import Interactions, build_interactions
from recsys_demo.data.reading import read_table
from recsys_demo.data.schema import Schema
from recsys_demo.errors import InputError
from recsys_demo.features.encoder import fit_encoder
from recsys_demo.models.ranker import Ranker, score
from recsys_demo.recommendation.recommender import Recommender
from recsys_demo.recommendation.row_scores import file_scores
from recsys_demo.training.datasets import read_as
from tests.making.recommending import SETTINGS, SUBSETS, drawn, recommender, rows

DATES = """
label = "label"
item = "item"
[fields]
item = {kind = "categorical", side = "item"}
maker = {kind = "categorical", side = "item"}
tags = {kind = "multi", side = "context"}
day = {kind = "numeric", side = "context", quantiles = 20}
"""


@pytest.mark.parametrize("config", [*SUBSETS, *SETTINGS])
def test_whole_rows_score_as_the_rankers_do(config: ModelConfig) -> None:
    ranker, encoder = drawn(config)
    other = rows(90, seed=5)
    strange = other.frame.assign(
        country=pd.Categorical(["nowhere"] * 90), installed=pd.Categorical(["app1|no|nothing"] * 90)
    )
    for frame in (other.frame, strange):
        codes = encoder.fields.encode(frame)
        found = recommender(config).whole_rows(codes)
        np.testing.assert_allclose(found, score(ranker, encoder.assemble(codes)), atol=2e-5)


def served(log: Interactions) -> tuple[Recommender, Ranker]:
    """A model with drawn weights on a log that was read from a file."""
    schema = read_as(log.schema, log.formats)
    config = PRESETS["deepfm"].model
    encoder = fit_encoder(replace(log, schema=schema), config)
    ranker = Ranker(config, encoder, 3, 0.4)
    for tensor in ranker.state().values():
        tensor.add_(0.1)
    state = {name: tensor.numpy() for name, tensor in ranker.state().items()}
    queries = log.frame[["day", "tags"]].head(3)
    return Recommender(config, encoder, state, log.items, queries), ranker


def dated(folder: Path) -> tuple[Recommender, np.ndarray]:
    """A log whose days are told from months by its later rows only, and its scores in training."""
    days = [f"{1 + day % 28:02d}/{1 + day % 12:02d}/2024" for day in range(300)]
    lines = [
        f"{day % 2},i{day % 7},m{day % 7 % 3},\"['a', 'b{day % 5}']\",{text}"
        for day, text in enumerate(days)
    ]
    path = folder / "log.csv"
    path.write_text("\n".join(["label,item,maker,tags,day", *lines]), encoding="utf-8")
    log, _ = build_interactions(read_table(path), Schema.parse(DATES))
    found, ranker = served(log)
    return found, score(ranker, found.encoder.encode(log))


def probabilities(found: Recommender, path: Path) -> np.ndarray:
    return np.concatenate([scores.frame()["probability"] for scores in file_scores(found, path)])


def test_a_column_is_read_as_in_training_whatever_its_new_cells_are(tmp_path: Path) -> None:
    """Early days alone could be months; a list may come as a list, an item without its maker."""
    found, logits = dated(tmp_path)
    whole = pd.read_csv(tmp_path / "log.csv", dtype="str")
    early = whole["day"].str[:2].astype(int) <= 12
    some = whole[early].drop(columns=["label", "maker"])
    some.to_csv(tmp_path / "new.csv", index=False)
    expected = expit(logits[early.to_numpy()])
    np.testing.assert_allclose(probabilities(found, tmp_path / "new.csv"), expected, atol=1e-6)
    typed = some.assign(
        day=pd.to_datetime(some["day"], format="%d/%m/%Y"),
        tags=[[tag.strip(" []'") for tag in cell.split(",")] for cell in some["tags"]],
    )
    table = pa.Table.from_pandas(typed, preserve_index=False)
    pq.write_table(table, tmp_path / "new.parquet", row_group_size=17)
    np.testing.assert_allclose(probabilities(found, tmp_path / "new.parquet"), expected, atol=1e-6)


def test_row_groups_are_numbered_through_and_unknown_values_counted(tmp_path: Path) -> None:
    found, _ = dated(tmp_path)
    new = pd.DataFrame({"item": ["i1", "i9", None, "i9"], "tags": "['a','zzz']", "day": None})
    table = pa.table(new.iloc[[0, 1, 3]].assign(day=["01/02/2024"] * 3))
    pq.write_table(table, tmp_path / "new.parquet", row_group_size=2)
    pieces = list(file_scores(found, tmp_path / "new.parquet"))
    assert pd.concat([piece.frame() for piece in pieces])["row"].tolist() == [0, 1, 2]
    assert [piece.unknown["item"] for piece in pieces] == [1, 1]
    assert [piece.unknown["tags"] for piece in pieces] == [2, 1]


def test_what_is_wrong_with_new_rows_is_told_at_once(tmp_path: Path) -> None:
    found, _ = dated(tmp_path)
    (tmp_path / "new.csv").write_text("item,day\ni1,someday\n,01/02/2024\n", encoding="utf-8")
    with pytest.raises(InputError, match="tags"):
        list(file_scores(found, tmp_path / "new.csv"))
    (tmp_path / "new.csv").write_text("item,tags,day\ni1,,someday\n,,01/02/2024\n")
    with pytest.raises(InputError) as told:
        list(file_scores(found, tmp_path / "new.csv"))
    assert {problem.where for problem in told.value.problems} == {
        'new.csv, row 1 (line 3), column "item"',
        'new.csv, row 0 (line 2), column "day"',
    }
