"""What a run is apart from its seed: runs of one recipe are one model, and of no other runs a mean
is taken."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from recsys_demo.config.run import RunConfig
from recsys_demo.errors import InputError
from recsys_demo.values import validated

Recipe = Mapping[str, Any]
ABSENT = "not there"


def recipe(config: Mapping[str, Any], fingerprint: str | None) -> Recipe:
    """Every setting of a saved configuration but the seed, by dotted names. Of the data counts what
    they are (the run's fingerprint), not where they lay."""
    try:
        content = validated(RunConfig, config, "run").model_dump(mode="json")
    except InputError:  # saved when other settings were allowed: taken as it stands
        content = dict(config)
    content.pop("seed", None)
    if fingerprint is not None:
        content |= {"data": fingerprint, "split": None}
    model = content.pop("model", None) or {}
    parts = {str(part.get("kind")): part for part in model.pop("components", ())}
    return dict(_flat({**content, **model, **parts}))


def differences(recipes: Sequence[Recipe]) -> list[dict[str, Any]]:
    """Of each recipe the settings that are not the same in all of them."""
    names = dict.fromkeys(name for one in recipes for name in one)
    told = {name: [one.get(name, ABSENT) for one in recipes] for name in names}
    different = [name for name, values in told.items() if any(v != values[0] for v in values)]
    return [{name: told[name][at] for name in different} for at in range(len(recipes))]


def key_of(recipe: Recipe) -> str:
    """A text that equal recipes, and only they, have in common."""
    return json.dumps(recipe, sort_keys=True)


def machines_sentence(results: Iterable[Mapping[str, Any]], here: str | None = None) -> str:
    """A sentence if results come from several kinds of machine, or from another one than `here`;
    empty if not. An old result does not say where it comes from."""
    kinds = list(dict.fromkeys(str(r["machine"]) for r in results if r.get("machine")))
    if here is not None and any(kind != here for kind in kinds):
        others = " and ".join(kind for kind in kinds if kind != here)
        return (
            f"Some of these numbers come from another kind of machine ({others}; this one is "
            f"{here}): trained here, their last digits may differ."
        )
    if len(kinds) > 1:
        return (
            f"These runs come from different kinds of machine ({', '.join(kinds)}): their last "
            "digits may differ for that alone."
        )
    return ""


def _flat(content: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in content.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield before + name, value
