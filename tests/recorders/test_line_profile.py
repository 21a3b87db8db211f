"""Lines of named functions: counted through every reference, and everything as before afterwards."""

from __future__ import annotations

import asyncio
import cProfile
import json
import linecache
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from jupyter_perf.context import Context, Options
from jupyter_perf.recorders import Draft
from jupyter_perf.recorders.exact import ExactRecorder
from jupyter_perf.recorders.line_profile import LineRecorder
from jupyter_perf.sources import Cell

HAS_MONITORING = sys.version_info >= (3, 12)

CELL = '''import functools, asyncio

def total(numbers):
    """Add up."""
    result = 0
    for number in numbers:
        result += number

    if result < 0:
        # Never here.
        result = (
            0
        )
    return result

def traced(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)
    return wrapper

@traced
def half(n):
    return n / 2

@functools.lru_cache
def cached(n):
    return n * n

def countdown(n):
    while n:
        yield n
        n -= 1

async def fetch(n):
    for _ in range(n):
        await asyncio.sleep(0)
    return n

def factorial(n):
    if n < 2:
        return 1
    return n * factorial(n - 1)

class Box:
    def __init__(self, n):
        self.n = n
    def twice(self):
        return 2 * self.n
    @classmethod
    def of(cls, n):
        return cls(n)
    @staticmethod
    def zero():
        return 0
    @property
    def size(self):
        return self.n

def one_line(n): return n + 1
'''


@pytest.fixture
def cell() -> Iterator[dict[str, Any]]:
    """The namespace of a cell whose source only linecache knows, as IPython leaves it."""
    name = "<ipython-input-3-0123456789ab>"
    linecache.cache[name] = (len(CELL), None, CELL.splitlines(keepends=True), name)
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(CELL, name, "exec"), namespace)
    yield namespace
    del linecache.cache[name]


def prepared(namespace: dict[str, Any], *names: str) -> LineRecorder:
    context = Context(options=Options(lines=names), namespace=namespace)
    context.sources.add(
        Cell("<ipython-input-3-0123456789ab>", "In[3]", line_offset=1, source=f"%%perf\n{CELL}")
    )
    return LineRecorder(context)


def collected(recorder: LineRecorder) -> list[dict[str, Any]]:
    draft = Draft(wall_s=0.0)
    recorder.collect(draft)
    table = draft.tables.get("profiled_lines")
    return list(table.rows()) if table is not None else []


def hits(found: list[dict[str, Any]]) -> dict[str, int | None]:
    return {row["source"].strip(): row["hits"] for row in found}


def test_every_line_of_a_function_with_what_ran_and_what_did_not(cell):
    recorder = prepared(cell, "total")
    function, own_code = cell["total"], cell["total"].__code__
    elsewhere = [function]
    recorder.start()
    elsewhere[0]([1, 2, 3])
    cell["total"]([4])
    recorder.stop()
    found = collected(recorder)
    assert hits(found) == {
        "def total(numbers):": None,
        '"""Add up."""': None,
        "result = 0": 2,
        "for number in numbers:": 6,
        "result += number": 4,
        "": None,
        "if result < 0:": 2,
        "# Never here.": None,
        "result = (": 0,
        "0": 0,
        ")": None,
        "return result": 2,
    }
    # In the user's view `%%perf` is line 1, so the third line of the code is the fourth.
    assert [row["line"] for row in found] == list(range(4, 16))
    assert {row["file"] for row in found} == {"In[3]"}
    assert all(row["total_s"] > 0 for row in found if row["hits"])
    (loop,) = [row for row in found if row["source"].strip() == "for number in numbers:"]
    assert loop["mean_s"] == loop["total_s"] / 6
    assert cell["total"] is function
    assert function.__code__ is own_code


