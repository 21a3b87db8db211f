"""How true the lines are: profiles of loops with known costs, by distance from the truth."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from benchmarks.effort import Effort
from benchmarks.kernel import Kernel, KernelError
from benchmarks.known_costs import KNOWN_LOOPS, KnownLoop, true_costs
from benchmarks.page import Grid, Section, Verdict

BUDGET = 0.05
TRUTH_TURNS = 20_000
PY_SPY_RATE_HZ = 500
HOW = """\
Each loop runs for about {seconds:g} s in a cell of its own ({runs} runs for each profiler, in turns; the
figure is the median, the range behind it). What its lines truly cost is measured apart: each line alone in
the same loop, timed with `perf_counter`, less the empty loop, {repeats} times in turns. The distance is the
total variation distance between the true shares of the lines and the profile's, half the sum of the
differences: 0 is all in its place, 1 is nothing. "truth again" is the distance between two measurements of
the truth, in two processes. Sampling alone, at py-spy's {rate} a second, would account for about {noise:.3f}.
The loops have no Python calls, so that every profiler may show each line's whole cost."""

Shares = Mapping[int, float]


@dataclass(frozen=True)
class LineTool:
    """A profiler that tells lines: how it is run on a loop, and how its lines are read.

    `cells` take `{source}`, the loop as a function, and `{n}`, its turns; `lines` is an expression for
    (line, weight) pairs. `share` is the part of the turns that a slow one is given.
    """

    name: str
    extension: str
    cells: tuple[str, ...]
    lines: str
    share: float = 1.0


def _perf(engine: str) -> LineTool:
    cell = f"%%perf --quiet --engine {engine} -o report\n{{source}}\nwork({{n}})"
    lines = "[(row['line'], row['self_s']) for row in report.run.table('lines').rows()]"
    return LineTool(f"%%perf, {engine}", "jupyter_perf", (cell,), lines)


# Scalene writes its profile as data inside a page of HTML.
SCALENE_READER = """\
import json, re
page = open("profile.html").read()
begin = re.search(r"const profile = ", page).end()
profile, _ = json.JSONDecoder().raw_decode(page, begin)
files = [file for name, file in profile["files"].items() if "_ipython-input" in name]
found = [line for file in files for line in file["lines"]]
kinds = ("n_cpu_percent_python", "n_cpu_percent_c", "n_sys_percent")"""

TOOLS = (
    _perf("py-spy"),
    _perf("signal"),
    _perf("thread"),
    LineTool(
        "line_profiler",
        "line_profiler",
        ("# the function begins on the next line\n{source}", "profile = %lprun -r -f work work({n})"),
        "[(n, t) for rows in profile.get_stats().timings.values() for n, _, t in rows]",
        share=0.3,
    ),
    LineTool(
        "scalene",
        "scalene",
        ("%%scalene --outfile profile.html\n{source}\nwork({n})", SCALENE_READER),
        "[(line['lineno'], sum(line[kind] for kind in kinds)) for line in found]",
    ),
)


def distance(truth: Shares, found: Shares) -> float:
    """The total variation distance; weight outside the known lines counts as misplaced."""
    lines = {*truth, *found}
    return sum(abs(truth.get(line, 0.0) - found.get(line, 0.0)) for line in lines) / 2


def shares(weights: Mapping[int, float]) -> dict[int, float]:
    """Weights as parts of their sum. Raises ValueError for weights that are all zero."""
    total = sum(weights.values())
    if total <= 0:
        raise ValueError("the profile is empty")
    return {line: weight / total for line, weight in weights.items()}


def sampling_noise(truth: Shares, samples: float) -> float:
    """The distance to expect of that many independent samples.

    Half the sum of the mean absolute deviations of binomial shares, in the normal approximation.
    """
    return sum(math.sqrt(2 * p * (1 - p) / (math.pi * samples)) for p in truth.values()) / 2


def measure(effort: Effort) -> Section:
    """All loops under all profilers."""
    rows, verdicts, noise = [], [], 0.0
    remarks: list[str] = []
    for loop in KNOWN_LOOPS:
        truth, again, found = _profiles(loop, effort, remarks)
        noise = max(noise, sampling_noise(truth, effort.line_run_s * PY_SPY_RATE_HZ))
        distances = [[distance(truth, one) for one in found[tool.name]] for tool in TOOLS]
        rows.append([loop.name, f"{distance(truth, again):.3f}", *map(_shown, distances)])
        py_spy = distances[0]
        if py_spy:
            verdicts.append(Verdict(f"line distance, py-spy, {loop.name}", median(py_spy), BUDGET, "",
                                    min(py_spy), max(py_spy)))  # fmt: skip
    how = HOW.format(seconds=effort.line_run_s, runs=effort.line_runs, repeats=effort.truth_repeats,
                     rate=PY_SPY_RATE_HZ, noise=noise)  # fmt: skip
    grid = Grid(["distance from the true costs", "truth again", *(tool.name for tool in TOOLS)], rows)
    return Section("Costs at their lines", how, [grid], verdicts, list(dict.fromkeys(remarks)))


def _profiles(
    loop: KnownLoop, effort: Effort, remarks: list[str]
) -> tuple[Shares, Shares, dict[str, list[Shares]]]:
    """The truth, the truth again, and the profiles of each tool."""
    with Kernel() as kernel:
        costs = true_costs(kernel, loop, TRUTH_TURNS, effort.truth_repeats)
    turns = max(1000, int(effort.line_run_s / sum(costs.values())))
    found: dict[str, list[Shares]] = {tool.name: [] for tool in TOOLS}
    for _ in range(effort.line_runs):
        for tool in TOOLS:
            try:
                found[tool.name].append(shares(_lines(tool, loop, int(turns * tool.share))))
            except (KernelError, ValueError) as error:
                remarks.append(f"{tool.name} gave no lines for {loop.name}: {str(error).splitlines()[-1]}")
    with Kernel() as kernel:
        again = true_costs(kernel, loop, TRUTH_TURNS, effort.truth_repeats)
    return shares(costs), shares(again), found


def _lines(tool: LineTool, loop: KnownLoop, turns: int) -> dict[int, float]:
    """One run in a fresh kernel: weights by line."""
    with Kernel(tool.extension) as kernel:
        for cell in tool.cells:
            filled = cell.replace("{source}", loop.source()).replace("{n}", str(turns))
            kernel.must_run(filled)
        pairs = kernel.must_run("pass", {"lines": tool.lines}).values["lines"]
    if pairs is None:
        raise ValueError("its result could not be read")
    weights: dict[int, float] = {}
    for line, weight in pairs:
        weights[line] = weights.get(line, 0.0) + weight
    return weights


def _shown(distances: list[float]) -> str:
    if not distances:
        return "-"
    return f"{median(distances):.3f} ({min(distances):.3f} to {max(distances):.3f})"
