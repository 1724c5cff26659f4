"""What came out of the simulated online test, in sentences made from its numbers."""

from __future__ import annotations

import math

from recsys_demo.evaluation.papers import OFFLINE, ONLINE, WD_ONLINE
from recsys_demo.evaluation.verdicts import NOT_FOUND, NOT_YET, Finding, Verdict
from recsys_demo.studies.comparison.simulated import KINDS, OnlineArm


def gain_story(name: str, control: str, arm: OnlineArm, offline: Verdict) -> str:
    """Offline and online side by side, and what kinds of places the difference comes from."""
    gain = arm.gain
    text = (
        f"{name} against {control} offline: {offline.finding} (AUC {offline.gain:+.3f}); in the "
        f"simulation: {arm.finding} ({gain.value:+.1f} %, from {gain.low:+.1f} to "
        f"{gain.high:+.1f}{_about_runs(arm)})."
    )
    points = sorted(arm.kinds.items(), key=lambda item: -abs(item[1].points))
    if any(math.isnan(kind.points) for _, kind in points):
        return text
    told = ", ".join(f"{kind.points:+.1f} points from {KINDS[key]}" for key, kind in points)
    return f"{text} Without the luck of single visitors {arm.expected:+.1f} %: {told}."


def _about_runs(arm: OnlineArm) -> str:
    """What an interval is about where nothing can be said of the models."""
    if arm.evidence is None or not arm.evidence.missing:
        return ""
    return f", for these trained runs; of the models: {arm.evidence.missing}"


def paper_story(model: str, control: str, arm: OnlineArm, offline: Verdict) -> str:
    """The paper's outcome for the same two models beside ours; empty where it has none, or where
    the control is not the paper's."""
    auc, gain = (WD_ONLINE.number(model, column) for column in (OFFLINE, ONLINE))
    base = WD_ONLINE.number(control, OFFLINE)
    if auc is None or gain is None or base is None or control != "wide":
        return ""
    paper: tuple[Finding, Finding] = (_direction(auc > base), _direction(gain > 0))
    ours = offline.finding, arm.finding
    words = f"In the paper it did {paper[0]} offline ({auc} against {base}) and {paper[1]} online "
    words += f"({gain:+.1f} %). "
    if paper == ours:
        return words + "The same directions here."
    here = [
        f"{part} it {_here(own)}"
        for part, theirs, own in zip(("offline", "online"), paper, ours, strict=True)
        if theirs != own
    ]
    return words + f"Here {' and '.join(here)}."


def _direction(up: bool) -> Finding:
    return "better" if up else "worse"


def _here(finding: Finding) -> str:
    return finding if finding in (NOT_FOUND, NOT_YET) else f"did {finding}"
