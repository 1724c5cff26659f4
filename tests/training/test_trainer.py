"""The training loop: exact, repeatable, stoppable, never silently NaN."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
import torch
from sklearn.metrics import log_loss, roc_auc_score
from threadpoolctl import threadpool_limits
from torch.nn import functional

from recsys_demo.config.components import CrossesConfig, DeepConfig, FmConfig, LinearConfig
from recsys_demo.config.model import EmbeddingConfig, ModelConfig, TrainingConfig
from recsys_demo.config.optimizers import AdaGrad, Adam, Ftrl, Sgd
from recsys_demo.config.presets import PRESETS, with_crosses
from recsys_demo.errors import DivergedError
from recsys_demo.features.encoder import Encoder, fit_encoder
from recsys_demo.models.components.base import as_batch
from recsys_demo.models.ranker import Ranker, score
from recsys_demo.training.boosting import trainer_class
from recsys_demo.training.trainer import EpochReport, Event, Finished, Progress, Trainer
from tests.making.logs import random_log

ROWS, VALID = random_log(500), random_log(200, seed=1)
EVERYTHING = ModelConfig(
    components=(
        LinearConfig(),
        CrossesConfig(crosses=("installed x app",), min_support=1),
        FmConfig(),
        DeepConfig(hidden=(8,), dropout=0.2, batch_norm=True),
    )
)


def metrics(labels: np.ndarray, logits: np.ndarray) -> dict[str, float]:
    probabilities = 1 / (1 + np.exp(-logits))
    return {
        "auc": float(roc_auc_score(labels, probabilities)),
        "logloss": float(log_loss(labels, probabilities)),
    }


def trainer(
    model: ModelConfig = EVERYTHING,
    seed: int = 0,
    control: Callable[[], bool] = lambda: True,
    **settings: object,
) -> tuple[Trainer, Encoder]:
    encoder = fit_encoder(ROWS, model)
    ranker = Ranker(model, encoder, seed, ROWS.base_rate)
    config = TrainingConfig(**({"batch_size": 64, "epochs": 3, "report_steps": 2} | settings))  # type: ignore[arg-type] # any setting
    made = trainer_class(model)(
        ranker,
        encoder.encode(ROWS),
        encoder.encode(VALID),
        config,
        seed,
        validate=lambda logits: {"all": metrics(VALID.labels, logits)},
        progressive=metrics,
        control=control,
    )
    return made, encoder


def weights(ranker: Ranker) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in ranker.state().items()}


def equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(one[name], other[name]) for name in one)


def test_same_seed_same_digits_and_another_seed_others() -> None:
    runs = []
    for seed in (3, 3, 4):
        made, _ = trainer(seed=seed)
        events = list(made.events())
        runs.append((weights(made.ranker), [e.loss for e in events if isinstance(e, Progress)]))
    assert equal(runs[0][0], runs[1][0])
    assert runs[0][1] == runs[1][1]
    assert not equal(runs[0][0], runs[2][0])


def test_one_thread_and_two_give_the_same_digits() -> None:
    ends = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            made, _ = trainer(PRESETS["deepfm"].model, batch_size=len(ROWS), epochs=2)
            list(made.events())
            ends.append(weights(made.ranker))
    assert equal(*ends)


@pytest.mark.parametrize("update", ["touched", "all"])
def test_one_step_is_autograds_step_on_dense_tables(update: str) -> None:
    """The sparse path against plain autograd through whole tables and the same rule."""
    rate = 0.1
    sgd = Sgd(learning_rate=rate)
    model = ModelConfig(
        components=(
            LinearConfig(optimizer=sgd, update=update),  # type: ignore[arg-type] # parametrized
            CrossesConfig(crosses=("installed x app",), min_support=1, optimizer=sgd),
            FmConfig(),
            DeepConfig(hidden=(8,), optimizer=sgd),
        ),
        embedding=EmbeddingConfig(optimizer=sgd, update=update),  # type: ignore[arg-type] # as above
    )
    made, _ = trainer(model, batch_size=len(ROWS), epochs=1)
    batch = as_batch(made.train)
    leaves = {name: tensor.clone().requires_grad_() for name, tensor in made.ranker.state().items()}
    logits = plain_logits(leaves, batch)
    functional.binary_cross_entropy_with_logits(logits, batch.labels).backward()
    made.ranker.learn(batch)
    for name, moved in made.ranker.state().items():
        gradient = leaves[name].grad
        assert gradient is not None
        if name == "bias":
            continue  # the ranker's bias has an optimizer of its own
        if moved.dim() == 2 and not name.startswith("deep"):
            gradient[0] = 0  # padding is never learned
        torch.testing.assert_close(moved, leaves[name].detach() - rate * gradient)


def plain_logits(state: dict[str, torch.Tensor], batch: object) -> torch.Tensor:
    """The whole model once more, row by row in the textbook's way, for the layout of `ROWS`."""
    ids, positions = batch.ids.long(), batch.positions  # type: ignore[attr-defined] # a Batch
    crosses = batch.crosses.long()  # type: ignore[attr-defined] # a Batch
    out = []
    for row in range(len(ids)):
        single, age, multi = ids[row, :2], ids[row, 2], ids[row, 3:]
        multi = multi[multi > 0]
        x = positions[row, 0]
        logit = state["bias"][0] + state["linear.weights"][single].sum()
        logit = logit + state["linear.weights"][age, 0] * x + state["linear.weights"][multi].sum()
        logit = logit + state["crosses.weights"][crosses[row][crosses[row] > 0]].sum()
        table = state["embedding"]
        mean = table[multi].sum(0) / max(1, len(multi))
        categorical = [table[single[0]], table[single[1]], mean]
        vectors = [*categorical, table[age] * x]
        for i in range(4):
            for j in range(i):
                logit = logit + vectors[i] @ vectors[j]
        hidden = torch.cat([*categorical, x.view(1)])
        hidden = torch.relu(state["deep.weight0"] @ hidden + state["deep.bias0"])
        out.append(logit + (state["deep.weight1"] @ hidden + state["deep.bias1"])[0])
    return torch.stack(out)


