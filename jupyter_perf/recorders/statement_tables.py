"""The frames `queries` and `statements`, made from the columns of a StatementLog."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_perf.drivers import Shape, StatementLog
from jupyter_perf.drivers.parameters import MANY, shown_types, without_secrets
from jupyter_perf.drivers.statement_log import UNCOUNTED
from jupyter_perf.fingerprint import fingerprint, operation
from jupyter_perf.model import COLUMNS, Column, Encoded, Table

_PERCENTILE = 0.95

_FEW = 5_000
"""Up to so many statements plain Python takes milliseconds, less than numpy takes to be imported."""

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

    def shared(name: str) -> Encoded:
        return Encoded(log.shape_codes, [getattr(shape, name) for shape in described])

    own: dict[str, Column] = {
        "start_s": _since(log.starts, log.context.origin_s),
        "duration_s": _measured(log.durations),
        "rows": _counted(log.rows),
        "error": _errors(log),
    }
    if log.context.options.params:
        own["params"] = Encoded(log.parameters, [text or None for text in log.parameter_texts])
    return Table({name: own[name] if name in own else shared(name) for name in COLUMNS["queries"]})


def _forget_rows(log: StatementLog, described: Sequence[Described]) -> None:
    rowless = {code for code, shape in enumerate(described) if shape.operation in _WITHOUT_ROWS}
    rows = log.rows
    for row, code in enumerate(log.shape_codes if rowless else ()):
        if code in rowless and rows[row] == 0:
            rows[row] = UNCOUNTED


def _since(times: array[float], origin_s: float) -> array[float]:
    since = array("d", times)
    if len(since) <= _FEW:
        for row, time_s in enumerate(since):
            since[row] = time_s - origin_s
    else:
        import numpy as np

        np.frombuffer(since)[:] -= origin_s
    return since


def _measured(durations: array[float]) -> Sequence[float | None]:
    if not any(map(math.isnan, durations)):
        return durations
    return [None if math.isnan(duration) else duration for duration in durations]


def _counted(rows: array[int]) -> Sequence[int | None]:
    if not rows or min(rows) >= 0:
        return rows
    return [None if count < 0 else count for count in rows]


def _errors(log: StatementLog) -> Encoded:
    codes = array("i", [-1]) * len(log.shape_codes)
    values: dict[str, int] = {}
    for row, text in log.errors.items():
        codes[row] = values.setdefault(text, len(values))
    return Encoded(codes, list(values))


@dataclass
class _Group:
    """Statements of one fingerprint, database and call site.

    `durations` are total, mean, 95th percentile (nearest rank) and maximum of the measured durations; the
    statements that share a row count in total and mean alone.
    """

    shape: Described
    calls: int = 0
    durations: tuple[float | None, float | None, float | None, float | None] = (None, None, None, None)
    distinct_params: int | None = None
    rows: int | None = None

    def row(self) -> tuple[object, ...]:
        """The group in the order of the frame's columns."""
        shape = self.shape
        return (
            *(shape.fingerprint, shape.operation, self.calls, *self.durations),
            *(self.rows, self.distinct_params, shape.database, shape.file, shape.line),
        )

    def add_durations(self, times: Any, unmeasured: int, merged_s: float) -> None:
        """Take the measured durations in order, without those that share a row; `merged_s` is theirs."""
        if len(times):
            total_s = math.fsum(times) + merged_s
            rank = math.ceil(_PERCENTILE * len(times)) - 1
            mean_s = total_s / (self.calls - unmeasured)
            self.durations = (total_s, mean_s, float(times[rank]), float(times[-1]))


def statements_table(log: StatementLog, described: Sequence[Described]) -> Table:
    """Statements grouped by fingerprint, database and call site, by total time."""
    numbers: dict[tuple[object, ...], int] = {}
    groups: list[_Group] = []
    of_shape: list[int] = []
    for shape in described:
        key = (shape.fingerprint, shape.database, shape.file, shape.line)
        if key not in numbers:
            numbers[key] = len(groups)
            groups.append(_Group(shape))
        of_shape.append(numbers[key])
    fill = _fill_few if len(log.shape_codes) <= _FEW else _fill
    fill(log, groups, of_shape)
    rows = [group.row() for group in groups if group.calls]
    rows.sort(key=lambda row: row[3] if isinstance(row[3], float) else -1.0, reverse=True)
    return Table.of_rows(list(COLUMNS["statements"]), rows)


