"""What Python 3.12 and later see through sys.monitoring, and what other tools of it notice."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import pytest

from jupyter_perf.recorders.awaits import AwaitsRecorder
from tests.recorders.awaiting_programs import CELL_FILE, Program, awaits, collected

pytestmark = pytest.mark.skipif(sys.version_info < (3, 12), reason="sys.monitoring is new in Python 3.12")


def test_code_that_runs_already_is_timed() -> None:
    program = Program("""async def main():
    start()
    await pause(3.0)
    stop()
""")
    recorders: list[AwaitsRecorder] = []

    def start() -> None:
        recorder = program.recorder(loop=asyncio.get_running_loop(), task=asyncio.current_task())
        recorders.append(recorder)
        recorder.start()

    program.names.update(start=start, stop=lambda: recorders[0].stop())
    asyncio.run(program.names["main"]())
    draft = collected(recorders[0])
    assert awaits(draft) == [("main", 3, 1, 3.0)]
    assert draft.cell_suspensions == [(0.0, 3.0, CELL_FILE, 3, "main")]


def test_without_a_free_tool_id_the_recorder_says_so_and_takes_none() -> None:
    for tool in (3, 4, 5):
        sys.monitoring.use_tool_id(tool, "another tool")
    try:
        recorder = Program("x = 1").recorder()
        with pytest.raises(RuntimeError, match="other tools use all of Python's monitoring ids"):
            recorder.start()
        recorder.stop()
        assert [sys.monitoring.get_tool(tool) for tool in range(3)] == [None] * 3
    finally:
        for tool in (3, 4, 5):
            sys.monitoring.free_tool_id(tool)


def test_what_another_tool_has_disabled_stays_disabled() -> None:
    monitoring = sys.monitoring
    seen: list[str] = []

    def on_start(code: Any, _offset: int) -> object:
        if code.co_filename == CELL_FILE:
            seen.append(code.co_name)
        return monitoring.DISABLE

    program = Program("async def main():\n    await pause(1.0)\n")
    monitoring.use_tool_id(1, "a coverage tool")
    try:
        monitoring.register_callback(1, monitoring.events.PY_START, on_start)
        monitoring.set_events(1, monitoring.events.PY_START)
        asyncio.run(program.names["main"]())
        assert awaits(program.run()) == [("main", 2, 1, 1.0)]
        assert awaits(program.run()) == [("main", 2, 1, 1.0)]
    finally:
        monitoring.set_events(1, 0)
        monitoring.register_callback(1, monitoring.events.PY_START, None)
        monitoring.free_tool_id(1)
    assert seen == ["main"]


def test_what_an_earlier_recording_took_for_a_library_may_be_the_users_in_the_next() -> None:
    program = Program("async def main():\n    await run(run(pause(1.0)))\n")
    rows = program.run().tables["awaits"].rows()
    assert [row["line"] for row in rows if row["file"] == "<library>"] == []
    program.sources._user["<library>"] = True
    rows = program.run().tables["awaits"].rows()
    pause_line = next(row for row in rows if row["file"] == "<library>")
    assert (pause_line["line"], pause_line["wait_s"]) == (8, 1.0)


def test_generators_fire_no_more_events_after_their_first() -> None:
    program = Program("""def numbers(count):
    for number in range(count):
        yield number
def main():
    return sum(numbers(1000))
""")
    calls: list[str] = []
    recorder = program.recorder()
    recorder.start()
    monitoring = sys.monitoring
    events = (monitoring.events.PY_YIELD, monitoring.events.PY_RESUME)
    callbacks = [monitoring.register_callback(4, event, None) for event in events]

    def counting(callback: Any) -> Any:
        return lambda code, *rest: (calls.append(code.co_name), callback(code, *rest))[1]

    for event, callback in zip(events, callbacks, strict=True):
        monitoring.register_callback(4, event, counting(callback))
    total = program.names["main"]()
    recorder.stop()
    assert total == 499_500
    assert calls.count("numbers") == 2


def test_eager_tasks() -> None:
    program = Program("""async def fetch():
    await pause(1.0)
async def at_once():
    return 1
async def main():
    asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
    await asyncio.gather(fetch(), at_once())
    asyncio.get_running_loop().set_task_factory(None)
""")
    assert awaits(program.run()) == [("fetch", 2, 1, 1.0), ("main", 7, 1, 1.0)]
