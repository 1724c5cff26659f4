"""How often the lab's sentences are wrong where nothing differs, and how often they find what does.

Runs of one recipe on the shipped sample set differ by their seed alone, so no sentence may call one
better; a field of pure chance is a switch that does nothing; shuffled labels leave no model
anything to be better at. Seeds are drawn without replacement from 32 trainings of each preset. A
sentence at 95 % may be wrong 5 times in 100; more than 7 would be too many. Labels shuffled within
apps leave apps that are liked more than others, and nothing about who likes them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import noise_pool
from benchmarks.noise_pool import IDLE, IDLE_SEEDS, IDLE_SWITCHES, Recipe
from benchmarks.tables import table
from recsys_demo.config.presets import MAIN_PRESETS, PRESETS
from recsys_demo.data.interactions import Interactions
from recsys_demo.evaluation.bootstrap import BootstrapConfig, paired_bootstrap
from recsys_demo.evaluation.delong import Placements, placements
from recsys_demo.evaluation.leads import lead
from recsys_demo.evaluation.metrics import METRICS, Floats, Labels
from recsys_demo.evaluation.online_test import OnlineConfig, online_test
from recsys_demo.evaluation.reports import SliceReport
from recsys_demo.evaluation.slices import default_slices
from recsys_demo.evaluation.verdicts import Evidence, Finding, evidence
from recsys_demo.features.crosses import parse_cross
from recsys_demo.studies.crosses.log_codes import LogCodes, log_codes
from recsys_demo.studies.crosses.sentences import strongest
from recsys_demo.studies.crosses.statistics import describe_cross
from recsys_demo.studies.crosses.suggestions import default_cross
from recsys_demo.studies.embeddings.lift import pair_lift
from recsys_demo.studies.embeddings.origins import SeenPairs, origins
from recsys_demo.studies.embeddings.probes import probe
from recsys_demo.studies.embeddings.vectors import FieldVectors
from recsys_demo.studies.learning import Learned
from recsys_demo.studies.learning import sentence as overfitting

SLICES = ("all", "exceptions", "never")
DRAWS = 400
LIFT_VALUES = 40
BASE_RATE = 0.3
MOST_WRONG, LEAST_FOUND = 0.07, 0.8
FEW = (1, 2, 3, 5, 10, 20)
# The differences that lessons rely on: the better one, the other, and where.
RELIED_ON = (
    ("wide", "deep", "exceptions"),
    ("deep", "wide", "never"),
    ("wide_deep", "wide", "all"),
    ("wide_deep", "deep", "all"),
    ("wide_deep", "deep", "exceptions"),
    ("wide_deep", "wide", "never"),
    ("deepfm", "wide_deep", "never"),
)
Draw = Callable[[np.random.Generator], bool]
Runs = Sequence[int]


@dataclass(frozen=True, eq=False)
class Pool:
    """What is known of all runs of a recipe on a slice: labels, logits [runs, rows], and the
    placements of each run."""

    labels: Labels
    logits: Floats
    placed: tuple[Placements, ...]

    def values(self, runs: Runs) -> list[float]:
        """The AUC of these runs."""
        return [self.placed[run].auc for run in runs]

    def together(self, runs: Runs) -> Placements:
        """The mean placements of these runs."""
        positive, negative = (
            np.mean([getattr(self.placed[run], side) for run in runs], axis=0)
            for side in ("positive", "negative")
        )
        return Placements(positive, negative, tuple(self.values(runs)))


@cache
def pool(recipe: Recipe, seeds: int, slice_: str) -> Pool:
    """Read once."""
    mask, labels = _rows(slice_)
    logits = np.stack(
        [noise_pool.logits(noise_pool.FOLDER, recipe, seed)[mask] for seed in range(seeds)]
    )
    return Pool(labels, logits, tuple(placements(labels, one) for one in logits))


@cache
def _rows(slice_: str) -> tuple[np.ndarray, Labels]:
    data = noise_pool.sample()
    (found,) = [one for one in default_slices(data.train, data.test) if one.key == slice_]
    return found.mask, data.test.labels[found.mask]


def preset(key: str, slice_: str) -> Pool:
    """All runs of a preset."""
    return pool(Recipe(key), noise_pool.SEEDS, slice_)


def said(a: Pool, ours: Runs, b: Pool, theirs: Runs, comparisons: int = 1) -> Evidence:
    """What the lab knows of these runs of one recipe against those of another."""
    rows = a.together(ours).against(b.together(theirs))
    found = evidence(a.values(ours), b.values(theirs), "auc", rows, comparisons)
    assert found is not None
    return found


def disjoint(rng: np.random.Generator, *sizes: int) -> list[list[int]]:
    """That many runs for each, none twice."""
    drawn = rng.permutation(noise_pool.SEEDS).tolist()
    ends = np.cumsum((0, *sizes))
    return [drawn[start:end] for start, end in pairwise(ends)]


def is_found(finding: Finding) -> bool:
    """Whether one of two models is called better."""
    return finding in ("better", "worse")


def measure() -> dict[str, Any]:
    """Every rate, with the number of trials behind it."""
    noise_pool.FOLDER.mkdir(parents=True, exist_ok=True)
    wrong = [*_same_recipe(), *_several(), *_idle(), *_rows_alone(), *_online(), *_as_good()]
    wrong += [*_probes(), *_combinations(), *_lifts(), *_default_crosses(), *_overfitting()]
    wrong += _origins()
    return {
        "wrong": wrong,
        "found": list(_relied_on()),
        "wider": _wider(),
    }


def rate(name: str, draw: Draw, draws: int = DRAWS) -> dict[str, Any]:
    """How often a draw says what it is asked for."""
    rng = np.random.default_rng(0)
    hits = sum(draw(rng) for _ in range(draws))
    sys.stderr.write(f"{name}: {hits / draws:.1%}\n")
    return {"name": name, "rate": hits / draws, "trials": draws}


def _same_recipe() -> Iterator[dict[str, Any]]:
    """Compare's sentence: one preset against itself, other seeds."""
    for sizes in ((1, 1), (2, 2), (3, 3), (5, 5), (5, 2), (5, 1)):
        for slice_ in SLICES:

            def draw(
                rng: np.random.Generator, sizes: tuple[int, int] = sizes, slice_: str = slice_
            ) -> bool:
                one = preset(str(rng.choice(MAIN_PRESETS)), slice_)
                ours, theirs = disjoint(rng, *sizes)
                return is_found(said(one, ours, one, theirs).finding)

            name = f"better, one recipe: {sizes[0]} against {sizes[1]} seeds, {slice_}"
            yield rate(name, draw)


