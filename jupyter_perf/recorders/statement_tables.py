"""The frames `queries` and `statements`, made from the columns of a StatementLog."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from operator import ne
from typing import Any

from jupyter_perf.drivers import Shape, StatementLog
from jupyter_perf.drivers.parameters import MANY, shown_types, without_secrets
from jupyter_perf.drivers.statement_log import UNCOUNTED
from jupyter_perf.fingerprint import fingerprint, operation
from jupyter_perf.model import COLUMNS, Column, Encoded, Table

_PERCENTILE = 0.95

# Statements that neither return nor change rows: for them there is no number of rows, not even zero.
_WITHOUT_ROWS = frozenset(
    {"CREATE", "DROP", "ALTER", "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "ATTACH", "DETACH"}
)


@dataclass(frozen=True)
class Described:
    """What all statements of one shape show in the frames."""

    sql: str
    fingerprint: str
    operation: str
    params: str | None
    driver: str
    database: str | None
    file: str | None
    line: int | None
    function: str | None
    task: str | None
    thread: str


def describe_shapes(log: StatementLog) -> list[Described]:
    """Each shape of the log in words; each text is reduced to its fingerprint once."""
    reduced: dict[str, tuple[str, str, str]] = {}
    for shape in log.shapes:
        if shape.sql not in reduced:
            sql = without_secrets(shape.sql)
            reduced[shape.sql] = (sql, fingerprint(sql), operation(sql))
    return [_describe(log, shape, *reduced[shape.sql]) for shape in log.shapes]


def _describe(log: StatementLog, shape: Shape, sql: str, print_: str, verb: str) -> Described:
    place, sources = log.sites.places[shape.site], log.context.sources
    return Described(
        sql=sql,
        fingerprint=print_,
        operation=verb,
        params=shown_types(shape.masked),
        driver=shape.source.driver,
        database=shape.source.database,
        file=sources.shown_file(place.filename) if place else None,
        line=sources.shown_line(place.filename, place.line) if place else None,
        function=place.function if place else None,
        task=shape.sender.task,
        thread=shape.sender.thread,
    )


def queries_table(log: StatementLog, described: Sequence[Described]) -> Table:
    """One row for each statement.

    All texts are shared by the statements of one shape.
    """
    _forget_rows(log, described)
    codes, origin_s = log.shape_codes, log.context.origin_s

    def shared(name: str) -> Encoded:
        return Encoded(codes, [getattr(shape, name) for shape in described])

    own: dict[str, Column] = {
        "start_s": array("d", [start - origin_s for start in log.starts]),
        "duration_s": _without(log.durations, math.isnan),
        "rows": _without(log.rows, lambda rows: rows < 0),
        "error": _errors(log),
    }
    if log.context.options.params:
        own["params"] = Encoded(log.parameters, [text or None for text in log.parameter_texts])
    return Table({name: own[name] if name in own else shared(name) for name in COLUMNS["queries"]})


def _forget_rows(log: StatementLog, described: Sequence[Described]) -> None:
    rowless = [shape.operation in _WITHOUT_ROWS for shape in described]
    if any(rowless):
        for row, code in enumerate(log.shape_codes):
            if rowless[code] and log.rows[row] == 0:
                log.rows[row] = UNCOUNTED


def _without(column: array[float] | array[int], is_missing: Callable[[float], bool]) -> Sequence[Any]:
    if not any(map(is_missing, column)):
        return column
    return [None if is_missing(value) else value for value in column]


def _errors(log: StatementLog) -> Encoded:
    codes = array("i", [-1]) * len(log.shape_codes)
    values: dict[str, int] = {}
    for row, text in log.errors.items():
        codes[row] = values.setdefault(text, len(values))
    return Encoded(codes, list(values))


@dataclass
class _Group:
    """Statements of one fingerprint, database and call site."""

    shape: Described
    calls: int = 0
    durations: array[float] = field(default_factory=lambda: array("d"))
    parameters: array[int] = field(default_factory=lambda: array("q"))
    merged_s: float = 0.0
    rows: int | None = None
    has_many: bool = False

    def row(self) -> tuple[object, ...]:
        """The group in the order of the frame's columns."""
        shape = self.shape
        total_s, mean_s, p95_s, max_s = self._times()
        distinct = None if self.has_many else _distinct(self.parameters)
        return (
            *(shape.fingerprint, shape.operation, self.calls, total_s, mean_s, p95_s, max_s),
            *(self.rows, distinct, shape.database, shape.file, shape.line),
        )

    def _times(self) -> tuple[float | None, float | None, float | None, float | None]:
        """Total, mean, 95th percentile (nearest rank) and maximum of the measured durations."""
        times = sorted(time for time in self.durations if time == time)
        if not times:
            return None, None, None, None
        total_s = math.fsum(times) + self.merged_s
        unmeasured = len(self.durations) - len(times)
        rank = math.ceil(_PERCENTILE * len(times)) - 1
        return total_s, total_s / (self.calls - unmeasured), times[rank], times[-1]