def _fill_few(log: StatementLog, groups: Sequence[_Group], of_shape: Sequence[int]) -> None:
    """What `_fill` does, without numpy."""
    rows_of: list[list[int]] = [[] for _ in groups]
    for row, code in enumerate(log.shape_codes):
        rows_of[of_shape[code]].append(row)
    many = _groups_of_many(log, of_shape)
    for number, (group, every) in enumerate(zip(groups, rows_of, strict=True)):
        own = [row for row in every if row not in log.merged_calls]
        shared = [row for row in every if row in log.merged_calls]
        group.calls = len(own) + sum(log.merged_calls[row] for row in shared)
        times = sorted(log.durations[row] for row in own if not math.isnan(log.durations[row]))
        merged = (log.durations[row] for row in shared)
        merged_s = math.fsum(time_s for time_s in merged if not math.isnan(time_s))
        group.add_durations(times, len(own) - len(times), merged_s)
        counted = [log.rows[row] for row in every if log.rows[row] >= 0]
        group.rows = sum(counted) if counted else None
        if number not in many:
            group.distinct_params = len({log.parameters[row] for row in own})


def _groups_of_many(log: StatementLog, of_shape: Sequence[int]) -> set[int]:
    """The groups in which there is an `executemany`, whose values are not told apart."""
    return {of_shape[code] for code, shape in enumerate(log.shapes) if shape.masked == MANY}


def _fill(log: StatementLog, groups: Sequence[_Group], of_shape: Sequence[int]) -> None:
    """Fill the groups; no column is copied before the copy of the one before it is gone."""
    import numpy as np

    of_row = np.array(of_shape, dtype=np.intc)[np.frombuffer(log.shape_codes, dtype=np.intc)]
    durations = np.frombuffer(log.durations)
    parameters = np.frombuffer(log.parameters, dtype=np.int64)
    rows = np.frombuffer(log.rows, dtype=np.int64)
    many = _groups_of_many(log, of_shape)
    ends = np.cumsum(np.bincount(of_row, minlength=len(groups)))
    first_shared = len(of_row) - len(log.merged_calls)
    order = np.argsort(of_row, kind="stable")
    del of_row
    for number, group in enumerate(groups):
        every = order[ends[number - 1] if number else 0 : ends[number]]
        own = every[: np.searchsorted(every, first_shared)]
        shared = every[len(own) :]
        times = durations[own]
        times.sort()  # what was not measured comes last
        unmeasured = int(np.isnan(times).sum())
        group.calls = len(own) + sum(log.merged_calls[row] for row in shared.tolist())
        merged_s = float(np.nansum(durations[shared]))
        group.add_durations(times[: len(times) - unmeasured], unmeasured, merged_s)
        del times
        counted = rows[every]
        is_counted = counted >= 0
        group.rows = int(counted.sum(where=is_counted)) if is_counted.any() else None
        del counted, is_counted
        if number not in many:
            values = parameters[own]
            values.sort()
            group.distinct_params = int(np.count_nonzero(values[1:] != values[:-1])) + bool(len(values))
            del values


def time_of_thread(log: StatementLog, ident: int, wall_s: float) -> float | None:
    """The wall time that one thread spent in SQL; None where statements ran but none was measured.

    Statements of a thread follow one another, so that their times add up; those of an event loop's
    tasks overlap, and count together once.
    """
    if len(log.shape_codes) <= _FEW:
        return _time_of_few(log, ident, wall_s)
    import numpy as np

    codes = np.frombuffer(log.shape_codes, dtype=np.intc)
    starts, durations = np.frombuffer(log.starts), np.frombuffer(log.durations)
    measured = ~np.isnan(durations)
    mine = np.array([shape.sender.ident == ident for shape in log.shapes])[codes]
    if mine.any() and not (mine & measured).any():
        return None
    overlaps = np.array([shape.source.overlaps for shape in log.shapes])[codes]
    in_turn = durations[mine & measured & ~overlaps]
    together = mine & measured & overlaps
    ends = starts[together] + durations[together]
    covered_s = _covered_s(zip(starts[together].tolist(), ends.tolist(), strict=True))
    return min(float(in_turn.sum()) + covered_s, wall_s)


def _time_of_few(log: StatementLog, ident: int, wall_s: float) -> float | None:
    """What `time_of_thread` does, without numpy."""
    mine = [shape.sender.ident == ident for shape in log.shapes]
    rows = [row for row, code in enumerate(log.shape_codes) if mine[code]]
    measured = [row for row in rows if not math.isnan(log.durations[row])]
    if rows and not measured:
        return None
    in_turn_s, together = [], []
    for row in measured:
        start_s, duration_s = log.starts[row], log.durations[row]
        if log.shapes[log.shape_codes[row]].source.overlaps:
            together.append((start_s, start_s + duration_s))
        else:
            in_turn_s.append(duration_s)
    return min(math.fsum(in_turn_s) + _covered_s(together), wall_s)


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
