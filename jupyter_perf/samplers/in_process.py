"""A thread that looks at the other threads: where there is neither py-spy nor a signal to be had.

It sees a thread only where that thread gives up the interpreter's lock, so that the line seen is often a
little after the line that took the time: the lines are approximate, and the report says so.
"""

from __future__ import annotations

import os
import threading

from jupyter_perf.samplers import Plan, Sampler, Stretch
from jupyter_perf.samplers.live_frames import other_stacks, thread_names

THREAD_NAME = "jupyter_perf sampler"


class ThreadSampler(Sampler):
    """Samples all threads from a thread of its own, weighted by elapsed time."""

    name = "thread"
    preference = 30
    skids = True
    rate_hz = 100.0

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=THREAD_NAME, daemon=True)

    @classmethod
    def obstacle(cls) -> str | None:
        """It works wherever threads do."""
        return None

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def poll(self) -> None:
        """Nothing to fetch: samples are delivered as they are taken."""

    def stop(self) -> None:
        """End the thread and wait for it."""
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        last_s = self.plan.clock()
        while not self._ended.wait(1 / self.plan.rate_hz):
            now_s = self.plan.clock()
            names = thread_names()
            for ident, stack in other_stacks(threading.get_ident()).items():
                name = names.get(ident, "")
                self.plan.sink(Stretch(last_s, now_s - last_s, name, ident, os.getpid(), stack))
            self.overhead_s += self.plan.clock() - now_s
            last_s = now_s
