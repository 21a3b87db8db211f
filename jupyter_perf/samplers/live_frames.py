"""The stacks of this process's own threads, read from inside."""

from __future__ import annotations

import gc
import sys
import threading
from types import FrameType

from jupyter_perf.samplers import Frame

DEPTH_LIMIT = 500


def current_frames() -> dict[int, FrameType]:
    """Each thread's innermost frame by the thread's identity, as `sys._current_frames` gives them.

    Before Python 3.13 that function may lock up for good if garbage is collected meanwhile
    (cpython#106883), so that the collector is off for that moment.
    """
    if sys.version_info >= (3, 13) or not gc.isenabled():
        return sys._current_frames()
    gc.disable()
    try:
        return sys._current_frames()
    finally:
        gc.enable()


def stack_of(frame: FrameType | None) -> tuple[Frame, ...]:
    """The stack that ends in `frame`, outermost first; no deeper than DEPTH_LIMIT from the inside."""
    frames: list[Frame] = []
    while frame is not None and len(frames) < DEPTH_LIMIT:
        code = frame.f_code
        frames.append(Frame(code.co_qualname, code.co_filename, _line(frame)))
        frame = frame.f_back
    frames.reverse()
    return tuple(frames)


def _line(frame: FrameType) -> int:
    """The line that a frame is at; where it has none, as a loop's jump back on 3.11, the one before it."""
    line = frame.f_lineno
    if line is not None:
        return line
    lines = [line for start, _, line in frame.f_code.co_lines() if line and start <= frame.f_lasti]
    return lines[-1] if lines else frame.f_code.co_firstlineno


def other_stacks(*without: int) -> dict[int, tuple[Frame, ...]]:
    """The stack of each thread by its identity, but for those given."""
    return {ident: stack_of(frame) for ident, frame in current_frames().items() if ident not in without}


def thread_names() -> dict[int, str]:
    """Names of the threads that Python knows, by identity."""
    return {thread.ident: thread.name for thread in threading.enumerate() if thread.ident is not None}
