"""`.prof`: the exact counts in the form of Python's `pstats`, which snakeviz and others read too."""

from __future__ import annotations

import marshal
from typing import ClassVar

from jupyter_perf.model import Report
from jupyter_perf.renderers import Renderer

Label = tuple[str, int, str]
Cost = tuple[int, int, float, float]
Stats = dict[Label, tuple[int, int, float, float, dict[Label, Cost]]]


class Prof(Renderer):
    """What `pstats.Stats(path)` loads, with files named as the report shows them."""

    ending: ClassVar[str | None] = ".prof"
    needs_exact: ClassVar[bool] = True

    def render(self, report: Report, *, top: int = 20) -> bytes:
        """Every function, whatever `top` says; raises ValueError where calls were not counted."""
        return marshal.dumps(pstats_form(report))


def pstats_form(report: Report) -> Stats:
    """What `pstats.Stats` keeps: (file, line, function) to its numbers and callers.

    A function has (primitive calls, calls, own seconds, seconds with callees, callers), and a caller
    (calls, primitive calls, own seconds, seconds with callees): cProfile writes the two orders so.

    Raises ValueError, in one sentence, where calls were not counted.
    """
    functions = report.run.tables.get("exact_functions")
    if functions is None or not len(functions):
        raise ValueError("`.prof` needs call counts: add --exact")
    labels = [(row["file"], row["line"], row["function"]) for row in functions.rows()]
    stats: Stats = {
        label: (row["primitive_calls"], row["calls"], row["self_s"], row["total_s"], {})
        for label, row in zip(labels, functions.rows(), strict=True)
    }
    for row in report.run.table("exact_callers").rows():
        callers = stats[labels[row["callee"]]][4]
        callers[labels[row["caller"]]] = (row["calls"], row["primitive_calls"], row["self_s"], row["total_s"])
    return stats
