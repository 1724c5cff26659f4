"""Everything a lesson may hide: the names that `hide=` knows in a link, declared in one place, so
that whoever makes a lesson is offered all of them whichever rooms this server has drawn so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Hideable:
    """A control, or some that go together: its name in links, its room, what it is."""

    name: str
    room: str
    description: str


_ALL = (
    Hideable("history", "Every room", "undo, redo, reset"),
    Hideable("share", "Every room", "share and projector"),
    Hideable("live", "Every room", "Live, and its small map"),
    Hideable("workers", "Every room", "state of the workers"),
    Hideable("truth", "Several rooms", "what is planted"),
    Hideable("results", "Several rooms", "results, until something is predicted"),
    Hideable("log", "Data", "choice of the log, and its settings"),
    Hideable("trial", "Crosses", "training with a cross and without it"),
    Hideable("suggestions", "Crosses", "suggested crosses"),
    Hideable("learned_crosses", "Crosses", "the crosses a model invented"),
    Hideable("overcross", "Crosses", "the overcross demonstration"),
    Hideable("toolbar", "Train", "play, pause, step, stop"),
    Hideable("models", "Train", "choice of models"),
    Hideable("settings", "Train", "settings of models and training"),
    Hideable("budget", "Train", "seed, seeds, epochs"),
    Hideable("tune", "Train", "the search for better settings"),
    Hideable("runs", "Train", "differences, pins, files of the runs"),
    Hideable("compare.seeds", "Compare", "number of seeds and the button that trains them"),
    Hideable("compare.sections", "Compare", "choice of what is shown below the map"),
    Hideable("person", "Recommend", "search, next, random person"),
    Hideable("cases", "Recommend", "named cases"),
    Hideable("editor", "Recommend", "fields of the person"),
    Hideable("lists", "Recommend", "length, installed apps, truth"),
    Hideable("views", "Recommend", "why, what would change it, funnel, numbers"),
    Hideable("ablate.experiment", "Ablate", "trained again or switched off"),
    Hideable("ablate.model", "Ablate", "choice of the model taken apart"),
    Hideable("ablate.seeds", "Ablate", "number of seeds"),
    Hideable("ablate.ask", "Ablate", "questions, switches, grid, shares"),
)
HIDEABLE: Mapping[str, Hideable] = MappingProxyType({one.name: one for one in _ALL})
