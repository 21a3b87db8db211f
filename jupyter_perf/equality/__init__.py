"""Whether two results are the same, and where they differ: one file for each kind of value.

`difference` gives a sentence with the place and both values, `3.0 and 3`, before first. The modes:

- exact: values and types, in order. 3 and 3.0 differ, as int64 and float64 do. NaN equals NaN.
- unordered: rows of a frame or an array, items of a list in any order, as often as they stand there. Only the
  outermost collection: what is inside a row keeps its order. A tuple's places mean something.
- close: numbers within a relative 1e-9 (1e-5 in single precision) or an absolute 1e-12, whatever their types
  and dtypes; everything else as in exact, in order.
- off: not compared.

Each kind's file says what that means for it. Nothing as large as the values is ever made of them: arrays and
columns are compared block by block, up to the first difference. A further kind is one new file; third
parties name a module with subclasses of `Kind` under the entry point `jupyter_perf.equality`.
"""

from __future__ import annotations

from typing import Any

from jupyter_perf.equality.base import MODES, IncomparableError, Kind, Rules
from jupyter_perf.equality.digests import Fingerprint, fingerprint
from jupyter_perf.equality.walk import first_difference

__all__ = ["MODES", "Fingerprint", "IncomparableError", "Kind", "difference", "fingerprint"]


def difference(before: Any, after: Any, mode: str = "exact") -> str | None:
    """The first difference of two results as a sentence, or None if they are the same.

    Raises IncomparableError where it cannot be told (an iterator, a lock), with a sentence that says what to
    do, and ValueError for an unknown mode.
    """
    if mode not in MODES:
        raise ValueError(f"unknown mode {mode!r}: use {', '.join(MODES[:-1])} or {MODES[-1]}")
    return None if mode == "off" else first_difference(before, after, Rules(mode))
