"""What a person can set about a model and its training: frozen values with bounds.

The bounds refuse bad values and draw the controls of the pages; the descriptions are their help.
Nothing here imports torch, so pages and links can use it at no cost.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, Literal, Self, TypeVar, Union

from pydantic import BeforeValidator, Field, SerializeAsAny, TypeAdapter, model_validator

from recsys_demo.config.component_kinds import KINDS
from recsys_demo.config.components import ComponentConfig, CrossesConfig, Kind
from recsys_demo.config.optimizers import UPDATE_HELP, AdaGrad, DenseOptimizer, Update
from recsys_demo.values import Frozen

C = TypeVar("C", bound=ComponentConfig)


def _of_its_kind(value: object) -> ComponentConfig:
    """The component that `value` says: its `kind` decides on the settings."""
    found: ComponentConfig = _reader(tuple(kind.config for kind in KINDS.values())).validate_python(
        value
    )
    return found


@lru_cache(maxsize=4)
def _reader(classes: tuple[type[ComponentConfig], ...]) -> TypeAdapter[Any]:
    union: Any = Union[classes]  # noqa: UP007 # the members are known at run time only
    return TypeAdapter(Annotated[union, Field(discriminator="kind")])


AnyComponent = Annotated[SerializeAsAny[ComponentConfig], BeforeValidator(_of_its_kind)]


class EmbeddingConfig(Frozen):
    """The table of vectors, one per value of every categorical and multi-valued field."""

    size: int = Field(8, ge=1, le=512, description="numbers per value")
    init_std: float = Field(0.05, gt=0, le=10, description="spread of the random start")
    shared: bool = Field(True, description="all components read the same vectors (DeepFM's idea)")
    update: Update = Field("touched", description=UPDATE_HELP)
    optimizer: DenseOptimizer = AdaGrad()


class ModelConfig(Frozen):
    """A ranker: components whose logits add up, or one that stands alone."""

    name: str = Field("custom", min_length=1, max_length=60, description="preset or own name")
    components: tuple[AnyComponent, ...] = Field(min_length=1)
    embedding: EmbeddingConfig = EmbeddingConfig()

    @model_validator(mode="after")
    def _each_component_once(self) -> Self:
        kinds = [component.kind for component in self.components]
        if len(set(kinds)) < len(kinds):
            raise ValueError(f"each component can be there once, but components are {kinds}")
        alone = [kind for kind in kinds if KINDS[kind].alone]
        if alone and len(kinds) > 1:
            raise ValueError(f"{KINDS[alone[0]].long} stand alone, but components are {kinds}")
        return self

    def has(self, kind: Kind) -> bool:
        """Whether a component of this kind is switched on."""
        return any(component.kind == kind for component in self.components)

    def component(self, config: type[C]) -> C | None:
        """The component with these settings, if it is switched on."""
        return next((part for part in self.components if isinstance(part, config)), None)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds that are on, in the order of the configuration."""
        return tuple(component.kind for component in self.components)

    @property
    def alone(self) -> bool:
        """Whether it is a model by itself and no sum of components."""
        return any(KINDS[kind].alone for kind in self.kinds)

    @property
    def vector_readers(self) -> tuple[Kind, ...]:
        """The kinds that are on and read vectors."""
        return tuple(kind for kind in self.kinds if KINDS[kind].table is not None)

    @property
    def crosses(self) -> tuple[str, ...]:
        """Definitions of the crosses this model sees."""
        part = self.component(CrossesConfig)
        return () if part is None else part.crosses


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
    schedule: Literal["constant", "linear"] = Field(
        "constant",
        description="linear: learning rates fall in a straight line to zero at the last epoch, so "
        "that few epochs are enough (FTRL's fall by themselves, with what each weight has seen)",
    )
    precision: Literal["float32", "bfloat16"] = Field(
        "float32", description="number format of the network's matrix products"
    )
    report_steps: int = Field(
        20, ge=1, le=100_000, description="steps between two reports of the training loss"
    )
