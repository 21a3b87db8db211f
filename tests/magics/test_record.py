"""`with jupyter_perf.record()` and `ip.run_cell_magic("perf", …)`: recording from code."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
import warnings
from pathlib import Path
from typing import Any

import pytest

import jupyter_perf
from tests.kernel import ROOT, Kernel

IN_A_KERNEL = pytest.mark.kernel

BUSY = """
import time
def busy(seconds=0.25):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        sum(range(200))
    return 7
"""


@pytest.fixture
def shell(kernel: Kernel) -> Kernel:
    """A kernel with the extension and a function that keeps busy, of cell 1 as its tests count."""
    kernel.execute("%load_ext jupyter_perf")
    kernel.execute(BUSY)
    return kernel


def value(kernel: Kernel, expression: str) -> str | None:
    outcome = kernel.execute(expression)
    assert outcome.status == "ok", outcome.error
    return outcome.result["text/plain"] if outcome.result else None


def run_script(folder: Path, text: str, **files: str) -> dict[str, Any]:
    """Run a script that prints one JSON object, with modules beside it."""
    for name, content in files.items():
        (folder / f"{name}.py").write_text(textwrap.dedent(content))
    script = folder / "script.py"
    script.write_text(textwrap.dedent(text))
    done = subprocess.run(
        [sys.executable, str(script)], cwd=folder, capture_output=True, text=True, timeout=60, check=False,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(folder)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@IN_A_KERNEL
@pytest.mark.parametrize(
    ("statement", "work", "line"),
    [
        ("with jupyter_perf.record() as r:", "busy()", 4),
        ("async with jupyter_perf.record('named') as r:", "busy(); await asyncio.sleep(0)", 4),
    ],
)
def test_a_block_in_a_cell_names_the_cells_lines(shell: Kernel, statement: str, work: str, line: int) -> None:
    outcome = shell.execute(
        f"import asyncio, jupyter_perf\n\n{statement}\n    {work}\nr.report.run.lines.head(1)"
    )
    assert outcome.status == "ok", outcome.error
    assert outcome.reports == [], "from code, nothing is shown"
    here = f"In[{outcome.execution_count}]"
    assert value(shell, f"{line} in r.report.run.lines.query('file == \"{here}\"').line.tolist()") == "True"
    assert value(shell, "r.report.run.lines.source.iloc[0].strip()") in (
        "'sum(range(200))'",
        "'while time.perf_counter() < end:'",
    )
    assert value(shell, f"'record(' in r.report.run.cells.set_index('file').source['{here}']") == "True"


@IN_A_KERNEL
def test_await_inside_a_plain_block_is_seen(shell: Kernel) -> None:
    shell.execute(
        "import asyncio, jupyter_perf\nwith jupyter_perf.record() as r:\n    await asyncio.sleep(0.1)"
    )
    if sys.version_info >= (3, 12):
        assert value(shell, "r.report.run.awaits.line.tolist()") == "[3]"
    else:
        assert value(shell, "any('awaits' in note for note in r.report.run.notes)") == "True"


def test_a_script_names_its_own_lines_and_its_modules(tmp_path: Path) -> None:
    seen = run_script(
        tmp_path,
        """
        import json, jupyter_perf, helper
        with jupyter_perf.record() as recording:
            helper.busy()
            exec("for _ in range(3): helper.busy(0.1)")
        lines = recording.report.run.lines
        print(json.dumps({"lines": list(zip(lines.file, lines.source))}))
        """,
        helper=BUSY,
    )
    files = {(Path(file).name, source) for file, source in seen["lines"]}
    assert ("helper.py", "        sum(range(200))") in files
    assert ("script.py", "    helper.busy()") in files
    assert ("script.py", '    exec("for _ in range(3): helper.busy(0.1)")') in files
    assert {name for name, _ in files} == {"helper.py", "script.py"}


def test_a_script_with_a_loop_of_its_own(tmp_path: Path) -> None:
    seen = run_script(
        tmp_path,
        """
        import asyncio, json, jupyter_perf
        async def main():
            async with jupyter_perf.record() as recording:
                await asyncio.sleep(0.1)
                await asyncio.gather(asyncio.sleep(0.05), asyncio.sleep(0.05))
            return recording
        run = asyncio.run(main()).report.run
        print(json.dumps({"awaits": run.awaits.line.tolist(), "wait_s": run.wait_s}))
        """,
    )
    if sys.version_info >= (3, 12):
        assert {5, 6} <= set(seen["awaits"])
    assert seen["wait_s"] >= 0.14


def test_a_block_in_a_thread_is_that_threads(tmp_path: Path) -> None:
    seen = run_script(
        tmp_path,
        """
        import json, threading, jupyter_perf, helper
        found = {}
        def work():
            with jupyter_perf.record() as recording:
                helper.busy()
            run = recording.report.run
            found.update(functions=list(run.user_functions.function), thread=run.stacks.thread[0])
        thread = threading.Thread(target=work, name="worker")
        thread.start(); thread.join()
        print(json.dumps(found))
        """,
        helper=BUSY,
    )
    assert "busy" in seen["functions"]
    assert seen["thread"] == "worker"


def test_lines_of_a_scripts_function(tmp_path: Path) -> None:
    seen = run_script(
        tmp_path,
        """
        import json, jupyter_perf
        def count(n):
            total = 0
            for i in range(n):
                total += i
            return total
        with jupyter_perf.record(lines="count") as recording:
            count(10)
        frame = recording.report.run.profiled_lines.dropna(subset="hits")
        print(json.dumps({"hits": dict(zip(frame.line.tolist(), frame.hits.tolist()))}))
        """,
    )
    assert seen["hits"] == {"4": 1, "5": 11, "6": 10, "7": 1}


def test_an_exception_in_the_block_passes_on_and_the_report_is_partial() -> None:
    recording = jupyter_perf.record()
    with pytest.raises(ZeroDivisionError), recording:
        1 / 0  # noqa: B018
    assert recording.report.run.partial == "exception"
    assert jupyter_perf.last_report() is recording.report


def test_an_interrupt_in_the_block_passes_on_and_the_report_says_so() -> None:
    recording = jupyter_perf.record()
    with pytest.raises(KeyboardInterrupt), recording:
        raise KeyboardInterrupt
    assert recording.report.run.partial == "interrupt"


def test_there_is_no_report_before_the_end() -> None:
    recording = jupyter_perf.record()
    with pytest.raises(RuntimeError, match="has not ended"):
        _ = recording.report
    with recording, pytest.raises(RuntimeError, match="has not ended"):
        _ = recording.report
    assert recording.report.run.wall_s > 0


@pytest.mark.parametrize("name", ["bogus", "top", "dump", "quiet", "name"])
def test_an_option_that_it_does_not_have_is_refused(name: str) -> None:
    with pytest.raises(TypeError, match=rf"^record\(\) has no option '{name}'; it has label, exact, "):
        jupyter_perf.record(**{name: 1})


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"engine": "magic"}, "engine takes one of .*, not 'magic'"),
        ({"engine": "signal", "native": True}, "native needs py-spy"),
        ({"lines": "no_such_function"}, "lines: .*no_such_function"),
    ],
)
def test_a_value_that_cannot_be_is_refused_before_the_block(
    options: dict[str, object], sentence: str
) -> None:
    ran = []
    with pytest.raises(ValueError, match=f"^{sentence}"), jupyter_perf.record(**options):
        ran.append(1)
    assert ran == []


def test_a_block_inside_a_block_runs_and_warns_at_the_users_line() -> None:
    with jupyter_perf.record() as outer, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with jupyter_perf.record() as inner:
            ran = True
    assert ran
    assert [str(one.message).partition(",")[0] for one in caught] == ["a recording is already under way"]
    assert caught[0].filename == __file__
    assert outer.report.run.wall_s > 0
    with pytest.raises(RuntimeError, match="was not recorded"):
        _ = inner.report


@IN_A_KERNEL
@pytest.mark.parametrize(
    "cell",
    [
        "get_ipython().run_cell_magic('perf', '-o r', 'a = 1\\nbusy()')",
        "def f():\n    return get_ipython().run_cell_magic('perf', '-o r', 'a = 1\\nbusy()')\nf()",
        "%%time\nget_ipython().run_cell_magic('perf', '-o r', 'a = 1\\nbusy()')",
        "%%time\n%%perf -o r\na = 1\nbusy()",
        "%%perf -o r\n%%time\na = 1\nbusy()",
    ],
)
def test_the_magic_from_code_runs_at_once_and_gives_the_value(shell: Kernel, cell: str) -> None:
    outcome = shell.execute(cell)
    assert outcome.status == "ok", outcome.error
    assert outcome.result == {"text/plain": "7"}
    assert len(outcome.reports) == 1
    assert value(shell, "a") == "1"
    own = "r.run.lines[r.run.lines.source == 'busy()']"
    assert value(shell, f"len({own})") == "1"
    expected = 2 if "run_cell_magic" in cell else 4
    assert value(shell, f"{own}.line.tolist()") == f"[{expected}]"
    assert value(shell, "r.run.cells.file.is_unique") == "True"


CAPTURED = (
    "%%capture cap\n%%perf -o r\nbusy()",
    "%%capture cap\nget_ipython().run_cell_magic('perf', '-o r', 'busy()')",
)


@IN_A_KERNEL
@pytest.mark.parametrize("cell", CAPTURED)
def test_under_capture_the_report_is_captured(shell: Kernel, cell: str) -> None:
    outcome = shell.execute(cell)
    assert outcome.outputs == []
    assert value(shell, "[('text/html' in one.data, len(one.data)) for one in cap.outputs]") in (
        "[(False, 1), (True, 3)]",
        "[(True, 3), (False, 1)]",
    )
    assert value(shell, "'busy' in list(r.run.user_functions.function)") == "True"


@IN_A_KERNEL
@pytest.mark.parametrize("magics", ["%%timeit -n1 -r1\n%%perf -o r", "%%perf -o r\n%%timeit -n1 -r1"])
def test_above_or_below_timeit_all_of_it_is_recorded(shell: Kernel, magics: str) -> None:
    outcome = shell.execute(f"{magics}\na = 1\nbusy()")
    assert "1 loop each" in outcome.text()
    assert len(outcome.reports) == 1
    assert value(shell, "r.run.lines[r.run.lines.source == 'busy()'].line.tolist()") == "[4]"


@IN_A_KERNEL
def test_a_magic_that_would_hide_it_is_named(shell: Kernel) -> None:
    outcome = shell.execute("%%prun -q\n%%perf\nbusy()")
    assert [bundle["text/plain"] for bundle in outcome.displays] == [
        "jupyter_perf: %%prun ran this cell unrecorded: put %%perf above %%prun"
    ]
    other_way = shell.execute("%%perf\n%%prun -q\nbusy()")
    assert len(other_way.reports) == len(other_way.displays) == 1


@IN_A_KERNEL
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("'', 'import asyncio\\nawait asyncio.sleep(0)'", "await is not to be had here, "),
        ("'', 'a = (\\n'", "this is not Python in line 1: "),
        ("'--bogus', '1'", "unrecognized arguments: --bogus"),
        ("'', ' '", "%perf needs a statement, and %%perf a cell below it"),
    ],
)
def test_the_magic_from_code_refuses_in_one_sentence(shell: Kernel, arguments: str, sentence: str) -> None:
    outcome = shell.execute(f"get_ipython().run_cell_magic('perf', {arguments})")
    said = outcome.text("stderr")
    assert outcome.status == "error"
    assert said.startswith(f"UsageError: {sentence}")
    assert said.count("\n") == 1
    assert outcome.outputs[0].kind == "stream"
