"""The watch thread: wakes up to fifty times a second and lets the other recorders look around."""

from __future__ import annotations

import logging
import threading
import time

from jupyter_perf.context import Context, Options
from jupyter_perf.recorders import Draft, Recorder

THREAD_NAME = "jupyter_perf watch"
# How often to wake: (seconds since the start, period in seconds). Short cells are watched closely; each
# waking takes the interpreter's lock from running Python code for a moment.
PERIODS = ((0.5, 0.02), (60.0, 0.04), (600.0, 0.1), (float("inf"), 0.2))

_log = logging.getLogger(__name__)


class WatchRecorder(Recorder):
    """Calls `context.tick_callbacks` on a thread of its own for as long as the run lasts."""

    order = 85

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=THREAD_NAME, daemon=True)
        self._cpu_s = 0.0

    @classmethod
    def is_wanted(cls, options: Options) -> bool:
        """Every run is watched."""
        return True

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread and wait for it; in a forked child there is none."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def collect(self, draft: Draft) -> None:
        """The thread's processor time is ours."""
        draft.overhead_s += self._cpu_s

    def _watch(self) -> None:
        context = self.context
        begun_s = context.clock()
        due_s = begun_s
        while True:
            elapsed_s = context.clock() - begun_s
            period_s = next(period for until, period in PERIODS if elapsed_s < until)
            due_s = max(due_s + period_s, context.clock())
            if self._ended.wait(due_s - context.clock()):
                break
            now_s = context.now_s()
            context.late_s = context.clock() - due_s
            for callback in tuple(context.tick_callbacks):
                self._call(callback, now_s)
        self._cpu_s = time.thread_time()

    def _call(self, callback: object, now_s: float) -> None:
        try:
            assert callable(callback)
            callback(now_s)
        except Exception:
            # One recorder's mistake must not end the others' measurement.
            _log.warning("a measurement failed and goes on without this sample", exc_info=True)
