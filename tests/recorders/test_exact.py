"""cProfile's counts: equal to pstats', of the user's code alone, beside other profilers."""

from __future__ import annotations

import asyncio
import atexit
import cProfile
import linecache
import pstats
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from jupyter_perf.context import Context, Options
from jupyter_perf.recorders import Draft
from jupyter_perf.recorders.call_graph import is_machinery
from jupyter_perf.recorders.exact import ExactRecorder
from jupyter_perf.sources import Cell

HAS_MONITORING = sys.version_info >= (3, 12)


class Recorded:
    """A recorder around a `with` block in the test, as `record()` would use it."""

    def __init__(self) -> None:
        self.context = Context(options=Options(exact=True))
        self.recorder = ExactRecorder(self.context)
        self.draft = Draft(wall_s=0.0)

    def collect(self) -> list[dict[str, Any]]:
        self.recorder.collect(self.draft)
        return rows(self.draft)


def rows(draft: Draft) -> list[dict[str, Any]]:
    table = draft.tables.get("exact_functions")
    return list(table.rows()) if table is not None else []


def counts(found: list[dict[str, Any]]) -> dict[str, int]:
    return {row["function"]: row["calls"] for row in found}


def fibonacci(n: int) -> int:
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def shout(words: list[str]) -> list[str]:
    return [word.upper() for word in sorted(words, key=len)]


def test_counts_and_callers_of_recursion_and_builtins_are_those_of_the_program():
    recorded = Recorded()
    recorded.recorder.start()
    fibonacci(10)
    shout(["three", "a", "of"])
    recorded.recorder.stop()
    found = recorded.collect()
    # fibonacci(n) makes 2 F(n+1) - 1 calls: F(11) is 89.
    (row,) = [row for row in found if row["function"] == "fibonacci"]
    assert (row["calls"], row["primitive_calls"]) == (177, 1)
    assert row["line"] == fibonacci.__code__.co_firstlineno
    named = {row["function"]: (row["file"], row["line"], row["calls"]) for row in found}
    assert named["<built-in method builtins.sorted>"] == ("~", 0, 1)
    assert named["<method 'upper' of 'str' objects>"] == ("~", 0, 3)
    place = ("fibonacci", fibonacci.__code__.co_filename, fibonacci.__code__.co_firstlineno)
    assert recorded.draft.call_counts[place] == 177
    pairs = {
        (found[edge["callee"]]["function"], found[edge["caller"]]["function"]): edge["calls"]
        for edge in recorded.draft.tables["exact_callers"].rows()
    }
    assert pairs["fibonacci", "fibonacci"] == 176
    assert pairs["<built-in method builtins.sorted>", "shout"] == 1


def test_every_number_is_the_one_of_pstats_for_the_same_profile():
    recorded = Recorded()
    recorded.recorder.start()
    fibonacci(12)
    shout(["b", "a"])
    recorded.recorder.stop()
    profiler = recorded.recorder._profiler
    profiler.snapshot_stats()
    theirs = {key: value[:4] for key, value in profiler.stats.items()}
    found = recorded.collect()
    ours = {
        (row["function"], row["line"]): (row["primitive_calls"], row["calls"], row["self_s"], row["total_s"])
        for row in found
    }
    for (filename, line, function), numbers in theirs.items():
        if filename == __file__:
            assert ours[function, line] == numbers
    stats = pstats.Stats(profiler).sort_stats("cumulative")
    in_their_order = [key[2] for key in stats.fcn_list if key[0] == __file__]
    assert [row["function"] for row in found if row["file"] == __file__] == in_their_order


def test_nothing_of_this_package_is_in_the_table():
    recorded = Recorded()
    recorded.recorder.start()
    fibonacci(3)
    recorded.recorder.stop()
    assert counts(recorded.collect()) == {"fibonacci": 5}


def test_other_threads_are_not_mixed_into_the_cells_calls():
    stopping = threading.Event()

    def chatter() -> None:
        while not stopping.is_set():
            fibonacci(3)
            time.sleep(0)

    def work() -> None:
        for _ in range(200):
            shout(["a", "b"])
            time.sleep(0.0005)

    thread = threading.Thread(target=chatter)
    thread.start()
    recorded = Recorded()
    recorded.recorder.start()
    began = time.perf_counter()
    work()
    took_s = time.perf_counter() - began
    recorded.recorder.stop()
    stopping.set()
    thread.join()
    found = recorded.collect()
    assert "fibonacci" not in counts(found)
    assert counts(found)["shout"] == 200
    (row,) = [row for row in found if row["function"] == "work"]
    assert row["total_s"] == pytest.approx(took_s, rel=0.05)


def test_another_active_profiler_is_refused_in_a_sentence_and_left_alone():
    def profile(*_: object) -> None: ...

    sys.setprofile(profile)
    try:
        with pytest.raises(RuntimeError, match=r"sys\.setprofile.*one at a time"):
            Recorded().recorder.start()
        assert sys.getprofile() is profile
    finally:
        sys.setprofile(None)
    profiler = cProfile.Profile()
    profiler.enable()
    try:
        with pytest.raises(RuntimeError, match="one at a time"):
            Recorded().recorder.start()
    finally:
        profiler.disable()


def test_a_second_recording_works_after_one_that_never_saw_code_begin():
    idle = Recorded()
    idle.recorder.start()
    idle.recorder.stop()
    again = Recorded()
    again.recorder.start()
    fibonacci(2)
    again.recorder.stop()
    assert counts(again.collect())["fibonacci"] == 3


