"""Tracebacks as they would be without us.

A statement that is recorded runs inside a function of ours, which stands in the traceback when it raises.
"""

from __future__ import annotations

from jupyter_perf.sources import is_own


def remove_own_frames(error: BaseException | None) -> None:
    """Take our frames out of the traceback of an exception, and of those that led to it.

    The first frame stays, whoever's it is: it is where the exception was caught.
    """
    waiting, seen = [error], set()
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        waiting += [one.__cause__, one.__context__]
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions
        entry = one.__traceback__
        while entry is not None:
            while entry.tb_next is not None and is_own(entry.tb_next.tb_frame.f_code.co_filename):
                entry.tb_next = entry.tb_next.tb_next
            entry = entry.tb_next
