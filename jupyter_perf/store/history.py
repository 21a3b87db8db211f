"""Saving runs, and finding them again."""

from __future__ import annotations

import os
import sqlite3
import warnings
from typing import TYPE_CHECKING, Any

from jupyter_perf.model import Previous, Report
from jupyter_perf.store import entry
from jupyter_perf.store.file import FILE_VARIABLE, HistoryFile, default_path

if TYPE_CHECKING:
    import pandas as pd

MAX_RUNS = 1000
MAX_BYTES = 200_000_000

# The reports have a table of their own, so that a look through the runs does not read them.
_SCHEMA = (
    "CREATE TABLE runs (id INTEGER PRIMARY KEY, size_bytes INTEGER NOT NULL, "
    + ", ".join(f"{name} {kind}" for name, kind in entry.COLUMNS.items())
    + ")",
    "CREATE TABLE reports (id INTEGER PRIMARY KEY, body BLOB NOT NULL)",
    "CREATE INDEX runs_by_cell ON runs (cell_id)",
    "CREATE INDEX runs_by_source ON runs (source_hash)",
    "CREATE INDEX runs_by_label ON runs (label)",
)

_NOT_SHOWN = {"source_hash", "session", "schema"}
_DTYPES = {"TEXT": "string", "REAL": "Float64", "INTEGER": "Int64"}


class StoreWarning(UserWarning):
    """The history could not be read or written; its text is one sentence."""


def history() -> pd.DataFrame:
    """The saved runs, newest first, a row for each; what was not measured is <NA>.

    Warns, with a StoreWarning, where the history could not be read.
    """
    store = Store()
    frame = store.history()
    for sentence in store.troubles:
        warnings.warn(StoreWarning(sentence), stacklevel=2)
    return frame


