"""Time in Python's cyclic garbage collector."""

from __future__ import annotations

import gc
from threading import get_ident
from time import perf_counter

from jupyter_perf.context import Context, Options
from jupyter_perf.recorders import Draft, Recorder


class GarbageRecorder(Recorder):
    """Sums the collector's pauses in the cell's thread, through `gc.callbacks`."""

    order = 98

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._total_s = 0.0
        self._begun_s: float | None = None

    @classmethod
    def is_wanted(cls, options: Options) -> bool:
        """Every run: a collection costs two short calls more."""
        return True

    def start(self) -> None:
        """Ask the collector to call."""
        gc.callbacks.append(self._on_collection)

    def stop(self) -> None:
        """Ask it to call no more, unless the user's code has cleared the list itself."""
        if self._on_collection in gc.callbacks:
            gc.callbacks.remove(self._on_collection)

    def collect(self, draft: Draft) -> None:
        """Set `gc_s`."""
        draft.scalars["gc_s"] = self._total_s

    def _on_collection(self, phase: str, _info: dict[str, int]) -> None:
        if get_ident() != self.context.thread_ident:
            return
        if phase == "start":
            self._begun_s = perf_counter()
        elif self._begun_s is not None:
            self._total_s += perf_counter() - self._begun_s
            self._begun_s = None
