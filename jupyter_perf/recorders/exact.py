"""Exact call counts: cProfile around the user's code (`--exact`).

Only the thread that runs the cell is counted. As with cProfile anywhere, each call costs time of its own,
so a cell of many small calls takes several times as long, and a generator or coroutine counts a call each
time it goes on.

A profiler inside the cell (`%prun`, cProfile, `sys.setprofile`) works. From Python 3.12 on both measure;
on 3.11 a thread can have one profiler, so the cell's own takes the place of this one, and the report says
that calls were not counted.
"""

from __future__ import annotations

import builtins
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, ClassVar

from jupyter_perf.context import Context, Options
from jupyter_perf.model import COLUMNS, Table
from jupyter_perf.recorders import Draft, Recorder, call_graph, tool_ids

_BUSY = "another profiler ({}) is active, and a thread can have one at a time"


class ExactRecorder(Recorder):
    """cProfile, from the moment that the user's code begins, on the cell's thread."""

    order: ClassVar[int] = 95

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        import cProfile

        self._profiler: Any = cProfile.Profile()
        self._inline_frame: FrameType | None = None
        self._is_inline = False
        self._tool: int | None = None
        self._listening = 0
        self._counting = False
        self._displaced = False
        self._entries: list[Any] = []

    @classmethod
    def is_wanted(cls, options: Options) -> bool:
        """With `--exact`, and with `--snakeviz`, which shows the same numbers."""
        return options.exact or options.snakeviz

    def start(self) -> None:
        """Wait for the user's code to begin; raises RuntimeError where another profiler is active.

        The host has work of its own to do before it. A profile function in Python watches for the
        host's `exec` or `eval`, or for the return into the user's function; then cProfile takes over.
        """
        _refuse_other_profilers()
        self._inline_frame = self._users_frame()
        self._is_inline = self._inline_frame is not None
        if sys.version_info >= (3, 12):
            self._tool, self._listening = _connect(self._profiler)
        sys.setprofile(self._wait)

    def stop(self) -> None:
        """End counting; a profiler that the cell left active stays so."""
        # First of all: a call into C before it would be counted as the user's.
        self._entries = self._profiler.getstats()
        self._inline_frame = None
        if self._tool is not None:
            _disconnect(self._tool)
        if sys.getprofile() == self._wait:
            sys.setprofile(None)
        if self._tool is None and self._counting:
            self._stop_legacy()

    def collect(self, draft: Draft) -> None:
        """`exact_functions` by total time, `exact_callers`, and the draft's call counts."""
        if self._displaced:
            self.context.note(
                "Calls were not counted: the cell used a profiler of its own, and on Python 3.11 a thread "
                "can have one at a time."
            )
            return
        if not self._counting:
            self.context.note("Calls were not counted: the cell's code was not seen to begin.")
            return
        sources = self.context.sources
        graph = call_graph.read(self._entries)
        graph = call_graph.Pruner(graph, sources, top_level_is_users=self._is_inline).prune()
        draft.tables.update(_tables(*call_graph.labelled(graph, sources)))
        for place, calls in call_graph.call_counts(graph, sources):
            draft.call_counts[place] = draft.call_counts.get(place, 0) + calls
        self._entries = []

    def _users_frame(self) -> FrameType | None:
        """The user's frame that began the recording, as `record()` does; None under a host."""
        frame: FrameType | None = sys._getframe()
        sources = self.context.sources
        while frame is not None:
            filename = frame.f_code.co_filename
            if sources.is_user(filename):
                return frame
            if call_graph.is_host(filename, sources):
                return None
            frame = frame.f_back
        return None

    def _wait(self, frame: FrameType, event: str, argument: object) -> None:
        if self._inline_frame is not None:
            begins = event == "return" and frame.f_back is self._inline_frame
        else:
            begins = event == "c_call" and argument in (builtins.exec, builtins.eval)
            begins = begins and call_graph.is_machinery(frame.f_code.co_filename, self.context.sources)
        if begins:
            sys.setprofile(None)
            self._begin()

    def _begin(self) -> None:
        self._inline_frame = None
        self._counting = True
        if sys.version_info >= (3, 12) and self._tool is not None:
            sys.monitoring.set_events(self._tool, self._listening)
        else:
            self._profiler.enable()

    def _stop_legacy(self) -> None:
        """End cProfile on Python 3.11, where a thread has one profile function."""
        active = sys.getprofile()
        self._displaced = active is not self._profiler
        if not self._displaced:
            sys.setprofile(None)
        self._profiler.disable()
        if isinstance(active, type(self._profiler)) and self._displaced:
            active.enable()
        elif self._displaced:
            sys.setprofile(active)


