"""People worth looking at, found in the log: where memory, taste and popularity part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from recsys_demo.data.cells import cell_values
from recsys_demo.data.planted.sample import Penguin, World
from recsys_demo.data.planted.truth import SEPARATOR
from recsys_demo.recommendation.knowledge import Knowledge
from recsys_demo.recommendation.query import is_known
from recsys_demo.recommendation.recommender import Recommender

LOOKED_AT = 400  # people, or pairs, among whom a case is sought


@dataclass(frozen=True)
class Case:
    """A person (None: somebody new) and an item to look at, with the reason in a sentence. `about`
    is which of the person's values it pairs with the item."""

    key: str
    user: str | None
    item: str | None
    story: str
    about: str = ""


def frequent(recommender: Recommender, knowledge: Knowledge) -> Case | None:
    """Somebody with one half of a pair that many training rows have, shown the other half: of the
    most frequent pairs the one taken most often."""
    pairs = knowledge.rows.tocoo()
    order = np.argsort(-pairs.data, kind="stable")[:LOOKED_AT]
    order = order[pairs.data[order] >= pairs.data.max(initial=0) / 2]
    row, column = pairs.row[order], pairs.col[order]
    rates = knowledge.taken[row, column] / pairs.data[order]
    for at in np.argsort(-rates, kind="stable").tolist():
        value, item = str(knowledge.values[int(row[at])]), int(column[at])
        for user in _people_with(recommender, knowledge, value):
            if not recommender.installed(recommender.query({"user": user}))[item]:
                whose = recommender.readable(str(knowledge.pair), value)
                return Case(
                    "frequent",
                    user,
                    str(recommender.ids[item]),
                    f"{recommender.names[item]} was shown together with {knowledge.pair} = {whose} "
                    f"in {int(pairs.data[order[at]]):,} training rows and taken in {rates[at]:.0%} "
                    "of them: enough to memorize.",
                    value,
                )
    return None


def never_seen(recommender: Recommender, knowledge: Knowledge) -> Case | None:
    """Somebody and the most shown item that no training row has together with anything of
    theirs."""
    best: tuple[int, str, int] | None = None
    for user in _people(recommender):
        query = recommender.query({"user": user})
        support = knowledge.support(query)
        if not support.values:
            continue
        free = (support.rows == 0) & ~recommender.installed(query)
        rows = np.where(free, knowledge.shown_rows, 0)
        item = int(rows.argmax())
        if rows[item] and (best is None or rows[item] > best[0]):
            best = int(rows[item]), user, item
    if best is None:
        return None
    rows_, user, item = best
    return Case(
        "never",
        user,
        str(recommender.ids[item]),
        f"{recommender.names[item]} was shown {rows_:,} times, but never together with any "
        f"{knowledge.pair} of theirs: nothing to remember, everything to guess.",
    )


def niche(recommender: Recommender, knowledge: Knowledge) -> Case | None:
    """Whose installed items, or items taken, are the least popular of all people looked at."""
    best: tuple[float, str] | None = None
    for user in _people(recommender):
        own = recommender.installed(recommender.query({"user": user}))
        own = own if own.any() else knowledge.taken_by(user)
        if own.sum() >= 2:
            liking = float(np.log1p(knowledge.taken_rows[own]).mean())
            if best is None or liking < best[0]:
                best = liking, user
    if best is None:
        return None
    return Case(
        "niche",
        best[1],
        None,
        "Few people have what they have, so popularity says little about them.",
    )


def nobody() -> Case:
    """Somebody of whom nothing is known."""
    return Case("nobody", None, None, "Nothing is known about them, so only popularity is left.")


def penguins(recommender: Recommender, world: World) -> list[Case]:
    """The planted exceptions with a story, each with the person whose taste contradicts it most."""
    found = (_penguin(recommender, world, penguin) for penguin in world.penguins)
    return [case for case in found if case is not None]


def _penguin(recommender: Recommender, world: World, penguin: Penguin) -> Case | None:
    field, known = recommender.items_field, recommender.examples
    if field is None or recommender.position(penguin.app) is None:
        return None
    without: dict[str, str] = {}
    for user, cell in zip(known.index.astype("str"), known[field], strict=True):
        own = cell_values(cell, SEPARATOR) if isinstance(cell, str) else []
        if penguin.installed in own and penguin.app not in own:
            without[str(user)] = SEPARATOR.join(v for v in own if v != penguin.installed)
    if not without:
        return None
    asked = pd.DataFrame({field: list(without.values())})
    taste = world.terms(asked, [penguin.app] * len(asked))["affinity"]
    user = list(without)[int((penguin.direction * taste).argmin())]
    return Case("penguin", user, penguin.app, penguin.sentence, penguin.installed)


def _people(recommender: Recommender) -> list[str]:
    """Known people, evenly from the first to the last."""
    step = max(1, len(recommender.people) // LOOKED_AT)
    return recommender.people[::step][:LOOKED_AT]


def _people_with(recommender: Recommender, knowledge: Knowledge, value: str) -> list[str]:
    known, pair = recommender.examples, knowledge.pair
    if pair == recommender.schema.user:
        return [value] if is_known(value, recommender.queries) else []
    if pair not in known.columns:
        return []
    vocabulary = recommender.encoder.fields.vocabularies.get(str(pair))
    separator = vocabulary.separator if vocabulary is not None and vocabulary.multi else None
    cells = known[pair].astype("object").where(known[pair].notna(), "")
    return [
        str(user)
        for user, cell in zip(known.index.astype("str"), cells, strict=True)
        if value == cell or (separator is not None and value in cell_values(str(cell), separator))
    ]
