"""Where the time of a training step goes, and what the work around training takes.

One thread. Times of a step are the fastest tenth of 300 steps: what a step takes when nobody else
disturbs it. *Network alone* is forward and backward of its matrix products and activations on
random inputs of the same shape, by torch's own layers and its graph of calls.
"""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from benchmarks import frappe, sample_set
from benchmarks.tables import table
from recsys_demo.config.presets import PRESETS, default_crosses, with_crosses
from recsys_demo.config.run import RunConfig
from recsys_demo.data.schema import Schema
from recsys_demo.data.specs import FrappeSpec, SampleSpec
from recsys_demo.evaluation.reports import evaluate
from recsys_demo.features.encoder import fit_encoder
from recsys_demo.features.fields import fit_fields
from recsys_demo.folders import SAMPLE_SET
from recsys_demo.models.components.base import Batch, as_batch, gather_vectors
from recsys_demo.models.components.deep import Deep
from recsys_demo.models.kernels.layers import log_loss
from recsys_demo.models.products import one_thread
from recsys_demo.models.ranker import Ranker, score
from recsys_demo.training.datasets import run_data
from recsys_demo.training.experiment import train_run, training_setup
from recsys_demo.training.runs import load_run, save_run

STEPS = 300
PAPER_STEPS = 30
PROFILED = ("lr", "wide", "deep", "wide_deep", "deepfm", "dcn_v2")
CROSSES = (
    "installed x app",
    "installed x category",
    "gender x app",
    "hour x category",
    "device x app",
)
ROWS = 100_000


def measure() -> dict[str, Any]:
    """Profiles and single jobs."""
    torch.set_num_threads(1)
    steps = {PRESETS[key].label: _profile(_sample(key), STEPS) for key in PROFILED}
    paper = RunConfig(
        data=FrappeSpec(folder=str(frappe.FOLDER)),
        model=frappe.MODELS["DeepFM"],
        training=frappe.TRAINING,
    )
    steps["DeepFM 400-400-400, batch 4,096"] = _profile(paper, PAPER_STEPS)
    return {"steps": steps, "jobs": _jobs()}


def _sample(key: str) -> RunConfig:
    crosses = default_crosses(Schema.from_toml(SAMPLE_SET / "schema.toml"))
    model = with_crosses(PRESETS[key].model, crosses)
    return RunConfig(data=SampleSpec(), split=sample_set.SPLIT, model=model)


