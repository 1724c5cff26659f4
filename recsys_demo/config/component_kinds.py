"""The kinds of components: one record per kind, which every card, chart, switch and text reads.

What a kind needs of torch and of numpy is registered beside its code, with `by_kind`:
`models/components` (the trained component), `models/size` (its number of parameters) and
`recommendation/components` (its scores and their explanation). mypy refuses a registry that lacks a
kind, and so does the registry itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

from recsys_demo.config.components import (
    ComponentConfig,
    CrossesConfig,
    CrossNetworkConfig,
    DeepConfig,
    FmConfig,
    Kind,
    LinearConfig,
    SparseConfig,
    TreesConfig,
)

T = TypeVar("T")
BIAS: Final = "bias"
Part = Literal["bias"] | Kind  # what adds to a logit
Share = Literal["memory", "vectors", "trees", "item", "person"]  # what a score is taken apart into


def by_kind(
    *, linear: T, crosses: T, fm: T, cross_network: T, deep: T, trees: T
) -> Mapping[Kind, T]:
    """One of something for every kind, in the order of the kinds."""
    return {
        "linear": linear,
        "crosses": crosses,
        "fm": fm,
        "cross_network": cross_network,
        "deep": deep,
        "trees": trees,
    }


@dataclass(frozen=True)
class ComponentKind:
    """What is the same for all components of a kind.

    `short` names it in a picture or a button, `long` in a sentence, `term` a single summand of a
    score; `spoken` stands before a summand's name. `shares` are the rows of Recommend's
    comparison that its summands go to: one, or one for those of the item and one for all others.
    `cost` is what its training takes of one core on the sample set, with the usual settings, all
    epochs together: microseconds per training row. `equation` is its part of the logit. `style`
    names the model whose colour and dash it has in charts. `table` names the vectors it reads if it
    does not share them, None if it reads none. A kind that `needs_choice` says nothing until a
    person has chosen what it sees. One that stands `alone` is a model by itself: its logit adds to
    the bias and to no other component's, because it is not trained by steps along a gradient.

    Every further kind that joins others doubles the runs of Ablate's shares: 2^kinds models a seed.
    """

    config: type[ComponentConfig]
    short: str
    long: str
    term: str
    spoken: str
    shares: tuple[Share, ...]
    cost: float
    equation: str
    style: str
    table: str | None = None
    needs_choice: bool = False
    alone: bool = False

    @property
    def sparse(self) -> bool:
        """Whether weights of exactly zero may come (FTRL)."""
        return issubclass(self.config, SparseConfig)

    @property
    def title(self) -> str:
        """`short`, at the beginning of a line."""
        return self.short[0].upper() + self.short[1:]


KINDS: Mapping[Kind, ComponentKind] = by_kind(
    linear=ComponentKind(
        config=LinearConfig,
        short="fields",
        long="linear weights",
        term="field weight",
        spoken="",
        shares=("item", "person"),
        cost=1.5,
        equation=r"w^\top x",
        style="lr",
    ),
    crosses=ComponentKind(
        config=CrossesConfig,
        short="crosses",
        long="crosses",
        term="cross",
        spoken="the cross ",
        shares=("memory",),
        cost=11,
        equation=r"w_\phi^\top \phi(x)",
        style="wide",
        needs_choice=True,
    ),
    fm=ComponentKind(
        config=FmConfig,
        short="FM",
        long="FM",
        term="FM pair",
        spoken="the pair ",
        shares=("vectors",),
        cost=8,
        equation=r"\textstyle\sum_{i<j}\langle V_i,V_j\rangle x_i x_j",
        style="fm",
        table="embedding_fm",
    ),
    cross_network=ComponentKind(
        config=CrossNetworkConfig,
        short="cross net",
        long="cross network",
        term="learned cross",
        spoken="the cross network's reading of ",
        shares=("vectors",),
        cost=35,
        equation=r"w_c^\top x_L",
        style="cross_net",
        table="embedding_cross_network",
    ),
    deep=ComponentKind(
        config=DeepConfig,
        short="deep",
        long="deep",
        term="network",
        spoken="the network's reading of ",
        shares=("vectors",),
        cost=25,
        equation=r"w_d^\top a_L",
        style="deep",
        # The shared table's name, so that deep's start does not move when FM is separated.
        table="embedding",
    ),
    trees=ComponentKind(
        config=TreesConfig,
        short="trees",
        long="boosted trees",
        term="trees",
        spoken="the trees' reading of ",
        shares=("trees",),
        cost=100,
        equation=r"\textstyle\sum_t f_t(x)",
        style="trees",
        alone=True,
    ),
)


def joint_kinds() -> Mapping[Kind, ComponentKind]:
    """The kinds that can be trained together."""
    return {kind: about for kind, about in KINDS.items() if not about.alone}
