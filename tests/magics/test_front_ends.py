"""The same notebook in other front ends: a terminal, nbclient, nbconvert, papermill."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tests.kernel import REPORT, ROOT

pytestmark = pytest.mark.kernel

CELLS = (
    "%load_ext jupyter_perf\nprint('loaded')",
    "%%perf\nimport time\nprint('working')\ntime.sleep(0.15)\n'the value'",
    "%%perf -l waiting\nimport asyncio\nprint('awaiting')\nawait asyncio.sleep(0.12)",
)
# The outputs of each cell: the text of a stream, and for displays the kinds of content.
BUNDLE = ("display_data", REPORT, "text/html", "text/plain")
OUTPUTS = [
    [("stream", "stdout: loaded\n")],
    [("stream", "stdout: working\n"), ("execute_result", "text/plain"), BUNDLE],
    [("stream", "stdout: awaiting\n"), BUNDLE],
]


@pytest.fixture
def environment(own_folders: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, for kernels that run this Python and this package."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("HOME", str(own_folders))
    return own_folders


def notebook(*cells: str) -> nbformat.NotebookNode:
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python", "language": "python"}
    return made


def written(folder: Path, *cells: str) -> Path:
    path = folder / "notebook.ipynb"
    nbformat.write(notebook(*cells), path)
    return path


def outputs(cell: nbformat.NotebookNode) -> list[tuple[str, ...]]:
    return [
        ("stream", f"{one.name}: {one.text}")
        if one.output_type == "stream"
        else (one.output_type, *sorted(one.get("data", ())))
        for one in cell.outputs
    ]


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )


def assert_reported(path: Path) -> None:
    saved = nbformat.read(path, as_version=4)
    nbformat.validate(saved)
    code = [cell for cell in saved.cells if cell.cell_type == "code"]
    assert [outputs(cell) for cell in code] == OUTPUTS
    report: Any = code[2].outputs[-1].data
    assert report["text/plain"].startswith("“waiting” took ")
    assert report[REPORT]["run"]["label"] == "waiting"
    assert "waiting" in report["text/html"]


def test_nbclient_runs_a_notebook_in_order(environment: Path) -> None:
    made = notebook(*CELLS)
    NotebookClient(made, timeout=60, resources={"metadata": {"path": str(environment)}}).execute()
    assert [outputs(cell) for cell in made.cells] == OUTPUTS


def test_nbclient_stops_at_a_failing_cell_with_its_partial_report(environment: Path) -> None:
    made = notebook(CELLS[0], "%%perf\nprint('before')\n1 / 0", "print('never')")
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        NotebookClient(made, timeout=60, resources={"metadata": {"path": str(environment)}}).execute()
    failed, never = made.cells[1:]
    # nbclient ends at the error; the report that follows is taken where it comes in time.
    assert outputs(failed)[:2] == [("stream", "stdout: before\n"), ("error",)]
    assert outputs(failed)[2:] in ([], [BUNDLE])
    assert never.outputs == []


def test_a_long_cell_leaves_no_progress_behind(environment: Path) -> None:
    made = notebook(
        CELLS[0] + "\n%config JupyterPerf.progress_after_s = 0.05",
        "%%perf\nimport time\ntime.sleep(0.4)\nprint('done')",
    )
    NotebookClient(made, timeout=60, resources={"metadata": {"path": str(environment)}}).execute()
    texts = [one.data["text/plain"] for one in made.cells[1].outputs if one.output_type == "display_data"]
    assert texts[0] == "", "the line is emptied"
    assert len(texts) == 2
    assert " took " in texts[1]
    assert outputs(made.cells[1])[-1] == BUNDLE


def test_nbconvert_saves_the_report_in_the_notebook(environment: Path) -> None:
    path = written(environment, *CELLS)
    done = run(environment, "nbconvert", "--to", "notebook", "--execute", str(path), "--output", "done.ipynb")
    assert done.returncode == 0, done.stderr
    assert not re.search(r"ERROR|Traceback|Error", done.stderr)
    assert_reported(environment / "done.ipynb")


def test_nbconvert_shows_the_report_in_html(environment: Path) -> None:
    path = written(environment, *CELLS)
    done = run(environment, "nbconvert", "--to", "html", "--execute", str(path), "--output", "done.html")
    assert done.returncode == 0, done.stderr
    assert not re.search(r"ERROR|Traceback|Error", done.stderr)
    page = (environment / "done.html").read_text()
    assert "“waiting” took " in page
    assert page.index("awaiting\n") < page.index("“waiting” took ")


def test_nbconvert_fails_where_a_cell_fails(environment: Path) -> None:
    path = written(environment, CELLS[0], "%%perf\n1 / 0")
    done = run(environment, "nbconvert", "--to", "notebook", "--execute", str(path), "--output", "done.ipynb")
    assert done.returncode != 0
    assert "ZeroDivisionError" in done.stderr
    assert "jupyter_perf/" not in done.stderr


def test_papermill_runs_a_notebook(environment: Path) -> None:
    path = written(environment, *CELLS)
    done = run(environment, "papermill", str(path), "done.ipynb", "--no-progress-bar")
    assert done.returncode == 0, done.stderr
    assert_reported(environment / "done.ipynb")


def test_papermill_fails_where_a_cell_fails(environment: Path) -> None:
    path = written(environment, CELLS[0], "%%perf\nprint('before')\n1 / 0", "print('never')")
    done = run(environment, "papermill", str(path), "done.ipynb", "--no-progress-bar")
    assert done.returncode != 0
    assert "ZeroDivisionError" in done.stderr


# What ends a cell that begins with a `%%magic` at IPython's plain prompt.
END = ("", "")


def in_a_terminal(folder: Path, *typed: str) -> str:
    """What IPython's plain prompt prints when these lines are typed."""
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--simple-prompt", "--colors=nocolor", "--no-banner"],
        input="\n".join([*typed, "exit()", ""]), cwd=folder, capture_output=True, text=True, timeout=60,
        check=False, env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_terminal_prints_the_report_once_below_the_output(environment: Path) -> None:
    printed = in_a_terminal(
        environment,
        "%load_ext jupyter_perf",
        *("%%perf -l cell", "import time", "print('working')", "time.sleep(0.15)", "'the value'", *END),
    )
    marks = ["working", "Out[2]: 'the value'", "“cell” took ", "Hottest lines"]
    assert [printed.count(mark) for mark in marks] == [1, 1, 1, 1]
    assert [printed.index(mark) for mark in marks] == sorted(printed.index(mark) for mark in marks)
    assert "In[2]:4" in printed


