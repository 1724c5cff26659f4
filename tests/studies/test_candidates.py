"""The recall of candidate generators, against counting by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from recsys_demo.data.interactions import ReadReport
from recsys_demo.data.sources import Dataset
from recsys_demo.recommendation.candidates import GENERATORS
from recsys_demo.recommendation.knowledge import knowledge_of
from recsys_demo.studies.candidates import candidate_recall
from tests.making.recommending import rows, whole
from tests.making.towers import drawn_towers


def test_recall_counts_what_was_taken_among_the_first_candidates() -> None:
    ranker = whole()
    test = rows(40, seed=5)
    data = Dataset("log", rows(), rows(), test, 0, ReadReport(40, 40, ()), "")
    knowledge = knowledge_of(rows(), ranker)
    towers = drawn_towers(rows(), ranker)
    found = candidate_recall(data, ranker, knowledge, ranker, towers)
    assert found is not None
    assert found.recall.keys() == GENERATORS.keys()
    assert found.rows == test.labels.sum()
    for recall in found.recall.values():
        assert (np.diff(recall) >= 0).all()
    popular = np.argsort(-knowledge.taken_rows, kind="stable")
    hits = []
    for row in np.flatnonzero(test.labels):
        installed = test.frame["installed"].iloc[row]
        has = installed.split("|") if isinstance(installed, str) else []
        order = [ranker.ids[i] for i in popular if ranker.ids[i] not in has]
        order = [app for app in order if knowledge.taken_rows[ranker.position(app)]]
        hits.append([str(test.frame["app"].iloc[row]) in order[:n] for n in found.budgets])
    np.testing.assert_allclose(found.recall["popularity"], np.mean(hits, axis=0))
    assert found.best(found.budgets[-1])[1] == max(r[-1] for r in found.recall.values())
    nothing = replace(data, test=test.take(np.flatnonzero(test.labels == 0)))
    assert candidate_recall(nothing, ranker, knowledge, ranker, towers) is None
