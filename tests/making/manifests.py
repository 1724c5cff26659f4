"""What installed packages say of their components."""

from __future__ import annotations

from functools import cache

from streamlit.components.v2 import manifest_scanner


def scan_once() -> None:
    """Whenever a page is opened, AppTest asks every installed package for components: the answer
    is the same, and costs more than most pages. Have this process ask once."""
    manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)
