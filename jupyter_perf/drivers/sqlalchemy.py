"""SQLAlchemy 2: Core and ORM, sync and async.

The events in which a dialect executes, listened to for all engines, those made earlier too, are where a
statement is sent and timed. The cursor events of the Engine class would tell the same, but any listener
to those makes SQLAlchemy take a slower way for every statement (8 of 31 microseconds more, measured with
2.1). What fetches rows from a result's cursor is hooked in the classes that do it, and adds its time and
rows to the statement. What SQLAlchemy then sends through a library that is a driver of its own is left
out there. Transactions are seen at that library.

The batches of an `insertmanyvalues` are one statement. Under asyncio a statement's time includes that in
which other tasks ran.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from sys import _getframe
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

from jupyter_perf.context import Context
from jupyter_perf.drivers import Driver
from jupyter_perf.drivers.parameters import without_secrets
from jupyter_perf.drivers.patches import Patches
from jupyter_perf.drivers.statement_log import NO_ROW, UNCOUNTED, UNMEASURED, Source, StatementLog

_FETCHING = ("CursorFetchStrategy", "BufferedRowCursorFetchStrategy", "FullyBufferedCursorFetchStrategy")
_SENDING = ("do_execute", "do_executemany", "do_execute_no_params")
_BATCHED = "INSERTMANYVALUES"


class SqlalchemyDriver(Driver):
    """Sees the statements of every Engine.

    `_running` has row and start of the statements that have not ended, and `_open` the row that fetched
    rows belong to, both by the identity of the database cursor; each cursor executes once. `_batches`
    has the row of an execution that sends several statements.
    """

    name: ClassVar[str] = "sqlalchemy"
    module: ClassVar[str] = "sqlalchemy"

    def __init__(self, context: Context, log: StatementLog) -> None:
        super().__init__(context, log)
        self._patches = Patches()
        self._listeners: list[tuple[str, Callable[..., Any]]] = []
        self._sources: WeakKeyDictionary[Any, Source] = WeakKeyDictionary()
        self._running: dict[int, tuple[int, float]] = {}
        self._open: dict[int, int] = {}
        self._batches: WeakKeyDictionary[Any, int] = WeakKeyDictionary()
        self._had_events = False

    def install(self) -> None:
        """Listen to all engines, and hook the fetching from results."""
        library = sys.modules["sqlalchemy"]
        self.log.sites.cover(os.path.dirname(str(library.__file__)) + os.sep)
        self._had_events = sys.modules["sqlalchemy.engine"].Dialect._has_events
        before, after = self._before_sending(), self._after_sending()
        listeners: dict[str, Callable[..., Any]] = {"handle_error": self._failed}
        listeners.update((name, _sending(name, before, after)) for name in _SENDING)
        for name, listener in listeners.items():
            library.event.listen(library.Engine, name, listener)
            self._listeners.append((name, listener))
        results = sys.modules["sqlalchemy.engine.cursor"]
        for class_name in _FETCHING:
            self._hook_fetching(getattr(results, class_name))

    def uninstall(self) -> None:
        """Stop listening, and restore the classes."""
        library = sys.modules["sqlalchemy"]
        while self._listeners:
            library.event.remove(library.Engine, *self._listeners.pop())
        dialect_class = sys.modules["sqlalchemy.engine"].Dialect
        if not self._had_events and not _has_listeners(dialect_class):
            dialect_class._has_events = False
        self._patches.undo()
        for row, _ in self._running.values():
            self.log.durations[row] = UNMEASURED

    def _before_sending(self) -> Callable[..., None]:
        log, running, open_rows = self.log, self._running, self._open
        begin, clock, sources = log.begin, log.clock, self._sources

        def before(
            conn: Any, cursor: Any, statement: Any, parameters: Any, context: Any, executemany: bool
        ) -> None:
            try:
                source = sources.get(conn.engine)
                if source is None:
                    source = self._add_source(conn.engine)
                if source.overlaps:
                    self._own(conn)
                if executemany and context.execute_style.name == _BATCHED:
                    row = self._begin_batch(context, _getframe(2), source)
                else:
                    row = begin(statement, parameters, _getframe(2), source, executemany, True)
                    open_rows[id(cursor)] = row
                if row >= 0:
                    running[id(cursor)] = (row, clock())
            except Exception as error:  # must not fail the user's statement
                self._note_failure(error)

        return before

    def _after_sending(self) -> Callable[..., None]:
        log, running, batches = self.log, self._running, self._batches
        clock, durations, rows = log.clock, log.durations, log.rows

        def after(cursor: Any, context: Any, executemany: bool) -> None:
            try:
                now = clock()
                row, start = running.pop(id(cursor), (NO_ROW, now))
                if row < 0:
                    return
                durations[row] += now - start
                if executemany and context in batches:
                    return
                if cursor.description is None:
                    changed = cursor.rowcount
                    rows[row] = rows[row] + changed if changed >= 0 else UNCOUNTED
            except Exception as error:  # must not fail the user's statement
                self._note_failure(error)

        return after

    def _failed(self, failure: Any) -> None:
        """Listens to errors, in executing and in fetching."""
        now = self.log.clock()
        cursor = getattr(failure.execution_context, "cursor", None)
        row, start = self._running.pop(id(cursor), (NO_ROW, now))
        if row < 0:
            row = self._open.get(id(cursor), NO_ROW)
        if row >= 0:
            self.log.durations[row] += now - start
            self.log.fail(row, failure.original_exception)

    def _note_failure(self, error: Exception) -> None:
        self.context.note(f"Some statements of SQLAlchemy could not be recorded: {error}.")

    def _begin_batch(self, context: Any, frame: Any, source: Source) -> int:
        row = self._batches.get(context)
        if row is None:
            row = self.log.begin(context.statement, None, frame, source, True, True)
            self._batches[context] = row
            if row >= 0:
                self.log.rows[row] += len(context.parameters)
        return row

    def _add_source(self, engine: Any) -> Source:
        url = without_secrets(engine.url.render_as_string(hide_password=True))
        source = self._sources[engine] = Source(self.name, url, overlaps=bool(engine.dialect.is_async))
        return source

    def _own(self, conn: Any) -> None:
        """What an async library's own thread sends through this connection is recorded here already."""
        inner = getattr(conn.connection.driver_connection, "_conn", None)
        source = getattr(inner, "_source", None)
        if isinstance(source, Source):
            self.log.owned_serials.add(source.serial)

    def _hook_fetching(self, owner: Any) -> None:
        fetch_one = self._fetching(owner.fetchone, lambda row: int(row is not None))
        self._patches.attribute(owner, "fetchone", fetch_one)
        fetch_all = self._fetching(owner.fetchall, len)
        self._patches.attribute(owner, "fetchall", fetch_all)
        original_many = owner.fetchmany
        fetch_some = self._fetching(original_many, len)

        def fetchmany(strategy: Any, result: Any, dbapi_cursor: Any, size: int | None = None) -> Any:
            if size is None and "_rowbuffer" in owner.__slots__:  # then it is `fetchall` that counts
                return original_many(strategy, result, dbapi_cursor, size)
            return fetch_some(strategy, result, dbapi_cursor, size)

        self._patches.attribute(owner, "fetchmany", fetchmany)

    def _fetching(self, original: Callable[..., Any], count: Callable[[Any], int]) -> Callable[..., Any]:
        log, open_rows = self.log, self._open
        clock, durations, rows = log.clock, log.durations, log.rows

        def fetch(strategy: Any, result: Any, dbapi_cursor: Any, *options: Any, **named: Any) -> Any:
            row = open_rows.get(id(dbapi_cursor), NO_ROW)
            if row < 0:
                return original(strategy, result, dbapi_cursor, *options, **named)
            start = clock()
            try:
                fetched = original(strategy, result, dbapi_cursor, *options, **named)
            finally:
                durations[row] += clock() - start
            rows[row] += count(fetched)
            return fetched

        fetch.__name__, fetch.__qualname__ = original.__name__, original.__qualname__
        return fetch


