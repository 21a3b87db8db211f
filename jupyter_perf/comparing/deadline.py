"""An end to code that does not come to one by itself."""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType, TracebackType

from jupyter_perf.samplers.live_frames import current_frames

# Code that catches the first interrupt meets the next one after so long.
AGAIN_S = 1.0
# No interrupt comes sooner, so that none meets `with` itself, before the block has begun.
SOONEST_S = 0.02


class OutOfTimeError(Exception):
    """The code did not come to its end in the time that it was given."""


class Deadline:
    """Interrupts the code of a `with` block after `seconds`, as a user's interrupt would.

    In a cell that awaits, an interrupt ends what the cell awaits; in the block it raises KeyboardInterrupt
    there too, since code that does not await would not notice.
    The block then ends with OutOfTimeError, unless it has caught the interrupt itself; `is_over` tells either
    way. Without any time it does not begin. Only the main thread can be interrupted: elsewhere, and where
    signals cannot be sent to a thread, nothing happens (`is_kept` is false).
    """

    def __init__(self, seconds: float) -> None:
        self.is_over = False
        self._handler = signal.getsignal(signal.SIGINT)
        self.is_kept = (
            hasattr(signal, "pthread_kill")
            and threading.current_thread() is threading.main_thread()
            and self._handler is not None
        )
        self._seconds = seconds
        self._thread_ident = threading.get_ident()
        self._frame: FrameType | None = None
        self._begun = threading.Event()
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._watch = threading.Thread(target=self._wait, name="jupyter_perf deadline", daemon=True)

    def __enter__(self) -> Deadline:
        if self._seconds <= 0:
            self.is_over = True
            raise OutOfTimeError
        if self.is_kept:
            self._frame = sys._getframe(1)
            try:
                self._watch.start()
                signal.signal(signal.SIGINT, signal.default_int_handler)
            except BaseException:
                self._ended.set()
                self._begun.set()
                raise
            self._begun.set()
        return self

    def _wait(self) -> None:
        self._begun.wait()
        seconds = max(self._seconds, SOONEST_S)
        while not self._ended.wait(seconds):
            with self._lock:
                if self._ended.is_set() or not self._is_running():
                    return
                self.is_over = True
                signal.pthread_kill(self._thread_ident, signal.SIGINT)
            seconds = AGAIN_S

    def _is_running(self) -> bool:
        """Whether the function with the block is running still: an interrupt never meets other code."""
        frame = current_frames().get(self._thread_ident)
        while frame is not None and frame is not self._frame:
            frame = frame.f_back
        return frame is not None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            with self._lock:
                self._ended.set()
                self._frame = None
            if self.is_kept:
                self._watch.join()
                self._restore()
        except KeyboardInterrupt:
            # Ours, sent while the block was ending; a user's own is theirs.
            self._ended.set()
            self._restore()
            if not self.is_over:
                raise
        if self.is_over and isinstance(error, KeyboardInterrupt):
            raise OutOfTimeError from None

    def _restore(self) -> None:
        """Let the handler of interrupts be what it was, unless the block has set another one."""
        if self.is_kept and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._handler)
