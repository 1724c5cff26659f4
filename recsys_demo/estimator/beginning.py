"""What a fit begins with where nothing is said: the cross that is worth most, sizes that fit."""

from __future__ import annotations

from recsys_demo.config.fit import fitted
from recsys_demo.config.flat import plain, preset_of
from recsys_demo.config.presets import default_crosses, with_crosses
from recsys_demo.config.run import RunConfig
from recsys_demo.data.specs import FileSpec
from recsys_demo.studies.crosses.first_crosses import first_crosses
from recsys_demo.studies.log.sizes import sizes_of
from recsys_demo.values import validated


def beginning(
    spec: FileSpec, preset: object, crosses: object, seed: object, *, held_out: bool
) -> RunConfig:
    """The run of a preset on these rows, as `train` begins it; `crosses` are one, several, or None
    for the cross that is worth most, which rows held out decide. Raises InputError."""
    from recsys_demo.training.datasets import run_data

    model = preset_of(preset)
    content = {"data": spec, "model": model, "seed": seed}
    config = validated(RunConfig, content, "RankerClassifier")
    data = run_data(config).dataset
    sizes = sizes_of(data.train)
    model = fitted(model, sizes.fit)
    if model.has("crosses"):
        if crosses is None:
            chosen = first_crosses(data).crosses if held_out else default_crosses(data.schema)
        else:
            chosen = (crosses,) if isinstance(crosses, str) else tuple(plain(crosses))
        model = with_crosses(model, chosen)
    return config.model_copy(update={"model": model, "training": sizes.training})
