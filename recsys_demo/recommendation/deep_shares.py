"""What each field does in the network: exact Shapley values against an average row.

v(S) is the deep logit where the fields in S have their values and all others an average one: the
mean over the catalogue of an item field's vector, over the known queries of any other's. The
network's first layer is a sum over fields, so that all 2^F rows cost one product each.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from recsys_demo.features.fields import FieldCodes
from recsys_demo.recommendation.query import query_fields
from recsys_demo.recommendation.recommender import Recommender
from recsys_demo.recommendation.serving import Floats, Singles, encode_side
from recsys_demo.recommendation.shapley import members, shapley_values

MOST_PLAYERS = 12
BLOCK = 4096
BASELINE = (
    "The baseline is an average row: every field of the shown item at its mean vector over the "
    "catalogue, every other field at its mean over the people known."
)


def deep_shares(
    recommender: Recommender, codes: FieldCodes
) -> tuple[float, dict[tuple[str, ...], float]]:
    """The deep logit of an average row, and the share of every field in what this row (`codes`,
    one row) has more. Beyond `MOST_PLAYERS` fields, those that matter least alone are one player
    together; the shares add up to the row's deep logit minus the average row's."""
    names = list(codes.codes)
    own = recommender.model.hidden(codes)[0]
    average = average_shares(recommender)
    base = np.stack([average[name] for name in names])
    players = _players(recommender, names, own - base)
    gains = np.stack([(own - base)[[names.index(n) for n in p]].sum(0) for p in players])
    values = _values(recommender, gains, base.sum(0))
    shares = shapley_values(values)
    return float(values[0]), dict(zip(players, shares.tolist(), strict=True))


def average_shares(recommender: Recommender) -> dict[str, Singles]:
    """Each field's mean share of the first layer's sums, [h] each."""
    if not recommender.averages:
        of_items = _means(recommender, recommender.item_side.half.codes)
        # All at once: another visitor may be looking.
        recommender.averages.update(of_items | _means(recommender, _known_codes(recommender)))
    return recommender.averages


def _values(recommender: Recommender, gains: Singles, base: Singles) -> Floats:
    """The deep logit of every coalition, [2^players]."""
    who = members(len(gains))
    pieces = [
        recommender.model.network(who[start : start + BLOCK] @ gains + base)
        for start in range(0, len(who), BLOCK)
    ]
    return np.concatenate(pieces)


def _players(recommender: Recommender, names: list[str], gains: Singles) -> list[tuple[str, ...]]:
    if len(names) <= MOST_PLAYERS:
        return [(name,) for name in names]
    base = sum(average_shares(recommender)[name] for name in names)
    whole = np.asarray(base) + gains.sum(0)
    lost = recommender.model.network(whole - gains) - recommender.model.network(whole[None])
    order = np.argsort(-np.abs(lost), kind="stable")
    alone = sorted(order[: MOST_PLAYERS - 1].tolist())
    rest = sorted(order[MOST_PLAYERS - 1 :].tolist())
    return [*[(names[i],) for i in alone], tuple(names[i] for i in rest)]


def _means(recommender: Recommender, codes: FieldCodes) -> dict[str, Singles]:
    total = np.zeros((len(codes.codes), len(recommender.model.state["deep.weight0"])))
    for start in range(0, len(codes), BLOCK):
        rows = np.arange(start, min(start + BLOCK, len(codes)))
        total += recommender.model.hidden(codes.take(rows)).sum(0, dtype=np.float64)
    means = (total / max(len(codes), 1)).astype(np.float32)
    return dict(zip(codes.codes, means, strict=True))


def _known_codes(recommender: Recommender) -> FieldCodes:
    schema, known = recommender.schema, recommender.queries
    columns: dict[str, pd.Series] = {}
    for name in query_fields(schema):
        if name == schema.user:
            column = pd.Series(known.index.astype("str"))
        else:
            column = known[name].reset_index(drop=True)
        numeric = schema.fields[name].kind == "numeric"
        columns[name] = column.astype("float64" if numeric else "category")
    frame = pd.DataFrame(columns, index=range(len(known)))
    return encode_side(frame, recommender.encoder.fields, list(columns))
