"""The kinds of components in numpy: how each scores a catalogue, and how it explains a score. A
further kind has a module here and its place in `SERVES` and `EXPLAINS`."""

from collections.abc import Mapping
from typing import Any

from recsys_demo.config.component_kinds import by_kind
from recsys_demo.config.components import Kind
from recsys_demo.recommendation.components.base import Explain, Serve
from recsys_demo.recommendation.components.cross_network import (
    CrossNetworkExplain,
    CrossNetworkServe,
)
from recsys_demo.recommendation.components.crosses import CrossesExplain, CrossesServe
from recsys_demo.recommendation.components.deep import DeepExplain, DeepServe
from recsys_demo.recommendation.components.fm import FmExplain, FmServe
from recsys_demo.recommendation.components.linear import LinearExplain, LinearServe
from recsys_demo.recommendation.components.trees import TreesExplain, TreesServe

SERVES: Mapping[Kind, type[Serve]] = by_kind(
    linear=LinearServe,
    crosses=CrossesServe,
    fm=FmServe,
    cross_network=CrossNetworkServe,
    deep=DeepServe,
    trees=TreesServe,
)
EXPLAINS: Mapping[Kind, type[Explain[Any]]] = by_kind(
    linear=LinearExplain,
    crosses=CrossesExplain,
    fm=FmExplain,
    cross_network=CrossNetworkExplain,
    deep=DeepExplain,
    trees=TreesExplain,
)
