"""`%%compare` in other places: under other magics, from code, in a terminal, in a saved notebook."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.kernel import REPORT, ROOT, Kernel
from tests.magics.compare_cells import cell, compared, report, traceback, value

pytestmark = pytest.mark.kernel


@pytest.fixture
def shell(kernel: Kernel) -> Kernel:
    kernel.execute("%load_ext jupyter_perf\nimport asyncio, time")
    return kernel


def test_under_time_the_report_and_the_time_are_shown(shell: Kernel) -> None:
    outcome = shell.execute(f"%%time\n{cell()}")
    assert compared(outcome)["same_result"] is True
    assert "Wall time" in outcome.text()


def test_under_capture_the_report_is_kept_and_no_progress(shell: Kernel) -> None:
    outcome = shell.execute(f"%%capture kept\n{cell('time.sleep(0.1)', options='--budget 1.6')}")
    assert (outcome.status, outcome.outputs) == ("ok", [])
    assert value(shell, f"[{REPORT!r} in one.data for one in kept.outputs]") == "[True]"


def test_from_code_it_does_the_same(shell: Kernel) -> None:
    body = cell("1", "1").partition("\n")[2]
    call = f"get_ipython().run_cell_magic('compare', '--budget 0.8', {body!r})"
    assert compared(shell.execute(call))["same_result"] is True
    awaiting = call.replace("#%% before", "#%% before\\nawait asyncio.sleep(0)")
    assert compared(shell.execute(f"await {awaiting}"))["same_result"] is True
    inner = cell("1", "1", options="--budget 0.8")
    assert compared(shell.execute(f"get_ipython().run_cell({inner!r});"))["same_result"] is True


def test_lines_count_from_the_first_that_is_not_blank(shell: Kernel) -> None:
    assert "> 6 1/0" in traceback(shell.execute("\n\n" + cell("1", "\n1/0")))


def test_notebook_mode_leaves_it_alone(shell: Kernel) -> None:
    shell.execute("%perf_notebook on")
    outcome = shell.execute("\n" + cell("time.sleep(0.01)\n1"))
    shown = shell.execute("%perf_notebook show")
    shell.execute("%perf_notebook off")
    assert compared(outcome)["same_result"] is True
    assert not any("under way" in note for note in compared(outcome)["notes"])
    assert shown.reports == []
    assert "no cell has been recorded" in shown.displays[0]["text/plain"]


def test_lines_are_those_of_the_cell(shell: Kernel) -> None:
    shell.execute("import jupyter_perf")
    outcome = shell.execute(cell("time.sleep(0.2)\n1", "time.sleep(0.1)\n1"))
    shown = f"In[{outcome.execution_count}]"
    assert report(outcome)["run"]["wall_s"] >= 0.2
    changes = "jupyter_perf.last_report().comparison.changes.query('kind == \"line\"')"
    assert value(shell, f"dict(zip({changes}.what, {changes}.place))") == (
        f"{{'time.sleep(0.2)': '{shown}:3', 'time.sleep(0.1)': '{shown}:6'}}"
    )


def test_unloading_takes_it_away(shell: Kernel) -> None:
    shell.execute("%unload_ext jupyter_perf")
    for line in (cell(), "%compare before after", "%perf_fix"):
        assert "not found" in shell.execute(line).text("stderr")


@pytest.fixture
def environment(own_folders: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, for kernels that run this Python and this package."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("HOME", str(own_folders))
    return own_folders


def convert(folder: Path, *options: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nbconvert", *options],
        cwd=folder, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_the_report_survives_saving_opening_and_conversion(environment: Path) -> None:
    cells = [
        "%load_ext jupyter_perf\nimport time",
        cell("time.sleep(0.05)\n1", "time.sleep(0.01)\n1", options="-l proof"),
    ]
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in cells])
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python", "language": "python"}
    nbformat.write(made, environment / "notebook.ipynb")
    convert(environment, "--to", "notebook", "--execute", "notebook.ipynb", "--output", "done.ipynb")
    convert(environment, "--to", "html", "done.ipynb", "--output", "done.html")
    saved = nbformat.read(environment / "done.ipynb", as_version=4)
    nbformat.validate(saved)
    bundle = saved.cells[1].outputs[-1].data
    sentence = bundle["text/plain"].splitlines()[0]
    comparison = bundle[REPORT]["comparisons"][0]
    assert comparison["verdict"] in sentence.lower()
    page = (environment / "done.html").read_text()
    shown = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))
    evidence = f"{len(comparison['before_s'])} pair"
    assert comparison["verdict"] in shown.lower()
    assert evidence in shown
    assert page.count("<svg") >= bundle["text/html"].count("<svg") >= 1


def in_a_terminal(folder: Path, *typed: str) -> str:
    """What IPython's plain prompt prints when these lines are typed; a cell ends with two blank ones."""
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--simple-prompt", "--colors=nocolor", "--no-banner"],
        input="\n".join([*typed, "exit()", ""]), cwd=folder, capture_output=True, text=True, timeout=60,
        check=False, env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_terminal_prints_the_report_and_goes_on(environment: Path) -> None:
    printed = in_a_terminal(
        environment,
        "%load_ext jupyter_perf",
        "import asyncio, os, time",
        *(cell("print('said'); time.sleep(0.05)\n1", "time.sleep(0.01)\n1", options="--budget 1.5"), "", ""),
        *(cell("await asyncio.sleep(0.05)\n1", "await asyncio.sleep(0.01)\n2"), "", ""),
        *(cell("while True: pass", options="--budget 0.5"), "", ""),
        *(cell("1/0"), "", ""),
        "print('goes', 'on')",
    )
    assert printed.count("said\n") == 1
    assert printed.count(" pairs") >= 1
    assert "Time of one execution" in printed
    assert "Results differ: 1 and 2" in printed
    assert "0.5 s were not enough for a first run of before" in printed
    assert printed.count("ZeroDivisionError: division by zero") == 1
    assert "comparing: " not in printed
    assert "jupyter_perf/" not in printed
    assert "goes on" in printed
