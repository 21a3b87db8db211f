"""SQL: every statement at its driver, with call site, parameters, rows and the time until the last row."""

from __future__ import annotations

import sys
from typing import ClassVar

from jupyter_perf import discovery
from jupyter_perf.context import Context, Options
from jupyter_perf.drivers import Driver, Drivers, StatementLog
from jupyter_perf.model import COLUMNS, Table
from jupyter_perf.recorders import Draft, Recorder
from jupyter_perf.recorders import statement_tables as tables


def prepare_drivers() -> None:
    """Let connections that the user opens from now on be fully visible to later recordings.

    For `%load_ext`: without it, a sqlite3 connection that was opened between two recordings shows what it
    executes, but not for how long. `release_drivers` undoes it.
    """
    for driver in discovery.members("drivers", Driver):
        if driver.module in sys.modules:
            driver.prepare()


def release_drivers() -> None:
    """Undo `prepare_drivers`, for `%unload_ext`."""
    for driver in discovery.members("drivers", Driver):
        if driver.is_prepared:
            driver.release()


class SqlRecorder(Recorder):
    """Records the statements of every database library that the program has imported, or imports."""

    order: ClassVar[int] = 60

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.log = StatementLog(context)
        self._drivers = Drivers(discovery.members("drivers", Driver), context, self.log)

    @classmethod
    def is_wanted(cls, options: Options) -> bool:
        """Unless `--no-sql` was given."""
        return options.sql

    def start(self) -> None:
        """Install the drivers, and count for the progress line."""
        self._drivers.install()
        self.context.counters["statements"] = lambda: self.log.begun

    def stop(self) -> None:
        """Uninstall the drivers."""
        self._drivers.uninstall()

    def collect(self, draft: Draft) -> None:
        """Fill `queries` and `statements`, and `sql_s`: the cell's thread's wall time inside SQL."""
        log = self.log
        log.close()
        if not log.shapes:
            for name in ("queries", "statements"):
                draft.tables[name] = Table(dict.fromkeys(COLUMNS[name], ()))
            draft.scalars["sql_s"] = 0.0
            return
        described = tables.describe_shapes(log)
        draft.tables["queries"] = tables.queries_table(log, described)
        draft.tables["statements"] = tables.statements_table(log, described)
        draft.scalars["sql_s"] = tables.time_of_thread(log, self.context.thread_ident, draft.wall_s)
        draft.folded += tables.folded_sentences(log)
        if not self.context.options.params:
            del log.parameters[:]  # the hashes have told the values apart
