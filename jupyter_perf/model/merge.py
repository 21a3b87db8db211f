"""Runs of several cells, threads or processes as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from jupyter_perf.model.columns import COLUMNS
from jupyter_perf.model.table import Table

# How the rows of a table that are about the same thing become one: the columns that say what it is about,
# and the sums. A table that is not named here is the rows of all runs, one after the other.
_KEYS: dict[str, tuple[str, ...]] = {
    "lines": ("file", "line", "source"),
    "functions": ("function", "file", "line"),
    "user_functions": ("function", "file", "line"),
    "stacks": ("stack", "thread"),
    "statements": ("fingerprint", "operation", "database", "file", "line"),
    "awaits": ("task", "file", "line", "source"),
    "breakdown": ("category",),
    "threads": ("thread",),
    "cells": ("file", "cell_id", "execution_count", "source"),
}
_MAXIMA = ("max_s", "p95_s", "mean_s")
# Times that count from the start of a run, and so from the start of the first one.
_MOMENTS = ("start_s", "at_s")
# Row numbers of another table cannot be joined.
_LEFT_OUT = ("exact_callers",)


def merged_tables(runs: Sequence[tuple[float, Mapping[str, Table]]], wall_s: float) -> dict[str, Table]:
    """The tables of runs as one set; each run comes with its start in seconds after the first."""
    names = [name for name in COLUMNS if name not in _LEFT_OUT]
    merged = {}
    for name in names:
        parts = [(start_s, tables[name]) for start_s, tables in runs if name in tables]
        if parts:
            merged[name] = _merged(name, parts, wall_s)
    return merged


def _merged(name: str, parts: Sequence[tuple[float, Table]], wall_s: float) -> Table:
    rows = [_moved(row, start_s) for start_s, table in parts for row in table.rows()]
    keys = _KEYS.get(name)
    columns = list(COLUMNS[name])
    if keys is not None:
        rows = _grouped(rows, keys)
        order = next(
            (column for column in ("self_s", "total_s", "wait_s", "seconds") if column in columns), None
        )
        if order is not None:
            rows.sort(key=lambda row: -(row.get(order) or 0.0))
        _share_out(rows, columns, wall_s)
    return Table.of_rows(columns, [[row.get(column) for column in columns] for row in rows])


def _moved(row: dict[str, Any], start_s: float) -> dict[str, Any]:
    return {name: value + start_s if name in _MOMENTS else value for name, value in row.items()}


def _grouped(rows: Iterable[dict[str, Any]], keys: tuple[str, ...]) -> list[dict[str, Any]]:
    groups: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        key = tuple(row.get(name) for name in keys)
        known = groups.get(key)
        if known is None:
            groups[key] = dict(row)
            continue
        for name, value in row.items():
            if name not in keys:
                known[name] = _joined(max if name in _MAXIMA else _sum, known.get(name), value)
    for row in groups.values():
        _average(row)
    return list(groups.values())


def _joined(how: Callable[[Any, Any], Any], first: Any, second: Any) -> Any:
    """Both, or the one that was measured."""
    if first is None or second is None:
        return second if first is None else first
    return how(first, second)


def _sum(first: Any, second: Any) -> Any:
    return first + second


def _average(row: dict[str, Any]) -> None:
    total_s = row.get("total_s", row.get("wait_s"))
    if "mean_s" in row and row.get("calls") and total_s is not None:
        row["mean_s"] = total_s / row["calls"]


def _share_out(rows: Sequence[dict[str, Any]], columns: Sequence[str], wall_s: float) -> None:
    """Shares are of the wall time of all runs; the cumulative share is of all lines' own time."""
    shares = {"self_share": "self_s", "total_share": "total_s", "share": "seconds"}
    all_s = sum(row.get("self_s") or 0.0 for row in rows) or 1.0
    so_far_s = 0.0
    for row in rows:
        so_far_s += row.get("self_s") or 0.0
        for share, seconds in shares.items():
            if share in columns and wall_s and row.get(seconds) is not None:
                row[share] = row[seconds] / wall_s
        if "cumulative_share" in columns:
            row["cumulative_share"] = so_far_s / all_s
