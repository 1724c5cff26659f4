"""Two towers that were drawn and not trained: every number says something."""

from __future__ import annotations

from recsys_demo.config.towers import TowersConfig
from recsys_demo.data.interactions import Interactions
from recsys_demo.recommendation.recommender import Recommender
from recsys_demo.recommendation.towers import Towers
from recsys_demo.training.towers import TwoTowers, arrays_of


def drawn_towers(train: Interactions, ranker: Recommender) -> Towers:
    """Towers for the values of these rows, over a recommender's catalogue."""
    return Towers(arrays_of(TwoTowers.of_rows(train, TowersConfig(size=3), 0)), ranker)
