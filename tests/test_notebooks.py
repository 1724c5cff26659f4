"""The notebooks run, from their first cell to their last."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


# What the lab needs to train takes longer to import than to use: one process for all notebooks,
# each of which finds no name of the one before, and a folder of its own.
ANEW = "%reset -f\n%cd -q {folder}"


@pytest.fixture(scope="module")
def kernel() -> Iterator[KernelManager]:
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(env={**os.environ, "PYTHONPATH": str(ROOT)})
    yield manager
    manager.shutdown_kernel(now=True)


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path: Path, tmp_path: Path, kernel: KernelManager) -> None:
    """Nothing on standard error but the bar of the epochs; kept without what it printed."""
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(ANEW.format(folder=tmp_path)))
    NotebookClient(notebook, km=kernel, timeout=120).execute()
    told = "".join(out.text for cell in code for out in cell.outputs if out.get("name") == "stderr")
    assert "Warning" not in told
    assert all("epoch" in line for line in told.splitlines() if line.strip()), told
