"""How much slower a cell is under each profiler."""

from __future__ import annotations

from dataclasses import dataclass, field

from benchmarks.effort import Effort
from benchmarks.intervals import Estimate, of_geometric_mean, of_median
from benchmarks.kernel import Kernel, Ran, timed
from benchmarks.page import Grid, Section, Verdict
from benchmarks.profilers import CONTROL, PERF, PROFILERS, Profiler
from benchmarks.workloads import BUDGETED, WORKLOADS, Workload

MEAN_BUDGET, WORST_BUDGET = 1.03, 1.08
HOW = """\
Each workload is a function of an earlier cell, called by a cell that takes about {cell_s:g} s, in a real
kernel. Every profiler has a kernel of its own, in which a plain cell and a profiled one take turns, now
one first, now the other; the profilers take turns too. The figure is the time of the user's own code,
read inside the cell, profiled ÷ plain: {pairs} pairs for `%%perf`, {peer_pairs} for its peers. "plain
again" compares plain cells with plain cells, and shows what the machine alone does. The geometric mean is
that of {budgeted}. What a profiler does before and after the code is in the
second table (pyinstrument, memray and scalene make their reports then; scalene sleeps for two seconds).
line_profiler is told of the workload's own functions, and gets a tenth of the work; scalene a fresh
kernel for each pair, plain first, as it slows the cells after it."""


@dataclass
class Pairs:
    """Plain and profiled cells, pair by pair, or the reason why there are none."""

    code_ratios: list[float] = field(default_factory=list)
    whole_extra_s: list[float] = field(default_factory=list)
    failure: str = ""

    def add(self, plain: Ran, profiled: Ran) -> None:
        """Count a pair; a cell that did not run to its end is a failure."""
        if plain.code_s is None or profiled.code_s is None:
            self.failure = _reason(profiled)
            return
        self.code_ratios.append(profiled.code_s / plain.code_s)
        outside_s = profiled.whole_s - profiled.code_s
        self.whole_extra_s.append(outside_s - (plain.whole_s - plain.code_s))

    @property
    def ratio(self) -> Estimate:
        """The median ratio of the user's own code."""
        return of_median(self.code_ratios)


Found = dict[tuple[str, str], Pairs]


def measure(effort: Effort) -> Section:
    """All workloads under all profilers."""
    found: Found = {}
    for workload in WORKLOADS:
        _Arena(workload, effort).run(found)
    return _section(found, effort)


