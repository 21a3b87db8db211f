"""Reads memory at every change of line in the user's code.

Each line of a function is charged with what memory grew from the moment it began until the next line of
the same function began, or the function returned: the functions that it calls included, the time in which
a coroutine or generator was suspended not. So the lines of a cell add up to the growth of the cell, and
the lines of a function to what its calls left behind.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

from jupyter_perf.recorders.memory_lines_gauge import Gauge, Reading

# These run as part of the line that holds them; from Python 3.12 on most have no frame of their own.
_PART_OF_A_LINE = frozenset({"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>", "<lambda>"})

Local = Callable[[FrameType, str, Any], Any]


@dataclass(slots=True)
class LineRecord:
    """One line: bytes grown over all its executions, the largest resident size in any, how many began."""

    growth_bytes: int = 0
    peak_bytes: int = 0
    hits: int = 0


class LineTracer:
    """A trace function (`sys.settrace`) for the thread that starts it.

    `records` holds a LineRecord by code object and line. What reading costs is paid at a change of line
    in the user's code and at the calls of their functions; a loop within one line is only counted.
    `failure` is the error that ended the tracing early, if one did.
    """

    def __init__(self, is_user: Callable[[str], bool], gauge: Gauge) -> None:
        self.records: dict[CodeType, dict[int, LineRecord]] = {}
        self.readings = 0
        self.highest_bytes = 0
        self.failure: OSError | ValueError | None = None
        self._is_user = is_user
        self._gauge = gauge
        self._stack: list[_Call] = []
        self._attached: list[tuple[FrameType, Local | None]] = []
        self._running = False
        # One object, so that sys.gettrace() can be compared with it.
        self._global = self._on_call

    def start(self) -> None:
        """Trace new frames, and the user's frames that are on the stack already."""
        self._running = True
        self._attach(sys._getframe(1))
        sys.settrace(self._global)

    def stop(self) -> bool:
        """Trace no more; whether the trace function was still in its place."""
        in_place = sys.gettrace() is self._global
        if in_place:
            sys.settrace(None)
        if self._running:
            self._finish()
        self._running = False
        self._detach(sys._getframe(1))
        self._stack.clear()
        return in_place

    def _attach(self, innermost: FrameType) -> None:
        frames = []
        frame: FrameType | None = innermost
        while frame is not None:
            if self._follows(frame.f_code):
                frames.append(frame)
            frame = frame.f_back
        for outer in reversed(frames):
            self._attached.append((outer, outer.f_trace))
            outer.f_trace = self._enter(outer, self._read()).trace

    def _detach(self, innermost: FrameType) -> None:
        frame: FrameType | None = innermost
        while frame is not None:
            if isinstance(getattr(frame.f_trace, "__self__", None), _Call):
                frame.f_trace = None
            frame = frame.f_back
        for outer, before in self._attached:
            outer.f_trace = before
        self._attached.clear()

    def _follows(self, code: CodeType) -> bool:
        # IPython in a terminal names cells so, and the host learns the name only once the cell is compiled.
        filename = code.co_filename
        user = self._is_user(filename) or filename.startswith("<ipython-input-")
        return user and code.co_name not in _PART_OF_A_LINE

    def _on_call(self, frame: FrameType, event: str, _arg: Any) -> Local | None:
        if not self._running:
            # Stopped from another thread, or put back by the user's code after the run.
            sys.settrace(None)
            return None
        if event != "call" or not self._follows(frame.f_code):
            return None
        try:
            return self._enter(frame, self._read()).trace
        except (OSError, ValueError) as error:
            self._give_up(error)
            return None

    def on_event(self, call: _Call, frame: FrameType, event: str) -> None:
        """A line begins in a followed frame, or the frame returns or is suspended."""
        if not self._running:
            return
        try:
            if event == "line":
                self._settle(call, self._read())
                call.begin(frame.f_lineno)
                call.record.hits += 1
            elif event == "return":
                self._settle(call, self._read())
                self._leave(call)
                frame.f_trace = None
        except (OSError, ValueError) as error:
            self._give_up(error)

    def _give_up(self, error: OSError | ValueError) -> None:
        self.failure = error
        self._running = False
        sys.settrace(None)

    def _read(self) -> Reading:
        reading = self._gauge.read()
        self.readings += 1
        self.highest_bytes = max(self.highest_bytes, reading.peak_bytes)
        return reading

    def _enter(self, frame: FrameType, reading: Reading) -> _Call:
        """A call or the resumption of a coroutine or generator; what went before is the caller's."""
        if self._stack:
            self._stack[-1].reach(reading.peak_bytes)
        call = _Call(self, frame, reading.rss_bytes)
        call.outer = next((outer for outer in reversed(self._stack) if outer.code is call.code), None)
        self._stack.append(call)
        return call

    def _settle(self, call: _Call, reading: Reading) -> None:
        """Charge what happened since the last reading of this frame to the line that was running."""
        self._bring_to_top(call, reading)
        call.reach(reading.peak_bytes)
        record = call.record
        record.peak_bytes = max(record.peak_bytes, call.line_peak_bytes)
        # In a recursion the outer execution of the same line has it all.
        if not call.repeats_outer_line():
            record.growth_bytes += reading.rss_bytes - call.rss_bytes
        call.rss_bytes = reading.rss_bytes
        call.line_peak_bytes = 0

    def _bring_to_top(self, call: _Call, reading: Reading) -> None:
        """Drop calls whose return was not seen; take up one whose call was not (greenlets switch so)."""
        if self._stack and self._stack[-1] is call:
            return
        if call not in self._stack:
            call.rss_bytes = reading.rss_bytes
            self._stack.append(call)
        while self._stack[-1] is not call:
            self._leave(self._stack[-1])

    def _leave(self, call: _Call) -> None:
        self._stack.remove(call)
        if self._stack:
            self._stack[-1].reach(call.peak_bytes)

    def _finish(self) -> None:
        """Charge the lines that are still running."""
        try:
            reading = self._read()
            while self._stack:
                call = self._stack[-1]
                self._settle(call, reading)
                self._leave(call)
        except (OSError, ValueError) as error:
            self.failure = error


