"""The slider and the buttons below a film: to scrub, play and stop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

BESIDE = 20  # pixels from a slider's top to its line
_AT_ONCE = {"transition": {"duration": 0}}
_STILL = {"mode": "immediate", "frame": {"duration": 0, "redraw": True}} | _AT_ONCE


def film_controls(frames: Sequence[str], frame_ms: int, left: float, down: int) -> dict[str, Any]:
    """For a figure's layout: a slider over the frames of these names, opened at the last, and the
    buttons in front of it. The slider begins at `left` of the width, `down` pixels below the
    axis."""
    play = {"frame": {"duration": frame_ms, "redraw": True}, "fromcurrent": False} | _AT_ONCE
    slider = {
        "active": len(frames) - 1,
        "currentvalue": {"prefix": "after epoch "},
        "x": left,
        "len": 1 - left,
        "pad": {"t": down},
        "steps": [
            {"label": name, "method": "animate", "args": [[name], _STILL]} for name in frames
        ],
    }
    buttons = {
        "type": "buttons",
        "direction": "left",
        "showactive": False,
        "x": 0,
        "xanchor": "left",
        "y": 0,
        "yanchor": "top",
        "pad": {"t": down + BESIDE},
        "buttons": [
            {"label": "▶", "method": "animate", "args": [None, play]},
            {"label": "❚❚", "method": "animate", "args": [[None], _STILL]},
        ],
    }
    return {"sliders": [slider], "updatemenus": [buttons]}
