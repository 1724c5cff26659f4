"""What came out of the simulated online test, in sentences made from its numbers."""

from __future__ import annotations

import math

from recsys_demo.evaluation.papers import OFFLINE, ONLINE, WD_ONLINE
from recsys_demo.evaluation.verdicts import Verdict
from recsys_demo.studies.comparison.simulated import KINDS, OnlineArm


def gain_story(name: str, control: str, arm: OnlineArm, offline: Verdict) -> str:
    """Offline and online side by side, and what kinds of places the difference comes from."""
    online = _direction(_sign(arm))
    judged = _direction(0 if offline.winner is None else (1 if offline.gain > 0 else -1))
    text = (
        f"{name} against {control}: {judged} offline (AUC {offline.gain:+.3f}), {online} in the "
        f"simulation ({arm.gain.value:+.1f} %, from {arm.gain.low:+.1f} to {arm.gain.high:+.1f})."
    )
    points = sorted(arm.kinds.items(), key=lambda item: -abs(item[1].points))
    if any(math.isnan(kind.points) for _, kind in points):
        return text
    told = ", ".join(f"{kind.points:+.1f} points from {KINDS[key]}" for key, kind in points)
    return f"{text} Without the luck of single visitors {arm.expected:+.1f} %: {told}."


def paper_story(model: str, control: str, arm: OnlineArm, offline: Verdict) -> str:
    """The paper's outcome for the same two models beside ours; empty where it has none, or where
    the control is not the paper's."""
    auc, gain = (WD_ONLINE.number(model, column) for column in (OFFLINE, ONLINE))
    base = WD_ONLINE.number(control, OFFLINE)
    if auc is None or gain is None or base is None or control != "wide":
        return ""
    paper = (1 if auc > base else -1), (1 if gain > 0 else -1)
    ours = (0 if offline.winner is None else (1 if offline.gain > 0 else -1)), _sign(arm)
    words = f"In the paper it {_verb(paper[0])} offline ({auc} against {base}) and "
    words += f"{_verb(paper[1])} online ({gain:+.1f} %). "
    if paper == ours:
        return words + "The same directions here."
    both = zip(("offline", "online"), paper, ours, strict=True)
    differs = [part for part, theirs, own in both if theirs != own]
    return words + f"It came out differently here {' and '.join(differs)}."


def _sign(arm: OnlineArm) -> int:
    return 0 if not arm.gain.excludes_zero else (1 if arm.gain.value > 0 else -1)


def _direction(sign: int) -> str:
    return {1: "better", -1: "worse", 0: "not told apart"}[sign]


def _verb(sign: int) -> str:
    return "won" if sign > 0 else "lost"
