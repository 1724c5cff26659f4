"""Switched off, not retrained: dials on the parts of a trained model, and what they do at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from recsys_demo.charts.ablation import DotRow
from recsys_demo.charts.theme import label
from recsys_demo.config.component_kinds import KINDS
from recsys_demo.config.run import RunConfig
from recsys_demo.errors import InputError
from recsys_demo.evaluation.number_text import signed_number
from recsys_demo.evaluation.verdicts import NOT_FOUND, NOT_YET
from recsys_demo.studies.ablation import SWITCHED_OFF
from recsys_demo.studies.ablation.findings import off_finding
from recsys_demo.studies.ablation.outcomes import METRIC_NAMES
from recsys_demo.ui import jobs, models, session
from recsys_demo.ui.ablate.choices import MAX_DIAL, AblateChoices, Dials, choose, chosen
from recsys_demo.ui.ablate.decomposition import (
    Decomposition,
    changes,
    decomposition,
    list_decomposition,
)
from recsys_demo.ui.ablate.results import better_side, dots, metric_control, waiting_slices
from recsys_demo.ui.finding import FindingPlace
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.messages import show_error
from recsys_demo.ui.models import Training
from recsys_demo.ui.state import State
from recsys_demo.ui.widgets import bound, button, long_choice

if TYPE_CHECKING:
    from recsys_demo.studies.ablation.dials import Place, SliceChange

LABEL = f"{SWITCHED_OFF}, not retrained"
CROSS = "cross:"
STEP = 0.05
LIST_LENGTH = 10


def badge() -> None:
    """Stands above whatever was not trained again."""
    st.badge(LABEL, icon=":material/toggle_off:", color="gray")


def dial_section(state: State, choices: AblateChoices, base: RunConfig, said: FindingPlace) -> None:
    """The slices, beside them the dials and the list; or the button that trains the model."""
    training = next(t for t in _trainings(state, base))
    if not training.is_done:
        name = plain(label(training.model))
        said.say(f"A trained {name} adds up the logits of its parts: which can go?")
        _train_first(training)
        dots(waiting_slices(state), _title(choices.metric), "ablate.off.chart")
        return
    one = decomposition(training)
    given = dict(_given(choices.dials, one.parts.dials))
    dials = {part: given.get(part, 1.0) for part in one.parts.dials}
    moved = {part: dial for part, dial in dials.items() if dial != 1.0}
    said.say(plain(_finding(one, moved, choices.metric)))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        with st.container(horizontal=True, vertical_alignment="center"):
            badge()
            metric_control(choices)
        _slices(one, moved, choices.metric)
        st.caption(
            f"{plain(label(training.model))} of the Train room, seed {training.config.seed}: "
            "one trained model."
        )
    with right:
        _dials(dials)
        _list(state, one, moved)
    _each_off(one, choices.metric)


def _given(given: Dials | None, parts: Sequence[str]) -> Dials:
    """The dials as chosen; at first the crosses are off, else the last part, so that there is
    something to see."""
    if given is not None:
        return given
    crosses = [part for part in parts if part == "crosses" or part.startswith(CROSS)]
    return tuple((part, 0.0) for part in crosses or parts[-1:])


def _finding(one: Decomposition, moved: Mapping[str, float], metric: str) -> str:
    if not moved:
        return "All parts as trained: switch one off, and see what the others cannot do alone."
    off = [part_name(part) for part, dial in moved.items() if dial == 0]
    turned = [part_name(part) for part, dial in moved.items() if dial != 0]
    told = [f"Without {' and '.join(off)}"] if off else []
    told += [f"{'with' if off else 'With'} {' and '.join(turned)} turned"] if turned else []
    return off_finding(", ".join(told), _judged(one, moved, metric), METRIC_NAMES[metric])


def _judged(one: Decomposition, moved: Mapping[str, float], metric: str) -> list[SliceChange]:
    """The changes on the slices where the metric means something."""
    return [change for change in changes(one, moved, metric) if change.gain is not None]


def _trainings(state: State, base: RunConfig) -> list[Training]:
    one = state.model_copy(update={"seeds": 1, "models": (base.model,)})
    return models.trainings(one)


def _train_first(training: Training) -> None:
    name = plain(label(training.model))
    if not training.is_busy:
        st.info(
            f"{name} is not trained yet. A trained model adds up the logits of its parts; here "
            "you change the weight of each part and see what happens to the sum.",
            icon=":material/toggle_off:",
        )
        models.show_ended([training])
        jobs.start_button(f"Train {name}", "ablate.off.train", models.train, [training])
        return
    models.watched_trainings("ablate.off.training", [training])


def part_name(part: str) -> str:
    """A part as people know it."""
    names = {str(kind): about.long for kind, about in KINDS.items()}
    return names.get(part, part.removeprefix(CROSS))


def _dials(dials: Mapping[str, float]) -> None:
    names = list(dials)
    for start in range(0, len(names), 2):
        row = names[start : start + 2]
        for column, part in zip(st.columns(2), row, strict=False):
            column.slider(
                plain(part_name(part)),
                0.0,
                MAX_DIAL,
                step=STEP,
                help="0: switched off. 1: as trained. Above 1: counted more than once",
                **bound(f"ablate.dial.{part}", dials[part], partial(_dial, names, part)),
            )
    with st.container(horizontal=True):
        for part in names:
            off = dials[part] == 0
            label_ = f"{'On' if off else 'Off'}: {plain(part_name(part))}"
            button(label_, f"ablate.off.{part}", _dial, names, part, 1.0 if off else 0.0)
        button(
            "Reset the dials",
            "ablate.off.reset",
            partial(choose, dials=()),
            type="tertiary",
            disabled=all(dial == 1 for dial in dials.values()),
        )


def _dial(parts: Sequence[str], part: str, value: float) -> None:
    given = _given(chosen(session.current()).dials, parts)
    kept = {k: v for k, v in given if k != part}
    if value != 1:
        kept[part] = round(value, 2)
    choose(dials=tuple(sorted(kept.items())))


def _slices(one: Decomposition, moved: Mapping[str, float], metric: str) -> None:
    found = _judged(one, moved, metric)
    rows = [
        DotRow(c.label, c.after - c.before, c.gain.half_width, (), verdict_of(c))
        for c in found
        if c.gain is not None
    ]
    dots(rows, _title(metric), "ablate.off.chart")
    st.table(
        [
            {
                LABEL: plain(c.label),
                "rows": f"{c.rows:,}",
                "as trained": f"{c.before:.3f}",
                "as dialled": f"{c.after:.3f}",
                "change": _signed(c),
            }
            for c in found
        ],
        hide_index=True,
        border="horizontal",
    )
    from recsys_demo.studies.ablation.dials import RULE

    st.caption(RULE)


def _title(metric: str) -> str:
    return f"change of test {METRIC_NAMES[metric]}, {LABEL} ({better_side(metric)})"


def verdict_of(change: SliceChange) -> str:
    """In the chart's words."""
    if change.before == change.after:
        return "alone"  # the part has nothing to say here: no chance is involved
    return change.verdict


