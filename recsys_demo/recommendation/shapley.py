"""Exact Shapley values (1953) from the value of every coalition."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def members(players: int) -> npt.NDArray[np.float32]:
    """Who is in each of the 2^players coalitions, 0 or 1, [2^players, players]: player i is in
    coalition s if bit i of s is set."""
    coalitions = np.arange(2**players)[:, None]
    return ((coalitions >> np.arange(players)) & 1).astype(np.float32)


def shapley_values(values: Floats) -> Floats:
    """The share of each player, from values [2^players] in the order of `members`.

    phi_i = sum over S without i of |S|! (n - |S| - 1)! / n! (v(S + i) - v(S)). The shares add up to
    v(all) - v(none).
    """
    players = len(values).bit_length() - 1
    coalitions = np.arange(len(values))
    size = np.bitwise_count(coalitions)
    orders = math.factorial(players)
    weight = np.array(
        [math.factorial(s) * math.factorial(players - s - 1) / orders for s in range(players)]
    )
    shares = np.zeros(players)
    for player in range(players):
        without = coalitions[(coalitions >> player) & 1 == 0]
        gain = values[without | (1 << player)] - values[without]
        shares[player] = weight[size[without]] @ gain
    return shares
