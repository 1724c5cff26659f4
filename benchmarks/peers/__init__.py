"""The libraries people would otherwise use, measured beside the lab on identical rows.

Each library runs in an environment of its own that the benchmark makes; they take turns epoch by
epoch on the same rows with the same architecture. Rows per second are those of the fastest epoch,
training alone, without validation; the AUC is that of the test rows at the epoch with the best
validation AUC.
"""

from __future__ import annotations

from typing import Any

from benchmarks import frappe, sample_set
from benchmarks.peers.environments import PEERS
from benchmarks.peers.racing import Entry, race
from benchmarks.tables import table
from recsys_demo.config.components import DeepConfig, FmConfig, LinearConfig
from recsys_demo.config.model import EmbeddingConfig, ModelConfig, TrainingConfig
from recsys_demo.config.optimizers import Adam
from recsys_demo.config.presets import PRESETS, default_crosses, with_crosses
from recsys_demo.config.run import RunConfig
from recsys_demo.data.schema import Schema
from recsys_demo.data.specs import FrappeSpec, SampleSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.folders import SAMPLE_SET

TEACHING = ("lr", "fm", "wide", "deep", "wide_deep", "deepfm")
PAPER = {
    "LR": ("lab", "fuxictr", "deepctr", "widedeep", "sklearn"),
    "FM": ("lab", "fuxictr", "deepctr", "widedeep"),
    "DeepFM": ("lab", "fuxictr", "deepctr", "widedeep"),
    "DCN-V2": ("lab", "fuxictr"),
}
NETWORKS = ("DeepFM", "DCN-V2")  # what a second thread is of use to
THREADS = 2  # what every library gets at paper size; small products gain nothing from a second
TARGETS = (0.975, 0.980, 0.983)
FOREVER = 100  # the race decides when to stop, not the trainer


def measure() -> dict[str, Any]:
    """All races."""
    return {
        "teaching": {key: race(_teaching(key), patience=2) for key in TEACHING},
        "paper": {name: race(_paper(name, names), patience=9) for name, names in PAPER.items()},
        "quality": race(_quality(), patience=3, decay=True, enough=TARGETS[-1]),
    }


def _teaching(key: str) -> list[Entry]:
    crosses = default_crosses(Schema.from_toml(SAMPLE_SET / "schema.toml"))
    config = RunConfig(
        data=SampleSpec(),
        split=sample_set.SPLIT,
        model=with_crosses(PRESETS[key].model, crosses),
        training=TrainingConfig(epochs=FOREVER, patience=FOREVER),
    )
    # The peers take minutes for what the lab takes seconds for: they get four epochs, by which time
    # their validation AUC falls.
    return [
        Entry("lab", "lab", config, threads=1, epochs=15),
        Entry("fuxictr", "fuxictr", config, threads=THREADS, epochs=4),
        Entry("deepctr", "deepctr", config, threads=THREADS, epochs=4),
    ]


def _frappe(model: ModelConfig, **settings: Any) -> RunConfig:
    training = {"epochs": FOREVER, "patience": FOREVER} | settings
    return RunConfig(
        data=FrappeSpec(folder=str(frappe.FOLDER), negatives_seed=0),
        split=SplitConfig(kind="random", valid=0.2, test=0.1, seed=0),
        model=model,
        training=frappe.TRAINING.model_copy(update=training),
    )


def _paper(name: str, names: tuple[str, ...]) -> list[Entry]:
    config = _frappe(frappe.MODELS[name])
    entries = []
    for library in names:
        threads = THREADS if library != "lab" or name in NETWORKS else 1
        epochs = 5 if library in ("lab", "sklearn") and name not in NETWORKS else 2
        entries.append(Entry(library, library, config, threads, epochs))
    if name == "DeepFM":
        rounded = _frappe(frappe.MODELS[name], precision="bfloat16")
        entries.insert(1, Entry("lab, bfloat16", "lab", rounded, THREADS, 2))
        entries.insert(2, Entry("lab, one thread", "lab", config, 1, 2))
    return entries


def _quality() -> list[Entry]:
    same = frappe.MODELS["DeepFM"]
    return [
        Entry("lab", "lab", _frappe(same), THREADS, 25),
        Entry("lab, bfloat16", "lab", _frappe(same, precision="bfloat16"), THREADS, 25),
        Entry("lab, layers 128-64", "lab", quick(), 1, 25),
        Entry("fuxictr", "fuxictr", _frappe(same), THREADS, 16),
    ]


def quick() -> RunConfig:
    """DeepFM with a smaller network and smaller batches, chosen on validation AUC."""
    adam, decayed = Adam(learning_rate=0.001), Adam(learning_rate=0.001, l2=0.05)
    model = ModelConfig(
        components=(
            LinearConfig(optimizer=decayed, update="all"),
            FmConfig(),
            DeepConfig(hidden=(128, 64), dropout=0.1, batch_norm=True, optimizer=adam),
        ),
        embedding=EmbeddingConfig(size=10, init_std=0.01, optimizer=decayed, update="all"),
    )
    return _frappe(model, batch_size=1024)


