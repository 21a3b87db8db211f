"""The Run: what happened while one piece of code ran."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from jupyter_perf.model.columns import COLUMNS
from jupyter_perf.model.frames import to_frame
from jupyter_perf.model.merge import merged_tables
from jupyter_perf.model.table import Table

if TYPE_CHECKING:
    import pandas as pd

Partial = Literal["exception", "interrupt"]


@dataclass(frozen=True)
class Run:
    """What happened while one piece of code ran, once.

    Seconds and bytes throughout. `None` is a value that was not measured. `started_at` is Unix time in
    seconds; times inside the tables count from the start of the run. `wait_s` is wall time in which
    the thread that ran the cell was not on a processor; `cpu_s` is the time of the whole process.
    `folded` says in words what was merged to keep the run bounded. `partial` says why the code did
    not come to its end.
    """

    run_id: str
    label: str | None
    cell_id: str | None
    started_at: float
    wall_s: float
    cpu_s: float | None = None
    wait_s: float | None = None
    sql_s: float | None = None
    gc_s: float | None = None
    peak_bytes: int | None = None
    growth_bytes: int | None = None
    sampler: str | None = None
    rate_hz: float | None = None
    overhead_s: float | None = None
    folded: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    partial: Partial | None = None
    tables: Mapping[str, Table] = field(default_factory=dict)

    @classmethod
    def merge(cls, runs: Sequence[Run], label: str | None = None) -> Run:
        """Runs of several cells or processes as one: sums of times and counts, maxima of memory.

        The 95th percentile of merged statements is the largest of theirs. Raises ValueError for no runs.
        """
        if not runs:
            raise ValueError("there are no runs to merge")
        first = min(runs, key=lambda run: run.started_at)
        wall_s = sum(run.wall_s for run in runs)
        parts = [(run.started_at - first.started_at, run.tables) for run in runs]
        peaks = [run.peak_bytes for run in runs if run.peak_bytes is not None]
        return replace(
            first,
            run_id="+".join(run.run_id[:8] for run in runs[:8]),
            label=label,
            cell_id=None,
            wall_s=wall_s,
            cpu_s=_total(run.cpu_s for run in runs),
            wait_s=_total(run.wait_s for run in runs),
            sql_s=_total(run.sql_s for run in runs),
            gc_s=_total(run.gc_s for run in runs),
            overhead_s=_total(run.overhead_s for run in runs),
            peak_bytes=max(peaks, default=None),
            growth_bytes=None,
            folded=tuple(dict.fromkeys(part for run in runs for part in run.folded)),
            notes=tuple(dict.fromkeys(note for run in runs for note in run.notes)),
            partial=None,
            tables=merged_tables(parts, wall_s),
        )

    def table(self, name: str) -> Table:
        """The columns of one frame as they were recorded; empty columns where nothing was."""
        return self.tables.get(name) or Table(dict.fromkeys(COLUMNS[name], ()))

    def _frame(self, name: str) -> pd.DataFrame:
        return to_frame(self.table(name), COLUMNS[name])

    @property
    def lines(self) -> pd.DataFrame:
        """The user's lines, hottest first.

        `self_s` is wall time at the line, with the library code that it called but without other lines
        of the user's; the lines' `self_s` add up to the cell's wall time. `wait_s` is the part of it
        that was off the processor or suspended. `total_s` includes the user's own functions.
        """
        return self._frame("lines")

    @property
    def functions(self) -> pd.DataFrame:
        """Every function seen, libraries' included, by own time. `calls` is there after `--exact`."""
        return self._frame("functions")

    @property
    def stacks(self) -> pd.DataFrame:
        """Call stacks, outermost first, with the seconds spent at their innermost frame."""
        return self._frame("stacks")

    @property
    def queries(self) -> pd.DataFrame:
        """One row for each logical statement; `start_s` counts from the start of the run."""
        return self._frame("queries")

    @property
    def statements(self) -> pd.DataFrame:
        """Queries grouped by fingerprint, database and call site, by total time."""
        return self._frame("statements")

    @property
    def plans(self) -> pd.DataFrame:
        """Query plans, a row for each node."""
        return self._frame("plans")

    @property
    def awaits(self) -> pd.DataFrame:
        """Suspended time by task and awaiting line."""
        return self._frame("awaits")

    @property
    def calls(self) -> pd.DataFrame:
        """Calls of the user's functions, and how many repeated their arguments."""
        return self._frame("calls")

    @property
    def requests(self) -> pd.DataFrame:
        """HTTP requests made while the code ran."""
        return self._frame("requests")

    @property
    def memory(self) -> pd.DataFrame:
        """Resident memory of the process over time."""
        return self._frame("memory")

    @property
    def payloads(self) -> pd.DataFrame:
        """What results weigh, field by field."""
        return self._frame("payloads")

    @property
    def cells(self) -> pd.DataFrame:
        """The notebook cells that `file` names, with their source."""
        return self._frame("cells")

    @property
    def breakdown(self) -> pd.DataFrame:
        """Where the wall time went, by category; the seconds add up to `wall_s`."""
        return self._frame("breakdown")

    @property
    def timeline(self) -> pd.DataFrame:
        """Running, waiting and SQL time of the cell's thread in equal slices of the run."""
        return self._frame("timeline")

    @property
    def threads(self) -> pd.DataFrame:
        """Processor time and observed time by thread."""
        return self._frame("threads")

    @property
    def user_functions(self) -> pd.DataFrame:
        """The user's functions with the time of the libraries that they called, by own time."""
        return self._frame("user_functions")

    @property
    def exact_functions(self) -> pd.DataFrame:
        """CProfile's counts and times by function (`--exact`)."""
        return self._frame("exact_functions")

    @property
    def exact_callers(self) -> pd.DataFrame:
        """CProfile's caller pairs, as row numbers of `exact_functions` (`--exact`)."""
        return self._frame("exact_callers")

    @property
    def profiled_lines(self) -> pd.DataFrame:
        """line_profiler's counts and times by line (`--lines`)."""
        return self._frame("profiled_lines")

    @property
    def memory_lines(self) -> pd.DataFrame:
        """Memory by line (`--memory`)."""
        return self._frame("memory_lines")


def _total(values: Iterable[float | None]) -> float | None:
    """The sum of what was measured; None where nothing was."""
    measured = [value for value in values if value is not None]
    return sum(measured) if measured else None
