"""The profilers under test, each as the cell that its users type."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.kernel import timed
from benchmarks.workloads import Workload


@dataclass(frozen=True)
class Profiler:
    """A cell magic.

    `share` is the part of the work that a slow profiler is given, and the plain cell beside it. A
    profiler that slows the cells after it gets a fresh kernel for each pair (`leaves_residue`).
    """

    name: str
    magic: str = ""
    extensions: tuple[str, ...] = ()
    share: float = 1.0
    leaves_residue: bool = False

    def cell(self, workload: Workload, size: int) -> str:
        """The profiled cell."""
        return timed(workload.call(size), magic=self.magic)


class LineProfiler(Profiler):
    """`%lprun` is told of the functions, and takes a statement."""

    def cell(self, workload: Workload, size: int) -> str:
        """The statement is a function that reads the clock around the work."""
        functions = " ".join(f"-f {name}" for name in workload.functions)
        indented = timed(workload.call(size)).replace("\n", "\n    ")
        define = f"def timed_work():\n    global begun, ended\n    {indented}\n"
        if workload.is_awaited:
            return f"%lprun {functions} {workload.call(size)}"
        return f"{define}%lprun {functions} timed_work()"


CONTROL = Profiler("plain again")
PERF = Profiler("%%perf", "%%perf", ("jupyter_perf",))
PEERS = (
    Profiler("%%prun", "%%prun -q"),
    Profiler("pyinstrument", "%%pyinstrument --interval=0.001", ("pyinstrument",)),
    LineProfiler("line_profiler", extensions=("line_profiler",), share=0.1),
    Profiler("memray", "%%memray_flamegraph", ("memray",)),
    Profiler("scalene", "%%scalene", ("scalene",), leaves_residue=True),
)
PROFILERS = (CONTROL, PERF, *PEERS)
