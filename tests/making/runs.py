"""A run as training would leave it, made without training."""

from __future__ import annotations

import pandas as pd

from recsys_demo.config.components import TreesConfig
from recsys_demo.config.presets import PRESETS, with_crosses
from recsys_demo.data.queries import people_in
from recsys_demo.features.encoder import fit_encoder
from recsys_demo.models.components.trees import Trees
from recsys_demo.models.ranker import Ranker
from recsys_demo.models.size import embedding_tables
from recsys_demo.training.runs import Run
from tests.making.logs import random_log
from tests.making.trees import grown

ROWS = random_log(80)


def make_run(key: str = "wide_deep") -> Run:
    """A run of this preset with two crosses, on made-up rows."""
    model = with_crosses(PRESETS[key].model, ("installed x app", "country x age & app=app1"))
    encoder = fit_encoder(ROWS, model)
    ranker = Ranker(model, encoder, 4, 0.25)
    state = ranker.state()
    start = {name: state[name].numpy().copy() for name in embedding_tables() if name in state}
    if (config := model.component(TreesConfig)) is not None:
        ranker.components["trees"] = Trees(grown(ROWS, encoder, config)[0])
    else:
        for tensor in state.values():
            tensor.add_(0.1)
        for _, table in ranker.tables():
            table.weight[0] = 0  # padding
    return Run(
        model=model,
        seed=4,
        base_rate=0.25,
        encoder=encoder,
        ranker=ranker,
        config={"any": ["thing"]},
        result={"auc": 0.5},
        history=pd.DataFrame({"epoch": [1], "loss": [0.5]}),
        items=ROWS.items,
        queries=ROWS.frame.drop_duplicates("user").set_index("user"),
        taken=people_in([(0, ROWS)]).taken,
        start=start or None,
        predictions=pd.DataFrame({"row": [3], "label": [1], "probability": [0.25]}),
    )
