"""Two towers: their loss by loops, what the correction by log Q is for, numpy against torch."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from recsys_demo.config.towers import TowersConfig
from recsys_demo.errors import InputError
from recsys_demo.features.fields import fit_fields
from recsys_demo.recommendation.query import query_frame
from recsys_demo.recommendation.towers import Towers
from recsys_demo.recommendation.weights import encode_side
from recsys_demo.training.towers import TwoTowers, arrays_of, sampled_softmax, train_towers
from tests.making.logs import log
from tests.making.recommending import model, recommender, rows
from tests.making.trees import SMALL

SETTINGS = TowersConfig(size=5, hidden=7, epochs=2, batch_size=64)
SHARES = (0.6, 0.3, 0.1)
ONE_TASTE = """
label = "label"
item = "app"
[fields]
who = {side = "user"}
app = {side = "item"}
"""


def test_the_loss_by_loops() -> None:
    generator = torch.Generator().manual_seed(0)
    queries, items = torch.randn(2, 4, 3, generator=generator)
    log_q = torch.tensor([0.5, 0.2, 0.2, 0.1]).log()
    total = 0.0
    for i in range(4):
        scores = [
            sum(float(queries[i, n] * items[j, n]) for n in range(3)) - float(log_q[j])
            for j in range(4)
        ]
        total -= scores[i] - math.log(sum(map(math.exp, scores)))
    assert float(sampled_softmax(queries, items, log_q)) == pytest.approx(total / 4, rel=1e-5)


@pytest.mark.parametrize(("log_q", "expected"), [(True, SHARES), (False, (1 / 3, 1 / 3, 1 / 3))])
def test_the_correction_keeps_popularity_in_the_scores(
    log_q: bool, expected: tuple[float, ...]
) -> None:
    """Everybody takes the same three apps by the same chances. Items of a batch come by these
    chances, too: without the correction they cancel, and the towers think all apps alike."""
    apps = [f"app{i}" for i, share in enumerate(SHARES) for _ in range(round(share * 600))]
    taken = log({"label": [1] * 600 + [0], "who": ["x"] * 601, "app": [*apps, "app0"]}, ONE_TASTE)
    config = TowersConfig(size=4, hidden=8, epochs=60, batch_size=300, log_q=log_q)
    towers = TwoTowers(fit_fields(taken), config, seed=0)
    list(train_towers(towers, taken, config, seed=0))
    shown = towers.fields.encode(taken.take(np.array([0, 400, 599])).frame)
    with torch.no_grad():
        scores = towers.tower("query", shown)[0] @ towers.tower("item", shown).T
    np.testing.assert_allclose(torch.softmax(scores, 0), expected, atol=0.05)


def test_numpy_serves_what_torch_has_learned_and_a_seed_its_digits(tmp_path: Path) -> None:
    fast = recommender(model(SMALL))
    ends = []
    for seed in (1, 1, 2):
        towers = TwoTowers(fit_fields(rows()), SETTINGS, seed)
        epochs = list(train_towers(towers, rows(), SETTINGS, seed))
        assert epochs[-1].loss < epochs[0].loss
        ends.append(arrays_of(towers))
    assert all(np.array_equal(ends[0][name], ends[1][name]) for name in ends[0])
    assert not np.array_equal(ends[0]["vectors"], ends[2]["vectors"])
    save_file(ends[2], tmp_path / "towers.safetensors")
    served = Towers.of_file(tmp_path / "towers.safetensors", fast)
    query = fast.query({"user": "u3", "installed": ["app1", "nobody"], "age": 33})
    fields = fast.encoder.fields
    asked = encode_side(query_frame(query, fields), fields, served.names["query"])
    with torch.no_grad():
        expected = towers.tower("item", fast.item_codes) @ towers.tower("query", asked)[0]
    np.testing.assert_allclose(served.scores(query), expected.numpy(), rtol=1e-4, atol=1e-5)


def test_towers_of_another_log_and_logs_without_sides_are_refused(tmp_path: Path) -> None:
    fast = recommender(model(SMALL))
    other = log({"label": [1, 1, 0], "who": list("xyz"), "app": list("abc")}, ONE_TASTE)
    towers = TwoTowers(fit_fields(other), SETTINGS, 0)
    save_file(arrays_of(towers), tmp_path / "other.safetensors")
    with pytest.raises(InputError, match="two towers cannot be used"):
        Towers.of_file(tmp_path / "other.safetensors", fast)
    with pytest.raises(InputError, match="two towers cannot be used"):
        Towers.of_file(tmp_path / "nothing", fast)
    one_side = log(
        {"label": [1, 1, 0], "app": list("abc")},
        'label="label"\nitem="app"\n[fields]\napp={side="item"}\n',
    )
    with pytest.raises(InputError, match="fields on both sides"):
        list(train_towers(TwoTowers(fit_fields(one_side), SETTINGS, 0), one_side, SETTINGS, 0))
