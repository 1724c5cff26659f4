"""The sample set's dials, and the truth that only it knows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from recsys_demo.charts import data as charts
from recsys_demo.data.planted.sample import WORLDS, World, WorldConfig, make_world
from recsys_demo.data.planted.world_steps import STEPS
from recsys_demo.studies.log.exceptions import taste_rates
from recsys_demo.ui.data.choices import DataChoices
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.room_choices import RoomChoices
from recsys_demo.ui.widgets import Edit, button, setting, slider

MAIN = ("exceptions", "affinity", "rank", "noise", "impressions", "seed")
MORE = (
    *("segments", "taste_spread", "category_fit"),
    *("users", "apps", "exception_strength", "popularity_skew", "held_out"),
)
NAMES = {
    "exceptions": "Planted exceptions",
    "affinity": "Strength of taste",
    "rank": "Taste dimensions",
    "noise": "Noise",
    "impressions": "Rows",
    "seed": "Seed",
    "users": "Users",
    "apps": "Apps",
    "exception_strength": "Strength of an exception",
    "segments": "Tastes",
    "taste_spread": "Spread of apps around their taste",
    "category_fit": "Agreement of category and taste",
    "popularity_skew": "Long tail",
    "held_out": "Pairs kept out of training",
}
DUMBBELLS = 12
FEWER = ":material/trending_down:"
MOST = {"exceptions": 3000, "impressions": 500_000, "users": 10_000, "apps": 1000}


@st.cache_resource(max_entries=4, show_spinner="Drawing the world ...")
def world_of(config: WorldConfig) -> World:
    """The world of these dials, its log drawn."""
    world = make_world(config)
    assert world.log is not None  # drawn now, under the spinner
    return world


def worlds(config: WorldConfig | None, use: Callable[[WorldConfig], None]) -> None:
    """A button per ready world; that of `config` is lit."""
    with st.container(horizontal=True):
        for key, named in WORLDS.items():
            button(
                named.label,
                f"data.world.{key}",
                use,
                named.config,
                help=named.summary,
                type="primary" if config == named.config else "secondary",
            )
    same = next((w for w in WORLDS.values() if w.config == config), None)
    if config is not None:
        st.caption(plain(same.summary.capitalize() + "." if same else "A world of your own."))


def steps(config: WorldConfig, turn: Callable[[Edit[WorldConfig]], None]) -> None:
    """A button per step to another world; what there is no step to is greyed."""
    with st.container(horizontal=True, vertical_alignment="center"):
        for key, step in STEPS.items():
            button(
                step.label,
                f"data.step.{key}",
                turn,
                step.world,
                help=step.told,
                disabled=step.world(config) == config,
                icon=":material/trending_up:" if key != "fewer_exceptions" else FEWER,
            )


def dials(config: WorldConfig, turn: Callable[[Edit[WorldConfig]], None]) -> None:
    """The dials of the world in use."""
    _dial_rows(config, MAIN, turn)
    with st.expander("More dials"):
        _dial_rows(config, [name for name in MORE if name in config.dials], turn)


def _dial_rows(
    config: WorldConfig, names: Sequence[str], turn: Callable[[Edit[WorldConfig]], None]
) -> None:
    places = [column for _ in range(0, len(names), 2) for column in st.columns(2)]
    for place, name in zip(places, names, strict=False):
        with place:
            if name == "seed":
                setting(config, name, f"dial.{name}", turn, label=NAMES[name])
            else:
                slider(config, name, f"dial.{name}", turn, NAMES[name], MOST.get(name))


def reveal(world: World, choices: RoomChoices[DataChoices]) -> None:
    """A switch; behind it every planted exception with its true and its observed rate."""
    st.toggle(
        "Reveal the truth",
        help="What was planted. No model ever sees it.",
        **choices.bound("truth"),
    )
    if not choices.now.truth:
        st.caption(
            "This log is synthetic, so the true install probability of every person and app is "
            "known. Guess first which pairs are exceptions (the *Crosses* room finds some), then "
            "reveal them."
        )
        return
    found = world.exceptions()
    if not len(found):
        st.info("This world has no planted exceptions.")
        return
    st.markdown(
        f"**{len(found):,} planted exceptions.** These pairs of an installed and a shown app were "
        "planted against taste: embeddings guess them wrong, crosses can remember them."
    )
    for sentence in found.loc[found["name"] != "", "name"]:
        st.markdown(f"- {plain(sentence)}")
    _dumbbells(found, world.config.noise)
    st.dataframe(
        exception_table(found),
        hide_index=True,
        column_config={
            "observed rate": st.column_config.NumberColumn(format="percent"),
            "true rate": st.column_config.NumberColumn(format="percent"),
        },
        alt=f"{len(found)} planted exceptions with observed and true install rate",
    )


def _dumbbells(found: pd.DataFrame, noise: float) -> None:
    """The exceptions with most rows, those with a story first."""
    seen = found[found["rows"] > 0].sort_values("name", ascending=False, kind="stable")
    shown = seen.head(DUMBBELLS)
    names = [
        f"{one} → {other}" for one, other in zip(shown["installed"], shown["app"], strict=True)
    ]
    taste, true = taste_rates(shown, noise).tolist(), shown["true_rate"].tolist()
    st.plotly_chart(
        charts.dumbbells(names, taste, true),
        key="data.exceptions",
        config={"displayModeBar": False},
        alt=f"True install rate and the one by taste of {len(shown)} planted exceptions",
    )
    st.caption(
        "An installed app → an app shown. Hollow: about what taste alone would give; filled: the "
        "true rate. No vector of tastes can be at both ends."
    )


def exception_table(found: pd.DataFrame) -> pd.DataFrame:
    """The planted exceptions as columns a person reads."""
    words = {1: "refused, but is taken", -1: "taken, but is refused"}
    return pd.DataFrame(
        {
            "installed": found["installed"],
            "shown": found["app"],
            "by taste alone": found["direction"].map(words),
            "training rows": found["rows"],
            "observed rate": found["observed_rate"],
            "true rate": found["true_rate"],
        }
    )
