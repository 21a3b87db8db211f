"""Pictures, as matplotlib figures that have nothing to do with pyplot.

A figure is shown by a notebook as the last value of a cell, and saved with `figure.savefig`. Making one
changes neither the backend nor pyplot's state, and opens no window.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_perf.model import Comparison, Report, Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["plot"]


def plot(x: Run | Report | Comparison) -> Figure:
    """A Run as its timeline, a Report as its hot lines, a Comparison as its pairs of times.

    A report of comparisons is drawn as these, all in one picture. Raises TypeError for anything else.
    """
    if isinstance(x, Run):
        from jupyter_perf.plots.timeline import timeline

        return timeline(x)
    if isinstance(x, Report) and not x.comparisons:
        from jupyter_perf.plots.hot_lines import hot_lines

        return hot_lines(x)
    if isinstance(x, Report | Comparison):
        from jupyter_perf.plots.pairs import pairs

        return pairs(x.comparisons if isinstance(x, Report) else (x,))
    raise TypeError(f"plot draws a Run, a Report or a Comparison, not a value of type {type(x).__name__}")
