"""A comparison of saved runs as one HTML file that needs nothing else, for those who were not
there."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from recsys_demo.charts.dots import Dot
from recsys_demo.charts.strip import missing_axes, no_map, strip
from recsys_demo.charts.theme import label
from recsys_demo.charts.tradeoff import tradeoff_map
from recsys_demo.charts.training import Curve, learning_curves
from recsys_demo.evaluation.verdicts import DRAWN_ANEW
from recsys_demo.studies.comparison.saved_runs import SHOWN
from recsys_demo.training.run_files import HISTORY, load_manifest

NEVER = "never"
NAME_ROOM = 24  # pixels: letters of a browser of its own are wider than those of the pages
MEMORIZED = {"exceptions": "planted exceptions", "frequent": "pairs seen 20+ times"}
STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; color: #1f2430; background: #fff;
  max-width: 62rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .7rem; text-align: right; border-bottom: 1px solid #d8dce6; }
th:first-child, td:first-child { text-align: left; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: .8rem; }
.small { color: #596070; font-size: .85rem; }
@media print { details > * { display: block; } .wide { overflow: visible; }
  h2, figure, table { break-inside: avoid; } }
"""
Compared = Mapping[str, Any]


def report(compared: Compared) -> str:
    """The page of what `studies.comparison.saved_runs.compared` found: verdicts, map, slices,
    curves, data and settings. Raises InputError if a run is gone."""
    parts = [
        _heading(compared),
        _section("What can be said", _verdicts(compared)),
        _section("The map", _map(compared)),
        _section("Test AUC by slice", _slices(compared)),
        _section("Learning curves", _curves(compared)),
        _section("The data", _data(compared)),
        _section("Settings", _settings(compared)),
    ]
    body = _with_script_once("".join(parts))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Comparison of models</title><style>{STYLE}</style></head>"
        f"<body><main>{body}</main></body></html>\n"
    )


def _heading(compared: Compared) -> str:
    names = ", ".join(escape(name) for name in _names(compared).values())
    data = escape(str(compared["runs"][0].get("data", "a log")))
    seeds = max(len(model["seeds"]) for model in compared["models"])
    trained = "one training each" if seeds == 1 else f"up to {seeds} seeds each"
    return f"<h1>{names}</h1><p>Compared on the test rows of {data}, {trained}.</p>"


def _verdicts(compared: Compared) -> Iterator[str]:
    found = compared["verdicts"]
    if not found:
        yield _paragraph("The models were not tested on the same rows, or there is only one.")
        return
    names = _names(compared)
    longest_first = sorted(names, key=len, reverse=True)
    keys = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, longest_first))})(?!\w)")
    for said in found:
        yield _paragraph(keys.sub(lambda key: names[key[0]], said["sentence"]))
    yield f'<p class="small">{escape(compared["rule"])} {escape(DRAWN_ANEW)}</p>'


def _map(compared: Compared) -> Iterator[str]:
    slices = [model["slices"] for model in compared["models"]]
    memory = next((key for key in MEMORIZED if any(_mean(s, key) for s in slices)), "frequent")
    axes = ("pairs never seen in training", MEMORIZED[memory])
    names = _names(compared)
    dots = [
        Dot(
            model["preset"],
            _place(model["slices"], NEVER),
            _place(model["slices"], memory),
            x_error=_error(model["slices"], NEVER),
            y_error=_error(model["slices"], memory),
            name=names[model["model"]],
        )
        for model in compared["models"]
    ]
    x_title, y_title = (f"AUC on {rows}" for rows in axes)
    if missing := missing_axes(dots, axes):
        if len(missing) == 1:
            yield _figure(strip(dots, x_title, y_title))
        yield _paragraph(no_map(missing))
        return
    yield _figure(tradeoff_map(dots, x_title, y_title))
    yield _paragraph(
        "Upwards: who remembers what was seen. To the right: who gets pairs right that were never "
        "seen. Bars: half of the 95 % interval over seeds, where there are several."
    )


