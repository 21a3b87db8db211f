"""An end to code that does not come to one by itself."""

from __future__ import annotations

import signal
import threading
from types import TracebackType

# Code that catches the first interrupt meets the next one after so long.
AGAIN_S = 1.0


class OutOfTimeError(Exception):
    """The code did not come to its end in the time that it was given."""


class Deadline:
    """Interrupts the code of a `with` block after `seconds`, as a user's interrupt would.

    The block then ends with OutOfTimeError, unless it has caught the interrupt itself; `is_over` tells either
    way. Only the main thread can be interrupted: elsewhere, and where signals cannot be sent to a thread,
    nothing happens (`is_kept` is false).
    """

    def __init__(self, seconds: float) -> None:
        self.is_over = False
        self.is_kept = hasattr(signal, "pthread_kill") and (
            threading.current_thread() is threading.main_thread()
        )
        self._seconds = max(seconds, 0.0)
        self._thread_ident = threading.get_ident()
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._watch = threading.Thread(target=self._wait, name="jupyter_perf deadline", daemon=True)

    def __enter__(self) -> Deadline:
        if self.is_kept:
            self._watch.start()
        return self

    def _wait(self) -> None:
        seconds = self._seconds
        while not self._ended.wait(seconds):
            with self._lock:
                if not self._ended.is_set():
                    self.is_over = True
                    signal.pthread_kill(self._thread_ident, signal.SIGINT)
            seconds = AGAIN_S

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            with self._lock:
                self._ended.set()
            if self.is_kept:
                self._watch.join()
        except KeyboardInterrupt:
            # Ours, sent while the block was ending; a user's own is theirs.
            self._ended.set()
            if not self.is_over:
                raise
        if self.is_over and isinstance(error, KeyboardInterrupt):
            raise OutOfTimeError from None
