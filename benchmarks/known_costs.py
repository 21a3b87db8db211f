"""Loops whose cost by line is known, because each line was also timed on its own."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from benchmarks.kernel import Kernel

# In a cell that begins with a magic, the function's `def` stands on line 2.
DEF_LINE = 2

TIMER = """\
from time import perf_counter

def seconds_for(step, n):
    begun = perf_counter()
    step(n)
    return perf_counter() - begun
"""


@dataclass(frozen=True)
class KnownLoop:
    """A loop of independent lines; `prepare` sets what they read, before the loop."""

    name: str
    prepare: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def loop_line(self) -> int:
        """The line of the `for`, in a cell that begins with a magic."""
        return DEF_LINE + 1 + len(self.prepare)

    def function(self, name: str, lines: tuple[str, ...]) -> str:
        """The loop over some of its lines."""
        head = [f"def {name}(n):", *(f"    {line}" for line in self.prepare), "    for i in range(n):"]
        return "\n".join([*head, *(f"        {line}" for line in lines)])

    def source(self) -> str:
        """The whole loop, as a function `work(n)`."""
        return self.function("work", self.lines)


FLOATS = KnownLoop(
    "float arithmetic",
    ("x, y, t = 1.1, 0.9, 0",),
    (
        "a = x * y + x",
        "b = x * y + x - y * x + y - x * y + x",
        "c = x * y + x - y * x + y - x * y + x * y - x + y * x - y + x * y - x + y * x + y",
        "t += 1",
        "if t > 10: t = 0",
    ),
)
LISTS = KnownLoop(
    "list building",
    ("x, numbers = 1.5, list(range(100))",),
    (
        "a = [x, x, x, x]",
        "b = [x] * 40",
        "c = numbers[:]",
        "d = [*numbers[:20], *numbers[:20]]",
        "e = [[x], [x], [x]]",
    ),
)
C_CALLS = KnownLoop(
    "C calls",
    ("numbers, text = list(range(50)), 'a b c d e f g h'",),
    ("a = sum(numbers)", "b = max(numbers)", "c = text.split()", "d = len(text)", "e = sorted(numbers)"),
)
MIXED = KnownLoop(
    "mixed",
    ("x, y, numbers, table = 1.1, 0.9, list(range(30)), {'key': 1}",),
    (
        "a = x * y + x - y * x + y",
        "b = numbers[:]",
        "c = sum(numbers)",
        "d = table['key'] + len(numbers)",
        "e = f'{i} of {y}'",
        "g = x * y - x + y * x - y + x * y - x + y * x + y - x * y",
    ),
)
KNOWN_LOOPS = (FLOATS, LISTS, C_CALLS, MIXED)


def true_costs(kernel: Kernel, loop: KnownLoop, n: int, repeats: int) -> dict[int, float]:
    """Seconds by line for one turn of the loop, by the line numbers of the cell.

    Each line is timed alone in the same loop, and the loop without a line is taken off; the lines take turns,
    and the median of the repeats counts. The empty loop is what the `for` line costs.
    """
    kernel.must_run(TIMER)
    kernel.must_run(loop.function("empty", ("pass",)))
    names = ["empty"]
    for at, line in enumerate(loop.lines):
        names.append(f"alone_{at}")
        kernel.must_run(loop.function(names[-1], (line,)))
    steps = f"[{', '.join(names)}]"
    kernel.must_run(f"samples = [[seconds_for(step, {n}) for step in {steps}] for _ in range({repeats})]")
    samples = kernel.must_run("pass", {"samples": "samples"}).values["samples"]
    empty_s, *alone_s = [median(column) / n for column in zip(*samples, strict=True)]
    costs = {loop.loop_line: empty_s}
    for at, cost_s in enumerate(alone_s):
        costs[loop.loop_line + 1 + at] = max(0.0, cost_s - empty_s)
    return costs
