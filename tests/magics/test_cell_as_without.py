"""A cell under `%%perf` behaves to the letter as without it."""

from __future__ import annotations

import re

import pytest

from tests.kernel import Kernel, Outcome

pytestmark = pytest.mark.kernel

CELLS = {
    "last value": "40 + 2",
    "assignment shows nothing": "x = 1",
    "print and value": "print('a')\n'b'",
    "semicolon": "42;",
    "await": "import asyncio\nawait asyncio.sleep(0, 'awaited')",
    "async for": "async def g():\n    yield 1\n[i async for i in g()]",
    "future import": "from __future__ import annotations\ndef f(x: Missing): pass\nf.__annotations__",
    "string literals": "'''a\n  b\n\tc\n%%perf\n# d'''",
    "shell": "!echo from the shell",
    "line magic": "%who_ls str",
    "cell magic below": "%%capture captured\nprint('hidden')",
    "html below": "%%html\n<b>bold</b>",
    "displays in order": "from IPython.display import display\ndisplay(1)\nprint(2)\ndisplay(3)\n4",
    "exception": "def f():\n    raise ValueError('from f')\nf()",
    "broken SQL": "import sqlite3\nc = sqlite3.connect(':memory:')\nc.execute('SELEC')",
    "broken SQL through pandas": (
        "import sqlite3, pandas\nc = sqlite3.connect(':memory:')\npandas.read_sql('SELECT * FROM nowhere', c)"
    ),
    "chained exception": "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise KeyError('k') from e",
    "syntax error": "x = (",
    "indentation error": "  x = 1\n y = 2",
    "system exit": "import sys\nsys.exit(3)",
    "globals": "def f():\n    global made\n    made = 5\nf()\nmade",
    "unicode": "größe = 'ß→😀'\ngröße",
    "stderr": "import sys\nprint('e', file=sys.stderr)\n1",
    "warning": "import warnings\nwarnings.warn('careful')",
    "help": "len?",
    "comment first": "# a comment\n1",
    "decorated": "@property\ndef p(self): return 1\ntype(p)",
    "name main": "__name__",
    "blank lines": "\n\n1",
    "indented cell": "    x = 1\n    if x:\n        x += 1\n    x",
    "indented body": "if True:\n    y = 3\ny",
    "lambda and walrus": "(n := 3, (lambda: n)())",
}


def shown(outcome: Outcome) -> list:
    """What a user sees of a cell, but for our report, and for names and numbers that differ by cell."""
    seen: list = [outcome.status]
    for output in outcome.outputs:
        content = output.content
        if output.kind == "error":
            seen.append((content["ename"], content["evalue"].split(" (")[0], len(content["traceback"])))
        elif output.kind == "stream" and seen[-1][:1] == (content["name"],):
            # How a stream is cut into messages depends on the moment.
            seen[-1] = (content["name"], seen[-1][1] + content["text"].partition("/ipykernel_")[0])
        elif output.kind == "stream":
            seen.append((content["name"], content["text"].partition("/ipykernel_")[0]))
        elif output.data not in outcome.reports:
            seen.append((output.kind, output.data.get("text/plain")))
    return seen


@pytest.mark.parametrize("name", CELLS)
def test_same_outputs_and_status(kernel: Kernel, name: str) -> None:
    every_time = "import warnings\nwarnings.simplefilter('always')"
    kernel.execute(every_time)
    plain = kernel.execute(CELLS[name])
    kernel.execute("if 'c' in globals(): c.close()")
    kernel.execute("%reset -f")
    kernel.execute(every_time)
    kernel.execute("%load_ext jupyter_perf")
    recorded = kernel.execute("%%perf\n" + CELLS[name])

    assert shown(recorded) == shown(plain)
    not_python = ("SyntaxError", "IndentationError", "_IncompleteInputError")
    runs = not (plain.error and plain.error["ename"] in not_python)
    assert len(recorded.reports) == (1 if runs else 0)
    if runs:
        assert recorded.outputs[-1].data == recorded.reports[0], "the report comes last"


