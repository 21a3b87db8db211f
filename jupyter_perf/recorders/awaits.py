"""Where the tasks of the cell waited: suspended time by task and awaiting line."""

from __future__ import annotations

import sys

from jupyter_perf.context import Context, Options
from jupyter_perf.model import Table
from jupyter_perf.model.columns import COLUMNS
from jupyter_perf.recorders import Draft, Recorder
from jupyter_perf.recorders.suspensions import Ledger, Row
from jupyter_perf.recorders.suspensions_monitored import MonitoredSuspensions
from jupyter_perf.recorders.suspensions_wrapped import WrappedSuspensions


class AwaitsRecorder(Recorder):
    """Times what lies between a task's steps, the cell's own top-level awaits included.

    From Python 3.12 on `sys.monitoring` tells of each suspension; on 3.11 coroutines are wrapped as
    tasks are made. A task that was there before the cell is left out, unless it runs the cell.
    """

    order = 80

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._ledger = Ledger(context)
        self._mechanism = self._choose()

    def _choose(self) -> MonitoredSuspensions | WrappedSuspensions:
        context = self.context
        if sys.version_info >= (3, 12):
            return MonitoredSuspensions(self._ledger, context.loop, context.task)
        return WrappedSuspensions(self._ledger, context.loop, context.task, context.shell)

    @classmethod
    def is_wanted(cls, options: Options) -> bool:
        """Every run: code that does not await pays nothing for it."""
        return True

    def start(self) -> None:
        """Begin to see suspensions; raises RuntimeError with one sentence where that cannot be."""
        self._mechanism.start()
        if isinstance(self._mechanism, WrappedSuspensions):
            self.context.timed = self._mechanism.timed

    def stop(self) -> None:
        """See no more; what is still suspended is counted up to now, and goes on untouched."""
        self._mechanism.stop()

    def collect(self, draft: Draft) -> None:
        """Set the table `awaits`, `line_waits` and `cell_suspensions`."""
        if self._misses_cell():
            self.context.note(
                "On Python 3.11 the awaits of code that was running when the recording began are not timed; "
                "those of the tasks that it starts are."
            )
        rows = self._ledger.rows()
        draft.tables["awaits"] = Table.of_rows(list(COLUMNS["awaits"]), map(self._shown, rows))
        for row in rows:
            place = row.filename, row.line
            draft.line_waits[place] = draft.line_waits.get(place, 0.0) + row.wait_s
        origin_s = self.context.origin_s
        draft.cell_suspensions.extend(
            (start_s - origin_s, end_s - origin_s, filename, line, function)
            for start_s, end_s, filename, line, function in self._ledger.intervals
        )
        draft.folded.extend(self._ledger.folded)
        if self._ledger.most_waiting > 1:
            self.context.note(f"Up to {self._ledger.most_waiting:,} tasks waited at once.")

    def _misses_cell(self) -> bool:
        mechanism, context = self._mechanism, self.context
        if not isinstance(mechanism, WrappedSuspensions) or mechanism.saw_cell or context.task is None:
            return False
        return context.shell is None or context.is_async

    def _shown(self, row: Row) -> tuple[str, str, int, str | None, int, float, float, float]:
        sources = self.context.sources
        return (
            row.task,
            sources.shown_file(row.filename),
            sources.shown_line(row.filename, row.line),
            sources.source_line(row.filename, row.line),
            row.calls,
            row.wait_s,
            row.wait_s / row.calls,
            row.max_s,
        )
