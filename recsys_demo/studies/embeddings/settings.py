"""What a person can set about a map. Nothing here imports torch, umap or openTSNE."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from recsys_demo.values import Frozen

Metric = Literal["cosine", "euclidean"]
METRIC_HELP = "cosine compares directions only; euclidean lengths as well"


class PcaSettings(Frozen):
    """Principal components: a linear view, at once, whose axes mean the same everywhere."""

    kind: Literal["pca"] = "pca"
    dimensions: Literal[2, 3] = Field(2, description="flat map, or one that can be turned")
    metric: Metric = Field("euclidean", description=METRIC_HELP)
    seed: int = Field(0, ge=0, le=2**31 - 1, description="of the quality sample")


class UmapSettings(Frozen):
    """UMAP (McInnes, Healy and Melville 2018): keeps near things near, started from PCA."""

    kind: Literal["umap"] = "umap"
    dimensions: Literal[2, 3] = Field(2, description="flat map, or one that can be turned")
    metric: Metric = Field("cosine", description=METRIC_HELP)
    neighbors: int = Field(15, ge=2, le=200, description="few: fine grain; many: the large picture")
    min_dist: float = Field(0.1, ge=0, le=0.99, description="how tightly points may be packed")
    epochs: int = Field(200, ge=10, le=1000, description="passes of the layout")
    seed: int = Field(0, ge=0, le=2**31 - 1, description="another seed, another layout")


class TsneSettings(Frozen):
    """t-SNE (van der Maaten and Hinton 2008; openTSNE): clumps of neighbours, flat maps only."""

    kind: Literal["tsne"] = "tsne"
    dimensions: Literal[2] = Field(2, description="flat map")
    metric: Metric = Field("cosine", description=METRIC_HELP)
    perplexity: float = Field(30.0, ge=2, le=200, description="about how many neighbours count")
    iterations: int = Field(500, ge=50, le=2000, description="steps of the layout, a third early")
    seed: int = Field(0, ge=0, le=2**31 - 1, description="of the start where points coincide")


ProjectionSettings = Annotated[
    PcaSettings | UmapSettings | TsneSettings, Field(discriminator="kind")
]