def test_out_and_underscore_hold_the_cells_value(kernel: Kernel) -> None:
    kernel.execute("%load_ext jupyter_perf")
    recorded = kernel.execute("%%perf\n[1, 2]")
    assert recorded.result == {"text/plain": "[1, 2]"}
    assert kernel.execute(f"(_ == [1, 2], Out[{recorded.execution_count}], _ih[-2])").result == {
        "text/plain": "(True, [1, 2], '# %%perf\\n[1, 2]')"
    }


def test_no_name_is_left_in_the_namespace(kernel: Kernel) -> None:
    kernel.execute("%load_ext jupyter_perf")
    kernel.execute("before = None; before = set(globals())")
    kernel.execute("%%perf\nx = 1")
    names = kernel.execute("sorted(n for n in set(globals()) - before if not n.startswith('_'))").result
    assert names == {"text/plain": "['x']"}


def test_runs_once(kernel: Kernel) -> None:
    kernel.execute("%load_ext jupyter_perf")
    kernel.execute("runs = []")
    kernel.execute("%%perf\nruns.append(1)")
    assert kernel.execute("runs").result == {"text/plain": "[1]"}


def test_await_runs_on_the_kernels_own_loop(kernel: Kernel) -> None:
    kernel.execute("%load_ext jupyter_perf")
    kernel.execute("import asyncio\nloop = asyncio.get_running_loop()")
    same = kernel.execute("%%perf\nawait asyncio.sleep(0)\nasyncio.get_running_loop() is loop")
    assert same.result == {"text/plain": "True"}


def test_traceback_names_the_line_that_the_user_sees(kernel: Kernel) -> None:
    kernel.execute("%load_ext jupyter_perf")
    error = kernel.execute("%%perf\nx = 1\n\nraise RuntimeError('here')").error
    assert error is not None
    traceback = re.sub(r"\x1b\[[0-9;]*m", "", "".join(error["traceback"]))
    assert "----> 4 raise RuntimeError('here')" in traceback


def test_queued_cells_stop_after_an_error(kernel: Kernel) -> None:
    kernel.execute("%load_ext jupyter_perf")
    first = kernel.submit("%%perf\n1 / 0")
    second = kernel.submit("print('ran')")
    assert kernel.outcome(first).status == "error"
    assert kernel.outcome(second).status == "aborted"


INTERRUPTED = {
    "sleep": "import time\nprint('go')\ntime.sleep(60)",
    "loop": "print('go')\nwhile True: pass",
    "await": "import asyncio\nprint('go')\nfor _ in range(600): await asyncio.sleep(0.1)",
}


@pytest.mark.parametrize("body", INTERRUPTED.values(), ids=INTERRUPTED)
def test_interrupt_stops_the_cell_and_reports_what_there_is(kernel: Kernel, body: str) -> None:
    kernel.execute("%load_ext jupyter_perf")
    running = kernel.submit("%%perf -o report\n" + body)
    kernel.wait_for_text(running, "go")
    kernel.interrupt()
    outcome = kernel.outcome(running)
    assert outcome.status == "error"
    assert len(outcome.reports) == 1
    assert kernel.execute("report.run.partial").result == {"text/plain": "'interrupt'"}
    assert kernel.execute("1 + 1").result == {"text/plain": "2"}


def test_silent_run_is_not_recorded(kernel: Kernel) -> None:
    kernel.execute("%load_ext jupyter_perf")
    assert kernel.execute("%%perf\nx = 5", silent=True).outputs == []
    assert kernel.execute("x").result == {"text/plain": "5"}


def test_a_stacked_time_magic_reports_too(kernel: Kernel) -> None:
    kernel.execute("%load_ext jupyter_perf")
    for cell in ("%%perf\n%%time\nx = sum(range(10))\nx", "%%time\n%%perf\nx = sum(range(10))\nx"):
        outcome = kernel.execute(cell)
        assert "Wall time" in outcome.text()
        assert outcome.result == {"text/plain": "45"}
        assert len(outcome.reports) == 1
