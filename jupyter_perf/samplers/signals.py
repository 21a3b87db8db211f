"""A signal to the cell's own thread: where py-spy may not look into the process.

Python handles a signal only at a call, a return or a loop's jump back, so that the line seen is often a
little after the line that took the time: the lines are approximate, and the report says so. Each sample
weighs the time since the one before, so that totals stay true when a C call delays the handler.

The timer is a POSIX timer (timer_create(2)) with a real-time signal of its own: the alarm and profiling
timers, of which a process has only one each, stay the user's.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from types import FrameType
from typing import Any

from jupyter_perf.samplers import Plan, Sampler, Stretch
from jupyter_perf.samplers.live_frames import other_stacks, stack_of, thread_names

# Counted down from the last real-time signal, where the C library and its users leave a gap.
SIGNAL = getattr(signal, "SIGRTMAX", 0) - 5
CLOCK_MONOTONIC = 1
SIGEV_THREAD_ID = 4


class _SigEvent(ctypes.Structure):
    """The part of `struct sigevent` (sigevent(7)) that is used; its size is 64 bytes on Linux."""

    _fields_ = (
        ("value", ctypes.c_void_p),
        ("signo", ctypes.c_int),
        ("notify", ctypes.c_int),
        ("thread_id", ctypes.c_int),
        ("_rest", ctypes.c_byte * 44),
    )


class _TimerSpec(ctypes.Structure):
    """`struct itimerspec`: interval and first expiry, each as seconds and nanoseconds."""

    _fields_ = tuple((name, ctypes.c_long) for name in ("interval_s", "interval_ns", "first_s", "first_ns"))


class SignalSampler(Sampler):
    """Samples all threads from a signal handler in the cell's thread."""

    name = "signal"
    preference = 20
    skids = True
    rate_hz = 200.0

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._timer = ctypes.c_void_p()
        self._last_s = 0.0
        self._before: Any = signal.SIG_DFL

    @classmethod
    def obstacle(cls) -> str | None:
        """Linux has the timer; the handler runs in the main thread alone."""
        if sys.platform != "linux":
            return "the signal sampler needs the POSIX timers of Linux"
        if threading.current_thread() is not threading.main_thread():
            return "signals reach the main thread only, and this code runs in another one"
        if signal.getsignal(SIGNAL) is not signal.SIG_DFL:
            return f"signal {SIGNAL} is in use by the program"
        return None

    def start(self) -> None:
        """Install the handler and start the timer."""
        self._before = signal.signal(SIGNAL, self._on_signal)
        signal.siginterrupt(SIGNAL, False)
        self._last_s = self.plan.clock()
        event = _SigEvent(signo=SIGNAL, notify=SIGEV_THREAD_ID, thread_id=threading.get_native_id())
        if _libc().timer_create(CLOCK_MONOTONIC, ctypes.byref(event), ctypes.byref(self._timer)):
            signal.signal(SIGNAL, self._before)
            raise OSError(f"no timer could be had from the system: {os.strerror(ctypes.get_errno())}")
        period_ns = int(1e9 / self.plan.rate_hz)
        spec = _TimerSpec(interval_ns=period_ns, first_ns=period_ns)
        _libc().timer_settime(self._timer, 0, ctypes.byref(spec), None)

    def poll(self) -> None:
        """Nothing to fetch: samples are delivered as they are taken."""

    def stop(self) -> None:
        """Delete the timer, then the handler, unless the user's code has set one of its own."""
        _libc().timer_delete(self._timer)
        # A signal that came before the deletion is handled between these two calls.
        if signal.getsignal(SIGNAL) == self._on_signal:
            signal.signal(SIGNAL, self._before)

    def _on_signal(self, _signum: int, frame: FrameType | None) -> None:
        now_s = self.plan.clock()
        start_s, self._last_s = self._last_s, now_s
        names = thread_names()
        own = threading.get_ident()
        stacks = other_stacks(own)
        stacks[own] = stack_of(frame)
        for ident, stack in stacks.items():
            name = names.get(ident, "")
            self.plan.sink(Stretch(start_s, now_s - start_s, name, ident, os.getpid(), stack))
        self.overhead_s += self.plan.clock() - now_s


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
