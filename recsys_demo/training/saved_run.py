"""A run on disk, as pages and studies name it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from recsys_demo.config.presets import PRESETS
from recsys_demo.config.run import RunConfig
from recsys_demo.training.run_files import WEIGHTS, Manifest, load_manifest
from recsys_demo.values import validated


@dataclass(frozen=True, eq=False)
class SavedRun:
    """A finished training: `key` is its stable name (it stands in links), `label` what people call
    it. The weights are read by `training.runs`."""

    key: str
    folder: Path
    manifest: Manifest
    label: str

    @classmethod
    def of(cls, key: str, folder: Path) -> SavedRun:
        """The run in this folder, called by its model's name. Raises InputError."""
        manifest = load_manifest(folder)
        preset = PRESETS.get(manifest.model.name)
        return cls(key, folder, manifest, preset.label if preset else manifest.model.name)

    @cached_property
    def config(self) -> RunConfig:
        """What was trained. Raises InputError if the lab of today cannot train it."""
        return validated(RunConfig, self.manifest.config, str(self.folder))

    @property
    def result(self) -> Mapping[str, Any]:
        """What `train --json` reports."""
        return self.manifest.result

    @property
    def checksum(self) -> str:
        """Of the weights."""
        return self.manifest.checksums.get(WEIGHTS, "")
