"""Which file, line and source a cost is shown at: cells, earlier cells, modules, code without a file."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.kernel import Kernel

pytestmark = pytest.mark.kernel

BUSY = """import time
def busy(seconds=0.1):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end: sum(range(200))
    return 7"""
LOOP = "    while time.perf_counter() < end: sum(range(200))"


@pytest.fixture
def shell(kernel: Kernel) -> Kernel:
    kernel.execute("%load_ext jupyter_perf")
    return kernel


def run(kernel: Kernel, code: str, **options: Any) -> int:
    outcome = kernel.execute(code, **options)
    assert outcome.status == "ok", (outcome.error, outcome.text("stderr"))
    assert outcome.execution_count is not None
    return outcome.execution_count


def seen(kernel: Kernel, table: str, *columns: str) -> list[list[Any]]:
    """The rows of a table of the report `r`, hottest first; lines without their last line break."""
    names = ", ".join(f"{name!r}" for name in columns)
    look = f"print(r.run.{table}[[{names}]].astype(object).to_json(orient='values'))"
    return json.loads(kernel.execute(look).text())


def places(kernel: Kernel) -> dict[tuple[str, int], str | None]:
    return {(file, line): source for file, line, source in seen(kernel, "lines", "file", "line", "source")}


def test_a_function_of_an_earlier_cell_keeps_its_cell(shell: Kernel) -> None:
    # Both cells have the same number of lines, so that one could be taken for the other.
    first = run(shell, BUSY, cell_id="first")
    second = run(shell, "%%perf -o r\nbusy()\nx = 1\ny = 2\nz = 3", cell_id="second")
    shown = places(shell)
    assert shown[f"In[{first}]", 4] == LOOP
    assert shown[f"In[{second}]", 2] == "busy()"
    assert next(iter(shown)) == (f"In[{first}]", 4), "the hottest line comes first"
    cells = seen(shell, "cells", "file", "cell_id", "execution_count", "source")
    assert sorted(cells) == [
        [f"In[{first}]", "first", first, BUSY],
        [f"In[{second}]", "second", second, "%%perf -o r\nbusy()\nx = 1\ny = 2\nz = 3"],
    ]


def test_a_cell_run_again_with_other_text_is_another_cell(shell: Kernel) -> None:
    run(shell, BUSY, cell_id="first")
    again = run(shell, "# changed\n" + BUSY, cell_id="first")
    run(shell, "%%perf -o r\nbusy()", cell_id="second")
    assert places(shell)[f"In[{again}]", 5] == LOOP
    assert [cell_id for (cell_id,) in seen(shell, "cells", "cell_id")].count("first") == 1


def test_functions_of_both_texts_of_a_cell_are_kept_apart(shell: Kernel) -> None:
    old = run(shell, BUSY + "\nold = busy", cell_id="first")
    new = run(shell, "# changed\n" + BUSY, cell_id="first")
    run(shell, "%%perf -o r\nold(); busy()", cell_id="second")
    shown = places(shell)
    assert shown[f"In[{old}]", 4] == shown[f"In[{new}]", 5] == LOOP


def test_the_same_text_run_twice_is_one_cell_by_its_last_number(shell: Kernel) -> None:
    run(shell, BUSY)
    last = run(shell, BUSY)
    text = "%%perf -o r\nbusy()"
    for _ in range(2):
        number = run(shell, text, cell_id="again")
        assert set(places(shell)) >= {(f"In[{last}]", 4), (f"In[{number}]", 2)}
        files = [file for (file,) in seen(shell, "cells", "file")]
        assert sorted(files) == sorted({f"In[{last}]", f"In[{number}]"})


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        ("\n\n%%perf -o r\nx = 1\nbusy()", 3),
        ("%%perf -o r\n\n\nbusy()", 4),
        ("%%perf -o r\n    x = 1\n    busy()", 3),
        ("%%time\n%%perf -o r\n\nbusy()", 4),
        ("%%perf -o r\n%%time\n\nbusy()", 4),
        ("%%perf -o r\nx = !true\n%who_ls\nbusy()", 4),
        ("%%perf -o r\n>>> x = 1\n>>> busy()", 3),
        ("%%perf -o r\n'''a\n%%perf\nb'''\nbusy()", 5),
        ("%%perf -o r\nx = (1 +\n  busy()\n)", 3),
    ],
)
def test_lines_are_those_that_the_user_sees(shell: Kernel, cell: str, line: int) -> None:
    run(shell, BUSY)
    number = run(shell, cell)
    source = places(shell)[f"In[{number}]", line]
    assert source is not None
    assert "busy()" in source
    assert source in cell.splitlines()


def test_code_of_every_kind_counts_at_its_own_line(shell: Kernel) -> None:
    defined = run(
        shell,
        f"{BUSY}\nimport functools\nquick = lambda: busy()\ndef each():\n    for _ in range(2):\n"
        "        yield busy()\n@functools.lru_cache\ndef cached(n):\n    return busy()\n"
        "class Model:\n    @property\n    def size(self): return busy()",
    )
    number = run(
        shell,
        "%%perf -o r\nquick()\n[busy(0.05) for _ in range(2)]\nlist(each())\ncached(1)\nModel().size\n"
        "exec('busy()')\neval('busy()')",
    )
    shown = places(shell)
    assert {line for file, line in shown if file == f"In[{number}]"} == {2, 3, 4, 5, 6, 7, 8}
    # A sample may also fall on line 3, which reads the clock once.
    assert {line for file, line in shown if file == f"In[{defined}]"} - {3} == {4, 7, 10, 13, 16}
    assert {file for file, _ in shown} == {f"In[{number}]", f"In[{defined}]"}


def test_time_in_exec_is_at_the_line_that_calls_it(shell: Kernel) -> None:
    run(shell, "import time")
    number = run(
        shell, "%%perf -o r\ntext = 'end = time.time() + 0.2\\nwhile time.time() < end: pass'\nexec(text)"
    )
    assert next(iter(places(shell))) == (f"In[{number}]", 3)


def test_a_module_beside_the_notebook_is_the_users(shell: Kernel) -> None:
    folder = Path(shell.execute("import os; print(os.getcwd())").text().strip())
    (folder / "beside.py").write_text(BUSY + "\n")
    try:
        run(shell, "import sys; sys.path.insert(0, '') if '' not in sys.path else None\nimport beside")
        run(shell, "%%perf -o r\nbeside.busy()")
        shown = places(shell)
        assert shown[str(folder / "beside.py"), 4] == LOOP
        assert next(iter(shown)) == (str(folder / "beside.py"), 4)
    finally:
        run(shell, "del sys.modules['beside']")
        (folder / "beside.py").unlink()


CHANGED = (
    "import time\n# one more line\n" + BUSY.partition("\n")[2].replace("range(200)", "range(150)") + "\n"
)


@pytest.fixture
def module(shell: Kernel, tmp_path: Path) -> Path:
    """A module `edited` that the kernel has imported and run once."""
    path = tmp_path / "edited.py"
    path.write_text(BUSY + "\n")
    run(shell, f"import sys; sys.path.insert(0, {str(tmp_path)!r}); sys.modules.pop('edited', None)")
    run(shell, "import edited\nfrom edited import busy\nimport edited as module")
    run(shell, "%%perf -o r\nbusy()")
    assert places(shell)[str(path), 4] == LOOP
    assert seen_notes(shell) == []
    return path


def seen_notes(kernel: Kernel) -> list[str]:
    notes = json.loads(kernel.execute("print(__import__('json').dumps(r.run.notes))").text())
    return [note for note in notes if "reloaded in parts" in note]


def test_a_module_edited_and_reloaded_shows_its_new_lines(shell: Kernel, module: Path) -> None:
    module.write_text(CHANGED)
    run(shell, "import importlib; importlib.reload(module)")
    run(shell, "%%perf -o r\nmodule.busy()")
    assert places(shell)[str(module), 5] == LOOP.replace("200", "150")
    assert seen_notes(shell) == []


def test_a_module_edited_and_not_reloaded_is_said_to_be_unsure(shell: Kernel, module: Path) -> None:
    module.write_text(CHANGED)
    run(shell, "%%perf -o r\nmodule.busy()")
    shown = places(shell)
    assert {source for (file, _), source in shown.items() if file == str(module)} == {None}
    assert len(seen_notes(shell)) == 1


def test_after_autoreload_lines_are_right_or_said_to_be_unsure(shell: Kernel, module: Path) -> None:
    run(shell, "%load_ext autoreload")
    run(shell, "%autoreload 2")
    run(shell, "1")
    module.write_text(CHANGED)
    later_s = module.stat().st_mtime + 5
    os.utime(module, (later_s, later_s))
    run(shell, "%%perf -o r\nbusy()")
    run(shell, "%autoreload 0")
    assert shell.execute("150 in busy.__code__.co_consts").result == {"text/plain": "True"}, "it was reloaded"
    own = {place: source for place, source in places(shell).items() if place[0] == str(module)}
    is_right = own.get((str(module), 5)) == LOOP.replace("200", "150")
    is_unsure = len(seen_notes(shell)) == 1 and set(own.values()) == {None}
    assert is_right != is_unsure, own


@pytest.mark.parametrize("engine", ["py-spy", "signal", "thread"])
def test_a_thread_of_an_earlier_cell_that_sleeps_costs_nothing(shell: Kernel, engine: str) -> None:
    run(shell, BUSY)
    waiting = run(
        shell,
        "import threading\nended = threading.Event()\ndef sleeps():\n    while not ended.wait(0.05): pass\n"
        "thread = threading.Thread(target=sleeps)\nthread.start()",
    )
    try:
        run(shell, f"%%perf --engine {engine} -o r\nbusy(0.4)\ntime.sleep(0.3)")
        rows = seen(shell, "lines", "file", "line", "self_s", "wait_s")
        costs = {(file, line): (self_s, wait_s) for file, line, self_s, wait_s in rows}
        assert costs.get((f"In[{waiting}]", 4), (0.0, 0.0))[0] < 0.1
        slept = next(wait_s for (_, line), (_, wait_s) in costs.items() if line == 3)
        assert slept > 0.2
    finally:
        run(shell, "ended.set(); thread.join()")


@pytest.mark.parametrize("engine", ["py-spy", "signal", "thread"])
def test_what_ran_is_not_taken_for_waiting(shell: Kernel, engine: str) -> None:
    run(shell, "from time import thread_time\ndef burn():\n    while thread_time() < end: pass")
    run(shell, f"%%perf --engine {engine} -o r\nend = thread_time() + 0.4\nburn()")
    # On a busy machine a thread waits for its turn too: what it ran is known, from its own clock.
    ran = sum(self_s - wait_s for self_s, wait_s in seen(shell, "lines", "self_s", "wait_s"))
    assert ran > 0.3


def test_a_library_of_another_environment_is_not_the_users(shell: Kernel, tmp_path: Path) -> None:
    installed = tmp_path / "lib" / "site-packages"
    installed.mkdir(parents=True)
    (installed / "elsewhere.py").write_text(BUSY + "\n")
    run(shell, f"import sys; sys.path.insert(0, {str(installed)!r})\nimport elsewhere")
    number = run(shell, "%%perf -o r\nelsewhere.busy(0.2)")
    assert set(places(shell)) == {(f"In[{number}]", 2)}
    assert "elsewhere.py" in [file for (file,) in seen(shell, "functions", "file")]
