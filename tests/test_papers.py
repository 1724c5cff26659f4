"""What the papers for people say of the tree is true of the tree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from recsys_demo.ui.rooms import PAGES, Page

ROOT = Path(__file__).parents[1]
PAPERS = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")]
PACKAGES = {path.parent.name for path in ROOT.glob("recsys_demo/*/__init__.py")}
PATH = re.compile(r"`((?:recsys_demo|pages|tests|benchmarks|docs|sample_data)/[\w./-]*)`")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: path.name)
def test_every_path_named_exists(paper: Path) -> None:
    text = paper.read_text(encoding="utf-8")
    named = {*PATH.findall(text), *LINK.findall(text)}
    assert named
    assert {name for name in named if not (ROOT / name).exists()} == set()


def test_the_architecture_describes_every_package_and_stays_short() -> None:
    lines = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines()
    described = {m[1] for line in lines if (m := re.match(r"\| `recsys_demo/(\w+)/`", line))}
    assert described == PACKAGES
    assert len(lines) <= 120


def test_the_readmes_map_names_every_package() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^  (\w+)/ ", text, flags=re.MULTILINE)) == PACKAGES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.key)
def test_the_readme_has_a_line_and_pictures_of_every_room(page: Page) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"| **{page.label}** |" in text
    for size in ("laptop", "phone"):
        for scheme in ("light", "dark"):
            assert f"(docs/rooms/{page.key}-{size}-{scheme}.webp)" in text
