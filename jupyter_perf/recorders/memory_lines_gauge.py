"""What memory did since the last reading: read at every change of line, so in a few microseconds."""

from __future__ import annotations

import os
import sys
from abc import ABC, abstractmethod
from typing import NamedTuple

from jupyter_perf.recorders.memory import COUNTING_SLACK_BYTES


class Reading(NamedTuple):
    """Resident bytes now, and the most that there were since the reading before."""

    rss_bytes: int
    peak_bytes: int


class Gauge(ABC):
    """A way to read the process's memory. `sees_peaks` says whether a peak between two readings shows."""

    sees_peaks = False

    @abstractmethod
    def read(self) -> Reading:
        """The memory now. Raises OSError or ValueError where it cannot be read any more."""

    @abstractmethod
    def close(self) -> None:
        """Give back what is open."""


def open_gauge() -> Gauge:
    """The best gauge of this system."""
    if sys.platform == "linux":
        try:
            return KernelGauge()
        except OSError:
            pass
    return PortableGauge()


class KernelGauge(Gauge):
    """Linux: the resident size from `/proc/self/statm`, and the peak from the high-water mark.

    The mark is read with getrusage (0.7 µs; `/proc/self/status` takes 5 µs) and reset after each reading,
    so that a peak inside a single C call is seen. getrusage never shows less than what the process had
    before its last exec; a peak below that is not to be told from it and is taken from the resident size.

    Raises OSError where `/proc` does not offer this.
    """

    def __init__(self) -> None:
        import resource

        self._usage = resource.getrusage
        self._self = resource.RUSAGE_SELF
        self._page_bytes = os.sysconf("SC_PAGE_SIZE")
        self._pid = os.getpid()
        self._statm = _ProcFile("/proc/self/statm", os.O_RDONLY)
        try:
            self._clear_refs: _ProcFile | None = _ProcFile("/proc/self/clear_refs", os.O_WRONLY)
        except OSError:
            self._clear_refs = None
        self._floor = 0
        try:
            self._floor = self._unresettable_bytes()
        except OSError:
            self.close()
            raise

    def _unresettable_bytes(self) -> int:
        if self._clear_refs is None:
            return sys.maxsize
        os.pwrite(self._clear_refs.number, b"5", 0)
        mark = self._usage(self._self).ru_maxrss * 1024
        rss = int(os.pread(self._statm.number, 128, 0).split()[1]) * self._page_bytes
        self.sees_peaks = True
        return mark if mark > rss + COUNTING_SLACK_BYTES else 0

    def read(self) -> Reading:
        """The memory now; in a forked child, whose files are its parent's, OSError."""
        if os.getpid() != self._pid:
            raise OSError("the process was forked")
        mark = self._usage(self._self).ru_maxrss * 1024
        rss = int(os.pread(self._statm.number, 128, 0).split()[1]) * self._page_bytes
        if self._clear_refs is None:
            return Reading(rss, rss)
        os.pwrite(self._clear_refs.number, b"5", 0)
        return Reading(rss, mark if mark > rss and mark > self._floor else rss)

    def close(self) -> None:
        """Close both files."""
        self._statm.close()
        if self._clear_refs is not None:
            self._clear_refs.close()


class PortableGauge(Gauge):
    """Any system, with psutil: a peak between two readings is not seen."""

    def __init__(self) -> None:
        import psutil

        self._pid = os.getpid()
        self._memory_info = psutil.Process().memory_info

    def read(self) -> Reading:
        """The memory now; in a forked child OSError."""
        if os.getpid() != self._pid:
            raise OSError("the process was forked")
        rss = int(self._memory_info().rss)
        return Reading(rss, rss)

    def close(self) -> None:
        """Nothing is open."""


class _ProcFile:
    """An open file under `/proc`, closed only while its number is still ours: user code may close any."""

    def __init__(self, path: str, flags: int) -> None:
        self.number = os.open(path, flags | os.O_CLOEXEC)
        self._identity = self._identify()

    def _identify(self) -> tuple[int, int]:
        stat = os.fstat(self.number)
        return stat.st_dev, stat.st_ino

    def close(self) -> None:
        try:
            if self._identify() == self._identity:
                os.close(self.number)
        except OSError:
            return