def _refuse_other_profilers() -> None:
    if sys.getprofile() is not None:
        raise RuntimeError(_BUSY.format("sys.setprofile"))
    if sys.version_info >= (3, 12):
        tool = sys.monitoring.get_tool(sys.monitoring.PROFILER_ID)
        if tool is not None:
            raise RuntimeError(_BUSY.format(tool))


def _connect(profiler: Any) -> tuple[int, int]:
    """Register cProfile under a tool id of ours, for this thread alone; returns the id and its events.

    From Python 3.12 on cProfile hears every thread, and mixes their calls into one stack; and while it
    holds the id of profilers, no other can run. Its callbacks are taken from that id to another, each
    behind a test of the thread. Nothing is counted until the events are set.
    """
    if sys.version_info < (3, 12):
        raise RuntimeError("Python has monitoring tools from 3.12 on")
    monitoring = sys.monitoring
    tool = tool_ids.claim("jupyter_perf --exact")
    profiler.enable()
    listening = monitoring.get_events(monitoring.PROFILER_ID)
    for event in _events():
        callback = monitoring.register_callback(monitoring.PROFILER_ID, event, None)
        if callback is not None:
            monitoring.register_callback(tool, event, _on_this_thread(callback, event))
    profiler.disable()
    profiler.clear()
    return tool, listening


def _disconnect(tool: int) -> None:
    if sys.version_info >= (3, 12):
        sys.monitoring.set_events(tool, 0)
        for event in _events():
            sys.monitoring.register_callback(tool, event, None)
        sys.monitoring.free_tool_id(tool)


def _events() -> list[int]:
    """Every event of `sys.monitoring`."""
    if sys.version_info < (3, 12):
        return []
    values = [value for name, value in vars(sys.monitoring.events).items() if name.isupper()]
    return [value for value in values if value and value & (value - 1) == 0]


def _on_this_thread(callback: Callable[..., object], event: int) -> Callable[..., None]:
    """The callback for events of the calling thread only; one form for each number of arguments.

    A form for any number of them would take twice as long, at every call that the cell makes.
    """
    own, ident = threading.get_ident(), threading.get_ident
    events: Any = vars(sys)["monitoring"].events

    def at_start(code: Any, offset: Any) -> None:
        if ident() == own:
            callback(code, offset)

    def at_exit(code: Any, offset: Any, value: Any) -> None:
        if ident() == own:
            callback(code, offset, value)

    def at_call(code: Any, offset: Any, function: Any, argument: Any) -> None:
        if ident() == own:
            callback(code, offset, function, argument)

    if event in (events.PY_START, events.PY_RESUME):
        return at_start
    if event in (events.CALL, events.C_RETURN, events.C_RAISE):
        return at_call
    return at_exit


def _tables(
    functions: dict[call_graph.Label, call_graph.Cost],
    edges: dict[tuple[call_graph.Label, call_graph.Label], call_graph.Cost],
) -> dict[str, Table]:
    """The two tables, functions by total time as `pstats` sorts them by "cumulative"."""
    ordered = sorted(functions.items(), key=lambda item: item[1].total_s, reverse=True)
    row_of = {label: row for row, (label, _) in enumerate(ordered)}
    rows = [(function, file, line, *cost) for (file, line, function), cost in ordered]
    pairs = sorted(((row_of[callee], row_of[caller]), cost) for (callee, caller), cost in edges.items())
    return {
        "exact_functions": Table.of_rows(list(COLUMNS["exact_functions"]), rows),
        "exact_callers": Table.of_rows(
            list(COLUMNS["exact_callers"]), [(*pair, *cost) for pair, cost in pairs]
        ),
    }
