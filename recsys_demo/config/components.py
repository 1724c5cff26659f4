"""What a person can set about each component of a model.

The bounds refuse bad values and draw the controls of the pages; the descriptions are their help.
Names, looks and equations of the kinds stand in `component_kinds`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from recsys_demo.config.optimizers import (
    UPDATE_HELP,
    AdaGrad,
    DenseOptimizer,
    Ftrl,
    Optimizer,
    Update,
)
from recsys_demo.values import Frozen

MAX_LAYERS = 8
MAX_WIDTH = 4096
Kind = Literal["linear", "crosses", "fm", "cross_network", "deep", "trees"]
Width = Annotated[int, Field(ge=1, le=MAX_WIDTH)]


class ComponentConfig(Frozen):
    """The settings of one component."""

    kind: Kind

    @property
    def detail(self) -> str:
        """What a small picture of the component says of its settings."""
        return ""


class SparseConfig(ComponentConfig):
    """A weight per value or combination; FTRL may leave one at exactly zero."""

    optimizer: Optimizer = Ftrl()


class LinearConfig(SparseConfig):
    """One weight per value of every field: y = w.x (W&D, section 3.1)."""

    kind: Literal["linear"] = "linear"
    update: Update = Field("touched", description=UPDATE_HELP)


class CrossesConfig(SparseConfig):
    """One weight per combination of every cross: phi_k(x) = prod_i x_i^c_ki (W&D, equation 1)."""

    kind: Literal["crosses"] = "crosses"
    crosses: tuple[str, ...] = Field((), description="definitions, as in 'installed x app'")
    min_support: int = Field(
        2, ge=1, le=1_000_000, description="training rows a combination needs to get a weight"
    )
    buckets: int | None = Field(
        None, ge=2, le=2**24, description="hash combinations into this many weights, or keep all"
    )

    @property
    def detail(self) -> str:
        return f"{len(self.crosses)} of them"


class FmConfig(ComponentConfig):
    """Factorization machine interactions of the fields' embeddings (DeepFM, equation 2)."""

    kind: Literal["fm"] = "fm"
    order: int = Field(2, ge=2, le=5, description="highest number of fields multiplied")
    field_weights: bool = Field(
        False, description="one more weight per pair of fields, which starts at 1 (FwFM)"
    )

    @property
    def detail(self) -> str:
        return "pair weights" if self.field_weights else f"order {self.order}"


class CrossNetworkConfig(ComponentConfig):
    """A network that learns its own crosses: each layer multiplies what it has so far by the
    fields' embeddings once more (DCN-V2, equation 1)."""

    kind: Literal["cross_network"] = "cross_network"
    layers: int = Field(
        2, ge=1, le=MAX_LAYERS, description="layers; L of them multiply L + 1 values"
    )
    rank: int | None = Field(
        None, ge=1, le=MAX_WIDTH, description="rank of each layer's matrix, or a whole matrix"
    )
    optimizer: DenseOptimizer = AdaGrad()

    @property
    def detail(self) -> str:
        layers = f"{self.layers} layer" + "s" * (self.layers > 1)
        return layers if self.rank is None else f"{layers}, r {self.rank}"


class DeepConfig(ComponentConfig):
    """A multi-layer network on the fields' embeddings and the numeric fields (W&D, equation 2)."""

    kind: Literal["deep"] = "deep"
    hidden: tuple[Width, ...] = Field((64, 32), max_length=MAX_LAYERS, description="layer widths")
    activation: Literal["relu", "tanh", "sigmoid", "leaky_relu", "gelu"] = "relu"
    dropout: float = Field(0.0, ge=0, lt=1, description="share of neurons silenced while training")
    batch_norm: bool = Field(False, description="normalize each layer's inputs over the batch")
    optimizer: DenseOptimizer = AdaGrad()

    @property
    def detail(self) -> str:
        return "-".join(map(str, self.hidden[:3])) + ("…" if len(self.hidden) > 3 else "")


class TreesConfig(ComponentConfig):
    """Boosted trees: each one is grown on what those before it get wrong."""

    kind: Literal["trees"] = "trees"
    trees: int = Field(100, ge=1, le=2_000, description="trees at most, as many in every epoch")
    leaves: int = Field(31, ge=2, le=256, description="leaves of a tree at most")
    min_rows: int = Field(20, ge=1, le=100_000, description="training rows a leaf needs")
    learning_rate: float = Field(0.3, gt=0, le=1, description="what a tree's answer counts for")
    l2: float = Field(0.0, ge=0, le=1000, description="pull of a leaf's answer towards zero")
    column_share: float = Field(
        0.5, gt=0, le=1, description="share of the columns that a split may choose from, drawn anew"
    )
    members: int = Field(
        64,
        ge=0,
        le=255,
        description="most frequent values of a multi-valued field that get a column each",
    )
    prior_rows: float = Field(
        20.0,
        ge=0,
        le=10_000,
        description="rows that the base rate counts for in the rate of a value",
    )

    @property
    def detail(self) -> str:
        return f"{self.trees} x {self.leaves}"