def test_cprofile_inside_the_cell_counts_as_without_us():
    recorded = Recorded()
    recorded.recorder.start()
    inner = cProfile.Profile()
    inner.enable()
    fibonacci(5)
    inner.disable()
    shout(["a"])
    recorded.recorder.stop()
    inner.create_stats()
    assert next(value[1] for key, value in inner.stats.items() if key[2] == "fibonacci") == 15
    found = recorded.collect()
    if HAS_MONITORING:
        assert counts(found)["fibonacci"] == 15
        assert counts(found)["shout"] == 1
    else:
        assert found == []
        assert any("a profiler of its own" in note for note in recorded.context.notes)


@pytest.mark.parametrize("kind", ["function", "cprofile"])
def test_a_profiler_that_the_cell_leaves_active_stays_active(kind):
    seen: list[str] = []
    profiler = cProfile.Profile()
    recorded = Recorded()
    recorded.recorder.start()
    if kind == "function":
        sys.setprofile(lambda frame, event, _: seen.append(frame.f_code.co_name))
    else:
        profiler.enable()
    recorded.recorder.stop()
    recorded.collect()
    del recorded
    fibonacci(1)
    if kind == "function":
        sys.setprofile(None)
    else:
        profiler.disable()
        profiler.create_stats()
        seen += [key[2] for key in profiler.stats]
    assert "fibonacci" in seen


CELL = """import asyncio, re
def double(n):
    return 2 * len(str(n))
async def fetch(n):
    for _ in range(3):
        await asyncio.sleep(0.001)
    return double(n)
class Shown:
    def __repr__(self):
        return "shown"
for n in range(50): double(n)
values = await asyncio.gather(*(fetch(n) for n in range(4)))
Shown()"""


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    shell = InteractiveShell.instance()
    yield shell
    shell.atexit_operations()
    atexit.unregister(shell.atexit_operations)
    InteractiveShell.clear_instance()


def run_in_ipython(shell: InteractiveShell, source: str) -> tuple[Context, Draft]:
    """Run a cell with the recorder's own methods as IPython's events: no frame of the test between."""
    context = Context(options=Options(exact=True), namespace=shell.user_ns)
    recorder = ExactRecorder(context)
    shell.events.register("pre_execute", recorder.start)
    shell.events.register("post_execute", recorder.stop)
    try:
        shell.run_cell(source)
    finally:
        shell.events.unregister("pre_execute", recorder.start)
        shell.events.unregister("post_execute", recorder.stop)
    (name,) = (
        name
        for name in linecache.cache
        if name.startswith("<ipython-input") and "".join(linecache.getlines(name)).strip() == source
    )
    context.sources.add(Cell(name, "In[7]"))
    draft = Draft(wall_s=0.0)
    recorder.collect(draft)
    return context, draft


def test_a_cell_with_top_level_await_shows_the_users_functions_and_no_machinery(shell):
    context, draft = run_in_ipython(shell, CELL)
    found = rows(draft)
    assert context.notes == []
    cell = {row["function"]: row["calls"] for row in found if row["file"] == "In[7]"}
    assert cell["double"] == 54
    # cProfile counts a coroutine each time it goes on: four, each begun once and resumed three times.
    assert cell["fetch"] == 16
    assert cell["__repr__"] == 1
    assert "<module>" in cell
    assert counts(found)["<method 'append' of 'list' objects>"] >= 4
    # `len` is called by IPython too; only the calls from the cell are there.
    pairs = draft.tables["exact_callers"].rows()
    from_double = [edge for edge in pairs if found[edge["caller"]]["function"] == "double"]
    assert {found[edge["callee"]]["function"]: edge["calls"] for edge in from_double}[
        "<built-in method builtins.len>"
    ] == 54
    hidden = [row for row in found if is_machinery(row["file"], context.sources)]
    assert hidden == []
    assert not any(row["file"].startswith(("IPython", "jupyter_perf")) for row in found)
    place = next(place for place in draft.call_counts if place[0] == "double")
    assert draft.call_counts[place] == 54
    assert not any(place[0] == "fetch" for place in draft.call_counts)


def test_builtins_that_ipython_calls_too_keep_the_cells_calls_only(shell):
    _, draft = run_in_ipython(shell, "text = 'ab'\nfor _ in range(7):\n    len(text)\nisinstance(text, str)")
    found = rows(draft)
    assert counts(found) == {
        "<module>": 3,
        "<built-in method builtins.len>": 7,
        "<built-in method builtins.isinstance>": 1,
    }


def test_a_cell_that_raises_keeps_its_counts(shell):
    context, draft = run_in_ipython(shell, "def fail():\n    1 / 0\nfail()")
    assert counts(rows(draft))["fail"] == 1
    assert context.notes == []
    # IPython makes the traceback with much of the standard library.
    assert {row["file"] for row in rows(draft)} <= {"In[7]", "~"}


def test_the_shape_of_options_that_want_it():
    assert ExactRecorder.is_wanted(Options(exact=True))
    assert ExactRecorder.is_wanted(Options(snakeviz=True))
    assert not ExactRecorder.is_wanted(Options())


def test_an_async_block_of_the_user_is_counted():
    async def step() -> int:
        await asyncio.sleep(0)
        return fibonacci(4)

    async def main() -> list[dict[str, Any]]:
        recorded = Recorded()
        recorded.recorder.start()
        await step()
        await asyncio.gather(step(), step())
        recorded.recorder.stop()
        return recorded.collect()

    found = asyncio.run(main())
    assert counts(found)["fibonacci"] == 27
    assert not any(row["file"] == "asyncio/base_events.py" for row in found)
