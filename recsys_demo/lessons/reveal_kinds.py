"""What can be revealed: the settings of each kind, as a lesson's file has them. What comes out of
them is computed by `recsys_demo/lessons/reveals/`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from recsys_demo.lessons.progress import Key
from recsys_demo.values import Frozen

Direction = Literal["ahead", "behind", "level"]
Name = Annotated[str, Field(min_length=1, max_length=60)]


class RevealConfig(Frozen):
    """What a reveal computes from the person's finished runs."""

    @property
    def needed(self) -> tuple[str, ...]:
        """The models whose finished runs it is computed from; for the map, which has none of its
        own, those that were asked about."""
        return ()


class PlacesReveal(RevealConfig):
    """Guessed and real places on the map."""

    kind: Literal["places"] = "places"


class ApartReveal(RevealConfig):
    """How far model `a` is from `b`, slice by slice, and for each option what it expects: the
    direction of `a` on slices. The option whose expectations are met came out; with `most_behind`
    that of the slice on which `a` loses most, or "nothing" where it loses nowhere."""

    kind: Literal["apart"] = "apart"
    a: Name
    b: Name
    slices: Annotated[tuple[Key, ...], Field(min_length=1, max_length=6)]
    expects: dict[Key, dict[Key, Annotated[tuple[Direction, ...], Field(min_length=1)]]] = Field(
        default_factory=dict
    )
    most_behind: bool = False

    @property
    def needed(self) -> tuple[str, ...]:
        return self.a, self.b


class AverageReveal(RevealConfig):
    """Whether a model that has both parts is their average; `of` is the step with the map."""

    kind: Literal["average"] = "average"
    whole: Name
    parts: tuple[Name, Name]

    @property
    def needed(self) -> tuple[str, ...]:
        return self.whole, *self.parts


class PenguinReveal(RevealConfig):
    """What each model says to the person of the story, against the log's average."""

    kind: Literal["penguin"] = "penguin"
    models: Annotated[tuple[Name, ...], Field(min_length=1, max_length=8)]

    @property
    def needed(self) -> tuple[str, ...]:
        return self.models


class GapReveal(RevealConfig):
    """How much worse a model is on test rows than on training rows, slice by slice."""

    kind: Literal["gap"] = "gap"
    model: Name
    slices: Annotated[tuple[Key, ...], Field(min_length=2, max_length=6)]

    @property
    def needed(self) -> tuple[str, ...]:
        return (self.model,)


class OvercrossReveal(RevealConfig):
    """What the losses did when one very fine cross was added."""

    kind: Literal["overcross"] = "overcross"


class WeightsReveal(RevealConfig):
    """Share of the wide weights of `b` that model `a` keeps, in percent."""

    kind: Literal["weights"] = "weights"
    a: Name
    b: Name

    @property
    def needed(self) -> tuple[str, ...]:
        return self.a, self.b


class PaperReveal(RevealConfig):
    """A number that the Wide & Deep paper prints."""

    kind: Literal["paper"] = "paper"
    model: Name


class SpreadReveal(RevealConfig):
    """By how much the best of several seeds beats the worst, in AUC over all test rows."""

    kind: Literal["spread"] = "spread"
    model: Name

    @property
    def needed(self) -> tuple[str, ...]:
        return (self.model,)


class FunnelReveal(RevealConfig):
    """Who lists the app that is truly best for a person but was no candidate."""

    kind: Literal["funnel"] = "funnel"
    models: Annotated[tuple[Name, ...], Field(min_length=1, max_length=8)]

    @property
    def needed(self) -> tuple[str, ...]:
        return self.models


class KeptReveal(RevealConfig):
    """Share of each app's true neighbours that a flat map keeps, in percent."""

    kind: Literal["kept"] = "kept"
    model: Name

    @property
    def needed(self) -> tuple[str, ...]:
        return (self.model,)


class InventedReveal(RevealConfig):
    """Which pair of fields the cross network of a model multiplies most, and for each option the
    pairs that it means; an option that means none stands for all others."""

    kind: Literal["invented"] = "invented"
    model: Name
    means: dict[Key, tuple[Name, ...]] = Field(default_factory=dict)

    @property
    def needed(self) -> tuple[str, ...]:
        return (self.model,)


Reveal = Annotated[
    PlacesReveal
    | ApartReveal
    | AverageReveal
    | PenguinReveal
    | GapReveal
    | OvercrossReveal
    | WeightsReveal
    | PaperReveal
    | SpreadReveal
    | FunnelReveal
    | KeptReveal
    | InventedReveal,
    Field(discriminator="kind"),
]