class Store:
    """The history in one file, by default the one of `default_path`.

    It keeps the newest `max_runs` runs, and fewer where their reports together, compressed, take more
    than `max_bytes`.
    """

    def __init__(
        self, path: str | None = None, *, max_runs: int = MAX_RUNS, max_bytes: int = MAX_BYTES
    ) -> None:
        named = path is not None or bool(os.environ.get(FILE_VARIABLE))
        self._file = HistoryFile(
            default_path() if path is None else os.path.abspath(path), _SCHEMA, named=named
        )
        self.max_runs = max_runs
        self.max_bytes = max_bytes

    @property
    def path(self) -> str:
        """The file, absolute."""
        return self._file.path

    @property
    def troubles(self) -> list[str]:
        """A sentence for each thing that went wrong with the file so far, once each."""
        return self._file.troubles

    def save(self, report: Report, *, notebook: str | None, source: str | None, params: bool = False) -> bool:
        """Add a report to the history; whether it is there now.

        `notebook` is the notebook's path, where known, and `source` the text of the cell. `params` keeps
        the parameters of statements. A run that is there already is replaced.
        """
        body = entry.pack(report, params=params)
        values = {"size_bytes": len(body), **entry.row(report, notebook, source)}

        def write(connection: sqlite3.Connection) -> None:
            _delete(connection, "run_id = ?", values["run_id"])
            cursor = connection.execute(
                f"INSERT INTO runs ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})",
                list(values.values()),
            )
            connection.execute("INSERT INTO reports (id, body) VALUES (?, ?)", (cursor.lastrowid, body))
            _delete(connection, "id < ?", self._oldest_kept(connection))

        return self._file.write(write)

    def previous(self, *, notebook: str | None, cell_id: str | None, source: str | None) -> Previous | None:
        """The same cell's last run that came to its end.

        It is found by notebook and cell; failing that by the same source, within the notebook, or within
        this process where the notebook is not known.
        """
        source_hash = entry.source_hash(source)
        place, where = ("notebook = ?", notebook) if notebook else ("session = ?", entry.SESSION)
        searches = (
            ("cell_id = ? AND notebook IS ?", (cell_id, notebook)),
            (f"source_hash = ? AND {place}", (source_hash, where)),
        )

        def read(connection: sqlite3.Connection) -> Previous | None:
            for condition, values in searches:
                found = connection.execute(
                    "SELECT run_id, started_at, wall_s, source_hash = ? FROM runs "
                    f"WHERE {condition} AND partial IS NULL ORDER BY id DESC LIMIT 1",
                    (source_hash, *values),
                ).fetchone()
                if found is not None:
                    run_id, started_at, wall_s, same_source = found
                    return Previous(run_id, started_at, wall_s, bool(same_source))
            return None

        return self._file.read(read, None)

    def load(self, run_id: str) -> Report:
        """The report of a run. Raises ValueError, in one sentence, where it is not to be had."""
        reports = self._reports("runs.run_id = ?", (run_id,), 1)
        if not reports:
            raise ValueError(" ".join(self.troubles) or f"the history has no run {run_id!r}")
        return reports[0]

    def labelled(self, label: str, limit: int) -> list[Report]:
        """The newest reports with this label, newest first. Raises ValueError where one is damaged."""
        return self._reports("runs.label = ?", (label,), limit)

    def recent(self, limit: int, *, notebook: str | None) -> list[Report]:
        """The newest reports of a notebook, or of this process where the notebook is not known.

        Newest first. Raises ValueError where one is damaged.
        """
        condition = "runs.notebook = ?" if notebook else "runs.session = ?"
        return self._reports(condition, (notebook or entry.SESSION,), limit)

    def labels(self) -> list[str]:
        """The labels that there are, newest first."""
        query = "SELECT label FROM runs WHERE label IS NOT NULL GROUP BY label ORDER BY max(id) DESC"
        nothing: list[tuple[str]] = []
        return [label for (label,) in self._file.read(lambda one: one.execute(query).fetchall(), nothing)]

    def history(self, limit: int | None = None) -> pd.DataFrame:
        """The newest `limit` runs (all by default), newest first."""
        import pandas as pd

        names = [name for name in entry.COLUMNS if name not in _NOT_SHOWN]
        query = f"SELECT {', '.join(names)} FROM runs ORDER BY id DESC LIMIT ?"
        nothing: list[tuple[Any, ...]] = []
        rows = self._file.read(
            lambda connection: connection.execute(query, (-1 if limit is None else limit,)).fetchall(),
            nothing,
        )
        columns = zip(*rows, strict=True) if rows else [()] * len(names)
        kinds = (_DTYPES[entry.COLUMNS[name].split()[0]] for name in names)
        frame = pd.DataFrame(
            {
                name: pd.Series(list(values), dtype=kind)
                for name, values, kind in zip(names, columns, kinds, strict=True)
            }
        )
        frame["started_at"] = pd.to_datetime(frame["started_at"].astype("float64"), unit="s", utc=True)
        return frame

    def _reports(self, condition: str, values: tuple[str, ...], limit: int) -> list[Report]:
        query = (
            "SELECT body FROM reports JOIN runs ON runs.id = reports.id "
            f"WHERE {condition} ORDER BY runs.id DESC LIMIT ?"
        )
        nothing: list[tuple[bytes]] = []
        found = self._file.read(lambda one: one.execute(query, (*values, limit)).fetchall(), nothing)
        return [entry.unpack(body) for (body,) in found]

    def _oldest_kept(self, connection: sqlite3.Connection) -> int:
        """The id of the oldest run within bounds; the newest is, whatever its size."""
        query = "SELECT id, size_bytes FROM runs ORDER BY id DESC LIMIT ?"
        newest_first = iter(connection.execute(query, (max(self.max_runs, 1),)).fetchall())
        oldest_kept, size = next(newest_first)
        for row_id, size_bytes in newest_first:
            size += size_bytes
            if size > self.max_bytes:
                break
            oldest_kept = row_id
        return int(oldest_kept)


def _delete(connection: sqlite3.Connection, condition: str, value: object) -> None:
    connection.execute(f"DELETE FROM reports WHERE id IN (SELECT id FROM runs WHERE {condition})", (value,))
    connection.execute(f"DELETE FROM runs WHERE {condition}", (value,))
