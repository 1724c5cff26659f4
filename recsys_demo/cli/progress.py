"""Training progress on standard error: a bar on a terminal, a line per epoch elsewhere."""

from __future__ import annotations

import sys

from recsys_demo.training.trainer import EpochReport, Event, Finished, Progress

WIDTH = 24


class ProgressPrinter:
    """Shows the events of one training."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._terminal = sys.stderr.isatty()

    def show(self, event: Event) -> None:
        """Print what this event says."""
        if isinstance(event, Progress):
            if self._terminal:
                done = (event.step - 1) % event.steps_per_epoch + 1
                filled = WIDTH * done // event.steps_per_epoch
                bar = "#" * filled + "." * (WIDTH - filled)
                self._write(
                    f"\r{self._name} epoch {event.epoch} [{bar}] loss {event.loss:.4f} "
                    f"{event.rows_per_second:,.0f} rows/s"
                )
        elif isinstance(event, EpochReport):
            clear = "\r\x1b[2K" if self._terminal else ""
            overall = event.valid["all"]
            self._write(
                f"{clear}{self._name} epoch {event.epoch}: valid auc {overall['auc']:.4f}, "
                f"log loss {overall['logloss']:.4f}{' *' if event.improved else ''}, "
                f"{event.seconds:.1f} s, {event.rows_per_second:,.0f} rows/s\n"
            )
        elif isinstance(event, Finished):
            self._write(
                f"{self._name}: best epoch {event.best_epoch} of {event.epochs} "
                f"({event.reason}), {event.train_seconds:.1f} s\n"
            )

    @staticmethod
    def _write(text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()
