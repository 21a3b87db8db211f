"""A cell's own top-level awaits, in IPython's own shell: found at their lines, and nothing else changed."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from contextlib import redirect_stdout
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from jupyter_perf.context import Context
from jupyter_perf.recorders import Draft
from jupyter_perf.recorders.awaits import AwaitsRecorder
from jupyter_perf.sources import Cell
from tests.recorders.awaiting_programs import LIBRARY, Clock, collected


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    """A shell of the test's own, without history and colours."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell = InteractiveShell.instance(config=config)
    yield shell
    InteractiveShell.clear_instance()


class RecordedCell:
    """Runs a cell in the shell's own way, with the recorder switched on by IPython's events."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.clock = Clock()
        self.context = Context(clock=self.clock, origin_s=self.clock(), shell=shell, is_async=True)
        self.recorder: AwaitsRecorder | None = None
        self.output = ""
        self.result: Any = None
        shell.user_ns.update(asyncio=asyncio, clock=self.clock)
        exec(compile(LIBRARY, "<library>", "exec"), shell.user_ns)

    def run(self, source: str, *, is_recorded: bool = True) -> Draft:
        with redirect_stdout(io.StringIO()) as output:
            self.result = asyncio.run(self._run(source, is_recorded))
        self.output = output.getvalue()
        return collected(self.recorder) if self.recorder is not None else Draft(wall_s=0.0)

    async def _run(self, source: str, is_recorded: bool) -> Any:
        """As ipykernel does: the cell in a task of its own, `post_run_cell` after it."""
        if is_recorded:
            self.shell.events.register("pre_run_cell", self._start)
        try:
            transformed = self.shell.transform_cell(source)
            return await asyncio.create_task(self.shell.run_cell_async(source, transformed_cell=transformed))
        finally:
            if is_recorded:
                self.shell.events.unregister("pre_run_cell", self._start)
                self._stop()

    def _start(self, info: Any) -> None:
        self.context.loop, self.context.task = asyncio.get_running_loop(), asyncio.current_task()
        filename = self.shell.compile.get_code_name(info.raw_cell, info.raw_cell, self.shell.execution_count)
        self.context.sources.add(Cell(filename, "In[3]", 3, None, info.raw_cell))
        self.recorder = AwaitsRecorder(self.context)
        self.recorder.start()

    def _stop(self) -> None:
        assert self.recorder is not None
        self.recorder.stop()
        assert asyncio.get_running_loop().get_task_factory() is None


def waits(draft: Draft) -> list[tuple[str, str, int, int, float]]:
    rows = draft.tables["awaits"].rows()
    return sorted((row["task"], row["file"], row["line"], row["calls"], row["wait_s"]) for row in rows)


def test_top_level_awaits_are_found_at_their_lines(shell: InteractiveShell) -> None:
    cell = RecordedCell(shell)
    draft = cell.run("""await pause(2.0)
for _ in range(3):
    await pause(1.0)
clock.now_s += 10
async with asyncio.timeout(60):
    value = [await pause(4.0), 1][
        1]
value
""")
    assert cell.result.success
    assert cell.result.result == 1
    assert waits(draft) == [
        ("cell", "In[3]", 1, 1, 2.0),
        ("cell", "In[3]", 3, 3, 3.0),
        ("cell", "In[3]", 6, 1, 4.0),
    ]
    assert [(start, end, line) for start, end, _, line, _ in draft.cell_suspensions] == [
        (0.0, 2.0, 1),
        (2.0, 3.0, 3),
        (3.0, 4.0, 3),
        (4.0, 5.0, 3),
        (15.0, 19.0, 6),
    ]
    assert "run_code" not in vars(shell)
    assert cell.context.notes == []


def test_tasks_of_a_cell_and_the_line_that_waits_for_them(shell: InteractiveShell) -> None:
    cell = RecordedCell(shell)
    draft = cell.run("""async def fetch():
    await pause(1.0)
await asyncio.gather(*(fetch() for _ in range(4)))
""")
    assert waits(draft) == [("cell", "In[3]", 3, 1, 4.0), ("fetch", "In[3]", 2, 4, 16.0)]
    assert cell.context.notes == ["Up to 4 tasks waited at once."]


@pytest.mark.parametrize(
    "source",
    [
        "await pause(1.0)\nawait run(run(missing))",
        "async def fail():\n    await pause(1.0)\n    raise ValueError('no such carrier')\nawait fail()",
        "async def fail():\n    await pause(1.0)\n    1 / 0\nawait asyncio.create_task(fail())",
        "await pause(1.0)\nraise SystemExit(3)",
        "1 +",
    ],
)
def test_tracebacks_are_the_same_as_without(shell: InteractiveShell, source: str) -> None:
    cell = RecordedCell(shell)
    cell.run(source, is_recorded=False)
    expected, error = cell.output, cell.result.error_in_exec or cell.result.error_before_exec
    cell.run(source)
    assert cell.output == expected
    assert repr(cell.result.error_in_exec or cell.result.error_before_exec) == repr(error)


def test_a_synchronous_cell_has_no_waits(shell: InteractiveShell) -> None:
    cell = RecordedCell(shell)
    cell.context.is_async = False
    assert waits(cell.run("value = sum(number for number in range(10))")) == []
    assert cell.context.notes == []


def test_a_cell_that_replaces_run_code_keeps_its_own(shell: InteractiveShell) -> None:
    cell = RecordedCell(shell)
    shell.user_ns["shell"] = shell
    cell.run("own = lambda *positional, **named: None\nshell.run_code = own")
    own = shell.user_ns["own"]
    assert vars(shell)["run_code"] is own
    del shell.run_code


def test_a_cell_that_is_cancelled_while_it_waits(shell: InteractiveShell) -> None:
    cell = RecordedCell(shell)
    draft = cell.run("""me = asyncio.current_task()
asyncio.get_running_loop().call_later(0.01, me.cancel)
await asyncio.Event().wait()
""")
    assert isinstance(cell.result.error_in_exec, asyncio.CancelledError)
    assert waits(draft) == [("cell", "In[3]", 3, 1, 0.0)]
