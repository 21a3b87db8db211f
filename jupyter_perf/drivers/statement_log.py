"""What the drivers write into: a million statements in some forty megabytes."""

from __future__ import annotations

import asyncio
import math
import threading
from array import array
from itertools import count
from types import FrameType
from typing import Any, NamedTuple

from jupyter_perf.context import Context
from jupyter_perf.drivers.call_sites import COVERED, NOWHERE, CallSites
from jupyter_perf.drivers.parameters import (
    Masked,
    hash_of,
    hashed,
    shown_values,
    without_literals,
    without_secrets,
)

MOST_STATEMENTS = 1_000_000
MOST_SHAPES = 20_000
MOST_CHARACTERS = 32_000_000
LONGEST_TEXT = 10_000
LONGEST_ERROR = 300
_BLOCK = 16_384

UNMEASURED = math.nan
"""The duration of a statement whose end was not seen."""

UNCOUNTED = -1
"""The rows of a statement whose rows were not seen."""

NO_ROW = -1
"""In place of a row's number, for a statement that is left out of the log."""

OTHER_STATEMENTS = "(other statements)"


class Source:
    """A connection, as the log tells it from others: the driver's name, the database's, a number.

    `overlaps` says that statements of one thread may run at the same time.
    """

    __slots__ = ("database", "driver", "overlaps", "serial")
    _serials = count(1)

    def __init__(self, driver: str, database: str | None = None, *, overlaps: bool = False) -> None:
        self.driver, self.database, self.overlaps = driver, database, overlaps
        self.serial = next(self._serials)


class Sender:
    """The thread, and the asyncio task where there is one, that sent statements."""

    __slots__ = ("ident", "task", "thread")

    def __init__(self, thread: str, ident: int, task: str | None = None) -> None:
        self.thread, self.ident, self.task = thread, ident, task


class Shape(NamedTuple):
    """What statements have in common; `site` is a number of `StatementLog.sites`."""

    site: int
    sql: str
    masked: Masked
    sender: Sender
    source: Source


