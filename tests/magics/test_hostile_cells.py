"""Cells that get in our way: never broken by us, and we not by them."""

from __future__ import annotations

import pytest

from tests.kernel import Kernel

pytestmark = pytest.mark.kernel

# Each cell leaves True in `fine` where the user's own code found everything as it should be.
CELLS = {
    "chdir": """
import os, tempfile
home = os.getcwd()
os.chdir(tempfile.gettempdir())
fine = True""",
    "fork": """
import os
pid = os.fork()
if pid == 0: os._exit(7)
fine = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7""",
    "wait": """
import os
try:
    os.wait()
    fine = False
except ChildProcessError:
    fine = True""",
    "wait for own child": """
import os, subprocess
child = subprocess.Popen(['true'])
fine = os.wait()[0] == child.pid
child.wait()""",
    "multiprocessing": """
import multiprocessing
with multiprocessing.get_context('fork').Pool(2) as pool:
    fine = pool.map(abs, [-1, 2]) == [1, 2]""",
    "catches interrupt": """
import os, signal, time
fine = False
try:
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(5)
except KeyboardInterrupt:
    fine = True""",
    "deletes get_ipython": """
import IPython
del get_ipython
fine = True
get_ipython = IPython.get_ipython""",
    "replaces stdout": """
import io, sys
saved, sys.stdout = sys.stdout, io.StringIO()
print('x')
fine = sys.stdout.getvalue() == 'x\\n'
sys.stdout = saved""",
    "own trace function": """
import sys
seen, before = [], sys.gettrace()
def tracer(frame, event, arg):
    seen.append(event)
    return tracer
def f():
    return 1
sys.settrace(tracer)
f()
fine = sys.gettrace() is tracer and 'return' in seen
sys.settrace(before)""",
    "own profile function": """
import sys
seen, before = [], sys.getprofile()
def f():
    return 1
sys.setprofile(lambda frame, event, arg: seen.append(event))
f()
sys.setprofile(before)
fine = 'return' in seen""",
    "own SIGALRM": """
import signal, time
rang = []
old = signal.signal(signal.SIGALRM, lambda *_: rang.append(1))
signal.setitimer(signal.ITIMER_REAL, 0.05)
time.sleep(0.2)
fine = rang == [1] and signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
signal.signal(signal.SIGALRM, old)""",
    "own SIGPROF": """
import signal, time
rang = []
old = signal.signal(signal.SIGPROF, lambda *_: rang.append(1))
signal.setitimer(signal.ITIMER_PROF, 0.02)
end = time.monotonic() + 5
while not rang and time.monotonic() < end: pass
fine = rang == [1] and signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)
signal.signal(signal.SIGPROF, old)""",
    "cProfile": """
import cProfile
profile = cProfile.Profile()
profile.enable()
sorted([2, 1])
profile.disable()
fine = any('sorted' in str(entry.code) for entry in profile.getstats())""",
    "clears gc callbacks": """
import gc
gc.callbacks.clear()
gc.collect()
fine = True""",
    "replaces the clock": """
import time
saved, time.perf_counter = time.perf_counter, lambda: 0.0
fine = time.perf_counter() == 0.0
time.perf_counter = saved""",
    "works in a thread": """
import threading
out = []
thread = threading.Thread(target=lambda: out.append(1))
thread.start()
thread.join()
fine = out == [1]""",
    "deep recursion": """
def down(n): return 0 if n == 0 else 1 + down(n - 1)
fine = down(900) == 900""",
    "asyncio.run in a thread": """
import asyncio, threading
out = []
async def main():
    await asyncio.sleep(0.01)
    out.append(1)
thread = threading.Thread(target=lambda: asyncio.run(main()))
thread.start()
thread.join()
fine = out == [1]""",
    "cancelled task": """
import asyncio
task = asyncio.ensure_future(asyncio.sleep(10))
await asyncio.sleep(0)
task.cancel()
try:
    await task
except asyncio.CancelledError:
    fine = task.cancelled()""",
}


@pytest.mark.parametrize("engine", ["py-spy", "signal", "thread"])
@pytest.mark.parametrize("name", CELLS)
def test_the_cell_finds_what_it_expects(kernel: Kernel, name: str, engine: str) -> None:
    kernel.execute("%load_ext jupyter_perf")
    outcome = kernel.execute(f"%%perf --engine {engine} -o report{CELLS[name]}")
    assert outcome.status == "ok", outcome.error
    kernel.execute("if 'home' in globals(): os.chdir(home)")
    assert kernel.execute("fine").result == {"text/plain": "True"}
    assert len(outcome.reports) == 1
    assert kernel.execute("report.run.sampler").result == {"text/plain": f"'{engine}'"}


def test_a_run_inside_a_run_is_not_recorded_and_says_so(kernel: Kernel) -> None:
    kernel.execute("%load_ext jupyter_perf")
    outcome = kernel.execute("%%perf\nget_ipython().run_cell('%%perf\\ny = 6')\ny")
    assert outcome.result == {"text/plain": "6"}
    assert len(outcome.reports) == 1
    assert any("already under way" in bundle.get("text/plain", "") for bundle in outcome.displays)


def test_a_recording_in_another_thread_is_not_recorded_and_says_so(kernel: Kernel) -> None:
    kernel.execute("%load_ext jupyter_perf")
    outcome = kernel.execute(
        "%%perf\nimport threading, jupyter_perf, warnings\nsaid = []\ndef work():\n"
        "    with warnings.catch_warnings(record=True) as caught:\n        warnings.simplefilter('always')\n"
        "        with jupyter_perf.record(): said.append('ran')\n"
        "        said.append(str(caught[0].message))\n"
        "thread = threading.Thread(target=work)\nthread.start(); thread.join()\nsaid"
    )
    assert outcome.result is not None
    assert "'ran'" in outcome.result["text/plain"]
    assert "already under way" in outcome.result["text/plain"]
    assert len(outcome.reports) == 1


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("--bogus", "--bogus"),
        ("--top many", "--top"),
        ("--top 0", "--top"),
        ("--engine magic", "--engine"),
        ("--engine signal --native", "--native"),
        ("--lines no_such_function", "no_such_function"),
        ("--lines len", "len"),
        ("--dump /no/such/folder/x.html", "/no/such/folder"),
        ("--dump x.docx", ".docx"),
        ("--dump x.prof", "--exact"),
        ("-o 1x", "1x"),
    ],
)
def test_a_bad_option_refuses_the_cell_in_one_sentence(kernel: Kernel, line: str, word: str) -> None:
    kernel.execute("%load_ext jupyter_perf")
    outcome = kernel.execute(f"%%perf {line}\nran = True")
    said = outcome.text("stderr")
    assert outcome.status == "error"
    assert word in said
    assert "Traceback" not in said
    assert said.strip().count("\n") == 0
    assert outcome.reports == []
    assert kernel.execute("'ran' in globals()").result == {"text/plain": "False"}


def test_an_empty_cell_says_what_is_missing(kernel: Kernel) -> None:
    kernel.execute("%load_ext jupyter_perf")
    outcome = kernel.execute("%%perf\n\n")
    assert outcome.text("stderr") == "UsageError: %perf needs a statement, and %%perf a cell below it\n"
    assert outcome.reports == []
