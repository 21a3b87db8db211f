"""Samples that leave a database as it was: each in a transaction that is rolled back (`--rollback`).

Nothing here knows a driver by name. A connection is taken for what it can do: it must have `rollback`; it
may say whether a transaction is open (`in_transaction`, `info.transaction_status`), and begin one (`begin`,
or `execute("BEGIN")`). One that begins by itself has `autocommit` false; where its transaction is open at
all times, a savepoint in it is rolled back to.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any


class RollbackError(Exception):
    """The connection cannot be used; the text is one sentence that says what to do."""


_SAVEPOINT = "jupyter_perf_sample"


class Rollback:
    """Begins a transaction before each sample, and takes back what the one before did.

    `name` is what the user calls the connection. Raises RollbackError where it cannot be rolled back, or
    has a transaction open, whose changes would be lost.
    """

    def __init__(self, connection: Any, name: str) -> None:
        self._connection = connection
        self._name = name
        self._transaction: Any = None
        self._has_begun = False
        if not callable(getattr(connection, "rollback", None)):
            raise RollbackError(
                f"--rollback takes a connection, and {name} is of type {type(connection).__name__}, "
                "which has no rollback()"
            )
        if inspect.iscoroutinefunction(connection.rollback):
            raise RollbackError(f"--rollback takes a synchronous connection, and {name} is asynchronous")
        if getattr(connection, "autocommit", False) is True:
            raise RollbackError(f"{name} commits by itself: set {name}.autocommit = False for --rollback")
        self._begins_itself = getattr(connection, "autocommit", None) is False
        is_open = self._is_open()
        self._has_savepoints = bool(is_open) and self._begins_itself and hasattr(connection, "in_transaction")
        if is_open and not self._has_savepoints:
            raise RollbackError(
                f"{name} has a transaction open, which would be rolled back with the first sample: "
                f"commit it first with {name}.commit()"
            )

    def begin(self) -> None:
        """Take back what was done since the last `begin`, and begin anew.

        Raises RollbackError where it cannot be taken back any more.
        """
        self.undo()
        begin = getattr(self._connection, "begin", None)
        if self._has_savepoints:
            self._connection.execute(f"SAVEPOINT {_SAVEPOINT}")
        elif callable(begin):
            self._transaction = begin()
        elif self._is_open() is False and not self._begins_itself:
            self._connection.execute("BEGIN")
        self._has_begun = True

    def undo(self) -> None:
        """Take back what was done since `begin`."""
        if not self._has_begun:
            return
        self._has_begun = False
        transaction, self._transaction = self._transaction, None
        if self._has_savepoints:
            self._roll_back_to_savepoint()
            return
        ended = self._is_open() is False and not self._begins_itself
        if ended or getattr(transaction, "is_active", True) is False:
            raise self._ended()
        self._connection.rollback()

    def _roll_back_to_savepoint(self) -> None:
        try:
            self._connection.execute(f"ROLLBACK TO {_SAVEPOINT}")
            self._connection.execute(f"RELEASE {_SAVEPOINT}")
        except Exception:
            raise self._ended() from None

    def _ended(self) -> RollbackError:
        return RollbackError(
            f"a part ended the transaction on {self._name} itself (a commit, or a statement that "
            "commits), so that what it wrote is there to stay: leave the commit out of the part"
        )

    def _is_open(self) -> bool | None:
        """Whether a transaction is open; None where the connection does not tell."""
        status = getattr(getattr(self._connection, "info", None), "transaction_status", None)
        if isinstance(status, int):
            return status != 0
        is_open = getattr(self._connection, "in_transaction", None)
        if callable(is_open):
            is_open = is_open()
        return is_open if isinstance(is_open, bool) else None


def before_each(prepare: Callable[[], Any] | None, rollback: Rollback | None) -> Callable[[], Any] | None:
    """What to do before each sample: roll back, then what `prepare` does, and gives to await."""
    if rollback is None or prepare is None:
        return rollback.begin if rollback is not None else prepare

    def both() -> Any:
        rollback.begin()
        return prepare()

    return both