class StatementLog:
    """Statements in columns, row by row in the order in which they began.

    A row's number comes from one atomic counter and its cells are set one by one, so that threads need
    no lock between them. `starts` are on the context's clock; drivers add to `durations` and `rows` as
    results are fetched. `parameters` holds a hash of the values, or a number into `parameter_texts`
    where the values are asked for; nothing refers to the user's objects.

    Rows from `limit` on stand for all further statements of one shape; `merged_calls` counts them.
    """

    def __init__(self, context: Context, *, limit: int = MOST_STATEMENTS) -> None:
        self.context, self.clock, self.limit = context, context.clock, limit
        self.sites = CallSites(context.sources)
        self._known_codes, self._covered = self.sites.shapes, self.sites.covered
        self.starts, self.durations = array("d"), array("d")
        self.shape_codes, self.parameters, self.rows = array("i"), array("q"), array("q")
        self.shapes: list[Shape] = []
        self.errors: dict[int, str] = {}
        self.merged_calls: dict[int, int] = {}
        self.parameter_texts: dict[str, int] = {}
        self.owned_serials: set[int] = set()
        self.simplified = False
        self.begun = 0
        self._codes: dict[tuple[int, str, object, Sender, Source], int] = {}
        self._characters = 0
        self._texts: dict[str, str] = {}
        self._room = 0
        self._numbers = count()
        self._merged_rows: dict[int, int] = {}
        self._growing = threading.RLock()
        self._senders = threading.local()
        self._task_senders: dict[tuple[Sender, str], Sender] = {}
        # A cell that does not await runs inside a task of the kernel's, which says nothing.
        self._taskless_ident = None if context.is_async else context.thread_ident
        self._keeps_values = context.options.params

    def begin(
        self,
        sql: str,
        parameters: Any,
        frame: FrameType,
        source: Source,
        many: bool = False,
        through_covered: bool = False,
    ) -> int:
        """Note a statement as beginning now; its row, or NO_ROW where it is left out.

        It is where another driver records it, or where noting it failed, which the report then says:
        the user's statement goes on in any case.
        """
        try:
            code_id = id(frame.f_code)
            if code_id in self._covered and not through_covered:
                return NO_ROW
            if parameters.__class__ is tuple and not many:
                try:
                    value = hash(parameters)
                except Exception:  # of whatever the user's class raises
                    value = hash_of(parameters)
                size = len(parameters)
                kind: object = parameters[0].__class__ if size == 1 else size
            else:
                kind, value = hashed(parameters, many)
            if self._keeps_values:
                value = self._keep_values(parameters, many)
            try:
                sender: Sender = self._senders.mine
            except AttributeError:
                sender = self._first_sender()
            if sender.ident != self._taskless_ident:
                sender = self._sender_of_task(sender)
            if sql.__class__ is not str:
                sql = _as_text(sql)
            key = (code_id, frame.f_lasti, sql, kind, sender, source)
            code = self._known_codes.get(key)
            if code is None:
                site = self.sites.find(frame, through_covered)
                if site <= NOWHERE and (site == COVERED or source.serial in self.owned_serials):
                    return NO_ROW
                code = self._shape(site, sql, kind, parameters, sender, source)
                if self.sites.is_direct(frame):
                    self._known_codes[key] = code
            row = next(self._numbers)
            self.begun = row + 1
            if row >= self._room:
                row = self._make_room(row, code)
            self.shape_codes[row] = code
            self.parameters[row] = value
            self.starts[row] = self.clock()
            return row
        except Exception as error:  # must not fail the user's statement
            self.context.note(f"Some statements could not be recorded: {type(error).__name__}: {error}.")
            return NO_ROW

    def fail(self, row: int, error: BaseException) -> None:
        """Note that a statement ended with this exception."""
        text = f"{type(error).__name__}: {error}".strip().removesuffix(":")
        self.errors[row] = without_secrets(text[:LONGEST_ERROR])

    def close(self) -> None:
        """Cut the columns to the rows that there are, once the drivers are gone.

        Rows without a call site on connections that turned out to be another driver's are left out.
        """
        begun = next(self._numbers)
        taken = min(begun, self.limit) + len(self._merged_rows)
        for column in self._columns():
            del column[taken:]
        foreign = [s.site == NOWHERE and s.source.serial in self.owned_serials for s in self.shapes]
        if any(foreign):
            self._keep([row for row, code in enumerate(self.shape_codes) if not foreign[code]])

    def _columns(self) -> tuple[array[Any], ...]:
        return (self.starts, self.durations, self.shape_codes, self.parameters, self.rows)

    def _keep(self, kept: list[int]) -> None:
        for column in self._columns():
            column[:] = array(column.typecode, [column[row] for row in kept])
        place = {row: at for at, row in enumerate(kept)}
        self.errors = {place[row]: text for row, text in self.errors.items() if row in place}
        self.merged_calls = {place[row]: n for row, n in self.merged_calls.items() if row in place}

    def _first_sender(self) -> Sender:
        ident = threading.get_ident()
        name = next((one.name for one in threading.enumerate() if one.ident == ident), f"thread {ident}")
        sender = self._senders.mine = Sender(name, ident)
        return sender

    def _sender_of_task(self, sender: Sender) -> Sender:
        """The asyncio task that runs on this thread, or the thread itself."""
        if asyncio._get_running_loop() is None:
            return sender
        task = asyncio.current_task()
        if task is None:
            return sender
        name = task.get_name()
        found = self._task_senders.get((sender, name))
        if found is None:
            found = self._task_senders[sender, name] = Sender(sender.thread, sender.ident, name)
        return found

    def _keep_values(self, parameters: Any, many: bool) -> int:
        text = shown_values(parameters, many)
        if len(self.parameter_texts) >= self.limit // 4 and text not in self.parameter_texts:
            text = "(values not kept)"
        return self.parameter_texts.setdefault(text, len(self.parameter_texts))

    def _shape(
        self, site: int, sql: str, kind: object, parameters: Any, sender: Sender, source: Source
    ) -> int:
        code = self._codes.get((site, sql, kind, sender, source))
        if code is None:
            with self._growing:
                text = self._texts.get(sql)
                if text is None:
                    text = self._bounded(sql)
                key = (site, text, kind, sender, source)
                code = self._codes.get(key)
                if code is None:
                    code = self._codes[key] = len(self.shapes)
                    masked = kind if isinstance(kind, tuple) else hashed(parameters, False)[0]
                    self.shapes.append(Shape(site, text, masked, sender, source))
        return code

    def _bounded(self, sql: str) -> str:
        """The text itself, or a simpler one where too many or too long ones came before."""
        if len(self._texts) < MOST_SHAPES and self._characters + len(sql) <= MOST_CHARACTERS:
            self._characters += len(sql)
            self._texts[sql] = sql
            return sql
        self.simplified = True
        masked = without_literals(sql)
        if len(masked) > LONGEST_TEXT:
            masked = f"{masked[:LONGEST_TEXT]} ... ({len(sql)} characters)"
        known = self._texts.get(masked)
        if known is None:
            if len(self._texts) >= 2 * MOST_SHAPES:
                return OTHER_STATEMENTS
            known = self._texts[masked] = masked
        return known

    def _make_room(self, row: int, code: int) -> int:
        with self._growing:
            if row >= self.limit:
                row = self._merged_rows.setdefault(code, self.limit + len(self._merged_rows))
                self.merged_calls[row] = self.merged_calls.get(row, 0) + 1
            while row >= len(self.shape_codes):
                for column in self._columns():
                    column.frombytes(bytes(_BLOCK * column.itemsize))
            self._room = min(len(self.shape_codes), self.limit)
        return row


def _as_text(sql: Any) -> str:
    return str.__str__(sql) if isinstance(sql, str) else f"<{type(sql).__name__}>"
