"""Tasks that are cancelled, fail, outlive the recording or come from a factory stay what they are."""

from __future__ import annotations

import asyncio
import gc
import inspect
import sys
import threading
import traceback
from typing import Any

import pytest

from tests.recorders.awaiting_programs import Program, awaits, collected

ON_312 = sys.version_info >= (3, 12)


def test_a_cancelled_wait_ends_where_it_is_cancelled() -> None:
    program = Program("""async def work():
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        await pause(1.0)
        raise
async def main():
    task = asyncio.create_task(work())
    await pause(5.0)
    task.cancel()
    await pause(2.0)
    await asyncio.gather(task, return_exceptions=True)
""")
    rows = [row for row in awaits(program.run()) if row[0] == "work"]
    # It is cancelled at second 5, before the clock goes on; its own pause ends after that of `main`.
    assert rows == [("work", 3, 1, 5.0), ("work", 5, 1, 3.0)]


@pytest.mark.parametrize("call", ["swallow(forever())", "swallow(run(forever()))"])
def test_a_library_that_swallows_the_cancellation_gives_the_time_back_to_the_user(call: str) -> None:
    program = Program(f"""async def forever():
    await asyncio.Event().wait()
async def work():
    await {call}
    clock.now_s += 100.0
    await pause(1.0)
async def main():
    task = asyncio.create_task(work())
    await pause(5.0)
    task.cancel()
    await task
""")
    rows = awaits(program.run())
    assert ("work", 2, 1, 5.0) in rows
    assert ("work", 6, 1, 1.0) in rows


def test_a_library_that_goes_on_waiting_after_the_cancellation_is_waited_for() -> None:
    program = Program("""async def work():
    await pause_when_cancelled(asyncio.Event().wait(), 3.0)
async def main():
    task = asyncio.create_task(work())
    await pause(5.0)
    task.cancel()
    await task
""")
    rows = [row for row in awaits(program.run()) if row[0] == "work"]
    assert [(line, wait_s) for _, line, _, wait_s in rows] == [(2, 8.0)]


def test_timeouts() -> None:
    program = Program("""async def main():
    try:
        await asyncio.wait_for(asyncio.Event().wait(), 0.01)
    except TimeoutError:
        pass
    try:
        async with asyncio.timeout(0.01):
            await asyncio.Event().wait()
    except TimeoutError:
        pass
    await pause(1.0)
""")
    rows = [row for row in awaits(program.run()) if row[0] == "main"]
    # On 3.11 `wait_for` waits once more, for the task that it has cancelled.
    assert [(line, calls) for _, line, calls, _ in rows] == [(3, 1 if ON_312 else 2), (8, 1), (11, 1)]


def test_a_task_that_outlives_the_recording_is_counted_up_to_its_end_and_goes_on() -> None:
    program = Program("""async def poll():
    await gate.wait()
    await pause(100.0)
    return "done"
""")

    async def record_and_go_on() -> tuple[Any, Any]:
        program.names["gate"] = asyncio.Event()
        loop = asyncio.get_running_loop()
        recorder = program.recorder(loop=loop, task=asyncio.current_task())
        recorder.start()
        task = asyncio.create_task(program.names["poll"]())
        await asyncio.sleep(0)
        program.clock.now_s += 6.0
        recorder.stop()
        assert loop.get_task_factory() is None
        program.names["gate"].set()
        result = await task
        return result, collected(recorder)

    result, draft = asyncio.run(record_and_go_on())
    assert result == "done"
    assert awaits(draft) == [("poll", 2, 1, 6.0)]


def test_a_task_of_before_the_recording_is_left_out() -> None:
    program = Program("""async def poll():
    while not gate.is_set():
        await asyncio.sleep(0)
""")

    async def record() -> Any:
        program.names["gate"] = asyncio.Event()
        earlier = asyncio.create_task(program.names["poll"](), name="earlier")
        await asyncio.sleep(0)
        recorder = program.recorder(loop=asyncio.get_running_loop(), task=asyncio.current_task())
        recorder.start()
        later = asyncio.create_task(program.names["poll"](), name="later")
        for _ in range(5):
            await asyncio.sleep(0)
        program.names["gate"].set()
        await asyncio.gather(earlier, later)
        recorder.stop()
        return collected(recorder)

    rows = awaits(asyncio.run(record()))
    assert [task for task, *_ in rows] == ["later"]
    assert rows[0][2] >= 5


def test_a_pending_task_that_is_forgotten_is_no_longer_waiting() -> None:
    program = Program("""async def forgotten():
    await asyncio.get_running_loop().create_future()
async def main():
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda loop, context: None)
    task = asyncio.create_task(forgotten())
    await asyncio.sleep(0)
    clock.now_s += 2.0
    del task
    gc.collect()
    await pause(8.0)
""")
    program.names["gc"] = gc
    rows = awaits(program.run())
    assert ("forgotten", 2, 1, 2.0) in rows


def test_loops_of_other_threads_and_nested_runs() -> None:
    program = Program("""async def inner():
    await asyncio.sleep(0.001)
    return 7
async def main():
    return await asyncio.to_thread(asyncio.run, inner())
""")
    rows = awaits(program.run())
    assert [row[:3] for row in rows] == [("inner", 2, 1), ("main", 5, 1)]


def test_a_loop_that_is_made_while_a_synchronous_cell_is_recorded() -> None:
    program = Program("""async def main():
    await pause(3.0)
    return "result"
""")
    recorder = program.recorder()
    recorder.start()
    result = asyncio.run(program.names["main"]())
    recorder.stop()
    assert result == "result"
    assert awaits(collected(recorder)) == [("main", 2, 1, 3.0)]
    assert "new_event_loop" not in vars(asyncio.get_event_loop_policy())


