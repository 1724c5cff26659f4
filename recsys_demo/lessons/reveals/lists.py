"""Reveals of single people's lists: the person of the story, and the app that was no candidate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from recsys_demo.data.planted.sample import World
from recsys_demo.evaluation.intervals import unknown_interval
from recsys_demo.lessons.progress import Prediction
from recsys_demo.lessons.reveal_kinds import FunnelReveal, PenguinReveal
from recsys_demo.lessons.reveals.outcomes import Mark, Material, Outcome, Sentence, name_of
from recsys_demo.recommendation import cases
from recsys_demo.recommendation.answer import ListedModel
from recsys_demo.recommendation.candidates import Request
from recsys_demo.recommendation.funnel import Funnel, FunnelConfig, run_funnel
from recsys_demo.recommendation.knowledge import knowledge_of
from recsys_demo.recommendation.recommender import Mask, Recommender
from recsys_demo.recommendation.truth import truth_of
from recsys_demo.training.runs import load_stored

LOOKED_AT = 40  # people among whom a lost app is sought
LISTED = 10


def listed_models(found: Material, models: Sequence[str]) -> list[ListedModel]:
    """The first run of each model."""
    listed = []
    for model in models:
        run = found.models[model].runs[0]
        stored = load_stored(run.folder)
        recommender = Recommender.of_stored(stored)
        rate = stored.manifest.base_rate
        listed.append(ListedModel(run.key, model, name_of(model), recommender, rate))
    return listed


def penguin(reveal: PenguinReveal, _guess: Prediction | None, found: Material) -> Outcome:
    """What each model thinks that the person of the story does with the app they refuse."""
    models, world = listed_models(found, reveal.models), found.data.world
    stories = [] if world is None else cases.penguins(models[0].recommender, world)
    if not stories:
        return Outcome((Sentence("penguin.none"),))
    case = stories[0]
    said = {one.model: _probability(one, str(case.user), str(case.item)) for one in models}
    rate = models[0].base_rate
    no = [model for model, probability in said.items() if probability < rate]
    marks = tuple(
        Mark(unknown_interval(100 * probability), model=model, reference=100 * rate)
        for model, probability in said.items()
    )
    first = models[0].recommender
    at = first.position(str(case.item))
    app = "" if at is None else first.names[at]
    told = [
        Sentence(
            "penguin.no" if model in no else "penguin.yes",
            {
                "model": name_of(model),
                "app": app,
                "share": f"{said[model]:.0%}",
                "rate": f"{rate:.0%}",
            },
        )
        for model in said
    ]
    return Outcome(
        tuple(told),
        marks,
        came_out=_who(no, list(said)),
        unit="probability",
        against="rate",
        is_single=True,
    )


def _probability(one: ListedModel, user: str, item: str) -> float:
    at = one.recommender.position(item)
    assert at is not None  # the case was found in this catalogue
    ranking = one.recommender.rank(one.recommender.query({"user": user}))
    return float(ranking.probabilities[at])


def _who(no: Sequence[str], models: Sequence[str]) -> str:
    """The one model that says no, or `both`, or `nobody`."""
    if len(no) == len(models):
        return "both"
    return no[0] if no else "nobody"


@dataclass(frozen=True, eq=False)
class Lost:
    """A person, the app that is truly best for them, and that it was no candidate."""

    user: str
    app: int
    funnels: Sequence[Funnel]


def funnel(reveal: FunnelReveal, guess: Prediction | None, found: Material) -> Outcome:
    """Whether any model lists the best app that no generator proposed."""
    models, world = listed_models(found, reveal.models), found.data.world
    if world is None:
        return Outcome((Sentence("funnel.none"),))
    lost = next(_lost(models, found, world), None)
    if lost is None:
        return Outcome((Sentence("funnel.kept"),))
    return of_lost(lost, models, guess)


def of_lost(lost: Lost, models: Sequence[ListedModel], guess: Prediction | None) -> Outcome:
    """Which list has the app, and where each model would place it in the whole catalogue. Who was
    said to list it was expected to place it above the end of the list."""
    pairs = list(zip(models, lost.funnels, strict=True))
    listing = [one.model for one, own in pairs if lost.app in own.items]
    places = {one.model: int(own.full.places[lost.app]) for one, own in pairs}
    named = "" if guess is None else guess.option
    marks = tuple(
        Mark(
            unknown_interval(place),
            float(LISTED) if model == named else None,
            model=model,
            reference=float(LISTED),
        )
        for model, place in places.items()
    )
    values = {
        "app": models[0].recommender.names[lost.app],
        "user": lost.user,
        "places": ", ".join(f"{name_of(model)} {place}" for model, place in places.items()),
        "candidates": len(lost.funnels[0].union),
        "catalogue": lost.funnels[0].catalogue,
    }
    return Outcome(
        (Sentence("funnel.lost", values),),
        marks,
        came_out=listing[0] if listing else "nobody",
        unit="place",
        against="list_end",
        is_single=True,
    )


def _lost(models: Sequence[ListedModel], found: Material, world: World) -> Iterator[Lost]:
    """People whose truly best app no generator proposed, evenly over all people."""
    first = models[0].recommender
    vectors = next(
        (m.recommender for m in models if m.recommender.item_directions is not None), first
    )
    knowledge = knowledge_of(found.data.train, first)
    for user in first.people[:: max(1, len(first.people) // LOOKED_AT)][:LOOKED_AT]:
        query = first.query({"user": user})
        has = first.installed(query)
        best = int(truth_of(world, first, query, has).ranking.order[0])
        request = Request(query, knowledge, vectors)

        def through(one: ListedModel, request: Request = request, has: Mask = has) -> Funnel:
            return run_funnel(one.recommender, request, FunnelConfig(), LISTED, has)

        # The candidates are the same whoever ranks them.
        if best not in through(models[0]).union:
            yield Lost(user, best, [through(one) for one in models])
