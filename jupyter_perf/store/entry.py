"""What the history keeps of a report: a row of key figures, and the report cut to a sane size."""

from __future__ import annotations

import dataclasses
import hashlib
import re
import uuid
import zlib
from typing import Any

from jupyter_perf.model import SCHEMA, Report, Table, from_json, to_json_text

HEAD_ROWS = 1000
EXACT_ROWS = 20_000

SESSION = uuid.uuid4().hex
"""Names this process, for cells whose notebook is not known."""

COLUMNS: dict[str, str] = {
    "run_id": "TEXT NOT NULL UNIQUE",
    "label": "TEXT",
    "notebook": "TEXT",
    "cell_id": "TEXT",
    "started_at": "REAL NOT NULL",
    "wall_s": "REAL NOT NULL",
    "cpu_s": "REAL",
    "wait_s": "REAL",
    "sql_s": "REAL",
    "statements": "INTEGER",
    "peak_bytes": "INTEGER",
    "growth_bytes": "INTEGER",
    "findings": "INTEGER",
    "partial": "TEXT",
    "source": "TEXT",
    "source_hash": "TEXT",
    "session": "TEXT",
    "schema": "INTEGER NOT NULL",
}

_OWN_MAGIC = re.compile(r"%%(perf|nplus1|payload)\b")
_URL_PASSWORD = re.compile(r"(://[^\s:/@\"\\]*:)[^\s/@\"\\]+@")


def row(report: Report, notebook: str | None, source: str | None) -> dict[str, Any]:
    """The values of `COLUMNS`; `source` becomes its first line with code, and a hash."""
    run = report.run
    calls = run.table("statements").columns["calls"] if "statements" in run.tables else None
    scalars = (field.name for field in dataclasses.fields(run) if field.name in COLUMNS)
    values = {name: getattr(run, name) for name in scalars} | {
        "notebook": notebook,
        "statements": sum(count or 0 for count in calls) if calls is not None else None,
        "findings": len(report.findings),
        "source": _first_line(source),
        "source_hash": source_hash(source),
        "session": SESSION,
        "schema": SCHEMA,
    }
    # SQLite takes no lone surrogates.
    return {
        name: value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
        for name, value in values.items()
    }


def pack(report: Report, *, params: bool) -> bytes:
    """The report as compressed JSON, cut, without passwords in URLs, and without parameters by default."""
    text = _URL_PASSWORD.sub(r"\1***@", to_json_text(_cut(report, params=params)))
    return zlib.compress(text.encode("utf-8", "surrogatepass"), 1)


def unpack(body: bytes) -> Report:
    """What `pack` packed. Raises ValueError, in one sentence, where it is damaged or of a newer schema."""
    try:
        text = zlib.decompress(body).decode("utf-8", "surrogatepass")
    except (zlib.error, UnicodeDecodeError, TypeError) as error:
        raise ValueError(f"this saved report is damaged: {error}") from error
    return from_json(text, Report)


def source_hash(source: str | None) -> str | None:
    """The same for cells that differ only in our own magic's line and in space at the ends of lines."""
    if source is None:
        return None
    text = "\n".join(_code_lines(source)).strip()
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _first_line(source: str | None) -> str | None:
    stripped = (line.strip() for line in _code_lines(source or ""))
    line = next((line for line in stripped if line and not line.startswith("#")), None)
    return _URL_PASSWORD.sub(r"\1***@", line)[:120] if line is not None else None


def _code_lines(source: str) -> list[str]:
    lines = source.strip().splitlines()
    if lines and _OWN_MAGIC.match(lines[0]):
        del lines[0]
    return [line.rstrip() for line in lines]


def _cut(report: Report, *, params: bool) -> Report:
    """The report with its tables cut to a size that is quick to save; `folded` says what was cut."""
    run = report.run
    tables, said = {}, []
    exact_rows = max((len(table) for name, table in run.tables.items() if _is_exact(name)), default=0)
    for name, table in run.tables.items():
        if _is_exact(name):
            # These refer to each other by row, so that they are kept whole or not at all.
            kept = table if exact_rows <= EXACT_ROWS else table.head(0)
        else:
            kept = _cut_table(name, table)
        if len(kept) < len(table):
            said.append(f"The history keeps {len(kept):,} of {len(table):,} rows of {name}.")
        if name == "queries" and not params:
            kept = Table({**kept.columns, "params": [None] * len(kept)})
        tables[name] = kept
    folded = (*run.folded, *said)
    return dataclasses.replace(report, run=dataclasses.replace(run, tables=tables, folded=folded))


def _is_exact(name: str) -> bool:
    return name.startswith("exact_")


def _cut_table(name: str, table: Table) -> Table:
    """At most HEAD_ROWS rows: of queries the slowest, of a course over time every n-th, else the first."""
    rows = len(table)
    if rows <= HEAD_ROWS:
        return table
    if name in ("memory", "timeline"):
        return table.take(range(0, rows, -(-rows // HEAD_ROWS)))
    if name == "queries":
        return table.largest("duration_s", HEAD_ROWS).sorted("start_s", descending=False)
    return table.head(HEAD_ROWS)
