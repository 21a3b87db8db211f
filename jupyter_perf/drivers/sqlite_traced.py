"""sqlite3 connections of types that cannot be hooked: seen through their trace callback.

SQLite calls it when a statement begins, with the values written into the text. So the row has the call
site and the statement, its literals masked, but neither a duration nor rows; and the statement that
fires a trigger comes again for the trigger. A user's own trace callback
is found (the garbage collector tells what a connection refers to), called as before, and put back.
"""

from __future__ import annotations

import contextlib
import dis
import functools
import gc
import re
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from sys import _getframe
from types import CodeType, FrameType
from typing import Any

from jupyter_perf.drivers import sqlite_hooks
from jupyter_perf.drivers.call_sites import COVERED
from jupyter_perf.drivers.parameters import without_literals
from jupyter_perf.drivers.statement_log import UNCOUNTED, UNMEASURED, Source, StatementLog

_EXECUTING = ("execute", "executemany", "executescript")

# What the module itself sends before a change: `BEGIN `, and the isolation level if there is one.
_IMPLICIT_BEGIN = re.compile(r"BEGIN (?:DEFERRED|IMMEDIATE|EXCLUSIVE)?")

# A statement that one of our own hooks executes is recorded there.
_HOOKS = (sqlite_hooks.__file__,)

TraceCallback = Callable[[str], object]


class TracedConnections:
    """The connections that one recording sees through trace callbacks; holds none of them alive."""

    def __init__(self, log: StatementLog) -> None:
        self.log = log
        self.refused = 0
        self._callbacks: dict[int, _Trace] = {}

    def attach(self, connections: Sequence[sqlite3.Connection]) -> None:
        """Begin to see these; one that other threads may use is counted in `refused`.

        A callback must not be changed while another thread executes: that thread would wait for the
        interpreter in the callback, holding the connection's lock, for which this thread would wait.
        """
        shared = _shared(connections)
        self.refused += len(shared)
        for connection in connections:
            if connection in shared:
                continue
            trace = _Trace(self.log)
            before = gc.get_referents(connection)
            try:
                connection.set_trace_callback(trace)
            except sqlite3.ProgrammingError as error:
                self.refused += "thread" in str(error)
                continue
            trace.users = _replaced(before, gc.get_referents(connection), trace)
            self._callbacks[id(trace)] = trace

    def detach(self, connections: Iterable[sqlite3.Connection]) -> None:
        """Put the users' own callbacks back, on those of these connections that still have ours."""
        for connection in connections:
            trace = next((r for r in gc.get_referents(connection) if id(r) in self._callbacks), None)
            if isinstance(trace, _Trace):
                with contextlib.suppress(sqlite3.ProgrammingError):  # closed meanwhile
                    connection.set_trace_callback(trace.users)
                del self._callbacks[id(trace)]

    @property
    def is_empty(self) -> bool:
        """Whether no connection is attached."""
        return not self._callbacks

    @property
    def has_seen(self) -> bool:
        """Whether a statement was seen through any of them."""
        return any(trace.has_seen for trace in self._callbacks.values())


class _Trace:
    """One connection's trace callback.

    It is called for every set of values of an `executemany`; those that follow one another at one
    instruction are one statement.
    """

    def __init__(self, log: StatementLog) -> None:
        self.log = log
        self.source = Source("sqlite3")
        self.users: TraceCallback | None = None
        self.has_seen = False
        self._before: tuple[int, int, str] | None = None

    def __call__(self, sql: str) -> None:
        self._note(sql, _getframe(1))
        if self.users is not None:
            self.users(sql)

    def _note(self, sql: str, frame: FrameType) -> None:
        if frame.f_code.co_filename in _HOOKS or _IMPLICIT_BEGIN.fullmatch(sql):
            return
        ends_transaction = sql in ("COMMIT", "ROLLBACK")
        if self.log.sites.find(frame, ends_transaction) == COVERED:
            return
        masked = without_literals(sql)
        here = (id(frame), frame.f_lasti, masked)
        many = here == self._before and _calls_many(frame.f_code, frame.f_lasti)
        self._before = here
        if many:
            return
        text = sql if self.log.context.options.params else masked
        row = self.log.begin(text, (sql,), frame, self.source, through_covered=ends_transaction)
        if row >= 0:
            self.has_seen = True
            self.log.durations[row] = UNMEASURED
            self.log.rows[row] = UNCOUNTED


def _shared(connections: Sequence[sqlite3.Connection]) -> list[sqlite3.Connection]:
    """Those that were opened with `check_same_thread=False`: another thread may make a cursor of them."""
    shared: list[sqlite3.Connection] = []

    def look() -> None:
        for connection in connections:
            with contextlib.suppress(sqlite3.Error):
                sqlite3.Connection.cursor(connection)
                shared.append(connection)

    if connections:
        thread = threading.Thread(target=look, name="jupyter_perf sqlite3")
        thread.start()
        thread.join()
    return shared


def _calls_many(code: CodeType, instruction: int) -> bool:
    """Whether the call at an instruction is one of `executemany`: the last such name loaded before it."""
    name = ""
    for step in dis.get_instructions(code):
        if step.offset >= instruction:
            break
        if step.argval in _EXECUTING:
            name = step.argval
    return name == "executemany"


def _replaced(before: list[Any], after: list[Any], trace: _Trace) -> TraceCallback | None:
    """What stood where our callback stands now, among all that a connection refers to in its order."""
    if len(before) != len(after):
        return None
    return next((was for was, now in zip(before, after, strict=True) if now is trace), None)


@functools.cache
def callbacks_can_be_read() -> bool:
    """Whether this interpreter tells the callback that a connection has, so that it can be put back."""
    connection = sqlite3.connect(":memory:")

    def callback(_sql: str) -> None: ...

    connection.set_trace_callback(callback)
    found = any(item is callback for item in gc.get_referents(connection))
    connection.close()
    return found
