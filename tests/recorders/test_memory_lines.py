"""Memory by line, against allocations of known size in made-up cells."""

from __future__ import annotations

import ast
import asyncio
import ctypes
import gc
import inspect
import linecache
import os
import sys
import textwrap
from collections.abc import Iterator
from typing import Any

import pytest

from jupyter_perf.context import Context, Options
from jupyter_perf.recorders import Draft, memory_lines
from jupyter_perf.recorders.memory import MemoryRecorder
from jupyter_perf.recorders.memory_lines import MemoryLinesRecorder
from jupyter_perf.recorders.memory_lines_gauge import KernelGauge, PortableGauge
from jupyter_perf.sources import Cell

pytestmark = pytest.mark.fresh_heap

MIB = 1 << 20
CELL = "/tmp/ipykernel_1/987.py"
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="peaks within a line are seen on Linux")


# mallopt(3): blocks from this size on are mapped afresh, also after larger ones were freed.
M_MMAP_THRESHOLD, MAPPED_BYTES = -3, 128 << 10


@pytest.fixture(autouse=True, scope="module")
def fresh_blocks() -> None:
    """Large blocks take memory that nobody has had before, whatever ran in this process."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, MAPPED_BYTES)


@pytest.fixture(autouse=True)
def no_other_tracer() -> Iterator[None]:
    """A debugger's or coverage's trace function is put aside, and garbage: these tests need the place."""
    before = sys.gettrace()
    sys.settrace(None)
    # What an earlier test left in cycles must not be freed while this one is measured.
    gc.collect()
    yield
    assert sys.gettrace() is None
    sys.settrace(before)


class Lines:
    """What was said of a cell's lines, by the line as the user sees it."""

    def __init__(self, context: Context, draft: Draft) -> None:
        self.context = context
        self.draft = draft
        self.rows = list(draft.tables["memory_lines"].rows())

    def __getitem__(self, line: int) -> dict[str, Any]:
        (row,) = [row for row in self.rows if row["file"] == "In[3]" and row["line"] == line]
        return row

    def grown_mib(self, line: int) -> float:
        return self[line]["growth_bytes"] / MIB

    def added_mib(self, line: int) -> float:
        """The peak in a line above the start of the run."""
        start = self.draft.tables["memory"]["rss_bytes"][0]
        return (self[line]["peak_bytes"] - start) / MIB


def context_of(source: str) -> Context:
    context = Context(options=Options(memory=True))
    context.sources.add(Cell(CELL, "In[3]", execution_count=3, source=source))
    return context


def recorded(source: str, **names: Any) -> Lines:
    """Run a cell as ipykernel does: on a running loop, a last expression compiled apart."""
    source = textwrap.dedent(source).strip("\n")
    context = context_of(source)
    recorders = (MemoryRecorder(context), MemoryLinesRecorder(context))
    for recorder in recorders:
        recorder.start()
    try:
        asyncio.run(run_cell(source, names))
    finally:
        for recorder in reversed(recorders):
            recorder.stop()
    draft = Draft(wall_s=0.0)
    for recorder in recorders:
        recorder.collect(draft)
    return Lines(context, draft)


