"""What the papers for people say of the tree is true of the tree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from recsys_demo.ui.rooms import PAGES, Page

ROOT = Path(__file__).parents[1]
TOP = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")]
PAPERS = [*TOP, *sorted((ROOT / "docs").glob("*.md"))]
PACKAGES = {path.parent.name for path in ROOT.glob("recsys_demo/*/__init__.py")}
PATH = re.compile(r"`((?:recsys_demo|pages|tests|benchmarks|docs|sample_data)/[\w./-]*)`")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: path.name)
def test_every_path_named_exists(paper: Path) -> None:
    text = paper.read_text(encoding="utf-8")
    named = {ROOT / name for name in PATH.findall(text)}
    linked = {paper.parent / name for name in LINK.findall(text)}
    assert {path for path in named | linked if not path.exists()} == set()


def test_the_readme_leads_to_every_paper() -> None:
    linked = set(LINK.findall((ROOT / "README.md").read_text(encoding="utf-8")))
    assert {str(path.relative_to(ROOT)) for path in PAPERS} - {"README.md"} <= linked


def test_the_architecture_describes_every_package_and_stays_short() -> None:
    lines = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines()
    described = {m[1] for line in lines if (m := re.match(r"\| `recsys_demo/(\w+)/`", line))}
    assert described == PACKAGES
    assert len(lines) <= 120


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.key)
def test_the_guide_has_a_line_and_pictures_of_every_room(page: Page) -> None:
    text = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
    assert f"| **{page.label}** |" in text
    for size in ("laptop", "phone"):
        for scheme in ("light", "dark"):
            assert f"(rooms/{page.key}-{size}-{scheme}.webp)" in text