def test_where_the_time_goes_is_the_line_that_sleeps(cell):
    exec("import time\ndef nap():\n    time.sleep(0.03)\n    return 1", cell)
    recorder = prepared(cell, "nap")
    recorder.start()
    cell["nap"]()
    recorder.stop()
    stats = recorder._profiler.get_stats()
    ((_, lines),) = stats.timings.items()
    sleep_s, return_s = (ticks * stats.unit for _, _, ticks in lines)
    assert sleep_s >= 0.03
    assert return_s < sleep_s


@pytest.mark.parametrize(
    ("name", "call", "line", "expected"),
    [
        ("half", "half(4)", "return n / 2", 1),
        ("cached", "cached(2), cached(2), cached(3)", "return n * n", 2),
        ("countdown", "list(countdown(4))", "yield n", 4),
        ("factorial", "factorial(6)", "return n * factorial(n - 1)", 5),
        ("Box.twice", "Box(2).twice()", "return 2 * self.n", 1),
        ("Box.of", "Box.of(2)", "return cls(n)", 1),
        ("Box.zero", "Box.zero()", "return 0", 1),
        ("Box.size", "Box(1).size", "return self.n", 1),
        ("Box.__init__", "Box(1), Box(2)", "self.n = n", 2),
    ],
)
def test_kinds_of_functions(cell, name, call, line, expected):
    recorder = prepared(cell, name)
    recorder.start()
    eval(call, cell)
    recorder.stop()
    assert hits(collected(recorder))[line] == expected


def test_a_body_on_the_line_of_its_def_is_counted_or_said_to_be_uncounted(cell):
    recorder = prepared(cell, "one_line")
    recorder.start()
    cell["one_line"](1)
    recorder.stop()
    counted = hits(collected(recorder))["def one_line(n): return n + 1"]
    if HAS_MONITORING:
        assert counted is None
        assert any("on the line of its `def`" in note for note in recorder.context.notes)
    else:
        assert counted == 1


def test_a_coroutine_between_others_on_the_loop(cell):
    async def main() -> LineRecorder:
        recorder = prepared(cell, "fetch")
        recorder.start()
        await asyncio.gather(*(cell["fetch"](3) for _ in range(4)))
        recorder.stop()
        return recorder

    found = hits(collected(asyncio.run(main())))
    assert found["await asyncio.sleep(0)"] >= 12
    assert found["return n"] == 4


def test_a_function_of_a_module_and_one_of_an_object_by_dotted_names(cell):
    cell["json"] = json
    cell["box"] = cell["Box"](1)
    recorder = prepared(cell, "json.dumps", "box.twice")
    recorder.start()
    json.dumps({"a": 1})
    cell["box"].twice()
    recorder.stop()
    found = collected(recorder)
    assert {row["file"] for row in found if row["function"] == "json.dumps"} == {"json/__init__.py"}
    assert any(row["hits"] == 1 for row in found if row["function"] == "json.dumps")
    assert any(row["hits"] == 1 for row in found if row["function"] == "box.twice")


def test_a_name_given_twice_is_counted_once(cell):
    recorder = prepared(cell, "factorial", "factorial")
    recorder.start()
    cell["factorial"](3)
    recorder.stop()
    assert [row["hits"] for row in collected(recorder) if "return 1" in row["source"]] == [1]


def test_twins_of_equal_code_are_told_apart(cell):
    exec("def left(n):\n    return n + 1\n", cell)
    exec("def right(n):\n    return n + 1\n", cell)
    recorder = prepared(cell, "left")
    recorder.start()
    cell["left"](1)
    for _ in range(5):
        cell["right"](1)
    recorder.stop()
    stats = recorder._profiler.get_stats()
    assert [lines[0][1] for lines in stats.timings.values()] == [1]


def test_an_exception_leaves_the_counts_and_the_code(cell):
    own_code = cell["factorial"].__code__
    recorder = prepared(cell, "factorial")
    recorder.start()
    with pytest.raises(TypeError):
        cell["factorial"]("a")
    recorder.stop()
    assert hits(collected(recorder))["if n < 2:"] == 1
    assert cell["factorial"].__code__ is own_code


