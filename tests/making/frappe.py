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
# As it is published, with made-up rows.
LOG = (
    "user\titem\tcnt\tdaytime\tweekday\tisweekend\thomework\tcost\tweather\tcountry\tcity\n"
    "0\t0\t1\tmorning\tsunday\tweekend\tunknown\tfree\tsunny\tUnited States\t0\n"
    "1\t7\t3\tnight\tmonday\tworkday\thome\tpaid\tunknown\tSpain\t12\n"
)
