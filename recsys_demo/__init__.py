"""The recommender lab. Its version stands here and nowhere else.

From Python: `from recsys_demo import RankerClassifier, load_run, read_log, sample_log`. Each is
loaded when it is asked for, so that the package itself costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recsys_demo.estimator.classifier import RankerClassifier, load_run
    from recsys_demo.estimator.logs import Log, read_log, sample_log

__version__ = "0.2.0.dev0"
__all__ = ["Log", "RankerClassifier", "load_run", "read_log", "sample_log"]

_PLACES = {
    "Log": "logs",
    "RankerClassifier": "classifier",
    "load_run": "classifier",
    "read_log": "logs",
    "sample_log": "logs",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"recsys_demo.estimator.{_PLACES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
