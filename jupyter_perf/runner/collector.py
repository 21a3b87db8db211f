"""The garbage collector while code is timed: off inside samples, and the same before each of them."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# A full collection before a sample may take this share of it; else only the young generations are collected.
_SHARE_FOR_COLLECTION = 0.2
_YOUNG = 1


@contextmanager
def collector_off() -> Iterator[Callable[[float], None]]:
    """Switch automatic collection off, after a full one; at the end it is as it was, whatever happens.

    Gives the function that collects before a sample: all generations where that is cheap beside the sample,
    else the young ones, to which what the last sample has left belongs. It switches the automatic collection
    off again, too, in case the user's code has switched it on.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        begun_s = time.perf_counter()
        gc.collect()
        full_s = time.perf_counter() - begun_s

        def collect(sample_s: float) -> None:
            gc.disable()
            if full_s <= _SHARE_FOR_COLLECTION * sample_s:
                gc.collect()
            else:
                gc.collect(_YOUNG)

        yield collect
    finally:
        if was_enabled:
            gc.enable()
        else:
            gc.disable()
