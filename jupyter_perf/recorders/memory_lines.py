"""Memory by line (`--memory`): what each line of the user's code added, and how high memory was in it.

The measure is memory_profiler's: resident memory before and after each line, and how often the line ran.
The tool itself (0.61, its last release, of 2022) is not used, because its upkeep ended before these were
repaired, and nothing that measures would have been left of it:

- A line that calls another profiled function, and the first line of that function, are charged with the
  whole process (its issues 234 and 236). In a workload where `y = helper(20)` adds 20 MiB it says 324.
- It makes a psutil process object at each line (60 µs a reading; here 3 µs), in a loop of one line too, and
  follows every line of every library: three million turns took 216 s, which take 0.7 s alone and 1 to 3 s
  here.
- A peak inside a line is not seen: 190 MiB within one C call read as 0.
- It finds functions only in files that exist, and never a cell's own lines.

Of the others, memray (kept well; 1.4 times the plain time) attributes allocations exactly, but has no
Windows, no hits and nothing of what a line gives back; tracemalloc (6 to 10 times) sees only what is
allocated through Python, and charges numpy's own lines.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import CodeType
from typing import ClassVar, NamedTuple

from jupyter_perf.context import Context, Options
from jupyter_perf.model import Table
from jupyter_perf.recorders import Draft, Recorder
from jupyter_perf.recorders.memory_lines_gauge import Gauge, open_gauge
from jupyter_perf.recorders.memory_lines_trace import LineRecord, LineTracer

_COLUMNS = ("function", "file", "line", "source", "growth_bytes", "peak_bytes", "hits")


class _Place(NamedTuple):
    function: str
    filename: str
    line: int


class MemoryLinesRecorder(Recorder):
    """Growth, peak and executions of the user's lines, in cells and in their own modules.

    `growth_bytes` is what resident memory grew while the line ran, over all its executions, the functions
    that it called included; negative where it gave back more than it took. `peak_bytes` is the largest
    resident size of the process while the line ran (exact on Linux, read at the ends of lines elsewhere,
    with a note). Only the thread that runs the cell is followed: what other threads allocate meanwhile is
    charged to the line that this thread is at. Memory that a library frees but keeps counts as taken.

    Reading uses `sys.settrace`, of which a thread has one, and the kernel's high-water mark, which it
    resets at each line; the peak of the run takes that into account.
    """

    order: ClassVar[int] = 90

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._gauge: Gauge | None = None
        self._tracer: LineTracer | None = None

    @classmethod
    def is_wanted(cls, options: Options) -> bool:
        """Only `--memory` asks for it: following lines is slow."""
        return options.memory

    def start(self) -> None:
        """Follow the user's lines. RuntimeError where a debugger or another tool is tracing already."""
        if sys.gettrace() is not None:
            raise RuntimeError(
                "a debugger or coverage tool has set a trace function (sys.settrace), and a thread has room"
                " for one"
            )
        self._gauge = open_gauge()
        if not self._gauge.sees_peaks:
            self.context.note("Memory by line was read at the ends of lines: a peak within one is not seen.")
        self._tracer = LineTracer(self.context.sources.is_user, self._gauge)
        self._tracer.start()

    def stop(self) -> None:
        """Take the trace function out again, unless the user's code has put another in its place."""
        if self._tracer is None or self._gauge is None:
            return
        in_place = self._tracer.stop()
        self._gauge.close()
        self.context.note("Memory was read at each line (--memory), so the times of this run are too long.")
        if not in_place or self._tracer.failure is not None:
            self.context.note(
                "Memory by line is incomplete: following lines was ended early, by the cell's own"
                " sys.settrace, a debugger or an interrupt."
            )

    def collect(self, draft: Draft) -> None:
        """Add the `memory_lines` table, largest growth first, and the growth by line."""
        if self._tracer is None:
            return
        merged = self._merged(self._tracer)
        rows = [self._row(place, record) for place, record in merged.items()]
        rows.sort(key=lambda row: (-row[4], row[1], row[2]))
        draft.tables["memory_lines"] = Table.of_rows(_COLUMNS, rows)
        for place, record in merged.items():
            at = (place.filename, place.line)
            draft.line_memory[at] = draft.line_memory.get(at, 0) + record.growth_bytes
        # The high-water mark was reset on the way, so the highest may have been seen here alone.
        peak = draft.scalars.get("peak_bytes")
        if peak is not None and self._gauge is not None and self._gauge.sees_peaks:
            draft.scalars["peak_bytes"] = max(peak, self._tracer.highest_bytes)

    def _merged(self, tracer: LineTracer) -> dict[_Place, LineRecord]:
        """The lines that ran; IPython compiles a cell's last expression apart, under the same name."""
        merged: dict[_Place, LineRecord] = {}
        for code, line, record in _lines(tracer):
            if not record.hits or not self.context.sources.is_user(code.co_filename):
                continue
            total = merged.setdefault(_Place(code.co_qualname, code.co_filename, line), LineRecord())
            total.growth_bytes += record.growth_bytes
            total.peak_bytes = max(total.peak_bytes, record.peak_bytes)
            total.hits += record.hits
        return merged

    def _row(self, place: _Place, record: LineRecord) -> tuple[str, str, int, str | None, int, int, int]:
        sources = self.context.sources
        return (
            place.function,
            sources.shown_file(place.filename),
            sources.shown_line(place.filename, place.line),
            sources.source_line(place.filename, place.line),
            record.growth_bytes,
            record.peak_bytes,
            record.hits,
        )


def _lines(tracer: LineTracer) -> Iterator[tuple[CodeType, int, LineRecord]]:
    for code, lines in tracer.records.items():
        for line, record in lines.items():
            yield code, line, record
