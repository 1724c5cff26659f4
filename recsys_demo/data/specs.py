"""The sources of logs there are, and a source as a value that can stand in a link.

`SOURCES` is the registry: the page's choice of logs, the command line's `--source`, links, workers
and the tests of what every source must do go over it.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, SerializeAsAny
from pydantic_core import PydanticCustomError

from recsys_demo.data.frappe import FrappeSpec
from recsys_demo.data.movielens import MovieLensSpec
from recsys_demo.data.own_file import PARTS, FileSpec
from recsys_demo.data.sample_set import SampleSpec
from recsys_demo.data.source import Source

__all__ = [
    "PARTS",
    "SOURCES",
    "DataSpec",
    "FileSpec",
    "FrappeSpec",
    "MovieLensSpec",
    "SampleSpec",
]

# By kind, in the order in which people are offered them.
SOURCES: dict[str, type[Source]] = {
    "sample": SampleSpec,
    "frappe": FrappeSpec,
    "movielens": MovieLensSpec,
    "file": FileSpec,
}


def _of_kind(content: Any) -> Any:
    """A source from its content, by its kind. Raises ValidationError with the problems of its
    fields."""
    if not isinstance(content, dict):
        return content
    source = SOURCES.get(str(content.get("kind")))
    if source is None:
        kinds = ", ".join(SOURCES)
        raise PydanticCustomError("unknown_source", "no such source", {"expected": kinds})
    return source.model_validate(content)


DataSpec = Annotated[SerializeAsAny[Source], BeforeValidator(_of_kind)]
