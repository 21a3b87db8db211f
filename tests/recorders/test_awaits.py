"""Suspended time by task and line, counted exactly under a clock of the program's own."""

from __future__ import annotations

import sys

import pytest

from jupyter_perf.context import Context, Options
from jupyter_perf.recorders import suspensions
from jupyter_perf.recorders.awaits import AwaitsRecorder
from jupyter_perf.recorders.suspensions import MOST_NAMES, Ledger, Site, Waiter, line_at
from tests.recorders.awaiting_programs import CELL_FILE, Program, awaits, collected

needs_wrapping = pytest.mark.skipif(
    sys.version_info >= (3, 12), reason="coroutines are wrapped on Python 3.11 only"
)


def test_is_wanted_in_every_run() -> None:
    assert AwaitsRecorder.is_wanted(Options())


def test_a_suspension_counts_once_at_the_innermost_line_of_the_users() -> None:
    program = Program("""async def fetch():
    await pause(2.0)
    await pause(0.5)
async def through():
    return await fetch()
async def main():
    await through()
    await run(fetch())
    await pause(4.0)
""")
    draft = program.run()
    assert awaits(draft) == [("main", 2, 2, 4.0), ("main", 3, 2, 1.0), ("main", 9, 1, 4.0)]
    first = next(row for row in draft.tables["awaits"].rows() if row["line"] == 2)
    assert first["source"] == "    await pause(2.0)"
    assert (first["mean_s"], first["max_s"]) == (2.0, 2.0)
    assert draft.line_waits[CELL_FILE, 2] == 4.0
    assert draft.line_waits[CELL_FILE, 9] == 4.0


def test_the_longest_wait_comes_first_and_its_maximum_is_kept() -> None:
    program = Program("""async def main():
    for seconds in (1.0, 5.0, 2.0):
        await pause(seconds)
    await pause(9.0)
""")
    rows = [row for row in program.run().tables["awaits"].rows() if row["file"] == "In[12]"]
    assert [(row["line"], row["wait_s"], row["max_s"]) for row in rows] == [(4, 9.0, 9.0), (3, 8.0, 5.0)]


def test_names_that_the_user_gave_are_kept_and_others_come_from_the_function() -> None:
    program = Program("""async def main():
    async def fetch():
        await pause(1.0)
    await asyncio.create_task(fetch(), name="prices")
    await asyncio.gather(fetch(), fetch())
""")
    rows = awaits(program.run())
    assert [(task, line, calls) for task, line, calls, _ in rows] == [
        ("fetch", 3, 2),
        ("main", 4, 1),
        ("main", 5, 1),
        ("prices", 3, 1),
    ]


def test_tasks_that_wait_at_the_same_time_each_have_their_own_wait() -> None:
    program = Program("""async def fetch():
    await pause(1.0)
async def main():
    await asyncio.gather(*(fetch() for _ in range(12)))
""")
    draft = program.run()
    # The twelve futures are done in one turn of the loop, before the first of the tasks goes on.
    assert ("fetch", 2, 12, 144.0) in awaits(draft)
    assert program.context is not None
    # `main` waits for the twelve; the task that records waits for `main`, and is the cell's own.
    assert program.context.notes[-1] == "Up to 13 tasks waited at once."


def test_tasks_that_wait_one_after_the_other_are_not_called_simultaneous() -> None:
    program = Program("""async def main():
    await pause(1.0)
    await pause(1.0)
""")
    program.run()
    assert program.context is not None
    assert not any("at once" in note for note in program.context.notes)


def test_asynchronous_generators_and_context_managers() -> None:
    program = Program("""async def numbers():
    for number in range(3):
        yield number
        await pause(1.0)
class Resource:
    async def __aenter__(self):
        await pause(2.0)
    async def __aexit__(self, *exception):
        await pause(4.0)
async def main():
    async for number in numbers():
        pass
    async with Resource():
        await anext(numbers().__aiter__())
    return [number async for number in numbers()]
""")
    assert awaits(program.run()) == [("main", 4, 6, 6.0), ("main", 7, 1, 2.0), ("main", 9, 1, 4.0)]


def test_awaitables_of_a_library_count_at_the_line_that_iterates() -> None:
    program = Program("""async def main():
    async for _ in ticks():
        pass
    async with lock:
        pass
""")
    exec(
        compile(
            "async def ticks():\n    for _ in range(3):\n        await pause(1.0)\n        yield 1\n"
            "class Lock:\n    async def __aenter__(self): await pause(8.0)\n"
            "    async def __aexit__(self, *_): pass\nlock = Lock()",
            "<library>",
            "exec",
        ),
        program.names,
    )
    assert awaits(program.run()) == [("main", 2, 3, 3.0), ("main", 4, 1, 8.0)]