def test_ftrl_sees_the_gradient_of_the_summed_loss() -> None:
    """One value in every row: after one batch z is the sum of (p - y), as counts should be."""
    made, encoder = trainer(
        ModelConfig(components=(LinearConfig(optimizer=Ftrl(alpha=1.0, l1=0.0)),)),
        batch_size=len(ROWS),
        epochs=1,
    )
    made.ranker.learn(as_batch(made.train))
    p = ROWS.base_rate
    table = next(iter(made.ranker.tables()))[1]
    z = table.optimizer.state[0][:, 0]
    offset = encoder.fields.offsets()["app"]
    for code, app in enumerate(encoder.fields.vocabularies["app"].values, start=1):
        mine = (ROWS.frame["app"] == app).to_numpy()
        assert float(z[offset + code]) == pytest.approx(
            float((p - ROWS.labels[mine]).sum()), abs=1e-3
        )


def test_the_best_epoch_is_restored() -> None:
    seen: list[dict[str, torch.Tensor]] = []
    made, encoder = trainer(model=PRESETS["deepfm"].model, epochs=12, patience=3, batch_size=32)
    reports = []
    for event in made.events():
        if isinstance(event, EpochReport):
            seen.append(weights(made.ranker))
            reports.append(event)
        last = event
    assert isinstance(last, Finished)
    losses = [report.valid["all"]["logloss"] for report in reports]
    assert last.best_epoch == 1 + int(np.argmin(losses))
    assert last.best_epoch < len(reports), "this log is noise: the last epoch cannot be the best"
    assert equal(weights(made.ranker), seen[last.best_epoch - 1])
    logits = score(made.ranker, encoder.encode(VALID))
    assert metrics(VALID.labels, logits)["logloss"] == losses[last.best_epoch - 1]
    assert [r.improved for r in reports][last.best_epoch - 1]
    assert last.reason == "patience"
    assert len(reports) == last.best_epoch + 3


def test_progressive_metrics_are_of_predictions_made_before_learning() -> None:
    made, _ = trainer(epochs=1, batch_size=len(ROWS), report_steps=1)
    before = metrics(ROWS.labels, np.full(len(ROWS), np.log(ROWS.base_rate / (1 - ROWS.base_rate))))
    model = ModelConfig(components=(LinearConfig(),))
    made, _ = trainer(model, epochs=1, batch_size=len(ROWS))
    report = next(e for e in made.events() if isinstance(e, EpochReport))
    assert report.train["logloss"] == pytest.approx(before["logloss"], rel=1e-6)


