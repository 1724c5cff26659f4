"""The kinds of components in torch. A further kind has a module here and its place in
`COMPONENTS`."""

from collections.abc import Mapping
from typing import Any

from recsys_demo.config.component_kinds import by_kind
from recsys_demo.config.components import Kind
from recsys_demo.models.components.base import Component
from recsys_demo.models.components.cross_network import CrossNetwork
from recsys_demo.models.components.crosses import Crosses
from recsys_demo.models.components.deep import Deep
from recsys_demo.models.components.fm import Fm
from recsys_demo.models.components.linear import Linear
from recsys_demo.models.components.trees import Trees

COMPONENTS: Mapping[Kind, type[Component[Any]]] = by_kind(
    linear=Linear, crosses=Crosses, fm=Fm, cross_network=CrossNetwork, deep=Deep, trees=Trees
)