def test_generators_as_coroutines_and_objects_with_await() -> None:
    program = Program("""@types.coroutine
def turn():
    yield
class Answer:
    def __await__(self):
        return pause(3.0).__await__()
async def main():
    await turn()
    await Answer()
""")
    assert awaits(program.run()) == [("main", 3, 1, 0.0), ("main", 9, 1, 3.0)]


def test_generators_and_coroutines_that_never_suspend_are_no_waits() -> None:
    program = Program("""def squares():
    for number in range(100):
        yield number * number
async def at_once():
    return sum(squares())
async def main():
    await at_once()
    values = [value for value in squares()]
""")
    assert awaits(program.run()) == []


def test_a_synchronous_recording_measures_no_waits() -> None:
    program = Program("total = sum(number for number in range(1000))")
    recorder = program.recorder()
    recorder.start()
    exec(compile("total = sum(number for number in range(1000))", CELL_FILE, "exec"), program.names)
    recorder.stop()
    draft = collected(recorder)
    assert len(draft.tables["awaits"]) == 0
    assert draft.line_waits == {}
    assert draft.cell_suspensions == []


def test_more_names_than_are_kept_are_shown_by_function() -> None:
    program = Program(f"""async def fetch():
    await asyncio.sleep(0)
async def main():
    await asyncio.gather(*(
        asyncio.create_task(fetch(), name=f"url {{number}}") for number in range({MOST_NAMES + 50})
    ))
""")
    draft = program.run()
    assert [row[:3] for row in awaits(draft)] == [("fetch", 2, MOST_NAMES + 50), ("main", 4, 1)]
    assert draft.folded == [
        "Tasks of more than 1,000 names waited: they are shown by their coroutine function."
    ]


def test_many_tasks_without_names_are_one_row_and_leave_no_objects() -> None:
    program = Program("""async def fetch():
    await asyncio.sleep(0)
async def main():
    for _ in range(30):
        await asyncio.gather(*(fetch() for _ in range(100)))
""")
    draft = program.run()
    assert [row[:3] for row in awaits(draft)] == [("fetch", 2, 3000), ("main", 5, 30)]
    assert draft.folded == []


def ledger_of_a_cell() -> tuple[Ledger, Waiter, list[Site]]:
    def code() -> None:
        """Any two lines."""

    sites = [Site(code.__code__, line) for line in (1, 2)]
    return Ledger(Context()), Waiter(is_cell=True), sites


def test_neighbouring_suspensions_of_the_cell_at_one_line_are_joined_when_they_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(suspensions, "MOST_INTERVALS", 1000)
    ledger, waiter, (first, second) = ledger_of_a_cell()
    for number in range(1001):
        waiter.site, waiter.since_s = (first if number < 990 else second), float(number)
        ledger.end(waiter, number + 0.5)
    assert [(start, end, line) for start, end, _, line, _ in ledger.intervals] == [
        (0.0, 989.5, 1),
        (990.0, 1000.5, 2),
    ]
    assert ledger.folded == ["The cell waited more than 1,000 times: its shortest waits were merged."]


def test_suspensions_of_the_cell_at_changing_lines_stay_bounded_and_the_long_ones_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(suspensions, "MOST_INTERVALS", 1000)
    ledger, waiter, sites = ledger_of_a_cell()
    for number in range(5000):
        waiter.site, waiter.since_s = sites[number % 2], float(number)
        ledger.end(waiter, number + (0.75 if number % 50 == 0 else 0.25))
    assert len(ledger.intervals) <= 1000
    long = [start for start, end, *_ in ledger.intervals if end - start == 0.75]
    assert long == [float(number) for number in range(0, 5000, 50)]
    assert sites[0].calls + sites[1].calls == 5000


def test_the_line_of_an_instruction() -> None:
    code = compile("a = 1\nb = 2\n\nc = 3", "<lines>", "exec")
    starts = {line: start for start, _, line in code.co_lines() if line}
    assert {line: line_at(code, start) for line, start in starts.items()} == {line: line for line in starts}
    assert line_at(code, 100_000) == code.co_firstlineno


@needs_wrapping
def test_on_311_code_that_runs_already_is_said_to_be_left_out() -> None:
    program = Program("async def main():\n    await pause(1.0)\n")
    program.run()
    assert program.context is not None
    assert any(note.startswith("On Python 3.11 the awaits of code") for note in program.context.notes)
