"""What a task sees of the world while it runs: its folder, its control, its way to tell."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from recsys_demo.jobs.store import CONTROL, EVENTS, Command, read_command

POLL_SECONDS = 0.05
# A paused job keeps a worker from everybody else.
LONGEST_PAUSE = 900.0


class CancelledError(Exception):
    """The person does not want the result any more."""


class Context:
    """A running job. `folder` is the task's to write results into."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._control = folder / CONTROL
        self._events = (folder / EVENTS).open("ab", buffering=0)
        self._looked = 0.0
        self._changed = -1
        self._command = Command()
        self._steps_done = 0
        self._stepping = False

    def tell(self, event: dict[str, Any]) -> None:
        """Append an event for whoever watches."""
        self._events.write(json.dumps(event).encode() + b"\n")
        if event.get("type") == "epoch" and self._command.unit == "epoch":
            self._stepping = False

    @property
    def is_stepping(self) -> bool:
        """Whether the person goes batch by batch, and wants to see each."""
        return self._command.command == "step" and self._command.unit == "batch"

    def check(self) -> bool:
        """Go on? Waits while paused; False when asked to stop early and keep what is there.

        Cheap enough for every training step. Raises CancelledError when nothing is wanted any more.
        """
        now = time.monotonic()
        if now - self._looked >= POLL_SECONDS or self._command.command != "run":
            self._look(now)
        waiting_since = now
        while True:
            match self._command.command:
                case "run":
                    return True
                case "stop":
                    return False
                case "cancel":
                    raise CancelledError
                case "step" if self._may_step():
                    return True
            time.sleep(POLL_SECONDS / 2)
            now = time.monotonic()
            self._look(now)
            if now - waiting_since > LONGEST_PAUSE:
                raise CancelledError(
                    f"Paused for {LONGEST_PAUSE / 60:.0f} minutes: its worker was given back."
                )

    def heed_cancel(self) -> None:
        """For work before the first step, which neither a pause nor a step is about. Raises
        CancelledError when nothing is wanted any more."""
        self._look(time.monotonic())
        if self._command.command == "cancel":
            raise CancelledError

    def _may_step(self) -> bool:
        if self._stepping:
            return True
        if self._command.number <= self._steps_done:
            return False
        self._steps_done += 1
        self._stepping = self._command.unit == "epoch"
        return True

    def _look(self, now: float) -> None:
        self._looked = now
        try:
            changed = self._control.stat().st_mtime_ns
        except OSError:
            return
        if changed != self._changed:
            self._changed = changed
            command = read_command(self._control)
            if command is not None:
                self._command = command
                self._stepping = self._stepping and self._command.command == "step"