FAILING = """async def fail():
    await pause(1.0)
    raise ValueError("no such carrier")
async def main():
    try:
        await asyncio.create_task(fail())
    except ValueError as error:
        seen.append(traceback.format_exc())
    task = asyncio.create_task(run(asyncio.Event().wait()))
    await asyncio.sleep(0)
    task.cancel("enough")
    try:
        await task
    except asyncio.CancelledError:
        seen.append(traceback.format_exc())
    task = asyncio.create_task(fail(), name="failing")
    seen.append(repr(task).partition("created at")[0])
    seen.append(str(inspect.iscoroutine(task.get_coro())) + str(asyncio.iscoroutine(task.get_coro())))
    seen.append(inspect.getcoroutinestate(task.get_coro()))
    await asyncio.sleep(0)
    seen.append(inspect.getcoroutinestate(task.get_coro()))
    seen.append(str([(frame.f_code.co_name, frame.f_lineno) for frame in task.get_stack()]))
    seen.append(task.get_coro().__name__ + task.get_coro().__qualname__)
    await asyncio.gather(task, return_exceptions=True)
    seen.append(repr(task.exception()) + str(type(task.get_coro().cr_frame)))
    seen.append(str(made_by(task)))
"""


@pytest.mark.parametrize("debug", [False, True])
def test_tasks_and_tracebacks_look_as_they_do_without_a_recording(debug: bool) -> None:
    def made_by(task: Any) -> list[tuple[str, str]]:
        """The frames that asyncio remembers in debug mode, from `main` on: what runs it differs here."""
        frames = [(frame.filename, frame.name) for frame in task._source_traceback or ()]
        return frames[next((at for at, (_, name) in enumerate(frames) if name == "main"), 0) :]

    texts = []
    for is_recorded in (False, True):
        program = Program(FAILING)
        seen: list[str] = []
        program.names.update(seen=seen, traceback=traceback, inspect=inspect, made_by=made_by)

        async def alone(main: Any = program.names["main"]) -> None:
            await asyncio.create_task(main())

        if is_recorded:
            program.run(debug=debug)
        else:
            asyncio.run(alone(), debug=debug)
        texts.append(seen)
    assert len(texts[0]) == 10
    assert texts[1] == texts[0]


def test_the_users_task_factory_keeps_working_and_is_put_back() -> None:
    program = Program("""async def main():
    await asyncio.create_task(part())
async def part():
    await pause(1.0)
""")
    made: list[str] = []

    def factory(loop: Any, coroutine: Any, **options: Any) -> Any:
        made.append(coroutine.__name__)
        return asyncio.Task(coroutine, loop=loop, **options)

    async def record() -> Any:
        loop = asyncio.get_running_loop()
        loop.set_task_factory(factory)
        recorder = program.recorder(loop=loop, task=asyncio.current_task())
        recorder.start()
        await asyncio.create_task(program.names["main"]())
        recorder.stop()
        assert loop.get_task_factory() is factory
        loop.set_task_factory(None)
        return collected(recorder)

    assert awaits(asyncio.run(record())) == [("main", 2, 1, 1.0), ("part", 4, 1, 1.0)]
    assert made == ["main", "part"]


def test_a_task_factory_that_the_cell_sets_stays() -> None:
    program = Program("""async def main():
    loop = asyncio.get_running_loop()
    before = loop.get_task_factory()
    loop.set_task_factory(lambda loop, coroutine, **o: (before or asyncio.Task)(
        *((loop, coroutine) if before else (coroutine,)), **(o if before else {**o, "loop": loop})))
    await asyncio.create_task(part())
async def part():
    await pause(1.0)
""")

    async def record() -> Any:
        loop = asyncio.get_running_loop()
        recorder = program.recorder(loop=loop, task=asyncio.current_task())
        recorder.start()
        await asyncio.create_task(program.names["main"]())
        own = loop.get_task_factory()
        recorder.stop()
        assert loop.get_task_factory() is own is not None
        await asyncio.create_task(program.names["part"]())
        loop.set_task_factory(None)
        return collected(recorder)

    assert ("part", 8, 1, 1.0) in awaits(asyncio.run(record()))


def test_an_interrupt_in_a_task_passes_and_leaves_nothing() -> None:
    program = Program("""async def main():
    await pause(1.0)
    raise KeyboardInterrupt
""")
    loops = []

    async def record() -> None:
        loops.append(asyncio.get_running_loop())
        recorder = program.recorder(loop=loops[0], task=asyncio.current_task())
        recorder.start()
        try:
            await asyncio.create_task(program.names["main"]())
        finally:
            recorder.stop()
            rows.extend(awaits(collected(recorder)))

    rows: list[Any] = []
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(record())
    assert rows == [("main", 2, 1, 1.0)]
    assert loops[0].get_task_factory() is None


def test_threads_that_await_while_recording_starts_and_stops() -> None:
    program = Program("""async def work():
    for _ in range(200):
        await asyncio.sleep(0)
""")
    results: list[str] = []

    def busy() -> None:
        for _ in range(10):
            asyncio.run(program.names["work"]())
        results.append("done")

    threads = [threading.Thread(target=busy) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        recorder = program.recorder()
        recorder.start()
        recorder.stop()
        collected(recorder)
    for thread in threads:
        thread.join()
    assert results == ["done"] * 3
