"""Memory of the process: its peak and growth during the run, and its resident size over time.

Resident memory (RSS) is what the operating system keeps in RAM for the process: Python's objects, and
whatever numpy, a database driver or any other library allocates and touches. Memory that a library frees
but keeps for later stays in it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import ClassVar

from jupyter_perf.context import Context, Options
from jupyter_perf.model import Table
from jupyter_perf.recorders import Draft, Recorder

MOST_POINTS = 2000

# The kernel counts pages per processor and adds them up now and then, so that two readings of the same
# memory can differ by a few hundred pages.
COUNTING_SLACK_BYTES = 4 << 20


class MemoryRecorder(Recorder):
    """Peak, growth and resident memory over time.

    `peak_bytes` is the largest resident size that the process had during the run, all of it, not only
    what the run added; the first row of the `memory` table is what it had at the start. `growth_bytes` is
    the resident size at the end minus that at the start, and negative where memory was given back.

    On Linux the peak is exact: the kernel's high-water mark is reset at the start (proc(5), clear_refs)
    and read at the end. The same mark is what `resource.getrusage(...).ru_maxrss` reports, so the user's
    own readings of that count from the start of the run too. Elsewhere, and where resetting is not
    permitted, the peak is the largest of the samples, and a note says so.
    """

    order: ClassVar[int] = 97

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._series = Series()
        self._rss_bytes = rss_reader()
        self._pid = os.getpid()
        self._exact = False
        self._peak_bytes: int | None = None
        self._growth_bytes: int | None = None
        self._running = False

    @classmethod
    def is_wanted(cls, options: Options) -> bool:
        """Every run has its memory measured."""
        return True

    def start(self) -> None:
        """Reset the high-water mark, take the first sample, and ask for more."""
        self._exact = reset_peak()
        if not self._exact:
            self.context.note(
                "The peak of memory is sampled here, so that one shorter than a few hundredths of a second"
                " can be missed."
            )
        self._series.first(self.context.clock(), self._rss_bytes())
        self._running = True
        self.context.counters["rss_bytes"] = self._series.latest
        self.context.every_tick(self._tick)

    def _tick(self, _now_s: float) -> None:
        if not self._running:
            return
        try:
            self._series.add(self.context.clock(), self._rss_bytes())
        except OSError:
            # The process has used up its file descriptors: this sample is left out.
            return

    def stop(self) -> None:
        """Take the last sample and read the peak. A forked child has not been measured."""
        if not self._running:
            return
        self._running = False
        if os.getpid() != self._pid:
            return
        peak = peak_rss_bytes() if self._exact else None
        rss = self._rss_bytes()
        start = self._series.last(self.context.clock(), rss)
        self._growth_bytes = rss - start
        self._peak_bytes = max(self._series.highest(), peak or 0)

    def collect(self, draft: Draft) -> None:
        """Add the `memory` table, `peak_bytes` and `growth_bytes`."""
        if self._peak_bytes is None:
            return
        draft.tables["memory"] = self._series.table(self.context.origin_s)
        draft.scalars["peak_bytes"] = self._peak_bytes
        draft.scalars["growth_bytes"] = self._growth_bytes


class Series:
    """Samples of the resident size, bounded: (seconds on the run's clock, bytes).

    The first and the last sample are kept as they are. Between them, each point stands for `_stride`
    samples and is the largest of them; when there are too many points, neighbours are merged and the
    stride doubles. So an hour of samples fits, and no peak that was sampled is lost.
    """

    def __init__(self, most_points: int = MOST_POINTS) -> None:
        self._most_points = most_points
        self._ends: list[tuple[float, int]] = []
        self._points: list[tuple[float, int]] = []
        self._pending: list[tuple[float, int]] = []
        self._stride = 1
        self._latest = 0
        self._lock = threading.Lock()

    def first(self, at_s: float, rss: int) -> None:
        """The sample at the start."""
        self._ends = [(at_s, rss)]
        self._latest = rss

    def add(self, at_s: float, rss: int) -> None:
        """A sample on the way; one that comes after the last is dropped."""
        with self._lock:
            if len(self._ends) != 1:
                return
            self._latest = rss
            self._pending.append((at_s, rss))
            if len(self._pending) >= self._stride:
                self._settle()

    def last(self, at_s: float, rss: int) -> int:
        """The sample at the end; returns the bytes at the start."""
        with self._lock:
            if self._pending:
                self._settle()
            self._ends.append((at_s, rss))
            return self._ends[0][1]

    def _settle(self) -> None:
        self._points.append(_highest(self._pending))
        self._pending = []
        if len(self._points) > self._most_points - 2:
            points = self._points
            self._points = [_highest(points[i : i + 2]) for i in range(0, len(points), 2)]
            self._stride *= 2

    def highest(self) -> int:
        """The largest sample, in bytes."""
        return max(rss for _, rss in (*self._ends, *self._points))

    def latest(self) -> int:
        """The newest sample, in bytes."""
        return self._latest

    def table(self, origin_s: float) -> Table:
        """The samples in the order of time, from the run's start on; the first ones were taken before it."""
        samples = [self._ends[0], *self._points, *self._ends[1:]]
        rows = [(max(0.0, at_s - origin_s), rss) for at_s, rss in samples]
        return Table.of_rows(("at_s", "rss_bytes"), rows)


def _highest(points: list[tuple[float, int]]) -> tuple[float, int]:
    return max(points, key=lambda point: point[1])


def rss_reader() -> Callable[[], int]:
    """A function that reads this process's resident size in bytes.

    On Linux it opens, reads and closes `/proc/self/statm`, in six to ten microseconds: a file kept open
    would be cheaper, but would show the parent's memory in a forked child, and could be closed by the
    user's code. Elsewhere psutil is asked.
    """
    if os.path.exists("/proc/self/statm"):
        return _statm_rss_bytes
    import psutil

    process = psutil.Process()
    return lambda: int(process.memory_info().rss)


_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


def _statm_rss_bytes() -> int:
    with open("/proc/self/statm", "rb", buffering=0) as statm:
        return int(statm.read(128).split()[1]) * _PAGE_BYTES


def peak_rss_bytes() -> int | None:
    """The high-water mark of the resident size (`VmHWM`), in bytes; None where the system has none."""
    try:
        with open("/proc/self/status", "rb", buffering=0) as status:
            text = status.read(8192)
    except OSError:
        return None
    for line in text.splitlines():
        if line.startswith(b"VmHWM:"):
            return int(line.split()[1]) * 1024
    return None


def reset_peak() -> bool:
    """Set the high-water mark to the present resident size; whether that worked.

    Linux does it when `5` is written to `/proc/self/clear_refs`. Some sandboxes accept the write and do
    nothing, so the mark is looked at afterwards.
    """
    try:
        with open("/proc/self/clear_refs", "wb", buffering=0) as clear_refs:
            clear_refs.write(b"5")
        present = _statm_rss_bytes()
    except OSError:
        return False
    peak = peak_rss_bytes()
    return peak is not None and peak <= present + COUNTING_SLACK_BYTES
