"""What a newcomer gets who accepts every default, on logs that are not the sample set.

Frappe with sampled negatives, 7:2:1; and made-up logs of known layouts (`own_log_worlds`), 7:1:2: a
shop's purchases as people bring them, films that are rated once a person (MovieLens), a census of
few values (Adult), clicks with values by the thousand (Criteo). A seed draws negatives, split and
start anew. *usual*: the presets as they are for the sample set, with the log's reference pair;
*fitting*: the cross, sizes and training that `train` and the pages choose. Peers, with their
defaults on the same training rows: logistic regression and histogram boosting of scikit-learn,
values one-hot for the former; for the latter values of a field by number, by their rate (its
TargetEncoder) where they are more than 255; and DeepFM of FuxiCTR 2.3.10 (vectors of 10 numbers,
layers 64-64-64, Adam 0.001, the rate divided by ten after an epoch without a better validation AUC,
end after two), in batches of 1,024, its own default of 10,000 being more than some logs have.

`python -m benchmarks.own_logs --logs frappe --models deepfm --seeds 0 --keep` measures some of it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from itertools import product
from pathlib import Path
from typing import Any

from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler, TargetEncoder

from benchmarks import own_log_worlds as worlds
from benchmarks.frappe import FOLDER
from benchmarks.peers.racing import Entry, race
from benchmarks.tables import spread, table
from recsys_demo.config.components import DeepConfig
from recsys_demo.config.fit import fitted
from recsys_demo.config.model import ModelConfig, TrainingConfig
from recsys_demo.config.optimizers import Adam
from recsys_demo.config.presets import PRESETS, default_crosses, with_crosses
from recsys_demo.config.run import RunConfig
from recsys_demo.data.source import Source
from recsys_demo.data.sources import Dataset
from recsys_demo.data.specs import FrappeSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.studies.crosses.first_crosses import first_crosses
from recsys_demo.studies.log.sizes import sizes_of
from recsys_demo.training.datasets import run_data
from recsys_demo.training.experiment import train_run, trained_run

KEPT = Path(__file__).parent / "results" / "own_logs.json"
MODELS = ("fm", "wide", "deep", "wide_deep", "deepfm")
PEERS, FUXICTR = "scikit-learn", "FuxiCTR DeepFM"
ALL = (*MODELS, PEERS, FUXICTR)
SEEDS = (0, 1, 2)
MOST_VALUES = 255  # of a field that histogram boosting takes by number


def frappe(_folder: Path, seed: int) -> FrappeSpec:
    """The log of app usage, as the page loads it."""
    return FrappeSpec(folder=str(FOLDER), negatives_seed=seed)


LOGS: Mapping[str, Callable[[Path, int], Source]] = {
    "frappe": frappe,
    "shop": worlds.shop,
    "films": worlds.films,
    "adult": worlds.adult,
    "clicks": worlds.clicks,
}


def measure() -> dict[str, Any]:
    """Every log, model and seed, both ways, and the peers."""
    return {
        log: {model: [_measured(log, model, seed) for seed in SEEDS] for model in ALL}
        for log in LOGS
    }


def _measured(log: str, model: str, seed: int) -> dict[str, Any]:
    """A model both ways, or the peers."""
    with tempfile.TemporaryDirectory() as folder:
        spec = LOGS[log](Path(folder), seed)
        shares = {"valid": 0.2, "test": 0.1} if log == "frappe" else {}
        split = SplitConfig(kind="random", seed=seed, **shares)
        base = RunConfig(data=spec, split=split, model=_model(model), seed=seed)
        if model == FUXICTR:
            raced = race([Entry(FUXICTR, "fuxictr", base, 1, 100)], patience=2, decay=True)
            return {"seed": seed, FUXICTR: raced[FUXICTR]["test_auc"]}
        data = run_data(base).dataset
        return {"seed": seed} | (_peers(data) if model == PEERS else _both(base, data))


def _model(name: str) -> ModelConfig:
    """What is trained; of FuxiCTR's DeepFM, its defaults."""
    if name == PEERS:
        return PRESETS["lr"].model
    if name != FUXICTR:
        return PRESETS[name].model
    deepfm, adam = PRESETS["deepfm"].model, Adam(learning_rate=0.001)
    network = {"hidden": (64, 64, 64), "optimizer": adam}
    parts = tuple(
        part.model_copy(update=network) if isinstance(part, DeepConfig) else part
        for part in deepfm.components
    )
    embedding = deepfm.embedding.model_copy(update={"size": 10, "optimizer": adam})
    return ModelConfig(components=parts, embedding=embedding)


def _both(base: RunConfig, data: Dataset) -> dict[str, Any]:
    sizes, crosses = sizes_of(data.train), first_crosses(data).crosses
    usual = with_crosses(base.model, default_crosses(data.schema))
    changed = with_crosses(fitted(base.model, sizes.fit), crosses)
    found = {"cross": ", ".join(crosses), "usual": _run(base, usual, TrainingConfig())}
    is_same = (changed, sizes.training) == (usual, TrainingConfig())
    return found | {"fitting": found["usual"] if is_same else _run(base, changed, sizes.training)}