def _several() -> Iterator[dict[str, Any]]:
    """Sentences that judge several differences at once."""

    def best(rng: np.random.Generator) -> bool:
        one = preset(str(rng.choice(MAIN_PRESETS)), "exceptions")
        groups = dict(zip("abcd", disjoint(rng, 5, 5, 5, 5), strict=True))
        values = {name: one.values(runs) for name, runs in groups.items()}
        ahead = max(values, key=lambda name: np.mean(values[name]))
        rows = {
            name: one.together(groups[ahead]).against(one.together(runs))
            for name, runs in groups.items()
            if name != ahead
        }
        found = lead(values, "auc", rows)
        return found is not None and found.winner is not None

    def six(rng: np.random.Generator) -> bool:
        key = str(rng.choice(MAIN_PRESETS))
        base, first, second = disjoint(rng, 5, 5, 5)
        return any(
            is_found(said(preset(key, s), runs, preset(key, s), base, comparisons=6).finding)
            for s in SLICES
            for runs in (first, second)
        )

    yield rate("best of four, one recipe, 5 seeds each", best)
    yield rate("any of the six in 'does depth replace FM', 5 seeds", six)


def _idle() -> Iterator[dict[str, Any]]:
    """Ablate's sentence: a field of chance added, three seeds."""
    for key in IDLE:
        findings = []
        runs = list(range(IDLE_SEEDS))
        for slice_ in SLICES:
            base = pool(Recipe(key), IDLE_SEEDS, slice_)
            for number in range(IDLE_SWITCHES):
                flipped = pool(Recipe(key, number), IDLE_SEEDS, slice_)
                findings.append(is_found(said(flipped, runs, base, runs).finding))
        name = f"{PRESETS[key].label} with one of {IDLE_SWITCHES} switches that do nothing, 3 seeds"
        sys.stderr.write(f"{name}: {np.mean(findings):.1%}\n")
        yield {"name": name, "rate": float(np.mean(findings)), "trials": len(findings)}


