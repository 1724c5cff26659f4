"""`python -m benchmarks [NAME...]`: measure, keep the figures as JSON, write RESULTS.md."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from benchmarks import (
    aims,
    classroom,
    clicks,
    frappe,
    fuzz,
    lessons,
    live,
    machine,
    noise,
    online,
    own_logs,
    peers,
    projection,
    questions,
    rooms,
    sample_set,
    scale,
    serving,
    speed,
    startup,
    strangers,
)

HERE = Path(__file__).parent
CLASSROOM = HERE.parent / "docs" / "classroom.md"
BENCHMARKS = {
    "sample_set": sample_set,
    "frappe": frappe,
    "own_logs": own_logs,
    "clicks": clicks,
    "live": live,
    "speed": speed,
    "scale": scale,
    "peers": peers,
    "projection": projection,
    "serving": serving,
    "rooms": rooms,
    "classroom": classroom,
    "startup": startup,
    "strangers": strangers,
    "questions": questions,
    "fuzz": fuzz,
    "noise": noise,
    "online": online,
    "lessons": lessons,
}


def main() -> None:
    """Run the benchmarks named, or all."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *BENCHMARKS], metavar="NAME")
    parser.add_argument("--report", action="store_true", help="only write RESULTS.md again")
    parser.add_argument("--minutes", help="how long fuzz tries")
    arguments = parser.parse_args()
    if arguments.minutes is not None:
        os.environ[fuzz.MINUTES] = arguments.minutes
    if not arguments.report:
        for name in arguments.names or BENCHMARKS:
            sys.stderr.write(f"== {name}\n")
            figures = {"machine": machine.describe(), "figures": BENCHMARKS[name].measure()}
            path = HERE / "results" / f"{name}.json"
            path.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    (HERE / "RESULTS.md").write_text(report(), encoding="utf-8")
    _tell_teachers()


def _tell_teachers() -> None:
    """The figures a teacher reads are those of the last classroom measured."""
    kept = HERE / "results" / "classroom.json"
    if kept.exists():
        figures = json.loads(kept.read_text(encoding="utf-8"))["figures"]
        paper = CLASSROOM.read_text(encoding="utf-8")
        CLASSROOM.write_text(classroom.paper_with(paper, figures), encoding="utf-8")


def report() -> str:
    """RESULTS.md from the figures kept."""
    parts = ["# Results", "", "Written by `make bench`; do not edit by hand.", ""]
    figures: dict[str, Any] = {}
    for name, benchmark in BENCHMARKS.items():
        path = HERE / "results" / f"{name}.json"
        if path.exists():
            kept = json.loads(path.read_text(encoding="utf-8"))
            figures[name] = kept["figures"]
            parts += [benchmark.render(kept["figures"]).strip(), "", f"_{kept['machine']}_", ""]
    parts += [aims.render(figures), ""]
    return "\n".join(parts)


if __name__ == "__main__":
    main()