def seconds_to(epochs: list[dict[str, float]], target: float) -> float | None:
    """Seconds of training and validation until the test AUC first reached the target."""
    total = 0.0
    for epoch in epochs:
        total += epoch["seconds"] + epoch["valid_seconds"]
        if epoch["test"] >= target:
            return total
    return None


def render(figures: dict[str, Any]) -> str:
    """The section of RESULTS.md."""
    return "\n\n".join(
        [
            "## Beside other libraries",
            __doc__.split("\n", 2)[2].strip(),
            "### Teaching size: sample set, batch 1,024, embedding 8, layers 64-32",
            _teaching_table(figures["teaching"]),
            _TEACHING_NOTES,
            "### Paper size: Frappe, batch 4,096, embedding 10, layers 400-400-400",
            _paper_table(figures["paper"]),
            _PAPER_NOTES,
            "### Seconds of training and validation to a test AUC on Frappe, DeepFM",
            _QUALITY_NOTES,
            _quality_table(figures["quality"]),
        ]
    )


_TEACHING_NOTES = """The lab trains on one thread, as in the pages, with its own optimizers (FTRL
for linear parts and crosses, AdaGrad for Deep, Adam for FM and DeepFM); the others on two, with
Adam at 0.005 and four epochs at most. deepctr-torch leaves numeric fields out of FM, FuxiCTR and
the lab do not; its network starts as torch starts one, because its own start, N(0, 1e-4), learns
nothing for epochs."""
_PAPER_NOTES = """Two epochs each (the AUC shows that they do the same work, not what they reach).
pytorch-widedeep's embeddings start at N(0, 0.01). scikit-learn is `SGDClassifier` on a one-hot
matrix built before the clock starts. Memory is the peak of the whole process; in brackets what
importing the library alone takes. DCN-V2 raced while others shared the cores: its ratio compares,
its rows per second are too few by several times."""


_QUALITY_NOTES = """Batch 4,096, layers 400-400-400 with batch normalization and dropout 0.2, Adam
0.001, L2 0.05 on embeddings and linear weights, a tenth of the learning rate after an epoch without
a better validation AUC; two threads. *Layers 128-64*: the lab with a smaller network, dropout 0.1,
batch 1,024 and one thread, chosen on validation AUC for the time to quality."""


def label(name: str) -> str:
    """An entry as a person reads it."""
    library, comma, rest = name.partition(", ")
    return PEERS[library].label + comma + rest


def _speed(told: dict[str, Any]) -> str:
    return f"{told['rows_per_second'] / 1e3:,.0f} k"


def _teaching_table(races: dict[str, Any]) -> str:
    rows = []
    for key, told in races.items():
        rows.append(
            [
                PRESETS[key].label,
                *(_speed(told[name]) for name in ("lab", "fuxictr", "deepctr")),
                f"{ratio(told):.1f}",
                *(f"{told[name]['test_auc']:.4f}" for name in ("lab", "fuxictr", "deepctr")),
            ]
        )
    names = [label(name) for name in ("lab", "fuxictr", "deepctr")]
    return table(
        ["rows per second", *names, "lab / faster peer", *(f"AUC, {name}" for name in names)], rows
    )


def ratio(told: dict[str, Any], one: str = "lab") -> float:
    """The lab's rows per second over those of the faster of FuxiCTR and deepctr-torch."""
    peers = max(told[name]["rows_per_second"] for name in ("fuxictr", "deepctr"))
    return float(told[one]["rows_per_second"] / peers)


def _paper_table(races: dict[str, Any]) -> str:
    rows = []
    for model, told in races.items():
        for name, figures in told.items():
            against = figures["rows_per_second"] / told["fuxictr"]["rows_per_second"]
            rows.append(
                [
                    model,
                    label(name),
                    _speed(figures),
                    f"{against:.1f}",
                    f"{figures['scored_per_second'] / 1e3:,.0f} k",
                    f"{figures['test_auc']:.4f}",
                    f"{figures['peak_mb']:,.0f} ({figures['imported_mb']:,.0f})",
                ]
            )
    header = ["model", "library", "trained/s", "/ FuxiCTR", "scored/s", "test AUC", "MB"]
    return table(header, rows)


def _quality_table(told: dict[str, Any]) -> str:
    rows = []
    for name, figures in told.items():
        reached = [seconds_to(figures["epochs"], target) for target in TARGETS]
        best = max(epoch["test"] for epoch in figures["epochs"])
        cells = ["not reached" if s is None else f"{s:.1f}" for s in reached]
        rows.append([label(name), *cells, f"{best:.4f}", str(len(figures["epochs"]))])
    return table(["", *(f"{t:.3f}" for t in TARGETS), "best seen", "epochs"], rows)
