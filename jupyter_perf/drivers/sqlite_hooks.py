"""The methods through which sqlite3's cursors and connections are seen while a recording runs.

Each is made around the method that its class would otherwise use, so that a user's own subclass keeps
its behaviour, and returns or raises what that returns or raises.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from sys import _getframe
from types import FrameType
from typing import Any

from jupyter_perf.drivers.statement_log import UNCOUNTED, Source, StatementLog

Hooks = dict[str, Callable[..., Any]]


class SqliteHooks:
    """Makes the methods for one recording.

    `open_rows` maps the identity of a cursor to the row of the statement that it executed last; a
    cursor that takes over the identity of one that is gone replaces the entry when it executes.
    """

    def __init__(self, log: StatementLog, source_of: Callable[[sqlite3.Cursor], Source]) -> None:
        self.log = log
        self.source_of = source_of
        self.open_rows: dict[int, int] = {}

    def of_cursor(self, owner: Any) -> Hooks:
        """The methods for a class of cursors."""
        return {
            "execute": self._execute(owner.execute),
            "executemany": self._execute(owner.executemany, many=True),
            "executescript": self._execute(owner.executescript, script=True),
            "fetchone": self._fetch_one(owner.fetchone),
            "fetchmany": self._fetch_list(owner.fetchmany),
            "fetchall": self._fetch_list(owner.fetchall),
            "__next__": self._fetch_next(owner.__next__),
        }

    def of_connection(self, open_cursor: Callable[..., Any]) -> Hooks:
        """The shortcuts of a class of connections, which open a cursor and execute with it."""
        cursor = sqlite3.Cursor
        return {
            "execute": self._execute(cursor.execute, open_cursor),
            "executemany": self._execute(cursor.executemany, open_cursor, many=True),
            "executescript": self._execute(cursor.executescript, open_cursor, script=True),
        }

    def of_transactions(self, owner: Any) -> Hooks:
        """The ends of transactions: a row where one was open, because that is what reaches the disk."""
        end = self._end_transaction
        original_commit, original_rollback = owner.commit, owner.rollback
        original_exit = owner.__exit__

        def commit(self: Any) -> Any:
            return end(self, "COMMIT", _getframe(1), lambda: original_commit(self))

        def rollback(self: Any) -> Any:
            return end(self, "ROLLBACK", _getframe(1), lambda: original_rollback(self))

        def __exit__(self: Any, *error: Any) -> Any:  # noqa: N807 - a hook for the method of this name
            sql = "COMMIT" if not error or error[0] is None else "ROLLBACK"
            return end(self, sql, _getframe(1), lambda: original_exit(self, *error))

        return {hook.__name__: hook for hook in (commit, rollback, __exit__)}

    def _execute(
        self,
        original: Callable[..., Any],
        open_cursor: Callable[..., Any] | None = None,
        *,
        many: bool = False,
        script: bool = False,
    ) -> Callable[..., Any]:
        log, source_of, open_rows = self.log, self.source_of, self.open_rows
        begin, clock = log.begin, log.clock
        starts, durations, rows = log.starts, log.durations, log.rows

        def execute(self: Any, sql: Any, *parameters: Any) -> Any:
            cursor = self if open_cursor is None else open_cursor(self)
            try:
                source = cursor.connection._source
            except AttributeError:
                source = source_of(cursor)
            row = begin(sql, parameters[0] if parameters else None, _getframe(1), source, many)
            open_rows[id(cursor)] = row
            if row < 0:
                return original(cursor, sql, *parameters)
            start = starts[row]
            try:
                result = original(cursor, sql, *parameters)
            except BaseException as error:
                log.fail(row, error)
                raise
            finally:
                durations[row] += clock() - start
            changed = cursor.rowcount
            if changed > 0 and cursor.description is None:
                rows[row] += changed
            elif script:
                rows[row] = UNCOUNTED
            return result

        execute.__name__ = original.__name__
        return execute

    def _fetch_one(self, original: Callable[..., Any]) -> Callable[..., Any]:
        log, open_rows = self.log, self.open_rows
        clock, durations, rows = log.clock, log.durations, log.rows

        def fetchone(self: Any) -> Any:
            row = open_rows.get(id(self), -1)
            if row < 0:
                return original(self)
            start = clock()
            try:
                result = original(self)
            except BaseException as error:
                log.fail(row, error)
                raise
            finally:
                durations[row] += clock() - start
            if result is not None:
                rows[row] += 1
            return result

        return fetchone

    def _fetch_next(self, original: Callable[..., Any]) -> Callable[..., Any]:
        log, open_rows = self.log, self.open_rows
        clock, durations, rows = log.clock, log.durations, log.rows

        def __next__(self: Any) -> Any:  # noqa: N807 - a hook for the method of this name
            row = open_rows.get(id(self), -1)
            if row < 0:
                return original(self)
            start = clock()
            try:
                result = original(self)
            except StopIteration:
                raise
            except BaseException as error:
                log.fail(row, error)
                raise
            finally:
                durations[row] += clock() - start
            rows[row] += 1
            return result

        return __next__

    def _fetch_list(self, original: Callable[..., Any]) -> Callable[..., Any]:
        log, open_rows = self.log, self.open_rows
        clock, durations, rows = log.clock, log.durations, log.rows

        def fetch(self: Any, *size: Any, **named: Any) -> Any:
            row = open_rows.get(id(self), -1)
            if row < 0:
                return original(self, *size, **named)
            start = clock()
            try:
                result = original(self, *size, **named)
            except BaseException as error:
                log.fail(row, error)
                raise
            finally:
                durations[row] += clock() - start
            rows[row] += len(result)
            return result

        fetch.__name__ = original.__name__
        return fetch

    def _end_transaction(
        self, connection: Any, sql: str, frame: FrameType, original: Callable[[], Any]
    ) -> Any:
        try:
            is_open = connection.in_transaction
        except sqlite3.Error:
            is_open = False
        if not is_open:
            return original()
        log = self.log
        row = log.begin(sql, None, frame, self.source_of(connection), through_covered=True)
        if row < 0:
            return original()
        start = log.clock()
        try:
            result = original()
        except BaseException as error:
            log.fail(row, error)
            raise
        finally:
            log.durations[row] += log.clock() - start
        log.rows[row] = UNCOUNTED
        return result