def _rows_alone() -> Iterator[dict[str, Any]]:
    """Few positives, and labels that no model can know."""
    for positives in FEW:

        def few(rng: np.random.Generator, positives: int = positives) -> bool:
            one = preset(str(rng.choice(MAIN_PRESETS)), "all")
            up = rng.choice(np.flatnonzero(one.labels), positives, replace=False)
            down = rng.choice(np.flatnonzero(one.labels == 0), 200, replace=False)
            part = np.concatenate([up, down])
            ours, theirs = disjoint(rng, 3, 3)
            return _judged(one.labels[part], one.logits[:, part], ours, theirs)

        yield rate(f"better, one recipe, {positives} positive rows, 3 seeds", few)

    def shuffled(rng: np.random.Generator) -> bool:
        a, b = rng.choice(MAIN_PRESETS, 2, replace=False)
        one, other = (preset(str(key), "never") for key in (a, b))
        labels = rng.permutation(one.labels)
        logits = np.concatenate([one.logits[:5], other.logits[:5]])
        return _judged(labels, logits, range(5), range(5, 10))

    yield rate("better, two presets, labels shuffled, 5 seeds", shuffled)


def _judged(labels: Labels, logits: Floats, ours: Runs, theirs: Runs) -> bool:
    one = Pool(labels, logits, tuple(placements(labels, run) for run in logits))
    if min(np.count_nonzero(labels), np.count_nonzero(labels == 0)) < 2:
        rows = None
    else:
        rows = one.together(ours).against(one.together(theirs))
    found = evidence(one.values(ours), one.values(theirs), "auc", rows)
    return found is not None and is_found(found.finding)


def _online() -> Iterator[dict[str, Any]]:
    """The simulated online test of one recipe against itself."""
    lists = {
        key: [
            noise_pool.lists(noise_pool.FOLDER, Recipe(key), seed)
            for seed in range(noise_pool.SEEDS)
        ]
        for key in MAIN_PRESETS
    }
    truth = noise_pool.visitors().relevance
    for sizes in ((5, 5), (5, 2), (5, 1)):

        def draw(rng: np.random.Generator, sizes: tuple[int, int] = sizes) -> bool:
            shown = lists[str(rng.choice(MAIN_PRESETS))]
            ours, theirs = ([shown[run] for run in runs] for runs in disjoint(rng, *sizes))
            config = OnlineConfig(visitors=2_000, seed=int(rng.integers(2**30)))
            arms = online_test({"a": ours, "b": theirs}, truth, "b", config)
            gain = arms["a"].gain
            return gain is not None and is_found(gain.finding)

        name = f"online, one recipe: {sizes[0]} against {sizes[1]} control runs"
        yield rate(name, draw, 200)


def _as_good() -> Iterator[dict[str, Any]]:
    """A model truly worse by the margin itself is called as good."""
    for better, worse, slice_ in RELIED_ON[2:4]:
        good, bad = preset(better, slice_), preset(worse, slice_)
        every = range(noise_pool.SEEDS)
        margin = float(np.mean(good.values(every)) - np.mean(bad.values(every)))
        for seeds in (3, 5):

            def draw(
                rng: np.random.Generator,
                seeds: int = seeds,
                margin: float = margin,
                both: tuple[Pool, Pool] = (bad, good),
            ) -> bool:
                ours, theirs = disjoint(rng, seeds, seeds)
                return said(both[0], ours, both[1], theirs).is_no_worse(margin)

            names = f"{PRESETS[worse].label} as good as {PRESETS[better].label}"
            yield rate(f"{names}, margin the true difference, {seeds} seeds", draw)


