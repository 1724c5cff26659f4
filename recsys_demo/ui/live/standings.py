"""The models as rows: symbol, name, how far the training is, and what came out."""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from recsys_demo.charts.theme import escape, label, style
from recsys_demo.ui.live.dots import NEVER, by_model, mean
from recsys_demo.ui.models import Training

HEAD = ("model", "memorize", "never seen", "all rows", "training")


def legend(wanted: Sequence[Training]) -> None:
    """Symbol and name of each model."""
    names = [_name(own[0].model) for own in by_model(wanted)]
    st.html(f'<div class="legend">{"".join(f"<span>{name}</span>" for name in names)}</div>')


def standings(wanted: Sequence[Training], memory: str) -> None:
    """A row per model, means over its seeds on test rows."""
    head = "".join(f'<th scope="col">{name}</th>' for name in HEAD)
    rows = "".join(_row(own, memory) for own in by_model(wanted))
    st.html(f'<table class="standings"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>')


def _row(own: Sequence[Training], memory: str) -> str:
    model = own[0].model
    cells = "".join(f"<td>{_auc(mean(own, key))}</td>" for key in (memory, NEVER, "all"))
    how_far = f"<td>{_bar(own, style(model).colour)}{progress(own)}</td>"
    return f'<tr><th scope="row">{_name(model)}</th>{cells}{how_far}</tr>'


def _name(model: str) -> str:
    look = style(model)
    glyph = f'<b aria-hidden="true" style="color: {look.colour}">{look.glyph}</b>'
    return f"{glyph} {escape(label(model))}"


def _auc(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else "–"


def _bar(own: Sequence[Training], colour: str) -> str:
    """Epochs done of the most there may be, while one is trained."""
    job = own[0].job
    if len(own) > 1 or job is None or job.status.state != "running":
        return ""
    share = min(1.0, len(job.of_type("epoch")) / own[0].config.training.epochs)
    return f'<i style="--done: {share:.0%}; --ink: {colour}"></i>'


def progress(own: Sequence[Training]) -> str:
    """A few words on how far a model's trainings are."""
    job = own[0].job
    if len(own) > 1 and job is not None:
        return f"{sum(training.is_done for training in own)} of {len(own)} seeds"
    if job is None:
        return "not yet"
    if job.status.state == "done" and job.result is not None:
        return f"{job.result['train_seconds']:.1f} s"
    if job.status.state == "queued":
        return "waiting" if not job.position else f"waiting behind {job.position}"
    if job.status.has_ended:
        return job.status.state
    reports = job.of_type("epoch")
    return f"epoch {reports[-1]['epoch'] + 1}" if reports else "starting"
