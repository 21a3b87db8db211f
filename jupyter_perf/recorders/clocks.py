"""When the threads ran and when they did not, from their processor clocks.

A thread's processor clock stands still while it waits. Read at each tick of the watch thread, it tells how
much of each interval a thread ran. What the cell's thread did meanwhile is judged at the tick:

- the watch thread had to wait about one switch interval (`sys.getswitchinterval`) for the interpreter's
  lock: the cell's thread was running Python;
- the lock was held for longer: it was in native code, in one call;
- the lock was free at once: it was in native code that had let go of the lock, or waiting, and then the
  system call that it is in says for what (`waiting.py`).

A C call that is over within one switch interval counts as Python. Where the lock was held for long by a
thread that did not run meanwhile, the interval tells nothing.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from array import array
from bisect import bisect_right
from dataclasses import dataclass, field
from types import FrameType

from jupyter_perf.context import Context
from jupyter_perf.recorders.waiting import WaitReader, runs_module
from jupyter_perf.samplers.live_frames import current_frames

PYTHON, NATIVE, SQL, WAITING = "Python", "native code", "SQL", "waiting"
# A lock that comes sooner than this share of the switch interval was free; one that comes later than the
# interval and this much was held by one C call.
FREE_SHARE, HELD_S = 0.4, 0.003
# Above this share of an interval off the processor, a thread that leaves the lock free is taken to wait.
OFF_SHARE = 0.1
OTHER_THREADS_LIMIT = 16
_DRIVERS = (os.path.join("jupyter_perf", "drivers", ""),)
# Whose threads serve the kernel: its channels, its heartbeat, its history, and our watch.
_SERVANTS = tuple(
    os.path.join(package, "") for package in ("ipykernel", "IPython", "zmq", "tornado", "jupyter_perf")
)


@dataclass
class Clock:
    """One thread's processor seconds at rising times (seconds since the start of the run)."""

    at_s: array[float] = field(default_factory=lambda: array("d"))
    cpu_s: array[float] = field(default_factory=lambda: array("d"))
    queued_s: array[float] = field(default_factory=lambda: array("d"))

    def read(self, at_s: float, cpu_s: float, queued_s: float = 0.0) -> None:
        """Note the clock at a time, and how long the thread has waited for a processor in all."""
        self.at_s.append(at_s)
        self.cpu_s.append(cpu_s)
        self.queued_s.append(queued_s)

    def ran_s(self, start_s: float, end_s: float) -> float | None:
        """Processor seconds between two times; None where the clock was read less than twice."""
        if len(self.at_s) < 2:
            return None
        return min(end_s - start_s, max(0.0, self._cpu_at(end_s) - self._cpu_at(start_s)))

    def _cpu_at(self, at_s: float) -> float:
        """The clock at a time, on a straight line between the readings around it."""
        after = min(max(bisect_right(self.at_s, at_s), 1), len(self.at_s) - 1)
        begun_s, width_s = self.at_s[after - 1], self.at_s[after] - self.at_s[after - 1]
        passed = min(1.0, max(0.0, (at_s - begun_s) / width_s)) if width_s > 0 else 0.0
        return self.cpu_s[after - 1] + passed * (self.cpu_s[after] - self.cpu_s[after - 1])

    @property
    def total_s(self) -> float:
        """Processor seconds from the first reading to the last."""
        return max(0.0, self.cpu_s[-1] - self.cpu_s[0]) if self.cpu_s else 0.0


