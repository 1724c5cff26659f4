"""What a person can set about a model and its training: frozen values with bounds.

The bounds refuse bad values and draw the controls of the pages; the descriptions are their help.
Nothing here imports torch, so pages and links can use it at no cost.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from recsys_demo.values import Frozen

MAX_LAYERS = 8
MAX_WIDTH = 4096
Update = Literal["touched", "all"]
UPDATE_HELP = "rows a batch updates: those it touched (fast), or all (weight decay reaches all)"
Width = Annotated[int, Field(ge=1, le=MAX_WIDTH)]


class Ftrl(Frozen):
    """FTRL-Proximal with L1 and L2 (McMahan et al. 2013, Algorithm 1).

    It sees the gradient of the batch's summed loss, so that l1 counts rows whatever the batch size.
    """

    kind: Literal["ftrl"] = "ftrl"
    alpha: float = Field(0.1, gt=0, le=10, description="learning rate of the first steps")
    beta: float = Field(1.0, ge=0, le=100, description="slows the first steps down")
    l1: float = Field(
        3.0, ge=0, le=1000, description="pull to exactly zero: more forgets more rare weights"
    )
    l2: float = Field(0.0, ge=0, le=1000, description="pull towards zero")


class AdaGrad(Frozen):
    """AdaGrad (Duchi et al. 2011): steps shrink with the squared gradients seen so far."""

    kind: Literal["adagrad"] = "adagrad"
    learning_rate: float = Field(0.05, gt=0, le=10, description="size of the first step")
    initial_accumulator: float = Field(
        1e-6, ge=0, le=10, description="squared gradient assumed before the first step"
    )
    l2: float = Field(0.0, ge=0, le=10, description="pull towards zero, added to the gradient")


class Adam(Frozen):
    """Adam (Kingma and Ba 2015)."""

    kind: Literal["adam"] = "adam"
    learning_rate: float = Field(0.005, gt=0, le=10, description="size of a step")
    beta1: float = Field(0.9, ge=0, lt=1, description="memory of the gradient")
    beta2: float = Field(0.999, ge=0, lt=1, description="memory of the squared gradient")
    epsilon: float = Field(1e-8, gt=0, le=1, description="keeps a step finite")
    l2: float = Field(0.0, ge=0, le=10, description="pull towards zero, added to the gradient")


class Sgd(Frozen):
    """Plain stochastic gradient descent."""

    kind: Literal["sgd"] = "sgd"
    learning_rate: float = Field(0.1, gt=0, le=1000, description="size of a step")
    l2: float = Field(0.0, ge=0, le=10, description="pull towards zero, added to the gradient")


Optimizer = Annotated[Ftrl | AdaGrad | Adam | Sgd, Field(discriminator="kind")]
# FTRL rebuilds a weight from its gradients and so starts at zero, where a network cannot start.
DenseOptimizer = Annotated[AdaGrad | Adam | Sgd, Field(discriminator="kind")]


OPTIMIZERS: Mapping[str, type[Ftrl | AdaGrad | Adam | Sgd]] = MappingProxyType(
    {"ftrl": Ftrl, "adagrad": AdaGrad, "adam": Adam, "sgd": Sgd}
)


class LinearConfig(Frozen):
    """One weight per value of every field: y = w.x (W&D, section 3.1)."""

    kind: Literal["linear"] = "linear"
    update: Update = Field("touched", description=UPDATE_HELP)
    optimizer: Optimizer = Ftrl()


class CrossesConfig(Frozen):
    """One weight per combination of every cross: phi_k(x) = prod_i x_i^c_ki (W&D, equation 1)."""

    kind: Literal["crosses"] = "crosses"
    crosses: tuple[str, ...] = Field((), description="definitions, as in 'installed x app'")
    min_support: int = Field(
        2, ge=1, le=1_000_000, description="training rows a combination needs to get a weight"
    )
    buckets: int | None = Field(
        None, ge=2, le=2**24, description="hash combinations into this many weights, or keep all"
    )
    optimizer: Optimizer = Ftrl()


class FmConfig(Frozen):
    """Factorization machine interactions of the fields' embeddings (DeepFM, equation 2)."""

    kind: Literal["fm"] = "fm"
    order: int = Field(2, ge=2, le=5, description="highest number of fields multiplied")


class DeepConfig(Frozen):
    """A multi-layer network on the fields' embeddings and the numeric fields (W&D, equation 2)."""

    kind: Literal["deep"] = "deep"
    hidden: tuple[Width, ...] = Field((64, 32), max_length=MAX_LAYERS, description="layer widths")
    activation: Literal["relu", "tanh", "sigmoid", "leaky_relu", "gelu"] = "relu"
    dropout: float = Field(0.0, ge=0, lt=1, description="share of neurons silenced while training")
    batch_norm: bool = Field(False, description="normalize each layer's inputs over the batch")
    optimizer: DenseOptimizer = AdaGrad()


ComponentConfig = Annotated[
    LinearConfig | CrossesConfig | FmConfig | DeepConfig, Field(discriminator="kind")
]


class EmbeddingConfig(Frozen):
    """The table of vectors, one per value of every categorical and multi-valued field."""

    size: int = Field(8, ge=1, le=512, description="numbers per value")
    init_std: float = Field(0.05, gt=0, le=10, description="spread of the random start")
    shared: bool = Field(True, description="FM and deep read the same vectors (DeepFM's idea)")
    update: Update = Field("touched", description=UPDATE_HELP)
    optimizer: DenseOptimizer = AdaGrad()


class ModelConfig(Frozen):
    """A ranker: components whose logits add up."""

    name: str = Field("custom", min_length=1, max_length=60, description="preset or own name")
    components: tuple[ComponentConfig, ...] = Field(min_length=1, max_length=4)
    embedding: EmbeddingConfig = EmbeddingConfig()

    @model_validator(mode="after")
    def _each_component_once(self) -> Self:
        kinds = [component.kind for component in self.components]
        if len(set(kinds)) < len(kinds):
            raise ValueError(f"each component can be there once, but components are {kinds}")
        return self

    def has(self, kind: str) -> bool:
        """Whether a component of this kind is switched on."""
        return any(component.kind == kind for component in self.components)

    @property
    def crosses(self) -> tuple[str, ...]:
        """Definitions of the crosses this model sees."""
        for component in self.components:
            if isinstance(component, CrossesConfig):
                return component.crosses
        return ()


class TrainingConfig(Frozen):
    """How a model is trained."""

    batch_size: int = Field(1024, ge=1, le=1_000_000, description="rows per step")
    epochs: int = Field(15, ge=1, le=1000, description="passes over the training rows at most")
    patience: int = Field(
        2, ge=1, le=100, description="epochs without improvement before training stops"
    )
    monitor: Literal["logloss", "auc"] = Field(
        "logloss", description="validation metric that decides on the best epoch"
    )
    decay: float = Field(
        1.0, gt=0, le=1, description="learning rate factor after an epoch without improvement"
    )
    precision: Literal["float32", "bfloat16"] = Field(
        "float32", description="number format of the network's matrix products"
    )
    report_steps: int = Field(
        20, ge=1, le=100_000, description="steps between two reports of the training loss"
    )
