"""The Frappe log: read where it lies, and its tests skipped where it does not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

FRAPPE = Path(
    os.environ.get("RECSYS_DEMO_FRAPPE", Path(__file__).parents[3] / "shared/data/frappe")
)
needs_frappe = pytest.mark.skipif(
    not (FRAPPE / "frappe.csv").is_file(), reason=f"the Frappe log is not in {FRAPPE}"
)
