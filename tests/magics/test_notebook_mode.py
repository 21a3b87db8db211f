"""`%perf_notebook`, the history, and what becomes of a report: bound, labelled, written, kept."""

from __future__ import annotations

import pstats
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_perf.model import Report, from_json
from tests.kernel import REPORT, Kernel, Outcome

pytestmark = pytest.mark.kernel

BUSY = """import time
def busy(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end: sum(range(200))"""
HOTTEST = "    while time.perf_counter() < end: sum(range(200))"


@pytest.fixture
def shell(kernel: Kernel) -> Kernel:
    kernel.execute("%load_ext jupyter_perf")
    return kernel


def value(kernel: Kernel, expression: str) -> str | None:
    outcome = kernel.execute(expression)
    assert outcome.status == "ok", outcome.error
    return outcome.result["text/plain"] if outcome.result else None


def lines(outcome: Outcome) -> list[tuple[str, int, str]]:
    """The lines of the report that a cell displayed, hottest first."""
    table = outcome.reports[-1][REPORT]["run"]["tables"]["lines"]
    return list(zip(table["file"], table["line"], table["source"], strict=True))


def said(outcome: Outcome) -> str:
    return "".join(bundle["text/plain"] for bundle in outcome.displays)


def test_the_notebooks_hottest_lines(shell: Kernel) -> None:
    shell.execute("%perf_notebook on")
    defined = shell.execute(BUSY, cell_id="a")
    for cell in ("busy(0.2)", "for _ in range(300_000): _ + 1", "busy(0.3)"):
        outcome = shell.execute(cell, cell_id=cell)
        assert outcome.outputs == [], "recorded in silence"
    shown = shell.execute("%perf_notebook show")
    assert lines(shown)[0] == (f"In[{defined.execution_count}]", 4, HOTTEST)
    assert said(shown).startswith("“notebook” took ")


def test_cells_that_fail_are_recorded_and_fail_as_ever(shell: Kernel) -> None:
    shell.execute(BUSY)
    shell.execute("%perf_notebook on")
    failed = shell.execute("busy(0.2)\n1 / 0")
    broken = shell.execute("x = (")
    assert (failed.status, broken.status) == ("error", "error")
    assert failed.kinds == broken.kinds == ["error"]
    shell.execute("import asyncio\nawait asyncio.sleep(0.1)")
    shown = shell.execute("%perf_notebook show")
    assert lines(shown)[0][2] == HOTTEST
    assert "await asyncio.sleep(0.1)" in [source for _, _, source in lines(shown)]


def test_a_recorded_cell_among_them_shows_its_own_report_and_counts(shell: Kernel) -> None:
    shell.execute(BUSY)
    shell.execute("%perf_notebook on")
    own = shell.execute("%%perf\nbusy(0.2)")
    assert len(own.reports) == 1
    assert lines(shell.execute("%perf_notebook show"))[0][2] == HOTTEST


def test_off_stops_and_on_begins_anew(shell: Kernel) -> None:
    shell.execute(BUSY)
    shell.execute("%perf_notebook on")
    shell.execute("busy(0.1)")
    shell.execute("%perf_notebook off")
    count = "len(__import__('jupyter_perf').history())"
    before = value(shell, count)
    shell.execute("busy(0.1)")
    assert value(shell, count) == before
    assert len(shell.execute("%perf_notebook show").reports) == 1
    shell.execute("%perf_notebook on")
    assert "no cell has been recorded" in said(shell.execute("%perf_notebook show"))


@pytest.mark.parametrize("line", ["%perf_notebook", "%perf_notebook maybe", "%perf_notebook on off"])
def test_other_words_are_refused_in_one_sentence(shell: Kernel, line: str) -> None:
    outcome = shell.execute(line)
    assert outcome.status == "error"
    assert outcome.text("stderr") == "UsageError: %perf_notebook takes one word: on, off or show\n"


def test_show_without_runs_says_so(shell: Kernel) -> None:
    outcome = shell.execute("%perf_notebook show")
    assert outcome.status == "ok"
    assert said(outcome) == "jupyter_perf: no cell has been recorded: %perf_notebook on, then run cells"