def test_training_stops_before_the_next_step_when_told() -> None:
    asked = 0

    def control() -> bool:
        nonlocal asked
        asked += 1
        return asked <= 11

    made, _ = trainer(control=control, epochs=50)
    events: list[Event] = list(made.events())
    last = events[-1]
    assert isinstance(last, Finished)
    assert last.reason == "stopped"
    assert last.steps == 11
    assert last.epochs == 1
    assert last.best_epoch == 1


def test_the_learning_rate_falls_after_an_epoch_without_improvement() -> None:
    made, _ = trainer(PRESETS["deepfm"].model, epochs=12, patience=4, decay=0.1, batch_size=32)
    reports = [e for e in made.events() if isinstance(e, EpochReport)]
    expected = 1.0
    for report in reports:
        assert report.scale == pytest.approx(expected)
        expected *= 1.0 if report.improved else 0.1
    assert expected < 1


def test_the_linear_schedule_ends_at_zero_but_not_ftrls() -> None:
    made, _ = trainer(PRESETS["wide_deep"].model, epochs=3, patience=3, schedule="linear")
    seen = [weights(made.ranker)]
    for event in made.events():
        if isinstance(event, EpochReport):
            seen.append(weights(made.ranker))
            last = event
    steps = -(-len(ROWS) // 64)
    assert last.scale == pytest.approx(1 / (3 * steps)), "of the last step"
    assert all(t.optimizer.scale == 1 for n, t in made.ranker.tables() if n.endswith(".weights"))
    first, second, third = (
        float((b["embedding"] - a["embedding"]).abs().sum()) for a, b in pairwise(seen)
    )
    assert first > second > third


@pytest.mark.parametrize("kind", ["sgd", "adam"])
def test_divergence_ends_with_what_to_lower(kind: str) -> None:
    wild = Sgd(learning_rate=1000) if kind == "sgd" else Adam(learning_rate=10, beta2=0.0)
    model = ModelConfig(
        components=(DeepConfig(hidden=(64, 64, 64), optimizer=wild),),
        embedding=EmbeddingConfig(optimizer=wild, init_std=10),
    )
    made, _ = trainer(model, epochs=200, patience=100)
    with pytest.raises(DivergedError, match="Lower the learning rate"):
        for _ in made.events():
            pass


def test_bfloat16_trains_to_nearly_the_same_weights() -> None:
    runs = []
    for precision in ("float32", "bfloat16"):
        made, _ = trainer(PRESETS["deep"].model, precision=precision)
        list(made.events())
        runs.append(score(made.ranker, made.valid))
    assert not np.array_equal(*runs)
    np.testing.assert_allclose(*runs, atol=0.05)


@pytest.mark.parametrize("key", PRESETS)
def test_every_preset_learns_the_rows_it_is_given(key: str) -> None:
    model = with_crosses(PRESETS[key].model, ("installed x app",))
    made, _ = trainer(model, epochs=30, patience=30)
    reports = [e for e in made.events() if isinstance(e, EpochReport)]
    assert reports[-1].train["logloss"] < reports[0].train["logloss"] - 0.005


def test_wide_without_any_cross_trains_as_its_linear_part_alone() -> None:
    """In the Crosses room all of them can be switched off."""
    wide = with_crosses(PRESETS["wide"].model, ())
    alone = wide.model_copy(
        update={"components": tuple(part for part in wide.components if part.kind != "crosses")}
    )
    ends = []
    for model in (wide, alone):
        training, encoder = trainer(model, epochs=2)
        assert isinstance(list(training.events())[-1], Finished)
        ends.append(score(training.ranker, encoder.encode(VALID)))
    np.testing.assert_array_equal(*ends)


def test_adagrad_without_an_accumulator_starts_with_finite_steps() -> None:
    model = ModelConfig(
        components=(DeepConfig(hidden=(4,), optimizer=AdaGrad(initial_accumulator=0)),)
    )
    made, _ = trainer(model, epochs=2)
    list(made.events())
    assert all(torch.isfinite(t).all() for t in made.ranker.state().values())
