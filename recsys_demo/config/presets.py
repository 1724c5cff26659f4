"""Named sets of components: the models of the two papers, their baselines and what came after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from recsys_demo.config.components import (
    CrossesConfig,
    CrossNetworkConfig,
    DeepConfig,
    FmConfig,
    LinearConfig,
    TreesConfig,
)
from recsys_demo.config.model import EmbeddingConfig, ModelConfig
from recsys_demo.config.optimizers import Adam
from recsys_demo.data.schema import Schema


@dataclass(frozen=True)
class Preset:
    """A model with a name people know."""

    key: str
    label: str
    summary: str
    equation: str
    model: ModelConfig


def _preset(key: str, label: str, summary: str, equation: str, model: ModelConfig) -> Preset:
    return Preset(key, label, summary, equation, model.model_copy(update={"name": key}))


_ADAM = Adam()
_ADAM_EMBEDDING = EmbeddingConfig(optimizer=_ADAM)
_ADAM_LINEAR = LinearConfig(optimizer=_ADAM)
_ADAM_DEEP = DeepConfig(optimizer=_ADAM)
_CROSS_NETWORK = CrossNetworkConfig(optimizer=_ADAM)

_ALL = (
    _preset(
        "lr",
        "LR",
        "logistic regression: one weight per value, no combinations",
        r"\hat y = \sigma(w^\top x + b)",
        ModelConfig(components=(LinearConfig(),)),
    ),
    _preset(
        "fm",
        "FM",
        "factorization machine: every pair of fields through the inner product of two vectors",
        r"\hat y = \sigma(w^\top x + \sum_{i<j} \langle V_i, V_j\rangle x_i x_j + b)",
        ModelConfig(components=(_ADAM_LINEAR, FmConfig()), embedding=_ADAM_EMBEDDING),
    ),
    _preset(
        "wide",
        "Wide",
        "a linear model of fields and crosses: remembers combinations it has seen",
        r"\hat y = \sigma(w^\top [x, \phi(x)] + b)",
        ModelConfig(components=(LinearConfig(), CrossesConfig())),
    ),
    _preset(
        "deep",
        "Deep",
        "embeddings and a network: guesses combinations it has never seen",
        r"\hat y = \sigma(w_{deep}^\top a^{(l_f)} + b)",
        ModelConfig(components=(DeepConfig(),)),
    ),
    _preset(
        "wide_deep",
        "Wide & Deep",
        "both, trained jointly: crosses remember what the network gets wrong",
        r"\hat y = \sigma(w_{wide}^\top [x, \phi(x)] + w_{deep}^\top a^{(l_f)} + b)",
        ModelConfig(components=(LinearConfig(), CrossesConfig(), DeepConfig())),
    ),
    _preset(
        "deepfm",
        "DeepFM",
        "FM and a network on the same embeddings: no hand-made crosses needed",
        r"\hat y = \sigma(y_{FM} + y_{DNN})",
        ModelConfig(components=(_ADAM_LINEAR, FmConfig(), _ADAM_DEEP), embedding=_ADAM_EMBEDDING),
    ),
    _preset(
        "wide_deep_plain",
        "LR & DNN",
        "the DeepFM paper's Wide&Deep: a plain linear part, one optimizer for both",
        r"\hat y = \sigma(w^\top x + w_{deep}^\top a^{(l_f)} + b)",
        ModelConfig(components=(_ADAM_LINEAR, _ADAM_DEEP), embedding=_ADAM_EMBEDDING),
    ),
    _preset(
        "fm_dnn",
        "FM & DNN",
        "DeepFM with separate embeddings for its two parts",
        r"\hat y = \sigma(y_{FM} + y_{DNN}),\quad V_{FM} \ne V_{DNN}",
        ModelConfig(
            components=(_ADAM_LINEAR, FmConfig(), _ADAM_DEEP),
            embedding=EmbeddingConfig(optimizer=_ADAM, shared=False),
        ),
    ),
    _preset(
        "cross_net",
        "Cross network",
        "learns by itself which values to multiply: crosses that nobody has to invent",
        r"\hat y = \sigma(w_{cross}^\top x_L + b)",
        ModelConfig(components=(_CROSS_NETWORK,), embedding=_ADAM_EMBEDDING),
    ),
    _preset(
        "dcn_v2",
        "DCN-V2",
        "a cross network and a network on the same embeddings",
        r"\hat y = \sigma(w_{cross}^\top x_L + w_{deep}^\top a^{(l_f)} + b)",
        ModelConfig(components=(_CROSS_NETWORK, _ADAM_DEEP), embedding=_ADAM_EMBEDDING),
    ),
    _preset(
        "trees",
        "GBDT",
        "gradient-boosted decision trees: many small ones, each grown on what those before it get "
        "wrong; no vectors",
        r"\hat y = \sigma(b + \sum_t f_t(x))",
        ModelConfig(components=(TreesConfig(),)),
    ),
)

PRESETS: Mapping[str, Preset] = MappingProxyType({preset.key: preset for preset in _ALL})
MAIN_PRESETS = ("wide", "deep", "wide_deep", "deepfm")


def default_crosses(schema: Schema) -> tuple[str, ...]:
    """The cross a person would try first: the reference pair, where both are fields."""
    first, second = schema.pair
    return (
        (f"{first} x {second}",)
        if first != second and {first, second} <= set(schema.fields)
        else ()
    )


def with_crosses(model: ModelConfig, crosses: tuple[str, ...]) -> ModelConfig:
    """The model with these crosses in its crosses component, if it has one."""
    components = tuple(
        part.model_copy(update={"crosses": crosses}) if isinstance(part, CrossesConfig) else part
        for part in model.components
    )
    return model.model_copy(update={"components": components})
