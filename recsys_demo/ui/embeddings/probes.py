"""Numbers for what the eye sees: can a property be read from the vectors?"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from recsys_demo.charts.probes import probe_figure
from recsys_demo.csv_export import to_csv
from recsys_demo.evaluation.verdicts import NOT_FOUND
from recsys_demo.studies.embeddings.probes import MEANING, Probe
from recsys_demo.studies.embeddings.vectors import NORM
from recsys_demo.ui.embeddings import measurements
from recsys_demo.ui.embeddings.maps import PaneView
from recsys_demo.ui.markdown import plain


def probe_section(views: Sequence[PaneView], truth: bool, color: str) -> None:
    """Probes of one property in every trained pane, against its random start."""
    columns = [c for c in views[0].vectors.metadata.columns if c != NORM]
    target = st.selectbox(
        "Property",
        columns,
        index=columns.index(color) if color in columns else 0,
        help="Can it be read from the vectors? Tested on values the probe was not fitted on.",
    )
    trained = [view for view in views if not view.pane.start]
    if not trained:
        st.info("Add a trained map: a random start has nothing to be compared with.")
        return
    for column, view in zip(st.columns(len(trained)), trained, strict=True):
        with column:
            st.markdown(f"**{plain(view.pane.label)}**")
            found = measurements.probes(view.pane, view.vectors.field, truth, [target])
            if not found:
                st.info("Nothing to test: too few values, or a single class.")
                continue
            st.plotly_chart(
                probe_figure(found),
                key=f"embeddings.probe.{view.pane.key}",
                config={"displayModeBar": False},
                alt="; ".join(sentence(p) for p in found),
            )
            for p in found:
                st.markdown(("✓ " if p.clear else "– ") + plain(sentence(p)))
            st.download_button(
                "As CSV",
                to_csv(probe_frame(found)),
                f"probes_{view.pane.key}.csv",
                "text/csv",
                key=f"embeddings.probe.csv.{view.pane.key}",
            )
    st.caption(
        " · ".join(f"{name}: {meaning}" for name, meaning in MEANING.items())
        + ". 95 % intervals over values drawn anew, of this one training."
    )


def sentence(found: Probe) -> str:
    """A probe in words."""
    size = f"{abs(found.gain.value):.2g}"
    verdict = (
        f"{size} better than"
        if found.clear
        else f"{size} worse than"
        if found.gain.high < 0
        else f"which {NOT_FOUND} from"
    )
    left = f"; {found.left_out:,} left out (no class, or a rare one)" if found.left_out else ""
    return (
        f"{found.measure} {found.trained}, {verdict} the random start's {found.untrained}; "
        f"{found.chance:.2f} without vectors; {found.points:,} values{left}."
    )


def probe_frame(probes: Sequence[Probe]) -> pd.DataFrame:
    """Probes as a table."""
    rows = []
    for p in probes:
        row: dict[str, object] = {"target": p.target, "measure": p.measure}
        for name in ("trained", "untrained", "gain"):
            found = getattr(p, name)
            row |= {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}
        row |= {"chance": p.chance, "values": p.points, "left_out": p.left_out}
        rows.append(row)
    return pd.DataFrame(rows)