def test_the_history_has_the_runs_newest_first(shell: Kernel) -> None:
    assert value(shell, "len(get_ipython().run_line_magic('perf_history', ''))") == "0"
    for label in ("one", "two", "three"):
        shell.execute(f"%%perf --label {label} --quiet\nx = 1", cell_id=f"cell {label}")
    shell.execute("frame = %perf_history")
    assert value(shell, "frame.label.tolist()") == "['three', 'two', 'one']"
    assert value(shell, "frame.cell_id.tolist()") == "['cell three', 'cell two', 'cell one']"
    assert value(shell, "frame.started_at.is_monotonic_decreasing") == "True"
    assert value(shell, "frame.source.tolist()") == "['x = 1', 'x = 1', 'x = 1']"


def test_the_report_is_bound_labelled_and_the_last(shell: Kernel) -> None:
    outcome = shell.execute("%%perf -o mine -l 'two words'\nx = 1")
    assert said(outcome).startswith("“two words” took ")
    assert value(shell, "(type(mine).__name__, mine.run.label)") == "('Report', 'two words')"
    assert value(shell, "__import__('jupyter_perf').last_report() is mine") == "True"


def test_quiet_shows_nothing_and_keeps_the_report(shell: Kernel) -> None:
    outcome = shell.execute("%%perf --quiet -o mine\nprint('x')\n1")
    assert outcome.kinds == ["stream", "result"]
    assert value(shell, "__import__('jupyter_perf').last_report() is mine") == "True"


def test_top_limits_the_rows(shell: Kernel) -> None:
    shell.execute(BUSY)
    cell = "busy(0.1)\nfor _ in range(1_000_000): pass\nsum(i for i in range(1_000_000))"
    text = said(shell.execute(f"%%perf --top 1\n{cell}"))
    assert text.count("In[") >= 1
    assert "more in report.run.lines" in text
    assert "more in report.run.lines" not in said(shell.execute(f"%%perf\n{cell}"))


def test_what_it_cost_the_last_time(shell: Kernel) -> None:
    first = shell.execute("%%perf\nx = 1", cell_id="again")
    assert "the last time" not in said(first)
    second = shell.execute("%%perf\nx = 1", cell_id="again")
    assert "; the last time it took " in said(second)
    changed = shell.execute("%%perf\nx = 2", cell_id="again")
    assert "; the last time, before its code changed, it took " in said(changed)
    other = shell.execute("%%perf\ny = 3", cell_id="another")
    assert "the last time" not in said(other)


FORMS = {
    "report.json": b'{"',
    "report.html": b"<!",
    "report.md": b"**The code took",
    "report.speedscope.json": b"{",
    "with space.json": b'{"',
    "frames/": None,
    "folder": None,
}


def test_dump_writes_each_form_where_the_cell_began(shell: Kernel, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    shell.execute(BUSY)
    for name in FORMS:
        shell.execute(f"import os\nos.chdir({str(tmp_path)!r})")
        outcome = shell.execute(f"%%perf --dump '{name}' --quiet\nos.chdir('elsewhere')\nbusy(0.3)")
        assert (outcome.status, outcome.outputs) == ("ok", []), name
    assert list((tmp_path / "elsewhere").iterdir()) == []
    for name, start in FORMS.items():
        path = tmp_path / name
        if start is None:
            assert (path / "report.json").exists()
        else:
            assert path.read_bytes().lstrip().startswith(start), name


def test_a_dumped_report_loads_back(shell: Kernel, tmp_path: Path) -> None:
    shell.execute(f"%%perf --label kept --dump {tmp_path / 'report.json'}\nx = 1")
    stored = from_json((tmp_path / "report.json").read_text(), Report)
    assert stored.run.label == "kept"
    assert stored.run.wall_s > 0


def test_prof_is_what_pstats_reads(shell: Kernel, tmp_path: Path) -> None:
    shell.execute(BUSY)
    shell.execute(f"%%perf --exact --dump {tmp_path / 'run.prof'}\nbusy(0.05)")
    stats = pstats.Stats(str(tmp_path / "run.prof"))
    functions = {name for _, _, name in vars(stats)["stats"]}
    assert "busy" in functions


def test_a_dump_that_fails_after_the_cell_is_said_and_the_report_shown(shell: Kernel, tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    outcome = shell.execute(
        f"%%perf --dump {folder / 'report.json'}\nimport os\nos.rmdir({str(folder)!r})\n1"
    )
    assert outcome.status == "ok"
    assert outcome.result == {"text/plain": "1"}
    assert len(outcome.reports) == 1
    assert "jupyter_perf: --dump: " in said(outcome)


def test_there_is_no_last_report_in_a_new_process() -> None:
    code = "import jupyter_perf; print(jupyter_perf.last_report())"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "None\n"
