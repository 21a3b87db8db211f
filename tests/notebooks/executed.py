"""Running a notebook once, and what came of its cells."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from jupyter_perf.model import Report, from_json

FOLDER = Path(__file__).parents[2] / "notebooks"
REPORT = "application/vnd.jupyter-perf.report+json"


class Executed:
    """A notebook after its run; cells are found by their ids."""

    def __init__(self, notebook: NotebookNode) -> None:
        self.cells = {cell.id: cell for cell in notebook.cells}

    def bundles(self, cell_id: str) -> list[dict[str, Any]]:
        """The MIME bundles below a cell, in order."""
        return [output.data for output in self.cells[cell_id].outputs if "data" in output]

    def report(self, cell_id: str) -> dict[str, Any]:
        """The bundle of the report below a cell, which comes last."""
        bundle = self.bundles(cell_id)[-1]
        assert REPORT in bundle, bundle.keys()
        return bundle

    def text(self, cell_id: str) -> str:
        """The last output as text."""
        bundle = self.bundles(cell_id)[-1]
        return str(bundle.get("text/markdown") or bundle["text/plain"])

    def loaded(self, cell_id: str) -> Report:
        """The report below a cell, as its JSON loads back."""
        return from_json(self.report(cell_id)[REPORT], Report)


def executed(path: Path, folder: Path) -> Executed:
    """A notebook, run in this folder and with a history of its own."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    environment = {
        **os.environ,
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_DATA_DIR": str(folder / "jupyter"),
        "JUPYTER_PERF_STORE": str(folder / "history.sqlite"),
    }
    client.execute(env=environment)
    return Executed(notebook)