def _slices(compared: Compared) -> Iterator[str]:
    there = {k: s["rows"] for model in compared["models"] for k, s in model["slices"].items()}
    keys = [key for key in SHOWN if key in there] or list(there)
    names = _names(compared)
    head = "".join(f"<th>{escape(key)}<br>{there[key]:,} rows</th>" for key in keys)
    rows = "".join(
        f"<tr><td>{escape(names[model['model']])}</td>"
        + "".join(f"<td>{_cell(_auc(model['slices'], key))}</td>" for key in keys)
        + "</tr>"
        for model in compared["models"]
    )
    yield f'<div class="wide"><table><tr><th>model</th>{head}</tr>{rows}</table></div>'
    yield '<p class="small">Mean over seeds ± half of its 95 % interval.</p>'


def _curves(compared: Compared) -> Iterator[str]:
    names = _names(compared)
    curves = [_curve(model, names[model["model"]]) for model in compared["models"]]
    figure = learning_curves([one for one in curves if one is not None], "auc")
    yield _figure(figure.update_layout(margin_r=figure.layout.margin.r + NAME_ROOM))
    yield _paragraph("AUC of the validation rows after each epoch, first seed of each model.")


def _curve(model: Mapping[str, Any], name: str) -> Curve | None:
    folder = Path(model["runs"][0])
    history = pd.read_csv(folder / HISTORY)
    if "valid.all.auc" not in history:
        return None
    epochs = history.dropna(subset="valid.all.auc")
    best = load_manifest(folder).result.get("best_epoch")
    return Curve(
        model["preset"], name, epochs["epoch"].tolist(), epochs["valid.all.auc"].tolist(), best
    )


def _data(compared: Compared) -> Iterator[str]:
    first = compared["runs"][0]
    rows = "".join(
        f"<tr><td>{part}</td><td>{first['rows'][part]:,}</td><td>{rate:.2%}</td></tr>"
        for part, rate in first.get("base_rate", {}).items()
    )
    yield f"<table><tr><th>part</th><th>rows</th><th>taken</th></tr>{rows}</table>"
    yield from (_paragraph(note) for note in first.get("notes", []))
    yield f'<p class="small">Fingerprint of rows and split: {first.get("fingerprint", "")}</p>'


def _settings(compared: Compared) -> Iterator[str]:
    names = _names(compared)
    for model in compared["models"]:
        manifest = load_manifest(Path(model["runs"][0]))
        told = {"seeds": model["seeds"], **manifest.config}
        yield f"<details><summary>{escape(names[model['model']])}</summary>"
        yield f"<pre>{escape(json.dumps(told, indent=1))}</pre></details>"


def _names(compared: Compared) -> dict[str, str]:
    """What people call each model."""
    return {
        model["model"]: model["model"].replace(model["preset"], label(model["preset"]), 1)
        for model in compared["models"]
    }


def _section(title: str, parts: Iterator[str]) -> str:
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


SCRIPT = "<!-- plotly.js -->"


def _figure(figure: go.Figure) -> str:
    text: str = figure.to_html(
        full_html=False,
        include_plotlyjs=False,
        config={"responsive": True, "displaylogo": False, "displayModeBar": False},
        default_width="100%",
    )
    return f"<figure style='margin:0'>{SCRIPT}{text}</figure>"


def _with_script_once(body: str) -> str:
    """The library before the first figure that needs it, and nowhere else."""
    if SCRIPT not in body:
        return body
    from plotly.offline import get_plotlyjs

    library = f'<script type="text/javascript">{get_plotlyjs()}</script>'
    first, rest = body.split(SCRIPT, 1)
    return first + library + rest.replace(SCRIPT, "")


def _auc(slices: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = slices.get(key, {}).get("auc", {})
    return found


def _mean(slices: Mapping[str, Any], key: str) -> float | None:
    value: float | None = _auc(slices, key).get("mean")
    return value


def _place(slices: Mapping[str, Any], key: str) -> float:
    value = _mean(slices, key)
    return math.nan if value is None else value


def _error(slices: Mapping[str, Any], key: str) -> tuple[float, float]:
    half = _auc(slices, key).get("half_width") or 0.0
    return half, half


def _cell(found: Mapping[str, Any]) -> str:
    mean, half = found.get("mean"), found.get("half_width")
    if mean is None:
        return "-"
    return f"{mean:.4f}" if half is None else f"{mean:.4f} ± {half:.4f}"
