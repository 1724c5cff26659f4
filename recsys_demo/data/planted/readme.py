"""What stands in the README of a written sample set."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from recsys_demo.data.planted.app_names import TASTES
from recsys_demo.data.planted.sample import World
from recsys_demo.data.planted.truth import BASE
from recsys_demo.data.planted.world_config import BY_CATEGORY

COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "user": "who saw the app. A role, not a field: no model sees it.",
        "app": "the app shown. Has a popularity and an appeal to each taste.",
        "category": "of the app. Most apps are of a category that their taste is known for; each "
        "category has hours, devices and ages at which it does better.",
        "price": "of the app. **Planted with no effect.**",
        "app_installs": "what an app store would tell: popularity with noise, two digits of it, "
        "drawn before any impression, so no label is in it.",
        "installed": 'apps the person has, between "|". Nine in ten are drawn from the apps of '
        "the person's segment, so they tell the taste; some contradict it (exceptions).",
        "age": "years, empty for one person in twenty (then without effect). Its effect is a "
        "slope per category.",
        "gender": "**Planted with no effect.**",
        "country": "**Planted with no effect.**",
        "hour": "part of the day. Effect by category.",
        "weekday": "**Planted with no effect.**",
        "device": "Effect by category, smaller than that of the hour.",
        "label": "1 if the app was installed, drawn with `probability`.",
        "split": "train, valid, test: 70, 10 and 20 % of the rows at random. A row of the first "
        "that holds a held-out pair is `withheld` instead.",
        "probability": "truth: the probability the label was drawn with, six digits.",
        "exception": "truth: 1 where an installed app and the shown app are a planted exception.",
        "held_out": "truth: 1 where an installed app and the shown app are a pair kept from "
        "training.",
    }
)
"""Every column of the log and how it was planted, in Markdown."""

_OF_BEFORE: Mapping[str, str] = MappingProxyType(
    {
        "category": "of the app. Half of an app's appeal is its category's; each category has "
        "hours, devices and ages at which it does better.",
        "split": "train, valid, test: 70, 10 and 20 % of the rows at random. A row of the first "
        "two that holds a held-out pair is `withheld` instead.",
    }
)

_TEXT = """\
# Sample set

{impressions:,} impressions of {apps:,} apps to {users:,} people. Everything here is invented and
drawn by the lab: names, people, tastes. `python -m recsys_demo sample --out DIR` writes it again,
value for value; its options are the dials of `world.json`.

| file | content |
|---|---|
| `impressions.parquet` | the log, one row per app shown |
| `apps.csv` | the catalogue |
| `schema.toml` | what the columns mean |
| `world.json` | the dials it was drawn with |

## How a label comes about
The true logit is the sum of

- a base of {base} and the popularity of the app (spread 0.6);
- the **affinity**: people belong to one of {segments} segments, each with a taste, a direction in
  {rank} dimensions, and with a pool of apps they tend to have. {tastes} The mean taste behind the
  installed apps, times the appeal of the shown app; spread {affinity:g} for people with apps of
  one pool. This is what generalizes: it holds for pairs nobody has seen;
- instead of the affinity, where an installed app and the shown app are one of {exceptions}
  **planted exceptions**: a logit of {strength:g} against the sign of the affinity. This can only
  be remembered, pair by pair;
- the effect of hour, device and age on the category.

{noise}The truth is a function of the fields alone, so it is known for every query and app, also
outside the log. {held_out:g} % of the (segment, app) pairs are held out: no row of {kept_from}
has an app of that segment's pool installed and that app shown.
{known_for}
## Columns
| column | meaning, and what is planted |
|---|---|
{columns}

`probability`, `exception` and `held_out` are never inputs of a model.
{penguins}"""

_APART = (
    "Tastes lie as far apart\n  as they can; each app lies near the one it belongs to, and stands "
    "for where it lies."
)


def readme(world: World) -> str:
    """Markdown that says what is in the files and how it was planted."""
    config = world.config
    before = config.version == BY_CATEGORY
    columns = {**COLUMNS, **_OF_BEFORE} if before else COLUMNS
    noise = ""
    if config.noise:
        noise = f"{config.noise:.0%} of the labels are drawn with probability 0.2 instead. "
    return _TEXT.format(
        impressions=config.impressions,
        apps=config.apps,
        users=config.users,
        base=BASE,
        segments=config.pools,
        rank=config.rank,
        affinity=config.affinity,
        exceptions=len(world.planting.exceptions),
        strength=config.exception_strength,
        noise=noise,
        held_out=100 * config.held_out,
        tastes="Tastes lie anywhere." if before else _APART,
        kept_from="training or validation" if before else "training",
        known_for="" if before else _known_for(world),
        columns="\n".join(f"| `{name}` | {text} |" for name, text in columns.items()),
        penguins=_penguins(world),
    )


def _known_for(world: World) -> str:
    rows = "\n".join(f"| {name} | {', '.join(TASTES[name])} |" for name in world.segments)
    return (
        f"\n## Tastes\n{world.config.category_fit:.0%} of the apps are of a category that their "
        f"taste is known for, the others of any.\n\n| taste | known for |\n|---|---|\n{rows}\n"
    )


def _penguins(world: World) -> str:
    if not world.penguins:
        return ""
    stories = "\n".join(f"- {penguin.sentence}" for penguin in world.penguins)
    return f"\n## Exceptions with a story\n{stories}\n"