class _Call:
    """A followed frame from its call, or its resumption, to its return or suspension.

    It holds no frame, so that nothing of the user's lives longer; the frame holds it, as its `f_trace`.
    """

    __slots__ = (
        "_lines",
        "_tracer",
        "code",
        "line",
        "line_peak_bytes",
        "outer",
        "peak_bytes",
        "record",
        "rss_bytes",
    )

    def __init__(self, tracer: LineTracer, frame: FrameType, rss_bytes: int) -> None:
        self._tracer = tracer
        self.code = frame.f_code
        self._lines = tracer.records.setdefault(frame.f_code, {})
        self.begin(frame.f_lineno)
        self.rss_bytes = rss_bytes
        self.line_peak_bytes = 0
        self.peak_bytes = 0
        self.outer: _Call | None = None

    def repeats_outer_line(self) -> bool:
        """Whether the same line of the same function is running further out."""
        outer = self.outer
        while outer is not None and outer.line != self.line:
            outer = outer.outer
        return outer is not None

    def begin(self, line: int) -> None:
        """This line runs from now on."""
        self.line = line
        record = self._lines.get(line)
        if record is None:
            record = self._lines[line] = LineRecord()
        self.record = record

    def reach(self, peak_bytes: int) -> None:
        """Memory was as high as this while the present line ran."""
        self.line_peak_bytes = max(self.line_peak_bytes, peak_bytes)
        self.peak_bytes = max(self.peak_bytes, peak_bytes)

    def trace(self, frame: FrameType, event: str, _arg: Any) -> Local | None:
        """The frame's trace function; a loop within one line comes by often, and is only counted."""
        if event == "line" and frame.f_lineno == self.line:
            self.record.hits += 1
            return self.trace
        self._tracer.on_event(self, frame, event)
        # What is returned becomes the frame's `f_trace`; one that returns is let go.
        return None if event == "return" else self.trace
