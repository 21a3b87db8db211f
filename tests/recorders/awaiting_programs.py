"""Programs for the tests of the awaits recorder: a cell's code that runs under a clock of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from jupyter_perf.context import Context
from jupyter_perf.recorders import Draft
from jupyter_perf.recorders.awaits import AwaitsRecorder
from jupyter_perf.sources import Cell, Sources

CELL_FILE = "<cell of a test>"

# A library, as its file name says: it is never the user's. `pause` takes seconds of the program's clock.
LIBRARY = """
import asyncio, types

async def pause(seconds):
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    loop.call_soon(finish, future, seconds)
    await future

def finish(future, seconds):
    clock.now_s += seconds
    if not future.done():
        future.set_result(None)

async def run(awaitable):
    return await awaitable

async def swallow(awaitable):
    try:
        return await awaitable
    except asyncio.CancelledError:
        return None

async def pause_when_cancelled(awaitable, seconds):
    try:
        return await awaitable
    except asyncio.CancelledError:
        await pause(seconds)
"""


class Clock:
    """Seconds that pass only when the program says so; it starts late, as a real clock does."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


class Program:
    """A cell's code, its names, and what is recorded while it runs."""

    def __init__(self, source: str) -> None:
        self.clock = Clock()
        self.names: dict[str, Any] = {"asyncio": asyncio, "clock": self.clock}
        exec(compile(LIBRARY, "<library>", "exec"), self.names)
        self.sources = Sources()
        self.sources.add(Cell(CELL_FILE, "In[12]", 12, None, source))
        exec(compile(source, CELL_FILE, "exec"), self.names)
        self.context: Context | None = None

    def recorder(self, **fields: Any) -> AwaitsRecorder:
        self.context = Context(
            sources=self.sources, clock=self.clock, origin_s=self.clock.now_s, namespace=self.names, **fields
        )
        return AwaitsRecorder(self.context)

    def run(self, name: str = "main", *, debug: bool | None = None) -> Draft:
        """Record a task that runs the coroutine function of this name."""
        return asyncio.run(self._record(self.names[name]), debug=debug)

    async def _record(self, function: Callable[[], Any]) -> Draft:
        recorder = self.recorder(loop=asyncio.get_running_loop(), task=asyncio.current_task())
        recorder.start()
        try:
            await asyncio.create_task(function())
        finally:
            recorder.stop()
        return collected(recorder)


def collected(recorder: AwaitsRecorder) -> Draft:
    draft = Draft(wall_s=1.0)
    recorder.collect(draft)
    return draft


def awaits(draft: Draft) -> list[tuple[str, int, int, float]]:
    """Task, line, calls and seconds of the cell's rows, in the order of lines."""
    rows = [row for row in draft.tables["awaits"].rows() if row["file"] == "In[12]"]
    return sorted((row["task"], row["line"], row["calls"], row["wait_s"]) for row in rows)
