"""A cell with a million statements: what remembering them takes, and how long the report does."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from benchmarks.effort import Effort
from benchmarks.events import SQLITE
from benchmarks.kernel import Kernel, Ran, timed
from benchmarks.page import Grid, Section, Verdict

MEMORY_BUDGET_MB, REPORT_BUDGET_S = 100.0, 2.0
HOW = """\
A cell with {statements:,} sqlite3 look-ups, plain and under `%%perf` in turns, each in a fresh kernel,
{runs} times; medians. Resident memory is read inside the cell before and after the look-ups, and its peak
(`VmHWM`) once the report is shown; what the plain cell grew by is taken off. The report's time is that from
the end of the user's code to the reply."""

READER = """\
def resident(field):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith(field))

with open("/proc/self/clear_refs", "w") as mark:
    mark.write("5")
"""


def measure(effort: Effort) -> Section:
    """Plain and recorded, in turns."""
    plain, recorded = [], []
    for _ in range(effort.statement_runs):
        plain.append(_ran("", effort.statements))
        recorded.append(_ran("%%perf", effort.statements))
    log_mb = _median_mb(recorded, "grown") - _median_mb(plain, "grown")
    peak_mb = _median_mb(recorded, "peak") - _median_mb(plain, "peak")
    report_s = median(ran.after_s or 0.0 for ran in recorded)
    code_s = [median(ran.code_s or 0.0 for ran in runs) for runs in (plain, recorded)]
    rows = [
        ["memory at the end of the code, more than plain", f"{log_mb:.0f} MB"],
        ["peak of memory, report included, more than plain", f"{peak_mb:.0f} MB"],
        ["from the end of the code to the reply", f"{report_s:.2f} s"],
        ["the code itself, plain", f"{code_s[0]:.2f} s"],
        ["the code itself, recorded", f"{code_s[1]:.2f} s"],
    ]
    verdicts = [
        Verdict(f"{effort.statements:,} statements, peak of memory", peak_mb, MEMORY_BUDGET_MB, "MB"),
        Verdict(f"{effort.statements:,} statements, report", report_s, REPORT_BUDGET_S, "s"),
    ]
    how = HOW.format(statements=effort.statements, runs=effort.statement_runs)
    return Section("A million statements", how, [Grid(["what", "measured"], rows)], verdicts)


def _ran(magic: str, statements: int) -> Ran:
    lines = [line.replace("{n}", str(statements)) for line in SQLITE.lines]
    cell = timed(*lines, "after = resident('VmRSS')", magic=magic)
    cell = cell.replace("begun = clock()", "before = resident('VmRSS')\nbegun = clock()")
    with Kernel("jupyter_perf") as kernel:
        kernel.must_run(SQLITE.setup)
        kernel.must_run(READER)
        return kernel.must_run(cell, {"grown": "after - before", "peak": "resident('VmHWM') - before"})


def _median_mb(runs: Sequence[Ran], name: str) -> float:
    return float(median(ran.values[name] for ran in runs)) / 1e6