async def run_cell(source: str, names: dict[str, Any]) -> None:
    statements = ast.parse(source).body
    last = len(statements) - isinstance(statements[-1], ast.Expr)
    for part in filter(None, (statements[:last], statements[last:])):
        module = ast.Module(part, [])
        code = compile(module, CELL, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        if code.co_flags & inspect.CO_COROUTINE:
            await eval(code, names)
        else:
            exec(code, names)


def test_only_the_option_asks_for_it():
    assert MemoryLinesRecorder.is_wanted(Options(memory=True))
    assert not MemoryLinesRecorder.is_wanted(Options())


def test_the_cells_own_lines():
    lines = recorded(
        """
        import numpy as np
        a = np.ones(60 * 2**20 // 8)

        b = bytearray(b"x") * (80 << 20)
        del a
        b
        """
    )
    assert 58 < lines.grown_mib(2) < 66
    assert 78 < lines.grown_mib(4) < 86
    assert -66 < lines.grown_mib(5) < -54
    assert abs(lines.grown_mib(6)) < 4
    assert lines[2]["source"] == "a = np.ones(60 * 2**20 // 8)"
    assert lines[2]["function"] == "<module>"
    assert lines[2]["hits"] == 1
    assert lines.draft.line_memory[CELL, 4] == lines[4]["growth_bytes"]
    with pytest.raises(ValueError, match="unpack"):
        lines[3]


def test_the_largest_growth_comes_first():
    lines = recorded('a = bytearray(b"x") * (60 << 20)\nb = bytearray(b"x") * (90 << 20)')
    assert [row["line"] for row in lines.rows if row["file"] == "In[3]"] == [2, 1]


def test_a_function_is_charged_at_its_lines_and_its_call_at_the_line_that_calls():
    lines = recorded(
        """
        def build(size):
            scratch = bytearray(b"x") * (2 * size)
            result = bytearray(b"x") * size
            return result
        kept = [build(50 << 20) for _ in range(2)]
        """
    )
    assert lines[2]["function"] == "build"
    assert 196 < lines.grown_mib(2) < 212
    assert 96 < lines.grown_mib(3) < 108
    # `scratch` is gone when `build` returns.
    assert 96 < lines.grown_mib(5) < 108
    assert lines[2]["hits"] == lines[3]["hits"] == lines[4]["hits"] == 2


def test_lines_of_a_loop_add_up_over_all_its_turns():
    lines = recorded(
        """
        kept = []
        for turn in range(5):
            block = bytearray(b"x") * (40 << 20)
            kept.append(bytearray(b"x") * (10 << 20))
            del block
        """
    )
    assert lines[3]["hits"] == 5
    assert 190 < lines.grown_mib(3) < 215
    assert 45 < lines.grown_mib(4) < 60
    assert -215 < lines.grown_mib(5) < -190


def test_a_comprehension_belongs_to_its_line():
    lines = recorded("floats = [float(i) for i in range(2_000_000)]\nlen(floats)")
    # A float takes 32 bytes of the allocator's, its place in the list 8, and the list grows by eighths.
    assert 74 < lines.grown_mib(1) < 105
    assert {row["function"] for row in lines.rows if row["file"] == "In[3]"} == {"<module>"}


@LINUX
def test_a_peak_within_one_c_call_is_seen_at_its_line_and_in_the_run():
    lines = recorded(
        """
        def spike():
            return len(bytearray(b"x") * (190 << 20))
        before = 1
        spike()
        after = 2
        """
    )
    for line in (2, 4):
        assert 186 < lines.added_mib(line) < 200
        assert abs(lines.grown_mib(line)) < 8
    assert lines.added_mib(3) < 10
    assert lines.added_mib(5) < 10
    start = lines.draft.tables["memory"]["rss_bytes"][0]
    assert 186 < (lines.draft.scalars["peak_bytes"] - start) / MIB < 200


def test_a_recursion_counts_once_at_the_line_that_recurs():
    lines = recorded(
        """
        def nest(depth):
            block = bytearray(b"x") * (20 << 20)
            return [block, nest(depth - 1) if depth else None]
        kept = nest(4)
        """
    )
    assert lines[2]["hits"] == 5
    assert 95 < lines.grown_mib(2) < 115
    assert 75 < lines.grown_mib(3) < 95
    assert 95 < lines.grown_mib(4) < 115


def test_what_others_allocate_while_a_coroutine_is_suspended_is_not_its_own():
    lines = recorded(
        """
        import asyncio
        async def sleeper():
            await asyncio.sleep(0.02)
        async def builder():
            kept.append(bytearray(b"x") * (60 << 20))
            await asyncio.sleep(0)
        kept = []
        task = asyncio.create_task(builder())
        await sleeper()
        """
    )
    assert 58 < lines.grown_mib(5) < 68
    assert abs(lines.grown_mib(3)) < 8
    assert abs(lines.grown_mib(9)) < 8
    assert lines[9]["hits"] >= 1


def test_an_exception_and_a_generator_left_half_way_pass_through():
    lines = recorded(
        """
        def numbers():
            block = bytearray(b"x") * (50 << 20)
            try:
                yield 1
            except KeyError:
                yield 2
        def fail():
            raise ValueError("as without")
        turns = numbers()
        first, second = next(turns), turns.throw(KeyError())
        try:
            fail()
        except ValueError as error:
            caught = str(error)
        turns.close()
        assert (first, second, caught) == (1, 2, "as without")
        """
    )
    assert 48 < lines.grown_mib(2) < 58
    assert 48 < lines.grown_mib(10) < 58
    assert -58 < lines.grown_mib(15) < -42


def test_a_block_in_code_that_is_running_already_is_followed():
    filename = __file__
    recorder = MemoryLinesRecorder(Context(options=Options(memory=True)))
    recorder.start()
    block = bytearray(b"x") * (60 << 20)
    line = inspect.currentframe().f_lineno - 1
    recorder.stop()
    assert inspect.currentframe().f_trace is None
    draft = Draft(wall_s=0.0)
    recorder.collect(draft)
    assert 58 * MIB < draft.line_memory[filename, line] < 68 * MIB
    assert len(block) == 60 << 20
    (row,) = [row for row in draft.tables["memory_lines"].rows() if row["line"] == line]
    assert row["source"] == linecache.getline(filename, line).rstrip("\n")


def test_a_cell_of_a_terminal_is_followed_before_the_host_names_it():
    name = "<ipython-input-7-abc>"
    context = Context(options=Options(memory=True))
    recorder = MemoryLinesRecorder(context)
    recorder.start()
    exec(compile('a = bytearray(b"x") * (60 << 20)\n', name, "exec"), {})
    context.sources.add(Cell(name, "In[7]", execution_count=7))
    recorder.stop()
    draft = Draft(wall_s=0.0)
    recorder.collect(draft)
    assert 54 * MIB < draft.line_memory[name, 1] < 68 * MIB


def test_a_tracer_that_is_there_already_is_left_alone():
    def tracer(*_: Any) -> None:
        return None

    sys.settrace(tracer)
    try:
        with pytest.raises(RuntimeError, match=r"sys\.settrace"):
            MemoryLinesRecorder(context_of("")).start()
        assert sys.gettrace() is tracer
    finally:
        sys.settrace(None)


def test_a_tracer_that_the_cell_sets_stays_and_a_note_says_what_is_missing():
    def tracer(*_: Any) -> None:
        return None

    try:
        lines = recorded("import sys\nsys.settrace(tracer)\na = 1", tracer=tracer)
        assert sys.gettrace() is tracer
    finally:
        sys.settrace(None)
    assert any("incomplete" in note for note in lines.context.notes)


def test_a_tracer_that_the_cell_takes_back_later_removes_itself():
    recorder = MemoryLinesRecorder(context_of(""))
    recorder.start()
    held = sys.gettrace()
    recorder.stop()
    sys.settrace(held)
    (lambda: None)()
    assert sys.gettrace() is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_a_forked_child_is_not_followed_and_runs_to_its_end():
    lines = recorded(
        """
        import os, sys
        pid = os.fork()
        if pid == 0:
            a = [float(i) for i in range(1000)]
            os._exit(7 if len(a) == 1000 and sys.gettrace() is None else 8)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        assert code == 7, code
        """
    )
    assert lines[7]["hits"] == 1
    assert not any("incomplete" in note for note in lines.context.notes)


@LINUX
def test_a_cell_that_closes_every_file_is_not_disturbed():
    context = context_of("")
    recorder = MemoryLinesRecorder(context)
    recorder.start()
    gauge = recorder._gauge
    assert isinstance(gauge, KernelGauge)
    number = gauge._statm.number
    source = "import os\nos.close(number)\na = 1\nreused = os.open(os.devnull, os.O_RDONLY)\nb = 2"
    names = {"number": number}
    exec(compile(source, CELL, "exec"), names)
    recorder.stop()
    assert (names["a"], names["b"]) == (1, 2)
    # The number is the user's now, and must not be closed with ours.
    assert names["reused"] == number
    os.close(names["reused"])
    assert any("incomplete" in note for note in context.notes)


def test_where_the_kernel_shows_no_peaks_lines_are_measured_all_the_same(monkeypatch):
    monkeypatch.setattr(memory_lines, "open_gauge", PortableGauge)
    lines = recorded('a = bytearray(b"x") * (60 << 20)\nlen(a)')
    assert 58 < lines.grown_mib(1) < 66
    assert any("ends of lines" in note for note in lines.context.notes)


def test_library_code_is_not_listed():
    lines = recorded("import json\njson.loads('[1, 2]')\ntuple(json.JSONDecoder().decode('[1]'))")
    assert [row["file"] for row in lines.rows if "json" in row["file"]] == []
    assert lines[2]["hits"] == 1