class ThreadClocks:
    """Reads the clocks of the cell's thread and of the others, and what the cell's thread was doing."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.cell = Clock()
        self.others: dict[int, Clock] = {}
        self.children: dict[int, Clock] = {}
        self.names: dict[int, str] = {}
        # One judgement for each reading of `cell` but the first: what ran, and what was waited for; None
        # where that is not known.
        self.running: list[str | None] = []
        self.waited: list[str | None] = []
        self._clock_id = _clock_id(context.thread_ident)
        self._wait_reader: WaitReader | None = None
        self._native_id: int | None = None
        self._not_the_users: set[int] = set()

    @property
    def tell_waits(self) -> bool:
        """Whether this system tells what a thread waits for."""
        return self._wait_reader is not None and self._wait_reader.is_available

    @property
    def are_available(self) -> bool:
        """Whether this system tells a thread's processor time."""
        return self._clock_id is not None

    def start(self) -> None:
        """Read the clocks for the first time."""
        native_ids = {thread.ident: thread.native_id for thread in threading.enumerate()}
        frames = current_frames()
        self._not_the_users = {
            ident
            for ident in native_ids
            if ident is not None
            and (ident == self._context.thread_ident or self._serves_the_kernel(frames.get(ident)))
        }
        self._native_id = native_ids.get(self._context.thread_ident)
        if self._native_id is not None:
            self._wait_reader = WaitReader(self._native_id, self._context.loop)
        self._read(0.0)
        self._read_others(0.0)

    def _serves_the_kernel(self, frame: FrameType | None) -> bool:
        """Whether a thread is one of the kernel's or ours, without code of the user's on it."""
        if not runs_module(frame, _SERVANTS):
            return False
        while frame is not None:
            if self._context.sources.is_user(frame.f_code.co_filename):
                return False
            frame = frame.f_back
        return True

    def tick(self, now_s: float) -> None:
        """Read the clocks and judge the interval that ends now."""
        self._judge(now_s)
        if self._context.options.subprocesses:
            self._read_children(now_s)
        self._read_others(now_s)

    def _read_others(self, now_s: float) -> None:
        """Read the clocks of the user's other threads, whether the run started them or found them."""
        for thread in threading.enumerate():
            ident = thread.ident
            if ident is None or ident in self._not_the_users:
                continue
            if ident not in self.others and len(self.others) >= OTHER_THREADS_LIMIT:
                continue
            scheduled = _scheduled(f"self/task/{thread.native_id}")
            if scheduled is not None:
                self.names[ident] = thread.name
                self.others.setdefault(ident, Clock()).read(now_s, *scheduled)

    def _read_children(self, now_s: float) -> None:
        import psutil

        for child in psutil.Process().children(recursive=True):
            scheduled = _scheduled(str(child.pid))
            if scheduled is not None:
                self.children.setdefault(child.pid, Clock()).read(now_s, *scheduled)

    def of(self, process: int, ident: int) -> Clock | None:
        """The clock of a thread; that of a child's main thread for all of the child."""
        if process != os.getpid():
            return self.children.get(process)
        return self.cell if ident == self._context.thread_ident else self.others.get(ident)

    def stop(self, now_s: float) -> None:
        """Read the clocks for the last time; the last interval counts as the one before it."""
        if self._wait_reader is not None:
            self._wait_reader.close()
        if self._read(now_s):
            self.running.append(self.running[-1] if self.running else None)
            self.waited.append(self.waited[-1] if self.waited else None)

    def _read(self, now_s: float) -> bool:
        if self._clock_id is None:
            return False
        _, queued_s = _scheduled(f"self/task/{self._native_id}") or (0.0, 0.0)
        self.cell.read(now_s, time.clock_gettime(self._clock_id), queued_s)
        return True

    def _judge(self, now_s: float) -> None:
        if not self._read(now_s):
            return
        frame = current_frames().get(self._context.thread_ident)
        if runs_module(frame, _DRIVERS):
            self.running.append(SQL)
            self.waited.append(SQL)
            return
        interval_s = sys.getswitchinterval()
        is_free = self._context.late_s < FREE_SHARE * interval_s
        waits = is_free and self._off_s() > OFF_SHARE * self._width_s()
        self.waited.append(self._wait_reader.read(frame) if waits and self._wait_reader else None)
        # What the lock was held for beyond its turn, less the time in which its holder did not run.
        held_s = self._context.late_s - interval_s - self._off_s()
        if is_free or held_s > HELD_S:
            self.running.append(NATIVE)
        else:
            self.running.append(PYTHON if self._context.late_s - interval_s <= HELD_S else None)

    def _width_s(self) -> float:
        return self.cell.at_s[-1] - self.cell.at_s[-2]

    def _off_s(self) -> float:
        """How much of the last interval the cell's thread was not on a processor."""
        return max(0.0, self._width_s() - self.cell.cpu_s[-1] + self.cell.cpu_s[-2])


def _clock_id(ident: int) -> int | None:
    if not hasattr(time, "pthread_getcpuclockid"):
        return None
    return time.pthread_getcpuclockid(ident)


def _scheduled(task: str) -> tuple[float, float] | None:
    """A task's seconds on a processor, and waiting for one, as Linux's scheduler has them.

    /proc/<task>/schedstat holds both in nanoseconds (Documentation/scheduler/sched-stats.rst).
    """
    try:
        with open(f"/proc/{task}/schedstat", "rb") as file:
            ran_ns, queued_ns, _ = file.read().split()
            return int(ran_ns) * 1e-9, int(queued_ns) * 1e-9
    except (OSError, ValueError):
        return None