def _probes() -> Iterator[dict[str, Any]]:
    """Embeddings that hold nothing against others that hold nothing."""

    def draw(rng: np.random.Generator) -> bool:
        trained, start = rng.normal(size=(2, 120, 16))
        classes = rng.integers(0, 4, 120)
        found = probe(trained, start, _series(classes), "class", int(rng.integers(1000)))
        return any(one.clear for one in found if one.measure == "linear probe")

    yield rate("probe clearly better than a random table, nothing learned", draw, 100)


def _combinations() -> Iterator[dict[str, Any]]:
    """Crosses' finding where only apps differ: some combination stands out."""
    cross = parse_cross("installed x app", noise_pool.sample().schema)

    def draw(rng: np.random.Generator) -> bool:
        log = _chance_log(rng)
        return any(not row.noise for row in strongest(describe_cross(cross, log), log))

    yield rate("a combination stands out, labels shuffled within apps", draw, 100)


def _lifts() -> Iterator[dict[str, Any]]:
    """Embeddings' heat map where only apps differ: some pair is clear."""

    def draw(rng: np.random.Generator) -> bool:
        log = _chance_log(rng)
        vocabularies = [log.encoder.vocabularies[name] for name in ("installed", "app")]
        fields = [_at_random(one.field, one.values[:LIFT_VALUES], rng) for one in vocabularies]
        codes = [
            one.codes_of(field.values) for one, field in zip(vocabularies, fields, strict=True)
        ]
        labels = log.train.labels
        lift = pair_lift(fields[0], fields[1], log.train.codes, labels, (codes[0], codes[1]))
        return bool(lift.clear.any())

    yield rate("a pair's lift is clear, labels shuffled within apps", draw, 100)


def _default_crosses() -> Iterator[dict[str, Any]]:
    """The cross that a new log begins with, where no cross has anything to say."""

    def draw(rng: np.random.Generator) -> bool:
        data = noise_pool.sample()
        train, valid = (_within_items(part, rng) for part in (data.train, data.valid))
        return default_cross(train, valid) is not None

    yield rate("a default cross gains, labels shuffled within apps", draw, 100)


def _overfitting() -> Iterator[dict[str, Any]]:
    """Train's finding for four models that know as much of either part."""

    def drawn(rng: np.random.Generator, rows: int) -> SliceReport:
        labels = (rng.random(rows) < 0.3).astype(np.uint8)
        auc = METRICS["auc"].value(labels, labels + rng.normal(size=rows))
        return SliceReport(rows, int(labels.sum()), {"auc": auc})

    for rows in (600, 6_000):

        def draw(rng: np.random.Generator, rows: int = rows) -> bool:
            runs = [
                Learned(model, drawn(rng, rows * 2), drawn(rng, rows)) for model in MAIN_PRESETS
            ]
            return "overfits most" in overfitting(runs)

        yield rate(f"one of four models overfits, {rows:,} test rows", draw)


def _chance_log(rng: np.random.Generator) -> LogCodes:
    data = noise_pool.sample()
    return log_codes(_within_items(data.train, rng), data.test)


def _at_random(field: str, values: Sequence[str], rng: np.random.Generator) -> FieldVectors:
    """Vectors that know nothing."""
    names = tuple(values)
    return FieldVectors(
        field, names, names, rng.normal(size=(len(names), 8)), pd.DataFrame(index=range(len(names)))
    )