class _Clock:
    """Times by name."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = defaultdict(list)

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        begin_ = time.perf_counter()
        yield
        self.times[name].append(time.perf_counter() - begin_)

    def fastest_tenth(self) -> dict[str, float]:
        """Seconds by name, in the order of their first use."""
        return {name: sorted(times)[len(times) // 10] for name, times in self.times.items()}


def _profile(config: RunConfig, steps: int) -> dict[str, float]:
    """Seconds of the parts of a step."""
    trainer = training_setup(config).trainer
    ranker, size = trainer.ranker, config.training.batch_size
    batch, order = as_batch(trainer.train), torch.randperm(len(trainer.train))
    ranker.warm_up(batch.slice(0, 1))
    starts = len(order) // size
    clock = _Clock()
    with one_thread():
        for step in range(steps):
            index = order[step % starts * size :][:size]
            with clock("whole step"):
                _timed_step(ranker, batch, index, clock)
    deep = ranker.components.get("deep")
    if isinstance(deep, Deep):
        _network_alone(deep, size, steps, clock)
    return clock.fastest_tenth()


def _timed_step(ranker: Ranker, batch: Batch, index: torch.Tensor, clock: _Clock) -> None:
    """One step, part by part, as `Ranker.learn` takes it."""
    with clock("rows of the batch"):
        rows = batch.take(index)
    with clock("embeddings, forward"):
        vectors = ranker._vectors(rows)
    total, ways_back = ranker.bias.values["bias"], []
    for kind, component in ranker.components.items():
        with clock(f"{kind}, forward"):
            logits, back = component.forward(rows, ranker._seen(kind, vectors))
            total = total + logits
            ways_back.append((kind, back))
    gradient = np.empty_like(total)
    with clock("loss"):
        log_loss(total, rows.arrays[-1], gradient)
    for kind, back in ways_back:
        with clock(f"{kind}, backward"):
            back(gradient)
    with clock("embeddings, backward"):
        for name, read in vectors.items():
            gather_vectors(ranker.embeddings[name], rows, read)
    with clock("tables' optimizers"):
        for _, table_ in ranker.tables():
            table_.step(len(rows))
    with clock("network's and bias' optimizer"):
        for dense in ranker.dense():
            dense.step()


def _network_alone(deep: Deep, rows: int, steps: int, clock: _Clock) -> None:
    layers: list[nn.Module] = []
    width = deep.parameters["weight0"].shape[1]
    x = torch.randn(rows, width, requires_grad=True)
    for hidden in deep.config.hidden:
        layers += [nn.Linear(width, hidden), nn.ReLU()]
        width = hidden
    network = nn.Sequential(*layers, nn.Linear(width, 1))
    for _ in range(steps):
        with clock("network alone"):
            network(x).sum().backward()


def _jobs() -> dict[str, float]:
    config = _sample("wide_deep")
    data = run_data(config)
    train = data.dataset.train.take(slice_rows(ROWS))
    model = with_crosses(config.model, CROSSES)
    told: dict[str, float] = {}
    told["fields fitted, 100,000 rows"] = _seconds(lambda: fit_fields(train))
    fields = fit_fields(train)
    told["5 crosses built, 100,000 rows"] = _seconds(lambda: fit_encoder(train, model, fields))
    encoder = fit_encoder(train, model, fields)
    told["encoded with 5 crosses, 100,000 rows"] = _seconds(lambda: encoder.encode(train))
    run = _trained(config)
    test = data.part("test")
    encoded = run.encoder.encode(test)
    told["scored, 40,090 test rows"] = _seconds(lambda: score(run.ranker, encoded))
    logits = score(run.ranker, encoded)
    slices = data.slices("test")
    told["evaluated, all metrics and slices"] = _seconds(
        lambda: evaluate(test.labels, logits, slices)
    )
    with tempfile.TemporaryDirectory() as place:
        folders = iter(Path(place) / str(i) for i in range(99))
        told["run saved"] = _seconds(lambda: save_run(run, next(folders)))
        told["run loaded"] = _seconds(lambda: load_run(Path(place) / "0"))
    return told


def slice_rows(rows: int) -> Any:
    """The first rows, as positions."""
    return torch.arange(rows).numpy()


def _trained(config: RunConfig) -> Any:
    short = config.training.model_copy(update={"epochs": 1})
    training = train_run(config.model_copy(update={"training": short}))
    while True:
        try:
            next(training)
        except StopIteration as end:
            return end.value


def _seconds(job: Callable[[], object], times: int = 5) -> float:
    """The fastest of a few."""
    best = float("inf")
    for _ in range(times):
        begin_ = time.perf_counter()
        job()
        best = min(best, time.perf_counter() - begin_)
    return best


def render(figures: dict[str, Any]) -> str:
    """The section of RESULTS.md."""
    names = list(dict.fromkeys(n for told in figures["steps"].values() for n in told))
    rows = [
        [name, *(_milliseconds(told.get(name)) for told in figures["steps"].values())]
        for name in sorted(names, key=lambda n: (n == "network alone", n == "whole step"))
    ]
    rows.append(["network alone / whole step", *map(_share, figures["steps"].values())])
    jobs = [[name, _milliseconds(seconds)] for name, seconds in figures["jobs"].items()]
    return f"""## Where the time goes

{__doc__.split(chr(10), 2)[2].strip()}

{table(["milliseconds", *figures["steps"]], rows)}

{_summary(figures["steps"])}

{table(["job", "milliseconds"], jobs)}"""


def _summary(steps: dict[str, dict[str, float]]) -> str:
    """What the table says, in words."""

    def share(told: dict[str, float], *names: str) -> str:
        return f"{sum(told[name] for name in names) / told['whole step']:.0%}"

    small, wide, large = steps["DeepFM"], steps["Wide"], list(steps.values())[-1]
    return f"""Of a small DeepFM step the network takes {
        share(small, "deep, forward", "deep, backward")
    }, of the large one {share(large, "deep, forward", "deep, backward")}, nearly
all of it in its matrix products: that part is at the processor's limit and can only go by rounding
(bfloat16) or a smaller network. Copying a batch's rows together and reading embeddings and weights
takes {share(small, "rows of the batch", "embeddings, forward", "linear, forward")} of the small
step, bringing gradients back to the tables {
        share(small, "embeddings, backward", "linear, backward")
    }, updating these {share(small, "tables' optimizers")}
({share(wide, "tables' optimizers")} of Wide's, whose crosses have most of the rows): reads and
writes at random places, once per different row. There is no graph of calls left, and no zeros for
rows that a batch did not read."""


def _milliseconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds * 1e3:.2f}"


def _share(told: dict[str, float]) -> str:
    alone = told.get("network alone")
    return "" if alone is None else f"{alone / told['whole step']:.0%}"
