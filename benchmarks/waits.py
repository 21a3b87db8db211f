"""What a user waits for: loading the extension, an empty cell, the report after a long one."""

from __future__ import annotations

from benchmarks.effort import Effort
from benchmarks.intervals import Estimate, of_median
from benchmarks.kernel import Kernel, timed
from benchmarks.page import Grid, Section, Verdict
from benchmarks.workloads import CALLS, PANDAS, SQL

LOAD_BUDGET_S, EMPTY_BUDGET_S, REPORT_BUDGET_S = 0.15, 0.15, 0.2
HOW = """\
`%load_ext` is timed inside a cell of a fresh kernel, {loads} times; all modules are compiled to byte code, as
after an installation. An empty cell is `pass`, plain and under `%%perf` (with its report shown) in turns,
from the request to the reply as a front end sees them; the first recorded cell of a kernel, which imports
what the report needs, stands apart ({loads} fresh kernels). The report after a cell of {report_s:g} s
(recursive calls, pandas and N+1 look-ups in turns) is the time from the end of the user's code to the reply:
the first of a kernel, and those after it."""

EMPTY, RECORDED = "pass", "%%perf\npass"


def measure(effort: Effort) -> Section:
    """All three."""
    loads, firsts = _fresh(effort)
    found = {
        ("`%load_ext jupyter_perf`", LOAD_BUDGET_S): of_median(loads),
        ("empty cell under `%%perf`, more than plain", EMPTY_BUDGET_S): _empty(effort),
        ("the same, the kernel's first", EMPTY_BUDGET_S): of_median(firsts),
    }
    first, later = _reports(effort)
    found["report after a long cell, the kernel's first", REPORT_BUDGET_S] = of_median(first)
    found["report after a long cell, later ones", REPORT_BUDGET_S] = of_median(later)
    rows = [[what, estimate.shown(3)] for (what, _), estimate in found.items()]
    verdicts = [
        Verdict(what, estimate.value, budget_s, "s", estimate.low, estimate.high)
        for (what, budget_s), estimate in found.items()
    ]
    how = HOW.format(loads=effort.loads, report_s=effort.report_cell_s)
    return Section("What a user waits for", how, [Grid(["what", "s"], rows)], verdicts)


def _fresh(effort: Effort) -> tuple[list[float], list[float]]:
    """Seconds of loading, and of a kernel's first recorded empty cell more than a plain one."""
    loads, firsts = [], []
    for _ in range(effort.loads):
        with Kernel() as kernel:
            loads.append(kernel.must_run(timed("%load_ext jupyter_perf")).code_s or 0.0)
            plain_s = [kernel.must_run(EMPTY).whole_s for _ in range(5)]
            firsts.append(kernel.must_run(RECORDED).whole_s - sorted(plain_s)[2])
    return loads, firsts


def _empty(effort: Effort) -> Estimate:
    with Kernel("jupyter_perf") as kernel:
        for cell in (EMPTY, RECORDED):
            kernel.must_run(cell)
        extra = []
        for turn in range(2 * effort.rounds):
            cells = (EMPTY, RECORDED) if turn % 2 == 0 else (RECORDED, EMPTY)
            whole_s = {cell: kernel.must_run(cell).whole_s for cell in cells}
            extra.append(whole_s[RECORDED] - whole_s[EMPTY])
    return of_median(extra)


def _reports(effort: Effort) -> tuple[list[float], list[float]]:
    """Seconds from the end of the code to the reply: of kernels' first reports, and of later ones."""
    cell = timed(
        f"while clock() - begun < {effort.report_cell_s}:",
        *(f"    {workload.name}(1)" for workload in (CALLS, PANDAS, SQL)),
        magic="%%perf",
    )
    first, later = [], []
    for _ in range(2):
        with Kernel("jupyter_perf") as kernel:
            for workload in (CALLS, PANDAS, SQL):
                kernel.must_run(f"{workload.setup}\n{workload.name} = work")
            after_s = [kernel.must_run(cell).after_s or 0.0 for _ in range(1 + effort.report_cells // 2)]
            first.append(after_s[0])
            later += after_s[1:]
    return first, later
