"""A shop's log as people bring it: purchases only, a rule to find, a price that gives the item
away, lists, gaps and repeated rows."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

CATEGORIES = (
    "grocery/meat",
    "grocery/fruit",
    "grocery/bread",
    "home/kitchen",
    "home/garden",
    "toys/games",
)
TAGS = ("new", "sale", "bio", "local", "gift", "premium", "eco")
AGAIN, MISSING = 0.012, 0.03  # shares of the rows repeated, of the cells left empty


def write_shop(
    path: Path, rows: int, people: int = 800, products: int = 300, seed: int = 0
) -> None:
    """Purchases by a product's popularity and a person's taste for categories; vegans buy no meat
    on weekdays. The price has a discount now and then, so that it nearly tells the product."""
    rng = np.random.default_rng(seed)
    category = rng.integers(0, len(CATEGORIES), products)
    weight = rng.permutation(1 / np.arange(1, products + 1) ** 0.8)
    taste = np.exp(0.8 * rng.normal(size=(people, len(CATEGORIES))))
    vegan, activity = rng.random(people) < 0.3, rng.pareto(1.5, people) + 0.3
    who = rng.choice(people, rows, p=activity / activity.sum())
    time = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 180 * 86_400, rows), "s")
    refuses = vegan[who] & (time.day_of_week < 5)
    liking = weight * taste[:, category]
    draws, bought = rng.random(rows), np.zeros(rows, dtype=np.int64)
    for some, chance in ((~refuses, liking), (refuses, np.where(category == 0, 0, liking))):
        ends = (chance / chance.sum(axis=1, keepdims=True)).cumsum(axis=1)
        bought[some] = (ends[who[some]] < draws[some, None]).sum(axis=1).clip(max=products - 1)
    paid = np.exp(rng.normal(2, 0.8, products))[bought] * rng.choice([1, 0.9], rows, p=[0.9, 0.1])
    tags = [
        json.dumps(sorted(rng.choice(TAGS, rng.integers(0, 4), replace=False).tolist()))
        for _ in range(products)
    ]
    frame = pd.DataFrame(
        {
            "time": time.strftime("%Y-%m-%d %H:%M:%S"),
            "customer": [f"c{i}" for i in who],
            "diet": np.where(vegan[who], "vegan", "none"),
            "product": [f"p{i}" for i in bought],
            "category": [CATEGORIES[i] for i in category[bought]],
            "price": [f"€ {price:.2f}".replace(".", ",") for price in paid],
            "channel": rng.choice(["web", "app", "store"], rows),
            "tags": [tags[i] for i in bought],
        }
    )
    for name in ("category", "price", "channel"):
        frame.loc[rng.random(rows) < MISSING, name] = ""
    again = frame.sample(frac=AGAIN, random_state=seed)
    pd.concat([frame, again]).sort_values("time").to_csv(path, index=False)
