"""Boosted trees against scikit-learn's own digits, their rates by loops, and what they are for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from recsys_demo.config.components import ComponentConfig, FmConfig, TreesConfig
from recsys_demo.config.model import EmbeddingConfig, ModelConfig, TrainingConfig
from recsys_demo.config.optimizers import Adam
from recsys_demo.config.presets import PRESETS, with_crosses
from recsys_demo.config.run import RunConfig
from recsys_demo.data.interactions import Interactions
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.specs import SampleSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.features.encoder import Encoded, fit_encoder
from recsys_demo.models.components.trees import Trees
from recsys_demo.models.ranker import Ranker, score
from recsys_demo.models.trees.boosted import BoostedTrees
from recsys_demo.models.trees.columns import FOLDS, MOST_CATEGORIES, Columns, codes_of
from recsys_demo.models.trees.forest import LEAF
from recsys_demo.training.boosting import trainer_class
from recsys_demo.training.experiment import train_run, trained_run
from recsys_demo.training.trainer import EpochReport, Event, Finished
from tests.making.logs import log, random_log, three_fields, two_fields
from tests.making.recommending import rows as many_kinds
from tests.making.trees import SMALL, grown

TREES = PRESETS["trees"].model
ROWS = random_log(400)


def many_values(rows: int = 3_000) -> Interactions:
    """A log whose fields have more values than trees have bins."""
    rng = np.random.default_rng(0)
    user, app = rng.integers(0, 400, rows), rng.integers(0, 300, rows)
    schema = 'label="label"\nitem="app"\n[fields]\nwho={side="user"}\napp={side="item"}\n'
    cells = {"who": [f"u{i}" for i in user], "app": [f"a{i}" for i in app]}
    return log({"label": ((user + app) % 3 == 0).astype(int), **cells}, schema)


LOGS = {"small": ROWS, "kinds": many_kinds(), "many": many_values()}


@pytest.mark.parametrize("rows", LOGS.values(), ids=LOGS)
def test_the_arrays_give_scikit_learns_digits(rows: Interactions) -> None:
    encoder = fit_encoder(rows, TREES)
    trees, growth = grown(rows, encoder)
    codes = encoder.fields.encode(rows.frame)
    # Unknown values, too: every code of the first field is one that training did not have.
    name = encoder.fields.single_fields[0]
    strange = replace(codes, codes={**codes.codes, name: np.zeros_like(codes.of(name))})
    start = growth.boosting._baseline_prediction[0, 0]
    for asked in (codes, strange):
        expected = growth.logits(trees.columns.values(asked), [SMALL.trees])[0] - start
        assert np.ptp(expected) > 0
        np.testing.assert_allclose(trees.logits(asked), expected, atol=1e-13)


def test_encoded_rows_are_read_as_their_codes() -> None:
    rows = many_kinds()
    encoder = fit_encoder(rows, TREES)
    trees, _ = grown(rows, encoder)
    again = codes_of(encoder.encode(rows), encoder.fields)
    assert np.array_equal(trees.logits(again), trees.logits(encoder.fields.encode(rows.frame)))


def test_rates_of_training_rows_know_nothing_of_their_own_fold() -> None:
    encoder = fit_encoder(ROWS, TREES)
    codes, labels = encoder.fields.encode(ROWS.frame), ROWS.labels.astype(float)
    columns = Columns(encoder.fields, SMALL)
    found = columns.held_out_rates(codes, labels, seed=5)["installed"]
    fold = np.random.default_rng([5, FOLDS]).permutation(len(labels)) % FOLDS
    for row in range(0, len(labels), 7):
        others = fold != fold[row]
        base = (labels[others].sum() + 0.5) / (others.sum() + 1)
        own = [code for code in codes.of("installed")[row] if code >= 0]
        rates = []
        for code in own:
            there = others & (codes.of("installed") == code).any(1)
            taken = labels[there].sum() + SMALL.prior_rows * base
            rates.append(taken / (there.sum() + SMALL.prior_rows))
        expected = np.mean(rates) if own else np.nan
        assert found[row] == pytest.approx(expected, nan_ok=True)


def test_fields_with_many_values_have_places_and_rates() -> None:
    rows = many_values()
    fields = fit_encoder(rows, TREES).fields
    columns = Columns(fields, SMALL)
    assert columns.rated == ["who", "app"]
    assert [c.field for c in columns.all] == ["who", "app", "who", "app"]
    trees, _ = grown(rows, fit_encoder(rows, TREES))
    values = trees.columns.values(fields.encode(rows.frame))
    assert np.nanmax(values[:, 0]) == MOST_CATEGORIES - 1
    assert np.isnan(values[:, 0]).any()
    assert not np.isnan(values[:, 2]).any()


def test_arrays_that_are_no_trees_are_refused() -> None:
    encoder = fit_encoder(ROWS, TREES)
    trees, _ = grown(ROWS, encoder)
    forest, fresh = trees.forest, BoostedTrees.fresh(encoder.fields, SMALL)
    state = trees.state()
    asks = forest.column != LEAF
    loop = np.where(asks, np.arange(len(asks)), forest.left).astype(np.int32)
    far = np.where(asks, 99, forest.column).astype(np.int32)
    for changed in (
        {"left": loop},
        {"column": far},
        {"roots": forest.roots + np.int32(10_000)},
        {"value": np.full_like(forest.value, np.inf)},
        {"goes_left": forest.goes_left[:1]},
        {"starts": forest.starts[:-1]},
        {"rates0": np.zeros(3)},
    ):
        with pytest.raises(ValueError, match="trees"):
            fresh.of_state(state | changed)
    back = fresh.of_state(state)
    codes = encoder.fields.encode(ROWS.frame)
    assert np.array_equal(back.logits(codes), trees.logits(codes))


def trained(
    config: ComponentConfig, train: Interactions, valid: Interactions, epochs: int, seed: int = 0
) -> tuple[Ranker, Encoded, list[Event]]:
    """A model of one component, trained on one log and validated on another."""
    model = ModelConfig(components=(config,), embedding=EmbeddingConfig(optimizer=Adam()))
    encoder = fit_encoder(train, model)
    ranker = Ranker(model, encoder, seed, train.base_rate)
    held_out = encoder.encode(valid)

    def validate(logits: np.ndarray) -> dict[str, dict[str, float]]:
        loss = np.logaddexp(0, logits) - held_out.labels * logits
        auc = roc_auc_score(held_out.labels, logits)
        return {"all": {"logloss": float(loss.mean()), "auc": float(auc)}}

    trainer = trainer_class(model)(
        ranker,
        encoder.encode(train),
        held_out,
        TrainingConfig(epochs=epochs, batch_size=128),
        seed,
        validate,
        progressive=lambda *_: {},
    )
    return ranker, held_out, list(trainer.events())


def test_same_seed_same_digits_and_the_best_epoch_is_kept() -> None:
    config = SMALL.model_copy(update={"trees": 40, "min_rows": 2})
    ends = []
    for seed in (3, 3, 4):
        ranker, held_out, events = trained(config, ROWS, random_log(200, 1), 8, seed)
        reports = [event for event in events if isinstance(event, EpochReport)]
        best = min(reports, key=lambda report: report.valid["all"]["logloss"])
        last = events[-1]
        assert isinstance(last, Finished)
        assert (last.best_epoch, last.reason) == (best.epoch, "patience")
        component = ranker.components["trees"]
        assert isinstance(component, Trees)
        assert len(component.grown.forest.roots) == best.step
        ends.append(score(ranker, held_out))
    assert np.array_equal(ends[0], ends[1])
    assert not np.array_equal(ends[0], ends[2])


def test_trees_find_what_no_pair_tells() -> None:
    """An odd number of three: FM has nothing to go by, a tree asks three times."""
    train, valid = three_fields("xor"), three_fields("xor", seed=1)
    ranker, held_out, _ = trained(TreesConfig(trees=60), train, valid, epochs=6)
    assert roc_auc_score(held_out.labels, score(ranker, held_out)) > 0.95


def test_trees_come_behind_fm_where_vectors_multiply() -> None:
    """The label is a product of hidden vectors; a fifth of the pairs is new. FM has a vector for
    every value, a tree has to cut the values into groups."""
    rows = two_fields("affinity", cardinality=100)
    a, b = (rows.frame[name].cat.codes.to_numpy() for name in "ab")
    is_new = (7 * a + 3 * b) % 5 == 0
    known, new = rows.take(np.flatnonzero(~is_new)), rows.take(np.flatnonzero(is_new))
    by_trees, held_out, _ = trained(TreesConfig(trees=60), known, new, epochs=12)
    by_fm, _, _ = trained(FmConfig(), known, new, epochs=12)
    trees, fm = (roc_auc_score(new.labels, score(own, held_out)) for own in (by_trees, by_fm))
    assert 0.8 < trees < fm - 0.02


def test_trees_stand_between_memory_and_vectors_on_the_planted_world() -> None:
    """Exceptions to taste have to be remembered, pairs never seen to be guessed: by both, trees
    come behind the model that is made for it and before the one that is not."""
    world = WorldConfig(
        users=400, apps=100, impressions=20_000, exceptions=200, affinity=4, held_out=0.2
    )

    def aucs(preset: str) -> dict[str, float]:
        config = RunConfig(
            data=SampleSpec(world=world),
            split=SplitConfig(kind="column"),
            model=with_crosses(PRESETS[preset].model, ("installed x app",)),
            training=TrainingConfig(batch_size=256),
        )
        slices = trained_run(train_run(config)).result["test"]["slices"]
        return {key: slices[key]["auc"] for key in ("exceptions", "never")}

    trees, wide, deepfm = (aucs(preset) for preset in ("trees", "wide", "deepfm"))
    gap = 0.03
    assert deepfm["exceptions"] + gap < trees["exceptions"] < wide["exceptions"] - gap
    assert wide["never"] + gap < trees["never"] < deepfm["never"] - gap