def _sending(name: str, before: Callable[..., None], after: Callable[..., None]) -> Callable[..., bool]:
    """A listener to one of the dialect's events, which sends the statement itself as the event allows.

    Listeners that come after it are asked first, as they would be without it.
    """

    def send(cursor: Any, statement: Any, *rest: Any) -> bool:
        context = rest[-1]
        if context is None:
            return False
        parameters = rest[0] if len(rest) > 1 else None
        is_many = context.executemany
        dialect = context.dialect
        before(context.root_connection, cursor, statement, parameters, context, is_many)
        listeners = getattr(dialect.dispatch, name)
        if len(listeners) == 1 or not _is_handled(listeners, send, cursor, statement, *rest):
            getattr(dialect, name)(cursor, statement, *rest)
        after(cursor, context, is_many)
        return True

    return send


def _is_handled(listeners: Iterable[Callable[..., Any]], ours: Callable[..., Any], *event: Any) -> bool:
    """Whether one of the listeners that come after ours sends the statement itself."""
    every = list(listeners)
    return any(other(*event) for other in every[every.index(ours) + 1 :])


def _has_listeners(dialect_class: Any) -> bool:
    """Whether somebody else has meanwhile begun to listen to all dialects."""
    events = dialect_class.dispatch
    return any(getattr(events, name)._clslevel.get(dialect_class) for name in events._event_names)