def _distinct(values: array[int]) -> int:
    ordered = sorted(values)
    changes = sum(map(ne, ordered, islice(ordered, 1, None)))
    return changes + 1 if ordered else 0


def statements_table(log: StatementLog, described: Sequence[Described]) -> Table:
    """Statements grouped by fingerprint, database and call site, by total time."""
    groups: dict[tuple[object, ...], _Group] = {}
    by_shape = []
    for number, shape in enumerate(described):
        key = (shape.fingerprint, shape.database, shape.file, shape.line)
        group = groups.setdefault(key, _Group(shape))
        group.has_many = group.has_many or log.shapes[number].masked == MANY
        by_shape.append(group)
    _count(log, by_shape)
    rows = [group.row() for group in groups.values() if group.calls]
    rows.sort(key=lambda row: row[3] if isinstance(row[3], float) else -1.0, reverse=True)
    return Table.of_rows(list(COLUMNS["statements"]), rows)


def _count(log: StatementLog, by_shape: Sequence[_Group]) -> None:
    single = len(log.shape_codes) - len(log.merged_calls)
    codes = log.shape_codes
    durations = [group.durations.append for group in by_shape]
    parameters = [group.parameters.append for group in by_shape]
    for code, duration, value in zip(codes[:single], log.durations, log.parameters, strict=False):
        durations[code](duration)
        parameters[code](value)
    for group in {id(group): group for group in by_shape}.values():
        group.calls = len(group.durations)
    for row in range(single, len(codes)):
        group = by_shape[codes[row]]
        group.calls += log.merged_calls[row]
        group.merged_s += log.durations[row]
    for code, rows in zip(codes, log.rows, strict=True):
        if rows >= 0:
            group = by_shape[code]
            group.rows = (group.rows or 0) + rows


def time_of_thread(log: StatementLog, ident: int, wall_s: float) -> float | None:
    """The wall time that one thread spent in SQL; None where statements ran but none was measured.

    Statements of a thread follow one another, so that their times add up; those of an event loop's
    tasks overlap, and count together once.
    """
    on_thread = [shape.sender.ident == ident for shape in log.shapes]
    overlapping = [shape.source.overlaps for shape in log.shapes]
    in_turn: list[float] = []
    intervals: list[tuple[float, float]] = []
    for code, start, duration in zip(log.shape_codes, log.starts, log.durations, strict=True):
        if not on_thread[code] or duration != duration:
            continue
        if overlapping[code]:
            intervals.append((start, start + duration))
        else:
            in_turn.append(duration)
    if not in_turn and not intervals and any(map(math.isnan, log.durations)):
        return None
    return min(math.fsum(in_turn) + _covered_s(intervals), wall_s)


def _covered_s(intervals: Iterable[tuple[float, float]]) -> float:
    """The length of the union of these intervals."""
    total, reached = 0.0, -math.inf
    for start, end in sorted(intervals):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total


def folded_sentences(log: StatementLog) -> list[str]:
    """What was merged to keep the log bounded, in words."""
    sentences = []
    if log.merged_calls:
        sentences.append(
            f"SQL: {sum(log.merged_calls.values()):,} statements after the first {log.limit:,} are counted "
            "in the groups, and share one row of queries for each kind of statement."
        )
    if log.simplified:
        sentences.append(
            "SQL: there were very many or very long texts; the later ones are shown without their literals "
            "or cut short."
        )
    return sentences