def test_code_that_the_cell_changed_is_kept(cell):
    """As autoreload does: it gives an old function its new code."""
    recorder = prepared(cell, "factorial")
    recorder.start()
    new_code = (lambda n: 7).__code__
    cell["factorial"].__code__ = new_code
    recorder.stop()
    assert cell["factorial"].__code__ is new_code


def test_a_function_defined_anew_in_the_cell_is_said_to_be_uncounted(cell):
    recorder = prepared(cell, "factorial")
    recorder.start()
    exec("def factorial(n):\n    return 1", cell)
    cell["factorial"](3)
    recorder.stop()
    collected(recorder)
    assert any("defined it anew" in note for note in recorder.context.notes)


def test_a_function_that_was_not_called_is_said_to_be(cell):
    recorder = prepared(cell, "factorial")
    recorder.start()
    recorder.stop()
    assert set(hits(collected(recorder)).values()) == {None, 0}
    assert recorder.context.notes == ["--lines factorial: the cell did not call it."]


def test_exact_counts_and_a_profiler_of_the_cells_own_run_beside_it(cell):
    exact = ExactRecorder(Context(options=Options(exact=True)))
    recorder = prepared(cell, "factorial")
    recorder.start()
    exact.start()
    cell["factorial"](5)
    exact.stop()
    own = cProfile.Profile()
    own.runcall(cell["factorial"], 5)
    recorder.stop()
    draft = Draft(wall_s=0.0)
    exact.collect(draft)
    assert draft.call_counts[("factorial", *place(cell["factorial"]))] == 5
    assert hits(collected(recorder))["if n < 2:"] == 10
    own.create_stats()
    assert next(value[1] for key, value in own.stats.items() if key[2] == "factorial") == 5


def place(function: Any) -> tuple[str, int]:
    return function.__code__.co_filename, function.__code__.co_firstlineno


def test_a_line_profiler_of_the_users_own_keeps_working(cell):
    from line_profiler import LineProfiler

    theirs = LineProfiler()
    wrapped = theirs(cell["factorial"])
    cell["ours"] = wrapped
    recorder = prepared(cell, "Box.twice")
    recorder.start()
    wrapped(3)
    cell["Box"](1).twice()
    recorder.stop()
    counted = [count for lines in theirs.get_stats().timings.values() for _, count, _ in lines]
    if HAS_MONITORING:
        assert counted
    assert hits(collected(recorder))["return 2 * self.n"] == 1


@pytest.mark.skipif(not HAS_MONITORING, reason="Python 3.11 traces one thread")
def test_calls_on_other_threads_are_counted(cell):
    recorder = prepared(cell, "factorial")
    recorder.start()
    thread = threading.Thread(target=cell["factorial"], args=(4,))
    thread.start()
    thread.join()
    recorder.stop()
    assert hits(collected(recorder))["if n < 2:"] == 4


def test_a_trace_function_of_the_cells_own_stays(cell):
    def trace(*_: object) -> None: ...

    recorder = prepared(cell, "factorial")
    recorder.start()
    sys.settrace(trace)
    try:
        cell["factorial"](3)
        recorder.stop()
        assert sys.gettrace() is trace
    finally:
        sys.settrace(None)
    found = collected(recorder)
    if HAS_MONITORING:
        assert hits(found)["if n < 2:"] == 3
    else:
        assert found == []
        assert any("a trace function of its own" in note for note in recorder.context.notes)


@pytest.mark.skipif(HAS_MONITORING, reason="from Python 3.12 on both can trace")
def test_a_debugger_that_traces_already_is_left_alone(cell):
    def trace(*_: object) -> None: ...

    recorder = prepared(cell, "factorial")
    sys.settrace(trace)
    try:
        with pytest.raises(RuntimeError, match="traces this thread"):
            recorder.start()
        assert sys.gettrace() is trace
    finally:
        sys.settrace(None)