def _list(state: State, one: Decomposition, moved: Mapping[str, float]) -> None:
    from recsys_demo.studies.ablation.dials import list_places

    users = one.recommender.people
    if not users:
        return
    user = state.query.user if state.query.user in users else users[0]
    st.selectbox(
        "The list of",
        **long_choice(users, user),
        help="The person (or query) whose list is shown, with the context of the last row",
        **bound("ablate.off.user", user, _choose_user),
    )
    wanted = state.query.model_copy(update={"user": user})
    try:
        query = one.recommender.query(wanted.given(one.recommender.schema))
    except InputError as error:
        show_error(error)
        return
    places = list_places(list_decomposition(one, query), one.recommender.names, moved, LIST_LENGTH)
    badge()
    st.dataframe(
        pd.DataFrame([_place(place) for place in places]),
        hide_index=True,
        height="content",
        key="ablate.off.list",
    )
    left = sum(place.after > LIST_LENGTH for place in places)
    st.caption(
        f"{left} of the first {LIST_LENGTH} left the list, as many came in."
        if moved
        else "Move a dial: items that leave the first ten stay below, with their new place."
    )


def _choose_user(user: Any) -> None:
    session.change(query={**dict(session.current().query), "user": str(user)})


def _place(place: Place) -> dict[str, Any]:
    arrow = "▲" if place.climbed > 0 else "▼" if place.climbed < 0 else ""
    return {
        "place": place.after,
        "app": place.item,
        "was": place.before,
        "moved": f"{arrow} {abs(place.climbed)}" if place.climbed else "–",
        "logit": round(place.logit, 3),
    }


def _each_off(one: Decomposition, metric: str) -> None:
    """Every part switched off alone, the largest change on all rows first."""
    st.markdown("#### Each part switched off alone")
    badge()
    rows: list[tuple[float, dict[str, str]]] = []
    for part in one.parts.dials:
        found = changes(one, {part: 0.0}, metric)
        told = {LABEL: part_name(part)} | {c.label: _signed(c) for c in found if c.gain}
        size = next((abs(c.after - c.before) for c in found if c.slice == "all"), 0.0)
        rows.append((size, told))
    rows.sort(key=lambda row: -row[0])
    st.dataframe(pd.DataFrame([told for _, told in rows]), hide_index=True, key="ablate.off.each")
    st.caption(
        f"Change of the test {METRIC_NAMES[metric]}. The other parts were trained beside the one "
        "that is gone and had no chance to take over its work. *Retrained* gives them that chance."
    )


def _signed(change: SliceChange) -> str:
    if change.before == change.after:
        return "0"
    text = signed_number(change.after - change.before, 4)
    return f"{text} ({change.verdict})" if change.verdict in (NOT_FOUND, NOT_YET) else text