def test_a_terminal_takes_a_cell_to_its_blank_lines(environment: Path) -> None:
    body = ("x = 1", "y = 2", "print(x + y)")
    plain = in_a_terminal(environment, "%%time", *body, *END)
    recorded = in_a_terminal(environment, "%load_ext jupyter_perf", "%%perf", *body, *END)
    assert plain.count("...:") == recorded.count("...:") == 5
    assert recorded.count("\n3\n") + recorded.count(" 3\n") == 1


def test_a_terminal_awaits(environment: Path) -> None:
    printed = in_a_terminal(
        environment,
        *("%load_ext jupyter_perf", "import asyncio"),
        *("%%perf -l cell", "await asyncio.sleep(0.15)", "'slept'", *END),
        "%perf -l statement await asyncio.sleep(0.15, 'slept too')",
    )
    assert "Out[3]: 'slept'" in printed
    assert "Out[4]: 'slept too'" in printed
    assert printed.count("“cell” took ") == printed.count("“statement” took ") == 1
    assert len(re.findall(r"^Awaits$", printed, re.MULTILINE)) == 2


def test_a_terminal_shows_no_progress_and_goes_on_after_an_error(environment: Path) -> None:
    printed = in_a_terminal(
        environment,
        "%load_ext jupyter_perf",
        "%config JupyterPerf.progress_after_s = 0.05",
        *("%%perf -l cell", "import time", "time.sleep(0.3)", "1 / 0", *END),
        "print('goes', 'on')",
    )
    assert "recording:" not in printed
    assert printed.count("ZeroDivisionError: division by zero") == 1
    assert "Stopped by an exception" in printed
    assert "goes on" in printed