def _origins() -> Iterator[dict[str, Any]]:
    """Where a guess comes from, when the nearest pairs are taken as often as all rows."""

    def draw(rng: np.random.Generator) -> bool:
        had, app = (_at_random(name, [f"{name}{n}" for n in range(8)], rng) for name in "ab")
        shown = rng.integers(1, 40, (8, 8))
        shown[0, 1] = 0
        seen = SeenPairs(shown, rng.binomial(shown, BASE_RATE), BASE_RATE)
        return "could be chance" not in origins(had, app, (0, 1), seen).sentence()

    yield rate("the nearest pairs speak for a guess, all pairs alike", draw)


def _within_items(part: Interactions, rng: np.random.Generator) -> Interactions:
    """The same rows with the labels of every item shuffled among its rows: only items count."""
    codes = part.frame[part.schema.item].astype("category").cat.codes.to_numpy()
    by_item = np.lexsort((rng.random(len(part)), codes))
    labels = part.labels.copy()
    labels[np.argsort(codes, kind="stable")] = part.labels[by_item]
    return replace(part, labels=labels)


def _series(classes: np.ndarray) -> pd.Series:
    return pd.Series([f"class {one}" for one in classes], dtype="category")


def _relied_on() -> Iterator[dict[str, Any]]:
    """Differences that lessons rely on: how often the right one is called better."""
    for better, worse, slice_ in RELIED_ON:
        good, bad = preset(better, slice_), preset(worse, slice_)
        every = range(noise_pool.SEEDS)
        means = [float(np.mean(one.values(every))) for one in (good, bad)]
        for seeds in (2, 3, 5):

            def draw(
                rng: np.random.Generator, seeds: int = seeds, both: tuple[Pool, Pool] = (good, bad)
            ) -> bool:
                ours, theirs = disjoint(rng, seeds, seeds)
                return said(both[0], ours, both[1], theirs).finding == "better"

            name = f"{PRESETS[better].label} better than {PRESETS[worse].label} on {slice_}"
            yield {**rate(f"{name}, {seeds} seeds", draw, 200), "means": means, "seeds": seeds}


def _wider() -> dict[str, float]:
    """How much wider the interval of a difference is when whole users or items are drawn anew."""
    data = noise_pool.sample()
    a, b = (preset(key, "all").logits[:5] for key in ("wide_deep", "wide"))
    config = BootstrapConfig()
    found = {"rows": paired_bootstrap(data.test.labels, a, b, METRICS["auc"], config)}
    for name, column in (("users", data.schema.user), ("items", data.schema.item)):
        groups = data.test.frame[column].astype("category").cat.codes.to_numpy()
        found[name] = paired_bootstrap(data.test.labels, a, b, METRICS["auc"], config, groups)
    rows = found["rows"].half_width
    return {name: found[name].half_width / rows for name in ("users", "items")}


def render(figures: Mapping[str, Any]) -> str:
    """The section of RESULTS.md."""
    wrong = [
        [
            one["name"],
            f"{one['rate']:.1%}",
            f"{one['trials']:,}",
            "within" if one["rate"] <= MOST_WRONG else "**too often**",
        ]
        for one in figures["wrong"]
    ]
    found = [
        [
            one["name"],
            f"{one['means'][0]:.3f} against {one['means'][1]:.3f}",
            f"{one['rate']:.0%}",
            f"{one['trials']:,}",
        ]
        for one in figures["found"]
    ]
    at_five = [one for one in figures["found"] if one["seeds"] == 5]
    enough = sum(one["rate"] >= LEAST_FOUND for one in at_five)
    wider = figures["wider"]
    return f"""## What counts as noise

{__doc__.split(chr(10), 2)[2].strip()}

{table(["sentence where nothing differs", "wrong", "trials", "7 % allowed"], wrong)}

Where something differs, by the means of all 32 seeds:

{table(["sentence", "AUC", "found", "trials"], found)}

With five seeds {enough} of {len(at_five)} are found at least 80 times in 100. Intervals are about
other rows and seeds; if whole users were drawn anew, that of Wide & Deep against Wide over all rows
would be {wider["users"]:.1f} times as wide, with whole items {wider["items"]:.1f} times."""
