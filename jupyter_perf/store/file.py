"""The file of the history: opening it, and what happens where it cannot be used.

Each use opens the file and closes it again, so that nothing stays open between cells or crosses a fork.
Writing does not wait for the disk (`synchronous = OFF`): a kernel that dies loses nothing, a power cut may
damage the file, and a damaged file is set aside. A rollback journal is used rather than a write-ahead log,
whose last connection waits for the disk when it closes, and which home folders on a network lack.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Result = TypeVar("Result")

FILE_VARIABLE = "JUPYTER_PERF_STORE"
BUSY_S = 3.0
APPLICATION_ID = 0x4A504552  # "JPER", in the file's header at byte 68
FORMAT = 1

_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


class LeftAloneError(Exception):
    """The file is not ours to use; the text says why, in one sentence."""


class DamagedError(Exception):
    """The file is not a whole history; the text says in which way."""


def default_path() -> str:
    """The history's file, absolute: `JUPYTER_PERF_STORE`, or in Jupyter's data folder."""
    named = os.environ.get(FILE_VARIABLE)
    if named:
        return os.path.abspath(os.path.expanduser(named))
    from jupyter_core.paths import jupyter_data_dir

    return os.path.abspath(os.path.join(jupyter_data_dir(), "jupyter_perf", "history.sqlite"))


class HistoryFile:
    """A SQLite file with our tables, made by `schema` when it is first written to.

    `troubles` has a sentence for each thing that went wrong, in order and once each. A file that is no
    history is renamed `<name>.corrupt-<time>.sqlite`, and a new one takes its place; one that the user has
    named (`named`), and that does not look like a damaged history, is left where it is.
    """

    def __init__(self, path: str, schema: Sequence[str], *, named: bool) -> None:
        self.path = path
        self.schema = schema
        self.named = named
        self.troubles: list[str] = []

    def read(self, act: Callable[[sqlite3.Connection], Result], otherwise: Result) -> Result:
        """What `act` makes of the open file; `otherwise` where there is none, or it fails."""
        return self._use(act, otherwise, writing=False)

    def write(self, act: Callable[[sqlite3.Connection], object]) -> bool:
        """Have `act` change the file, within one transaction; whether it did."""

        def change(connection: sqlite3.Connection) -> bool:
            act(connection)
            return True

        return self._use(change, False, writing=True)

    def _use(
        self, act: Callable[[sqlite3.Connection], Result], otherwise: Result, *, writing: bool
    ) -> Result:
        try:
            if not writing and not os.path.exists(self.path):
                return otherwise
            try:
                return self._attempt(act, otherwise, writing=writing)
            except DamagedError as damage:
                self._set_aside(str(damage))
                return self._attempt(act, otherwise, writing=True) if writing else otherwise
        except (LeftAloneError, DamagedError) as reason:
            self._trouble(str(reason))
        except sqlite3.Error as error:
            busy = _code(error) in _BUSY
            reason_text = "is in use by another program" if busy else f"cannot be used: {error}"
            self._trouble(f"The history in {self.path} {reason_text}.")
        except OSError as error:
            self._trouble(f"The history in {self.path} cannot be used: {error.strerror or error}.")
        return otherwise

    def _attempt(
        self, act: Callable[[sqlite3.Connection], Result], otherwise: Result, *, writing: bool
    ) -> Result:
        """As `_use`, with damage of any kind raised as DamagedError."""
        try:
            with self._open(writing=writing) as connection:
                return act(connection) if connection is not None else otherwise
        except sqlite3.Error as error:
            missing = str(error).startswith("no such ")  # the header is ours, the tables are not
            if missing or _code(error) in _DAMAGE:
                raise DamagedError(str(error)) from error
            raise

    @contextlib.contextmanager
    def _open(self, *, writing: bool) -> Iterator[sqlite3.Connection | None]:
        """A connection, within a transaction where `writing`; None where there is nothing to read yet."""
        if writing:
            _make_private(self.path)
        connection = sqlite3.connect(self.path, timeout=BUSY_S, isolation_level=None)
        with contextlib.closing(connection):
            if not writing:
                yield connection if self._is_ready(connection) else None
                return
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("BEGIN IMMEDIATE")
            try:
                if not self._is_ready(connection):
                    self._prepare(connection)
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise

    def _prepare(self, connection: sqlite3.Connection) -> None:
        for statement in self.schema:
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {FORMAT}")

    def _is_ready(self, connection: sqlite3.Connection) -> bool:
        """Whether the tables are there; raises where the file belongs to someone else."""
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if application == APPLICATION_ID:
            if version > FORMAT:
                raise LeftAloneError(
                    f"The history in {self.path} was written by a newer jupyter_perf and is left as it is: "
                    "upgrade jupyter_perf to use it."
                )
            return True
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables or application or version:
            raise DamagedError("it is another program's database")
        return False

    def _set_aside(self, damage: str) -> None:
        """Rename a file that is no history; raises LeftAloneError where it is not ours to rename."""
        if self.named and not _looks_like_history(self.path):
            raise LeftAloneError(
                f"{self.path} is not a history of jupyter_perf ({damage}) and is left as it is: "
                f"name another file in {FILE_VARIABLE}."
            )
        moment = time.strftime("%Y%m%d-%H%M%S")
        aside = f"{os.path.splitext(self.path)[0]}.corrupt-{moment}-{uuid.uuid4().hex[:4]}.sqlite"
        try:
            os.replace(self.path, aside)
        except FileNotFoundError:
            return  # another kernel was faster
        with contextlib.suppress(OSError):
            os.replace(f"{self.path}-journal", f"{aside}-journal")
        self._trouble(f"The history could not be read ({damage}), so it was set aside as {aside}.")

    def _trouble(self, sentence: str) -> None:
        if sentence not in self.troubles:
            self.troubles.append(sentence)


def _code(error: sqlite3.Error) -> int | None:
    """The primary result code, where SQLite gave one (https://sqlite.org/rescode.html)."""
    code = getattr(error, "sqlite_errorcode", None)
    return code & 0xFF if isinstance(code, int) else None


def _looks_like_history(path: str) -> bool:
    """Whether the header has our number at byte 68 (https://sqlite.org/fileformat2.html)."""
    with contextlib.suppress(OSError), open(path, "rb") as file:
        return file.read(72)[68:] == APPLICATION_ID.to_bytes(4, "big")
    return False


def _make_private(path: str) -> None:
    """Make the folder and an empty file that only the owner may read, where they are not there yet."""
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