def _run(base: RunConfig, model: ModelConfig, training: TrainingConfig) -> dict[str, float]:
    config = base.model_copy(update={"model": model, "training": training})
    result = trained_run(train_run(config), lambda _event: None).result
    return {
        "auc": result["test"]["auc"],
        "valid_auc": result["valid"]["auc"],
        "logloss": result["test"]["logloss"],
        "train_auc": result["train"]["auc"],
        "seconds": result["train_seconds"],
        "popularity": result["baselines"]["popularity"]["test"]["auc"],
    }


def _peers(data: Dataset) -> dict[str, float]:
    """Test AUC of scikit-learn's models with their defaults."""
    fields = data.schema.fields
    numbers = [name for name, field in fields.items() if field.kind == "numeric"]
    values = [name for name in fields if name not in numbers]
    train, test = (
        part.frame[list(fields)].astype(dict.fromkeys(values, "object"))
        for part in (data.train, data.test)
    )
    few = [name for name in values if train[name].nunique() <= MOST_VALUES - 2]
    one_hot = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), values),
        (make_pipeline(SimpleImputer(), StandardScaler()), numbers),
    )
    numbered = make_column_transformer(
        (OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), few),
        (TargetEncoder(), [name for name in values if name not in few]),
        ("passthrough", numbers),
    )
    models = {
        "logistic regression": make_pipeline(one_hot, LogisticRegression()),
        "boosting": make_pipeline(
            numbered,
            HistGradientBoostingClassifier(
                categorical_features=list(range(len(few))) or None, random_state=0
            ),
        ),
    }
    return {
        name: roc_auc_score(
            data.test.labels, model.fit(train, data.train.labels).predict_proba(test)[:, 1]
        )
        for name, model in models.items()
    }


def main() -> None:
    """Measure the logs, models and seeds named."""
    parser = argparse.ArgumentParser(prog="benchmarks.own_logs", description=__doc__)
    parser.add_argument("--logs", nargs="+", choices=list(LOGS), default=list(LOGS))
    parser.add_argument("--models", nargs="+", choices=ALL, default=list(ALL))
    parser.add_argument("--seeds", nargs="+", type=int, default=list(SEEDS))
    parser.add_argument("--keep", action="store_true", help="put them among the figures kept")
    arguments = parser.parse_args()
    for seed, log, model in product(arguments.seeds, arguments.logs, arguments.models):
        run = _measured(log, model, seed)
        sys.stdout.write(json.dumps({"log": log, "model": model} | run) + "\n")
        sys.stdout.flush()
        if arguments.keep:
            _keep(log, model, run)


def _keep(log: str, model: str, run: dict[str, Any]) -> None:
    content = json.loads(KEPT.read_text(encoding="utf-8"))
    runs = content["figures"].setdefault(log, {}).setdefault(model, [])
    others = [one for one in runs if one["seed"] != run["seed"]]
    content["figures"][log][model] = sorted([*others, run], key=lambda one: one["seed"])
    KEPT.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def render(figures: dict[str, Any]) -> str:
    """The section of RESULTS.md."""
    rows = [
        row
        for log, models in figures.items()
        for model, runs in models.items()
        for row in ([_row(log, model, runs)] if model in MODELS else _peer_rows(log, runs))
    ]
    header = ["log", "model", "popularity", "usual", "fitting", "train", "seconds", "cross"]
    header += ["seeds"]
    about = (__doc__ or "").partition("\n\n`python")[0].strip()
    return f"""## Logs of one's own, every default accepted

{about}

Test AUC, mean ± standard deviation over seeds; *train* is the AUC on training rows and *seconds*
the training time of *fitting*, one thread, on a machine that others used too. The cross is that of
the models that take one. The least rows that are fitted, 100,000, were set after fitting had cost
FM and DeepFM .004 to .008 test AUC on films, which flatters that log. `python -m benchmarks
own_logs` measures all of it.

{table(header, rows)}"""


def _row(log: str, model: str, runs: list[dict[str, Any]]) -> list[str]:
    fitting = [run["fitting"] for run in runs]
    return [
        log,
        PRESETS[model].label,
        spread([run["popularity"] for run in fitting]),
        spread([run["usual"]["auc"] for run in runs]),
        spread([run["auc"] for run in fitting]),
        spread([run["train_auc"] for run in fitting]),
        spread([run["seconds"] for run in fitting], 1),
        ", ".join(dict.fromkeys(run["cross"] for run in runs)),
        str(len(runs)),
    ]


def _peer_rows(log: str, runs: list[dict[str, Any]]) -> list[list[str]]:
    return [
        [log, name, "", spread([run[name] for run in runs]), *([""] * 4), str(len(runs))]
        for name in runs[0]
        if name != "seed"
    ]


if __name__ == "__main__":
    main()