class _Arena:
    """One workload, and a kernel for each profiler."""

    def __init__(self, workload: Workload, effort: Effort) -> None:
        self._workload = workload
        self._effort = effort
        self._kernels: dict[Profiler, Kernel] = {}

    def run(self, found: Found) -> None:
        try:
            for one in PROFILERS:
                if not one.leaves_residue:
                    self._kernels[one] = self._kernel(one)
            size = self._calibrated()
            for one in PROFILERS:
                found[one.name, self._workload.name] = Pairs()
                self._warm_up(one, size)
            for turn in range(self._effort.pairs):
                for one in PROFILERS:
                    pairs = found[one.name, self._workload.name]
                    if not pairs.failure and turn < self._wanted(one):
                        self._pair(one, size, turn, pairs)
        finally:
            for kernel in self._kernels.values():
                kernel.shutdown()

    def _wanted(self, profiler: Profiler) -> int:
        return self._effort.pairs if profiler in (PERF, CONTROL) else self._effort.peer_pairs

    def _kernel(self, profiler: Profiler) -> Kernel:
        kernel = Kernel(*profiler.extensions)
        kernel.must_run(self._workload.setup)
        return kernel

    def _calibrated(self) -> int:
        """How many units make a plain cell of the wanted length."""
        kernel, size, code_s = self._kernels[CONTROL], 1, 0.0
        while code_s < self._effort.cell_s / 10:
            size *= 2
            code_s = kernel.must_run(timed(self._workload.call(size))).code_s or 0.0
        return max(1, round(size * self._effort.cell_s / code_s))

    def _warm_up(self, profiler: Profiler, size: int) -> None:
        """One short cell of each kind that is not counted."""
        if not profiler.leaves_residue:
            short = max(1, int(size * profiler.share / 10))
            self._kernels[profiler].run(timed(self._workload.call(short)))
            self._kernels[profiler].run(profiler.cell(self._workload, short))

    def _pair(self, profiler: Profiler, size: int, turn: int, pairs: Pairs) -> None:
        size = max(1, int(size * profiler.share))
        plain, profiled = timed(self._workload.call(size)), profiler.cell(self._workload, size)
        if profiler.leaves_residue:
            with self._kernel(profiler) as kernel:
                kernel.run(timed(self._workload.call(max(1, size // 10))))
                pairs.add(kernel.run(plain), kernel.run(profiled))
            return
        kernel = self._kernels[profiler]
        if turn % 2 == 0:
            pairs.add(kernel.run(plain), kernel.run(profiled))
        else:
            second = kernel.run(profiled)
            pairs.add(kernel.run(plain), second)


def _reason(ran: Ran) -> str:
    """The first error that the failed cell showed, or the last line that it said."""
    lines = [line.strip() for line in ran.said.splitlines() if line.strip()]
    errors = [line for line in lines if "Error: " in line]
    return (errors[:1] or lines[-1:] or [f"status {ran.status}, without a word"])[0][:120]


def _section(found: Found, effort: Effort) -> Section:
    names = [workload.name for workload in WORKLOADS]
    means = {one.name: mean for one in PROFILERS if (mean := _mean(one, found)) is not None}
    ratios, extras, failures = [], [], []
    for profiler in PROFILERS:
        row = {name: found[profiler.name, name] for name in names}
        mean = means.get(profiler.name)
        ratios.append([profiler.name, *map(_ratio, row.values()), mean.shown() if mean else "-"])
        extras.append([profiler.name, *map(_extra, row.values())])
        failed = {name: pairs.failure for name, pairs in row.items() if pairs.failure}
        failures += [f"{profiler.name} fails on {name}: `{reason}`" for name, reason in failed.items()]
    grids = [
        Grid(["the user's code, profiled ÷ plain", *names, "geometric mean"], ratios),
        Grid(["before and after the code, s more than plain", *names], extras),
    ]
    budgeted = ", ".join(workload.name for workload in BUDGETED)
    how = HOW.format(
        cell_s=effort.cell_s, pairs=effort.pairs, peer_pairs=effort.peer_pairs, budgeted=budgeted
    )
    verdicts = _verdicts(means[PERF.name], found) if PERF.name in means else []
    return Section("The cost of a profiled cell", how, grids, verdicts, failures)


def _mean(profiler: Profiler, found: Found) -> Estimate | None:
    """The geometric mean over the workloads of the budget, where none failed."""
    groups = [found[profiler.name, workload.name].code_ratios for workload in BUDGETED]
    return of_geometric_mean(groups) if all(groups) else None


def _verdicts(mean: Estimate, found: Found) -> list[Verdict]:
    ratios = {workload.name: found[PERF.name, workload.name].ratio for workload in BUDGETED}
    name = max(ratios, key=lambda name: ratios[name].value)
    worst, what = ratios[name], "`%%perf` ÷ plain"
    return [
        Verdict(f"{what}, geometric mean", mean.value, MEAN_BUDGET, "", mean.low, mean.high),
        Verdict(f"{what}, worst of five ({name})", worst.value, WORST_BUDGET, "", worst.low, worst.high),
    ]


def _ratio(pairs: Pairs) -> str:
    return "fails" if pairs.failure else pairs.ratio.shown()


def _extra(pairs: Pairs) -> str:
    return "-" if pairs.failure else f"{of_median(pairs.whole_extra_s).value:.3f}"
